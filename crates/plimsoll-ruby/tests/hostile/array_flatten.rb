# elements memory steps time
list = [1]
40.times { list = [list, list] }
list.flatten.size
