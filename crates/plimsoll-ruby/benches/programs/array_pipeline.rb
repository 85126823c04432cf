# Lists mapped, selected, flattened, sorted and reduced.
list = (1..200_000).to_a
squares = list.map { |n| n * n }
odd = squares.select(&:odd?)
small = odd.reject { |n| n > 10_000_000 }.each_slice(3).map(&:sum)
pairs = list.first(20_000).each_with_index.map { |n, i| [n % 97, i] }
sorted = pairs.sort.uniq { |pair| pair[0] }.flatten
folded = list.inject { |a, b| (a + b) % 1_000_003 }
both = list.zip(squares).count { |a, b| (a + b) % 3 == 0 }
raise [small.size, sorted.size, folded, both].inspect unless small.size == 527 && sorted.size == 194
