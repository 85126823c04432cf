# Where the container can be reached, and how it finds others.

# Read from the kernel: the tools that print it (ss, netstat) are in few images. 0A is the state LISTEN.
sockets = %w{/proc/net/tcp /proc/net/tcp6}.flat_map { |path| file(path).content.to_s.lines.drop(1).map(&:split) }
listening = sockets.select { |fields| fields[3] == '0A' }.map { |fields| fields[1].split(':').last.to_i(16) }.uniq.sort

control 'network-01' do
  impact 0.6
  title 'The container listens only where it should'
  desc 'A port that nobody planned is a service that nobody maintains. Ports below 1024 need a capability to open.'
  desc 'fix', 'Stop the service, or list the port in the input allowed_ports.'
  tag nist: ['CM-7', 'SC-7']
  tag cis_docker: '5.8'
  only_if('/proc/net cannot be read.') { file('/proc/net/tcp').exist? }

  allowed = input('allowed_ports').map(&:to_i)

  if allowed.empty?
    describe 'Listening TCP ports below 1024' do
      subject { listening.select { |number| number < 1024 } }
      it { should be_empty }
    end
  else
    listening.each do |number|
      describe "Listening TCP port #{number}" do
        subject { number }
        it { should be_in allowed }
      end
    end

    describe 'Listening TCP ports that are not allowed' do
      subject { listening - allowed }
      it { should be_empty }
    end
  end
end

control 'network-02' do
  impact 0.3
  title 'Name resolution is sane'
  desc 'localhost must be this container, and nobody but root may decide which names lead where.'
  desc 'fix', 'Leave /etc/hosts and /etc/resolv.conf to the runtime.'
  tag nist: ['SC-20', 'SC-22']
  only_if('The container has no /etc/hosts of its own.') { file('/etc/hosts').exist? && !file('/etc/hosts').content.to_s.empty? }

  describe.one do
    describe file('/etc/hosts') do
      its('content') { should match(/^127\.0\.0\.1\s.*\blocalhost\b/) }
    end

    describe file('/etc/hosts') do
      its('content') { should match(/^::1\s.*\blocalhost\b/) }
    end
  end

  %w{/etc/hosts /etc/resolv.conf}.each do |path|
    next unless file(path).exist?

    describe file(path) do
      it { should_not be_writable.by('others') }
      its('content') { should_not match(/^\s*(nameserver\s+)?(0\.0\.0\.0|169\.254\.169\.254)\b/) }
    end
  end
end
