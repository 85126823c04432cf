# Where names come from.
LEVEL = :top
module Outer
  LEVEL = :outer
  class Inner
    def level = LEVEL
    def top = ::LEVEL
    def nesting = Module.nesting
  end

  def self.late = Late
  class Late; end
end

class Outer::Inner
  def reopened = LEVEL
end

inner = Outer::Inner.new
p inner.level, inner.top, inner.nesting, inner.reopened, Outer.late, Outer::Inner.name

begin
  Outer::Missing
rescue NameError => e
  puts e.message, e.name
end
begin
  Outer::Inner.new.instance_eval { Nothing }
rescue NameError => e
  puts e.message
end

class Base
  SETTING = 1
  @@shared = []
  class << self
    def shared = @@shared
    def setting = self::SETTING
  end
  def add(x) = @@shared << x
end

class Derived < Base
  SETTING = 2
end
Derived.new.add(1)
Base.new.add(2)
p Derived.shared, Base.setting, Derived.setting, Derived.const_get(:SETTING), Base.class_variables

$counter = 0
def bump = $counter += 1
3.times { bump }
p $counter

x = 1
define_method(:sees_x) { x } if respond_to?(:define_method, true)
p sees_x
def no_x = defined?(x).inspect
puts no_x

1.times do
  y = 2
  1.times { y += x }
  p y
end
p defined?(y)

if false
  never = 1
end
p never

p [1, 2, 3].each_with_index.to_h { |v, i| [i, v] }
p binding_free = __method__.inspect
def who = __method__
alias who_else who
p who, who_else

"abc 123" =~ /(?<word>[a-z]+) (?<num>\d+)/
p $~[:word], $2, $1, Regexp.last_match(2)
if /(?<first>\w)(?<rest>\w*)/ =~ 'hello'
  p first, rest
end
def own_match
  'zzz' =~ /z/
  $~[0]
end
'outer' =~ /out/
own_match
p $~[0]
%w[a1 b2].each { |s| s =~ /\d/ }
p $~[0]
case 'key=value'
when /\A(\w+)=(\w+)\z/
  p [$1, $2]
end

i = 10
i -= 1 while i > 5
p i
begin
  i += 1
end until i >= 8
p i
for a, (b, c) in [[1, [2, 3]]]
  p [a, b, c]
end
p (1..10).step(3).to_a, 1.step(10, 4).to_a, 10.downto(8).to_a
puts [[1, 2], [3]].sum { |a, b = 0| a + b }
p __FILE__ == $0 || true, __LINE__
p((begin
  Integer('x')
rescue ArgumentError
  -1
end))
p [1, nil, 2].compact.map do |v|
  v * 2
end
puts({ 'a' => 1, b: 2, 3 => [nil, true] }.inspect)
v = if x == 1 then 'one' else 'other' end
puts v
puts (x == 1 and not x.nil?) ? 'yes' : 'no'
puts [3, 1, 2].sort.reverse.map(&:to_s).join('-')
printf("%05.2f|%-5s|%+d\n", 3.14159, 'ab', 5)
$stdout.puts format('%08b', 37)
