# Methods, parameters, arguments.
def self.f; end; f #=> nil
def self.f(a) a end; f(1) #=> 1
def self.f(a, b = a + 1) [a, b] end; [f(1), f(1, 5)] #=> [[1, 2], [1, 5]]
def self.f(a, b = 2, c) [a, b, c] end; [f(1, 3), f(1, 2, 3)] #=> [[1, 2, 3], [1, 2, 3]]
def self.f(a, *b, c) [a, b, c] end; [f(1, 2), f(1, 2, 3, 4)] #=> [[1, [], 2], [1, [2, 3], 4]]
def self.f(a, b = 2, *c, d) [a, b, c, d] end; [f(1, 9), f(1, 5, 9), f(1, 5, 6, 7, 9)] #=> [[1, 2, [], 9], [1, 5, [], 9], [1, 5, [6, 7], 9]]
def self.f(a:, b: a + 1) [a, b] end; [f(a: 1), f(b: 5, a: 2)] #=> [[1, 2], [2, 5]]
def self.f(a, k: 1, **o) [a, k, o] end; [f(1), f(1, k: 2, z: 3)] #=> [[1, 1, {}], [1, 2, {:z=>3}]]
def self.f(*a, **o) [a, o] end; [f, f(1, b: 2), f({ b: 2 }), f(**{}), f("s" => 1)] #=> [[[], {}], [[1], {:b=>2}], [[{:b=>2}], {}], [[], {}], [[], {"s"=>1}]]
def self.f(*a) a end; [f(b: 2), f(**{ b: 2 }), f({ b: 2 })] #=> [[{:b=>2}], [{:b=>2}], [{:b=>2}]]
def self.f(a, b = {}) [a, b] end; [f(1, x: 2), f(x: 2)] #=> [[1, {:x=>2}], [{:x=>2}, {}]]
def self.f(&b) b.call(3) end; f { |x| x * 2 } #=> 6
def self.f(&b) b end; f #=> nil
def self.f(a, (b, c), d) [a, b, c, d] end; f(1, [2, 3], 4) #=> [1, 2, 3, 4]
def self.f(a, **nil) a end; f(1) #=> 1
def self.f(a, **nil) a end; f(1, b: 2) #=> !! ArgumentError: no keywords accepted
def self.g(*a, **o, &b) [a, o, b&.call] end; def self.f(...) g(...) end; f(1, k: 2) { 3 } #=> [[1], {:k=>2}, 3]
def self.g(*a, **o) [a, o] end; def self.f(a, ...) g(0, ...) end; f(1, 2, k: 3) #=> [[0, 2], {:k=>3}]
def self.f(x) = x * 2; f(4) #=> 8
def self.f = 42; f #=> 42
def self.f() = return_nothing rescue 3; f #=> 3
def self.f(a) end; f #=> !! ArgumentError: wrong number of arguments (given 0, expected 1)
def self.f(a) end; f(1, 2) #=> !! ArgumentError: wrong number of arguments (given 2, expected 1)
def self.f(a, b = 1) end; f #=> !! ArgumentError: wrong number of arguments (given 0, expected 1..2)
def self.f(a, b = 1) end; f(1, 2, 3) #=> !! ArgumentError: wrong number of arguments (given 3, expected 1..2)
def self.f(a, *b) end; f #=> !! ArgumentError: wrong number of arguments (given 0, expected 1+)
def self.f(a:) end; f #=> !! ArgumentError: missing keyword: :a
def self.f(a:, b:) end; f #=> !! ArgumentError: missing keywords: :a, :b
def self.f(a:) end; f(a: 1, c: 2) #=> !! ArgumentError: unknown keyword: :c
def self.f(a:) end; f(a: 1, c: 2, d: 3) #=> !! ArgumentError: unknown keywords: :c, :d
def self.f(a:) end; f(1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0; required keyword: a)
def self.f(a:) end; f({ a: 1 }) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0; required keyword: a)
def self.f(x, a:) end; f(a: 1) #=> !! ArgumentError: wrong number of arguments (given 0, expected 1; required keyword: a)
def self.f(x, a:, b:) end; f #=> !! ArgumentError: wrong number of arguments (given 0, expected 1; required keywords: a, b)
def self.f(a: 1) end; f(2) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
def self.f(a) a end; f(a: 1) #=> {:a=>1}
def self.f(a, k: 0) [a, k] end; f({ k: 5 }) #=> [{:k=>5}, 0]
def self.f; end; f(**{}) #=> nil
def self.f; end; f(a: 1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
def self.f(a, b) [a, b] end; x = [1, 2]; f(*x) #=> [1, 2]
def self.f(*a) a end; f(*[1, 2], 3, *nil, *4..5) #=> [1, 2, 3, 4, 5]
def self.f(*a) a end; h = { a: 1 }; [f(h), f(**h)] #=> [[{:a=>1}], [{:a=>1}]]
def self.f(**o) o end; h = { a: 1 }; f(**h).equal?(h) #=> false
def self.f(**o) o end; f(**nil) #=> !! TypeError: no implicit conversion of nil into Hash
def self.f(**o) o end; f("a" => 1, b: 2) #=> {"a"=>1, :b=>2}
def self.f(a, b = a, c = b) [a, b, c] end; f(1) #=> [1, 1, 1]
def self.f(a, b: a) [a, b] end; f(3) #=> [3, 3]
def self.f(_, _) _ end; f(1, 2) #=> 1
def self.f() return end; f #=> nil
def self.f() return 1, 2 end; f #=> [1, 2]
def self.f() [1, 2, 3].each { |x| return x if x > 1 }; :none end; f #=> 2
def self.f() 5 ensure 6 end; f #=> 5
def self.f() return 5 ensure puts end rescue 0 #=> :f
def self.f() yield 1, 2 end; f { |a, b| [a, b] } #=> [1, 2]
def self.f() yield end; f #=> !! LocalJumpError: no block given (yield)
def self.f() block_given? end; [f, f {}] #=> [false, true]
def self.f() yield [1, 2] end; f { |a, b| [a, b] } #=> [1, 2]
def self.f() yield [1, 2], 3 end; f { |(a, b), c| [a, b, c] } #=> [1, 2, 3]
def self.f(a, b = (x = 5; x)) [a, b, x] end; f(1) #=> [1, 5, 5]
def self.f(n) n.zero? ? 0 : 1 + f(n - 1) end; f(500) #=> 500
def self.f(n) = f(n + 1); f(0) #=> !! SystemStackError: stack level too deep
def f; end #=> :f
def self.f; end #=> :f
def self.f; __method__ end; f #=> :f
def self.f=(v) @v = v; 99 end; (self.f = 5) #=> 5
def self.[](*a) a end; self[1, 2] #=> [1, 2]
def self.[]=(*a) @a = a end; self[1, 2] = 3; @a #=> [1, 2, 3]
def self.+(o) "plus #{o}" end; self + 1 #=> "plus 1"
def self.-@; "neg" end; -self #=> "neg"
def self.!; "not" end; !self #=> "not"
def self.call(x) x end; self.(4) #=> 4
def self.=~(o) "match" end; self =~ 1 #=> "match"
def self.`(s) "ran #{s}" end; `ls` #=> "ran ls"
def self.coerce(o) [1, 2] end; 1 + self #=> 3
def self.method_missing(n, *a, **k, &b) [n, a, k] end; foo_bar(1, z: 2) #=> [:foo_bar, [1], {:z=>2}]
def self.method_missing(n, *a) n == :ok ? 1 : super end; [ok, (nope rescue $!.message.sub(/0x\h+/, 'XX'))] #=> [1, "undefined local variable or method `nope' for main:Object"]
def self.method_missing(n, *a) super end; nope2 rescue $!.class #=> NameError
def self.method_missing(n, *a) super end; nope2() rescue $!.class #=> NoMethodError
def self.method_missing(n, *a) n end; def self.respond_to_missing?(n, p = false) n == :zz end; [respond_to?(:zz), respond_to?(:yy), method(:zz).call] #=> [true, false, :zz]
def self.f(a, b) end; method(:f).arity #=> 2
def self.f(a, b = 1, *c, d, e:, f: 1, **g, &h) end; method(:f).parameters #=> [[:req, :a], [:opt, :b], [:rest, :c], [:req, :d], [:keyreq, :e], [:key, :f], [:keyrest, :g], [:block, :h]]
def self.f(*, **, &b) end; method(:f).parameters #=> [[:rest], [:keyrest], [:block, :b]]
def self.f(a, *) = 1; [method(:f).arity, method(:f).parameters] #=> [-2, [[:req, :a], [:rest]]]
def self.f((a, b), c) end; method(:f).parameters #=> [[:req], [:req, :c]]
def self.f(k:) end; method(:f).arity #=> 1
def self.f(x, k: 1) end; method(:f).arity #=> -2
def self.f(a = 1) end; method(:f).arity #=> -1
method(:puts).arity #=> -1
1.method(:+).call(2) #=> 3
[1, 2, 3].map(&2.method(:+)) #=> [3, 4, 5]
m = "abc".method(:upcase); [m.call, m.name, m.owner, m.receiver] #=> ["ABC", :upcase, String, "abc"]
m = "abc".method(:upcase).unbind; m.bind("x").call #=> "X"
String.instance_method(:upcase).bind_call("q") #=> "Q"
Integer.instance_method(:upcase) #=> !! NameError: undefined method `upcase' for class `Integer'
1.method(:nope) #=> !! NameError: undefined method `nope' for class `Integer'
send(:class) #=> Object
public_send(:puts, 1) #=> :puts
5.send(:+, 3) #=> 8
5.public_send("+", 3) #=> 8
5.__send__(:-, 3) #=> 2
5.respond_to?(:+) #=> true
5.respond_to?(:puts) #=> false
5.respond_to?(:puts, true) #=> true
define_singleton_method(:zap) { |x = 3| x * 2 }; [zap, zap(5)] #=> [6, 10]
define_singleton_method(:zap) { |x| x }; zap #=> !! ArgumentError: wrong number of arguments (given 0, expected 1)
define_singleton_method(:zap) { |x| return x + 1 }; zap(1) #=> 2
define_singleton_method(:zap, &:to_s) rescue 0 #=> :zap
def self.f(x) x end; f x = 5; x #=> 5
def self.f(*a, &b) b ? b.call : a end; f 1, 2 #=> [1, 2]
puts(*[]) || 5 #=> 5
p() || 6 #=> 6
def self.f(h) h end; f a: 1, b: 2 #=> {:a=>1, :b=>2}
def self.f(a, h) [a, h] end; f 1, a: 1 #=> [1, {:a=>1}]
nil&.foo #=> nil
nil&.foo(raise) #=> nil
"a"&.upcase #=> "A"
nil.to_s&.length #=> 0
a = nil; a&.b&.c #=> nil
a = nil; a&.b = 5 #=> nil
1.then { _1 + 1 } #=> 2
[[1, 2], [3, 4]].map { _1 + _2 } #=> [3, 7]
[[1, 2], [3, 4]].map { _1 } #=> [[1, 2], [3, 4]]
[1, 2, 3].each_with_index.map { _1 * _2 } #=> [0, 2, 6]
[3, 1].sort_by { -_1 } #=> [3, 1]
proc { [_1, _2] }.call(1) #=> [1, nil]
proc { _1 }.arity #=> 1
proc { [_1, _2] }.arity #=> 2
lambda { _1 }.arity #=> 1
lambda { [_1, _2] }.call(1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 2)
caller.class #=> Array
[1, 2, 3].sum { |x; y| y = x; y * 2 } #=> 12
undef_me = 1; undef_me #=> 1
def self.q?; true end; q? ? 1 : 2 #=> 1
def self.q!; 3 end; q! #=> 3
def self.ret_multi = [1, [2, 3]]; a, (b, c) = ret_multi; [a, b, c] #=> [1, 2, 3]
def self.opt(a, b = nil, c: nil) [a, b, c] end; opt(1, { c: 2 }) #=> [1, {:c=>2}, nil]
def self.opt(a, b = nil, **c) [a, b, c] end; opt(1, { "c" => 2 }, d: 1) #=> [1, {"c"=>2}, {:d=>1}]
