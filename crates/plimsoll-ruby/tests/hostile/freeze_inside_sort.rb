# steps time FrozenError ends
list = (1..1000).to_a.reverse
list.sort! { |a, b| list.freeze; a <=> b }
raise "ends"
