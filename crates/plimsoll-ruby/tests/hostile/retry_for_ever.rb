# steps time
begin
  raise "again"
rescue StandardError
  retry
end
