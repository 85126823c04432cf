control 'slow-01' do
  title 'A command that a person has time to interrupt'
  describe command('echo started > /tmp/plimsoll-e2e-slow; sleep 25') do
    its('exit_status') { should eq 0 }
  end
end
