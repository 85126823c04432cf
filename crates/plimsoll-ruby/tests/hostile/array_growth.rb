# elements memory
list = []
list << "text" while true
