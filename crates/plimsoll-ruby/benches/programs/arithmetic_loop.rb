# A loop that computes: what counting and comparing in a control comes down to.
sum = 0
i = 0
while i < 2_000_000
  sum += i * 3 % 7
  sum -= 1 if i & 1 == 0
  i += 1
end
raise sum.to_s unless sum == 4_999_997
