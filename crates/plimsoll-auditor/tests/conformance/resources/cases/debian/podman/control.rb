control 'host' do
  describe podman.containers do
    it { should exist }
    its('ids') { should include '591270d8d80d26671fd6ed622f367fbe' }
    its('names') { should eq ['sweet_mendeleev', 'old'] }
    its('images') { should_not include 'docker.io/library/ubuntu:latest' }
    its('status') { should include 'Up 37 hours ago' }
    its('labels') { should include 'maintainer' => 'NGINX' }
    its('sizes') { should be_empty }
    its('count') { should eq 2 }
  end
  describe podman.containers.where { status.start_with?('Up') } do
    its('names') { should eq ['sweet_mendeleev'] }
    its('names') { should eq ['old'] }
  end
  describe podman.containers.where(names: 'nobody') do
    it { should exist }
    it { should_not exist }
  end
  describe podman.images do
    its('repositories') { should include 'docker.io/library/busybox' }
    its('tags') { should eq ['latest'] }
    its('digests') { should be_empty }
  end
  describe podman.networks do
    its('names') { should eq ['podman'] }
    its('ipv6_enabled') { should eq [false] }
    its('dns_enabled') { should include true }
  end
  describe podman.pods do
    its('ids') { should include '95cadbb84df71e6374fceb3fd89ee3b8' }
    its('names') { should eq ['cranky_allen'] }
    its('status') { should eq ['Running'] }
  end
  describe podman.volumes do
    its('names') { should eq ['ae6be9ba'] }
    its('drivers') { should eq ['nfs'] }
  end
  describe podman.version do
    its('Client.Version') { should eq '4.1.0' }
    its('Server.Version') { should eq '4.0.0' }
  end
  describe podman.info do
    its('host.os') { should eq 'linux' }
    its('host.arch') { should eq 'arm64' }
  end
  describe podman.object('591270d8d80d') do
    its('State.Running') { should eq true }
    its('State.Pid') { should eq 1 }
  end
end
control 'objects' do
  describe podman_container('sweet_mendeleev') do
    it { should exist }
    it { should be_running }
    its('id') { should eq '591270d8d80d26671fd6ed622f367fbe' }
    its('image') { should eq 'docker.io/library/nginx:latest' }
    its('status') { should cmp 'Up 37 hours ago' }
    its('ports') { should eq '0.0.0.0:8080->80/tcp' }
    its('command') { should eq 'nginx -g daemon off;' }
    its('labels') { should eq [{ 'maintainer' => 'NGINX' }] }
  end
  describe podman_container(id: 'abcd') do
    it { should exist }
    it { should_not be_running }
    it { should be_running }
  end
  describe podman_container('gone') do
    it { should_not exist }
    it { should exist }
    it { should be_running }
    its('image') { should be_nil }
  end
  describe podman_image('docker.io/library/busybox') do
    it { should exist }
    its('id') { should eq '3c19bafed22355e11a608c4b613d87d06b9cdd37d378e6e0176cbc8e7144d5c6' }
    its('repo_tags') { should include 'docker.io/library/busybox:latest' }
    its('size') { should eq 1636053 }
    its('version') { should eq '1' }
    its('virtual_size') { should be > 0 }
  end
  describe podman_image('docker.io/library/gone:1') do
    it { should_not exist }
    it { should exist }
    its('size') { should be_nil }
  end
  describe podman_image(id: '3c19') do
    it { should exist }
    its('os') { should eq 'linux' }
  end
  describe podman_network('minikube') do
    it { should exist }
    its('id') { should eq '3a7c94d937d5f3a0f1a9b1610589945aedfbe56207fd5d32fc8154aa1a8b007f' }
    its('ipv6_enabled') { should eq false }
    its('subnets') { should include({ 'gateway' => '192.168.49.1', 'subnet' => '192.168.49.0/24' }) }
    its('network_interface') { should eq 'x' }
  end
  describe podman_network('gone') do
    it { should_not exist }
    it { should exist }
  end
  describe podman_pod('cranky_allen') do
    it { should exist }
    its('num_containers') { should eq 2 }
    its('state') { should eq 'Exited' }
  end
  describe podman_pod('gone') do
    it { should_not exist }
    its('id') { should be_nil }
  end
  describe podman_volume('ae6be9ba') do
    it { should exist }
    its('driver') { should eq 'local' }
    its('needs_chown') { should eq true }
  end
  describe podman_volume('gone') do
    it { should exist }
    it { should_not exist }
  end
  describe podman_volume('locked') do
    it { should_not exist }
  end
end
