# steps time
1.step { |n| n }
