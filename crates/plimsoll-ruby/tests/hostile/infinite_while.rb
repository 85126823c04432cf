# steps time
while true do end
