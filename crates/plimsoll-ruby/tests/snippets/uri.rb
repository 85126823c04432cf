require "uri"; URI("http://a:8080/p").select(:host, :port) #=> ["a", 8080]
require "uri"; URI("http://a:8080/p").select("host") #=> !! ArgumentError: expected of components of URI::HTTP (scheme, userinfo, host, port, path, query, fragment)
require "uri"; URI::Parser.new.join("http://a/b/c", "../d").to_s #=> "http://a/d"
require "uri"; URI.join #=> !! ArgumentError: bad argument (expected URI object or URI string)
require "uri"; Kernel.URI("http://a").host #=> "a"
