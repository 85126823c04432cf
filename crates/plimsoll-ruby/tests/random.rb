# Writes random calls of the methods of String, Array and Hash into random/*.txt, and has record.rb fill in what the Ruby that
# runs this gives: ruby 3.1.
#
#   ruby crates/plimsoll-ruby/tests/random.rb [SEED]
#
# A line makes a receiver, calls one of its methods, and shows the result beside the receiver, which may have changed.

require 'set'
require 'timeout'

SEED = Integer(ARGV.fetch(0, '1'))
LINES = 1000

# What has no answer of its own: chance, addresses, encodings, the order in which a pair is compared; and what runs for ever.
NOT = %i[
  hash shuffle shuffle! sample crypt cycle display object_id pack unpack unpack1 encode encode! force_encoding
  default_proc default_proc= to_set lazy chain minmax permutation repeated_combination
].freeze

BLOCKS = [
  '{ |x| x }', '{ |x| x.to_s }', '{ |x, y| [y, x] }', '{ |x, y| x }', '{ |*x| x }', '{ nil }', '{ true }', '{ |x| x.nil? }',
  '{ |x| x.to_s.size }', '{ |x| x.to_s > "b" }', '{ |x, y| x.to_s <=> y.to_s }', '{ |x, y| y.to_s <=> x.to_s }', '{ |x, y| "#{x}#{y}" }',
  '{ |x| x.is_a?(Integer) }', '{ |x| x.hash == 1.hash }', '{ |x, i| i }', '{ |x| break x }', '{ |k, a, b| [a, b] }', '(&:to_s)',
  '(&:inspect)', '(&:itself)', '(&:class)', '{ _1 }', '{ [_1, _2] }'
].freeze

# Makes values as Ruby source.
class Values
  LETTERS = ['a', 'b', 'c', 'x', 'A', 'B', 'Z', '0', '1', '9', ' ', ' ', ',', '-', '_', '.', '/', '=', "\n", "\t", 'é', 'ß', '日'].freeze
  REGEXES = %w[/a/ /[a-c]+/ /(b)(c)?/ /\s*/ /\d+/ /(?<n>[A-Z])/ /,|-/ /^/ /$/ /./m /é/ // /\b/i].freeze

  def initialize(random)
    @random = random
  end

  def string
    Array.new(@random.rand(9)) { pick(LETTERS) }.join.inspect
  end

  def integer
    @random.rand(12).zero? ? (2**64 * @random.rand(-2..2)).to_s : @random.rand(-4..9).to_s
  end

  def float
    (@random.rand(-40..40) / 8.0).to_s
  end

  def symbol
    ":#{pick(%w[a b c size to_s upcase +])}"
  end

  def range
    "(#{pick(['', @random.rand(-3..3)])}#{pick(['..', '...'])}#{@random.rand(-3..5)})"
  end

  def scalar
    pick([method(:string), method(:integer), method(:integer), method(:float), method(:symbol), -> { pick(%w[nil true false]) }]).call
  end

  def array(depth = 2)
    kind = pick([:integer, :string, :scalar, :scalar, :nested])
    element = kind == :nested && depth.positive? ? -> { pick([true, false]) ? array(depth - 1) : scalar } : method(kind == :nested ? :scalar : kind)
    "[#{Array.new(@random.rand(6)) { element.call }.join(', ')}]"
  end

  def pairs
    "[#{Array.new(@random.rand(4)) { "[#{scalar}, #{scalar}]" }.join(', ')}]"
  end

  def hash
    # No key twice: which of two places it has differs between the parsers of Ruby.
    keys = Array.new(@random.rand(5)) { pick([symbol, symbol, scalar, array(0)]) }.uniq
    "{#{keys.map { |key| "#{key} => #{pick([scalar, scalar, array(1)])}" }.join(', ')}}"
  end

  def any
    pick([method(:scalar), method(:scalar), method(:array), method(:hash), method(:range), method(:pairs), -> { pick(REGEXES) }]).call
  end

  # An argument for a receiver of a kind: most often what such methods take.
  def argument(kind)
    usual = { string: %i[string string integer regex range], array: %i[integer integer array scalar range], hash: %i[symbol hash scalar] }
    name = pick(usual.fetch(kind) + [:any])
    name == :regex ? pick(REGEXES) : public_send(name)
  end

  def pick(list)
    list[@random.rand(list.size)]
  end

  def rand(...)
    @random.rand(...)
  end
end

# A random call on a receiver of a kind.
def call(values, kind, name)
  arguments = Array.new(values.pick(%i[[]= fill].include?(name) ? [2, 3] : [0, 0, 1, 1, 1, 2])) { values.argument(kind) }
  block = values.pick([true, false, false]) ? values.pick(BLOCKS) : ''
  if block.start_with?('(')
    arguments << block[1..-2]
    block = ''
  end
  passed = arguments.empty? ? '' : ", #{arguments.join(', ')}"
  "r = #{values.public_send(kind)}; [r.public_send(:#{name.inspect.delete_prefix(':')}#{passed})#{" #{block}" unless block.empty?}, r]"
end

# Whether a call ends, shortly told and the same each time; and whether in an error. Counts of arguments are another test's matter.
def verdict(code)
  $VERBOSE = nil
  text = Timeout.timeout(1) { TOPLEVEL_BINDING.dup.eval(code).inspect }
  # Enumerators show a hash among their arguments as keywords, whichever it was.
  text.size < 300 && text !~ /0x\h{6}|#<Enumerator.*\(.*\w: / && text.encode('UTF-8').valid_encoding? ? :value : :no
rescue Timeout::Error, SystemStackError, NoMemoryError, EncodingError
  :no
rescue StandardError, NotImplementedError => error
  error.message =~ /0x\h{6}|wrong number of arguments/ || error.message.size > 200 || error.message.include?("\n") ? :no : :error
end

def calls(kind, methods)
  values = Values.new(Random.new(SEED))
  lines = {}
  methods.cycle do |name|
    break if lines.size == LINES
    # An error now and then says enough about errors.
    12.times do
      code = call(values, kind, name)
      found = verdict(code)
      next unless found == :value || (found == :error && values.rand(25).zero?)
      lines[code] = true
      break
    end
  end
  lines.keys
end

{ string: String, array: Array, hash: Hash }.each do |kind, owner|
  methods = owner.public_instance_methods(false) | (owner.include?(Enumerable) ? Enumerable.public_instance_methods(false) : [])
  file = File.join(__dir__, 'random', "#{kind}.txt")
  Dir.mkdir(File.dirname(file)) unless Dir.exist?(File.dirname(file))
  File.write(file, calls(kind, methods.sort - NOT).join("\n") + "\n")
  system('ruby', File.join(__dir__, 'record.rb'), file, exception: true)
end
