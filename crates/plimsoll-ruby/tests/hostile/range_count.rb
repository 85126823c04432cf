# steps time
(1..).count { |n| n < 0 }
