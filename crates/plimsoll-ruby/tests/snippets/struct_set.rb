[S, S.new(1), S.new(1,2), S[1,2], S.members, S.new(1,2).members, S.new(1,2,3)] #=> !! NameError: uninitialized constant S
[S.new(1,2).to_a, S.new(1,2).to_h, S.new(1,2).to_h{|k,v|[k.to_s,v]}, S.new(1,2)==S.new(1,2), S.new(1,2).eql?(S.new(1.0,2)), S.new(1,2).hash==S.new(1,2).hash] #=> !! NameError: uninitialized constant S
S.new(1)[:c] #=> !! NameError: uninitialized constant S
S.new(1)["c"] #=> !! NameError: uninitialized constant S
S.new(1)[2] #=> !! NameError: uninitialized constant S
S.new(1)[-3] #=> !! NameError: uninitialized constant S
[S.new(1)[-1], S.new(1)["a"], S.new(1)[1.5]] #=> !! NameError: uninitialized constant S
S.new(1)[:c]=1 #=> !! NameError: uninitialized constant S
S.new(1)[5]=1 #=> !! NameError: uninitialized constant S
S.new(1).freeze.a=1 #=> !! NameError: uninitialized constant S
S.new(1).freeze[:a]=1 #=> !! NameError: uninitialized constant S
[K, K.new(a: 1), K.members, K.keyword_init?, S.keyword_init?] #=> !! NameError: uninitialized constant K
K.new(1) #=> !! NameError: uninitialized constant K
K.new(c: 1) #=> !! NameError: uninitialized constant K
K.new(c: 1, d: 2) #=> !! NameError: uninitialized constant K
[S.new(a: 1)] #=> !! NameError: uninitialized constant S
Struct.new #=> !! ArgumentError: wrong number of arguments (given 0, expected 1+)
Struct.new("foo") #=> !! NameError: identifier foo needs to be constant
[Struct.new("Foo", :x).new(1), Struct::Foo] #=> [#<struct Struct::Foo x=1>, Struct::Foo]
Struct.new(:a, :a) #=> !! ArgumentError: duplicate member: a
Struct.new(1) #=> !! TypeError: no implicit conversion of Integer into String
[S.new([1,{x: 2}]).dig(:a,1,:x)] #=> !! NameError: uninitialized constant S
[S.new(1).foo] #=> !! NameError: uninitialized constant S
[S.new(1,2) <=> S.new(1,3)] #=> !! NameError: uninitialized constant S
[Struct.new(:"a b", :c?).new(1,2)] #=> [#<struct :"a b"=1, :c?=2>]
[S.new(1,2).values_at(5)] #=> !! NameError: uninitialized constant S
[Struct.new(:a).new(1) == Struct.new(:a).new(1)] #=> [false]
[S.new(1,2).filter_map{|x| x}, S.new(1,2).each_with_index.to_a, S.method_defined?(:a=), S.new(5).then{|s| s.a}] #=> !! NameError: uninitialized constant S
S.new(1).values_at("a") #=> !! NameError: uninitialized constant S
[S.new(1,2)[nil]] #=> !! NameError: uninitialized constant S
[Set[1,2], Set.new([1,2,2]), Set.new, Set.new([1]).to_s, Set.new(nil), Set.new([1,2]){|x|x*2}, Set[1].inspect, Set[Set[1]]] #=> [#<Set: {1, 2}>, #<Set: {1, 2}>, #<Set: {}>, "#<Set: {1}>", #<Set: {}>, #<Set: {2, 4}>, "#<Set: {1}>", #<Set: {#<Set: {1}>}>]
Set.new(1) #=> !! ArgumentError: value must be enumerable
[Set[1] | [2], Set[1,2] & [2], Set[1,2]-[1], Set[1,2]^[2,3], Set[1]+Set[2], Set[1].union([2]), Set[1].intersection([1]), Set[1].difference([1])] #=> [#<Set: {1, 2}>, #<Set: {2}>, #<Set: {2}>, #<Set: {3, 1}>, #<Set: {1, 2}>, #<Set: {1, 2}>, #<Set: {1}>, #<Set: {}>]
Set[1] | 1 #=> !! ArgumentError: value must be enumerable
[Set[1]==Set[1], Set[1,2]==Set[2,1], Set[1]==[1], Set[1].eql?(Set[1]), Set[1].hash==Set[1].hash, Set[1].subset?(Set[1,2]), Set[1]<Set[1,2], Set[1,2]>=Set[1], Set[1]<=>Set[1,2], Set[1]<=>Set[2], Set[1]<=>1, Set[1].superset?(Set[1]), Set[1].proper_superset?(Set[]), Set[1].disjoint?(Set[2]), Set[1].intersect?(Set[1]), Set[1]===1, Set[1].include?(2), Set[1].member?(1), Set[1].contain?(1)] #=> !! NoMethodError: undefined method `contain?' for #<Set: {1}>
Set[1].subset?([1]) #=> !! ArgumentError: value must be a set
[Set[1].intersect?([1])] #=> [true]
Set[1].intersect?(3) #=> !! ArgumentError: value must be enumerable
Set[1].freeze << 2 #=> !! FrozenError: can't modify frozen Hash: {1=>true}
[Set[1,2].compare_by_identity.compare_by_identity?, Set[3,1].sort_by{|x|x}, [1,1].to_set, {a: 1}.to_set, (1..3).to_set{|x|x*2}, Set[1].to_set, Set[1,2].each_slice(1).to_a, Set[1,nil].inspect, Set[1].add([2])] #=> [true, [1, 3], #<Set: {1}>, #<Set: {[:a, 1]}>, #<Set: {2, 4, 6}>, #<Set: {1}>, [[1], [2]], "#<Set: {1, nil}>", #<Set: {1, [2]}>]
[Set[1,2].filter_map{|x| x}, Set[1,2] <= Set[1,2], Set[1,2].proper_subset?(Set[1,2,3]), Set[1].instance_of?(Set), Set[[1,2]].to_a, Set["a"].include?("a"), Set[1,2].each_with_index.to_a, case 1 when Set[1] then :y end, Set[1,2].collect{|x|x}.class, Set.new([1,2]).sum, Set[1]!=Set[2], Set[1,2].then{|a| a.size}, Set[1,2].hash.class , Set[1,2].find{|x|x>1}] #=> [[1, 2], true, true, true, [[1, 2]], true, [[1, 0], [2, 1]], :y, Array, 3, true, 2, Integer, 2]
OpenStruct.new.delete_field(:q) #=> !! NameError: no field `q' in #<OpenStruct>
OpenStruct.new(a: 1).freeze.a = 2 #=> !! FrozenError: can't modify frozen Hash: {:a=>1}
OpenStruct.new.foo(1) #=> !! NoMethodError: undefined method `foo' for #<OpenStruct>
OpenStruct.new(1) #=> !! NoMethodError: undefined method `each_pair' for 1:Integer
OpenStruct.new(a: 1).dig(1) #=> !! TypeError: 1 is not a symbol nor a string
