# string memory steps time
text = "aaaa"
text = text.gsub("a", "aaaa") while true
