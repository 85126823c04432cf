# Classes and modules.
class K1; def a; 1; end; end; K1.new.a #=> 1
class K2; def initialize(a, b = 2); @a = a; @b = b; end; attr_reader :a, :b; end; o = K2.new(1); [o.a, o.b] #=> [1, 2]
class K3; attr_accessor :x; attr_writer :y; end; o = K3.new; o.x = 5; [o.x, o.respond_to?(:y), o.respond_to?(:y=)] #=> [5, false, true]
class K4; class << self; def s; :s; end; attr_accessor :cfg; end; end; K4.cfg = 3; [K4.s, K4.cfg] #=> [:s, 3]
class K5; X = 1; def x; X; end; class Inner; def y; X; end; end; end; [K5.new.x, K5::Inner.new.y, K5::X] #=> [1, 1, 1]
class K6 < K5; end; [K6.new.x, K6::X, K6.superclass] #=> [1, 1, K5]
class K7; def self.create(*a) new(*a); end; private_class_method :new; end; K7.create.class #=> K7
K7.new #=> !! NoMethodError: private method `new' called for K7:Class
class K8; def pub; priv; end; private; def priv; :p; end; public; def pub2; self.priv; end; end; [K8.new.pub, K8.new.pub2] #=> [:p, :p]
K8.new.priv rescue $!.message.sub(/0x\h+/, "0x") #=> "private method `priv' called for #<K8:0x>"
class K9; protected def prot; 1; end; def cmp(o) o.prot; end; end; K9.new.cmp(K9.new) #=> 1
K9.new.prot rescue $!.message.sub(/0x\h+/, "0x") #=> "protected method `prot' called for #<K9:0x>"
class K10; private attr_reader :z; def q; z; end; end; K10.new.z rescue $!.message.sub(/0x\h+/, "0x") #=> "private method `z' called for #<K10:0x>"
class K11; def a; end; private :a; end; K11.new.a rescue $!.message.sub(/0x\h+/, "0x") #=> "private method `a' called for #<K11:0x>"
class K12; private def x; 1; end; def y; 2; end; end; K12.new.y #=> 2
class K13; @@c = 0; def self.inc; @@c += 1; end; end; K13.inc; K13.inc #=> 2
class K13b < K13; def self.get; @@c; end; end; K13b.get #=> 2
class K14; @civ = 5; class << self; attr_reader :civ; end; end; K14.civ #=> 5
class K15; def to_s; "k15"; end; end; "#{K15.new}" #=> "k15"
class K16; def inspect; "I!"; end; end; [K16.new] #=> [I!]
class K17; def ==(o) o.is_a?(K17); end; end; [K17.new == K17.new, K17.new != K17.new, [K17.new].include?(K17.new)] #=> [true, false, true]
class K18; def initialize(v) @v = v; end; def hash; @v.hash; end; def eql?(o) true; end; end; { K18.new(1) => 1 }[K18.new(1)] #=> 1
class K19; include Comparable; attr_reader :v; def initialize(v) @v = v; end; def <=>(o) v <=> o.v; end; end; [K19.new(1) < K19.new(2), [K19.new(3), K19.new(1)].min.v, K19.new(2).clamp(K19.new(1), K19.new(3)).v] #=> [true, 1, 2]
class K20; include Enumerable; def each; yield 1; yield 2; yield 3; end; end; [K20.new.map { |x| x * 2 }, K20.new.include?(2), K20.new.sort_by { |x| -x }, K20.new.first, K20.new.reduce(:+), K20.new.to_a, K20.new.each_slice(2).to_a] #=> [[2, 4, 6], true, [3, 2, 1], 1, 6, [1, 2, 3], [[1, 2], [3]]]
class K21; def each(&b) return enum_for(:each) unless b; [1, 2].each(&b); end; end; K21.new.each.to_a #=> [1, 2]
class A1; def f(a, b = 2, *c, k: 1, **o, &blk) [:A, a, b, c, k, o]; end; end; class B1 < A1; def f(a, b = 3, *c, k: 5, **o, &blk) super; end; end; B1.new.f(1, k: 7, z: 9) #=> [:A, 1, 3, [], 7, {:z=>9}]
class B1b < A1; def f(a, *) a = 10; super; end; end; B1b.new.f(1, 2, 3) #=> [:A, 10, 2, [3], 1, {}]
class B1c < A1; def f(*) super(0); end; end; B1c.new.f(1, 2) #=> [:A, 0, 2, [], 1, {}]
class A2; def f; yield 1; end; end; class B2 < A2; def f; super; end; end; B2.new.f { |x| x + 1 } #=> 2
class B2b < A2; def f; super { |x| x + 10 }; end; end; B2b.new.f { |x| x + 1 } #=> 11
class B2c < A2; def f; super(&nil); end; end; B2c.new.f { 1 } #=> !! LocalJumpError: no block given (yield)
class A3; def initialize(x) @x = x; end; end; class B3 < A3; def initialize(x, y) super(x); @y = y; end; end; B3.new(1, 2).instance_variables #=> [:@x, :@y]
class A4; def f; :a4; end; end; class B4 < A4; def f; [1].map { super() }; end; end; B4.new.f #=> [:a4]
class B4b < A4; def f; [1].map { super }; end; end; B4b.new.f #=> [:a4]
class B4c; def f; super; end; end; B4c.new.f rescue $!.message.sub(/0x\h+/, "0x") #=> "super: no superclass method `f' for #<B4c:0x>"
class A5; def self.f; :cf; end; end; class B5 < A5; def self.f; [super]; end; end; B5.f #=> [:cf]
module M1; def m; :m1; end; end; class C1; include M1; def m; [super]; end; end; C1.new.m #=> [:m1]
module M2; def m; [:m2, super]; end; end; class C2; prepend M2; def m; :c2; end; end; [C2.new.m, C2.ancestors.first(2)] #=> [[:m2, :c2], [M2, C2]]
module M3; def self.included(b) b.extend(CM); end; module CM; def cm; :cm; end; end; end; class C3; include M3; end; C3.cm #=> :cm
module M4; def self.extended(o) @ext = o; end; def self.ext; @ext; end; end; o = Object.new; o.extend(M4); M4.ext.equal?(o) #=> true
module M5; module_function; def f; 5; end; end; M5.f #=> 5
module M6; def f; 6; end; module_function :f; end; M6.f #=> 6
module M7; extend self; def f; 7; end; end; M7.f #=> 7
module M8; A = 1; module N; def self.a; A; end; end; end; M8::N.a #=> 1
module M9; def self.f; 9; end; C = 3; class K; end; end; [M9.f, M9::C, M9::K.name] #=> [9, 3, "M9::K"]
class C4; include M1, M7; end; C4.ancestors.first(3) #=> [C4, M1, M7]
class C5; def self.inherited(k) (@subs ||= []) << k.name; super; end; def self.subs; @subs; end; end; class C6 < C5; end; Class.new(C5); C5.subs #=> ["C6", nil]
class C7; def self.method_added(m) (@m ||= []) << m; end; def a; end; def b; end; def self.m; @m; end; end; C7.m #=> [:a, :b]
class C8; def self.const_missing(n) "missing #{n}"; end; end; C8::Foo #=> "missing Foo"
class C9; def method_missing(n, *a, &b) n.to_s.start_with?("get_") ? [n, a] : super; end; def respond_to_missing?(n, ip = false) n.to_s.start_with?("get_") || super; end; end; [C9.new.get_x(1), C9.new.respond_to?(:get_y), C9.new.respond_to?(:zzz)] #=> [[:get_x, [1]], true, false]
C9.new.other rescue $!.message.sub(/0x\h+/, "0x") #=> "undefined method `other' for #<C9:0x>"
class D1; define_method(:f) { |a, b = 2| [a, b, self.class] }; end; D1.new.f(1) #=> [1, 2, D1]
class D1; define_method(:g) { |a| a }; end; D1.new.g #=> !! ArgumentError: wrong number of arguments (given 0, expected 1)
class D2; %w[a b].each { |n| define_method("m_#{n}") { n } }; end; [D2.new.m_a, D2.new.m_b] #=> ["a", "b"]
class D3; def f; 1; end; alias g f; alias_method :h, :f; def f; 2; end; end; [D3.new.f, D3.new.g, D3.new.h] #=> [2, 1, 1]
class D4; def f; 1; end; undef f; end; D4.new.f rescue $!.message.sub(/0x\h+/, "0x") #=> "undefined method `f' for #<D4:0x>"
class D5 < D3; undef_method :g; end; D5.new.g rescue $!.class #=> NoMethodError
class D6 < D3; def g; 9; end; remove_method :g; end; D6.new.g #=> 1
class D7; remove_method :nope; end #=> !! NameError: method `nope' not defined in D7
class D8; undef nope; end #=> !! NameError: undefined method `nope' for class `D8'
class D9; alias x nope; end #=> !! NameError: undefined method `nope' for class `D9'
class String; def shout; upcase + "!"; end; end; "a".shout #=> "A!"
class Integer; def double; self * 2; end; end; 4.double #=> 8
class NilClass; def blank?; true; end; end; nil.blank? #=> true
class Foo < 5; end #=> !! TypeError: superclass must be an instance of Class (given an instance of Integer)
class Kx1; end; class Kx1 < String; end #=> !! TypeError: superclass mismatch for class Kx1
Kx1 = 1; Kx1 #=> 1
Foo1 = Class.new { def f; 1; end }; [Foo1.name, Foo1.new.f] #=> ["Foo1", 1]
Foo2 = Class.new(StandardError) { def message; "m"; end }; Foo2.new.message #=> "m"
c = Class.new; c.name #=> nil
c = Class.new { attr_accessor :v; def initialize(v = 1) @v = v; end }; [c.new.v, c.new(5).v] #=> [1, 5]
Foo3 = Module.new { def f; 3; end }; Class.new { include Foo3 }.new.f #=> 3
Struct.new(:a, :b).new(1, 2).to_a #=> [1, 2]
S1 = Struct.new(:a, :b) { def sum; a + b; end }; S1.new(1, 2).sum #=> 3
class S2 < Struct.new(:x); def dbl; x * 2; end; end; S2.new(4).dbl #=> 8
Object.new.singleton_class.inspect =~ /#<Class:#<Object:0x/ #=> 0
String.singleton_class.inspect #=> "#<Class:String>"
String.singleton_class.singleton_class.inspect #=> "#<Class:#<Class:String>>"
class E1; end; [E1.instance_of?(Class), E1.class, E1.new.class, E1.name, E1.to_s] #=> [true, Class, E1, "E1", "E1"]
E1.new.is_a?(Object) #=> true
E1.instance_methods(false) #=> []
class E2; def b; end; def a; end; protected def c; end; private def d; end; end; [E2.instance_methods(false).sort, E2.private_instance_methods(false), E2.public_method_defined?(:a), E2.method_defined?(:c), E2.private_method_defined?(:d), E2.method_defined?(:d)] #=> [[:a, :b, :c], [:d], true, true, true, false]
E2.new.methods(false) #=> []
E2.instance_method(:a).class #=> UnboundMethod
E1.const_set(:Q, 5); [E1::Q, E1.const_get(:Q), E1.const_defined?(:Q), E1.constants] #=> [5, 5, true, [:Q]]
E1.const_get(:Nope) #=> !! NameError: uninitialized constant E1::Nope
Object.const_get("E1::Q") #=> 5
Object.const_get(:lower) #=> !! NameError: wrong constant name lower
E1.class_variable_set(:@@v, 3); [E1.class_variable_get(:@@v), E1.class_variables, E1.class_variable_defined?(:@@v)] #=> [3, [:@@v], true]
E1.class_variable_get(:@@nope) #=> !! NameError: uninitialized class variable @@nope in E1
class E3; A = 1; private_constant :A; def self.a; A; end; end; [E3.a, E3.constants] #=> [1, []]
E3::A #=> !! NameError: private constant E3::A referenced
E1.class_eval { def added; :added; end }; E1.new.added #=> :added
E1.class_exec(4) { |x| define_method(:four) { x } }; E1.new.four #=> 4
E1.module_eval { self } #=> E1
o = Object.new; class << o; def s; :single; end; end; o.s #=> :single
o = Object.new; def o.s; :s2; end; [o.s, o.singleton_methods] #=> [:s2, [:s]]
o = Object.new; o.define_singleton_method(:t) { 3 }; o.t #=> 3
5.singleton_class #=> !! TypeError: can't define singleton
o = Object.new; o.instance_variable_set(:@a, 1); [o.instance_variable_get(:@a), o.instance_variables, o.instance_variable_defined?(:@b)] #=> [1, [:@a], false]
Object.new.instance_variable_get("a") #=> !! NameError: `a' is not allowed as an instance variable name
o = Object.new.freeze; o.instance_variable_set(:@a, 1) rescue $!.message.sub(/0x\h+/, "0x") #=> "can't modify frozen Object: #<Object:0x>"
class Fz; def initialize; @a = 1; freeze; end; def set; @a = 2; end; end; Fz.new.set rescue $!.class #=> FrozenError
o = Object.new; o.dup.equal?(o) #=> false
class Cp; attr_accessor :a; def initialize_copy(o) @a = o.a.dup; end; end; x = Cp.new; x.a = [1]; y = x.dup; y.a << 2; [x.a, y.a] #=> [[1], [1, 2]]
s = "a".freeze; [s.dup.frozen?, s.clone.frozen?, s.clone(freeze: false).frozen?] #=> [false, true, false]
o = Object.new; def o.z; 1; end; [o.clone.z, (o.dup.z rescue :no)] #=> [1, :no]
1.dup #=> 1
:a.clone #=> :a
nil.dup #=> nil
[String === "a", Integer === 1, Comparable === 1, Object === nil, Kernel === 1, Class === Class, Module === Comparable] #=> [true, true, true, true, true, true, true]
[Integer <= Numeric, Integer < Integer, Integer <= Integer, Numeric > Integer, String < Integer, Integer <=> Numeric, Numeric <=> Integer, String <=> Integer] #=> [true, false, true, true, nil, -1, 1, nil]
Integer.ancestors.include?(Comparable) #=> true
Class.ancestors #=> [Class, Module, Object, Kernel, BasicObject]
Integer.instance_methods(false).include?(:+) #=> true
Comparable.instance_of?(Module) #=> true
Module.new.to_s =~ /#<Module:0x/ #=> 0
class Par; def tmpl; "#{hook}!"; end; def hook; "p"; end; end; class Chi < Par; def hook; "c" + super; end; end; Chi.new.tmpl #=> "cp!"
class Op; attr_reader :v; def initialize(v) @v = v; end; def +(o) Op.new(v + o.v); end; def -@; Op.new(-v); end; def [](i) v + i; end; def call(x) x; end; def coerce(n) [Op.new(n), self]; end; def to_str; "op"; end; def <=>(o) v <=> o.v; end; end; a = Op.new(2); [(a + a).v, (-a).v, a[3], a.(9), "x" + a] #=> [4, -2, 5, 9, "xop"]
class Tc; def to_s; 5; end; end; "#{Tc.new}" =~ /#<Tc/ #=> 0
class Ti; def to_i; 4; end; def to_int; 4; end; end; [[1, 2, 3, 4, 5][Ti.new], Integer(Ti.new)] #=> [5, 4]
class Ta; def to_a; [1, 2]; end; def to_ary; [3, 4]; end; end; a, b = Ta.new; [a, b, [*Ta.new]] #=> [3, 4, [1, 2]]
class Th; def to_hash; { a: 1 }; end; end; def self.f(**k) k; end; f(**Th.new) #=> {:a=>1}
class Tp; def to_proc; proc { |x| x * 3 }; end; end; [1, 2].map(&Tp.new) #=> [3, 6]
class Each1; def each; yield 1; yield 2; end; end; Each1.new.to_enum.map { |x| x + 1 } #=> [2, 3]
class Ob; def initialize; @a = 1; @b = "x"; end; end; Ob.new.inspect.sub(/0x\h+/, "0x") #=> "#<Ob:0x @a=1, @b=\"x\">"
class Ob2; end; Ob2.new.inspect.sub(/0x\h+/, "0x") #=> "#<Ob2:0x>"
class Ob3; def initialize; @self = self; end; end; Ob3.new.inspect.gsub(/0x\h+/, "0x") #=> "#<Ob3:0x @self=#<Ob3:0x ...>>"
class BasicSub < BasicObject; def x; 1; end; end; BasicSub.new.x #=> 1
class BasicSub; end; BasicSub.new.inspect rescue $!.message.sub(/0x\h+/, "0x") #=> "undefined method `inspect' for #<BasicSub:0x>"
BasicObject.instance_methods.sort #=> [:!, :!=, :==, :__id__, :__send__, :equal?, :instance_eval, :instance_exec]
Class.new(Integer).new rescue $!.message.sub(/0x\h+/, "0x") #=> "undefined method `new' for #<Class:0x>"
Integer.new #=> !! NoMethodError: undefined method `new' for Integer:Class
NilClass.new #=> !! NoMethodError: undefined method `new' for NilClass:Class
Symbol.new #=> !! NoMethodError: undefined method `new' for Symbol:Class
Class.new.new(1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
Object.new(1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
class Init0; end; Init0.new(1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
class Sc; class << self; def x; y; end; private; def y; :py; end; end; end; [Sc.x, (Sc.y rescue $!.message)] #=> [:py, "private method `y' called for Sc:Class"]
class Vis; def a; end; public; def b; end; private; def c; end; def self.d; :d; end; end; [Vis.d, Vis.public_instance_methods(false).sort] #=> [:d, [:a, :b]]
class Nest; class Deep; class Er; def self.n; Module.nesting; end; end; end; end; Nest::Deep::Er.n #=> [Nest::Deep::Er, Nest::Deep, Nest]
class Nest::Deep; def self.n; Module.nesting; end; end; Nest::Deep.n #=> [Nest::Deep]
class Sup; def self.new(*a) o = super; o.instance_variable_set(:@n, 1); o; end; end; Sup.new.instance_variable_get(:@n) #=> 1
class Rs; def respond_to?(m, p = false) m == :magic || super; end; end; [Rs.new.respond_to?(:magic), Rs.new.respond_to?(:zz)] #=> [true, false]
class Sing; @inst = nil; class << self; def instance; @inst ||= new; end; end; end; Sing.instance.equal?(Sing.instance) #=> true
class Mm < BasicObject; def method_missing(n, *a) "mm:#{n}"; end; end; Mm.new.anything #=> "mm:anything"
class Cmp2; def ===(o) o == 5; end; end; case 5 when Cmp2.new then :hit end #=> :hit
class Sq; def initialize(n) @n = n; end; def succ; Sq.new(@n + 1); end; def <=>(o) @n <=> o.n; end; attr_reader :n; def to_s; @n.to_s; end; end; (Sq.new(1)..Sq.new(3)).map(&:n) #=> [1, 2, 3]
E1.instance_eval { def cls_m; :cm; end }; E1.cls_m #=> :cm
class Dm; [:a, :b].each_with_index { |n, i| define_method(n) { i } }; end; Dm.new.b #=> 1
class Pm; def f; 1; end; end; Pm.class_eval { private :f }; Pm.new.f rescue $!.message.sub(/0x\h+/, "0x") #=> "private method `f' called for #<Pm:0x>"
class Pm2; def f; 1; end; def g; 2; end; private :f, :g; end; Pm2.private_instance_methods(false) #=> [:f, :g]
class Pm3 < Pm; public :f; end; Pm3.new.f #=> 1
Object.new.extend(Comparable).singleton_class.include?(Comparable) #=> true
class Ch1; def a; self; end; def b(x) @b = x; self; end; def c; @b; end; end; Ch1.new.a.b(3).c #=> 3
class Kw; def initialize(a:, b: 2) @a, @b = a, b; end; def to_a; [@a, @b]; end; end; [Kw.new(a: 1).to_a, Kw.new(a: 1, b: 3).to_a] #=> [[1, 2], [1, 3]]
Kw.new #=> !! ArgumentError: missing keyword: :a
Kw.new(a: 1, c: 2) #=> !! ArgumentError: unknown keyword: :c
Class.instance_method(:new).class #=> UnboundMethod
class Ss < String; def x; 1; end; end; [Ss.new("a").x, Ss.new("ab").length, Ss.new("a").class, (Ss.new("a") + "b").class] #=> [1, 2, Ss, String]
class Aa < Array; def second; self[1]; end; end; [Aa.new([1, 2]).second, Aa[1, 2].class, Aa.new([1]).map { |x| x }.class] #=> [2, Aa, Array]
class Hh < Hash; def x; self[:x]; end; end; h = Hh.new; h[:x] = 1; [h.x, h.class] #=> [1, Hh]
o = Object.new; o.singleton_class.class_eval { def q; 1; end }; o.q #=> 1
Object.new.method(:inspect).owner #=> Kernel
class Ev; def self.run(&b) new.instance_eval(&b); end; def name(n) @n = n; self; end; def n; @n; end; end; Ev.run { name "x" }.n #=> "x"
o = Class.new { def each; yield 1, 2; yield 3; end; include Enumerable }.new; [o.to_a, o.map { |a, b| [a, b] }, o.each_with_index.to_a] #=> [[[1, 2], 3], [[1, 2], [3, nil]], [[[1, 2], 0], [3, 1]]]
module Cnt; class << self; attr_accessor :count; def inc; self.count = (count || 0) + 1; end; end; end; Cnt.inc; Cnt.inc; Cnt.count #=> 2
class SuperMm; def method_missing(n, *a) "smm #{n}"; end; end; class SuperMm2 < SuperMm; def foo; super; end; end; SuperMm2.new.foo #=> "smm foo"
class Al; def x; 1; end; alias :y :x; alias z x; end; [Al.new.y, Al.new.z, Al.instance_method(:y).name] #=> [1, 1, :y]
class Ie; attr_accessor :a; def initialize(&b) instance_eval(&b) if b; end; end; Ie.new { self.a = 5 }.a #=> 5
class Ie2; attr_accessor :a; end; Ie2.new.tap { |o| o.a = 3 }.a #=> 3
class HidesThings; def method_missing(n, *a) = super; def respond_to_missing?(*) = false; private def hidden; end; protected def guarded; end; end; HidesThings.new.hidden rescue $!.message.sub(/0x\h+/, "") #=> "private method `hidden' called for #<HidesThings:>"
HidesThings.new.guarded rescue $!.message.sub(/0x\h+/, "") #=> "protected method `guarded' called for #<HidesThings:>"
class MetaLadder; end; class MetaLadder2 < MetaLadder; end; MetaLadder2.singleton_class.singleton_class.superclass == MetaLadder.singleton_class.singleton_class #=> true
MetaLadder.singleton_class.is_a?(Class.singleton_class) #=> true
o = Object.new.freeze; o.singleton_class.frozen? #=> true
class FrozenForGood; end; FrozenForGood.freeze; class FrozenForGood; def x; end; end #=> !! FrozenError: can't modify frozen class: FrozenForGood
module KeepsSecrets; SECRET = 1; class Hidden; end; private_constant :SECRET, :Hidden; end; [defined?(KeepsSecrets::SECRET), (KeepsSecrets::SECRET rescue $!.message)] #=> [nil, "private constant KeepsSecrets::SECRET referenced"]
class KeepsSecrets::Hidden; end #=> !! NameError: private constant KeepsSecrets::Hidden referenced
class TakesMissing; def method_missing(n, *) = n == :to_ary ? [1, 2] : super; end; a, b = TakesMissing.new; [a, b] #=> [1, 2]
class HasPrivateConversion; private def to_ary = [3, 4]; end; a, b = HasPrivateConversion.new; [a, b] #=> [3, 4]
[1].frist rescue $!.message #=> "undefined method `frist' for [1]:Array\nDid you mean?  first"
"x".upcaes rescue $!.message #=> "undefined method `upcaes' for \"x\":String\nDid you mean?  upcase\n               upcase!"
{ colour: 1 }.fetch(:color) rescue $!.message #=> "key not found: :color\nDid you mean?  :colour"
{ "colour" => 1 }.fetch("color") rescue $!.message #=> "key not found: \"color\"\nDid you mean?  \"colour\""
Strng rescue $!.message #=> "uninitialized constant Strng\nDid you mean?  String"
class SpellsWords; def length_of = 1; def go = lenght_of; end; SpellsWords.new.go rescue $!.message.sub(/0x\h+/, "") #=> "undefined local variable or method `lenght_of' for #<SpellsWords:>\nDid you mean?  length_of"
nil.frist rescue $!.message #=> "undefined method `frist' for nil:NilClass"
[1].frist rescue $!.original_message #=> "undefined method `frist' for [1]:Array"
[].method(:map) == [].method(:collect) rescue $!.class #=> false
[[].method(:push).arity, [].method(:first).arity, "".method(:sub).parameters] #=> [-1, -1, [[:rest]]]
[defined?(@undefined_here ||= 1), defined?(A_CONST::B ||= 1), defined?(for i in 1 do end)] #=> ["assignment", "expression", "expression"]
true.to_s.equal?(true.to_s) #=> true
def forwards_all(...) = 1; method(:forwards_all).parameters #=> [[:rest, :*], [:keyrest, :**], [:block, :&]]
