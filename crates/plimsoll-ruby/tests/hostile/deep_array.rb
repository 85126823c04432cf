# memory steps time SystemStackError
list = []
list = [list] while true
