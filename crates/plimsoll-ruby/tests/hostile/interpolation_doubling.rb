# string memory
text = "x"
text = "#{text}#{text}" while true
