# memory time string
(1..100_000_000).inject { |a, b| a * b + 1 }
