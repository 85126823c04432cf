# steps time
begin
  raise "start"
rescue Exception
  begin
    loop {}
  rescue Exception
    retry
  ensure
    loop {}
  end
end
