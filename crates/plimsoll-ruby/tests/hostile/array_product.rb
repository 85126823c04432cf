# elements memory
list = (1..1000).to_a
list.product(list, list).size
