# memory steps time elements
all = []
while true
  all << Enumerator.new { |y| loop { y << 1 } }
  all.last.next
end
