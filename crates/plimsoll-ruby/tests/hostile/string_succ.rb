# steps time memory elements
text = "a"
text = text.succ while true
