Random.new(42).rand #=> 0.3745401188473625
Random.new(42).rand(100) #=> 51
r = Random.new(42); Array.new(5) { r.rand(10) } #=> [6, 3, 7, 4, 6]
r = Random.new(1); Array.new(5) { r.rand } #=> [0.417022004702574, 0.7203244934421581, 0.00011437481734488664, 0.30233257263183977, 0.14675589081711304]
r = Random.new(3); Array.new(5) { r.rand(1..6) } #=> [3, 1, 2, 4, 1]
r = Random.new(3); Array.new(3) { r.rand(1.0..2.0) } #=> [1.5507979043924074, 1.7081478223763287, 1.2909047436251604]
r = Random.new(3); Array.new(3) { r.rand(1.0...2.0) } #=> [1.5507979025745755, 1.7081478226181048, 1.2909047389129444]
r = Random.new(3); Array.new(3) { r.rand(2.5) } #=> [1.3769947564364386, 1.770369556545262, 0.7272618472823609]
r = Random.new(7); r.rand(10**25) #=> 3498181146124408165247478
r = Random.new(7); r.rand(2**40) #=> 752595690692
r = Random.new(7); [r.rand(2**32), r.rand(2**33)] #=> [327741615, 3349725721]
Random.new(42).bytes(5) #=> "f\xDC\xE1_\xB3"
Random.new(42).seed #=> 42
Random.new(2**70).rand(1000) #=> 772
Random.new(-5).rand(1000) #=> 867
Random.new(42) == Random.new(42) #=> true
Random.new(42) == Random.new(43) #=> false
Random.new(42).rand(0) #=> !! ArgumentError: invalid argument - 0
Random.new(42).rand(-1) #=> !! ArgumentError: invalid argument - -1
Random.new(42).rand(1..) #=> !! Errno::EDOM: Numerical argument out of domain
Random.new(42).rand("a") #=> !! TypeError: no implicit conversion of String into Integer
Random.new(42).rand(3...3) #=> !! ArgumentError: invalid argument - 3...3
Random.new(42).rand(nil) #=> !! ArgumentError: invalid argument - 
Random.rand(1) #=> 0
Random.rand.is_a?(Float) #=> true
srand(5); [rand(10), rand(10), rand] #=> [3, 6, 0.36373689710058943]
srand(5); srand #=> 5
srand(5); rand(1..3) #=> 3
srand(5); rand(-7) #=> 3
srand(5); Random.rand(100) #=> 99
srand(5); [1, 2, 3, 4, 5].shuffle #=> [5, 1, 2, 3, 4]
srand(5); [1, 2, 3, 4, 5].sample #=> 4
[1, 2, 3, 4, 5].shuffle(random: Random.new(42)) #=> [2, 5, 3, 1, 4]
(1..10).to_a.shuffle(random: Random.new(1)) #=> [3, 10, 7, 5, 1, 4, 2, 8, 9, 6]
[1, 2, 3, 4, 5].sample(random: Random.new(42)) #=> 4
rand(0).is_a?(Float) #=> true
rand(1) #=> 0
rand(1.5) #=> 0
