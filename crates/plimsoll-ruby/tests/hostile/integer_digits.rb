# integer memory steps time
n = 3
n *= n while n.to_s.size > 0
