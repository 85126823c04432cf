# Making
{} #=> {}
{a: 1, "b" => 2, nil => 3, 1.5 => :x} #=> {:a=>1, "b"=>2, nil=>3, 1.5=>:x}
{"a b": 1, a?: 2, "é": 3, :+ => 4, :a= => 5, A: 6, :"9" => 7, :[] => 8} #=> {:"a b"=>1, :a?=>2, :é=>3, :+=>4, :a==>5, :A=>6, :"9"=>7, :[]=>8}
Hash.new #=> {}
Hash.new(5)[:x] #=> 5
Hash.new { |h, k| h[k] = k.to_s }[:x] #=> "x"
h = Hash.new { |h, k| h[k] = [] }; h[:a] << 1; h #=> {:a=>[1]}
h = Hash.new(0); "hello".each_char { |c| h[c] += 1 }; h #=> {"h"=>1, "e"=>1, "l"=>2, "o"=>1}
Hash.new(1) { } #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
Hash.new(&->(a) { }) #=> !! TypeError: default_proc takes two arguments (2 for 1)
Hash.new(&->(a, b) { b })[3] #=> 3
Hash[1, 2, 3, 4] #=> {1=>2, 3=>4}
Hash[[[1, 2], [3, 4]]] #=> {1=>2, 3=>4}
Hash[[[1]]] #=> {1=>nil}
Hash[{a: 1}] #=> {:a=>1}
Hash[1, 2, 3] #=> !! ArgumentError: odd number of arguments for Hash
Hash[[1]] #=> !! ArgumentError: wrong element type Integer at 0 (expected array)
Hash[[[1, 2, 3]]] #=> !! ArgumentError: invalid number of elements (3 for 1..2)
Hash.try_convert({a: 1}) #=> {:a=>1}
Hash.try_convert(1) #=> nil
Hash([[1, 2]]) rescue $!.message #=> "can't convert Array into Hash"
Hash(nil) #=> {}
Hash([]) #=> {}
{a: 1, **{b: 2}} #=> {:a=>1, :b=>2}
x = 1; {x:} #=> {:x=>1}
{a: 1, a: 2} #=> {:a=>2}
# Looking up
{a: 1}[:a] #=> 1
{a: 1}[:b] #=> nil
{a: 1}.fetch(:a) #=> 1
{a: 1}.fetch(:b) #=> !! KeyError: key not found: :b
{"a" => 1}.fetch("b") #=> !! KeyError: key not found: "b"
{a: 1}.fetch(:b, 2) #=> 2
{a: 1}.fetch(:b) { |k| k.to_s } #=> "b"
begin; {a: 1}.fetch(:b); rescue KeyError => e; [e.key, e.receiver]; end #=> [:b, {:a=>1}]
{a: 1}.dig(:a) #=> 1
{a: {b: [1, 2]}}.dig(:a, :b, 1) #=> 2
{a: 1}.dig(:a, :b) #=> !! TypeError: Integer does not have #dig method
{a: nil}.dig(:a, :b) #=> nil
{a: 1, b: 2}.values_at(:a, :c) #=> [1, nil]
{a: 1, b: 2}.fetch_values(:a, :b) #=> [1, 2]
{a: 1}.fetch_values(:b) #=> !! KeyError: key not found: :b
{a: 1}.fetch_values(:b) { |k| k } #=> [:b]
{a: 1}.key?(:a) #=> true
{a: 1}.has_key?(:b) #=> false
{a: 1}.include?(:a) #=> true
{a: 1}.member?(:a) #=> true
{a: 1}.value?(1) #=> true
{a: 1}.has_value?(2) #=> false
{a: 1, b: 1}.key(1) #=> :a
{a: 1}.key(2) #=> nil
{a: 1, b: 2}.keys #=> [:a, :b]
{a: 1, b: 2}.values #=> [1, 2]
{a: 1}.length #=> 1
{}.empty? #=> true
{a: 1}.assoc(:a) #=> [:a, 1]
{a: 1}.assoc(:b) #=> nil
{a: 1}.rassoc(1) #=> [:a, 1]
{a: 1, b: 2, c: 3}.slice(:a, :c, :z) #=> {:a=>1, :c=>3}
{a: 1, b: 2}.except(:a) #=> {:b=>2}
{1 => :a}[1.0] #=> nil
{1.0 => :a}[1] #=> nil
{"a" => 1}["a".dup] #=> 1
{[1, 2] => 3}[[1, 2]] #=> 3
{nil => 1}[nil] #=> 1
{{a: 1} => 2}[{a: 1}] #=> 2
{2**70 => 1}[2**70] #=> 1
# Changing
h = {a: 1}; h[:b] = 2; h #=> {:a=>1, :b=>2}
h = {a: 1}; h.store("k", 2); h #=> {:a=>1, "k"=>2}
k = "k"; h = {k => 1}; [h.keys[0].frozen?, h.keys[0].equal?(k)] #=> [true, false]
h = {a: 1, b: 2}; [h.delete(:a), h] #=> [1, {:b=>2}]
{a: 1}.delete(:b) #=> nil
{a: 1}.delete(:b) { |k| "no #{k}" } #=> "no b"
h = {a: 1, b: 2}; h.delete_if { |k, v| v > 1 } #=> {:a=>1}
{a: 1}.reject! { |k, v| v > 1 } #=> nil
{a: 1, b: 2}.reject! { |k, v| v > 1 } #=> {:a=>1}
{a: 1, b: 2}.keep_if { |k, v| v > 1 } #=> {:b=>2}
{a: 1}.select! { |k, v| true } #=> nil
{a: 1, b: 2}.filter! { |k, v| v == 1 } #=> {:a=>1}
{a: 1}.clear #=> {}
h = {a: 1, b: 2}; [h.shift, h] #=> [[:a, 1], {:b=>2}]
{}.shift #=> nil
Hash.new(5).shift #=> 5
{a: 1}.replace({b: 2}) #=> {:b=>2}
{a: 1}.merge({b: 2}) #=> {:a=>1, :b=>2}
{a: 1}.merge #=> {:a=>1}
{a: 1}.merge({a: 2}, {a: 3}) { |k, o, n| [k, o, n] } #=> {:a=>[:a, [:a, 1, 2], 3]}
{a: 1}.merge({a: 2, b: 3}) { |k, o, n| o + n } #=> {:a=>3, :b=>3}
{a: 1}.update({b: 2}) #=> {:a=>1, :b=>2}
{a: 1}.merge!(1) #=> !! TypeError: no implicit conversion of Integer into Hash
{a: nil, b: 1}.compact #=> {:b=>1}
{a: nil, b: 1}.compact! #=> {:b=>1}
{b: 1}.compact! #=> nil
{a: 1, b: 2}.transform_keys(&:to_s) #=> {"a"=>1, "b"=>2}
{a: 1, b: 2}.transform_keys({a: :c}) #=> {:c=>1, :b=>2}
{a: 1, b: 2}.transform_keys({a: :c}) { |k| k.to_s } #=> {:c=>1, "b"=>2}
{a: 1}.transform_keys(1) #=> !! TypeError: no implicit conversion of Integer into Hash
{a: 1, b: 2}.transform_keys!({a: :b}) #=> {:b=>2}
{a: 1, b: 2}.transform_keys!(&:to_s) #=> {"a"=>1, "b"=>2}
{a: 1}.transform_values { |v| v * 2 } #=> {:a=>2}
h = {a: 1}; h.transform_values!(&:to_s); h #=> {:a=>"1"}
h = {a: 1}; h.default = 5; [h[:x], h.default] #=> [5, 5]
h = Hash.new { |h, k| k }; [h.default, h.default(3), h.default_proc.class] #=> [nil, 3, Proc]
h = {a: 1}; h.default_proc = 1 #=> !! TypeError: wrong default_proc type Integer (expected Proc)
h = {a: 1}; h.default_proc = ->(h, k) { k }; h[3] #=> 3
h = {a: 1}; h.default_proc = ->(h) { } #=> !! TypeError: default_proc takes two arguments (2 for 1)
h = Hash.new { 1 }; h.default_proc = nil; h[:a] #=> nil
h = {a: 1}; h.each { h[:b] = 2 } #=> !! RuntimeError: can't add a new key into hash during iteration
h = {a: 1, b: 2}; h.each { |k, v| h.delete(k) }; h #=> {}
h = {a: 1, b: 2}; h.each { |k, v| h[k] = v + 1 }; h #=> {:a=>2, :b=>3}
{a: 1}.freeze[:b] = 1 #=> !! FrozenError: can't modify frozen Hash: {:a=>1}
{a: 1}.freeze.delete(:z) #=> !! FrozenError: can't modify frozen Hash: {:a=>1}
{a: 1}.freeze.merge!({}) #=> !! FrozenError: can't modify frozen Hash: {:a=>1}
h = {}.compare_by_identity; h["a".dup] = 1; h["a".dup] = 2; h.size #=> 2
h = {a: 1}.compare_by_identity; h.compare_by_identity? #=> true
a = [1]; h = {a => 1}; a << 2; [h[a], h.rehash[a]] #=> [nil, 1]
# Asking
{a: 1} == {a: 1.0} #=> true
{a: 1}.eql?({a: 1.0}) #=> false
{a: 1, b: 2} == {b: 2, a: 1} #=> true
{a: 1}.hash == {a: 1}.hash #=> true
{a: 1, b: 2}.hash == {b: 2, a: 1}.hash #=> true
{a: 1} == 1 #=> false
{a: 1} <= {a: 1, b: 2} #=> true
{a: 1} < {a: 1} #=> false
{a: 1, b: 2} > {a: 1} #=> true
{a: 1} >= {a: 2} #=> false
{a: 1} > 1 #=> !! TypeError: no implicit conversion of Integer into Hash
{a: 1}.any? #=> true
{}.any? #=> false
{a: nil}.any? #=> true
{a: 1}.any? { |k, v| v > 1 } #=> false
{a: 1}.any?([:a, 1]) #=> true
{a: 1}.all? { |k, v| v == 1 } #=> true
{a: 1}.all? { |(k, v)| v == 1 } #=> true
{a: 1}.none? #=> false
{a: 1}.one? #=> true
{a: 1, b: 2}.count #=> 2
{a: 1, b: 2}.count { |k, v| v > 1 } #=> 1
{a: 1}.sum { |k, v| v } #=> 1
{a: 1}.sum #=> !! TypeError: Array can't be coerced into Integer
# Text and conversion
{a: 1, "b" => [nil, :c]}.inspect #=> "{:a=>1, \"b\"=>[nil, :c]}"
{}.to_s #=> "{}"
h = {}; h[:a] = h; h.inspect #=> "{:a=>{...}}"
h = {}; a = [h]; h[:a] = a; h.inspect #=> "{:a=>[{...}]}"
{a: 1}.to_a #=> [[:a, 1]]
{a: 1}.to_h #=> {:a=>1}
{a: 1}.to_h { |k, v| [v, k] } #=> {1=>:a}
{a: 1}.to_h { |k, v| 1 } #=> !! TypeError: wrong element type Integer (expected array)
{a: 1}.to_h { |k, v| [1] } #=> !! ArgumentError: element has wrong array length (expected 2, was 1)
{a: 1}.to_hash #=> {:a=>1}
{a: 1, b: [2, [3]]}.flatten #=> [:a, 1, :b, [2, [3]]]
{a: 1, b: [2, [3]]}.flatten(2) #=> [:a, 1, :b, 2, [3]]
{a: 1, b: [2, [3]]}.flatten(-1) #=> [:a, 1, :b, 2, 3]
{a: 1, b: [2, [3]]}.flatten(0) #=> [[:a, 1], [:b, [2, [3]]]]
{a: 1, b: 2}.invert #=> {1=>:a, 2=>:b}
{a: 1}.to_proc.call(:a) #=> 1
[:a, :b].map(&{a: 1}) #=> [1, nil]
{a: 1}.to_proc.lambda? #=> true
# Iterating
r = []; {a: 1}.each { |k, v| r << [k, v] }; r #=> [[:a, 1]]
r = []; {a: 1}.each { |x| r << x }; r #=> [[:a, 1]]
r = []; {a: 1}.each_pair { |k, v| r << k }; r #=> [:a]
r = []; {a: 1}.each_key { |k| r << k }; r #=> [:a]
r = []; {a: 1}.each_value { |v| r << v }; r #=> [1]
{a: 1}.each { } #=> {:a=>1}
{a: 1}.each.size #=> 1
{a: 1}.each.inspect #=> "#<Enumerator: {:a=>1}:each>"
{a: 1}.each.next #=> [:a, 1]
{a: 1, b: 2}.select { |k, v| v > 1 } #=> {:b=>2}
{a: 1, b: 2}.filter { |k, v| v > 1 } #=> {:b=>2}
{a: 1, b: 2}.reject { |k, v| v > 1 } #=> {:a=>1}
r = []; {a: 1}.select { |k| r << k }; r #=> [:a]
{a: 1}.map { |k, v| [v, k] } #=> [[1, :a]]
{a: 1}.map { |x| x } #=> [[:a, 1]]
{a: 1}.map(&:first) #=> [:a]
{a: 1}.map(&->(k, v) { [k, v] }) #=> [[:a, 1]]
{a: 1}.each_with_index.map { |(k, v), i| [k, v, i] } #=> [[:a, 1, 0]]
{a: 1}.each_with_object([]) { |(k, v), m| m << k } #=> [:a]
{a: 1, b: 2}.inject { |a, b| a + b } #=> [:a, 1, :b, 2]
{a: 1, b: 2}.reduce(0) { |s, (k, v)| s + v } #=> 3
{a: 1, b: 2}.find { |k, v| v == 2 } #=> [:b, 2]
{a: 1, b: 2}.find_all { |k, v| v == 2 } #=> [[:b, 2]]
{a: 1, b: 2}.partition { |k, v| v == 2 } #=> [[[:b, 2]], [[:a, 1]]]
{a: 1, b: 1}.group_by { |k, v| v } #=> {1=>[[:a, 1], [:b, 1]]}
{a: 1, b: 2}.min_by { |k, v| -v } #=> [:b, 2]
{a: 1, b: 2}.max_by { |k, v| v } #=> [:b, 2]
{b: 1, a: 2}.sort #=> [[:a, 2], [:b, 1]]
{b: 1, a: 2}.sort_by { |k, v| k } #=> [[:a, 2], [:b, 1]]
{b: 1, a: 2}.sort_by { |k, v| -v }.to_h #=> {:a=>2, :b=>1}
{b: 1, a: 2}.min #=> [:a, 2]
{a: 1, b: 2}.sum { |k, v| v * 1.5 } #=> 4.5
{a: 1}.flat_map { |k, v| [k] * 2 } #=> [:a, :a]
{a: 1, b: nil}.filter_map { |k, v| k if v } #=> [:a]
{a: 1}.zip([2]) #=> [[[:a, 1], 2]]
{a: 1, b: 2}.each_slice(1).to_a #=> [[[:a, 1]], [[:b, 2]]]
{a: 1, b: 2}.each_cons(2).to_a #=> [[[:a, 1], [:b, 2]]]
{a: 1}.first #=> [:a, 1]
{a: 1, b: 2}.first(1) #=> [[:a, 1]]
{a: 1}.take(1) #=> [[:a, 1]]
{a: 1}.drop(1) #=> []
{a: 1}.take_while { |k, v| v > 1 } #=> []
{a: 1}.entries #=> [[:a, 1]]
{a: 1}.each_entry.to_a #=> [[:a, 1]]
{a: 1}.uniq #=> [[:a, 1]]
{a: 1, b: 1}.uniq { |k, v| v } #=> [[:a, 1]]
{a: 1}.tally #=> {[:a, 1]=>1}
{a: 1}.cycle.first(2) #=> [[:a, 1], [:a, 1]]
{a: 1}.find_index([:a, 1]) #=> 0
{a: 1}.find_index { |k, v| v == 1 } #=> 0
{a: 1}.lazy.map { |k, v| v }.to_a #=> [1]
{a: 1, b: 2}.minmax_by { |k, v| v } #=> [[:a, 1], [:b, 2]]
{a: 1, b: 2}.each_with_index.to_a #=> [[[:a, 1], 0], [[:b, 2], 1]]
{a: 1, b: 2}.reverse_each.to_a #=> [[:b, 2], [:a, 1]]
{a: 1}.to_enum.next #=> [:a, 1]
{a: 1}.deconstruct_keys([:a]) #=> {:a=>1}
({a: 1, b: 2} in {a: Integer => x}) #=> true
{a: 1}.foo #=> !! NoMethodError: undefined method `foo' for {:a=>1}:Hash
{a: 1}.fetch #=> !! ArgumentError: wrong number of arguments (given 0, expected 1..2)
{a: 1}.dup.equal?(nil) #=> false
{a: 1}.freeze.dup.frozen? #=> false
h = Hash.new(3); h.dup[:x] #=> 3
Class.new(Hash).new.merge({a: 1}).class == Hash #=> false
Class.new(Hash)[a: 1].select { true }.class #=> Hash
Class.new(Hash) { def default(k = nil) = "d#{k}" }.new[:x] #=> "dx"
h = {}; h[:a] ||= []; h[:a] << 1; h #=> {:a=>[1]}
h = {a: 1}; h[:a] += 1; h #=> {:a=>2}
{a: 1}.then { |h| h[:a] } #=> 1
{"a" => 1}.transform_keys(&:to_sym) #=> {:a=>1}
{a: 1}.each_with_index { |x, i| } #=> {:a=>1}
{a: 1, b: 2}.delete_if.size #=> 2
{a: {b: 1}}.merge({a: {c: 2}}) { |k, a, b| a.merge(b) } #=> {:a=>{:b=>1, :c=>2}}
def kw(**o) = o; kw(a: 1, **{"b" => 2}) #=> {:a=>1, "b"=>2}
{1 => 2}.any? { |k| k == [1, 2] } #=> true
{a: 1}.entries(1) #=> !! ArgumentError: wrong number of arguments (given 1, expected 0)
