# memory time Infinity
raise "Infinity" if (7**(1 << 40)).infinite?
