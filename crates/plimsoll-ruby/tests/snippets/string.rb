# Making
String.new #=> ""
String.new("a") #=> "a"
String.new("é", encoding: "BINARY") #=> "\xC3\xA9"
String.new(capacity: 100) #=> ""
String.new.encoding #=> #<Encoding:ASCII-8BIT>
"".encoding #=> #<Encoding:UTF-8>
String.new("abc", "def") #=> !! ArgumentError: wrong number of arguments (given 2, expected 0..1)
String.try_convert("a") #=> "a"
String.try_convert(1) #=> nil
String.try_convert(Class.new { def to_str = "x" }.new) #=> "x"
"abc".dup.equal?("abc") #=> false
"abc".frozen? #=> false
:a.to_s.frozen? #=> false
# Comparing
"a" == "a" #=> true
"a" == :a #=> false
"a".eql?("a") #=> true
"a".equal?("a") #=> false
"a" === "a" #=> true
"a" <=> "b" #=> -1
"b" <=> "a" #=> 1
"a" <=> "a" #=> 0
"a" <=> 1 #=> nil
"a" <=> nil #=> nil
"abc" <=> "abcd" #=> -1
"é" == "é".b #=> false
"a" == "a".b #=> true
"é".b <=> "é" #=> -1
"a".hash == "a".hash #=> true
"a" != "b" #=> true
"abc" < "abd" #=> true
"b".between?("a", "c") #=> true
"b".clamp("c", "d") #=> "c"
"a" < 1 #=> !! ArgumentError: comparison of String with 1 failed
"aB".casecmp("Ab") #=> 0
"aB".casecmp("b") #=> -1
"a".casecmp(1) #=> nil
"aB".casecmp?("Ab") #=> true
"Straße".casecmp?("STRASSE") #=> true
"ä".casecmp?("Ä") #=> true
"ä".casecmp("Ä") #=> 1
"a".casecmp?(nil) #=> nil
# Joining
"a" + "b" #=> "ab"
"a" + 1 #=> !! TypeError: no implicit conversion of Integer into String
"a" + nil #=> !! TypeError: no implicit conversion of nil into String
"é" + "\xff".b #=> !! Encoding::CompatibilityError: incompatible character encodings: UTF-8 and ASCII-8BIT
"a" * 3 #=> "aaa"
"a" * 0 #=> ""
"a" * -1 #=> !! ArgumentError: negative argument
"ab" * 2.9 #=> "abab"
"a" << "b" #=> "ab"
"a" << 98 #=> "ab"
"a" << 233 #=> "aé"
"a".force_encoding("US-ASCII") << 233 #=> "a\xE9"
"a" << -1 #=> !! RangeError: -1 out of char range
"a" << 0x110000 #=> !! RangeError: 1114112 out of char range
"a".concat("b", "c") #=> "abc"
"a".concat #=> "a"
x = "a"; x.concat(x, x) #=> "aaa"
"a".prepend("b", "c") #=> "bca"
"abc".insert(1, "X") #=> "aXbc"
"abc".insert(-1, "X") #=> "abcX"
"abc".insert(-2, "X") #=> "abXc"
"abc".insert(4, "X") #=> !! IndexError: index 4 out of string
"abc".insert(-5, "X") #=> !! IndexError: index -4 out of string
"a".freeze << "b" #=> !! FrozenError: can't modify frozen String: "a"
"a".freeze.upcase! #=> !! FrozenError: can't modify frozen String: "a"
"%d%%" % 5 #=> "5%"
"%s and %s" % %w[a b] #=> "a and b"
"%s" % nil #=> ""
"%s" % [nil] #=> ""
"%p" % [[1]] #=> "[1]"
"%{a}" % { a: 1 } #=> "1"
"%<a>05.1f" % { a: 1.25 } #=> "001.2"
# Length
"äöü".length #=> 3
"äöü".bytesize #=> 6
"äöü".size #=> 3
"".empty? #=> true
" ".empty? #=> false
"\xff\xfe".length #=> 2
"é".b.length #=> 2
# Index
"hello"[0] #=> "h"
"hello"[-1] #=> "o"
"hello"[5] #=> nil
"hello"[6] #=> nil
"hello"[1, 3] #=> "ell"
"hello"[5, 1] #=> ""
"hello"[6, 1] #=> nil
"hello"[1, -1] #=> nil
"hello"[-3, 2] #=> "ll"
"hello"[1..3] #=> "ell"
"hello"[1...3] #=> "el"
"hello"[1..] #=> "ello"
"hello"[..2] #=> "hel"
"hello"[-3..-2] #=> "ll"
"hello"[5..] #=> ""
"hello"[6..] #=> nil
"hello"[3..1] #=> ""
"hello"["ell"] #=> "ell"
"hello"["xyz"] #=> nil
"hello"[/l+/] #=> "ll"
"hello"[/(h)(e)/, 2] #=> "e"
"hello"[/(h)(e)/, 3] #=> nil
"hello"[/(?<x>l+)/, "x"] #=> "ll"
"hello"[/(?<x>l+)/, :x] #=> "ll"
"hello"[/(?<x>l+)/, "y"] #=> !! IndexError: undefined group name reference: y
"hello"[nil] #=> !! TypeError: no implicit conversion from nil to integer
"hello"["a", 1] #=> !! TypeError: no implicit conversion of String into Integer
"hello"[1.9] #=> "e"
"äöü"[1] #=> "ö"
"äöü"[1..] #=> "öü"
"äöü"[1, 1] #=> "ö"
"hello".slice(1, 2) #=> "el"
"hello".byteslice(1, 2) #=> "el"
"äöü".byteslice(0, 2) #=> "ä"
"äöü".byteslice(1) #=> "\xA4"
"hello".byteslice(-2..) #=> "lo"
"hello".byteslice(9) #=> nil
"hello".byteslice(5) #=> nil
"hello".byteslice(5, 1) #=> ""
"hello".getbyte(0) #=> 104
"hello".getbyte(-1) #=> 111
"hello".getbyte(9) #=> nil
x = "hello"; x.setbyte(0, 74); x #=> "Jello"
x = "hello"; x.setbyte(9, 74); x #=> !! IndexError: index 9 out of string
"hello".chr #=> "h"
"".chr #=> ""
x = "hello"; x[0] = "J"; x #=> "Jello"
x = "hello"; x[1, 3] = "ipp"; x #=> "hippo"
x = "hello"; x[1..2] = ""; x #=> "hlo"
x = "hello"; x["l"] = "L"; x #=> "heLlo"
x = "hello"; x["z"] = "L"; x #=> !! IndexError: string not matched
x = "hello"; x[/l+/] = "L"; x #=> "heLo"
x = "hello"; x[/(h)(e)/, 2] = "E"; x #=> "hEllo"
x = "hello"; x[/(h)(x)?/, 2] = "E"; x #=> !! IndexError: regexp group 2 not matched
x = "hello"; x[/(h)/, 3] = "E"; x #=> !! IndexError: index 3 out of regexp
x = "hello"; x[/z/] = "E"; x #=> !! IndexError: regexp not matched
x = "hello"; x[9] = "E"; x #=> !! IndexError: index 9 out of string
x = "hello"; x[5] = "E"; x #=> "helloE"
x = "hello"; x[-9] = "E"; x #=> !! IndexError: index -9 out of string
x = "hello"; x[9..10] = "E"; x #=> !! RangeError: 9..10 out of range
x = "hello"; x[1, -1] = "E"; x #=> !! IndexError: negative length -1
x = "hello"; x[0] = 5; x #=> !! TypeError: no implicit conversion of Integer into String
x = ""; x[0] = "a"; x #=> "a"
x = "hello"; x.slice!(1) #=> "e"
x = "hello"; [x.slice!(1..2), x] #=> ["el", "hlo"]
x = "hello"; [x.slice!("ll"), x] #=> ["ll", "heo"]
x = "hello"; [x.slice!(/l./), x] #=> ["ll", "heo"]
x = "hello"; [x.slice!(9), x] #=> [nil, "hello"]
x = "hello"; [x.slice!(1, 2), x] #=> ["el", "hlo"]
# Search
"hello".index("l") #=> 2
"hello".index("l", 3) #=> 3
"hello".index("l", -2) #=> 3
"hello".index("z") #=> nil
"hello".index("") #=> 0
"hello".index("", 5) #=> 5
"hello".index("", 6) #=> nil
"hello".index(/l/) #=> 2
"hello".index(/l/, -1) #=> nil
"hello".index(1) #=> !! TypeError: no implicit conversion of Integer into String
"äöü".index("ü") #=> 2
"hello".rindex("l") #=> 3
"hello".rindex("l", 2) #=> 2
"hello".rindex("l", -3) #=> 2
"hello".rindex(/l/) #=> 3
"hello".rindex(/l+/) #=> 3
"hello".rindex("") #=> 5
"hello".rindex("z") #=> nil
"hello".rindex(/./, 1) #=> 1
"hello".include?("ell") #=> true
"hello".include?("") #=> true
"hello".include?(nil) #=> !! TypeError: no implicit conversion of nil into String
"hello".start_with?("he") #=> true
"hello".start_with?("x", "h") #=> true
"hello".start_with?(/h./) #=> true
"hello".start_with?(/e/) #=> false
"hello".start_with? #=> false
"hello".start_with?(1) #=> !! TypeError: no implicit conversion of Integer into String
"hello".end_with?("lo") #=> true
"hello".end_with?("x", "o") #=> true
"hello".end_with?("") #=> true
"hello" =~ /l/ #=> 2
"hello" =~ /z/ #=> nil
"hello" =~ "l" #=> !! TypeError: type mismatch: String given
"hello" =~ nil #=> nil
"hello".match(/l(l)/) #=> #<MatchData "ll" 1:"l">
"hello".match("l(l)") #=> #<MatchData "ll" 1:"l">
"hello".match(/l/, 3) #=> #<MatchData "l">
"hello".match(/z/) #=> nil
"hello".match(/l/) { |m| m.begin(0) } #=> 2
"hello".match?(/l/) #=> true
"hello".match?("z") #=> false
"hello".match?(/l/, 4) #=> false
"hello".match(nil) #=> !! TypeError: wrong argument type nil (expected Regexp)
"hello".count("l") #=> 2
"hello".count("a-z", "^l") #=> 3
"hello".count #=> !! ArgumentError: wrong number of arguments (given 0, expected 1+)
"hello".delete("l") #=> "heo"
"hello".delete("a-k", "^e") #=> "ello"
"hello".delete("^l") #=> "ll"
"hel-lo".delete("-") #=> "hello"
"hello".squeeze #=> "helo"
"aaabbb".squeeze("a") #=> "abbb"
"hello".squeeze("a-z") #=> "helo"
"hello".squeeze("z-a") #=> !! ArgumentError: invalid range "z-a" in string transliteration
"hello".squeeze!("x") #=> nil
"hello".delete!("x") #=> nil
"a\\b".delete("\\\\") #=> "ab"
"hello".tr("el", "ip") #=> "hippo"
"hello".tr("a-y", "b-z") #=> "ifmmp"
"hello".tr("^l", "*") #=> "**ll*"
"hello".tr("elo", "1") #=> "h1111"
"hello".tr("l", "") #=> "heo"
"hello".tr("a-z", "A-Z") #=> "HELLO"
"he-llo".tr("-", "_") #=> "he_llo"
"hello".tr("", "x") #=> "hello"
"hello".tr("a\\-z", "_") #=> "hello"
"hello^".tr("\\^", "x") #=> "hellox"
"hello".tr_s("l", "r") #=> "hero"
"hello".tr_s("el", "*") #=> "h*o"
"hello".tr!("x", "y") #=> nil
"hello".tr!("l", "y") #=> "heyyo"
"äöü".tr("ä-ü", "x") #=> "xxx"
"äöü".tr("äü", "AU") #=> "AöU"
"äöü".delete("ö") #=> "äü"
"hello".sum #=> 532
"hello".sum(8) #=> 20
"hello".ord #=> 104
"ä".ord #=> 228
"".ord #=> !! ArgumentError: empty string
"\xff".ord #=> !! ArgumentError: invalid byte sequence in UTF-8
# Case
"hELLO".capitalize #=> "Hello"
"hELLO".swapcase #=> "Hello"
"hELLO".upcase #=> "HELLO"
"hELLO".downcase #=> "hello"
"äÖ".upcase #=> "ÄÖ"
"äÖ".downcase #=> "äö"
"äÖ".swapcase #=> "Äö"
"äÖ".capitalize #=> "Äö"
"äÖ".upcase(:ascii) #=> "äÖ"
"ß".upcase #=> "SS"
"ß".downcase(:fold) #=> "ss"
"I".downcase(:turkic) #=> "ı"
"i".upcase(:turkic) #=> "İ"
"ǆ".capitalize #=> "ǅ"
"ΑΣ".downcase #=> "ασ"
"İ".downcase #=> "i̇"
"a".upcase(:x) #=> !! ArgumentError: invalid option
"a".upcase("x") #=> !! ArgumentError: invalid option
"a".upcase(:fold) #=> !! ArgumentError: option :fold only allowed for downcasing
"a".upcase! #=> "A"
"A".upcase! #=> nil
"a".downcase! #=> nil
"Abc".capitalize! #=> nil
"abc".swapcase! #=> "ABC"
"\xff".upcase #=> !! ArgumentError: input string invalid
"\xffa".b.upcase #=> "\xFFA"
# Stripping
"  a b \n".strip #=> "a b"
"  a b \n".lstrip #=> "a b \n"
"  a b \n".rstrip #=> "  a b"
"\0 a\0".strip #=> "a"
"\0 a\0".lstrip #=> "a\u0000"
"\t\v\f\r\n a".lstrip #=> "a"
"a".strip! #=> nil
" a".strip! #=> "a"
"a ".lstrip! #=> nil
"a ".rstrip! #=> "a"
"\u00a0a\u00a0".strip #=> " a "
"a\n".chomp #=> "a"
"a\r\n".chomp #=> "a"
"a\r".chomp #=> "a"
"a\n\n".chomp #=> "a\n"
"a\n\n".chomp("") #=> "a"
"a\r\n\r\n".chomp("") #=> "a"
"hello".chomp("lo") #=> "hel"
"hello".chomp("x") #=> "hello"
"hello\n".chomp(nil) #=> "hello\n"
"a\n\r".chomp #=> "a\n"
"a\r\n".chomp("\n") #=> "a"
"a\r\n".chomp("\r\n") #=> "a"
"a".chomp! #=> nil
"a\n".chomp! #=> "a"
"abc".chop #=> "ab"
"a\r\n".chop #=> "a"
"".chop #=> ""
"ä".chop #=> ""
"".chop! #=> nil
"abc".chop! #=> "ab"
"abc".center(8) #=> "  abc   "
"abc".center(9, "12") #=> "121abc121"
"abc".center(2) #=> "abc"
"abc".ljust(6, ".") #=> "abc..."
"abc".rjust(6, "12345") #=> "123abc"
"abc".rjust(6, "") #=> !! ArgumentError: zero width padding
"ä".rjust(3, "ö") #=> "ööä"
"abc".ljust("x") #=> !! TypeError: no implicit conversion of String into Integer
"hello".delete_prefix("he") #=> "llo"
"hello".delete_prefix("x") #=> "hello"
"hello".delete_suffix("lo") #=> "hel"
"hello".delete_suffix("x") #=> "hello"
"hello".delete_prefix!("x") #=> nil
"hello".delete_suffix!("lo") #=> "hel"
"hello".delete_prefix(1) #=> !! TypeError: no implicit conversion of Integer into String
"abc".reverse #=> "cba"
"äöü".reverse #=> "üöä"
x = "abc"; x.reverse!; x #=> "cba"
x = "abc"; x.clear; x #=> ""
x = "abc"; x.replace("d"); x #=> "d"
x = "abc"; x.replace(1); x #=> !! TypeError: no implicit conversion of Integer into String
# Splitting
"a b c".split #=> ["a", "b", "c"]
" a  b c ".split #=> ["a", "b", "c"]
" a  b c ".split(" ") #=> ["a", "b", "c"]
" a b".split(/ /) #=> ["", "a", "b"]
"a,b,c".split(",") #=> ["a", "b", "c"]
"a,b,,c,,".split(",") #=> ["a", "b", "", "c"]
"a,b,,c,,".split(",", -1) #=> ["a", "b", "", "c", "", ""]
"a,b,c".split(",", 2) #=> ["a", "b,c"]
"a,b,c".split(",", 1) #=> ["a,b,c"]
"a b c".split(nil, 2) #=> ["a", "b c"]
" a b c ".split(" ", 2) #=> ["a", "b c "]
" a b c ".split(" ", -1) #=> ["a", "b", "c", ""]
" a b c ".split(" ", 9) #=> ["a", "b", "c", ""]
"abc".split("") #=> ["a", "b", "c"]
"abc".split("", 2) #=> ["a", "bc"]
"abc".split("", -1) #=> ["a", "b", "c", ""]
"abc".split(//) #=> ["a", "b", "c"]
"abc".split(//, 2) #=> ["a", "bc"]
"abc".split(//, -1) #=> ["a", "b", "c", ""]
"a1b2c".split(/\d/) #=> ["a", "b", "c"]
"a1b2c".split(/(\d)/) #=> ["a", "1", "b", "2", "c"]
"a1b2c".split(/(\d)(x)?/) #=> ["a", "1", "b", "2", "c"]
"1a2".split(/\d/) #=> ["", "a"]
"aXbxc".split(/x/i) #=> ["a", "b", "c"]
"a,b;c".split(/[,;]/) #=> ["a", "b", "c"]
"".split #=> []
"".split(",") #=> []
"".split(",", -1) #=> []
",".split(",") #=> []
",".split(",", -1) #=> ["", ""]
"a,b".split(",") { |x| x } #=> "a,b"
"a\nb\n".split("\n") #=> ["a", "b"]
"äöü".split("") #=> ["ä", "ö", "ü"]
"äxö".split("x") #=> ["ä", "ö"]
"a  b".split(/ */) #=> ["a", "b"]
"a b".split(1) #=> !! TypeError: wrong argument type Integer (expected Regexp)
"abc".split(/b/) { |x| print "" } #=> "abc"
"hi mom".split(%r{\s*}) #=> ["h", "i", "m", "o", "m"]
"mellow yellow".split("ello") #=> ["m", "w y", "w"]
"1,2,,3,4,,".split(",", 4) #=> ["1", "2", "", "3,4,,"]
"aaa".split("a", -1) #=> ["", "", "", ""]
"a\tb\vc".split #=> ["a", "b", "c"]
"a\0b".split #=> ["a\u0000b"]
"red, green".split(/,\s*/) #=> ["red", "green"]
"k=v=w".split("=", 2) #=> ["k", "v=w"]
"hello".partition("l") #=> ["he", "l", "lo"]
"hello".partition("x") #=> ["hello", "", ""]
"hello".partition(/l+/) #=> ["he", "ll", "o"]
"hello".partition(/x/) #=> ["hello", "", ""]
"hello".rpartition("l") #=> ["hel", "l", "o"]
"hello".rpartition("x") #=> ["", "", "hello"]
"hello".rpartition(/l/) #=> ["hel", "l", "o"]
"hello".partition(1) #=> !! TypeError: wrong argument type Integer (expected Regexp)
"a\nb\nc".lines #=> ["a\n", "b\n", "c"]
"a\nb\n".lines #=> ["a\n", "b\n"]
"a\n\n\nb\n".lines("") #=> ["a\n\n", "b\n"]
"a\n\nb\n".lines("", chomp: true) #=> ["a\n", "b\n"]
"a\nb\n".lines(chomp: true) #=> ["a", "b"]
"a\r\nb".lines(chomp: true) #=> ["a", "b"]
"a|b|c".lines("|") #=> ["a|", "b|", "c"]
"a|b|c".lines("|", chomp: true) #=> ["a", "b", "c"]
"a\nb".lines(nil) #=> ["a\nb"]
"a\nb".each_line.to_a #=> ["a\n", "b"]
"a\nb".each_line(chomp: true).to_a #=> ["a", "b"]
x = []; "a\nb".each_line { |l| x << l }; x #=> ["a\n", "b"]
"".lines #=> []
"abc".chars #=> ["a", "b", "c"]
"äö".chars #=> ["ä", "ö"]
"äö".bytes #=> [195, 164, 195, 182]
"äö".codepoints #=> [228, 246]
"\xff".codepoints #=> !! ArgumentError: invalid byte sequence in UTF-8
"ab".each_char.to_a #=> ["a", "b"]
"ab".each_byte.to_a #=> [97, 98]
"ab".each_char.with_index.to_a #=> [["a", 0], ["b", 1]]
"e\u0301a".grapheme_clusters #=> ["é", "a"]
"👨‍👩‍👧a".grapheme_clusters.length #=> 2
"a\r\nb".grapheme_clusters #=> ["a", "\r\n", "b"]
"🇩🇪🇫🇷".each_grapheme_cluster.to_a.length #=> 2
"hello world".scan(/o/) #=> ["o", "o"]
"hello world".scan(/(l)(.)/) #=> [["l", "l"], ["l", "d"]]
"hello world".scan("o") #=> ["o", "o"]
"hello".scan(/x/) #=> []
"hello".scan(//) #=> ["", "", "", "", "", ""]
"abc".scan(/./) { |x| x } #=> "abc"
x = []; "a1b2".scan(/([a-z])(\d)/) { |a, b| x << b + a }; x #=> ["1a", "2b"]
"äöü".scan(/./) #=> ["ä", "ö", "ü"]
"foo bar".scan(/\w+/) #=> ["foo", "bar"]
"test".scan(1) #=> !! TypeError: wrong argument type Integer (expected Regexp)
x = []; "abc".scan(/b/) { x << $~.pre_match }; x #=> ["a"]
"abab".scan("ab") #=> ["ab", "ab"]
# Replacing
"hello".sub("l", "L") #=> "heLlo"
"hello".gsub("l", "L") #=> "heLLo"
"hello".gsub(/l/, "L") #=> "heLLo"
"hello".sub(/l/) { |m| m.upcase } #=> "heLlo"
"hello".gsub(/[eo]/, "e" => 3, "o" => "*") #=> "h3ll*"
"hello".gsub(/l/) { $&.upcase } #=> "heLLo"
"hello".gsub(/(l)(l)/, '\2-\1') #=> "hel-lo"
"hello".gsub(/(?<x>l)/, '[\k<x>]') #=> "he[l][l]o"
"hello".gsub(/(?<x>l)/, '[\k<y>]') #=> !! IndexError: undefined group name reference: y
"hello".sub(/e/, '<\0>') #=> "h<e>llo"
"hello".sub(/e/, '<\&>') #=> "h<e>llo"
"hello".sub(/e/, '<\`>') #=> "h<h>llo"
"hello".sub(/e/, "<\\'>") #=> "h<llo>llo"
"hello".sub(/e/, '\\\\') #=> "h\\llo"
"hello".sub(/e/, '\9') #=> "hllo"
"hello".gsub(/x*/, "-") #=> "-h-e-l-l-o-"
"hello".gsub("", "-") #=> "-h-e-l-l-o-"
"hello".gsub(/$/, "!") #=> "hello!"
"a.b.c".gsub(".", "-") #=> "a-b-c"
"a.b.c".sub(".", "\\\\0") #=> "a\\0b.c"
"hello".gsub(/l/).to_a #=> ["l", "l"]
"hello".gsub(/l/, nil) #=> !! TypeError: no implicit conversion of nil into String
"hello".sub("l") #=> !! ArgumentError: wrong number of arguments (given 1, expected 2)
"hello".gsub(/l/, 1) #=> !! TypeError: no implicit conversion of Integer into String
"hello".gsub!(/z/, "") #=> nil
"hello".gsub!(/l/, "") #=> "heo"
"hello".sub!("l", "") #=> "helo"
"hello".sub!("z", "") #=> nil
"äöü".gsub(/ö/, "o") #=> "äoü"
"äöü".gsub("ö") { |x| x.upcase } #=> "äÖü"
"path/to".gsub("/", "::") #=> "path::to"
"a\\b".gsub("\\", "/") #=> "a/b"
"John Smith".sub(/(\w+) (\w+)/, '\2, \1') #=> "Smith, John"
"hello".gsub(/[aeiou]/) { |v| v.ord.to_s } #=> "h101ll111"
"x-1".gsub(/-(\d)/) { "+#{$1}" } #=> "x+1"
"abc".gsub(/b/) { |m| nil } #=> "ac"
"abc".gsub(/b/, "b" => nil) #=> "ac"
"hello".tr('a-y', 'b-z').sub(/\A./, &:upcase) #=> "Ifmmp"
"a,b".gsub(/,/, "\\,") #=> "a\\,b"
"'".gsub("'", "\\\\'") #=> "\\'"
x = "hello".freeze; x.gsub!(/l/, "") #=> !! FrozenError: can't modify frozen String: "hello"
# Numbers
"12".to_i #=> 12
" 12abc".to_i #=> 12
"-12".to_i #=> -12
"+12".to_i #=> 12
"1_000".to_i #=> 1000
"1__0".to_i #=> 1
"_1".to_i #=> 0
"0x1A".to_i #=> 0
"0x1A".to_i(16) #=> 26
"1A".to_i(16) #=> 26
"z".to_i(36) #=> 35
"0b11".to_i(0) #=> 3
"0o17".to_i(0) #=> 15
"017".to_i(0) #=> 15
"0x1f".to_i(0) #=> 31
"12".to_i(0) #=> 12
"1".to_i(1) #=> !! ArgumentError: invalid radix 1
"1".to_i(37) #=> !! ArgumentError: invalid radix 37
"12".to_i(2) #=> 1
"99999999999999999999".to_i #=> 99999999999999999999
"abc".to_i #=> 0
"".to_i #=> 0
"0x".to_i(16) #=> 0
"-0x1A".to_i(16) #=> -26
"- 1".to_i #=> 0
"1e5".to_i #=> 1
"1.9".to_i #=> 1
"0b".to_i(2) #=> 0
"09".to_i(0) #=> 0
"0_8".to_i(0) #=> 0
"1.5".to_f #=> 1.5
"1.5e3".to_f #=> 1500.0
"1e-2x".to_f #=> 0.01
".5".to_f #=> 0.5
"5.".to_f #=> 5.0
"-1.5".to_f #=> -1.5
"1_000.5".to_f #=> 1000.5
"abc".to_f #=> 0.0
"1e400".to_f #=> Infinity
"  2.5 ".to_f #=> 2.5
"0x1A".to_f #=> 0.0
"1e".to_f #=> 1.0
"Infinity".to_f #=> 0.0
"ff".hex #=> 255
"0xff".hex #=> 255
"-ff".hex #=> -255
"zz".hex #=> 0
"777".oct #=> 511
"0x1f".oct #=> 31
"0b11".oct #=> 3
"789".oct #=> 7
"-017".oct #=> -15
"0d12".oct #=> 12
"1/2".to_r #=> (1/2)
"0.75".to_r #=> (3/4)
"1e2".to_r #=> (100/1)
"abc".to_r #=> (0/1)
"3".to_r #=> (3/1)
" 1/3x".to_r #=> (1/3)
"-1.5/3".to_r #=> (-1/2)
# Next
"a".succ #=> "b"
"z".succ #=> "aa"
"az".succ #=> "ba"
"zz".succ #=> "aaa"
"a9".succ #=> "b0"
"Az".succ #=> "Ba"
"Zz".succ #=> "AAa"
"zZ9".succ #=> "aaA0"
"a-9".succ #=> "a-10"
"9".succ #=> "10"
"1.9".succ #=> "2.0"
"1.9.9".succ #=> "2.0.0"
"".succ #=> ""
"-".succ #=> "."
"<<koala>>".succ #=> "<<koalb>>"
"1999zzz".succ #=> "2000aaa"
"ZZZ9999".succ #=> "AAAA0000"
"***".succ #=> "**+"
"é".succ #=> "ê"
"aé".succ #=> "aê"
"-9".succ #=> "-10"
"Zz9".succ #=> "AAa0"
"a!".succ #=> "b!"
"a.z".succ #=> "b.a"
"\xff".b.succ #=> "\x01\x00"
x = "az"; x.succ!; x #=> "ba"
"a".next #=> "b"
"a".upto("e").to_a #=> ["a", "b", "c", "d", "e"]
"a".upto("e", true).to_a #=> ["a", "b", "c", "d"]
"9".upto("11").to_a #=> ["9", "10", "11"]
"25".upto("5").to_a #=> []
"07".upto("11").to_a #=> ["07", "08", "09", "10", "11"]
"a".upto("c") { |x| x } #=> "a"
"aa".upto("ad").to_a #=> ["aa", "ab", "ac", "ad"]
"z".upto("ab").to_a #=> []
("a".."e").to_a #=> ["a", "b", "c", "d", "e"]
("a".."e").step(2).to_a #=> ["a", "c", "e"]
("A".."C").include?("B") #=> true
# Symbols and conversion
"abc".to_sym #=> :abc
"a b".to_sym #=> :"a b"
"".to_sym #=> :""
"abc".intern #=> :abc
"abc".to_s #=> "abc"
"abc".to_str #=> "abc"
"abc".inspect #=> "\"abc\""
"a\"b".inspect #=> "\"a\\\"b\""
"\e\a\b\t\n\v\f\r".inspect #=> "\"\\e\\a\\b\\t\\n\\v\\f\\r\""
"\#{x} #x #$x \#@x".inspect #=> "\"\\\#{x} #x  \\\#@x\""
"\u0001\u007f\u0080\u200b".inspect #=> "\"\\u0001\\u007F\\u0080​\""
"é\u{1f600}".inspect #=> "\"é😀\""
"\xff\xfe".inspect #=> "\"\\xFF\\xFE\""
"\x00".inspect #=> "\"\\u0000\""
"a\\b".inspect #=> "\"a\\\\b\""
"\u{10ffff}".inspect #=> "\"\\u{10FFFF}\""
"\u2028".inspect #=> "\"\\u2028\""
"é".b.inspect #=> "\"\\xC3\\xA9\""
"a\x01".force_encoding("US-ASCII").inspect #=> "\"a\\x01\""
"é\n\x01".dump #=> "\"\\u00E9\\n\\x01\""
"\u{1f600}".dump #=> "\"\\u{1F600}\""
"a\#{x}".dump #=> "\"a\\\#{x}\""
"\xff".dump #=> "\"\\xFF\""
"\"\\u00e9\\n\\x01\"".undump #=> !! RuntimeError: hex escape and Unicode escape are mixed
"\"a\\\#{b}\"".undump #=> "a\#{b}"
"abc".undump #=> !! RuntimeError: invalid dumped string; not wrapped with '"' nor '"...".force_encoding("...")' form
"é\n\"\x01".dump.undump #=> !! RuntimeError: hex escape and Unicode escape are mixed
"abc".freeze.frozen? #=> true
(+"abc").frozen? #=> false
(-"abc").frozen? #=> true
+"abc".freeze #=> "abc"
"abc".freeze.dup.frozen? #=> false
"abc".freeze.clone.frozen? #=> true
"abc".itself #=> "abc"
"abc".then { |x| x * 2 } #=> "abcabc"
"a".unpack("C*") #=> [97]
"a-b_c d".tr("-_ ", "") #=> "abcd"
"ab\ncd".each_line.map(&:chomp) #=> ["ab", "cd"]
"Hello World".swapcase.chars.sort.join #=> " DELLLOORhw"
"hello world".split.map(&:capitalize).join(" ") #=> "Hello World"
"abc".each_char.each_slice(2).map(&:join) #=> ["ab", "c"]
"%.2f" % 3.14159 #=> "3.14"
"abc".sum #=> 294
"a".ljust(3).inspect #=> "\"a  \""
"title case".split(/(\s)/).map(&:capitalize).join #=> "Title Case"
"a=1;b=2".split(";").map { |x| x.split("=") }.to_h #=> {"a"=>"1", "b"=>"2"}
"x".encoding.name #=> "UTF-8"
"CamelCaseString".gsub(/([A-Z])/) { "_" + $1.downcase }.sub(/^_/, "") #=> "camel_case_string"
"ab12cd".scan(/\d+|[a-z]+/) #=> ["ab", "12", "cd"]
"aXbX".sub("X") { $~[0] * 2 } #=> "aXXbX"
"1,2;3".split(/[;,]/).map(&:to_i).sum #=> 6
"a".ord.chr #=> "a"
"é".unicode_normalize(:nfd).length #=> 2
"e\u0301".unicode_normalize.length #=> 1
"ﬁ".unicode_normalize(:nfkc) #=> "fi"
"e\u0301".unicode_normalized? #=> false
"a".unicode_normalize(:x) #=> !! ArgumentError: Invalid normalization form x.
"hello"*0 #=> ""
"abc".respond_to?(:gsub!) #=> true
"abc".is_a?(Comparable) #=> true
"abc".method(:upcase).call #=> "ABC"
"foo".instance_of?(String) #=> true
Class.new(String).new("abc").upcase.class #=> String
Class.new(String).new("abc").to_s.class #=> String
"ab" "cd" #=> "abcd"
"a".upto("zz").count #=> 702
"ÀÉ".downcase #=> "àé"
"hello world foo".split(" ", 2) #=> ["hello", "world foo"]
"line1\nline2".match?(/^line2$/) #=> true
"key: value".match(/(?<k>\w+): (?<v>\w+)/).named_captures #=> {"k"=>"key", "v"=>"value"}
"abc" =~ /(?<first>b)/; $~[:first] #=> "b"
"%05d|%-5s|%+d" % [42, "ab", 7] #=> "00042|ab   |+7"
"abc".hash.is_a?(Integer) #=> true
"a".."c" #=> "a".."c"
"abc".tr("a-c", "A-C").tr("A", "z") #=> "zBC"
# What the public specs showed
"a\r\n\r\n\nb\n".lines("") #=> ["a\r\n\r\n", "b\n"]
"hello".sub(/(h)(e)/, '\+!') #=> "e!llo"
"\"a\0\"".undump #=> !! RuntimeError: string contains null byte
"hello"[/(h)(e)/, -3] #=> nil
"hello"[/(h)(e)/, -1] #=> "e"
"a".split(",", 2**40) #=> !! RangeError: integer 1099511627776 too big to convert to `int'
"a" << 2**70 #=> !! RangeError: bignum out of char range
"é".encode("US-ASCII", fallback: ->(c) { "é" }) #=> !! ArgumentError: too big fallback string
"é".encode("US-ASCII", xml: :foo) #=> !! ArgumentError: unexpected value for xml option: foo
"\xff".scrub("\xe4") #=> !! ArgumentError: replacement must be valid byte sequence '"\xE4"'
String.allocate #=> ""
Class.new { def to_str = "b" }.new.then { |x| "a" <=> x } #=> -1
"a,b".split("\xff") #=> !! ArgumentError: invalid byte sequence in UTF-8
(+"hello").sub!(/l/) { |m| "x" } #=> "hexlo"
x = +"hello"; x.sub!(/l/) { x << "y"; "z" } #=> !! RuntimeError: string modified
"Ab".swapcase(3, 4) #=> !! ArgumentError: too many options
"Ab".swapcase(:turkic, :foo) #=> !! ArgumentError: invalid second option
"Ab".upcase(:turkic, :turkic) #=> !! ArgumentError: invalid second option
"Ai".upcase(:lithuanian, :turkic) #=> "Aİ"
:Ab.upcase(1, 2, 3) #=> !! ArgumentError: too many options
"".delete #=> ""
"a".delete #=> !! ArgumentError: wrong number of arguments (given 0, expected 1+)
"a".ljust(true) #=> !! TypeError: no implicit conversion of true into Integer
"a".rpartition(1) #=> !! TypeError: wrong argument type Integer (expected Regexp)
"a".undump rescue "é".undump #=> !! RuntimeError: non-ASCII character detected
