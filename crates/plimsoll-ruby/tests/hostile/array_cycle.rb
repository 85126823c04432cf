# steps time
[1].cycle { |n| n }
