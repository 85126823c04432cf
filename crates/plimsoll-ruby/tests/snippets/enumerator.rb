[1, 2].each.class #=> Enumerator
[1, 2].each.inspect #=> "#<Enumerator: [1, 2]:each>"
[1].each_with_index.with_index(2).inspect #=> "#<Enumerator: #<Enumerator: [1]:each_with_index>:with_index(2)>"
[1].each_slice(2).inspect #=> "#<Enumerator: [1]:each_slice(2)>"
[1, 2].each.size #=> 2
5.times.size #=> 5
5.times.to_a #=> [0, 1, 2, 3, 4]
1.upto(3).size #=> 3
3.downto(1).to_a #=> [3, 2, 1]
"abc".each_char.size #=> 3
"abc".each_char.to_a #=> ["a", "b", "c"]
"abc".each_char.with_index.map { |c, i| c * i } #=> ["", "b", "cc"]
"ab".each_byte.to_a #=> [97, 98]
loop.size #=> Infinity
Enumerator.new { |y| y << 1 << 2; y.yield 3, 4; :done }.to_a #=> [1, 2, [3, 4]]
Enumerator.new { |y| y << 1 }.size #=> nil
Enumerator.new(3) { |y| }.size #=> 3
Enumerator.new(-> { 42 }) { |y| }.size #=> 42
Enumerator.new #=> !! ArgumentError: tried to create Proc object without a block
Enumerator.new(1, 2) { } #=> !! ArgumentError: wrong number of arguments (given 2, expected 0..1)
Enumerator.new { |y| 3.times { |i| y << i } }.lazy.map { |x| x * 2 }.to_a #=> [0, 2, 4]
Enumerator.new { |y| y.yield(1) }.next #=> 1
fib = Enumerator.new { |y| a, b = 0, 1; loop { y << a; a, b = b, a + b } }; fib.take(8) #=> [0, 1, 1, 2, 3, 5, 8, 13]
fib = Enumerator.new { |y| a, b = 0, 1; loop { y << a; a, b = b, a + b } }; fib.lazy.select(&:even?).first(4) #=> [0, 2, 8, 34]
Enumerator.produce(1) { |x| x * 2 }.take(5) #=> [1, 2, 4, 8, 16]
Enumerator.produce([1, 1]) { |a, b| [b, a + b] }.lazy.map(&:first).first(5) #=> [1, 1, 2, 3, 5]
Enumerator.produce(1) { raise StopIteration }.to_a #=> [1]
Enumerator.produce { 1 }.size #=> Infinity
Enumerator.produce(1) #=> !! ArgumentError: no block given
([1].each + [2]).to_a #=> [1, 2]
([1].each + [2]).inspect #=> "#<Enumerator::Chain: [#<Enumerator: [1]:each>, [2]]>"
([1].each + [2]).size #=> 2
[1].chain([2], 3..4).to_a #=> [1, 2, 3, 4]
[1].chain([2]).inspect #=> "#<Enumerator::Chain: [[1], [2]]>"
# External
e = [1, 2].each; [e.next, e.next] #=> [1, 2]
e = [1, 2].each; e.next; e.next; e.next #=> !! StopIteration: iteration reached an end
e = [1].each; e.next; begin; e.next; rescue StopIteration => x; [x.message, x.result]; end #=> ["iteration reached an end", [1]]
e = [1, 2].each; [e.peek, e.next, e.peek] #=> [1, 1, 2]
e = [].each; e.peek #=> !! StopIteration: iteration reached an end
e = [1, 2].each; e.next; e.rewind; e.next #=> 1
e = [1, 2, 3].map; e.next; e.next #=> 2
e = {a: 1}.each; e.next #=> [:a, 1]
e = "ab".each_char; [e.next, e.next, (e.next rescue "end")] #=> ["a", "b", "end"]
e = [1, 2, 3].each_with_index; [e.next, e.next] #=> [[1, 0], [2, 1]]
e = Enumerator.new { |y| y << 1; y << 2; :r }; [e.next, e.next, (e.next rescue $!.result)] #=> [1, 2, :r]
e = Enumerator.new { |y| y.yield 1, 2; y.yield; y.yield nil }; [e.next, e.next, e.next] #=> [[1, 2], nil, nil]
e = Enumerator.new { |y| y.yield 1, 2; y.yield; y.yield nil }; [e.next_values, e.next_values, e.next_values] #=> [[1, 2], [], [nil]]
e = Enumerator.new { |y| n = 0; loop { y << (n += 1) } }; [e.next, e.next, e.next] #=> [1, 2, 3]
e = (1..).each; [e.next, e.next] #=> [1, 2]
e = [1, 2, 3].each; r = []; loop { r << e.next }; r #=> [1, 2, 3]
e = [1, 2].each; loop { e.next } #=> [1, 2]
e1 = [1, 2].each; e2 = [3, 4].each; [e1.next, e2.next, e1.next, e2.next] #=> [1, 3, 2, 4]
e = Enumerator.new { |y| raise "boom" }; e.next #=> !! RuntimeError: boom
e = Enumerator.new { |y| y << 1; raise "boom" }; [e.next, (e.next rescue $!.message), (e.next rescue $!.message)] #=> [1, "boom", 1]
a = [1, 2].each; b = Enumerator.new { |y| loop { y << a.next * 10 } }; [b.next, b.next, (b.next rescue $!.class)] #=> [10, 20, StopIteration]
e = [1, 2, 3].each; [e.next, e.size, e.to_a, e.next] #=> [1, 3, [1, 2, 3], 2]
g = (1..3).each_entry; [g.next, g.next, g.next] #=> [1, 2, 3]
e = [1, 2, 3].each.with_index(1); [e.next, e.next] #=> [[1, 1], [2, 2]]
def each_two; return to_enum(:each_two) unless block_given?; yield 1; yield 2; end; each_two.next #=> 1
o = Object.new; def o.each; yield 1; yield 2, 3; end; e = o.to_enum; [e.next, e.next] #=> [1, [2, 3]]
e = [1, 2].each; e.next; e.dup.next #=> !! TypeError: can't copy execution context
[1, 2].each.dup.next #=> 1
# with_index and so on
[1, 2].each.with_index(1).to_a #=> [[1, 1], [2, 2]]
[1, 2].each.with_index("a") { } #=> !! TypeError: no implicit conversion of String into Integer
[1, 2].map.with_index { |x, i| x * i } #=> [0, 2]
[1, 2].each_with_index.map { |x, i| x * i } #=> [0, 2]
[1, 2].select.with_index { |x, i| i == 1 } #=> [2]
[1, 2].each.with_object([]).to_a #=> [[1, []], [2, []]]
[1, 2].each.with_object([]) { |x, a| a << x } #=> [1, 2]
[1, 2].each_with_index.with_object(:o).to_a #=> [[[1, 0], :o], [[2, 1], :o]]
[3, 1].sort_by.with_index { |x, i| -i } #=> [1, 3]
[1, 2].each.each_with_index.to_a #=> [[1, 0], [2, 1]]
[1, 2, 3].each_with_index.select { |x, i| i > 0 } #=> [[2, 1], [3, 2]]
[1, 2].each_entry.size #=> 2
%w[a b].each_with_index.to_h #=> {"a"=>0, "b"=>1}
[4, 5].each.next #=> 4
[1, 2].to_enum(:map).with_index { |x, i| [x, i] } #=> [[1, 0], [2, 1]]
[1, 2].enum_for(:each_slice, 1).size #=> nil
[1, 2].to_enum(:each_slice, 1) { |*a| 42 }.size #=> 42
[1, 2].to_enum(:foo).to_a #=> !! NoMethodError: undefined method `foo' for [1, 2]:Array
[1, 2].each.each { |x| x } #=> [1, 2]
[1, 2].each.each.inspect #=> "#<Enumerator: [1, 2]:each>"
[1, 2, 3].each_slice(2).with_index.to_a #=> [[[1, 2], 0], [[3], 1]]
"a-b".gsub("-").with_index { |m, i| i.to_s } #=> "a0b"
# Lazy
(1..3).lazy #=> #<Enumerator::Lazy: 1..3>
(1..3).lazy.map { |x| x * 2 } #=> #<Enumerator::Lazy: #<Enumerator::Lazy: 1..3>:map>
(1..3).lazy.map { |x| x * 2 }.to_a #=> [2, 4, 6]
(1..3).lazy.map { |x| x * 2 }.force #=> [2, 4, 6]
(1..3).lazy.map { |x| x * 2 }.first #=> 2
(1..3).lazy.select(&:odd?).to_a #=> [1, 3]
(1..3).lazy.filter(&:odd?).map { |x| x + 1 }.inspect #=> "#<Enumerator::Lazy: #<Enumerator::Lazy: #<Enumerator::Lazy: 1..3>:filter>:map>"
(1..3).lazy.reject(&:odd?).to_a #=> [2]
(1..).lazy.map { |x| x * 2 }.reject { |x| x % 3 == 0 }.first(3) #=> [2, 4, 8]
(1..).lazy.take(3).to_a #=> [1, 2, 3]
(1..3).lazy.take(2).inspect #=> "#<Enumerator::Lazy: #<Enumerator::Lazy: 1..3>:take(2)>"
(1..3).lazy.take(0).to_a #=> []
(1..3).lazy.take(5).size #=> 3
(1..3).lazy.take(-1) #=> !! ArgumentError: attempt to take negative size
(1..).lazy.take_while { |x| x < 4 }.to_a #=> [1, 2, 3]
(1..5).lazy.drop(3).to_a #=> [4, 5]
(1..5).lazy.drop(3).size #=> 2
(1..5).lazy.drop_while { |x| x < 3 }.to_a #=> [3, 4, 5]
(1..3).lazy.flat_map { |x| [x, x] }.to_a #=> [1, 1, 2, 2, 3, 3]
(1..3).lazy.flat_map { |x| x }.to_a #=> [1, 2, 3]
(1..3).lazy.filter_map { |x| x * 2 if x.odd? }.to_a #=> [2, 6]
(1..3).lazy.zip(4..6).to_a #=> [[1, 4], [2, 5], [3, 6]]
(1..3).lazy.zip([4]).to_a #=> [[1, 4], [2, nil], [3, nil]]
[1, 1, 2].lazy.uniq.to_a #=> [1, 2]
[1, nil].lazy.compact.to_a #=> [1]
(1..3).lazy.with_index.to_a #=> [[1, 0], [2, 1], [3, 2]]
(1..3).lazy.with_index(1).map { |x, i| x * i }.to_a #=> [1, 4, 9]
(1..3).lazy.each_with_index.to_a #=> [[1, 0], [2, 1], [3, 2]]
(1..3).lazy.grep(2..3).to_a #=> [2, 3]
(1..3).lazy.grep_v(2..3).to_a #=> [1]
(1..3).lazy.grep(2) { |x| x * 10 }.to_a #=> [20]
(1..3).lazy.eager.class #=> Enumerator
(1..3).lazy.eager.inspect #=> "#<Enumerator: #<Enumerator::Lazy: 1..3>:each>"
(1..3).lazy.lazy.inspect #=> "#<Enumerator::Lazy: 1..3>"
(1..3).lazy.size #=> 3
(1..3).lazy.map { }.size #=> 3
(1..3).lazy.select { }.size #=> nil
(1..3).lazy.map #=> !! ArgumentError: tried to call lazy map without a block
(1..3).lazy.include?(2) #=> true
(1..4).lazy.each_slice(2).to_a #=> [[1, 2], [3, 4]]
(1..4).lazy.each_slice(2).inspect #=> "#<Enumerator::Lazy: #<Enumerator::Lazy: 1..4>:each_slice(2)>"
(1..4).lazy.slice_when { |a, b| b == 3 }.to_a #=> [[1, 2], [3, 4]]
(1..4).lazy.chunk_while { |a, b| b != 3 }.first(1) #=> [[1, 2]]
(1..3).lazy.each { |x| x } #=> 1..3
(1..3).lazy.next #=> 1
l = (1..3).lazy.map { |x| x * 2 }; [l.next, l.next] #=> [2, 4]
(1..3).lazy.sum #=> 6
(1..3).lazy.inject(:+) #=> 6
(1..3).lazy.to_a #=> [1, 2, 3]
(1..3).lazy.reduce(:*) #=> 6
(1..20).lazy.select(&:even?).map { |x| x * 3 }.reject { |x| x % 4 == 0 }.first(2) #=> [6, 18]
r = []; (1..3).lazy.map { |x| r << x; x }.first(2); r #=> [1, 2]
Enumerator::Lazy.new([1, 2]) { |y, v| y << v * 2 }.to_a #=> [2, 4]
(1..3).lazy.tally #=> {1=>1, 2=>1, 3=>1}
(1..3).lazy.min #=> 1
(1..3).lazy.take(2).map { |x| x }.to_a #=> [1, 2]
l = (1..3).lazy.take(2); [l.to_a, l.to_a] #=> [[1, 2], [1, 2]]
(1..3).each_entry.lazy.map { |x| x }.to_a #=> [1, 2, 3]
# Sequences
1.step(10, 3).to_a #=> [1, 4, 7, 10]
1.step(10, 3).size #=> 4
1.step(10, 3).begin #=> 1
1.step(10, 3).end #=> 10
1.step(10, 3).step #=> 3
1.step(10, 3).exclude_end? #=> false
1.step(by: -1).first(3) #=> [1, 0, -1]
1.step.first(2) #=> [1, 2]
1.step.inspect #=> "(1.step)"
1.step(3, 0.5).to_a #=> [1.0, 1.5, 2.0, 2.5, 3.0]
1.step(10, 3).hash == 1.step(10, 3).hash #=> true
1.step(10, 3).next #=> 1
(1..10).step(3).each_slice(2).to_a #=> [[1, 4], [7, 10]]
(1..10).step(3).map { |x| x } #=> [1, 4, 7, 10]
(1..10).step(3).include?(4) #=> true
(1..10).step(3).reverse_each.to_a #=> [10, 7, 4, 1]
((1..10) % 3).inspect #=> "((1..10).%(3))"
(1..3).each_slice(2).next #=> [1, 2]
[1, 2, 3].each.lazy.map { |x| x + 1 }.eager.map { |x| x }.class #=> Array
[1,2,3].each_with_index.to_a.each_slice(2).to_a #=> [[[1, 0], [2, 1]], [[3, 2]]]
e = [1, 2, 3].each; e.take(2) #=> [1, 2]
e = [1, 2, 3].each; [e.next, e.take(1), e.next] #=> [1, [1], 2]
e = Enumerator.new { |y| y << y.yield(1).inspect; 3 }; r = []; e.each { |x| r << x; :b }; r #=> [1, ":b"]
