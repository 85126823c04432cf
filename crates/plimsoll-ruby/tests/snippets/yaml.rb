YAML.load("a: &x 1\nb: *x\n", aliases: true) #=> {"a"=>1, "b"=>1}
YAML.safe_load("a: :b") #=> !! Psych::DisallowedClass: Tried to load unspecified class: Symbol
YAML.safe_load("a: :b", permitted_classes: [Symbol]) #=> {"a"=>:b}
YAML.safe_load("a: 2001-01-01", permitted_classes: [Date]) #=> {"a"=>#<Date: 2001-01-01 ((2451911j,0s,0n),+0s,2299161j)>}
YAML.safe_load("a: 1", symbolize_names: true) #=> {:a=>1}
YAML.load("a: {b: 1}", symbolize_names: true) #=> {:a=>{:b=>1}}
YAML.load("", fallback: 3) #=> 3
YAML.safe_load("") #=> nil
YAML.load_stream("--- 1\n--- 2\n") #=> [1, 2]
YAML.load(nil) #=> !! TypeError: no implicit conversion of nil into String
YAML.load("a: 1", freeze: true).frozen? #=> true
YAML::SyntaxError.ancestors.take(4) #=> [Psych::SyntaxError, Psych::Exception, RuntimeError, StandardError]
begin; YAML.load("a: [1\n"); rescue => e; [e.line, e.column, e.problem, e.context, e.offset, e.file]; end #=> [1, 4, "did not find expected ',' or ']'", "while parsing a flow sequence", 0, nil]
YAML.load("a: [", filename: "x.yml") #=> !! Psych::SyntaxError: (x.yml): did not find expected node content while parsing a flow node at line 2 column 1
Psych::VERSION #=> "4.0.3"
YAML == Psych #=> true
YAML.dump({"a"=>1}, indentation: 4) #=> "---\na: 1\n"
YAML.dump({"a"=>[{"b"=>[1]}]}, indentation: 4) #=> "---\na:\n-   b:\n    - 1\n"
YAML.dump("a", line_width: -1) #=> "--- a\n"
a="x"; YAML.dump([a,a]) #=> "---\n- x\n- x\n"
a=[1]; YAML.dump([a,a]) #=> "---\n- &1\n  - 1\n- *1\n"
a={}; a["s"]=a; YAML.dump(a) #=> "--- &1\ns: *1\n"
YAML.dump(Time.at(0).utc) #=> "--- 1970-01-01 00:00:00.000000000 Z\n"
require 'set'; YAML.dump(Set[1]) #=> "--- !ruby/object:Set\nhash:\n  1: true\n"
YAML.dump([nil,[nil],{"a"=>nil}]) #=> "---\n-\n- -\n- a:\n"
{"a"=>{"b"=>nil,"c"=>[]}}.to_yaml #=> "---\na:\n  b:\n  c: []\n"
YAML.dump(Class) #=> "--- !ruby/class 'Class'\n"
YAML.dump("a"=>"b\nc", "l"=>["x\ny\n"]) #=> "---\na: |-\n  b\n  c\nl:\n- |\n  x\n  y\n"
YAML.load("a: 1").to_yaml + [1].to_yaml #=> "---\na: 1\n---\n- 1\n"
