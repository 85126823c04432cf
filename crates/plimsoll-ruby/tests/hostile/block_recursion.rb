# SystemStackError
again = ->(n) { [n].map { |m| again.call(m + 1) } }
again.call(0)
