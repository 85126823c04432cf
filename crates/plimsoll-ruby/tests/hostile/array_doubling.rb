# elements memory
list = [1]
list += list while true
