# SystemStackError
def deeper(n) = deeper(n + 1)
deeper(0)
