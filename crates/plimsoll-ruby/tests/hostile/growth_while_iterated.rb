# elements memory steps time
list = [1]
list.each { |n| list << n }
