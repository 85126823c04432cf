# steps time elements memory
("a".."zzzzzzzzzzzz").to_a
