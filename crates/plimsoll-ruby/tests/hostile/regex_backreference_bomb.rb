# regex time
("a" * 60) =~ /\A(a|a)*\1b\z/
