# steps time
1.upto(Float::INFINITY) {}
