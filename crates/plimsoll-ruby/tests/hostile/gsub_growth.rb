# string memory
text = "aaaa"
text = text.gsub("a", "aaaa") while true
