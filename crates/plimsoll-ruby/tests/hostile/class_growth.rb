# memory steps time
all = []
all << Class.new while true
