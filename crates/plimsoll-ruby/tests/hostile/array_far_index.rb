# elements memory
list = []
list[1 << 40] = 1
