control 'runit' do
  describe runit_service('web') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
    its('type') { should eq 'systemd' }
  end
  describe runit_service('down', '/opt/sv') do
    it { should be_installed }
    it { should be_running }
    it { should be_enabled }
  end
  describe runit_service('gone') do
    it { should_not be_installed }
    it { should be_running }
  end
end
control 'bsd and launchd' do
  describe bsd_service('sshd') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
    its('name') { should eq 'x' }
  end
  describe launchd_service('org.web') do
    it { should be_installed }
    it { should be_running }
    its('name') { should eq 'x' }
  end
  describe upstart_service('cron') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
    its('type') { should eq 'x' }
  end
end
control 'firewalld' do
  describe firewalld do
    it { should be_installed }
    it { should be_running }
    its('default_zone') { should eq 'drop' }
    it { should have_zone('public') }
    it { should have_zone('none') }
    it { should have_service_enabled_in_zone('ssh', 'public') }
    it { should have_service_enabled_in_zone('http') }
    it { should have_port_enabled_in_zone('22/tcp', 'public') }
    it { should have_rule_enabled('rule family=ipv4 source address=192.168.0.14 accept', 'public') }
    its('service_ports_enabled_in_zone') { should be_nil }
  end
  describe firewalld.where { zone == 'public' } do
    its('interfaces') { should cmp ['eth0', 'eth1'] }
    its('services') { should eq [['ssh']] }
    its('target') { should eq ['DROP'] }
    its('sources') { should cmp [] }
    it { should have_masquerade_enabled }
    it { should_not have_icmp_block_inversion_enabled }
  end
end
control 'nginx' do
  describe nginx do
    its('version') { should eq '1.0' }
    its('modules') { should include 'http_ssl' }
    its('support_info') { should match(/TLS/) }
    its('openssl_version.version') { should eq '1.1' }
    its('compiler_info.compiler') { should eq 'gcc' }
    its('prefix') { should eq '/usr' }
  end
end
