# SystemStackError ends
a = []
100_000.times { a = [a] }
a.flatten
raise "ends"
