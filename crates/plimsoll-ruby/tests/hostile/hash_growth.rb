# elements memory steps time
hash = {}
n = 0
hash[n += 1] = n while true
