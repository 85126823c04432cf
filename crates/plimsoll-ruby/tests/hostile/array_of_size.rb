# elements memory
Array.new(1 << 40, 0)
