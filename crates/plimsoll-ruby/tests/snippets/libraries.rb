"a 'b".shellsplit #=> !! ArgumentError: Unmatched quote: "a 'b"
'a "b'.shellsplit #=> !! ArgumentError: Unmatched quote: "a \"b"
Shellwords.split("a b") + Shellwords.shellwords("c d") #=> ["a", "b", "c", "d"]
%w[a b\ c].shelljoin + Shellwords.join(["x y"]) + [1,2].shelljoin #=> "a b\\ cx\\ y1 2"
Shellwords.escape("a\0b") #=> "a\\\u0000b"
Shellwords.escape(1) #=> "1"
[Base64.encode64("abc"*30), Base64.strict_encode64("abc"*30), Base64.decode64("YWJj\n"), Base64.strict_decode64("YWJj"), Base64.urlsafe_encode64("\xff\xfe?"), Base64.urlsafe_encode64("a", padding: false), Base64.urlsafe_decode64("__4_"), Base64.urlsafe_decode64("YQ")] #=> ["YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj\nYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj\n", "YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj", "abc", "abc", "__4_", "YQ", "\xFF\xFE?", "a"]
Base64.strict_decode64("YW Jj") #=> !! ArgumentError: invalid base64
Base64.strict_decode64("YWJ") #=> !! ArgumentError: invalid base64
Base64.decode64("Y!W@J#j") #=> "abc"
Base64.encode64("") + Base64.decode64("").inspect #=> "\"\""
Base64.encode64(nil) #=> !! TypeError: no implicit conversion of nil into String
[Digest::SHA256.hexdigest("a"), Digest::MD5.hexdigest("a"), Digest::SHA1.hexdigest("a"), Digest::SHA512.hexdigest("a")[0,20], Digest::SHA384.hexdigest("a")[0,20]] #=> ["ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "0cc175b9c0f1b6a831c399e269772661", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "1f40fc92da2416947509", "54a59b9f22b0b80880d8"]
[Digest::SHA256.digest("a").bytesize, Digest::MD5.base64digest("a"), Digest::SHA256.digest("a").encoding] #=> [32, "DMF1ucDxtqgxw5niaXcmYQ==", #<Encoding:ASCII-8BIT>]
d = Digest::SHA256.new; d << "a"; d.update("b"); [d.hexdigest, d.to_s == d.hexdigest, d.digest_length, d.block_length, d.name] #=> !! NoMethodError: undefined method `name' for #<Digest::SHA256: fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603>
d = Digest::MD5.new; d << "x"; d.inspect #=> "#<Digest::MD5: 9dd4e461268c8034f5c8564e155c67a6>"
d = Digest::MD5.new; d << "x"; d.reset; [d.hexdigest, d == Digest::MD5.new, d == "d41d8cd98f00b204e9800998ecf8427e", d.hexdigest!, d.length, d.size, d.dup.hexdigest] #=> ["d41d8cd98f00b204e9800998ecf8427e", true, true, "d41d8cd98f00b204e9800998ecf8427e", 16, 16, "d41d8cd98f00b204e9800998ecf8427e"]
Digest::SHA2.new(512).hexdigest("a")[0,10] + Digest::SHA2.new.hexdigest("a")[0,10] #=> "1f40fc92daca978112ca"
Digest::MD5.hexdigest(nil) #=> !! TypeError: no implicit conversion of nil into String
Digest::MD5.new.hexdigest("a") #=> "0cc175b9c0f1b6a831c399e269772661"
Digest::SHA256.ancestors.take(4).inspect #=> "[Digest::SHA256, Digest::Base, Digest::Class, Digest::Instance]"
class Sing; include Singleton; attr_accessor :x; end; Sing.instance.equal?(Sing.instance) #=> true
Sing.new #=> !! NoMethodError: private method `new' called for Sing:Class
Sing.instance.dup #=> !! TypeError: can't dup instance of singleton Sing
Sing.instance.clone #=> !! TypeError: can't clone instance of singleton Sing
class Sing2 < Sing; end; Sing2.instance.class #=> Sing2
d = SimpleDelegator.new([1,2]); [d.size, d.class, d == [1,2], d.__getobj__, d.is_a?(Array), d.map { |x| x+1 }, d.respond_to?(:push), d.inspect, d.to_s, d != [1], d.eql?(d), !d, d.methods.include?(:push)] #=> [2, SimpleDelegator, true, [1, 2], false, [2, 3], true, "[1, 2]", "[1, 2]", true, true, false, true]
d = SimpleDelegator.new("a"); d.__setobj__("bc"); d.upcase + d.foo #=> !! NoMethodError: undefined method `foo' for "bc":SimpleDelegator
class Deco < SimpleDelegator; def size = super + 1; def extra = first; end; [Deco.new([5]).size, Deco.new([5]).extra] #=> [2, 5]
class DC < DelegateClass(Array); def initialize; super([]); end; end; x=DC.new; x << 1; [x.size, x.class, x.inspect] #=> [1, DC, "[1]"]
SimpleDelegator.new(nil).nil? #=> false
d=SimpleDelegator.new("x"); d.frozen?; d.dup.__getobj__ #=> "x"
Timeout.timeout(5) { 3 } #=> 3
Timeout.timeout(5) { |s| s } #=> 5
Timeout.timeout(nil) { 1 } #=> 1
