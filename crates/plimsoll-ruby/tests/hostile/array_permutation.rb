# elements memory time steps
(1..30).to_a.permutation.to_a.size
