# memory steps time
n = 0
:"name#{n += 1}#{"x" * 1000}".to_sym while true
