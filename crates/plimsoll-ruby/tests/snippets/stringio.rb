StringIO.new("abc").read #=> "abc"
StringIO.new("abc").read(2) #=> "ab"
StringIO.new("é").read(1) #=> "\xC3"
StringIO.new("").read #=> ""
StringIO.new("").read(1) #=> nil
StringIO.new("").read(0) #=> ""
StringIO.new("abc").read(-1) #=> !! ArgumentError: negative length -1 given
io = StringIO.new("abcdef"); [io.read(2), io.pos, io.read, io.eof?, io.read, io.read(1)] #=> ["ab", 2, "cdef", true, "", nil]
b = +"zzz"; io = StringIO.new("abc"); [io.read(2, b), b, io.read(9, b), b, io.read(1, b), b] #=> ["", "", "", "", nil, ""]
StringIO.new("a\nb\nc").gets #=> "a\n"
StringIO.new("").gets #=> nil
StringIO.new("a\n\n\n\nb\n\nc").each_line("").to_a #=> ["a\n\n", "b\n\n", "c"]
StringIO.new("\n\n\na\n\n\n\nb\n\nc").each_line("", chomp: true).to_a #=> ["a\n", "b\n", "c"]
StringIO.new("axxbxxc").each_line("xx").to_a #=> ["axx", "bxx", "c"]
StringIO.new("abc\ndef").each_line(2).to_a #=> ["ab", "c\n", "de", "f"]
StringIO.new("abc\ndef").each_line(4, chomp: true).to_a #=> ["abc", "def"]
StringIO.new("a\r\nb\n").each_line(chomp: true).to_a #=> ["a", "b"]
StringIO.new("a\r\nb\n").each_line(nil, chomp: true).to_a #=> ["a\r\nb"]
StringIO.new("a\nb").each_line(nil).to_a #=> ["a\nb"]
StringIO.new("éa").gets(1) #=> "é"
StringIO.new("abc").gets(0) #=> ""
StringIO.new("abc").gets(1, 2) #=> !! TypeError: no implicit conversion of Integer into String
StringIO.new("abc").gets(Object.new) #=> !! TypeError: no implicit conversion of Object into Integer
StringIO.new("abc").each_line(0) {} #=> !! ArgumentError: invalid limit: 0 for each_line
StringIO.new("abc").readlines(0) #=> !! ArgumentError: invalid limit: 0 for readlines
StringIO.new("a\nb\n").readlines #=> ["a\n", "b\n"]
StringIO.new("a\nb\n").readlines(chomp: true) #=> ["a", "b"]
StringIO.new("a\nb\n").each.with_index.to_a #=> [["a\n", 0], ["b\n", 1]]
StringIO.new("a\nb\n").map(&:chomp) #=> ["a", "b"]
StringIO.new("a\nb\n").each_line.class #=> Enumerator
io = StringIO.new("a\nb\n"); io.gets; io.lineno #=> 1
io = StringIO.new("abc"); io.lineno = 5; io.gets; io.lineno #=> 6
io = StringIO.new("a"); io.read; io.readline #=> !! EOFError: end of file reached
io = StringIO.new("a"); io.read; io.readchar #=> !! EOFError: end of file reached
io = StringIO.new("a"); io.read; io.readbyte #=> !! EOFError: end of file reached
io = StringIO.new("a"); io.read; io.sysread #=> ""
io = StringIO.new("a"); io.read; io.sysread(1) #=> !! EOFError: end of file reached
StringIO.new("ab").readpartial(5) #=> "ab"
StringIO.new("").read_nonblock(5, exception: false) #=> nil
StringIO.new("abc").each_byte.to_a #=> [97, 98, 99]
StringIO.new("aé").each_char.to_a #=> ["a", "é"]
StringIO.new("aé").each_codepoint.to_a #=> [97, 233]
io = StringIO.new("éb"); [io.getc, io.getc, io.getc] #=> ["é", "b", nil]
io = StringIO.new("é"); [io.getbyte, io.getbyte, io.getbyte] #=> [195, 169, nil]
io = StringIO.new("abc"); io.ungetc("xy"); io.string #=> "xyabc"
io = StringIO.new("abc"); io.read(2); io.ungetc(0x41); [io.string, io.pos] #=> ["aAc", 1]
io = StringIO.new("abc"); io.pos = 5; io.ungetc("xyz"); [io.string, io.pos] #=> ["abxyz", 2]
io = StringIO.new("abc"); io.read(1); io.ungetbyte(0x5a); [io.string, io.read] #=> ["Zbc", "Zbc"]
io = StringIO.new; [io.write("ab", 1, :c), io.string] #=> [4, "ab1c"]
io = StringIO.new("abcdef"); io.write("XY"); [io.string, io.pos] #=> ["XYcdef", 2]
io = StringIO.new("abc"); io.pos = 5; io.write("x"); io.string #=> "abc\u0000\u0000x"
io = StringIO.new(+"abc", "a"); io.write("d"); [io.string, io.pos] #=> ["abcd", 4]
StringIO.new(+"abc", "w").string #=> ""
StringIO.new(+"abc", "r+").string #=> "abc"
StringIO.new("abc", "r").write("x") #=> !! IOError: not opened for writing
StringIO.new(+"abc", "w").read #=> !! IOError: not opened for reading
StringIO.new("abc".freeze).write("x") #=> !! IOError: not opened for writing
StringIO.new("abc".freeze, "w") #=> !! Errno::EACCES: Permission denied
StringIO.new("abc", "q") #=> !! ArgumentError: invalid access mode q
StringIO.new(1) #=> !! TypeError: no implicit conversion of Integer into String
StringIO.new("a", "r", "x", 3) #=> !! ArgumentError: wrong number of arguments (given 4, expected 0..2)
StringIO.new(+"abc", File::RDWR | File::TRUNC).string #=> ""
io = StringIO.new; io.print("a", 1, nil); io.puts([1, [2, nil]], "a\n"); io << :x << 2; io.printf("%03d", 5); io.string #=> "a11\n2\n\na\nx2005"
io = StringIO.new; io.puts; io.puts([]); io.puts(nil); io.string #=> "\n\n"
io = StringIO.new(+"abc"); io.putc("xy"); io.putc(65.3); io.string #=> "xAc"
io = StringIO.new(+"abc"); io.truncate(1); io.string #=> "a"
io = StringIO.new(+"abc"); io.truncate(5); io.string #=> "abc\u0000\u0000"
StringIO.new("a").truncate(-1) #=> !! Errno::EINVAL: Invalid argument - negative length
StringIO.new("abc").seek(0, 9) #=> !! Errno::EINVAL: Invalid argument - invalid whence
StringIO.new("abc").seek(-1) #=> !! Errno::EINVAL: Invalid argument
StringIO.new("abc").pos = -1 #=> !! Errno::EINVAL: Invalid argument
io = StringIO.new("abc"); io.seek(-1, IO::SEEK_END); io.read #=> "c"
io = StringIO.new("abc"); io.read(1); io.seek(1, IO::SEEK_CUR); io.read #=> "c"
io = StringIO.new("abc"); io.read; io.rewind; io.read #=> "abc"
io = StringIO.new("abc"); io.close; [io.closed?, io.closed_read?, io.closed_write?] #=> [true, true, true]
io = StringIO.new("abc"); io.close; io.read #=> !! IOError: not opened for reading
io = StringIO.new("abc"); io.close; io.seek(0) #=> !! IOError: closed stream
io = StringIO.new("abc"); io.close_read; [io.closed?, io.closed_read?] #=> [false, true]
io = StringIO.new("abc"); io.close_read; io.close_read #=> nil
io = StringIO.new(+"abc"); io.close_write; io.write("x") #=> !! IOError: not opened for writing
io = StringIO.new("abc"); other = io.dup; other.read(1); io.pos #=> 1
io = StringIO.new("abc"); io.string = "xyz"; io.read #=> "xyz"
io = StringIO.new("abc"); io.string = nil #=> !! TypeError: no implicit conversion of nil into String
io = StringIO.new("abc"); io.reopen("xyz"); io.read #=> "xyz"
StringIO.open("abc") { |io| io.read } #=> "abc"
StringIO.open("abc").read #=> "abc"
StringIO.new("abc").size #=> 3
[StringIO.new.sync, StringIO.new.fileno, StringIO.new.tty?, StringIO.new.fsync, StringIO.new.pid] #=> [true, nil, false, 0, nil]
StringIO.new.external_encoding #=> #<Encoding:UTF-8>
StringIO.new("\xEF\xBB\xBFabc").tap(&:set_encoding_by_bom).read #=> "abc"
io = StringIO.new(+"abc"); io.set_encoding("BINARY"); [io.string.encoding, io.read.encoding] #=> [#<Encoding:ASCII-8BIT>, #<Encoding:ASCII-8BIT>]
StringIO.new.fcntl #=> !! NotImplementedError: fcntl() function is unimplemented on this machine
before = $stdout; $stdout = StringIO.new; puts "a", 1; print "b"; p :c; printf("%d", 4); text = $stdout.string; $stdout = before; text #=> "a\n1\nb:c\n4"
before = $stderr; $stderr = StringIO.new; $stderr.puts "a"; text = $stderr.string; $stderr = before; text #=> "a\n"
$stdout = 1 #=> !! TypeError: $stdout must have write method, Integer given
before = $stdout; log = []; $stdout = Class.new { define_method(:write) { |*a| log << a } }.new; puts "a"; p 1; print "x"; $stdout = before; log #=> [["a", "\n"], ["1", "\n"], ["x"]]
