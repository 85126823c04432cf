(1..3) #=> 1..3
(1...3) #=> 1...3
("a".."c") #=> "a".."c"
(1..) #=> 1..
(..1) #=> ..1
(nil..nil) #=> nil..nil
(1..nil).inspect #=> "1.."
(nil..1).to_s #=> "..1"
(nil..nil).to_s #=> ".."
("a".."b").to_s #=> "a..b"
Range.new(1, 2) #=> 1..2
Range.new(1, 2, true) #=> 1...2
Range.new(1, "a") #=> !! ArgumentError: bad value for range
Range.new(1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 2..3)
(Object.new..Object.new) #=> !! ArgumentError: bad value for range
(1..nil).end #=> nil
(1..2).begin #=> 1
(1...2).exclude_end? #=> true
(1..10).step(3).to_a #=> [1, 4, 7, 10]
("a".."e").step(2).to_a #=> ["a", "c", "e"]
(1..10) % 3 #=> ((1..10).%(3))
((1..10) % 3).to_a #=> [1, 4, 7, 10]
(1.0..2.0).step(0.5).to_a #=> [1.0, 1.5, 2.0]
(1..2).step(0.5).to_a #=> [1.0, 1.5, 2.0]
(1..).step(5).first(3) #=> [1, 6, 11]
(1..3).step(0) #=> !! ArgumentError: step can't be 0
(1..3).step(-1) { } #=> !! ArgumentError: step can't be negative
(1..3).step(-1).to_a #=> []
("a".."c").step("x") { } #=> !! TypeError: no implicit conversion of String into Integer
("a".."c").step(-1) { } #=> !! ArgumentError: step can't be negative
r = []; (1..10).step(4) { |x| r << x }; r #=> [1, 5, 9]
(1..10).step(3).inspect #=> "((1..10).step(3))"
(1..10).step(3).size #=> 4
(1..10).step(3).last #=> 10
(1..10).step(3).last(2) #=> [7, 10]
(1..10).step(3).first(2) #=> [1, 4]
(1..10).step(3) == 1.step(10, 3) #=> true
(1..10).step(3).class #=> Enumerator::ArithmeticSequence
(1..).step(2).size #=> Infinity
(1..3).to_a #=> [1, 2, 3]
(1...3).to_a #=> [1, 2]
(3..1).to_a #=> []
(1..3.5).to_a #=> [1, 2, 3]
("a".."e").to_a #=> ["a", "b", "c", "d", "e"]
("a"..."a").to_a #=> []
("08".."11").to_a #=> ["08", "09", "10", "11"]
("9".."11").to_a #=> ["9", "10", "11"]
("az".."bc").to_a #=> ["az", "ba", "bb", "bc"]
(:a..:c).to_a #=> [:a, :b, :c]
(2**64..2**64 + 2).to_a #=> [18446744073709551616, 18446744073709551617, 18446744073709551618]
(1..).to_a #=> !! RangeError: cannot convert endless range to an array
(..1).to_a #=> !! TypeError: can't iterate from NilClass
(1.5..2).to_a #=> !! TypeError: can't iterate from Float
(nil..nil).each { } #=> !! TypeError: can't iterate from NilClass
(1..).first(2) #=> [1, 2]
(1..3).first #=> 1
(1..3).first(2) #=> [1, 2]
(..1).first #=> !! RangeError: cannot get the first element of beginless range
(..1).first(1) #=> !! RangeError: cannot get the first element of beginless range
(1..3).last #=> 3
(1...3).last #=> 3
(1..3).last(2) #=> [2, 3]
(1...4).last(2) #=> [2, 3]
(1..).last #=> !! RangeError: cannot get the last element of endless range
(1..).last(2) #=> !! RangeError: cannot get the last element of endless range
(1..5).min #=> 1
(1..5).max #=> 5
(1...5).max #=> 4
(1..0).max #=> nil
(1..0).min #=> nil
(1.0..2.5).max #=> 2.5
(1...2.5).max #=> !! TypeError: cannot exclude non Integer end value
(1.0...2.0).max #=> !! TypeError: cannot exclude non Integer end value
(1..).max #=> !! RangeError: cannot get the maximum of endless range
(1..).min #=> 1
(..1).min #=> !! RangeError: cannot get the minimum of beginless range
(..1).max #=> 1
(1..5).max(2) #=> [5, 4]
(1..5).min(2) #=> [1, 2]
(1..5).max { |a, b| b <=> a } #=> 1
(1..5).minmax #=> [1, 5]
("a".."c").max #=> "c"
("a".."c").minmax #=> ["a", "c"]
("c".."a").min #=> nil
(1..3).size #=> 3
(1...3).size #=> 2
(1..3.5).size #=> 3
(1.5..4).size #=> 3
("a".."c").size #=> nil
(1..).size #=> Infinity
(..1).size #=> Infinity
(2**64..2**64 + 2).size #=> 3
(1..3).count #=> 3
(1..).count #=> Infinity
(..1).count #=> Infinity
(1..3).count(2) #=> 1
(1..3).count(&:odd?) #=> 2
("a".."zz").count #=> 702
(1..3).sum #=> 6
(1...3).sum #=> 3
(3..1).sum #=> 0
(1..3).sum { |x| x * 2 } #=> 12
(1..3).sum(0.5) #=> 6.5
(1..2**70).sum #=> 696898287454081973173581491830620002713600
(1..3).include?(2) #=> true
(1..3).include?(2.5) #=> true
(1...3).include?(3) #=> false
(1..3).member?(4) #=> false
("a".."z").include?("bb") #=> false
("a".."z").include?("b") #=> true
("a".."z").cover?("bb") #=> true
("a".."z") === "bb" #=> true
(1..3) === 2.5 #=> true
(1..) === 5 #=> true
(nil..nil) === 1 #=> true
(..3).include?(2) #=> true
(1..3).cover?(1..2) #=> true
(1..3).cover?(0..2) #=> false
(1..3).cover?(1...4) #=> true
(1...3).cover?(1..3) #=> false
(1..3).cover?(3..1) #=> false
(1..3).include?("a") #=> false
(1..3) == (1..3) #=> true
(1..3) == (1...3) #=> false
(1..3).eql?(1..3.0) #=> false
(1..3) == (1..3.0) #=> true
(1..3).hash == (1..3).hash #=> true
{(1..2) => :a}[1..2] #=> :a
(0..10).bsearch { |x| x >= 5 } #=> 5
(0.0..10.0).bsearch { |x| x >= 2.5 } #=> 2.5
(0..).bsearch { |x| x >= 1000 } #=> 1000
(..0).bsearch { |x| x >= -1000 } #=> -1000
("a".."b").bsearch { } #=> !! TypeError: can't do binary search for String
(0..10).bsearch { |x| 7 <=> x } #=> 7
(1..3).reverse_each.to_a #=> [3, 2, 1]
(1..3).each_slice(2).to_a #=> [[1, 2], [3]]
(1..4).each_cons(2).to_a #=> [[1, 2], [2, 3], [3, 4]]
(1..3).inject(:+) #=> 6
(1..3).each_with_index.to_a #=> [[1, 0], [2, 1], [3, 2]]
(1..3).each_with_object([]) { |x, a| a << x } #=> [1, 2, 3]
(1..3).map { |x| x * 2 } #=> [2, 4, 6]
(1..3).flat_map { |x| [x] * x } #=> [1, 2, 2, 3, 3, 3]
(1..3).zip(4..6) #=> [[1, 4], [2, 5], [3, 6]]
(1..6).each_slice(2).map(&:sum) #=> [3, 7, 11]
(1..10).find { |i| i % 3 == 0 } #=> 3
(1..10).select(&:even?) #=> [2, 4, 6, 8, 10]
(1..10).partition(&:even?) #=> [[2, 4, 6, 8, 10], [1, 3, 5, 7, 9]]
(1..3).each_entry.to_a #=> [1, 2, 3]
(1..3).entries #=> [1, 2, 3]
(1..3).tally #=> {1=>1, 2=>1, 3=>1}
(1..3).to_set #=> #<Set: {1, 2, 3}>
(1..Float::INFINITY).lazy.map { |x| x * 2 }.first(2) #=> [2, 4]
(1..).lazy.select(&:even?).first(2) #=> [2, 4]
(1..).each_slice(2).first(1) #=> [[1, 2]]
(1..).take(3) #=> [1, 2, 3]
(1..).each { |x| break x if x > 5 } #=> 6
(1..3).frozen? #=> true
(1..3).dup #=> 1..3
(1..3).each { } #=> 1..3
(1..3).each.size #=> 3
(1..3).each.next #=> 1
(1..3).inspect #=> "1..3"
("a".."c").each_with_index.to_a #=> [["a", 0], ["b", 1], ["c", 2]]
("A".."C").map(&:downcase) #=> ["a", "b", "c"]
(1..3).reduce(:*) #=> 6
(1..3).cycle.first(7) #=> [1, 2, 3, 1, 2, 3, 1]
(1..3).each_cons(2).to_a.length #=> 2
case 5 when 1..3 then :a when 4.. then :b end #=> :b
case "b" when "a".."c" then 1 end #=> 1
[1, 2, 3][1..] #=> [2, 3]
"hello"[1..3] #=> "ell"
(1..3).to_a.reverse #=> [3, 2, 1]
(1..3).foo #=> !! NoMethodError: undefined method `foo' for 1..3:Range
(0.5..2).include?(1) #=> true
(1..10).step(2).map { |x| x } #=> [1, 3, 5, 7, 9]
1.step(10, 3).to_a #=> [1, 4, 7, 10]
1.step(by: 2, to: 5).to_a #=> [1, 3, 5]
10.step(1, -3).to_a #=> [10, 7, 4, 1]
1.step(10, 3).inspect #=> "(1.step(10, 3))"
1.step(by: 2, to: 5).inspect #=> "(1.step(by: 2, to: 5))"
1.0.step(2.0, 0.5).to_a #=> [1.0, 1.5, 2.0]
(1..3).pred #=> !! NoMethodError: undefined method `pred' for 1..3:Range
(1r..3r).include?(2) #=> true
((1..3).each_slice(2)).size #=> 2
(-1..-5).to_a #=> []
(0...0).to_a #=> []
(1..3).step(2).size #=> 2
("a".."c").sum("") #=> "abc"
(1..3).minmax { |a, b| b <=> a } #=> [3, 1]
(1...1).max #=> nil
(1..2).%(2).to_a #=> [1]
("aa"..).include?("b") #=> true
("aa"..).include?("a") #=> false
(.."aa").include?("a") #=> true
(1..5).cover?(6...7) #=> false
(1...5).cover?(5..5) #=> false
("a".."e").bsearch #=> !! TypeError: can't do binary search for String
(0...2**64).min(2) #=> [0, 1]
(nil..1).max(2) #=> !! RangeError: cannot get the maximum of beginless range with custom comparison method
(nil...1).max #=> !! TypeError: cannot exclude end value with non Integer begin value
("a".."e").step(2.0) {} #=> !! TypeError: no implicit conversion to float from string
(1.0...55.6).step(18.2).to_a #=> [1.0, 19.2, 37.4, 55.599999999999994]
(1.0...4.0).step(1.0).to_a #=> [1.0, 2.0, 3.0]
1.step(to: Float::INFINITY, by: 42).size #=> Infinity
1.0.step(2.0, 0.5).size #=> 3
1.step(by: 42).size #=> Infinity
1.step(by: 2, to: 5) == 1.step(5, 2) #=> true
1.step(5, 2).hash == 1.step(by: 2, to: 5).hash #=> true
Enumerator::ArithmeticSequence.new #=> !! NoMethodError: undefined method `new' for Enumerator::ArithmeticSequence:Class
