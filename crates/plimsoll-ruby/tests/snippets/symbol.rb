:abc #=> :abc
:"a b" #=> :"a b"
:"a" #=> :a
:a? #=> :a?
:a! #=> :a!
:a= #=> :a=
:[] #=> :[]
:[]= #=> :[]=
:+ #=> :+
:<=> #=> :<=>
:! #=> :!
:"foo=" #=> :foo=
:"9a" #=> :"9a"
:"é" #=> :é
:@a #=> :@a
:@@a #=> :@@a
:$a #=> :$a
:"@" #=> :"@"
:"a?=" #=> :"a?="
:"" #=> :""
:"a-b" #=> :"a-b"
:nil #=> :nil
:"$1" #=> :$1
:"$01" #=> :"$01"
:"$-w" #=> :$-w
:"A=" #=> :A=
:"[]?" #=> :"[]?"
:!~ #=> :!~
:"&&" #=> :"&&"
:a == :a #=> true
:a == "a" #=> false
:a.equal?(:a) #=> true
:a <=> :b #=> -1
:a <=> "a" #=> nil
:a.to_s #=> "a"
:a.name #=> "a"
:a.name.frozen? #=> true
:a.to_sym #=> :a
:a.to_proc.call("x") rescue $!.class #=> NoMethodError
:upcase.to_proc.call("x") #=> "X"
:+.to_proc.call(1, 2) #=> 3
%w[a b].map(&:upcase) #=> ["A", "B"]
:upcase.to_proc.lambda? #=> true
:upcase.to_proc.arity #=> -2
:upcase.to_proc.call #=> !! ArgumentError: no receiver given
:abc.length #=> 3
:abc.size #=> 3
:äb.size #=> 2
:"".empty? #=> true
:abc[1] #=> "b"
:abc[0..1] #=> "ab"
:abc[/b./] #=> "bc"
:abc.upcase #=> :ABC
:ABC.downcase #=> :abc
:abc.capitalize #=> :Abc
:aBc.swapcase #=> :AbC
:abc.succ #=> :abd
:az.next #=> :ba
:abc =~ /b/ #=> 1
:abc.match(/b/) #=> #<MatchData "b">
:abc.match?(/z/) #=> false
:abc.start_with?("a") #=> true
:abc.end_with?("c") #=> true
:a.casecmp(:A) #=> 0
:a.casecmp?(:A) #=> true
:a.casecmp("A") #=> nil
:a.encoding #=> #<Encoding:US-ASCII>
:é.encoding #=> #<Encoding:UTF-8>
:a.frozen? #=> true
:a.inspect #=> ":a"
:a.hash == :a.hash #=> true
:b.between?(:a, :c) #=> true
:a.id2name #=> "a"
:a.dup.equal?(:a) #=> true
[:b, :a].sort #=> [:a, :b]
[:b, :a].min #=> :a
:a.respond_to?(:new) #=> false
Symbol.new #=> !! NoMethodError: undefined method `new' for Symbol:Class
:a.is_a?(Comparable) #=> true
:a <=> nil #=> nil
:a.upcase(:ascii) #=> :A
%s(a b) #=> :"a b"
%i[a b] #=> [:a, :b]
{ a: 1, "b c": 2, :d? => 3 } #=> {:a=>1, :"b c"=>2, :d?=>3}
{ "a": 1, :+ => 2, "é": 3, :a= => 4 } #=> {:a=>1, :+=>2, :é=>3, :a==>4}
:a.instance_of?(Symbol) #=> true
:a.then { |x| x } #=> :a
"foo bar".to_sym.inspect #=> ":\"foo bar\""
:a < :b #=> true
:a.methods.include?(:to_proc) #=> true
case :a when :a then 1 end #=> 1
:a.to_proc.inspect.sub(/0x\h+/, "0x") #=> "#<Proc:0x(&:a) (lambda)>"
:abc.slice(1) #=> "b"
