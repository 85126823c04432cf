control 'slow-01' do
  title 'A command that a person has time to interrupt'
  describe command('echo $$ > /tmp/plimsoll-e2e-slow; exec sleep 25') do
    its('exit_status') { should eq 0 }
  end
end
