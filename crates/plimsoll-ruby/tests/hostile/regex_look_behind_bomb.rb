# regex time ends
raise "ends" if (("ab" * 5000) + "c") !~ /(?<!x)(?:(a|ab)(c|bcd)*)*(?<=d)\z/
