# RegexpError memory time
Regexp.new("(?:a{1,1000}){1,1000}" * 50) =~ "a"
