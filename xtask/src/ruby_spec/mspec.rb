# A small mspec: what the files of ruby/spec call. The interpreter and CRuby both run it. Loading a spec file collects its
# examples; then `Examples.run(number)` runs one of them and answers "PASS", "FAIL reason" or "REFUSED reason".

SPEC_VERSION = "3.1.2"
TOLERANCE = 0.00003

class SpecExpectationNotMetError < StandardError; end

# Raised by what an example needs and neither runner gives it.
class RefusedOnPurpose < Exception; end

class ExampleGroup
  attr_reader :parent, :home, :before_each, :before_all, :after_each, :after_all
  attr_accessor :method_name, :object, :begun

  def initialize(description, parent)
    @description, @parent = description, parent
    @home = parent ? parent.home : Object.new
    @before_each, @before_all, @after_each, @after_all = [], [], [], []
    @method_name, @object = parent.method_name, parent.object if parent
  end

  def name = [(@parent && @parent.name), @description].compact.join(" ")
  def chain = (@parent ? @parent.chain : []) + [self]
end

Example = Struct.new(:name, :group, :block) do
  def blocks = group.chain.flat_map(&:before_each) + [block]
end

module Examples
  @list, @shared, @group = [], {}, nil

  class << self
    attr_reader :list, :shared
    attr_accessor :group

    def count = @list.size
    def name(number) = @list[number].name

    def within(group, *arguments, &block)
      outer, @group = @group, group
      group.home.instance_exec(*arguments, &block) if block
    rescue StandardError, ScriptError => error
      add("(group)", proc { raise error })
    ensure
      @group = outer
    end

    def add(description, block)
      @list << Example.new("#{@group && @group.name} #{description}", @group || ExampleGroup.new(nil, nil), block)
    end

    def run(number)
      outcome = attempt(@list[number])
      leave(@list[number], @list[number + 1])
      outcome
    end

    def attempt(example)
      chain, home = example.group.chain, example.group.home
      home.instance_variable_set(:@method, example.group.method_name)
      home.instance_variable_set(:@object, example.group.object)
      Mock.reset
      ScratchPad.clear
      chain.each { |group| begin_group(group) }
      example.blocks.each { |block| home.instance_exec(&block) }
      Mock.verify
      "PASS"
    rescue SpecExpectationNotMetError => error
      "FAIL #{error.message}"
    rescue RefusedOnPurpose => error
      "REFUSED #{error.message}"
    rescue Exception => error
      "FAIL #{error.class}: #{error.message} at #{(error.backtrace || []).first}"
    ensure
      run_blocks(home, chain.reverse.flat_map(&:after_each))
      Mock.reset
    end

    def begin_group(group)
      return if group.begun
      group.begun = true
      group.before_all.each { |block| group.home.instance_exec(&block) }
    end

    def leave(example, following)
      staying = following ? following.group.chain : []
      left = example.group.chain.reject { |group| staying.any? { |other| other.equal?(group) } }
      run_blocks(example.group.home, left.reverse.flat_map(&:after_all))
    end

    def run_blocks(home, blocks)
      blocks.each do |block|
        home.instance_exec(&block)
      rescue Exception
        nil # the example has its result
      end
    end
  end
end

module ScratchPad
  class << self
    def clear = @record = nil
    def record(value) = @record = value
    def recorded = @record
    def inspect = "<ScratchPad @record=#{@record.inspect}>"

    def <<(value)
      @record << value
      self
    end
  end
end

# ---- Structure, guards and values

class Object
  private

  def describe(description = nil, options = nil, &block)
    if options.is_a?(Hash) && options[:shared]
      Examples.shared[description.to_s] = block
    else
      description = "#{description} #{options}" if options && !options.is_a?(Hash)
      Examples.within(ExampleGroup.new(description.to_s, Examples.group), &block)
    end
  end
  alias context describe

  def it(description = "", &block)
    Examples.add(description, block) if block
  end
  alias specify it

  def it_behaves_like(shared, method_name = nil, object = nil)
    group = ExampleGroup.new(method_name.to_s, Examples.group)
    group.method_name, group.object = method_name, object
    Examples.within(group, &Examples.shared.fetch(shared.to_s))
  end

  def it_should_behave_like(shared)
    Examples.within(Examples.group, &Examples.shared.fetch(shared.to_s))
  end

  def before(moment = :each, &block)
    (moment == :all ? Examples.group.before_all : Examples.group.before_each) << block
  end

  def after(moment = :each, &block)
    list = moment == :all ? Examples.group.after_all : Examples.group.after_each
    list.unshift(block)
  end

  def evaluate(_source, description = "", &_block)
    it("evaluates #{description}") { raise RefusedOnPurpose, "string eval" }
  end

  def spec_version(text) = (text.to_s.split(".").map(&:to_i) + [0, 0, 0]).first(3)

  def version_within?(version, wanted)
    version = spec_version(version)
    return (version <=> spec_version(wanted)) >= 0 unless wanted.is_a?(Range)
    return false if (version <=> spec_version(wanted.begin)) < 0
    last = wanted.end.to_s
    last.empty? || (version <=> spec_version(last)) < (wanted.exclude_end? ? 0 : 1)
  end

  def guarded(holds)
    return holds unless block_given?
    yield if holds
  end

  def ruby_version_is(wanted, &block) = guarded(version_within?(SPEC_VERSION, wanted), &block)
  def version_is(version, wanted, &block) = guarded(version_within?(version, wanted), &block)
  def kernel_version_is(*, &block) = guarded(true, &block)
  def ruby_bug(_bug, wanted, &block) = guarded(!version_within?(SPEC_VERSION, wanted), &block)

  def platform?(names, **sizes)
    names.any? { |name| %i[linux unix x86_64-linux].include?(name) } || sizes.any? { |_, bits| bits == 64 }
  end

  def platform_is(*names, **sizes, &block)
    guarded((names.empty? || platform?(names)) && (sizes.empty? || platform?([], **sizes)), &block)
  end

  def platform_is_not(*names, **sizes, &block) = guarded(!platform?(names, **sizes), &block)
  def guard(condition, &block) = guarded(condition.call, &block)
  def guard_not(condition, &block) = guarded(!condition.call, &block)
  def not_supported_on(*) = yield
  def conflicts_with(*) = yield
  def little_endian = yield
  def big_endian; end
  def cygwin; end
  def as_user = yield
  def as_superuser; end
  def as_real_superuser; end
  def with_feature(*names) = (yield if names.all? { |name| %i[encoding fiber].include?(name) })
  def quarantine!; end

  def suppress_warning
    verbose, $VERBOSE = $VERBOSE, nil
    yield
  ensure
    $VERBOSE = verbose
  end
  alias suppress_keyword_warning suppress_warning

  def with_timezone(name, offset = nil, daylight = "")
    SpecZone.set(name, offset, daylight)
    yield
  ensure
    SpecZone.reset
  end

  def nan_value = Float::NAN
  def infinity_value = Float::INFINITY
  def bignum_value(plus = 0) = 0x1_0000_0000_0000_0000 + plus
  def max_long = 2**63 - 1
  def min_long = -(2**63)
  def max_uint = 2**32 - 1
  def fixnum_max = 2**62 - 1
  def fixnum_min = -(2**62)
  def encode(text, encoding) = text.dup.force_encoding(encoding)
  def flunk(message = "This example is a failure") = raise(SpecExpectationNotMetError, message)

  def tmp(name = "file", *) = "/tmp/plimsoll-ruby-spec/#{name}"
  def rm_r(*) = nil

  def fixture(file, *path)
    folder = File.dirname(file).delete_suffix("/shared")
    File.join(folder.end_with?("/fixtures") ? folder : "#{folder}/fixtures", *path)
  end

  def touch(*) = raise(RefusedOnPurpose, "files")
  def mkdir_p(*) = raise(RefusedOnPurpose, "files")
  def new_io(*) = raise(RefusedOnPurpose, "files")
  def new_fd(*) = raise(RefusedOnPurpose, "files")
  def argf(*) = raise(RefusedOnPurpose, "files")
  def ruby_exe(*, **) = raise(RefusedOnPurpose, "processes")
  def ruby_cmd(*, **) = raise(RefusedOnPurpose, "processes")

  # ---- Matchers

  def complain(*, **) = raise(RefusedOnPurpose, "warnings")
  def output_to_fd(*) = raise(RefusedOnPurpose, "files")
  def output(out = nil, err = nil) = OutputMatcher.new(out, err)
  def raise_error(type = Exception, message = nil, &block) = RaiseMatcher.new(type, message, &block)
  def raise_consistent_error(type, message = nil) = RaiseMatcher.new(type, message)
  def be_close(expected, tolerance) = SpecMatcher.new("be close to #{expected}") { |it| (it - expected).abs < tolerance }
  def be_positive_zero = SpecMatcher.new("be 0.0") { |it| it == 0.0 && 1.0 / it > 0 }

  def be_computed_by(method, *arguments)
    SpecMatcher.new("be computed by #{method}") do |rows|
      rows.all? do |receiver, *given, expected|
        actual = receiver.__send__(method, *given, *arguments)
        actual == expected or
          raise SpecExpectationNotMetError, "#{receiver.inspect}.#{method}: #{actual.inspect}, not #{expected.inspect}"
      end
    end
  end

  def be_computed_by_function(method, *arguments)
    SpecMatcher.new("be computed by #{method}") do |rows|
      rows.all? { |*given, expected| __send__(method, *given, *arguments) == expected }
    end
  end

  def mock(name, options = {}) = MockObject.new(name, options)
  def mock_int(value) = MockObject.new("int").tap { |mock| mock.stub!(:to_int).any_number_of_times.and_return(value) }
  def mock_numeric(name, options = {}) = NumericMockObject.new(name, options)

  public

  NONE = Object.new
  private_constant :NONE

  def should(matcher = NONE)
    return Expectation.new(self, true) if NONE.equal?(matcher)
    matcher.matches?(self) or raise SpecExpectationNotMetError, "expected #{matcher.failure_message(self)}"
  end

  def should_not(matcher = NONE)
    return Expectation.new(self, false) if NONE.equal?(matcher)
    matcher.matches?(self) and raise SpecExpectationNotMetError, "expected not #{matcher.failure_message(self)}"
  end

  def should_receive(name) = Mock.install(self, name, 1, 1)
  def should_not_receive(name) = Mock.install(self, name, 0, 0)
  def stub!(name) = Mock.install(self, name, 0, nil)
end

# `value.should == …`, `value.should.frozen?`, `-> {}.should.raise(…)`
class Expectation < BasicObject
  def initialize(actual, positive)
    @actual, @positive = actual, positive
  end

  def ==(expected) = __judge(@actual == expected, "==", [expected])
  def !=(expected) = __judge(@actual != expected, "!=", [expected])
  def equal?(expected) = __judge(@actual.equal?(expected), "equal?", [expected])
  def instance_exec(...) = method_missing(:instance_exec, ...)
  def instance_eval(...) = method_missing(:instance_eval, ...)

  def raise(*arguments, &block)
    matcher = ::RaiseMatcher.new(*arguments, &block)
    @positive ? @actual.should(matcher) : @actual.should_not(matcher)
    matcher.raised
  end

  def method_missing(name, *arguments, **keywords, &block)
    __judge(@actual.__send__(name, *arguments, **keywords, &block), name, arguments)
  end

  private

  def __judge(result, name, arguments)
    return true if @positive ? result : !result
    wanted = @positive ? "expected" : "expected not"
    ::Kernel.raise ::SpecExpectationNotMetError,
      "#{wanted} #{@actual.inspect} #{name} #{arguments.map { |argument| argument.inspect }.join(", ")}"
  end
end

class SpecMatcher
  def initialize(text, &test)
    @text, @test = text, test
  end

  def matches?(actual) = @test.call(actual)
  def failure_message(actual) = "#{actual.inspect} to #{@text}"
end

class RaiseMatcher
  attr_reader :raised

  def initialize(type = Exception, message = nil, &block)
    type, message = Exception, type unless type.is_a?(Module)
    @type, @message, @block = type, message, block
  end

  def matches?(action)
    @result = action.call
    false
  rescue RefusedOnPurpose
    raise
  rescue Exception => error
    @raised = error
    return false unless @type === error && (@message.nil? || @message === error.message)
    @block.call(error) if @block
    true
  end

  def failure_message(_actual)
    wanted = @message ? "#{@type} (#{@message.inspect})" : @type.to_s
    got = @raised ? "#{@raised.class} (#{@raised.message})" : "no exception (#{@result.inspect} was returned)"
    "#{wanted} but got #{got}"
  end
end

# What is printed goes into a text.
class PrintedText < String
  def write(*texts) = texts.sum { |text| self << text.to_s; text.to_s.bytesize }
  def <<(text) = super(text.to_s)
  def flush = self
  def sync = true
  def tty? = false

  def print(*texts)
    write(*texts)
    nil
  end

  def printf(format, *arguments)
    self << Kernel.format(format, *arguments)
    nil
  end

  def puts(*lines)
    lines.empty? ? write("\n") : lines.flatten.each { |line| write(line.to_s.chomp, "\n") }
    nil
  end
end

class OutputMatcher
  def initialize(out, err)
    @wanted = { "stdout" => out, "stderr" => err }
  end

  def matches?(action)
    out, err = $stdout, $stderr
    @printed = { "stdout" => $stdout = PrintedText.new, "stderr" => $stderr = PrintedText.new }
    action.call
    @wanted.all? { |name, wanted| wanted.nil? || wanted === @printed[name].to_str }
  ensure
    $stdout, $stderr = out, err
  end

  def failure_message(_actual) = "#{@wanted.inspect}, was printed: #{@printed.inspect}"
end

# ---- Mocks

module Mock
  @proxies = []

  class << self
    attr_reader :proxies

    def reset
      @proxies.reverse_each(&:uninstall)
      @proxies = []
    end

    def verify = @proxies.each(&:verify)

    def install(object, name, least, most)
      proxy = MockProxy.new(object, name.to_sym, least, most)
      first = @proxies.none? { |other| other.for?(object, proxy.name) }
      @proxies << proxy
      proxy.install if first
      proxy
    end

    def call(object, name, arguments, block)
      candidates = @proxies.select { |proxy| proxy.for?(object, name) }
      proxy = candidates.reverse.find { |candidate| candidate.accepts?(arguments) }
      return proxy.call(arguments, block) if proxy
      return yield if name == :respond_to?
      raise SpecExpectationNotMetError, "mock got #{name} with unexpected arguments #{arguments.inspect}"
    end
  end
end

class MockProxy
  attr_reader :name

  def initialize(object, name, least, most)
    @object, @name, @least, @most = object, name, least, most
    @count, @results, @yields, @arguments, @error = 0, [], [], nil, nil
  end

  def for?(object, name) = @object.equal?(object) && @name == name

  def install
    name, object = @name, @object
    singleton = object.singleton_class
    @hidden = singleton.instance_method(name) if singleton.instance_methods(false).include?(name)
    singleton.define_method(name) do |*arguments, **keywords, &block|
      arguments << keywords unless keywords.empty?
      Mock.call(object, name, arguments, block) { super(*arguments, &block) }
    end
  end

  def uninstall
    singleton = @object.singleton_class
    return if singleton.frozen? || !singleton.instance_methods(false).include?(@name)
    singleton.__send__(:remove_method, @name)
    singleton.define_method(@name, @hidden) if @hidden
  end

  def accepts?(arguments)
    return true if @arguments.nil? || @arguments == [:any_args]
    return arguments.empty? if @arguments == [:no_args]
    @arguments == arguments
  end

  def call(_arguments, block)
    @count += 1
    raise @error if @error
    if @yields.any?
      raise SpecExpectationNotMetError, "mock #{@name} was called without the block it yields to" unless block
      result = nil
      @yields.each { |values| result = block.call(*values) }
      return result if @results.empty?
    end
    @results[[@count, @results.size].min - 1] unless @results.empty?
  end

  def verify
    return if @count >= @least && (@most.nil? || @count <= @most)
    raise SpecExpectationNotMetError, "mock #{@name} was called #{@count} times, not #{@least}..#{@most}"
  end

  def with(*arguments, **keywords)
    @arguments = keywords.empty? ? arguments : [*arguments, keywords]
    self
  end

  def and_return(*results)
    @results = results
    @least = @most = results.size if results.size > 1 && @least == 1
    self
  end

  def and_raise(error)
    @error = error.is_a?(String) ? RuntimeError.new(error) : error
    self
  end

  def and_yield(*values)
    @yields << values
    self
  end

  def between(least, most)
    @least, @most = least, most
    self
  end

  def exactly(count) = between(number(count), number(count))
  def at_least(count) = between(number(count), nil)
  def at_most(count) = between(0, number(count))
  def number(count) = { once: 1, twice: 2 }.fetch(count, count)
  def once = exactly(1)
  def twice = exactly(2)
  def times = self
  def any_number_of_times = between(0, nil)
end

class MockObject
  def initialize(name, options = {})
    @name, @null = name, options[:null_object]
  end

  def method_missing(name, *arguments, &block) = @null ? self : super
  private :method_missing
end

class NumericMockObject < Numeric
  def initialize(name, options = {})
    @name, @null = name, options[:null_object]
  end

  def method_missing(name, *arguments, &block) = @null ? self : super
  def singleton_method_added(name); end
end
