# integer memory steps time
n = 1r / 3
n = n * n + 1 while true
