CSV.parse("a,b\n1,2\n") #=> [["a", "b"], ["1", "2"]]
CSV.parse("") #=> []
CSV.parse("\n") #=> [[]]
CSV.parse("a,,c\n\"\",\"x\"\"y\",\"l1\nl2\"\r\n".gsub("\r", "")) #=> [["a", nil, "c"], ["", "x\"y", "l1\nl2"]]
CSV.parse("a;b\n", col_sep: ";") #=> [["a", "b"]]
CSV.parse("a\tb\nc\td", col_sep: "\t") #=> [["a", "b"], ["c", "d"]]
CSV.parse("a,b\r\nc,d\r\n") #=> [["a", "b"], ["c", "d"]]
CSV.parse("a,b\rc,d\r") #=> [["a", "b"], ["c", "d"]]
CSV.parse("a|b|", row_sep: "|") #=> [["a"], ["b"]]
CSV.parse("a,'b,c'", quote_char: "'") #=> [["a", "b,c"]]
CSV.parse("1,2.5,x,2020-01-02", converters: :numeric) #=> [[1, 2.5, "x", "2020-01-02"]]
CSV.parse("1,2.5,x", converters: :integer) #=> [[1, "2.5", "x"]]
CSV.parse("1,2.5,x", converters: [:float]) #=> [[1.0, 2.5, "x"]]
CSV.parse("1,2.5,x,2020-01-02", converters: :all) #=> [[1, 2.5, "x", #<DateTime: 2020-01-02T00:00:00+00:00 ((2458851j,0s,0n),+0s,2299161j)>]]
CSV.parse("2020-01-02,x", converters: :date) #=> [[#<Date: 2020-01-02 ((2458851j,0s,0n),+0s,2299161j)>, "x"]]
CSV.parse("a,b", converters: ->(v) { v.upcase }) #=> [["A", "B"]]
CSV.parse("a,b\n1,2", headers: true, converters: ->(v, info) { "#{v}#{info.header}#{info.index}#{info.line}" }).to_a #=> [["a", "b"], ["1a02", "2b12"]]
CSV.parse("a,b", converters: :nope) #=> !! NoMethodError: undefined method `arity' for nil:NilClass
CSV.parse("a,b\n1,2\n3,4", headers: true) #=> #<CSV::Table mode:col_or_row row_count:3>
CSV.parse("a,b\n1,2\n3,4", headers: true).map(&:to_h) #=> [{"a"=>"1", "b"=>"2"}, {"a"=>"3", "b"=>"4"}]
CSV.parse("a,b\n1,2\n3,4", headers: true)["a"] #=> ["1", "3"]
CSV.parse("a,b\n1,2\n3,4", headers: true)[0] #=> #<CSV::Row "a":"1" "b":"2">
CSV.parse("a,b\n1,2\n3,4", headers: true).to_a #=> [["a", "b"], ["1", "2"], ["3", "4"]]
CSV.parse("a,b\n1,2\n3,4", headers: true).to_s #=> "a,b\n1,2\n3,4\n"
CSV.parse("a,b\n1,2\n3,4", headers: true).headers #=> ["a", "b"]
CSV.parse("a,b\n1,2\n3,4", headers: true).by_col[1] #=> ["2", "4"]
CSV.parse("a,b\n1,2\n3,4", headers: true).by_col.map { |h, c| [h, c] } #=> [["a", ["1", "3"]], ["b", ["2", "4"]]]
CSV.parse("a,b\n1,2\n3,4", headers: true).first.fields #=> ["1", "2"]
CSV.parse("a,b\n1,2", headers: %w[x y]).map(&:to_h) #=> [{"x"=>"a", "y"=>"b"}, {"x"=>"1", "y"=>"2"}]
CSV.parse("a,b\n1,2", headers: "x,y").map(&:to_h) #=> [{"x"=>"a", "y"=>"b"}, {"x"=>"1", "y"=>"2"}]
CSV.parse("a,b\n1", headers: true).map(&:to_h) #=> [{"a"=>"1", "b"=>nil}]
CSV.parse("a\n1,2", headers: true).map(&:to_a) #=> [[["a", "1"], [nil, "2"]]]
CSV.parse(" First Name ,AGE\n1,2", headers: true, header_converters: :symbol).map(&:to_h) #=> [{:first_name=>"1", :age=>"2"}]
CSV.parse("A b,C\n1,2", headers: true, header_converters: :downcase).map(&:to_h) #=> [{"a b"=>"1", "c"=>"2"}]
CSV.parse("A b,C\n1,2", headers: true, header_converters: ->(h) { h.reverse }).map(&:to_h) #=> [{"b A"=>"1", "C"=>"2"}]
CSV.parse("a,b\n\n1,2\n", skip_blanks: true) #=> [["a", "b"], ["1", "2"]]
CSV.parse("a,b\n\n1,2\n") #=> [["a", "b"], [], ["1", "2"]]
CSV.parse("# x\na,b\n", skip_lines: /\A#/) #=> [["a", "b"]]
CSV.parse("# x\na,b\n", skip_lines: "#") #=> [["a", "b"]]
CSV.parse(" a , b ", strip: true) #=> [["a", "b"]]
CSV.parse("a \"b\" c,d", liberal_parsing: true) #=> [["a \"b\" c", "d"]]
CSV.parse("a,\"b\nc", headers: false) #=> !! CSV::MalformedCSVError: Unclosed quoted field in line 1.
CSV.parse("a \"b\" c,d") #=> !! CSV::MalformedCSVError: Illegal quoting in line 1.
CSV.parse("x\n\"a\"b,c") #=> !! CSV::MalformedCSVError: Any value after quoted field isn't allowed in line 2.
CSV.parse("a\rb,c\n", row_sep: "\n") #=> !! CSV::MalformedCSVError: Unquoted fields do not allow new line <"\r"> in line 1.
CSV.parse("a,b", nil_value: "-") #=> [["a", "b"]]
CSV.parse("a,,b", nil_value: "-") #=> [["a", "-", "b"]]
CSV.parse("a,\"\",b", empty_value: nil) #=> [["a", nil, "b"]]
CSV.parse("a,b", nope: 1) #=> !! ArgumentError: unknown keyword: :nope
CSV.parse("a,b", col_sep: "") #=> !! ArgumentError: :col_sep must be 1 or more characters: ""
CSV.parse("a,b", quote_char: "ab") #=> !! ArgumentError: :quote_char has to be nil or a single character String
CSV.parse_line("a,b\nc,d") #=> ["a", "b"]
CSV.parse_line("") #=> nil
CSV.parse_line("a;b", col_sep: ";") #=> ["a", "b"]
"a,b".parse_csv #=> ["a", "b"]
["a", nil, "b,c", "d\"e", "", "f\ng", 1, :x].to_csv #=> "a,,\"b,c\",\"d\"\"e\",\"\",\"f\ng\",1,x\n"
CSV.generate_line(["a", "b"], col_sep: ";") #=> "a;b\n"
CSV.generate_line(["a", "b"], force_quotes: true) #=> "\"a\",\"b\"\n"
CSV.generate_line([" a", "b "]) #=> " a,b \n"
CSV.generate_line(["a", ""], quote_empty: false) #=> "a,\n"
CSV.generate { |csv| csv << [1, 2]; csv << ["a,b", nil] } #=> "1,2\n\"a,b\",\n"
CSV.generate("x\n") { |csv| csv << [1, 2] } #=> "x\n1,2\n"
CSV.generate(headers: %w[a b], write_headers: true) { |csv| csv << [1, 2]; csv << { "b" => 4, "a" => 3 } } #=> "a,b\n1,2\n3,4\n"
CSV.generate(row_sep: "\r\n") { |csv| csv << [1, 2] } #=> "1,2\r\n"
CSV.new("a,b\nc,d").each.to_a #=> [["a", "b"], ["c", "d"]]
csv = CSV.new("a,b\nc,d"); [csv.shift, csv.lineno, csv.shift, csv.shift, csv.eof?] #=> [["a", "b"], 1, ["c", "d"], nil, true]
csv = CSV.new("a,b\nc,d"); csv.read; csv.rewind; csv.gets #=> ["a", "b"]
CSV.new("a,b\nc,d", headers: true).tap(&:shift).headers #=> ["a", "b"]
CSV.new("a,b\nc,d", headers: true).headers #=> true
CSV.new("a,b\nc,d").headers #=> nil
CSV.new(StringIO.new("a,b\nc,d")).read #=> [["a", "b"], ["c", "d"]]
CSV.new("a,b\nc,d").map(&:first) #=> ["a", "c"]
row = CSV::Row.new(%w[a b], [1, 2]); [row["a"], row[1], row["x"], row.to_h, row.to_s, row.fields, row.headers] #=> [1, 2, nil, {"a"=>1, "b"=>2}, "1,2\n", [1, 2], ["a", "b"]]
row = CSV::Row.new(%w[a b], [1, 2]); row["c"] = 3; row << 4; row << ["d", 5]; row.to_a #=> [["a", 1], ["b", 2], ["c", 3], [nil, 4], ["d", 5]]
CSV::Row.new(%w[a b], [1, 2]) #=> #<CSV::Row "a":1 "b":2>
CSV::Row.new([:a], [1, 2]) #=> #<CSV::Row a:1 nil:2>
CSV::Row.new(%w[a b], [1, 2]).fetch("z") #=> !! KeyError: key not found: z
CSV::Row.new(%w[a b], [1, 2]).fetch("z", 0) #=> 0
CSV::Row.new(%w[a b], [1, 2]).values_at("b", "a") #=> [2, 1]
CSV::Row.new(%w[a b], [1, 2]).dig("a") #=> 1
row = CSV::Row.new(%w[a b], [1, 2]); [row.delete("a"), row.to_h, row.size, row.header?("b"), row.field?(2), row.index("b")] #=> [["a", 1], {"b"=>2}, 1, true, true, 0]
CSV::Row.new(%w[a b], [1, 2]) == CSV::Row.new(%w[a b], [1, 2]) #=> true
CSV::Row.new(%w[a b a], [1, 2, 3]).to_h #=> {"a"=>1, "b"=>2}
CSV::Row.new(%w[a b], [1, 2]).each.to_a #=> [["a", 1], ["b", 2]]
CSV::Row.new(%w[a b], [1, 2]).header_row? #=> false
CSV.parse("a,b\n1,2", headers: true, return_headers: true).map(&:header_row?) #=> [true, false]
table = CSV.parse("a,b\n1,2\n3,4", headers: true); table.delete("a"); table.to_s #=> "b\n2\n4\n"
table = CSV.parse("a,b\n1,2\n3,4", headers: true); table.delete_if { |r| r["a"] == "1" }; table.size #=> 1
table = CSV.parse("a,b\n1,2\n3,4", headers: true); table << [5, 6]; table["b"] #=> ["2", "4", 6]
CSV.parse("a,b\n1,2\n3,4", headers: true).values_at("a", "b") #=> [["1", "2"], ["3", "4"]]
CSV.parse("a,b\n1,2\n3,4", headers: true).to_csv(write_headers: false) #=> "1,2\n3,4\n"
CSV.parse("a,b\n1,2\n3,4", headers: true) == CSV.parse("a,b\n1,2\n3,4", headers: true) #=> true
CSV.parse("a,b\n1,2\n3,4", headers: true).each { |r| r }.class #=> CSV::Table
CSV::MalformedCSVError.ancestors.include?(RuntimeError) #=> true
begin; CSV.parse("a\n\"b"); rescue CSV::MalformedCSVError => e; [e.message, e.line_number]; end #=> ["Unclosed quoted field in line 2.", 2]
CSV.parse("é,ü") #=> [["é", "ü"]]
