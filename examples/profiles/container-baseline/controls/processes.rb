# What runs in the container.

control 'processes-01' do
  impact 0.7
  title 'The first process does not run as root'
  desc 'Root in a container is root of the node, less what namespaces and capabilities take away.'
  desc 'fix', 'USER in the image, or securityContext.runAsUser with runAsNonRoot: true.'
  tag nist: ['AC-6', 'CM-7']
  tag cis_docker: '4.1'
  tag cis_kubernetes: ['5.2.7']
  ref 'Kubernetes Pod Security Standards', url: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/'
  only_if('The first process may run as root here.', impact: 0.0) { !input('root_process_allowed') }

  # Real, effective, saved and file system uid, in this order.
  describe parse_config_file('/proc/1/status', assignment_regex: /^\s*([^:]*?)\s*:\s*(.*?)\s*$/) do
    its('Uid') { should_not match(/\b0\b/) }
    its('Gid') { should_not match(/\A0\b/) }
  end
end

control 'processes-02' do
  impact 0.5
  title 'No system daemon runs beside the application'
  desc 'Log rotation, schedules and logins are the cluster\'s work: a container holds one concern.'
  desc 'fix', 'Start the application itself; use a CronJob or a sidecar for the rest.'
  tag nist: ['CM-7']
  only_if('No process could be listed.') { !processes.entries.empty? }

  input('unwanted_processes').each do |name|
    describe processes(name) do
      it { should_not exist }
    end
  end

  describe processes do
    its('entries.length') { should be <= input('max_processes') }
  end
end
