# string memory
text = "x"
text += text while true
