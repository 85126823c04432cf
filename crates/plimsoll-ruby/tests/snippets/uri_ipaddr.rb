[URI("https://a.b").port, URI("https://a.b").path, URI("https://a.b").to_s, URI("https://a.b").request_uri, URI("http://a.b:80/").to_s, URI("HTTP://EX.com/%7e").normalize.to_s, URI("ftp://x/y").class, URI("mailto:a@b").class, URI("ldap://h/d").class, URI("file:///etc/x").path, URI("file:///etc/x").host, URI("urn:isbn:1").opaque, URI("foo").class, URI("/a/b").path, URI("").to_s, URI("ws://a").class, URI("foo://a/b").class, URI("mailto:a@b").to] #=> [443, "", "https://a.b", "/", "http://a.b/", "http://ex.com/%7e", URI::FTP, URI::MailTo, URI::LDAP, "/etc/x", "", "isbn:1", URI::Generic, "/a/b", "", URI::WS, URI::Generic, "a@b"]
URI.parse(nil) #=> !! URI::InvalidURIError: bad URI(is not URI?): nil
URI.parse(1) #=> !! URI::InvalidURIError: bad URI(is not URI?): 1
URI.decode_www_form_component("%zz") #=> !! ArgumentError: invalid %-encoding (%zz)
[URI.extract("see http://a.b and mailto:x@y ok"), URI.regexp.class, URI.split("http://u@h:1/p?q#f")] #=> [["http://a.b", "mailto:x@y"], Regexp, ["http", "u", "h", "1", nil, "/p", nil, "q", "f"]]
[URI("http://a/b") == URI("http://a/b"), URI("http://a/b").eql?(URI("http://a/b")), URI("http://A/b") == URI("http://a/b"), URI("http://a/b").hash == URI("http://a/b").hash] #=> [true, true, true, true]
u=URI("http://a/b"); u.path="/c"; u.host="x.y"; u.port=81; u.query="q=1"; u.fragment="f"; u.scheme="https"; u.userinfo="u:p"; u.to_s #=> "https://u:p@x.y:81/c?q=1#f"
u=URI("http://a/b"); u.port="abc" #=> !! URI::InvalidComponentError: bad component(expected port component): "abc"
u=URI("http://a/b"); u.host="a b" #=> !! URI::InvalidComponentError: bad component(expected host component): a b
u=URI("http://a/b"); u.path="a b" #=> !! URI::InvalidComponentError: bad component(expected absolute path component): a b
URI::HTTP.build(host: "a.b", path: "/c", query: "d=1", port: 8080).to_s + URI::HTTPS.build(host: "x").to_s + URI::Generic.build(scheme: "foo", opaque: "bar").to_s #=> "http://a.b:8080/c?d=1https://xfoo:bar"
URI::DEFAULT_PARSER.escape("a b") + URI::DEFAULT_PARSER.unescape("a%20b") + URI::Parser.new.escape("é") #=> "a%20ba b%C3%A9"
URI.open("http://x") #=> !! NoMethodError: private method `open' called for URI:Module
"x http://a.b y".match?(URI.regexp(%w[http https])) #=> true
URI("http://a/b?c=d").then { |u| u.select(:host, :path) } #=> ["a", "/b"]
i=IPAddr.new("10.1.0.0/16"); [i.include?("10.1.2.3"), i.include?(IPAddr.new("10.2.0.0")), i === "10.1.0.1", i == "10.1.0.0/16", i == "10.1.0.0", i.eql?(IPAddr.new("10.1.0.0/16")), i <=> IPAddr.new("10.2.0.0"), i.succ.to_s, (i|1).to_s, (i&0).to_s, (~i).to_s, (i<<1).to_s, (i>>1).to_s, i.mask(8).to_s, i.hton, i.reverse, i.ip6_arpa] #=> !! IPAddr::InvalidAddressError: not an IPv6 address: 167837696
[IPAddr.new("127.0.0.1").loopback?, IPAddr.new("169.254.1.1").link_local?, IPAddr.new("::1").loopback?, IPAddr.new("fc00::1").private?, IPAddr.new("::ffff:1.2.3.4").ipv4_mapped?, IPAddr.new("::1").ip6_arpa, IPAddr.new("::ffff:1.2.3.4").native.to_s] #=> [true, true, true, true, true, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", "1.2.3.4"]
IPAddr.new("1.2.3.4").ip6_arpa #=> !! IPAddr::InvalidAddressError: not an IPv6 address: 16909060
IPAddr.new("::1").reverse #=> "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"
[IPAddr::Error.ancestors.take(2), IPAddr::InvalidAddressError.superclass, IPAddr::InvalidPrefixError.superclass, IPAddr::AddressFamilyError.superclass] #=> [[IPAddr::Error, ArgumentError], IPAddr::Error, IPAddr::InvalidAddressError, IPAddr::Error]
IPAddr.new(1) #=> !! IPAddr::AddressFamilyError: address family must be specified
IPAddr.new("1.2.3.4").include?("x") #=> !! IPAddr::InvalidAddressError: invalid address: 
[IPAddr.new("1.2.3.4"), {IPAddr.new("1.2.3.4")=>1}[IPAddr.new("1.2.3.4")]] #=> [#<IPAddr: IPv4:1.2.3.4/255.255.255.255>, 1]
IPAddr.new("10.0.0.0/8").include?("::1") #=> false
"#{IPAddr.new("10.0.0.5/8")}" #=> "10.0.0.0"
require "uri"; URI("http://a:8080/p").select(:host, :port) #=> ["a", 8080]
require "uri"; URI("http://a:8080/p").select("host") #=> !! ArgumentError: expected of components of URI::HTTP (scheme, userinfo, host, port, path, query, fragment)
require "uri"; URI::Parser.new.join("http://a/b/c", "../d").to_s #=> "http://a/d"
require "uri"; URI.join #=> !! ArgumentError: bad argument (expected URI object or URI string)
require "uri"; Kernel.URI("http://a").host #=> "a"
