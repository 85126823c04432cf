# Control flow.
if 1 then :a else :b end #=> :a
if nil then :a end #=> nil
if false then 1 elsif true then 2 else 3 end #=> 2
unless true then 1 else 2 end #=> 2
:x if true #=> :x
:x unless true #=> nil
true ? 1 : 2 #=> 1
nil || 5 #=> 5
false or 6 #=> 6
nil && 5 #=> nil
1 and 2 #=> 2
not(false) #=> true
i = 0; i += 1 while i < 5; i #=> 5
i = 0; i += 1 until i == 5; i #=> 5
i = 0; begin; i += 1; end while i < 0; i #=> 1
i = 0; begin; i += 1; end until true; i #=> 1
i = 0; while i < 10; i += 1; next if i < 5; break; end; i #=> 5
i = 0; r = while i < 3; i += 1; end; r #=> nil
r = while true; break 1, 2; end; r #=> [1, 2]
i = 0; a = []; while (i += 1) < 5; next if i.even?; a << i; end; a #=> [1, 3]
a = []; for x in [1, 2, 3]; a << x; end; [a, x] #=> [[1, 2, 3], 3]
a = []; for x, y in { a: 1, b: 2 }; a << [x, y]; end; a #=> [[:a, 1], [:b, 2]]
a = []; for x in 1..3 do next if x == 2; a << x end; a #=> [1, 3]
for x in 1..3; break x * 10 if x == 2; end #=> 20
for i, *j in [[1, 2, 3]]; end; [i, j] #=> [1, [2, 3]]
for a in []; end #=> []
for @iv in [1, 2]; end; @iv #=> 2
case 5 when 1..3 then :low when 4..6 then :mid else :high end #=> :mid
case "abc" when /b/ then $~[0] end #=> "b"
case 5 when Integer, Float then :num end #=> :num
case 5 when String then 1 end #=> nil
case "x" when "a", "x" then 1 end #=> 1
case when false then 1 when true then 2 end #=> 2
case [1, 2] when Array then :arr end #=> :arr
case 7 when ->(n) { n > 5 } then :big end #=> :big
case 1 when *[3, 2], *[1] then :hit end #=> :hit
case nil when nil then :n end #=> :n
case :a when :b then 1 else 2 end #=> 2
x = case 1 when 1 then end; x #=> nil
[1, 2, 3].each do |x| next if x == 1; break x end #=> 2
begin; raise "a"; rescue; :r; end #=> :r
begin; raise "a"; rescue => e; e.message; end #=> "a"
begin; raise ArgumentError; rescue => e; e.message; end #=> "ArgumentError"
begin; raise ArgumentError, "x"; rescue TypeError, ArgumentError => e; [e.class, e.message]; end #=> [ArgumentError, "x"]
begin; raise ArgumentError.new("y"); rescue StandardError => e; e.message; end #=> "y"
begin; 1; rescue; 2; else; 3; end #=> 3
begin; 1; rescue; 2; else; 3; ensure; 4; end #=> 3
begin; raise "x"; rescue; 2; else; 3; ensure; 4; end #=> 2
a = []; begin; a << 1; ensure; a << 2; end; a #=> [1, 2]
a = []; begin; begin; raise "x"; ensure; a << 1; end; rescue; a << 2; end; a #=> [1, 2]
a = 0; begin; a += 1; raise "x" if a < 3; a; rescue; retry; end #=> 3
def self.f; yield; rescue ArgumentError => e; "r:#{e.message}"; else; "else"; ensure; @e = 1; end; [f { raise ArgumentError, "m" }, f {}, @e] #=> ["r:m", "else", 1]
def self.f; return 1; ensure; @x = 2; end; [f, @x] #=> [1, 2]
def self.f; begin; return 1; ensure; return 2; end; end; f #=> 2
def self.f; while true; begin; break 5; ensure; @z = 1; end; end; end; [f, @z] #=> [5, 1]
def self.f; [1, 2].each { |x| begin; next; ensure; (@l ||= []) << x; end }; @l end; f #=> [1, 2]
raise "x" rescue "rescued" #=> "rescued"
Integer("zz") rescue 0 #=> 0
x = (raise "a" rescue "b"); x #=> "b"
x = Integer("q") rescue 5; x #=> 5
begin; begin; raise "inner"; rescue => e; raise "outer"; end; rescue => e; [e.message, e.cause.message]; end #=> ["outer", "inner"]
begin; raise "a"; rescue => e; e.cause; end #=> nil
begin; raise "a", cause: nil; rescue => e; e.cause; end #=> nil
begin; begin; raise "a"; rescue; raise TypeError, "b", cause: RuntimeError.new("c"); end; rescue => e; e.cause.message; end #=> "c"
begin; raise "x"; rescue => e; $!.equal?(e); end #=> true
begin; raise "x"; rescue; end; $! #=> nil
begin; begin; raise "a"; ensure; $!.message; end; rescue; $!.message; end #=> "a"
begin; raise; rescue => e; [e.class, e.message]; end #=> [RuntimeError, ""]
begin; begin; raise "re"; rescue; raise; end; rescue => e; e.message; end #=> "re"
begin; raise Class.new(StandardError), "anon"; rescue => e; e.message; end #=> "anon"
begin; raise 5; rescue => e; [e.class, e.message]; end #=> [TypeError, "exception class/object expected"]
begin; raise Object; rescue => e; [e.class, e.message]; end #=> [TypeError, "exception class/object expected"]
begin; raise "x", "y"; rescue => e; [e.class, e.message]; end #=> [TypeError, "exception class/object expected"]
begin; raise IOError, "m", ["bt:1"]; rescue => e; e.backtrace; end #=> ["bt:1"]
begin; 1 / 0; rescue ZeroDivisionError => e; e.message; end #=> "divided by 0"
begin; nil + 1; rescue NoMethodError => e; [e.message, e.name, e.receiver, e.args]; end #=> ["undefined method `+' for nil:NilClass", :+, nil, [1]]
begin; xyz; rescue NameError => e; [e.name, e.message.sub(/0x\h+/, "0x")]; end #=> [:xyz, "undefined local variable or method `xyz' for main:Object"]
begin; Integer("a"); rescue => e; e.message; end #=> "invalid value for Integer(): \"a\""
begin; [].fetch(5); rescue IndexError => e; e.message; end #=> "index 5 outside of array bounds: 0...0"
begin; { a: 1 }.fetch(:b); rescue KeyError => e; [e.message, e.key, e.receiver]; end #=> ["key not found: :b", :b, {:a=>1}]
begin; "a".freeze << "b"; rescue => e; [e.class, e.message, e.receiver]; end #=> [FrozenError, "can't modify frozen String: \"a\"", "a"]
begin; [1].freeze << 2; rescue FrozenError => e; e.message; end #=> "can't modify frozen Array: [1]"
begin; def self.z; end; z(1); rescue ArgumentError => e; e.message; end #=> "wrong number of arguments (given 1, expected 0)"
begin; raise Exception, "e"; rescue StandardError; 1; rescue Exception => e; e.message; end #=> "e"
begin; exit; rescue SystemExit => e; [e.status, e.success?, e.message]; end #=> [0, true, "exit"]
begin; exit(3); rescue SystemExit => e; e.status; end #=> 3
begin; exit(false); rescue SystemExit => e; e.status; end #=> 1
begin; abort; rescue SystemExit => e; e.status; end #=> 1
begin; throw :q; rescue UncaughtThrowError => e; [e.message, e.tag, e.value]; end #=> ["uncaught throw :q", :q, nil]
begin; raise StopIteration; rescue IndexError => e; e.class; end #=> StopIteration
begin; loop { raise StopIteration, "x" }; :done; end #=> :done
begin; raise "x"; rescue *[TypeError, RuntimeError] => e; e.class; end #=> RuntimeError
begin; raise "x"; rescue "str"; end #=> !! TypeError: class or module required for rescue clause
begin; raise "x"; rescue NoSuchThing; end #=> !! NameError: uninitialized constant NoSuchThing
begin; raise "x"; rescue => @ivar_err; @ivar_err.message; end #=> "x"
h = {}; begin; raise "x"; rescue => h[:e]; h[:e].message; end #=> "x"
RuntimeError.new.message #=> "RuntimeError"
RuntimeError.new(nil).message #=> "RuntimeError"
RuntimeError.new("").inspect #=> "RuntimeError"
RuntimeError.new(5).message #=> "5"
RuntimeError.new("a") == RuntimeError.new("a") #=> true
RuntimeError.new("a").backtrace #=> nil
StandardError.new("a").exception.message #=> "a"
StandardError.new("a").exception("b").message #=> "b"
e = StandardError.new("a"); e.exception.equal?(e) #=> true
class MyErr < StandardError; def initialize(msg = "default"); super; end; end; begin; raise MyErr; rescue => e; e.message; end #=> "default"
class MyErr2 < StandardError; def message; "mine"; end; end; begin; raise MyErr2; rescue => e; [e.message, e.to_s, e.inspect]; end #=> ["mine", "MyErr2", "#<MyErr2: MyErr2>"]
class MyErr3 < StandardError; attr_reader :x; def initialize(m, x:); super(m); @x = x; end; end; begin; raise MyErr3.new("a", x: 2); rescue => e; [e.message, e.x]; end #=> ["a", 2]
class MyErr4 < StandardError; def initialize(m, x: 0); super(m); @x = x; end; end; begin; raise MyErr4, "a"; rescue => e; e.message; end #=> "a"
KeyError.new("m", receiver: 1, key: 2).key #=> 2
KeyError.new("m").key #=> !! ArgumentError: no key is available
NameError.new("m", :n).name #=> :n
NoMethodError.new("m", :n, [1]).args #=> [1]
SystemExit.new(2, "bye").message #=> "bye"
Errno::ENOENT.new.message #=> "No such file or directory"
Errno::ENOENT.new("f").message #=> "No such file or directory - f"
Errno::EACCES::Errno #=> 13
begin; raise Errno::ENOENT, "file"; rescue SystemCallError => e; [e.message, e.errno, e.class]; end #=> ["No such file or directory - file", 2, Errno::ENOENT]
ArgumentError.ancestors.take(3) #=> [ArgumentError, StandardError, Exception]
[NoMethodError, KeyError, FrozenError, FloatDomainError, EOFError, Interrupt, LoadError, NotImplementedError, UncaughtThrowError, StopIteration, NoMatchingPatternKeyError].map(&:superclass) #=> [NameError, IndexError, RuntimeError, RangeError, IOError, SignalException, ScriptError, ScriptError, ArgumentError, IndexError, NoMatchingPatternError]
defined?(x) #=> nil
x = 1; defined?(x) #=> "local-variable"
defined?(@a) #=> nil
@a = nil; defined?(@a) #=> "instance-variable"
defined?(String) #=> "constant"
defined?(Nope) #=> nil
defined?(Nope::Deep) #=> nil
defined?(File::Nope) #=> nil
defined?(puts) #=> "method"
defined?(nope_method) #=> nil
defined?("a".upcase) #=> "method"
defined?("a".nope) #=> nil
defined?(nil) #=> "nil"
defined?(self) #=> "self"
defined?(true) #=> "true"
defined?(1 + 1) #=> "method"
defined?(a = 1) #=> "assignment"
defined?($nope) #=> nil
defined?($stdout) #=> "global-variable"
defined?(@@nope) #=> nil
defined?(yield) #=> nil
defined?(super) #=> nil
defined?([1].map) #=> "method"
defined?([nope]) #=> nil
defined?("#{1}") #=> "expression"
defined?(String.new) #=> "method"
defined?(Nope.new) #=> nil
(1; 2) #=> 2
() #=> nil
begin; end #=> nil
__dir__.class #=> String
1.tap { |x| x + 1 } #=> 1
5.then { |x| x + 1 } #=> 6
[1, 2, 3].each_entry.to_a rescue 0 #=> [1, 2, 3]
(1..Float::INFINITY).lazy.map { |x| x * 2 }.first(3) #=> [2, 4, 6]
a = 5; a.zero? and raise "no"; a #=> 5
x = true && !false; x #=> true
x = (true and false); x #=> false
a = [1, 2, 3]; a.each { |v| a << v + 10 if a.size < 5 }; a #=> [1, 2, 3, 11, 12]
begin; [3, 1].each { |x| raise "stop at #{x}" if x == 1 }; rescue => e; e.message; end #=> "stop at 1"
def self.g(n) n == 0 ? raise("deep") : g(n - 1) end; begin; g(5); rescue => e; e.backtrace.size > 5; end #=> true
