# Classes as libraries of profiles write them.
module Describable
  def self.included(base)
    base.extend(ClassMethods)
    super
  end

  module ClassMethods
    def attribute(name, default: nil, &convert)
      attributes << name
      define_method(name) do
        value = instance_variable_get("@#{name}")
        value = default if value.nil?
        convert ? convert.call(value) : value
      end
      define_method("#{name}=") { |value| instance_variable_set("@#{name}", value) }
    end

    def attributes = @attributes ||= []

    def inherited(sub)
      super
      sub.instance_variable_set(:@attributes, attributes.dup)
    end
  end

  def describe
    pairs = self.class.attributes.map { |name| "#{name}=#{public_send(name).inspect}" }
    "#<#{self.class.name} #{pairs.join(' ')}>"
  end
end

class Resource
  include Describable
  include Comparable

  attribute(:name)
  attribute(:port, default: 22) { |v| v.to_i }

  def initialize(**options)
    options.each { |key, value| public_send("#{key}=", value) }
    yield self if block_given?
  end

  def <=>(other) = port <=> other.port
  def to_s = "Resource #{name}"

  def method_missing(name, *args, &block)
    text = name.to_s
    return super unless text.end_with?('?')

    self.name == text.chomp('?')
  end

  def respond_to_missing?(name, include_private = false) = name.to_s.end_with?('?') || super
end

class Special < Resource
  attribute(:level, default: :high)

  def initialize(level: :low, **rest)
    super(**rest)
    self.level = level
  end

  def to_s = "#{super} (#{level})"

  class << self
    def build(...) = new(...)

    private

    def hidden = 1
  end
end

a = Resource.new(name: 'ssh')
b = Special.build(name: 'web', port: '80') { |s| s.name += '!' }
puts a.describe, b.describe, b, a < b, [b, a].min, a.clamp(a, b)
p a.ssh?, a.other?, a.respond_to?(:any?), a.respond_to?(:any)
begin
  a.nothing
rescue NoMethodError => e
  puts e.message.sub(/0x\h+/, '0x')
end
begin
  Special.hidden
rescue NoMethodError => e
  puts e.message
end
p Special.attributes, Resource.attributes, Special.ancestors.take(4)
p Special.instance_methods(false).sort

Point = Struct.new(:x, :y, keyword_init: true) do
  def +(other) = self.class.new(x: x + other.x, y: y + other.y)
end
p Point.new(x: 1, y: 2) + Point.new(x: 3, y: 4)

class Stack
  include Enumerable
  def initialize(*items) = @items = items

  def each(&block)
    return to_enum(:each) { @items.size } unless block

    @items.each(&block)
    self
  end

  def push(item) = tap { @items << item }
  alias << push

  def [](index) = @items[index]

  def []=(index, value)
    @items[index] = value
  end

  def ==(other) = other.is_a?(Stack) && to_a == other.to_a
  def coerce(number) = [Stack.new(number), self]
  def +(other) = Stack.new(*self, *other)
  def !~(pattern) = none?(pattern)
  def -@ = Stack.new(*@items.reverse)
  def call(n) = first(n)
  def to_str = @items.join(',')
end

s = Stack.new(3, 1) << 2
s[1] += 10
p s.to_a, s.sort, s.each.size, s.min_by { |v| -v }, s.each_cons(2).to_a, s.partition(&:odd?), -s == Stack.new(2, 11, 3)
p s.(2), s !~ String, 'items: ' + s, s.each_with_object([]) { |v, acc| acc.unshift(v) }, (s + s).count, s.inject(:+), s.zip(s.drop(1))
p s.lazy.select(&:odd?).map { |v| v * 2 }.to_a, s.each_entry.to_a, s.sum, s.tally, s.include?(11), s.each_slice(2).map(&:sum)

class Config
  def initialize(&block)
    @values = {}
    instance_eval(&block)
  end

  def set(key, value = true, &block) = @values[key] = block ? Config.new(&block) : value
  def [](key) = @values[key]
  def to_h = @values.transform_values { |v| v.is_a?(Config) ? v.to_h : v }
end

config = Config.new do
  set :a, 1
  set :nested do
    set :flag
  end
end
p config.to_h, config[:nested][:flag]

module Registry
  @entries = {}
  class << self
    attr_reader :entries

    def register(name, klass = nil, &block)
      entries[name] = klass || Class.new(&block)
    end
  end
end

Registry.register(:dyn) do
  define_method(:hello) { |who = 'you'| "hello #{who}" }
  def self.name = 'Dyn'
end
p Registry.entries[:dyn].new.hello, Registry.entries[:dyn].new.hello('me'), Registry.entries[:dyn].name

frozen = 'text'.freeze
begin
  frozen << '!'
rescue => e
  puts e.class, e.message
end
o = Object.new
def o.to_s = 'single'
puts o, "#{o}", o.singleton_methods.inspect
p defined?(o.nope), defined?(String), defined?(@x), defined?(yield), [*'a'..'c', *nil]
