# elements memory steps time
list = []
list.concat(("a" * 10_000).scan(/a/)) while true
