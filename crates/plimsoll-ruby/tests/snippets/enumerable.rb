class Each3; include Enumerable; def initialize(*v) = @v = v; def each(&b) = (@v.each(&b); self); end; Each3.new(3, 1, 2).sort #=> [1, 2, 3]
class Pairs; include Enumerable; def each; yield 1, 2; yield 3; yield; self; end; end; Pairs.new.to_a #=> [[1, 2], 3, nil]
Pairs.new.map { |a, b| [a, b] } #=> [[1, 2], [3, nil], [nil, nil]]
Pairs.new.map { |a| a } #=> [1, 3, nil]
Pairs.new.select { |a, b| b } #=> [[1, 2]]
Pairs.new.select { |a| true } #=> [[1, 2], 3, nil]
Pairs.new.each_with_index.to_a #=> [[[1, 2], 0], [3, 1], [nil, 2]]
Pairs.new.each_entry.to_a #=> [[1, 2], 3, nil]
Pairs.new.first #=> [1, 2]
Pairs.new.first(2) #=> [[1, 2], 3]
Pairs.new.count #=> 3
Pairs.new.include?([1, 2]) #=> true
Pairs.new.each_slice(2).to_a #=> [[[1, 2], 3], [nil]]
Pairs.new.to_set.size #=> 3
Pairs.new.group_by { |a| a.class } #=> {Array=>[[1, 2]], Integer=>[3], NilClass=>[nil]}
Pairs.new.inject { |a, b| [a, b] } #=> [[[1, 2], 3], nil]
Pairs.new.each_with_object([]) { |x, m| m << x } #=> [[1, 2], 3, nil]
Pairs.new.find_index([1, 2]) #=> 0
Pairs.new.min_by { |x| x.to_s } #=> nil
Pairs.new.reverse_each.to_a #=> [nil, 3, [1, 2]]
Pairs.new.flat_map { |a, b| [a, b] } #=> [1, 2, 3, nil, nil, nil]
Pairs.new.zip([1, 2, 3]) #=> [[[1, 2], 1], [3, 2], [nil, 3]]
Pairs.new.reject { |a| a } #=> [nil]
Pairs.new.partition { |a| a } #=> [[[1, 2], 3], [nil]]
Pairs.new.take_while { |a| a } #=> [[1, 2], 3]
Pairs.new.drop_while { |a| a } #=> [nil]
Pairs.new.drop(1) #=> [3, nil]
Pairs.new.each_cons(2).to_a #=> [[[1, 2], 3], [3, nil]]
Pairs.new.tally #=> {[1, 2]=>1, 3=>1, nil=>1}
Pairs.new.uniq #=> [[1, 2], 3, nil]
Pairs.new.detect { |a, b| b == 2 } #=> [1, 2]
Pairs.new.to_enum.next #=> [1, 2]
Pairs.new.lazy.map { |a, b| b }.to_a #=> [2, nil, nil]
Pairs.new.each_entry.with_index(1).to_a #=> [[[1, 2], 1], [3, 2], [nil, 3]]
Pairs.new.sum { |a, b| b.to_i } #=> 2
Pairs.new.filter_map { |a, b| b } #=> [2]
Pairs.new.any? { |a, b| b == 2 } #=> true
Pairs.new.all?(Array) #=> false
Each3.new(3, 1, 2).min #=> 1
Each3.new(3, 1, 2).max(2) #=> [3, 2]
Each3.new(3, 1, 2).minmax #=> [1, 3]
Each3.new(3, 1, 2).sum #=> 6
Each3.new(3, 1, 2).to_a #=> [3, 1, 2]
Each3.new(3, 1, 2).entries #=> [3, 1, 2]
Each3.new(3, 1, 2).sort_by { |x| -x } #=> [3, 2, 1]
Each3.new(3, 1, 2).include?(1) #=> true
Each3.new(3, 1, 2).first(2) #=> [3, 1]
Each3.new(3, 1, 2).inject(:+) #=> 6
Each3.new(3, 1, 2).each_slice(2).to_a #=> [[3, 1], [2]]
Each3.new(3, 1, 2).each_cons(2).to_a #=> [[3, 1], [1, 2]]
Each3.new(3, 1, 2).each_with_index.to_a #=> [[3, 0], [1, 1], [2, 2]]
Each3.new(3, 1, 2).cycle.first(4) #=> [3, 1, 2, 3]
Each3.new(3, 1, 2).cycle(2).to_a #=> [3, 1, 2, 3, 1, 2]
Each3.new(3, 1, 2).chunk_while { |a, b| a < b }.to_a #=> [[3], [1, 2]]
Each3.new(3, 1, 2).slice_when { |a, b| a > b }.to_a #=> [[3], [1, 2]]
Each3.new(3, 1, 2).slice_before(1).to_a #=> [[3], [1, 2]]
Each3.new(3, 1, 2).slice_after(1).to_a #=> [[3, 1], [2]]
Each3.new(3, 1, 2).slice_before { |x| x == 2 }.to_a #=> [[3, 1], [2]]
Each3.new(3, 1, 2).slice_before #=> !! ArgumentError: wrong number of arguments (given 0, expected 1)
Each3.new(3, 1, 2).slice_before(1) { } #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
Each3.new(3, 1, 2).chunk { |x| x > 1 }.to_a #=> [[true, [3]], [false, [1]], [true, [2]]]
Each3.new(3, 1, 2).chunk { |x| x == 1 ? nil : true }.to_a #=> [[true, [3]], [true, [2]]]
Each3.new(3, 1, 2).chunk { |x| :_alone }.to_a #=> [[:_alone, [3]], [:_alone, [1]], [:_alone, [2]]]
Each3.new(3, 1, 2).chunk { |x| :_foo }.to_a #=> !! RuntimeError: symbols beginning with an underscore are reserved
Each3.new(3, 1, 2).zip([4, 5, 6], 7..9) #=> [[3, 4, 7], [1, 5, 8], [2, 6, 9]]
Each3.new(3, 1, 2).zip(Each3.new(1)) #=> [[3, 1], [1, nil], [2, nil]]
Each3.new(3, 1, 2).to_h { |x| [x, x] } #=> {3=>3, 1=>1, 2=>2}
Each3.new([1, 2]).to_h #=> {1=>2}
Each3.new(1).to_h #=> !! TypeError: wrong element type Integer (expected array)
Each3.new([1]).to_h #=> !! ArgumentError: element has wrong array length (expected 2, was 1)
Each3.new(1, nil, 2).compact #=> [1, 2]
Each3.new(1, 1, 2).uniq #=> [1, 2]
Each3.new(1, 1, 2).tally #=> {1=>2, 2=>1}
Each3.new(1, 1, 2).tally({1 => 5}) #=> {1=>7, 2=>1}
Each3.new(1, 1, 2).tally({1 => "a"}) #=> !! TypeError: wrong argument type String (expected Integer)
Each3.new(1, 2).chain([3]).to_a #=> [1, 2, 3]
Each3.new(1, 2).lazy.class #=> Enumerator::Lazy
Each3.new(1, 2).each_entry.to_a #=> [1, 2]
Each3.new(1, 2).count(1) #=> 1
Each3.new(1, 2).find_index(2) #=> 1
Each3.new(1, 2).find_index { |x| x == 5 } #=> nil
Each3.new("a", "b1").grep(/\d/) #=> ["b1"]
Each3.new("a", "b1").grep_v(/\d/) #=> ["a"]
Each3.new("a", "b1").grep(/(\d)/) { $1 } #=> [nil]
Each3.new(1, 2).each_slice(2).size #=> nil
Each3.new(1, 2).sort #=> [1, 2]
Each3.new(1, "a").sort #=> !! ArgumentError: comparison of Integer with String failed
Each3.new(1, "a").max #=> !! ArgumentError: comparison of String with 1 failed
Each3.new.max #=> nil
Each3.new.minmax #=> [nil, nil]
Each3.new.inject(:+) #=> nil
Each3.new.sum #=> 0
Each3.new.first #=> nil
Each3.new.none? #=> true
Each3.new(1, 2).reverse_each.to_a #=> [2, 1]
Each3.new(1, 2).each_with_object([]) { |x, a| a << x } #=> [1, 2]
Each3.new(1, 2, 3).min_by { |x| -x } #=> 3
Each3.new(1, 2, 3).max_by { |x| -x } #=> 1
Each3.new(1, 2, 3).minmax_by { |x| -x } #=> [3, 1]
Each3.new(1, 2, 3).min_by(2) { |x| -x } #=> [3, 2]
Each3.new(1, 2, 3).reduce(10) { |a, b| a - b } #=> 4
Each3.new(1, 2, 3).reduce(10, :-) #=> 4
Each3.new(1, 2, 3).take(2) #=> [1, 2]
Each3.new(1, 2, 3).take(-1) #=> !! ArgumentError: attempt to take negative size
Each3.new(1, 2, 3).drop(2) #=> [3]
Each3.new(1, 2, 3).one? { |x| x > 2 } #=> true
Each3.new(1, 2, 3).find(-> { 0 }) { |x| x > 5 } #=> 0
Each3.new(0.1, 0.2, 0.3).sum #=> 0.6
Each3.new(1, 2).to_set #=> #<Set: {1, 2}>
Each3.new(1, 2, 3).each_slice(0) #=> !! ArgumentError: invalid slice size
Each3.new(1, 2, 3).each_cons(0) #=> !! ArgumentError: invalid size
Each3.new(1, 2, 3).first(-1) #=> !! ArgumentError: attempt to take negative size
Each3.new(1, 2, 3).inject #=> !! LocalJumpError: no block given
Each3.new(4, 5).each_with_index { |x, i| break [x, i] if i == 1 } #=> [5, 1]
Each3.new(1, 2, 3).each_entry { |x| break x } #=> 1
Each3.new(*1..5).each_slice(2).map(&:sum) #=> [3, 7, 5]
Each3.new(*1..5).each_cons(2).map { |a, b| b - a } #=> [1, 1, 1, 1]
Each3.new([1, 2], [3, 4]).each_with_index.map { |(a, b), i| a + b + i } #=> [3, 8]
Each3.new([1, 2], [3, 4]).inject { |(a, b), (c, d)| [a + c, b + d] } #=> [4, 6]
Each3.new(3, 1).sort { |a, b| a <=> b } #=> [1, 3]
Each3.new(3, 1).min { |a, b| b <=> a } #=> 3
Each3.new("x").sum("") #=> "x"
[1].collect.inspect #=> "#<Enumerator: [1]:collect>"
[1].filter.inspect #=> "#<Enumerator: [1]:filter>"
[1].detect.inspect #=> "#<Enumerator: [1]:detect>"
[1].find_all.inspect #=> "#<Enumerator: [1]:find_all>"
{a: 1}.each_pair.inspect #=> "#<Enumerator: {:a=>1}:each_pair>"
[1].collect!.inspect #=> "#<Enumerator: [1]:collect!>"
(1..2).collect.inspect #=> "#<Enumerator: 1..2:collect>"
(1..2).collect_concat.inspect #=> "#<Enumerator: 1..2:collect_concat>"
