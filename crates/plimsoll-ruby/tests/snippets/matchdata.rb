"hello world".match(/(\w+) (\w+)/) #=> #<MatchData "hello world" 1:"hello" 2:"world">
"hello world".match(/(?<a>\w+) (?<b>\w+)/) #=> #<MatchData "hello world" a:"hello" b:"world">
"hello".match(/(l)(x)?/) #=> #<MatchData "l" 1:"l" 2:nil>
"hello".match(/l/).inspect #=> "#<MatchData \"l\">"
"hello world".match(/(\w+) (\w+)/)[0] #=> "hello world"
"hello world".match(/(\w+) (\w+)/)[1] #=> "hello"
"hello world".match(/(\w+) (\w+)/)[-1] #=> "world"
"hello world".match(/(\w+) (\w+)/)[3] #=> nil
"hello world".match(/(\w+) (\w+)/)[1, 2] #=> ["hello", "world"]
"hello world".match(/(\w+) (\w+)/)[1..] #=> ["hello", "world"]
"hello".match(/(?<x>l+)/)[:x] #=> "ll"
"hello".match(/(?<x>l+)/)["x"] #=> "ll"
"hello".match(/(?<x>l+)/)[:y] #=> !! IndexError: undefined group name reference: y
"hello".match(/l/)[:y] #=> !! IndexError: undefined group name reference: y
"hello".match(/(l)(l)/).begin(0) #=> 2
"hello".match(/(l)(l)/).end(2) #=> 4
"hello".match(/(l)(l)/).offset(1) #=> [2, 3]
"hello".match(/(l)(x)?/).begin(2) #=> nil
"hello".match(/(l)(x)?/).offset(2) #=> [nil, nil]
"hello".match(/(l)/).begin(2) #=> !! IndexError: index 2 out of matches
"hello".match(/(?<x>l)/).begin(:x) #=> 2
"äöü".match(/ü/).begin(0) #=> 2
"äöü".match(/ö/).pre_match #=> "ä"
"äöü".match(/ö/).post_match #=> "ü"
"hello".match(/(l)(l)/).captures #=> ["l", "l"]
"hello".match(/(l)(x)?/).captures #=> ["l", nil]
"hello".match(/(l)(l)/).to_a #=> ["ll", "l", "l"]
"hello".match(/(l)(l)/).to_s #=> "ll"
"hello".match(/(?<a>l)(?<b>x)?/).named_captures #=> {"a"=>"l", "b"=>nil}
"hello".match(/(?<a>h)|(?<a>e)/).named_captures #=> {"a"=>"h"}
"hello".match(/(?<a>l)(?<b>l)/).names #=> ["a", "b"]
"hello".match(/(l)(l)/).names #=> []
"hello".match(/(l)(l)/).values_at(0, 2, -1) #=> ["ll", "l", "l"]
"hello".match(/(l)(l)/).values_at(0..1) #=> ["ll", "l"]
"hello".match(/(?<a>l)(?<b>l)/).values_at(:a, "b") #=> ["l", "l"]
"hello".match(/(l)(l)/).size #=> 3
"hello".match(/(l)(l)/).length #=> 3
"hello".match(/l/).string #=> "hello"
"hello".match(/l/).string.frozen? #=> true
"hello".match(/l/).regexp #=> /l/
"hello".match("l").regexp #=> /l/
"hello".match(/l/) == "hello".match(/l/) #=> true
"hello".match(/l/).eql?("hello".match(/e/)) #=> false
"hello".match(/l/).match(0) #=> "l"
"hello".match(/(l)(x)?/).match_length(2) #=> nil
"hello".match(/(l+)/).match_length(1) #=> 2
"hello".gsub("l") { $~.begin(0).to_s } #=> "he23o"
"hello".sub("l", "x"); $~.regexp #=> /l/
"hello".sub("l", "x"); $~[0] #=> "l"
"hello".scan(/l/); $~.begin(0) #=> 3
"hello".scan("l") { }; $~.begin(0) #=> 3
"hello"["ell"]; $~ #=> nil
"hello" =~ /e/; [$~.pre_match, $~.post_match] #=> ["h", "llo"]
m = "hello".match(/l/); m.to_s << "x"; m.to_s #=> "l"
MatchData.new #=> !! NoMethodError: undefined method `new' for MatchData:Class
"a".match(/a/).class #=> MatchData
"foobar".match(/o/).hash == "foobar".match(/o/).hash #=> true
s = +"abc"; m = s.match(/b/); s << "z"; m.string #=> "abc"
"hello".match(/l/).dup #=> #<MatchData "l">
MatchData.allocate #=> !! NoMethodError: undefined method `allocate' for MatchData:Class
"hello".match(/(l)/)[-2] #=> nil
