# string memory ArgumentError RangeError
[1].pack("x999999999999")
