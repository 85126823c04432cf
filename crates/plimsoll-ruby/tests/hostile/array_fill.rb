# elements memory
[].fill(0, 0, 1 << 40)
