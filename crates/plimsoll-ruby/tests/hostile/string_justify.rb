# string memory
"x".center(1 << 40)
