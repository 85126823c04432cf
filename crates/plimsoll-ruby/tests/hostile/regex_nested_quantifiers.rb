# regex time ends
raise "ends" if ("a" * 40 + "!") !~ /\A(?:(?=a)a+)+\z/
