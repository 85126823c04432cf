$xml = %q{<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE a SYSTEM "x.dtd"><!-- c --><a x="1" y='two &amp; "q"'><b>t1 &lt; &#65;</b><b id="2"><c/></b><![CDATA[ raw <x> ]]><?pi data?> tail</a>}; $doc = REXML::Document.new($xml); nil #=> nil
include REXML; nil #=> nil
$doc.to_s #=> "<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE a SYSTEM \"x.dtd\"><!-- c --><a x='1' y='two &amp; \"q\"'><b>t1 &lt; &#65;</b><b id='2'><c/></b><![CDATA[ raw <x> ]]><?pi data?> tail</a>"
$doc.root.to_s #=> "<a x='1' y='two &amp; \"q\"'><b>t1 &lt; &#65;</b><b id='2'><c/></b><![CDATA[ raw <x> ]]><?pi data?> tail</a>"
$doc.root.name #=> "a"
$doc.root.attributes['y'] #=> "two & \"q\""
$doc.root.attributes #=> {"x"=>x='1', "y"=>y='two &amp; &quot;q&quot;'}
$doc.root.attributes.get_attribute('x') #=> x='1'
$doc.root.attributes.get_attribute('y').to_string #=> "y='two &amp; &quot;q&quot;'"
$doc.root.attributes.to_a #=> [x='1', y='two &amp; &quot;q&quot;']
$doc.root.attributes.keys rescue $!.class #=> ["x", "y"]
$doc.root.elements['b'] #=> <b> ... </>
$doc.root.elements[2] #=> <b id='2'> ... </>
$doc.root.elements.to_a #=> [<b> ... </>, <b id='2'> ... </>]
$doc.root.elements.size #=> 2
$doc.root.elements.count #=> 2
$doc.root.elements['b'].text #=> "t1 < A"
$doc.root.elements['nope'] #=> nil
$doc.root.elements.each('b'){|x| x} #=> [<b> ... </>, <b id='2'> ... </>]
$doc.root.text #=> " raw <x> "
$doc.root.texts #=> [" raw <x> ", " tail"]
$doc.root.cdatas #=> [" raw <x> "]
$doc.root.children.map(&:class) #=> [REXML::Element, REXML::Element, REXML::CData, REXML::Instruction, REXML::Text]
$doc.children.map(&:class) #=> [REXML::XMLDecl, REXML::DocType, REXML::Comment, REXML::Element]
$doc.root.children #=> [<b> ... </>, <b id='2'> ... </>, " raw <x> ", <?p-i pi ...?>, " tail"]
$doc.xml_decl #=> <?xml ... ?>
$doc.xml_decl.to_s #=> "<?xml version='1.0' encoding='UTF-8'?>"
$doc.doctype.to_s #=> "<!DOCTYPE a SYSTEM \"x.dtd\">"
$doc.version #=> "1.0"
$doc.encoding #=> "UTF-8"
XPath.first($doc, '//b') #=> <b> ... </>
XPath.match($doc, '//b') #=> [<b> ... </>, <b id='2'> ... </>]
XPath.match($doc, '//b/text()') #=> ["t1 &lt; &#65;"]
XPath.match($doc, '//@x') #=> [x='1']
XPath.first($doc, '//b[@id="2"]/c') #=> <c/>
XPath.first($doc, 'count(//b)') #=> 2
XPath.match($doc, 'count(//b)') #=> [2]
XPath.first($doc, 'string(//b)') #=> "t1 &lt; &#65;"
XPath.first($doc, "//*[b/text() = 't1 < A']/") #=> nil
$doc.root.get_elements('b') #=> [<b> ... </>, <b id='2'> ... </>]
$doc.root.get_text #=> " raw <x> "
$doc.root.get_text.value #=> " raw <x> "
$doc.root.elements.collect('b'){|x| x.name} #=> ["b", "b"]
$doc.root.xpath #=> "/a"
$doc.root.elements[2].xpath #=> "/a/b[2]"
$doc.root.elements[1].next_element #=> <b id='2'> ... </>
$doc.root.elements[2].previous_element #=> <b> ... </>
$doc.root.elements[2].parent.name #=> "a"
$doc.root.has_elements? #=> true
$doc.root.has_text? #=> true
$doc.root.has_attributes? #=> true
o=+''; Formatters::Pretty.new.write($doc,o); o #=> "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE a SYSTEM \"x.dtd\">\n<!-- c -->\n<a x='1' y='two &amp; &quot;q&quot;'>\n  <b>\n    t1 &lt; &#65;\n  </b>\n  <b id='2'>\n    <c/>\n  </b>\n  <![CDATA[ raw <x> ]]>\n<?pi data?>\n   tail\n</a>"
o=+''; f=Formatters::Pretty.new; f.compact=true; f.write($doc,o); o #=> "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE a SYSTEM \"x.dtd\">\n<!-- c -->\n<a x='1' y='two &amp; &quot;q&quot;'>\n  <b>t1 &lt; &#65;</b>\n  <b id='2'>\n    <c/>\n  </b>\n  <![CDATA[ raw <x> ]]>\n<?pi data?>\n   tail\n</a>"
o=+''; $doc.write(o,2); o #=> "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE a SYSTEM \"x.dtd\">\n<!-- c -->\n<a x='1' y='two &amp; &quot;q&quot;'>\n  <b>\n    t1 &lt; &#65;\n  </b>\n  <b id='2'>\n    <c/>\n  </b>\n  <![CDATA[ raw <x> ]]>\n<?pi data?>\n   tail\n</a>"
o=+''; $doc.write(output:o,indent:2); o #=> "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE a SYSTEM \"x.dtd\">\n<!-- c -->\n<a x='1' y='two &amp; &quot;q&quot;'>\n  <b>\n    t1 &lt; &#65;\n  </b>\n  <b id='2'>\n    <c/>\n  </b>\n  <![CDATA[ raw <x> ]]>\n<?pi data?>\n   tail\n</a>"
o=+''; Formatters::Default.new.write($doc.root,o); o #=> "<a x='1' y='two &amp; &quot;q&quot;'><b>t1 &lt; &#65;</b><b id='2'><c/></b><![CDATA[ raw <x> ]]><?pi data?> tail</a>"
Document.new('<a><b></a>') #=> !! REXML::ParseException: Missing end tag for 'b' (got 'a')\nLine: 1\nPosition: 10\nLast 80 unconsumed characters:\n
Document.new('') .root #=> nil
Document.new('text') #=> <UNDEFINED> ... </>
Document.new('<a x=1/>') #=> !! REXML::ParseException: Missing attribute value start quote: <x>\nLine: 1\nPosition: 8\nLast 80 unconsumed characters:\n
Document.new('<a x="1" x="2"/>') #=> !! REXML::ParseException: Duplicate attribute "x"\nLine: 1\nPosition: 16\nLast 80 unconsumed characters:\n
Document.new('<a>&foo;</a>').root.text #=> "&foo;"
Document.new(nil).to_s #=> ""
e=Element.new('x'); e.add_attribute('k','v<"'); e.text='hi & <'; e.add_element('y',{'z'=>'1'}); e.to_s #=> "<x k='v&lt;&quot;'>hi &amp; &lt;<y z='1'/></x>"
e=Element.new('x'); e.attributes['k']='v'; e << Text.new('a&b'); e.to_s #=> "<x k='v'>a&amp;b</x>"
Document.new('<r xmlns="u" xmlns:p="v"><p:a p:q="1"/><b/></r>').root.elements.to_a.map{|e| [e.name,e.prefix,e.namespace,e.expanded_name]} #=> [["a", "p", "v", "p:a"], ["b", "", "u", "b"]]
x=Document.new('<r xmlns="u" xmlns:p="v"><p:a p:q="1"/><b/></r>'); [XPath.first(x,'//p:a'),XPath.first(x,'//b'),XPath.first(x,'/r/b'),XPath.first(x,'//q:a','q'=>'v'),XPath.first(x,'//a')] #=> [<p:a p:q='1'/>, <b/>, <b/>, <p:a p:q='1'/>, nil]
x=Document.new('<r xmlns:p="v"><p:a p:q="1"/></r>'); [x.root.elements[1].attributes['p:q'],x.root.elements[1].attributes['q'], x.root.namespaces, x.root.prefixes] #=> ["1", "1", {"p"=>"v"}, ["p"]]
Document.new("<a>\n <b> x </b>\n</a>").root.elements['b'].text #=> " x "
Document.new("<a>\n <b> x </b>\n</a>").to_s #=> "<a>\n <b> x </b>\n</a>"
o=+'';Document.new("<a>\n <b> x </b>\n<c/></a>").write(o,2); o #=> "<a>\n  <b>\n     x \n  </b>\n  <c/>\n</a>"
$doc.root.inspect #=> "<a x='1' y='two &amp; &quot;q&quot;'> ... </>"
Element.new('a').inspect #=> "<a/>"
$doc.elements.each{|e| e} #=> [<a x='1' y='two &amp; &quot;q&quot;'> ... </>]
$doc.root.each_element('b'){|x|} #=> [<b> ... </>, <b id='2'> ... </>]
$doc.root.attribute('x').value #=> "1"
$doc.root.attribute('x').inspect #=> "x='1'"
Text.new('a & <').to_s #=> "a &amp; &lt;"
Text.new('a & <').value #=> "a & <"
Text.new('a &amp; b',false,nil,true).value #=> "a & b"
$doc.root.attributes.each{|n,v| p [n,v]} #=> {"x"=>x='1', "y"=>y='two &amp; &quot;q&quot;'}
$doc.root.attributes.map{|n,v| [n,v]} #=> [["x", "1"], ["y", "two & \"q\""]]
$doc.root.attributes.size #=> 2
$doc.root.delete_attribute('x'); $doc.root.attributes.size #=> 1
$doc.root_node.class #=> REXML::Document
$doc.root.index($doc.root.children[0]) #=> 0
$doc.root['x'] #=> nil
$doc.root[0] #=> <b> ... </>
$doc.root.node_type #=> :element
$doc.node_type #=> :document
$doc.root.raw #=> nil
$doc.expanded_name #=> ""
$doc.root == $doc.root #=> true
$doc.root.clone.to_s #=> "<a y='two &amp; &quot;q&quot;'/>"
$doc.root.deep_clone.to_s #=> "<a y='two &amp; &quot;q&quot;'><b>t1 &lt; &#65;</b><b id='2'><c/></b><![CDATA[ raw <x> ]]><?pi data?> tail</a>"
$doc.root.whitespace #=> true
Document.new("<a/>\n").to_s #=> "<a/>\n"
Document.new("\n<a/>\n").children.map(&:class) #=> [REXML::Text, REXML::Element, REXML::Text]
Document.new("<?xml version='1.0'?>\n<a/>\n").children.map(&:class) #=> [REXML::XMLDecl, REXML::Text, REXML::Element, REXML::Text]
Document.new("<?xml version='1.0'?>\n<!-- c -->\n<a/>\n<!-- d -->").to_s #=> "<?xml version='1.0'?>\n<!-- c -->\n<a/>\n<!-- d -->"
Document.new("<?xml version='1.0' standalone='yes'?><a/>").to_s #=> "<?xml version='1.0' standalone='yes'?><a/>"
Document.new("<?xml version='1.0' encoding='UTF-8' standalone='yes'?><a/>").to_s #=> "<?xml version='1.0' encoding='UTF-8' standalone='yes'?><a/>"
Document.new("<a/>").version #=> "1.0"
d=Document.new; d << XMLDecl.new; d.add_element('r'); d.to_s #=> "<?xml version='1.0'?><r/>"
d=Document.new; d << XMLDecl.new('1.1','UTF-8'); d.add_element('r'); d.to_s #=> "<?xml version='1.1' encoding='UTF-8'?><r/>"
d=Document.new; d.add_element('r').add_text('x'); d.to_s #=> "<r>x</r>"
Document.new("<!DOCTYPE a [<!ENTITY foo 'bar'>]><a>&foo;</a>").root.text #=> "bar"
Document.new("<!DOCTYPE a PUBLIC \"-//x\" \"y.dtd\"><a/>").to_s #=> "<!DOCTYPE a PUBLIC \"-//x\" \"y.dtd\"><a/>"
Document.new("<!DOCTYPE a><a/>").doctype.name #=> "a"
Document.new("<a>1<b>2</b>3</a>").root.texts.map(&:to_s) #=> ["1", "3"]
Document.new("<a>&amp;&lt;&#x41;</a>").root.get_text.to_s #=> "&amp;&lt;&#x41;"
Document.new("<a x='&amp;'/>").root.attribute('x').to_s #=> "&amp;"
Document.new("<a x='&amp;'/>").root.attribute('x').value #=> "&"
Document.new("<a b='1'></a>").root.to_s #=> "<a b='1'/>"
Document.new("<a><b>x</b></a>").root.elements['b/text()'] #=> "x"
Document.new("<a><b>x</b></a>").root.elements['b/text()'].class #=> REXML::Text
Document.new("<a><b k='v'>x</b></a>").elements['a/b/@k'] #=> k='v'
Document.new("<a><b k='v'>x</b></a>").elements['//b'].attributes['nope'] #=> nil
Document.new("<a><b k='v'>x</b></a>").elements.each('//b'){|e| e} #=> [<b k='v'> ... </>]
Document.new("<a><b/><c/></a>").root.elements.map(&:name) #=> ["b", "c"]
Document.new("<a><b/><c/></a>").root.elements.first #=> <b/>
Document.new("<a><b/><c/></a>").root.elements.empty? #=> false
Document.new("<a><b/><c/></a>").root.elements[0] #=> !! RuntimeError: index (0) must be >= 1
Document.new("<a><b n='x'/><c n='y'/></a>").root.elements[1,'x'] #=> nil
Document.new("<a><b/>t<c/></a>").root.to_a #=> [<b/>, "t", <c/>]
Document.new("<a><b/>t<c/></a>").root.map(&:class) #=> [REXML::Element, REXML::Text, REXML::Element]
Document.new("<a><b/>t<c/></a>").root.size #=> 3
r=Document.new("<a><b/>t<c/></a>").root; r.delete(r[0]); r.to_s #=> "<a>t<c/></a>"
r=Document.new("<a><b/>t<c/></a>").root; r[0].remove; r.to_s #=> "<a>t<c/></a>"
r=Document.new("<a><b/>t<c/></a>").root; r.delete_element('c').to_s + r.to_s #=> "<c/><a><b/>t</a>"
r=Document.new("<a><b/></a>").root; r.text='new'; r.to_s #=> "<a><b/>new</a>"
r=Document.new("<a>old<b/></a>").root; r.text='new'; r.to_s #=> "<a>new<b/></a>"
r=Document.new("<a>old<b/></a>").root; r.text=nil; r.to_s #=> "<a><b/></a>"
r=Document.new("<a>old<b/></a>").root; r.add_text('more'); r.to_s #=> "<a>old<b/>more</a>"
r=Document.new("<a>old</a>").root; r.add_text('more'); r.to_s #=> "<a>oldmore</a>"
r=Document.new("<a/>").root; r.add_attributes('x'=>'1','y'=>2); r.to_s #=> "<a x='1' y='2'/>"
r=Document.new("<a/>").root; r.add_attribute('x',nil); r.to_s #=> "<a/>"
r=Document.new("<a x='1'/>").root; r.attributes.delete('x'); r.to_s #=> "<a/>"
r=Document.new("<a/>").root; r.name='z'; r.to_s #=> "<z/>"
r=Document.new("<a><b/></a>").root; r.insert_before('b', Element.new('q')); r.to_s #=> "<a><q/><b/></a>"
r=Document.new("<a><b/></a>").root; r.insert_after('b', Element.new('q')); r.to_s #=> "<a><b/><q/></a>"
r=Document.new("<a><b/></a>").root; r.elements['b'].replace_with(Element.new('q')); r.to_s #=> "<a><q/></a>"
r=Document.new("<a><b/></a>").root; r.elements['b']=Element.new('q'); r.to_s #=> "<a><q/></a>"
Comment.new(' hi ').to_s #=> " hi "
i=Document.new("<a><?t c?></a>").root.instructions; [i[0].target,i[0].content, i[0].to_s] #=> ["t", "c", "<?t c?>"]
CData.new('x').to_s #=> "x"
CData.new('x').value #=> "x"
Document.new("<a>x</a>").root.write(+'') #=> "<a>x</a>"
o=+''; Document.new("<a><b>x</b><c/><!--z--></a>").root.write(o,1); o #=> "<a>\n <b>\n  x\n </b>\n <c/>\n <!--z-->\n</a>"
o=+''; f=Formatters::Pretty.new(4); f.compact=true; f.write(Document.new("<a><b>x</b><c/><!--z--></a>").root,o); o #=> "<a>\n    <b>x</b>\n    <c/>\n    <!--z-->\n</a>"
o=+''; Formatters::Pretty.new.write(Document.new("<a><b>#{'word '*30}</b></a>").root,o); o #=> "<a>\n  <b>\n    word word word word word word word word word word word word word word word\n    word word word word word word word word word word word word word word word \n  </b>\n</a>"
XPath.match(Document.new("<a><b/><c/></a>"), '//*').map(&:name) #=> ["a", "b", "c"]
XPath.match(Document.new("<a><b/><c/></a>"), 'a/*[2]').map(&:name) #=> ["c"]
XPath.match(Document.new("<a><b/><c/></a>"), 'a/*[last()]').map(&:name) #=> ["c"]
XPath.match(Document.new("<a><b/><c/></a>"), 'a/b|a/c').map(&:name) #=> ["b", "c"]
XPath.match(Document.new("<a><b i='1'/><b i='2'/></a>"), '//b[@i>1]').map(&:to_s) #=> ["<b i='2'/>"]
XPath.match(Document.new("<a><b i='1'/><b i='2'/></a>"), '//b/@i').map(&:value) #=> ["1", "2"]
XPath.match(Document.new("<a><b>x</b><b>y</b></a>"), "//b[text()='y']").map(&:to_s) #=> ["<b>y</b>"]
XPath.match(Document.new("<a><b>x</b><b>y</b></a>"), "//b[contains(text(),'y')]").map(&:to_s) #=> ["<b>y</b>"]
XPath.match(Document.new("<a><b>x</b><b>y</b></a>"), "//b[contains(.,'y')]").map(&:to_s) #=> ["<b>y</b>"]
XPath.match(Document.new("<a><b>x</b><b>y</b></a>"), "//b[not(.='y')]").map(&:to_s) #=> ["<b>x</b>"]
XPath.match(Document.new("<a><b>x</b></a>"), "//b/..").map(&:name) #=> ["a"]
XPath.match(Document.new("<a><b>x</b></a>"), "//b/ancestor::*").map(&:name) #=> ["a"]
XPath.match(Document.new("<a><b>x</b></a>"), "//b = 'x'") #=> [true]
XPath.match(Document.new("<a><b>x</b></a>"), "1+1") #=> [2.0]
XPath.match(Document.new("<a><b>x</b></a>"), "string(//b)") #=> ["x"]
XPath.match(Document.new("<a><b>x</b></a>"), "name(//b)") #=> ["b"]
XPath.first(Document.new("<a><b>x</b></a>"), "//zz") #=> nil
d=Document.new("<a><b><c>1</c></b></a>"); XPath.first(d.root.elements['b'], 'c').text #=> "1"
d=Document.new("<a><b><c>1</c></b></a>"); XPath.first(d.root.elements['b'], './c').text #=> "1"
d=Document.new("<a><b><c>1</c></b></a>"); XPath.first(d.root.elements['b'], '/a/b').name #=> "b"
d=Document.new("<a><b><c>1</c></b></a>"); d.root.elements['b'].elements['c'].text.to_i #=> 1
Document.new("<a>\u00e9</a>").root.text #=> "é"
Document.new("<a>x</a>").root.text.frozen? #=> false
Document.new(StringIO.new("<a>x</a>")).root.text #=> "x"
Document.new("<a x=\"it's\"/>").to_s #=> "<a x='it&apos;s'/>"
Document.new("<a x='&quot;it&apos;s&quot;'/>").root.attributes['x'] #=> "\"it's\""
a=Attribute.new('k',"it's \"q\""); [a.to_string, a.value, a.to_s, a.name, a.prefix, a.expanded_name] #=> ["k='it&apos;s \"q\"'", "it's \"q\"", "it&apos;s &quot;q&quot;", "k", "", "k"]
Document.new("<a xmlns:p='u'><p:b/></a>").root.elements['p:b'].name #=> "b"
Document.new("<a><p:b/></a>") #=> !! REXML::UndefinedNamespaceException: Undefined prefix p found
Document.new("<a>]]></a>").root.text #=> "]]>"
Document.new("<a><!-- x -- y --></a>") #=> !! REXML::ParseException: Malformed comment\nLine: 1\nPosition: 18\nLast 80 unconsumed characters:\n
Document.new("<a></a></b>") #=> !! REXML::ParseException: Unexpected top-level end tag (got 'b')\nLine: 1\nPosition: 11\nLast 80 unconsumed characters:\n
Document.new("</b>") #=> !! REXML::ParseException: Unexpected top-level end tag (got 'b')\nLine: 1\nPosition: 4\nLast 80 unconsumed characters:\n
Document.new("<a><").to_s #=> !! REXML::ParseException: malformed XML: missing tag start\nLine: 1\nPosition: 4\nLast 80 unconsumed characters:\n<
Document.new("<a b></a>").to_s #=> !! REXML::ParseException: Missing attribute equal: <b>\nLine: 1\nPosition: 5\nLast 80 unconsumed characters:\n
Document.new("<a b='1' c></a>").to_s #=> !! REXML::ParseException: Missing attribute equal: <c>\nLine: 1\nPosition: 11\nLast 80 unconsumed characters:\n
Document.new("<1a/>").to_s #=> !! REXML::ParseException: malformed XML: missing tag start\nLine: 1\nPosition: 5\nLast 80 unconsumed characters:\n<1a/>
begin; Document.new("<a>\n<b></c></a>"); rescue ParseException => e; [e.line,e.position,e.message,e.continued_exception] end #=> [2, 11, "Missing end tag for 'b' (got 'c')\nLine: 2\nPosition: 11\nLast 80 unconsumed characters:\n", nil]
Element.new('a').text #=> nil
e=Element.new('p:a'); [e.name,e.prefix,e.expanded_name,e.namespace] #=> ["a", "p", "p:a", nil]
e=Element.new('a'); e.add_namespace('u'); e.to_s #=> "<a xmlns='u'/>"
e=Element.new('a'); e.add_namespace('p','u'); e.to_s #=> "<a xmlns:p='u'/>"
Element.new('a', Element.new('b')).parent.to_s #=> "<b><a/></b>"
Text.new('a<b').empty? #=> false
(Text.new('a') <=> Text.new('b')) #=> -1
x=Text.new('a'); x << 'b<'; x.to_s #=> "ab&lt;"
Text.new("a", true).inspect #=> "\"a\""
Text.normalize('a<&') #=> "a&lt;&amp;"
Text.unnormalize('a&lt;&amp;&#65;') #=> "a<&A"
REXML::VERSION #=> "3.2.5"
Document.new("<a>  \n </a>").root.text #=> "  \n "
Document.new("<a>  <b/> </a>",{ignore_whitespace_nodes: :all}).to_s #=> "<a><b/></a>"
Document.new("<a>1</a>").root.elements.to_a('b') #=> []
Document.new("<a>1</a>").elements['a'].text(nil) #=> "1"
Document.new("<a><b>1</b></a>").root.text('b') #=> "1"
Document.new("<a><b>1</b></a>").root.get_text('b') #=> "1"
Document.new("<a><b k='1'/></a>").root.elements['b[@k="1"]'].class #=> REXML::Element
