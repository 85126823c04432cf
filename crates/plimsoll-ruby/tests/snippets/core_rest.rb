[].instance_eval { initialize(3, 1) } #=> [1, 1, 1]
[1].first(Class.new { def to_int = 2**70 }.new) #=> !! RangeError: bignum too big to convert into `long'
Array.instance_method(:append) == Array.instance_method(:push) #=> true
Hash.instance_method(:key?) == Hash.instance_method(:has_key?) #=> true
String.instance_method(:upcase) == String.instance_method(:downcase) #=> false
1.method(:succ).public? #=> true
Object.instance_method(:puts).private? #=> true
OpenStruct.new(class: 1).class! #=> OpenStruct
OpenStruct.new(class: 1).class #=> 1
OpenStruct.new(a: 1).to_h! #=> {:a=>1}
OpenStruct.new(a: 1).respond_to?(:each_pair!) #=> true
SignalException.new("INT").message #=> "SIGINT"
SignalException.new("SIGTERM").signo #=> 15
SignalException.new(9).signm #=> "SIGKILL"
SignalException.new("FOO") #=> !! ArgumentError: unsupported signal `SIGFOO'
Interrupt.new.message #=> "Interrupt"
Interrupt.new("x").signo #=> 2
"é".encode("US-ASCII") rescue $!.error_char #=> "é"
"é".encode("US-ASCII") rescue $!.source_encoding_name #=> "UTF-8"
"é".encode("US-ASCII") rescue $!.destination_encoding #=> #<Encoding:US-ASCII>
"\xff".encode("US-ASCII") rescue $!.error_bytes #=> "\xFF"
"\xc3x".encode("US-ASCII") rescue $!.readagain_bytes #=> "x"
"\xc3".encode("US-ASCII") rescue $!.incomplete_input? #=> true
Random.new(42).random_number(10) #=> 6
Random.superclass #=> Random::Base
Random::Base.include?(Random::Formatter) #=> true
Module.used_modules #=> []
nil ^ 1 #=> true
nil ^ nil #=> false
Struct.new(:a, :b).new(1, 2).deconstruct_keys(["a", 1]) #=> {"a"=>1, 1=>2}
Struct.new(:a, :b).new(1, 2).deconstruct_keys([0, -1]) #=> {0=>1, -1=>2}
Struct.new(:a, :b).new(1, 2).deconstruct_keys([5, 0]) #=> {}
Struct.new(:a, :b).new(1, 2).deconstruct_keys([[]]) #=> !! TypeError: no implicit conversion of Array into Integer
[2, nil].max #=> !! ArgumentError: comparison of Integer with nil failed
[2, nil].min #=> !! ArgumentError: comparison of Integer with nil failed
[nil, 2].max #=> !! ArgumentError: comparison of NilClass with 2 failed
[2, nil].minmax #=> !! ArgumentError: comparison of Integer with nil failed
[2, nil].each_entry.max #=> !! ArgumentError: comparison of NilClass with 2 failed
[2, nil].each_entry.min #=> !! ArgumentError: comparison of NilClass with 2 failed
[3, 1, 2].max { |a, b| b <=> a } #=> 1
((1..10) % 5).to_s.start_with?("#<Enumerator::ArithmeticSequence:0x") #=> true
((1..10) % 5).inspect #=> "((1..10).%(5))"
[SystemCallError.new("x", 2).class, SystemCallError.new("x", 2).message, SystemCallError.new(2).message] #=> [Errno::ENOENT, "No such file or directory - x", "No such file or directory"]
[SystemCallError.new("x").message, SystemCallError.new("x").errno, SystemCallError.new(nil).message] #=> ["unknown error - x", nil, "unknown error"]
SystemCallError.new("x", 99999).message #=> "Unknown error 99999 - x"
SystemCallError.new("x", 22, "here").message #=> "Invalid argument @ here - x"
SystemCallError.new #=> !! ArgumentError: wrong number of arguments (given 0, expected 1..3)
SystemCallError.new(:x) #=> !! TypeError: no implicit conversion of Symbol into String
SystemCallError.new("x", "y") #=> !! TypeError: no implicit conversion of String into Integer
Errno::EINVAL.new("a", "b").message #=> "Invalid argument @ b - a"
[Errno::ENOENT.new.message, Errno::ENOENT.new("f").errno, Errno::ENOENT::Errno] #=> ["No such file or directory", 2, 2]
[Errno::EWOULDBLOCK.equal?(Errno::EAGAIN), Errno::ENOTSUP.equal?(Errno::EOPNOTSUPP), Errno::EMFILE.new.message] #=> [true, true, "Too many open files"]
begin; raise Errno::EACCES, "f"; rescue SystemCallError => e; [e.class, e.message]; end #=> [Errno::EACCES, "Permission denied - f"]
begin; raise Errno::EACCES, "f"; rescue Errno::ENOENT, Errno::EACCES => e; e.message; end #=> "Permission denied - f"
Class.new(Errno::ENOENT) === Errno::ENOENT.new #=> true
Errno::ENOENT === SystemCallError.new("x", 2) #=> true
Errno::ENOENT === StandardError.new #=> false
SystemCallError === Errno::ENOENT.new #=> true
Integer("x", exception: 1) #=> !! ArgumentError: expected true or false as exception: 1
Float("1", exception: nil) #=> !! ArgumentError: expected true or false as exception: nil
Integer("x", exception: false) #=> nil
out = StringIO.new; printf(out, "%d-%s", 1, "a"); out.string #=> "1-a"
printf(StringIO.new) #=> !! ArgumentError: too few arguments
Time.instance_method(:gmtoff) == Time.instance_method(:utc_offset) #=> true
Time.method(:gm) == Time.method(:utc) #=> true
[Time.gm(2000, 1, 2).mday, Time.gm(2000, 3).mon, Time.gm(2000).gmt?, Time.gm(2000).isdst, Time.at(0, 5, :usec).tv_usec] #=> [2, 3, true, false, 5]
caller(1000) #=> nil
caller(0, -1) #=> !! ArgumentError: negative size (-1)
def caller_snippet; caller(0..0).size; end; caller_snippet #=> 1
