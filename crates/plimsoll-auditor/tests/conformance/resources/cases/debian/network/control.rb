control 'routes' do
  describe routing_table do
    it { should have_entry({ destination: '0.0.0.0', interface: 'eth0', gateway: '172.31.80.1' }) }
    it { should have_entry({ destination: '0.0.0.0', interface: 'eth1', gateway: '172.31.80.1' }) }
    it { should_not have_entry({ destination: '10.0.0.0', interface: 'eth1', gateway: '0.0.0.0' }) }
    it { should have_entry({ destination: '0.0.0.0' }) }
  end
  describe default_gateway do
    its('ipaddress') { should eq '172.31.80.1' }
    its('interface') { should eq 'eth1' }
  end
end
control 'ip6tables' do
  describe ip6tables do
    it { should have_rule('-P INPUT DROP') }
    it { should have_rule('-p input drop') }
    it { should_not have_rule('-P INPUT ACCEPT') }
    it { should have_rule('-A INPUT -p tcp -m comment --comment "ssh" -j ACCEPT') }
    it { should have_rule('-A INPUT -p tcp -j ACCEPT') }
  end
  describe ip6tables(table: 'mangle', chain: 'GONE') do
    it { should have_rule('x') }
    it { should_not have_rule('x') }
  end
end
control 'timezone' do
  describe timezone do
    its('identifier') { should eq 'Asia/Kolkata' }
    its('name') { should eq 'IST' }
    its('time_offset') { should eq '+0000' }
  end
end
