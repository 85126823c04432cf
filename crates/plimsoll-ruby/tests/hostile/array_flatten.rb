# elements memory
list = [1]
40.times { list = [list, list] }
list.flatten.size
