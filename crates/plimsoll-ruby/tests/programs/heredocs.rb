# Texts over several lines.
name = 'world'
a = <<~TEXT
  hello #{name}
    indented
  \ttab
TEXT
p a
b = <<-'RAW'
    raw #{name} \n
    RAW
p b
c = [<<~ONE, <<~TWO].map(&:strip)
  one
ONE
  two
TWO
p c
d = <<~CALL.lines.map(&:chomp).reject(&:empty?)
  first

  second
CALL
p d
def show(text, option: nil) = "#{text.length} #{option}"
puts show(<<~ARG, option: 5)
  argument
ARG
e = <<~OUTER
  before
  #{<<~INNER.strip}
    inner #{name}
  INNER
  after
OUTER
p e
p "line one
line two"
p 'continued' \
  ' text'
p %w[
  many
  lines
]
p(<<~EMPTY)
EMPTY
p <<~"QUOTED" + 'x'
  a	b
  	c
QUOTED
f = {
  key: <<~V,
    value
  V
  other: 1,
}
p f
