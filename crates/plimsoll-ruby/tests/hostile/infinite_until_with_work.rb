# steps time
n = 0
n += 1 until n < 0
