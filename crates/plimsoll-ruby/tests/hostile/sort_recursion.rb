# SystemStackError
def sorted(list) = list.sort { |_a, _b| sorted(list).size }
sorted([3, 2, 1])
