control 'chain' do
  describe nftables(family: 'inet', table: 'filter', chain: 'INPUT') do
    it { should exist } rescue nil
    its('type') { should eq 'filter' }
    its('hook') { should eq 'input' }
    its('hook') { should eq 'output' }
    its('prio') { should eq 0 }
    its('policy') { should eq 'drop' }
    its('size') { should eq 3 }
    its('flags') { should be_empty }
    it { should have_rule('tcp dport { 22, 80, 443 } accept') }
    it { should have_rule('TCP dport { 22, 80, 443 } ACCEPT') }
    it { should_not have_rule('tcp dport 23 accept') }
    it { should have_rule('tcp dport 23 accept') }
    it { should have_rule('iif "lo" accept') }
  end
  describe nftables(family: 'inet', table: 'filter', chain: 'INPUT', ignore_comments: true) do
    it { should have_rule('iif "lo" accept') }
  end
end
control 'set' do
  describe nftables(family: 'inet', table: 'filter', set: 'OPEN_PORTS') do
    its('type') { should eq 'ipv4_addr . inet_proto . inet_service' }
    its('flags') { should include 'interval' }
    its('flags') { should eq ['constant'] }
    its('size') { should eq 65535 }
    its('policy') { should eq 'drop' }
    it { should have_element('1.1.1.1 . tcp . 25-27') }
    it { should_not have_element('1.1.1.1 . tcp . 28') }
    it { should have_element('9.9.9.9 . tcp . 28') }
    its('retrieve_set_elements') { should include '2.2.2.2 . udp . 53' }
  end
end
control 'none' do
  describe nftables(family: 'inet', table: 'filter', chain: 'GONE') do
    its('type') { should eq 'filter' }
    it { should_not have_rule('x') }
    its('retrieve_chain_rules') { should be_empty }
    its('retrieve_chain_attrs') { should eq({}) }
  end
  describe nftables(family: 'inet', table: 'filter', set: 'GONE') do
    its('flags') { should be_empty }
    its('size') { should eq '' }
    it { should_not have_element('x') }
  end
  describe nftables(family: 'inet', table: 'filter') do
    its('type') { should eq 'filter' }
  end
  describe nftables(table: 'filter', chain: 'INPUT') do
    its('type') { should eq 'filter' }
  end
  describe nftables(family: 'inet', table: 'filter', chain: 'INPUT', set: 'OPEN_PORTS') do
    its('type') { should eq 'filter' }
  end
end
