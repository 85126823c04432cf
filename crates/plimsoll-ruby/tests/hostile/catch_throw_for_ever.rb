# steps time
catch(:a) { throw :a } while true
