# steps time
(1 << 62).times {}
