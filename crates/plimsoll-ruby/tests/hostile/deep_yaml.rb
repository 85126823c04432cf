# Psych::SyntaxError SystemStackError time
require "yaml"
YAML.load("[" * 100_000)
