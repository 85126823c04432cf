begin; JSON.parse(nil); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! TypeError: no implicit conversion of nil into String
begin; JSON.parse(1); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! TypeError: no implicit conversion of Integer into String
begin; JSON.parse('['*101+']'*101); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! JSON::NestingError: nesting of 101 is too deep
begin; JSON.parse('['*100+']'*100).flatten; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> []
begin; JSON.parse('{"a":{"b":1}}', symbolize_names: true); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> {:a=>{:b=>1}}
begin; JSON.parse('[NaN,Infinity,-Infinity]', allow_nan: true); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> [NaN, Infinity, -Infinity]
begin; JSON.parse('{"a":1.5}', object_class: Hash, decimal_class: nil); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> {"a"=>1.5}
begin; JSON.parse('[1]', max_nesting: 0); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> [1]
begin; JSON.parse('[[1]]', max_nesting: 1); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! JSON::NestingError: nesting of 2 is too deep
begin; JSON.generate({a: 1, "b"=>[nil,true,1.5,"x\"\n\u00e9\u2028</script>\x7f\u0001/"], 3=>:sym, nil=>2}); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\"a\":1,\"b\":[null,true,1.5,\"x\\\"\\né\u2028</script>\u007F\\u0001/\"],\"3\":\"sym\",\"\":2}"
begin; JSON.generate("a"); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "\"a\""
begin; JSON.generate(nil); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "null"
begin; JSON.generate(1.0/0); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! JSON::GeneratorError: Infinity not allowed in JSON
begin; JSON.generate([Float::NAN]); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! JSON::GeneratorError: NaN not allowed in JSON
begin; JSON.generate("\xc3\xa9".b); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "\"é\""
begin; JSON.pretty_generate({a: [], b: {}, c: [1,{d: 2}], e: nil}); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\n  \"a\": [\n\n  ],\n  \"b\": {\n  },\n  \"c\": [\n    1,\n    {\n      \"d\": 2\n    }\n  ],\n  \"e\": null\n}"
begin; JSON.pretty_generate([]); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[\n\n]"
begin; JSON.pretty_generate([1,[2,[]]]); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[\n  1,\n  [\n    2,\n    [\n\n    ]\n  ]\n]"
begin; JSON.pretty_generate({}); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\n}"
begin; JSON.pretty_generate("a"); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "\"a\""
begin; class Bar; def to_json(*a) = {bar: 1}.to_json(*a); end; JSON.generate([Bar.new]) + "\n" + JSON.pretty_generate([Bar.new]); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[{\"bar\":1}]\n[\n  {\n    \"bar\": 1\n  }\n]"
begin; class Baz; def to_h = {x: 1}; end; JSON.generate(Baz.new)[0,6]; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "\"#<Baz"
begin; JSON.dump({a: 1}) + JSON.dump(nil) + JSON.dump(Float::NAN); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\"a\":1}nullNaN"
begin; JSON.load('[NaN]'); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> [NaN]
begin; JSON.load('x'); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! JSON::ParserError: unexpected token at 'x'
begin; JSON.parse!('[NaN]'); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> [NaN]
begin; JSON['[1]'].inspect + JSON[[1]]; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[1][1]"
begin; JSON.generate({a: 1}, space: " ", object_nl: "\n", indent: "  "); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\n  \"a\": 1\n}"
begin; JSON.generate([1,2], array_nl: "\n"); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[\n1,\n2\n]"
begin; a=[]; a<<a; JSON.generate(a); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> !! JSON::NestingError: nesting of 100 is too deep
begin; JSON.generate({"a"=>{1=>2}}).to_s; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\"a\":{\"1\":2}}"
begin; JSON::ParserError.ancestors.take(4).inspect + JSON::NestingError.superclass.inspect+JSON::GeneratorError.superclass.inspect + JSON::JSONError.superclass.inspect; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[JSON::ParserError, JSON::JSONError, StandardError, Exception]JSON::ParserErrorJSON::JSONErrorStandardError"
begin; JSON.generate(1e20)+JSON.generate(1e16)+" "+JSON.generate(100.0)+" "+JSON.generate(1e-5)+" "+JSON.generate(123456789.123)+" "+JSON.generate(1e15); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "1.0e+201.0e+16 100.0 1.0e-05 123456789.123 1.0e+15"
begin; JSON.generate(2**70) + JSON.generate(1r) + JSON.generate(Time.at(0).utc); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "1180591620717411303424\"1/1\"\"1970-01-01 00:00:00 UTC\""
begin; JSON.generate("a/b", script_safe: true) + JSON.generate("</script>\u2028", script_safe: true) + JSON.generate("é", ascii_only: true) + JSON.generate("😀", ascii_only: true); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "\"a/b\"\"</script>\u2028\"\"\\u00e9\"\"\\ud83d\\ude00\""
begin; require 'set'; JSON.generate(Set[1]) + Struct.new(:a).new(1).to_json; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "\"#<Set: {1}>\"\"#<struct a=1>\""
begin; JSON.generate([nil,{}, [], {a: {}}]); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[null,{},[],{\"a\":{}}]"
begin; JSON.parse('{"a":1}').to_json; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\"a\":1}"
begin; JSON.parse('"abc"').encoding; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> #<Encoding:UTF-8>
begin; JSON.parse('[1]', freeze: true).frozen?; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> true
begin; JSON.parse('{"a":"b"}', object_class: Struct.new(:h){def []=(k,v); (self.h||={})[k]=v; end}).inspect; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "#<struct h={\"a\"=>\"b\"}>"
begin; {1=>2}.to_json(space: " "); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\"1\": 2}"
begin; [1,{a: 2}].to_json(indent: "  ", array_nl: "\n"); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[\n  1,\n  {    \"a\":2}\n]"
begin; JSON.parse("[\"\xff\"]".b); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> ["\xFF"]
begin; JSON.parse("[\"é\"]".b).inspect; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "[\"é\"]"
begin; JSON.pretty_generate({a: 1}, indent: "\t"); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\n\t\"a\": 1\n}"
begin; JSON.generate(Object.new)[0,10]; rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "\"#<Object:"
begin; JSON.generate({Object=>1}); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\"Object\":1}"
begin; JSON.generate(nil=>1); rescue => e; raise e.class, e.message.sub(/\A\d+: /, ""); end #=> "{\"\":1}"
