# Making and showing
/a/ #=> /a/
/a\/b/ #=> /a\/b/
/a/mix #=> /a/mix
%r{a/b} #=> /a\/b/
/a/.source #=> "a"
/a\/b/.source #=> "a/b"
/a/i.options #=> 1
/a/mix.options #=> 7
/é/.options #=> 16
/a/n.options #=> 32
Regexp.new("a/b") #=> /a\/b/
Regexp.new("a", Regexp::IGNORECASE) #=> /a/i
Regexp.new("a", true) #=> /a/i
Regexp.new("a", 5) #=> /a/mi
Regexp.new("a", nil) #=> /a/
Regexp.new(/a/i) #=> /a/i
Regexp.new("a\nb") #=> /a\nb/
Regexp.new("(") #=> !! RegexpError: end pattern with unmatched parenthesis: /(/
Regexp.new("a)") #=> !! RegexpError: unmatched close parenthesis: /a)/
Regexp.new("[a") #=> !! RegexpError: premature end of char-class: /[a/
Regexp.new("[]") #=> !! RegexpError: empty char-class: /[]/
Regexp.new("[b-a]") #=> !! RegexpError: empty range in char class: /[b-a]/
Regexp.new("*a") #=> !! RegexpError: target of repeat operator is not specified: /*a/
Regexp.new("a**").source #=> "a**"
Regexp.new("\\") #=> !! RegexpError: too short escape sequence: /\/
Regexp.new("(?<a>x)\\1") #=> !! RegexpError: numbered backref/call is not allowed. (use name): /(?<a>x)\1/
Regexp.new("\\k<x>") #=> !! RegexpError: undefined name <x> reference: /\k<x>/
Regexp.new("\\1") #=> !! RegexpError: invalid backref number/name: /\1/
Regexp.new("(?<n") #=> !! RegexpError: invalid group name <n>: /(?<n/
Regexp.new("(?z)") #=> !! RegexpError: undefined group option: /(?z)/
Regexp.new("\\p{foo}") #=> !! RegexpError: invalid character property name {foo}: /\p{foo}/
Regexp.new("(?<=a+)b") #=> !! RegexpError: invalid pattern in look-behind: /(?<=a+)b/
Regexp.new("a{3,1}") #=> !! RegexpError: upper is smaller than lower in repeat range: /a{3,1}/
Regexp.new("a{100001}") #=> !! RegexpError: too big number for repeat range: /a{100001}/
Regexp.new("[a-\\d]") #=> !! RegexpError: char-class value at end of range: /[a-\d]/
Regexp.new("{1}") #=> !! RegexpError: target of repeat operator is not specified: /{1}/
Regexp.new("\\xff") #=> !! RegexpError: invalid multibyte escape: /\xff/
Regexp.new("\\x") #=> !! RegexpError: invalid hex escape: /\x/
Regexp.new("\\u12") #=> !! RegexpError: invalid Unicode escape: /\u12/
Regexp.new("(?<>a)") #=> !! RegexpError: group name is empty: /(?<>a)/
Regexp.new("(?<1>a)") #=> !! RegexpError: invalid group name <1>: /(?<1>a)/
Regexp.new(1) #=> !! TypeError: no implicit conversion of Integer into String
Regexp.new(nil) #=> !! TypeError: no implicit conversion of nil into String
/a/.to_s #=> "(?-mix:a)"
/a/i.to_s #=> "(?i-mx:a)"
/a/mix.to_s #=> "(?mix:a)"
Regexp.new("a/b").to_s #=> "(?-mix:a\\/b)"
/(?i:a)/.to_s #=> "(?i-mx:a)"
/(?mi-x:a)/.to_s #=> "(?mi-x:a)"
/a#{/b/i}c/ #=> /a(?i-mx:b)c/
/#{/(?-mix:a)/}/.source #=> "(?-mix:a)"
/x/.inspect #=> "/x/"
Regexp.new("\t\n").inspect #=> "/\t\n/"
Regexp.new("a\\/b").inspect #=> "/a\\/b/"
/a/ == /a/ #=> true
/a/ == /a/i #=> false
/a/.eql?(/a/) #=> true
/a/.hash == /a/.hash #=> true
/a/.frozen? #=> true
Regexp.new("a").frozen? #=> false
/a/i.casefold? #=> true
/(?<x>a)(?<y>b)/.names #=> ["x", "y"]
/(?<x>a)|(?<x>b)/.named_captures #=> {"x"=>[1, 2]}
/(a)/.names #=> []
/a/.encoding #=> #<Encoding:US-ASCII>
/é/.encoding #=> #<Encoding:UTF-8>
/é/.fixed_encoding? #=> true
Regexp.escape("a.b*c[d]\n\t e-f#") #=> "a\\.b\\*c\\[d\\]\\n\\t\\ e\\-f\\#"
Regexp.escape("é") #=> "é"
Regexp.quote("a{b}|(c)^$?+\\/") #=> "a\\{b\\}\\|\\(c\\)\\^\\$\\?\\+\\\\/"
Regexp.union #=> /(?!)/
Regexp.union("a.b") #=> /a\.b/
Regexp.union("a", /b/i) #=> /a|(?i-mx:b)/
Regexp.union(["a", "b"]) #=> /a|b/
Regexp.union(/a/) #=> /a/
Regexp.union(:a, "b") #=> !! TypeError: no implicit conversion of Symbol into String
Regexp.union(/a/, /b/m, "c*") #=> /(?-mix:a)|(?m-ix:b)|c\*/
Regexp.try_convert(/a/) #=> /a/
Regexp.try_convert("a") #=> nil
Regexp::IGNORECASE | Regexp::EXTENDED | Regexp::MULTILINE #=> 7
# Matching
/b/ =~ "abc" #=> 1
/z/ =~ "abc" #=> nil
/b/ =~ nil #=> nil
/b/ =~ :abc #=> 1
/b/ =~ 1 #=> !! TypeError: no implicit conversion of Integer into String
/b/ === "abc" #=> true
/b/ === :abc #=> true
/b/ === nil #=> false
/b/ === 1 #=> false
/b/.match("abc") #=> #<MatchData "b">
/b/.match("abc", 2) #=> nil
/b/.match(nil) #=> nil
/b/.match #=> !! ArgumentError: wrong number of arguments (given 0, expected 1..2)
/b/.match?("abc") #=> true
/b/.match?(nil) #=> false
/b/.match?("abc", 2) #=> false
/b/.match("abc") { |m| m.pre_match } #=> "a"
/ö/ =~ "äöü" #=> 1
$~ #=> nil
"abc" =~ /b/; $~ #=> #<MatchData "b">
"abc" =~ /b/; [$`, $&, $'] #=> ["a", "b", "c"]
"abc" =~ /(a)(b)(z)?/; [$1, $2, $3, $+] #=> ["a", "b", nil, "b"]
"abc" =~ /z/; $~ #=> nil
"abc" =~ /b/; Regexp.last_match #=> #<MatchData "b">
"abc" =~ /(b)/; Regexp.last_match(1) #=> "b"
Regexp.last_match(1) #=> nil
/a/ !~ "b" #=> true
if /(?<yr>\d+)-(?<mo>\d+)/ =~ "2024-05" then [yr, mo] end #=> ["2024", "05"]
case "foo123" when /\d+/ then $& end #=> "123"
%w[ab cd].grep(/b/) #=> ["ab"]
%w[ab cd].grep(/(.)b/) { $1 } #=> ["a"]
%w[ab cd].grep_v(/b/) #=> ["cd"]
# Syntax
"foo.bar" =~ /\./ #=> 3
"a\nb"[/a.b/] #=> nil
"a\nb"[/a.b/m] #=> "a\nb"
"a\nb"[/^b$/] #=> "b"
"a\nb"[/\Ab/] #=> nil
"a\nb\n"[/b\Z/] #=> "b"
"a\nb\n"[/b\z/] #=> nil
"a\n"[/a$/] #=> "a"
"a\n".scan(/^/).length #=> 1
"a\nb\n".gsub(/^/, "> ") #=> "> a\n> b\n"
"\n\n".gsub(/^/, "x") #=> "x\nx\n"
"a\nb".gsub(/$/, "!") #=> "a!\nb!"
"a\nb\n".gsub(/$/, "!") #=> "a!\nb!\n!"
"\n".scan(/^$/).length #=> 1
"".scan(/^/).length #=> 1
"a\n\nb".scan(/^$/).length #=> 1
"foobar"[/foo(?=bar)/] #=> "foo"
"foobaz"[/foo(?!bar)/] #=> "foo"
"foobar"[/(?<=foo)bar/] #=> "bar"
"foobar"[/(?<!foo)bar/] #=> nil
"foobar"[/(?<=a|foo)bar/] #=> "bar"
"aaa"[/a+?/] #=> "a"
"aaa"[/a{2}/] #=> "aa"
"aaa"[/a{2,}/] #=> "aaa"
"aaa"[/a{,2}/] #=> "aa"
"aaa"[/a{1,2}?/] #=> "a"
"a{,}"[/a{,}/] #=> "a{,}"
"a{x}"[/a{x}/] #=> "a{x}"
"aaa"[/a{2}?/] #=> "aa"
"aaaa"[/a{2}+/] #=> "aaaa"
"aaa"[/a*+a/] #=> nil
"aab"[/(?>a+)b/] #=> "aab"
"aaa"[/(?>a+)a/] #=> nil
"abab"[/(ab)\1/] #=> "abab"
"abab"[/(?<x>ab)\k<x>/] #=> "abab"
"abba"[/(?<a>.)(?<b>.)\k<b>\k<a>/] #=> "abba"
"foo bar"[/\bbar\b/] #=> "bar"
"éa"[/\ba/] #=> nil
"é"[/\w/] #=> nil
"é"[/[[:alpha:]]/] #=> "é"
"é"[/\p{L}/] #=> "é"
"é"[/\p{Alpha}/] #=> "é"
"é"[/\P{ASCII}/] #=> "é"
"é"[/[[:word:]]/] #=> "é"
"é"[/(?u)\w/] #=> "é"
"é"[/(?a)[[:alpha:]]/] #=> nil
"É"[/é/i] #=> "É"
"É"[/(?i)é/] #=> "É"
"\u00a0"[/\s/] #=> nil
"\u00a0"[/[[:space:]]/] #=> " "
"٣"[/\d/] #=> nil
"٣"[/[[:digit:]]/] #=> "٣"
"a1_-"[/\w+/] #=> "a1_"
"\v"[/\s/] #=> "\v"
"fF09g"[/\h+/] #=> "fF09"
"xyzg"[/\H+/] #=> "xyzg"
"\r\n"[/\R/] #=> "\r\n"
"a\r\nb".split(/\R/) #=> ["a", "b"]
"e\u0301x"[/\X/] #=> "é"
"foo"[/f(?#comment)oo/] #=> "foo"
"foo bar"[/foo\ bar/x] #=> "foo bar"
"ab"[/a b/x] #=> "ab"
"a b"[/a[ ]b/x] #=> "a b"
"A"[/a/i] #=> "A"
"aB"[/a(?i)b/] #=> "aB"
"aB"[/a(?i:b)/] #=> "aB"
"AB"[/a(?i:b)/] #=> nil
"ab"[/(?-i)a/i] #=> "a"
"a\nB"[/(?mi:a.b)/] #=> "a\nB"
"abc"[/(?i)B|C/] #=> "b"
"]"[/[\]]/] #=> "]"
"-"[/[a-]/] #=> "-"
"^"[/[\^]/] #=> "^"
"b"[/[^a]/] #=> "b"
"\\"[/[\\]/] #=> "\\"
"b"[/[a-c&&[^a]]/] #=> "b"
"x"[/[a-z&&[^aeiou]]/] #=> "x"
"a"[/[[:lower:][:digit:]]+/] #=> "a"
"5"[/[^[:alpha:]]/] #=> "5"
"[a]"[/\[a\]/] #=> "[a]"
"."[/[.]/] #=> "."
"a.b"[/a[.]b/] #=> "a.b"
"\u{1f600}"[/\u{1f600}/] #=> "😀"
"é"[/\u00e9/] #=> "é"
"é"[/\xc3\xa9/] #=> "é"
"\t"[/\t/] #=> "\t"
"\e"[/\e/] #=> "\e"
"\x01"[/\cA/] #=> "\u0001"
"\x01"[/\C-a/] #=> "\u0001"
"\0"[/\0/] #=> "\u0000"
"A"[/\101/] #=> "A"
"A"[/\x41/] #=> "A"
"a/b"[/a\/b/] #=> "a/b"
"a/b"[%r{a/b}] #=> "a/b"
"<a>"[/\<a\>/] #=> "<a>"
"foobar".sub(/foo\Kbar/, "X") #=> "fooX"
"aXbX".gsub(/\GaX|b/, "-") #=> "--X"
"aab".gsub(/\Ga/, "-") #=> "--b"
"ab12"[/(?<l>[a-z]+)(?<d>\d+)/, :d] #=> "12"
"abc"[/(a)|(b)/, 2] #=> nil
"ac".match(/(a)(b)?(c)/).to_a #=> ["ac", "a", nil, "c"]
"foo"[/o{2}/] #=> "oo"
"((a))"[/\((?:[^()]|\g<0>)*\)/] #=> "((a))"
"aba"[/(?<p>a|b\g<p>)/] #=> "a"
"aab"[/(a)?(?(1)ab|x)/] #=> "aab"
"foobar"[/(?~bar)/] #=> "fooba"
"a,b"[/[^,]*/] #=> "a"
"2024-05-06".match(/(\d+)-(\d+)-(\d+)/).captures.map(&:to_i) #=> [2024, 5, 6]
"user:x:1000"[/^user:([^:]*):(\d+)$/, 2] #=> "1000"
"# comment"[/^\s*#/] #=> "#"
"Port 22"[/^\s*Port\s+(\d+)\s*$/i, 1] #=> "22"
"key = value"[/^(?<k>[^=\s]+)\s*=\s*(?<v>.*)$/, "v"] #=> "value"
"net.ipv4.ip_forward=0"[/\A[a-z0-9_.]+=(\d)\z/, 1] #=> "0"
"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"[/\A(a+)+\z/]&.length #=> 28
"x" * 3 =~ /(x)(x)(x)/ #=> 0
"foo\nbar"[/foo$.^bar/m] #=> "foo\nbar"
"abcabc".index(/c/, 3) #=> 5
"été" =~ /t/ #=> 1
"été".match(/t/).begin(0) #=> 1
"日本語"[/本/] #=> "本"
"日本語" =~ /語/ #=> 2
"日本語".gsub(/./) { |c| c.ord.to_s(16) } #=> "65e5672c8a9e"
"ſ"[/s/i] #=> "ſ"
"K"[/k/i] #=> "K"
"a\u0300"[/a/] #=> "a"
"\u{10400}"[/\u{10428}/i] #=> "𐐀"
"ab"[/a|/] #=> "a"
"b"[/(a|b)?/] #=> "b"
""[/a*/] #=> ""
"b"[/a*?/] #=> ""
"aXb".split(/(x)/i) #=> ["a", "X", "b"]
"x"[/[\w.-]/] #=> "x"
"-"[/[\w.-]/] #=> "-"
"a-z"[/[\w-]+/] #=> "a-z"
"a]b"[/[\]b]+/] #=> "]b"
"foo{bar}"[/\{(\w+)\}/, 1] #=> "bar"
"${x}"[/\$\{(\w+)\}/, 1] #=> "x"
"$x"[/\$(\w+)/, 1] #=> "x"
"a#b"[/#b/] #=> "#b"
"a b"[/a\sb/] #=> "a b"
"a\u2028b"[/a.b/] #=> "a\u2028b"
"a\rb"[/a.b/] #=> "a\rb"
# Bytes
"\xff" =~ /x/ #=> !! ArgumentError: invalid byte sequence in UTF-8
"a\xff".b =~ /\xff/n #=> 1
"a\xff".b[/[\x80-\xff]/n] #=> "\xFF"
"\xff\xfe".b[/./n] #=> "\xFF"
"a\xffb".b =~ /b/ #=> 2
"a\xff".b.gsub(/[^a]/n, "?") #=> "a?"
"é".b =~ /é/ #=> !! Encoding::CompatibilityError: incompatible encoding regexp match (UTF-8 regexp with ASCII-8BIT string)
"é" =~ /\xc3/n #=> !! Encoding::CompatibilityError: incompatible encoding regexp match (ASCII-8BIT regexp with UTF-8 string)
"ab".b =~ /é/ #=> nil
"abc".b[/b/] #=> "b"
"é".b.length #=> 2
"\xff".b.match?(/\W/) #=> true
"caf\xe9".b.scan(/\w+/) #=> ["caf"]
"\xff".match?(/a/) #=> !! ArgumentError: invalid byte sequence in UTF-8
"\xff".scrub("?") =~ /\?/ #=> 0
"é\xff".b.split(/\xff/n).length #=> 1
/\xff/n.source #=> "\\xff"
/\xff/n #=> /\xff/n
Regexp.new("\xff".b) #=> /\xFF/
Regexp.new("[]]").match?("]") #=> true
/a/n == /a/ #=> true
Regexp.new("\\u{}") #=> !! RegexpError: invalid Unicode list: /\u{}/
Regexp.new("\\u{0ffffff}") #=> !! RegexpError: invalid Unicode range: /\u{0ffffff}/
(class << "x".dup; self; end).inspect.sub(/0x\h+/, "") #=> "#<Class:#<String:>>"
(class << Object.new; self; end).inspect.gsub(/0x\h+/, "") #=> "#<Class:#<Object:>>"
