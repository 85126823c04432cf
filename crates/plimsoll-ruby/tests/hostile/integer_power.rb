# integer memory time
n = 7**7**7
n = n**n while n > 0
