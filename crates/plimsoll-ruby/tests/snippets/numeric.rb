1.step(5, 2).to_a #=> [1, 3, 5]
1.step(5, 2).class #=> Enumerator::ArithmeticSequence
5.abs2 #=> 25
1.real? #=> true
1.real #=> 1
1.imaginary #=> 0
1.arg #=> 0
-1.arg #=> 3.141592653589793
1.polar #=> [1, 0]
-1.5.polar #=> [1.5, 3.141592653589793]
1.rect #=> [1, 0]
1.conj #=> 1
1.clone #=> 1
1.dup #=> 1
1.clone(freeze: true) #=> 1
1.clone(freeze: false) #=> !! ArgumentError: can't unfreeze Integer
+1 #=> 1
-1.5 #=> -1.5
Numeric.new.class #=> Numeric
Numeric.new <=> 1 #=> nil
(x = Numeric.new) <=> x #=> 0
(Numeric.new + 1) rescue $!.class #=> NoMethodError
Numeric.new.coerce(1) #=> !! TypeError: can't convert Numeric into Float
1.0.step(2.0, 0.25).to_a #=> [1.0, 1.25, 1.5, 1.75, 2.0]
1.step(3, 0.5).to_a #=> [1.0, 1.5, 2.0, 2.5, 3.0]
10.step(1, -4).to_a #=> [10, 6, 2]
1.step(3).to_a #=> [1, 2, 3]
1.step(by: -1, to: -1).to_a #=> [1, 0, -1]
1.step(to: 3).to_a #=> [1, 2, 3]
1.step(3, "a") { } #=> !! ArgumentError: comparison of String with 0 failed
1.step(3, nil).to_a rescue $!.class #=> [1, 2, 3]
1.step("a") { } #=> !! ArgumentError: comparison of Integer with String failed
Class.new(Numeric) { def coerce(o) = [o, 2]; def to_f = 2.5; def <=>(o) = 2.5 <=> o }.new.positive? rescue $!.class #=> true
Class.new(Numeric) { def to_f = 2.5 }.new.round rescue $!.class #=> 3
Class.new { include Comparable; attr_reader :v; def initialize(v) = @v = v; def <=>(o) = v <=> o.v }.then { |c| [c.new(1) < c.new(2), c.new(1) == c.new(1), c.new(3).clamp(c.new(1), c.new(2)).v] } #=> [true, true, 2]
Class.new { include Comparable; def <=>(o) = nil }.then { |c| c.new < c.new } rescue $!.message.gsub(/0x\h+/, "") #=> "comparison of #<Class:> with #<Class:> failed"
Class.new { include Comparable; def <=>(o) = nil }.then { |c| c.new == c.new } #=> false
3.clamp(1, 2) #=> 2
3.clamp(1..2) #=> 2
3.clamp(5..) #=> 5
3.clamp(2, 1) #=> !! ArgumentError: min argument must be smaller than max argument
3.clamp(1) #=> !! TypeError: wrong argument type Integer (expected Range)
"b".clamp("a", "c") #=> "b"
1.between?(1, 1) #=> true
1.zero? #=> false
0.0.nonzero? #=> nil
1.5.nonzero? #=> 1.5
1.finite? #=> true
5.quo(2) #=> (5/2)
5.0.quo(2) #=> 2.5
1.integer? #=> true
1.0.integer? #=> false
7.pred #=> 6
5.bit_length #=> 3
1.positive? #=> true
1.coerce(1.0) #=> [1.0, 1.0]
