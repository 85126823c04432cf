# What holds the container in: capabilities, seccomp and the kernel's own settings.

# The position of a name in this file is the number of its bit in the kernel's mask.
names = inspec.profile.file('linux-capabilities.txt').lines.map(&:strip)
mask = file('/proc/1/status').content.to_s[/^CapEff:\s*(\h+)/, 1].to_s.to_i(16)
held = names.select { |name| (mask & (1 << names.index(name))) != 0 }
known = file('/proc/1/status').exist?

control 'confinement-01' do
  impact 'high'
  title 'The first process holds no capability it does not need'
  desc 'Capabilities are the parts of root. sys_admin, sys_ptrace or sys_module each give most of the node.'
  desc 'fix', 'securityContext.capabilities.drop: [ALL], and add the few that are needed.'
  tag nist: ['AC-6 (5)', 'CM-7']
  tag cis_docker: '5.3'
  tag cis_kubernetes: ['5.2.8', '5.2.9']
  ref 'capabilities(7)', url: 'https://man7.org/linux/man-pages/man7/capabilities.7.html'
  only_if('/proc/1/status cannot be read.') { known }

  describe 'Effective capabilities beyond the allowed ones' do
    subject { held - input('allowed_capabilities') }
    it { should be_empty }
  end
end

control 'confinement-02' do
  impact 0.5
  title 'The first process cannot gain privileges and its system calls are filtered'
  desc 'NoNewPrivs makes setuid programs harmless; a seccomp filter removes calls that applications never make.'
  desc 'fix', 'securityContext.allowPrivilegeEscalation: false and seccompProfile.type: RuntimeDefault.'
  tag nist: ['AC-6 (10)', 'SC-39']
  tag cis_docker: %w{5.21 5.25}
  ref 'Kubernetes Pod Security Standards', url: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/'

  # Read here: inside a describe block `input` is not the control's.
  no_new_privileges = input('no_new_privileges_required')

  describe parse_config_file('/proc/1/status', assignment_regex: /^\s*([^:]*?)\s*:\s*(.*?)\s*$/) do
    its('NoNewPrivs') { should cmp 1 } if no_new_privileges
    its('Seccomp') { should cmp >= input('seccomp_mode') }
  end
end

control 'confinement-03' do
  impact 0.4
  title 'Kernel parameters have safe values'
  desc 'Most are the node\'s, seen from inside; those of the network belong to the pod.'
  desc 'fix', 'Set them on the node, or in the pod\'s securityContext.sysctls where they belong to the network.'
  tag nist: ['CM-6', 'SC-7']
  only_if('Kernel parameters cannot be read.') { !kernel_parameter('kernel.randomize_va_space').value.nil? }

  input('kernel_parameters').each do |name, value|
    describe kernel_parameter(name.to_s) do
      its('value') { should cmp value }
    end
  end

  # Forwarding is on in most clusters and does no harm while the container cannot change routes.
  describe.one do
    describe kernel_parameter('net.ipv4.ip_forward') do
      its('value') { should eq 0 }
    end

    describe 'Effective capabilities of the first process' do
      subject { held }
      it { should_not include 'net_admin' }
    end
  end
end
