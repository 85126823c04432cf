# steps time
(1..).lazy.select { |n| n < 0 }.first(1)
