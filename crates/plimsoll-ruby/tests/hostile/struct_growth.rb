# memory elements steps time
pair = Struct.new(:a, :b)
list = nil
list = pair.new(list, "x" * 100) while true
