# Blocks, procs, lambdas.
proc { |a| a }.call(1, 2) #=> 1
proc { |a| a }.call([1, 2]) #=> [1, 2]
proc { |a, b| [a, b] }.call([1, 2]) #=> [1, 2]
proc { |a, b| [a, b] }.call(1) #=> [1, nil]
proc { |a, b| [a, b] }.call([1, 2], 3) #=> [[1, 2], 3]
proc { |a, *b| [a, b] }.call([1, 2, 3]) #=> [1, [2, 3]]
proc { |a, *b| [a, b] }.call(1) #=> [1, []]
proc { |*a| a }.call([1, 2]) #=> [[1, 2]]
proc { |*a, b| [a, b] }.call([1, 2, 3]) #=> [[1, 2], 3]
proc { |a, (b, c)| [a, b, c] }.call(1, [2, 3]) #=> [1, 2, 3]
proc { |a, (b, *c), d| [a, b, c, d] }.call(1, [2, 3, 4], 5) #=> [1, 2, [3, 4], 5]
proc { |a,| a }.call([1, 2]) #=> 1
proc { |(a, b)| [a, b] }.call([1, 2]) #=> [1, 2]
proc { |(a, b)| [a, b] }.call([[1, 2]]) #=> [[1, 2], nil]
proc { |a = 5| a }.call #=> 5
proc { |a = 5| a }.call([1, 2]) #=> [1, 2]
proc { |a = 5, b = 6| [a, b] }.call([1, 2]) #=> [1, 2]
proc { |a = 5, *b| [a, b] }.call([1, 2]) #=> [[1, 2], []]
proc { |a, b = 6| [a, b] }.call([1]) #=> [1, 6]
proc { |a, k: 1| [a, k] }.call([1, 2]) #=> [1, 1]
proc { |a, k: 1| [a, k] }.call(1, k: 2) #=> [1, 2]
proc { |a, **k| [a, k] }.call([1, { z: 2 }]) #=> [1, {}]
proc { |a, b, k: 1| [a, b, k] }.call([1, 2]) #=> [1, 2, 1]
proc { |k: 1| k }.call #=> 1
proc { |k:| k }.call #=> !! ArgumentError: missing keyword: :k
proc { |k:| k }.call(k: 1, z: 2) #=> !! ArgumentError: unknown keyword: :z
proc { |a, b, *c, d| [a, b, c, d] }.call([1, 2]) #=> [1, 2, [], nil]
proc { |a, b, *c, d| [a, b, c, d] }.call(1, 2, 3, 4, 5) #=> [1, 2, [3, 4], 5]
proc { |a, &b| [a, b&.call] }.call(1) { 2 } #=> [1, 2]
proc { |;x| x }.call #=> nil
x = 1; proc { |x| x = 5 }.call(2); x #=> 1
x = 1; proc { |y; x| x = 5 }.call(2); x #=> 1
x = 1; proc { x = 5 }.call; x #=> 5
x = 1; [1].each { x += 1 }; x #=> 2
lambda { |a| a }.call(1) #=> 1
lambda { |a| a }.call([1, 2]) #=> [1, 2]
lambda { |a| a }.call(1, 2) #=> !! ArgumentError: wrong number of arguments (given 2, expected 1)
lambda { |a, b| [a, b] }.call([1, 2]) #=> !! ArgumentError: wrong number of arguments (given 1, expected 2)
lambda { |a, b = 2| [a, b] }.call(1) #=> [1, 2]
lambda { |a, b = 2| [a, b] }.call #=> !! ArgumentError: wrong number of arguments (given 0, expected 1..2)
->(a, b = 2, *c, d:, e: 5, **f) { [a, b, c, d, e, f] }.call(1, d: 4) #=> [1, 2, [], 4, 5, {}]
->(a, (b, c)) { [a, b, c] }.call(1, [2, 3]) #=> [1, 2, 3]
-> { 1 }.() #=> 1
-> x { x + 1 }[1] #=> 2
-> x, y { x + y }.yield(1, 2) #=> 3
->(x) do x * 2 end.call(4) #=> 8
(-> x { x } === 5) #=> 5
[[1, 2]].each { |a, b| return_value = b; break return_value } #=> 2
[[1, 2]].map(&->((a, b)) { a + b }) #=> [3]
[[1, 2]].map(&->(a) { a }) #=> [[1, 2]]
[[1, 2]].map(&->(a, b) { a + b }) #=> !! ArgumentError: wrong number of arguments (given 1, expected 2)
[1, 2].each_with_object([]) { |x, acc| acc << x * 2 } #=> [2, 4]
[1, 2].inject { |a, b| a + b } #=> 3
[[1, [2, 3]]].each { |a, (b, c)| break [a, b, c] } #=> [1, 2, 3]
{ a: 1 }.map { |k, v| [k, v] } #=> [[:a, 1]]
{ a: 1 }.map { |kv| kv } #=> [[:a, 1]]
{ a: 1 }.each_with_index.map { |(k, v), i| [k, v, i] } #=> [[:a, 1, 0]]
{ a: 1 }.any? { |k, v| v == 1 } #=> true
{ a: 1 }.find { |k, v| v == 1 } #=> [:a, 1]
%w[a b].map(&:upcase) #=> ["A", "B"]
%w[a b].each_with_index.map { |x, i| x * i } #=> ["", "b"]
:upcase.to_proc.call("a") #=> "A"
:+.to_proc.call(1, 2) #=> 3
:upcase.to_proc.lambda? #=> true
:upcase.to_proc.call #=> !! ArgumentError: no receiver given
[1, 2, 3].map(&:to_s.to_proc >> :length.to_proc) #=> [1, 1, 1]
f = proc { |x| x + 1 }; g = proc { |x| x * 2 }; [(f >> g).call(3), (f << g).call(3)] #=> [8, 7]
(method(:Integer) >> -> x { x + 1 }).call("4") #=> 5
l = lambda { |a, b, c| a + b + c }; l.curry[1][2][3] #=> 6
l = lambda { |a, b, c| a + b + c }; l.curry[1, 2][3] #=> 6
lambda { |a, b| }.curry(3) #=> !! ArgumentError: wrong number of arguments (given 3, expected 2)
proc { |a, b| [a, b] }.curry[1][2] #=> [1, 2]
lambda { |*a| a }.curry(2)[1][2] #=> [1, 2]
proc {}.lambda? #=> false
lambda {}.lambda? #=> true
lambda(&proc {}).lambda? #=> false
->{}.lambda? #=> true
proc { |a, b| }.arity #=> 2
proc { |*a| }.arity #=> -1
proc { |a, b = 1| }.arity #=> 1
proc { |a = 1| }.arity #=> 0
proc { || }.arity #=> 0
proc { }.arity #=> 0
proc { |(a, b), c| }.arity #=> 2
lambda { |a, b = 1| }.arity #=> -2
lambda { |a:| }.arity #=> 1
lambda { |a: 1| }.arity #=> -1
lambda { |x, a:| }.arity #=> 2
proc { |x, a: 1| }.arity #=> 1
proc { |x, a:| }.arity #=> 2
proc { |a, b = 1, *c, d, e:, f: 1, **g, &h| }.parameters #=> [[:opt, :a], [:opt, :b], [:rest, :c], [:opt, :d], [:keyreq, :e], [:key, :f], [:keyrest, :g], [:block, :h]]
lambda { |a, b = 1, *c, d, e:, f: 1, **g, &h| }.parameters #=> [[:req, :a], [:opt, :b], [:rest, :c], [:req, :d], [:keyreq, :e], [:key, :f], [:keyrest, :g], [:block, :h]]
proc { |(a, b)| }.parameters #=> [[:opt, nil]]
proc { |a| }.parameters(lambda: true) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
proc { next 5; 6 }.call #=> 5
proc { |x| next x * 2 if x > 1; 0 }.call(3) #=> 6
[1, 2, 3].map { |x| next 0 if x == 2; x } #=> [1, 0, 3]
[1, 2, 3].each { |x| break x * 10 if x == 2 } #=> 20
[1, 2, 3].each { |x| break } #=> nil
[1, 2, 3].each { |x| break 1, 2 } #=> [1, 2]
def self.f; yield; end; f { break 7 } #=> 7
def self.f; yield; :after end; f { next 7 } #=> :after
def self.f(&b) b end; f { break 7 }.call #=> !! LocalJumpError: break from proc-closure
def self.f; proc { return 1 } end; f.call #=> !! LocalJumpError: unexpected return
def self.f; lambda { return 1 }.call; 2 end; f #=> 2
def self.f; proc { return 1 }.call; 2 end; f #=> 1
def self.f; [1, 2].each { |x| proc { return x }.call }; 3 end; f #=> 1
def self.f; l = lambda { [1].each { return 5 }; 6 }; [l.call, 7] end; f #=> [5, 7]
def self.f; pr = proc { return 1 }; l = lambda { pr.call; 2 }; l.call; 3 end; f #=> 1
def self.f; -> { break 5 }.call end; f #=> 5
def self.f; 1.times { 1.times { return :deep } }; :no end; f #=> :deep
n = 0; [1, 2].each { |x| n += 1; redo if n == 1 }; n #=> 3
c = 0; l = -> { c += 1 }; l.(); l.call; l[]; c #=> 3
counter = 0; inc = proc { counter += 1 }; 3.times(&inc); counter #=> 3
def self.make; x = 0; [-> { x += 1 }, -> { x }] end; i, g = make; i.(); i.(); g.() #=> 2
a = []; 3.times { |i| a << -> { i } }; a.map(&:call) #=> [0, 1, 2]
def self.f(&b) g(&b) end; def self.g; yield 1 end; f { |x| x + 1 } #=> 2
def self.f; yield(*[1, 2]) end; f { |a, b| [a, b] } #=> [1, 2]
def self.f; yield a: 1 end; f { |a:| a } #=> 1
def self.f; yield({ a: 1 }) end; f { |h| h } #=> {:a=>1}
def self.f; yield 1, k: 2 end; f { |a, **o| [a, o] } #=> [1, {:k=>2}]
def self.f; yield [1, 2] end; f { |a| a } #=> [1, 2]
def self.f; yield [1, 2] end; f { |a, k: 5| [a, k] } #=> [1, 5]
def self.f; yield nil end; f { |a, b| [a, b] } #=> [nil, nil]
def self.f; yield [] end; f { |a, b| [a, b] } #=> [nil, nil]
def self.f; yield [[1, 2], 3] end; f { |(a, b), c| [a, b, c] } #=> [1, 2, 3]
instance_exec(5) { |x| x + 1 } #=> 6
"abc".instance_eval { length } #=> 3
"abc".instance_eval { |s| s } #=> "abc"
o = Object.new; o.instance_eval { @z = 1 }; o.instance_variable_get(:@z) #=> 1
o = Object.new; o.instance_eval { def zed; 9 end }; o.zed #=> 9
1.instance_exec { self + 1 } #=> 2
loop { break 3 } #=> 3
loop { raise StopIteration } #=> nil
e = [1].each; e.next; loop { e.next } #=> [1]
r = 0; loop { r += 1; next if r < 3; break }; r #=> 3
catch(:x) { throw :x, 5 } #=> 5
catch(:x) { 6 } #=> 6
catch(:x) { throw :x } #=> nil
catch { |t| throw t, 7 } #=> 7
catch(:a) { catch(:b) { throw :a, 1 }; 2 } #=> 1
throw :nope #=> !! UncaughtThrowError: uncaught throw :nope
throw :nope rescue $!.class #=> UncaughtThrowError
catch(:x) { begin; throw :x, 1; ensure; 2; end } #=> 1
proc { |x| x }.call #=> nil
proc {}.call(1, 2) #=> nil
proc { self }.call.equal?(self) #=> true
block = proc { |x| x }; [1].map(&block) #=> [1]
[1].map(&nil) rescue 1 #=> #<Enumerator: [1]:map>
[1].map(&5) #=> !! TypeError: wrong argument type Integer (expected Proc)
[3, 1, 2].sort { |a, b| b <=> a } #=> [3, 2, 1]
[1, 2, 3].each_slice(2).map(&:sum) #=> [3, 3]
[1, 2].each_with_index.to_a #=> [[1, 0], [2, 1]]
[4, 5].each.with_index(1).map { |x, i| x * i } #=> [4, 10]
x = 10; [1, 2].each { |i; x| x = i }; x #=> 10
y = [1, 2, 3].each do |v| v end; y #=> [1, 2, 3]
p = proc { |a, b = a| [a, b] }; p.call(1) #=> [1, 1]
lambda { |x| lambda { |y| x + y } }.call(1).call(2) #=> 3
->(n) { n < 2 ? n : __method__ }.call(1) #=> 1
Proc.new { |x| x }.call(3) #=> 3
Proc.new #=> !! ArgumentError: tried to create Proc object without a block
proc { |x, y| "#{x}#{y}" }.to_proc.call([1, 2]) #=> "12"
proc { 1 } == proc { 1 } #=> false
a = proc { 1 }; a == a.dup #=> true
