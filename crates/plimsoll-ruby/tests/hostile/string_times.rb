# string memory
"abcdefgh" * 100_000_000
