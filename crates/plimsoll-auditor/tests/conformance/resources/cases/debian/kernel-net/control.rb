control 'kernel parameters' do
  describe kernel_parameters do
    it { should exist }
    its('parameters') { should include 'kernel.randomize_va_space' }
    its('parameters') { should include 'kernel.none' }
    its('values') { should include 2 }
  end
  describe kernel_parameters.where(parameter: 'kernel.randomize_va_space') do
    its('values') { should eq [2] }
    its('values') { should eq [1] }
  end
  describe kernel_parameters.where(parameter: /^net\.ipv4\.conf\..*\.accept_redirects$/) do
    its('values') { should all eq 0 }
    its('count') { should eq 2 }
  end
  describe kernel_parameters.where { value > 3 } do
    its('parameters') { should include 'kernel.printk' }
  end
  describe kernel_parameters.where(parameter: 'gone') do
    it { should exist }
    it { should_not exist }
  end
end
control 'interfaces' do
  describe bridge('br0') do
    it { should exist }
    it { should have_interface 'eth0' }
    it { should have_interface 'eth9' }
    its('interfaces') { should eq ['eth1'] }
  end
  describe bridge('none') do
    it { should_not exist }
    it { should exist }
    its('interfaces') { should be_nil }
  end
  describe bond('bond0') do
    it { should exist }
    it { should have_interface 'eth0' }
    it { should have_interface 'eth9' }
    its('interfaces') { should eq ['eth0', 'eth1'] }
    its('mode') { should eq 'IEEE 802.3ad Dynamic link aggregation' }
    its('mode') { should eq 'x' }
    its('params') { should include 'MII Status' }
    its('content') { should match(/802.3ad/) }
  end
  describe bond('bond9') do
    it { should exist }
    its('interfaces') { should eq [] }
  end
end
control 'dh' do
  describe dh_params('/srv/dh.pem') do
    it { should be_dh_params }
    it { should be_valid }
    its('generator') { should eq 2 }
    its('generator') { should eq 5 }
    its('prime_length') { should eq 512 }
    its('modulus') { should eq 'x' }
    its('pem') { should match(/BEGIN DH PARAMETERS/) }
    its('text') { should match(/512 bit/) }
  end
  describe dh_params('/srv/none.pem') do
    it { should be_dh_params }
    it { should be_valid }
    its('generator') { should eq 2 }
  end
end
control 'dh broken' do
  describe dh_params('/srv/bad.pem') do
    it { should be_valid }
  end
end
control 'tls' do
  describe ssl(port: 443) do
    it { should be_enabled }
  end
  describe ssl(port: 443).protocols('tls1.2') do
    it { should be_enabled }
    its('protocols') { should cmp 'tls1.2' }
    its('ciphers') { should include 'TLS_RSA_WITH_RC4_128_SHA' }
  end
  describe ssl.ciphers(/rc4/i) do
    its('protocols') { should eq [] }
  end
end
