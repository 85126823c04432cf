# steps time NoMethodError NotImplementedError
at_exit { loop {} }
loop {}
