control 'tables' do
  describe docker.plugins do
    it { should exist }
    its('names') { should include 'rexray/ebs' }
    its('versions') { should eq ['0.9'] }
    its('enabled') { should eq [true] }
  end
  describe docker.services do
    its('names') { should eq ['api', 'worker'] }
    its('images') { should_not include 'alpine:3.6' }
    its('replicas') { should include '3/3' }
  end
  describe docker.services.where(name: 'api') do
    its('modes') { should eq ['global'] }
  end
end
control 'objects' do
  describe docker_plugin('rexray/ebs') do
    it { should exist }
    it { should be_enabled }
    its('id') { should_not eq '0ac30b93ad14' }
    its('version') { should eq '0.9' }
    its('version') { should eq '1.0' }
  end
  describe docker_plugin(id: '0ac30b93ad14') do
    it { should exist }
  end
  describe docker_plugin('gone') do
    it { should_not exist }
    it { should exist }
    it { should be_enabled }
  end
  describe docker_service('api') do
    it { should exist }
    its('id') { should eq '2ghswegspre1' }
    its('repo') { should eq 'reg:5000/team/api' }
    its('tag') { should eq '1.4' }
    its('image_name') { should eq 'teamapi' }
    its('mode') { should eq 'replicated' }
    its('replicas') { should eq '2/3' }
    its('ports') { should include '*:80->8000/tcp' }
  end
  describe docker_service(id: '2ghsw') do
    it { should exist }
    its('image') { should eq 'reg:5000/team/api:1.4' }
  end
  describe docker_service(image: 'alpine:3.6') do
    it { should exist }
    its('name') { should eq 'worker' }
  end
  describe docker_service('gone') do
    it { should exist }
    its('image') { should be_nil }
  end
end
