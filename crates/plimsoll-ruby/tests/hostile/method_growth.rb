# memory steps time
n = 0
define_singleton_method(:"m#{n += 1}") { n } while true
