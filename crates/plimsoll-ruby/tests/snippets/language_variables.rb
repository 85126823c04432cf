# Variables and assignment.
a = 1; a #=> 1
a = b = 2; [a, b] #=> [2, 2]
a, b = 1, 2; [a, b] #=> [1, 2]
a, b = b, a; [a, b] #=> [nil, nil]
a, b = [1, 2, 3]; [a, b] #=> [1, 2]
a, *b = 1, 2, 3; [a, b] #=> [1, [2, 3]]
*a, b = 1, 2, 3; [a, b] #=> [[1, 2], 3]
a, *b, c = 1, 2; [a, b, c] #=> [1, [], 2]
a, *b, c = 1; [a, b, c] #=> [1, [], nil]
a, (b, c), d = 1, [2, 3], 4; [a, b, c, d] #=> [1, 2, 3, 4]
a, (b, *c), d = 1, [2, 3, 4], 5; [a, b, c, d] #=> [1, 2, [3, 4], 5]
(a, b), c = [1, 2], 3; [a, b, c] #=> [1, 2, 3]
a, b = 1; [a, b] #=> [1, nil]
a, b = nil; [a, b] #=> [nil, nil]
*a = nil; a #=> [nil]
*a = 1; a #=> [1]
a = *nil; a #=> []
a = *1; a #=> [1]
a = *[1, 2]; a #=> [1, 2]
a = 1, 2; a #=> [1, 2]
a = 1, *[2, 3]; a #=> [1, 2, 3]
a, = [9, 8]; a #=> 9
*, a = 1, 2, 3; a #=> 3
a, * = 1, 2; a #=> 1
(a, b = 3, 4) #=> [3, 4]
h = {}; h[:a], h[:b] = 1, 2; h #=> {:a=>1, :b=>2}
o = Struct.new(:x).new; o.x, y = 5, 6; [o.x, y] #=> [5, 6]
@a, $b = 1, 2; [@a, $b] #=> [1, 2]
x ||= 5; x #=> 5
x = nil; x ||= 6; x #=> 6
x = 1; x ||= 7; x #=> 1
x = 1; x &&= 8; x #=> 8
x = nil; x &&= 9; x #=> nil
x = 5; x += 1; x -= 2; x *= 3; x #=> 12
x = 7; x /= 2; x #=> 3
x = 7; x %= 4; x #=> 3
x = 2; x **= 3; x #=> 8
x = 6; x |= 1; x #=> 7
x = 6; x &= 3; x #=> 2
x = 6; x ^= 3; x #=> 5
x = 1; x <<= 3; x #=> 8
x = 16; x >>= 2; x #=> 4
x = "a"; x += "b"; x #=> "ab"
x = "a"; x <<= "b"; x #=> "ab"
h = { a: 1 }; h[:a] += 1; h[:b] ||= 5; h #=> {:a=>2, :b=>5}
h = { a: 1 }; h[:a] ||= 9; h #=> {:a=>1}
h = Hash.new(0); h[:x] += 1; h #=> {:x=>1}
h = {}; (h[:list] ||= []) << 1; h #=> {:list=>[1]}
a = [1, 2, 3]; a[1] += 10; a #=> [1, 12, 3]
a = [1, 2]; a[-1] *= 2; a #=> [1, 4]
o = Struct.new(:v).new(1); o.v += 1; o.v #=> 2
o = Struct.new(:v).new(nil); o.v ||= 3; o.v #=> 3
o = nil; o&.v ||= 3 #=> nil
o = nil; o&.v += 1 #=> nil
@n ||= 4; @n #=> 4
@n += 1 #=> 5
$zz ||= 3; $zz #=> 3
$undefined_global #=> nil
@undefined_ivar #=> nil
ABC ||= 7; ABC #=> 7
defined?(ABCX) #=> nil
ABCX #=> !! NameError: uninitialized constant ABCX
self.class::ABCY #=> !! NameError: uninitialized constant ABCY
Comparable::Nope #=> !! NameError: uninitialized constant Comparable::Nope
Math::PI ||= 3 #=> 3.141592653589793
@@cv #=> !! RuntimeError: class variable access from toplevel
x = (1 if false); x #=> nil
x = if true then 1 else 2 end; x #=> 1
x = while true do break end; x #=> nil
x = [1, 2, 3].each { |v| break v * 2 if v == 2 }; x #=> 4
x = begin; 1; 2; end; x #=> 2
if false then zed = 1 end; zed #=> nil
undefined_thing #=> !! NameError: undefined local variable or method `undefined_thing' for main:Object
undefined_thing() #=> !! NoMethodError: undefined method `undefined_thing' for main:Object
self.undefined_thing #=> !! NoMethodError: undefined method `undefined_thing' for main:Object
nil.undefined_thing #=> !! NoMethodError: undefined method `undefined_thing' for nil:NilClass
Object.new.instance_eval { @a = 1; @b = 2; instance_variables } #=> [:@a, :@b]
a = [1, 2]; b = a; b << 3; a #=> [1, 2, 3]
a = "x"; b = a.dup; b << "y"; a #=> "x"
i = 0; a = [0, 0]; a[i], i = 5, 1; [a, i] #=> [[5, 0], 1]
a = [1, [2, [3, 4]]]; b, (c, (d, e)) = a; [b, c, d, e] #=> [1, 2, 3, 4]
def self.two; return 1, 2; end; a, b = two; [a, b] #=> [1, 2]
alias $new_name $stdout; $new_name.equal?($stdout) #=> true
$, #=> nil
$/ #=> "\n"
$! #=> nil
$~ #=> nil
"ab" =~ /(a)(b)/; [$~[0], $1, $2, $3, $`, $', $+, $&] #=> ["ab", "a", "b", nil, "", "", "b", "ab"]
"ab" =~ /x/; $1 #=> nil
log = []; o = Object.new; o.define_singleton_method(:[]=) { |k, v| log << [k, v] }; o[(log << :a; 1)], o[(log << :b; 2)] = (log << :c; 3), 4; log #=> [:a, :b, :c, [1, 3], [2, 4]]
log = []; at = ->(x) { log << x; [] }; at.(:a)[0], (at.(:b)[0], at.(:c)[1]) = (log << :v; [1, [2, 3]]); log #=> [:a, :b, :c, :v]
def visible_locals(a, *b); c = 1; [1].map { |d| local_variables }; end; visible_locals(1) #=> [[:d, :a, :b, :c]]
def kept_binding; x = 1; b = binding; b.local_variable_set(:x, 2); b.local_variable_set(:y, 3); [x, b.local_variable_get(:y), b.local_variables, b.local_variable_defined?(:z)]; end; kept_binding #=> [2, 3, [:y, :x, :b], false]
binding.local_variable_get(:nowhere_to_be_found) rescue $!.class #=> NameError
binding.local_variable_get("1x") rescue $!.class #=> NameError
x = 5; proc { |y| }.binding.local_variable_get(:x) #=> 5
o = Class.new.new; o.instance_eval { @a, @b = 1, 2; nil }; o.instance_variables #=> [:@b, :@a]
o = Class.new.new; o.instance_eval { @a, @b = 1, 2 }; o.instance_variables #=> [:@a, :@b]
o = Class.new.new; o.instance_eval { @a, @b, @c = 1, 2; nil }; [o.instance_variables, o.instance_eval { [@a, @b, @c] }] #=> [[:@c, :@b, :@a], [1, 2, nil]]
o = Class.new.new; o.instance_eval { @a, @b, = [1, 2, 3]; nil }; [o.instance_variables, o.instance_eval { [@a, @b] }] #=> [[:@b, :@a], [1, 2]]
o = Class.new.new; o.instance_eval { @a, @b, @a = 1, 2, 3; nil }; [o.instance_variables, o.instance_eval { [@a, @b] }] #=> [[:@a, :@b], [3, 2]]
o = Class.new.new; o.instance_eval { x = [1, 2]; @a, @b = *x; nil }; o.instance_variables #=> [:@a, :@b]
o = Class.new.new; o.instance_eval { @a, (@b, @c) = 1, [2, 3]; nil }; o.instance_variables #=> [:@a, :@b, :@c]
o = Class.new.new; o.instance_eval { @a, @b = 1, 2 if true; nil }; o.instance_variables #=> [:@b, :@a]
a = 1; b = 2; a, b = b, a; [a, b] #=> [2, 1]
log = []; a, b = (log << 1; 5), (log << 2; 6); [a, b, log] #=> [5, 6, [1, 2]]
x = 9223372036854775807; x += 1; x #=> 9223372036854775808
x = 1; x = x < 2; x #=> true
x = 1.5; x += 1; x = x * 2; x #=> 5.0
x = 3; y = 0; begin; x = x / y; rescue ZeroDivisionError => e; [x, e.message]; end #=> [3, "divided by 0"]
x = 5; [1, 2].each { |i| x += i * 2 }; x #=> 11
x = nil; begin; x = x + 1; rescue NoMethodError => e; e.message; end #=> "undefined method `+' for nil:NilClass"
