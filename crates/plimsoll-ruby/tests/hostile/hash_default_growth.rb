# elements memory steps time
hash = Hash.new { |h, k| h[k] = k }
n = 0
hash[n += 1] while true
