# memory elements string RangeError
1 << (1 << 40)
