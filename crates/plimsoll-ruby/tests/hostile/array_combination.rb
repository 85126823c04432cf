# elements memory time steps
(1..64).to_a.combination(32).count
