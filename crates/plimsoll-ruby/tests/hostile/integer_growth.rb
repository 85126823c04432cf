# integer memory steps time
n = 3
n *= n while true
