# elements memory steps time
list = []
list.concat(("a," * 10_000).split(",")) while true
