# SystemStackError ends
a = []
b = []
100_000.times { a = [a]; b = [b] }
a == b
raise "ends"
