# integer memory RangeError
1 << (1 << 40)
