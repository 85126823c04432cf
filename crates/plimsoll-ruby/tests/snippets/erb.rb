ERB.new("a\n<% x %>\nb <%= y %> c\n").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<< \"a\\n\".freeze\n;  x ; _erbout.<< \"\\nb \".freeze\n; _erbout.<<(( y ).to_s); _erbout.<< \" c\\n\".freeze\n; _erbout"
ERB.new("é \"q\" \#{x}\n").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<< \"\\xC3\\xA9 \\\"q\\\" \\\#{x}\\n\".freeze\n; _erbout"
ERB.new("<%# c %>\nx<%% y %%>\n<% a %%> b %>").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<< \"\\nx<% y %%>\\n\".freeze\n\n;  a %> b ; _erbout"
ERB.new("<% 1\n 2 %>\nz").src #=> "#coding:UTF-8\n_erbout = +'';  1\n 2 ; _erbout.<< \"\\nz\".freeze\n; _erbout"
ERB.new("a\n<% x %>\nb <%= y %>\n  <% z %>\n", trim_mode: ">").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<< \"a\\n\".freeze\n;  x \n_erbout.<< \"b \".freeze; _erbout.<<(( y ).to_s)\n_erbout.<< \"  \".freeze;  z \n_erbout"
ERB.new("a\n<% x %>\nb <%= y %>\n<%= q %>\n  <% z %>\n<% a %> <% b %>\n", trim_mode: "<>").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<< \"a\\n\".freeze\n;  x \n_erbout.<< \"b \".freeze; _erbout.<<(( y ).to_s); _erbout.<< \"\\n\".freeze\n; _erbout.<<(( q ).to_s)\n_erbout.<< \"  \".freeze;  z ; _erbout.<< \"\\n\".freeze\n;  a ; _erbout.<< \" \".freeze;  b \n_erbout"
ERB.new("a\n  <%- x -%>\nb <%= y -%>\n <%- z %>\n", trim_mode: "-").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<< \"a\\n\".freeze\n;  x \n_erbout.<< \"b \".freeze; _erbout.<<(( y ).to_s)\n z ; _erbout.<< \"\\n\".freeze\n; _erbout"
ERB.new("% x\n%% y\na % b\n %c\n<% \n% z\n%>\n", trim_mode: "%").src #=> "#coding:UTF-8\n_erbout = +'';  x\n_erbout.<< \"% y\\n\".freeze\n; _erbout.<< \"a % b\\n\".freeze\n; _erbout.<< \" %c\\n\".freeze\n;  \n% z\n_erbout.<< \"\\n\".freeze\n; _erbout"
ERB.new("% x\n<%= y %>\n", trim_mode: "%<>").src #=> "#coding:UTF-8\n_erbout = +'';  x\n_erbout.<<(( y ).to_s)\n_erbout"
ERB.new("% x\n  <%- y -%>\nz\n", trim_mode: "%-").src #=> "#coding:UTF-8\n_erbout = +'';  x\n y \n_erbout.<< \"z\\n\".freeze\n; _erbout"
ERB.new("").src #=> "#coding:UTF-8\n_erbout = +''; _erbout"
ERB.new("<%=1%>").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<<((1).to_s); _erbout"
ERB.new("<% if true %>\nA\n<% end %>\n").src #=> "#coding:UTF-8\n_erbout = +'';  if true ; _erbout.<< \"\\nA\\n\".freeze\n\n;  end ; _erbout.<< \"\\n\".freeze\n; _erbout"
ERB.new("a\n\n\nb").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<< \"a\\n\\n\\nb\".freeze\n\n\n; _erbout"
ERB.new("<%= 1 -%>\n\nx", trim_mode: "-").src #=> "#coding:UTF-8\n_erbout = +''; _erbout.<<(( 1 ).to_s)\n_erbout.<< \"\\nx\".freeze\n; _erbout"
ERB.new("x", eoutvar: "@o").src #=> "#coding:UTF-8\n@o = +''; @o.<< \"x\".freeze; @o"
ERB.new("a <%= 1 + 1 %> b").result #=> "a 2 b"
ERB.new("<% 3.times do |i| %><%= i %>,<% end %>").result #=> "0,1,2,"
ERB.new("<% 3.times do |i| -%>\n<%= i %>\n<% end -%>\n", trim_mode: "-").result #=> "0\n1\n2\n"
ERB.new("% 2.times do |i|\n<%= i %>\n% end\n", trim_mode: "%").result #=> "0\n1\n"
ERB.new("<% if true %>\nA\n<% end %>\n", trim_mode: "<>").result #=> "A\n"
ERB.new("é<%= 'ü' %>").result #=> "éü"
ERB.new("<%% %>").result #=> "<% %>"
ERB.new("a<%= nope %>").result #=> !! NameError: undefined local variable or method `nope' for main:Object
ERB.new("<%= x %>").result_with_hash(x: 1) #=> "1"
ERB.new("<%= x %><%= defined?(y).inspect %>").result_with_hash("x" => 1) #=> "1nil"
x = 5; ERB.new("<% x = 6 %><%= x %>").result(binding) + x.to_s #=> "66"
[1, 2].map { |n| ERB.new("<%= n %>").result(binding) } #=> ["1", "2"]
def erb_local(v) = ERB.new("<%= v * 2 %>").result(binding); erb_local(4) #=> "8"
Struct.new(:name) { def show = ERB.new("<%= name %>").result(binding) }.new("n").show #=> "n"
Class.new { def initialize = @a = 7; def show = ERB.new("<%= @a %>").result(binding) }.new.show #=> "7"
ERB.new("<%= 1 %>").result(1) #=> !! TypeError: wrong argument type Integer (expected binding)
ERB.new(nil) #=> !! NoMethodError: undefined method `encoding' for nil:NilClass
ERB.version #=> "2.2.3"
ERB::Util.h("<a&'\">") #=> "&lt;a&amp;&#39;&quot;&gt;"
ERB::Util.html_escape(1) #=> "1"
ERB::Util.url_encode("a b/é~-_.") #=> "a%20b%2F%C3%A9~-_."
include ERB::Util; h("<") #=> "&lt;"
ERB.new("x").encoding #=> #<Encoding:UTF-8>
e = ERB.new("a\n<%= raise 'x' %>"); e.filename = "f.erb"; e.lineno = 10; begin; e.result; rescue => err; err.backtrace[0]; end #=> "f.erb:12:in `<main>'"
begin; ERB.new("a\n<%= raise 'x' %>").result; rescue => err; err.backtrace[0]; end #=> "(erb):2:in `<main>'"
begin; ERB.new("<% if %>").result; rescue SyntaxError => err; err.class; end #=> SyntaxError
a = 1; binding.local_variable_get(:a) #=> 1
b = binding; b.local_variable_set(:new_one, 3); [b.local_variable_get(:new_one), b.local_variable_defined?(:new_one), b.local_variable_defined?(:no_such)] #=> [3, true, false]
a = 1; b = binding; b.local_variable_set(:a, 2); a #=> 2
binding.receiver.inspect #=> "main"
binding.class #=> Binding
[1].each { |q| $names = binding.local_variables.include?(:q) }; $names #=> true
