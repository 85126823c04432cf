# steps time
begin
  loop {}
ensure
  loop {}
end
