# steps time
loop {}
