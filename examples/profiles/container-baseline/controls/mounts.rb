# What the runtime mounted into the container.

control 'mounts-01' do
  impact 0.5
  title 'The root file system is read-only'
  desc 'Nothing an intruder writes stays, and no program can be swapped, when only volumes are writable.'
  desc 'fix', 'securityContext.readOnlyRootFilesystem: true, with an emptyDir where the application writes.'
  tag nist: ['CM-5', 'CM-14']
  tag cis_docker: '5.12'
  only_if('A writable root file system is allowed here.', impact: 0.0) { input('read_only_root_required') }

  describe mount('/') do
    it { should be_mounted }
    its('options') { should include 'ro' }
  end
end

control 'mounts-02' do
  impact 1.0
  title 'No container runtime can be reached from inside'
  desc 'Who can talk to the runtime can start a privileged container, and that is the node.'
  desc 'fix', 'Remove the hostPath volume.'
  tag nist: ['AC-6', 'SC-39']
  tag cis_docker: '5.31'

  %w{
    /var/run/docker.sock
    /run/docker.sock
    /run/containerd/containerd.sock
    /run/crio/crio.sock
    /run/podman/podman.sock
  }.each do |path|
    describe file(path) do
      it { should_not exist }
    end
  end
end

control 'mounts-03' do
  impact 'medium'
  title 'No service account token is mounted without need'
  desc 'Kubernetes mounts a token into every container unless told otherwise; most never use it.'
  desc 'fix', 'automountServiceAccountToken: false, or the input service_account_token_allowed.'
  tag nist: ['AC-6', 'IA-5']
  tag cis_kubernetes: ['5.1.6']
  only_if('This container may use the Kubernetes API.', impact: 0.0) { !input('service_account_token_allowed') }

  describe file('/var/run/secrets/kubernetes.io/serviceaccount/token') do
    it { should_not exist }
  end
end
