# string memory
list = ["x" * 100_000] * 1000
list.join.size
