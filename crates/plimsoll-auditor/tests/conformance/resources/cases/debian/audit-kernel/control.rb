control 'audit' do
  describe linux_audit_system do
    it { should be_enabled }
    it { should be_running }
    it { should_not be_running }
    its('rules') { should include '-w /etc -p wa' }
    its('rules') { should include(/chown/) }
    its('rules') { should eq [] }
  end
end
control 'repositories' do
  describe ppa('nginx/stable') do
    it { should exist }
    it { should_not exist }
    it { should be_enabled }
  end
  describe ppa('ppa:owner') do
    it { should_not exist }
    it { should exist }
  end
  describe noop do
    it { should be_nil }
    it { should_not be_nil }
  end
  describe mysql do
    its('conf_path') { should eq '/etc/mysql/my.cnf' }
    its('service') { should eq 'mysqld' }
    its('log_group') { should eq 'adm' }
  end
  describe mongodb do
    its('conf_path') { should eq '/etc/mongod.conf' }
    its('conf_path') { should be_nil }
  end
end
