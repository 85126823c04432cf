# memory elements string steps time Psych::BadAlias
require "yaml"
text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
(1..20).each { |n| text << "a#{n}: &a#{n} [#{(["*a#{n - 1}"] * 9).join(", ")}]\n" }
YAML.load(text, aliases: true).inspect.size
