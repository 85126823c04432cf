# steps time memory elements
Enumerator.new { |y| loop { y << 1 } }.to_a
