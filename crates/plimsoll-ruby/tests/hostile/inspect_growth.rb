# string memory steps time
list = ["x" * 1000]
40.times { list = [list, list] }
list.inspect
