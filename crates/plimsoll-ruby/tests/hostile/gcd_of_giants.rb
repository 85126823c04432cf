# integer
a = 3**200_000
b = 7**200_000
raise "ends" if a.gcd(b) == 1
