# elements memory steps time
require "set"
set = Set.new
n = 0
set << (n += 1) while true
