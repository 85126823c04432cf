# SystemStackError
Hash.new { |hash, key| hash[key + 1] }[0]
