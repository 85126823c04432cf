# Making
[] #=> []
[1, "a", :b, nil, 1.5, [2]] #=> [1, "a", :b, nil, 1.5, [2]]
[*1..3, *[4, 5]] #=> [1, 2, 3, 4, 5]
%w[a b c] #=> ["a", "b", "c"]
%i[a b] #=> [:a, :b]
Array.new #=> []
Array.new(3) #=> [nil, nil, nil]
Array.new(2, "x") #=> ["x", "x"]
Array.new(3) { |i| i * i } #=> [0, 1, 4]
Array.new([1, 2]) #=> [1, 2]
Array.new(-1) #=> !! ArgumentError: negative array size
Array.new(1, 2, 3) #=> !! ArgumentError: wrong number of arguments (given 3, expected 0..2)
Array.new("a") #=> !! TypeError: no implicit conversion of String into Integer
Array.new(2.9, 0) #=> [0, 0]
Array[1, 2] #=> [1, 2]
Array(nil) #=> []
Array([1]) #=> [1]
Array(1..3) #=> [1, 2, 3]
Array({a: 1}) #=> [[:a, 1]]
Array("a") #=> ["a"]
Array.try_convert([1]) #=> [1]
Array.try_convert("a") #=> nil
Class.new(Array).new([1, 2]).map { |x| x }.class #=> Array
Class.new(Array)[1, 2].class == Array #=> false
Class.new(Array)[1, 2] + [3] #=> [1, 2, 3]
(Class.new(Array)[1, 2] + [3]).class #=> Array
# Elements
[1, 2, 3][0] #=> 1
[1, 2, 3][-1] #=> 3
[1, 2, 3][3] #=> nil
[1, 2, 3][-4] #=> nil
[1, 2, 3][0, 2] #=> [1, 2]
[1, 2, 3][1, 5] #=> [2, 3]
[1, 2, 3][3, 1] #=> []
[1, 2, 3][4, 1] #=> nil
[1, 2, 3][0, -1] #=> nil
[1, 2, 3][1..] #=> [2, 3]
[1, 2, 3][..1] #=> [1, 2]
[1, 2, 3][...-1] #=> [1, 2]
[1, 2, 3][-2..] #=> [2, 3]
[1, 2, 3][-4..] #=> nil
[1, 2, 3][3..] #=> []
[1, 2, 3][4..] #=> nil
[1, 2, 3][1.9] #=> 2
[1, 2, 3]["a"] #=> !! TypeError: no implicit conversion of String into Integer
[1, 2, 3][nil] #=> !! TypeError: no implicit conversion from nil to integer
[1, 2, 3, 4, 5][(1..).step(2)] #=> [2, 4]
[1, 2, 3, 4, 5][(..-2) % 2] #=> [1, 3]
[1, 2, 3, 4, 5][(-1..0).step(-2)] #=> [5, 3, 1]
[1, 2][(5..).step(2)] #=> !! RangeError: ((5..).step(2)) out of range
[1, 2, 3].slice(1) #=> 2
[1, 2, 3].at(-1) #=> 3
[1, 2, 3].at(5) #=> nil
[1, [2, [3]]].dig(1, 1, 0) #=> 3
[1].dig(0, 1) #=> !! TypeError: Integer does not have #dig method
[nil].dig(0, 1) #=> nil
[{a: [1]}].dig(0, :a, 0) #=> 1
[1].fetch(0) #=> 1
[1].fetch(3) #=> !! IndexError: index 3 outside of array bounds: -1...1
[1].fetch(-3) #=> !! IndexError: index -3 outside of array bounds: -1...1
[1].fetch(3, :d) #=> :d
[1].fetch(3) { |i| i * 2 } #=> 6
[1].fetch("x") #=> !! TypeError: no implicit conversion of String into Integer
[1, 2, 3].values_at(0, 2, 5, -1) #=> [1, 3, nil, 3]
[1, 2].values_at(0..3) #=> [1, 2, nil, nil]
[1, 2].values_at(3..4) #=> [nil, nil]
[1, 2].values_at(-3..1) #=> !! RangeError: -3..1 out of range
[1, 2, 3].first #=> 1
[].first #=> nil
[1, 2, 3].first(2) #=> [1, 2]
[1].first(-1) #=> !! ArgumentError: negative array size
[1].first("x") #=> !! TypeError: no implicit conversion of String into Integer
[1, 2, 3].last #=> 3
[].last #=> nil
[1, 2, 3].last(2) #=> [2, 3]
[1].last(5) #=> [1]
[1, 2, 3].take(2) #=> [1, 2]
[1].take(-1) #=> !! ArgumentError: attempt to take negative size
[1, 2, 3].drop(1) #=> [2, 3]
[1].drop(5) #=> []
[1].drop(-1) #=> !! ArgumentError: attempt to drop negative size
[1, 2, 3].take_while { |x| x < 2 } #=> [1]
[1, 2, 3].drop_while { |x| x < 2 } #=> [2, 3]
[[1, :a], [2, :b]].assoc(2) #=> [2, :b]
[[1, :a], 5, [2, :b]].rassoc(:b) #=> [2, :b]
[[1]].rassoc(1) #=> nil
[3].sample #=> 3
[].sample #=> nil
[3].sample(2) #=> [3]
[3].sample(-1) #=> !! ArgumentError: negative sample number
[1, 2, 3].shuffle(random: Random.new(42)) #=> [1, 2, 3]
[1, 2, 3, 4, 5].sample(random: Random.new(42)) #=> 4
# Changing
a = [1, 2, 3]; a[0] = 9; a #=> [9, 2, 3]
a = [1, 2, 3]; a[5] = 9; a #=> [1, 2, 3, nil, nil, 9]
a = [1, 2, 3]; a[-4] = 9 #=> !! IndexError: index -4 too small for array; minimum: -3
a = [1, 2, 3]; a[0, 2] = [7, 8, 9]; a #=> [7, 8, 9, 3]
a = [1, 2, 3]; a[0, 2] = 7; a #=> [7, 3]
a = [1, 2, 3]; a[1..] = []; a #=> [1]
a = [1, 2, 3]; a[0...2] = "x"; a #=> ["x", 3]
a = [1, 2, 3]; a[5..6] = 1; a #=> [1, 2, 3, nil, nil, 1]
a = [1, 2, 3]; a[-5..1] = 1 #=> !! RangeError: -5..1 out of range
a = [1, 2, 3]; a[-5, 1] = 1 #=> !! IndexError: index -5 too small for array; minimum: -3
a = [1, 2, 3]; a[0, -1] = 1 #=> !! IndexError: negative length (-1)
a = [1, 2, 3]; a[1, 0] = [8, 9]; a #=> [1, 8, 9, 2, 3]
a = [1]; a << 2 << 3; a #=> [1, 2, 3]
a = [1]; a.push(2, 3) #=> [1, 2, 3]
a = [1]; a.append(2) #=> [1, 2]
a = [1, 2, 3]; [a.pop, a] #=> [3, [1, 2]]
a = [1, 2, 3]; [a.pop(2), a] #=> [[2, 3], [1]]
[].pop #=> nil
[1].pop(-1) #=> !! ArgumentError: negative array size
a = [1, 2, 3]; [a.shift, a] #=> [1, [2, 3]]
a = [1, 2, 3]; [a.shift(2), a] #=> [[1, 2], [3]]
[].shift #=> nil
a = [1]; a.unshift(2, 3) #=> [2, 3, 1]
a = [1]; a.prepend(0) #=> [0, 1]
[1, 2].insert(1, :a, :b) #=> [1, :a, :b, 2]
[1, 2].insert(-2, :a) #=> [1, :a, 2]
[1, 2].insert(-1, :a) #=> [1, 2, :a]
[1].insert(3, 1) #=> [1, nil, nil, 1]
[1].insert(-3, 1) #=> !! IndexError: index -3 too small for array; minimum: -2
[1].insert(1) #=> [1]
[1].concat([2], [3, 4]) #=> [1, 2, 3, 4]
a = [1]; a.concat(a, a) #=> [1, 1, 1]
[1].concat(1) #=> !! TypeError: no implicit conversion of Integer into Array
[1, 2].clear #=> []
a = [1, 2, 1]; [a.delete(1), a] #=> [1, [2]]
[1].delete(2) #=> nil
[1].delete(2) { |x| x * 2 } #=> 4
a = [1, 2, 3]; [a.delete_at(1), a] #=> [2, [1, 3]]
[1].delete_at(5) #=> nil
a = [1, 2, 3]; [a.slice!(1), a] #=> [2, [1, 3]]
a = [1, 2, 3]; [a.slice!(0, 2), a] #=> [[1, 2], [3]]
a = [1, 2, 3]; [a.slice!(1..), a] #=> [[2, 3], [1]]
a = [1, 2, 3]; [a.slice!(5..), a] #=> [nil, [1, 2, 3]]
[1, 2, 3].delete_if { |x| x > 1 } #=> [1]
[1, 2, 3].reject! { |x| x > 5 } #=> nil
[1, 2, 3].reject! { |x| x > 1 } #=> [1]
[1, 2, 3].keep_if { |x| x > 1 } #=> [2, 3]
[1, 2, 3].select! { |x| x > 0 } #=> nil
[1, 2, 3].filter! { |x| x > 1 } #=> [2, 3]
a = [1, 2, 3, 4]; a.reject! { |x| break if x == 3; x == 1 }; a #=> [2, 3, 4]
a = [1, 2, 3]; a.map! { |x| x * 2 }; a #=> [2, 4, 6]
[1, nil, 2].compact! #=> [1, 2]
[1].compact! #=> nil
[1, 2].fill(0) #=> [0, 0]
[1, 2, 3].fill(9, 1) #=> [1, 9, 9]
[1, 2, 3].fill(8, 1, 1) #=> [1, 8, 3]
[1, 2, 3].fill(8, -2) #=> [1, 8, 8]
[1, 2].fill { |i| i } #=> [0, 1]
[1, 2, 3].fill(1..) { |x| x * x } #=> [1, 1, 4]
[1].fill(0, 3, 2) #=> [1, nil, nil, 0, 0]
[1].fill #=> !! ArgumentError: wrong number of arguments (given 0, expected 1..3)
[1, 2, 3].fill(0, 0..1) #=> [0, 0, 3]
[1, 2].replace([3]) #=> [3]
[1, 2].replace(3) #=> !! TypeError: no implicit conversion of Integer into Array
[1].freeze << 2 #=> !! FrozenError: can't modify frozen Array: [1]
[1].freeze.push #=> !! FrozenError: can't modify frozen Array: [1]
[3, 1].freeze.sort! #=> !! FrozenError: can't modify frozen Array: [3, 1]
[1].freeze.map! { |x| x } #=> !! FrozenError: can't modify frozen Array: [1]
[1].freeze.clear #=> !! FrozenError: can't modify frozen Array: [1]
[].freeze.pop #=> !! FrozenError: can't modify frozen Array: []
[1, 2].freeze.delete(3) #=> nil
[1, 2].freeze.delete(2) #=> !! FrozenError: can't modify frozen Array: [1, 2]
# Combining
[1, 2] + [3] #=> [1, 2, 3]
[1] + 1 #=> !! TypeError: no implicit conversion of Integer into Array
[1, 2, 2, 3] - [2] #=> [1, 3]
[1, 1.0] - [1] #=> [1.0]
[1, 2] * 2 #=> [1, 2, 1, 2]
[1, 2] * "," #=> "1,2"
[1] * -1 #=> !! ArgumentError: negative argument
[1] * nil #=> !! TypeError: no implicit conversion from nil to integer
[1, 2, 2] & [2, 3] #=> [2]
[1, 2] | [2, 3] #=> [1, 2, 3]
[1, 2].union([3], [1]) #=> [1, 2, 3]
[1, 2].union #=> [1, 2]
[1, 2, 3].difference([1], [2]) #=> [3]
[1, 1, 2].intersection([1, 2], [1]) #=> [1]
[1, 2].intersect?([2]) #=> true
[1, 2].intersect?([3]) #=> false
[1, "a", 1.0, "a", 1].uniq #=> [1, "a", 1.0]
[[1, :a], [1, :b]].uniq { |x, y| x } #=> [[1, :a]]
[1, 1].uniq! #=> [1]
[1, 2].uniq! #=> nil
[nil, 1, false, nil].compact #=> [1, false]
[1, [2, [3, [4]]]].flatten #=> [1, 2, 3, 4]
[1, [2, [3, [4]]]].flatten(1) #=> [1, 2, [3, [4]]]
[1, [2]].flatten(0) #=> [1, [2]]
[1, [2]].flatten! #=> [1, 2]
[1].flatten! #=> nil
a = [1]; a << a; a.flatten #=> !! ArgumentError: tried to flatten recursive array
[1, [2]].flatten("a") #=> !! TypeError: no implicit conversion of String into Integer
[[1, 2], [3, 4]].transpose #=> [[1, 3], [2, 4]]
[[1], [2, 3]].transpose #=> !! IndexError: element size differs (2 should be 1)
[].transpose #=> []
[1, 2].zip([3, 4], [5]) #=> [[1, 3, 5], [2, 4, nil]]
[1, 2].zip(3..4) #=> [[1, 3], [2, 4]]
[1, 2].zip(1..) #=> [[1, 1], [2, 2]]
[1].zip(2) #=> !! TypeError: wrong argument type Integer (must respond to :each)
r = []; [1, 2].zip([3, 4]) { |x| r << x }; r #=> [[1, 3], [2, 4]]
[1, 2].product([3, 4]) #=> [[1, 3], [1, 4], [2, 3], [2, 4]]
[1, 2].product #=> [[1], [2]]
[1, 2].product([]) #=> []
[1].product(1) #=> !! TypeError: no implicit conversion of Integer into Array
[1, 2, 3].combination(2).to_a #=> [[1, 2], [1, 3], [2, 3]]
[1, 2, 3].combination(0).to_a #=> [[]]
[1, 2, 3].combination(4).to_a #=> []
[1, 2, 3].combination(2).size #=> 3
[1, 2, 3].permutation(2).to_a #=> [[1, 2], [1, 3], [2, 1], [2, 3], [3, 1], [3, 2]]
[1, 2, 3].permutation.to_a #=> [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]]
[1, 2, 3].permutation(2).size #=> 6
[1, 2, 3].permutation(-1).to_a #=> []
[1, 2].repeated_combination(2).to_a #=> [[1, 1], [1, 2], [2, 2]]
[1, 2].repeated_permutation(2).to_a #=> [[1, 1], [1, 2], [2, 1], [2, 2]]
[1, 2].repeated_combination(2).size #=> 3
[1, 2].repeated_permutation(3).size #=> 8
(1..40).to_a.combination(20).size #=> 137846528820
# Order
[3, 1, 2].sort #=> [1, 2, 3]
%w[b a C].sort #=> ["C", "a", "b"]
[3, 1, 2].sort { |a, b| b <=> a } #=> [3, 2, 1]
[1, "a"].sort #=> !! ArgumentError: comparison of Integer with String failed
[nil, 1].sort #=> !! ArgumentError: comparison of NilClass with 1 failed
[3, 1].sort { nil } #=> !! ArgumentError: comparison of Integer with 1 failed
[[2, 1], [1, 2], [1, 1]].sort #=> [[1, 1], [1, 2], [2, 1]]
[1, 2.5, 3r].sort #=> [1, 2.5, (3/1)]
[0.1, Float::NAN].sort #=> !! ArgumentError: comparison of Float with NaN failed
%w[aa b ccc].sort_by { |x| x.size } #=> ["b", "aa", "ccc"]
%w[bb a cc d].sort_by(&:size) #=> ["a", "d", "bb", "cc"]
a = [3, 1]; a.sort!; a #=> [1, 3]
a = %w[aa b]; a.sort_by!(&:size); a #=> ["b", "aa"]
[3, 1, 2].max #=> 3
[3, 1, 2].min #=> 1
[].max #=> nil
[3, 1, 2].max(2) #=> [3, 2]
[3, 1, 2].min(2) #=> [1, 2]
[3, 1].min(-1) #=> !! ArgumentError: negative size (-1)
[1, "a"].itself.max #=> !! ArgumentError: comparison of Integer with String failed
%w[aa b].max { |a, b| a.size <=> b.size } #=> "aa"
[3, 1, 2].minmax #=> [1, 3]
[].minmax #=> [nil, nil]
%w[aa b ccc].minmax_by(&:size) #=> ["b", "ccc"]
%w[aa b ccc].max_by(&:size) #=> "ccc"
%w[aa b ccc].min_by(&:size) #=> "b"
%w[aa b ccc].max_by(2, &:size) #=> ["ccc", "aa"]
[1, 2, 3].sum #=> 6
[1, 2.5, 3r].sum #=> 6.5
([0.1] * 10).sum #=> 1.0
[3, 0.1, 0.2].sum #=> 3.3
[0.1, 0.2, 0.3, Float::INFINITY].sum #=> Infinity
["a", "b"].sum("") #=> "ab"
["a"].sum #=> !! TypeError: String can't be coerced into Integer
[nil, 1].sum #=> !! TypeError: nil can't be coerced into Integer
[[1], [2]].sum([]) #=> [1, 2]
[1, 2].sum { |x| x * 2 } #=> 6
[2**64, 1].sum #=> 18446744073709551617
[].sum(0.0) #=> 0.0
[1, 2, 3].reverse #=> [3, 2, 1]
a = [1, 2, 3]; a.reverse!; a #=> [3, 2, 1]
[1, 2, 3].rotate #=> [2, 3, 1]
[1, 2, 3].rotate(-1) #=> [3, 1, 2]
[1, 2, 3].rotate(10) #=> [2, 3, 1]
[].rotate #=> []
a = [1, 2, 3]; a.rotate!(2); a #=> [3, 1, 2]
[1, 3, 5, 7].bsearch { |x| x >= 4 } #=> 5
[1, 3, 5].bsearch { |x| 3 <=> x } #=> 3
[1, 3, 5].bsearch { |x| x > 9 } #=> nil
[1].bsearch { "a" } #=> !! TypeError: wrong argument type String (must be numeric, true, false or nil)
[1, 3, 5].bsearch_index { |x| x >= 3 } #=> 1
# Asking
[1, 2].include?(2) #=> true
[1, 2].include?(2.0) #=> true
[1, 2].member?(3) #=> false
[1, 2, 1].index(1) #=> 0
[1, 2, 1].index { |x| x > 1 } #=> 1
[1, 2, 1].find_index(5) #=> nil
[1, 2, 1].rindex(1) #=> 2
[1, 2, 1].rindex { |x| x > 1 } #=> 1
[1, 2, 1].count #=> 3
[1, 2, 1].count(1) #=> 2
[1, 2, 1].count(&:odd?) #=> 2
[1, 2].all? #=> true
[1, nil].all? #=> false
[1, 2].all?(Integer) #=> true
[1, 2].all? { |x| x > 1 } #=> false
[].all? #=> true
[nil, 1].any? #=> true
[].any? #=> false
[1, "a"].any?(String) #=> true
[1].any? { |x| x > 1 } #=> false
[].none? #=> true
[nil].none? #=> true
[1, nil].one? #=> true
[1, 1].one?(1) #=> false
[1, 2].length #=> 2
[].empty? #=> true
[1, 2] == [1, 2] #=> true
[1, 2] == [1.0, 2.0] #=> true
[1, 2].eql?([1.0, 2.0]) #=> false
[1, 2].eql?([1, 2]) #=> true
[1] == 1 #=> false
[1, 2].hash == [1, 2].hash #=> true
[1, 2].hash == [2, 1].hash #=> false
[1, 2] <=> [1, 3] #=> -1
[1, 2] <=> [1] #=> 1
[1] <=> ["a"] #=> nil
[1] <=> 1 #=> nil
a = [1]; a << a; a == a #=> true
a = [1]; a << a; b = [1]; b << b; a == b #=> true
[1, 2, 3] in [Integer, *] #=> true
# Text
[1, "a", :b, nil, 1.5, 1..2, {a: 1}].inspect #=> "[1, \"a\", :b, nil, 1.5, 1..2, {:a=>1}]"
[].to_s #=> "[]"
a = [1]; a << a; a.inspect #=> "[1, [...]]"
["é", "\xff", "\e"].inspect #=> "[\"é\", \"\\xFF\", \"\\e\"]"
[1, [2, [nil, :a]]].join(",") #=> "1,2,,a"
[1, 2].join #=> "12"
[].join #=> ""
[].join.encoding #=> #<Encoding:US-ASCII>
["é", 1].join.encoding #=> #<Encoding:UTF-8>
[1, 2].join(1) #=> !! TypeError: no implicit conversion of Integer into String
a = [1]; a << a; a.join #=> !! ArgumentError: recursive array join
["\xe9".b, "é"].join #=> !! Encoding::CompatibilityError: incompatible character encodings: ASCII-8BIT and UTF-8
[[1, 2], [3, 4]].to_h #=> {1=>2, 3=>4}
[1, 2].to_h { |x| [x, x * 2] } #=> {1=>2, 2=>4}
[1].to_h #=> !! TypeError: wrong element type Integer at 0 (expected array)
[[1]].to_h #=> !! ArgumentError: wrong array length at 0 (expected 2, was 1)
[1].to_h { 1 } #=> !! TypeError: wrong element type Integer at 0 (expected array)
[1, 2].to_a.equal?(nil) #=> false
[1, 2].entries #=> [1, 2]
[1, 2].deconstruct #=> [1, 2]
# Iterating
r = []; [1, 2].each { |x| r << x }; r #=> [1, 2]
[1, 2].each { |x| x } #=> [1, 2]
[1, 2].each.size #=> 2
[1, 2].each.inspect #=> "#<Enumerator: [1, 2]:each>"
r = []; [1, 2].each_index { |x| r << x }; r #=> [0, 1]
r = []; [1, 2].each_with_index { |x, i| r << [x, i] }; r #=> [[1, 0], [2, 1]]
r = []; [1, 2].reverse_each { |x| r << x }; r #=> [2, 1]
[1, 2].map { |x| x + 1 } #=> [2, 3]
[1, 2].map.with_index(1) { |x, i| x * i } #=> [1, 4]
[1, 2].map(&:to_s) #=> ["1", "2"]
[[1, 2], [3, 4]].map { |a, b| a + b } #=> [3, 7]
[[1, 2], [3, 4]].map { |a| a } #=> [[1, 2], [3, 4]]
[[1, [2, 3]]].map { |a, (b, c)| [a, b, c] } #=> [[1, 2, 3]]
[1, 2].collect { |x| x } #=> [1, 2]
[1, 2, 3].select(&:even?) #=> [2]
[1, 2, 3].filter(&:odd?) #=> [1, 3]
[1, 2, 3].reject(&:even?) #=> [1, 3]
[1, 2, 3, 4].partition(&:even?) #=> [[2, 4], [1, 3]]
[1, 2].each_with_object([]) { |x, a| a << x } #=> [1, 2]
[1, 2, 3].inject(:+) #=> 6
[1, 2, 3].inject { |a, b| a * b } #=> 6
[1, 2, 3].inject(10) { |a, b| a + b } #=> 16
[1, 2, 3].inject(10, :+) #=> 16
[1, 2, 3].reduce(1, :*) #=> 6
[].inject(:+) #=> nil
[1, 2].inject("+") #=> 3
[1].inject(:foo) #=> 1
[1, 2].inject(:foo) #=> !! NoMethodError: undefined method `foo' for 1:Integer
[1, 2].cycle.first(5) #=> [1, 2, 1, 2, 1]
r = []; [1, 2].cycle(2) { |x| r << x }; r #=> [1, 2, 1, 2]
[1, 2].cycle.size #=> Infinity
[1, 2].cycle(3).size #=> 6
[1, 2, 3].each_slice(2).to_a #=> [[1, 2], [3]]
[1, 2, 3].each_slice(0) #=> !! ArgumentError: invalid slice size
[1, 2, 3].each_cons(2).to_a #=> [[1, 2], [2, 3]]
[1, 2, 3].each_slice(2).size #=> 2
[1, 2, 3].each_cons(2).size #=> 2
a = [1, 2, 3]; r = []; a.each { |x| r << x; a.delete(1) }; r #=> [1, 3]
a = [1, 2]; r = []; a.each { |x| r << x; a << 9 if a.size < 4 }; r #=> [1, 2, 9, 9]
a = [1, 2, 3]; a.each { |x| break x * 10 if x == 2 } #=> 20
[1, 2, 3].each { |x| next if x == 2 } #=> [1, 2, 3]
[1, 2, 2, 3].tally #=> {1=>1, 2=>2, 3=>1}
[1, 2, 3].group_by(&:odd?) #=> {true=>[1, 3], false=>[2]}
[1, 2, 4, 5, 7].slice_when { |a, b| b != a + 1 }.to_a #=> [[1, 2], [4, 5], [7]]
[1, 2, 4, 5, 7].chunk_while { |a, b| b == a + 1 }.to_a #=> [[1, 2], [4, 5], [7]]
[1, 3, 2, 4, 5].chunk(&:odd?).to_a #=> [[true, [1, 3]], [false, [2, 4]], [true, [5]]]
[1, 2, 3].flat_map { |x| [x, x] } #=> [1, 1, 2, 2, 3, 3]
[1, [2, 3]].flat_map { |x| x } #=> [1, 2, 3]
[1, 2, 3].filter_map { |x| x * 2 if x.odd? } #=> [2, 6]
[1, 2, 3].find { |x| x > 1 } #=> 2
[1, 2, 3].detect { |x| x > 5 } #=> nil
[1, 2, 3].find(-> { :none }) { |x| x > 5 } #=> :none
["a", "b1", "c2"].grep(/\d/) #=> ["b1", "c2"]
["a", "b1", "c2"].grep(/(\d)/) { $1 } #=> ["1", "2"]
["a", "b1", 3].grep_v(String) #=> [3]
[1, "a", :b].grep(Integer) #=> [1]
[1, 2, 3].each_entry.to_a #=> [1, 2, 3]
[3, 1, 2].each_with_index.max #=> [3, 0]
[3, 1, 2].each_with_index.sort_by { |x, i| x }.map(&:last) #=> [1, 2, 0]
[1, 2, 3].lazy.map { |x| x * 2 }.select(&:even?).first(2) #=> [2, 4]
[1, 2, 3].to_enum(:each_slice, 2).to_a #=> [[1, 2], [3]]
[4, 5].each.with_index(1).to_a #=> [[4, 1], [5, 2]]
[4, 5].each_with_index.to_a #=> [[4, 0], [5, 1]]
[4, 5].each.with_object(:o).to_a #=> [[4, :o], [5, :o]]
[4, 5].sum.then { |x| x + 1 } #=> 10
[1, 2, 3].step rescue "no step" #=> "no step"
[1, 2].frozen? #=> false
[1, 2].dup << 3 #=> [1, 2, 3]
[1, 2].freeze.dup.frozen? #=> false
[1, 2].freeze.clone.frozen? #=> true
[1, 2].respond_to?(:each) #=> true
[1, 2].foo #=> !! NoMethodError: undefined method `foo' for [1, 2]:Array
[].foo(1) #=> !! NoMethodError: undefined method `foo' for []:Array
Array.instance_method(:map).arity #=> 0
[1, 2].method(:push).arity #=> -1
[1, 2].first(1, 2) #=> !! ArgumentError: wrong number of arguments (given 2, expected 0..1)
[1].push.length #=> 1
a, (b, *c), d = 1, [2, 3, 4], 5; [a, b, c, d] #=> [1, 2, [3, 4], 5]
*a, b = [1, 2, 3]; [a, b] #=> [[1, 2], 3]
[[1, [2]], 3].flatten.map(&:succ) #=> [2, 3, 4]
["a", "b"].each_with_index.to_h #=> {"a"=>0, "b"=>1}
%w[x y z].each_with_index.map { |s, i| s * i } #=> ["", "y", "zz"]
[0.1, 0.2, 0.3].sum #=> 0.6
[1e100, 1.0, -1e100].sum #=> 1.0
[3, 5].minmax { |a, b| b <=> a } #=> [5, 3]
[1, 2, 3, 4].sum { |x| x / 2.0 } #=> 5.0
["a".b, "é"].inspect #=> "[\"a\", \"é\"]"
[1, 2, 3].to_a.pack("C*") #=> "\x01\x02\x03"
["616263"].pack("H*") #=> "abc"
["abc"].pack("m0") #=> "YWJj"
[[].inject, [1].inject] #=> [nil, 1]
[1, 2].inject #=> !! LocalJumpError: no block given
[1, 1].intersection #=> [1, 1]
[1].find_index #=> #<Enumerator: [1]:find_index>
[1, "a"].min(0) #=> []
