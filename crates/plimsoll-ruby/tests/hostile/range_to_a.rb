# elements memory time steps
(1..(1 << 60)).to_a
