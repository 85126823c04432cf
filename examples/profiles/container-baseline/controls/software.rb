# What is installed but not needed to serve.

control 'software-01' do
  impact 0.7
  title 'Packages for remote access and privilege changes are absent'
  desc 'A container is entered through its runtime; what lets people in by another way is attack surface alone.'
  desc 'fix', 'Remove the package from the image.'
  tag nist: ['CM-7', 'AC-17']
  tag cis_docker: '5.7'
  ref 'NIST SP 800-190, Application Container Security Guide', url: 'https://doi.org/10.6028/NIST.SP.800-190'

  input('unwanted_packages').each do |name|
    describe package(name) do
      it { should_not be_installed }
    end
  end
end

control 'software-02' do
  impact 'high'
  title 'No remote login daemon is in the image'
  desc 'Also where no package database tells: a daemon that was copied in counts as much as an installed one.'
  desc 'fix', 'Remove the program from the image.'
  tag nist: ['CM-7', 'AC-17 (3)']

  %w{sshd dropbear telnetd in.telnetd in.rshd}.each do |name|
    places = %w{/usr/sbin /usr/local/sbin /usr/bin /sbin}.map { |directory| File.join(directory, name) }

    describe "Installed copies of #{name}" do
      subject { places.select { |path| file(path).exist? } }
      it { should be_empty }
    end
  end

  # Ports are asked for here as well: the daemon may go by another name.
  input('unwanted_ports').each do |number|
    describe port(number) do
      it { should_not be_listening }
    end
  end
end

control 'software-03' do
  impact 0.3
  title 'Compilers and package managers are absent'
  desc 'An intruder who finds a compiler and a package manager does not have to bring tools along.'
  desc 'fix', 'Use a multi-stage build and a slim or distroless final stage.'
  tag nist: ['CM-7 (5)', 'CM-11']
  only_if('Build tools are allowed in this container.', impact: 0.0) { !input('build_tools_allowed') }

  describe packages(/^(gcc|g\+\+|clang|make|cmake)(-\d+)?$/) do
    its('names') { should be_empty }
  end

  %w{/usr/bin/apt-get /usr/bin/dpkg /sbin/apk /usr/bin/dnf /usr/bin/microdnf /usr/bin/yum /usr/bin/rpm}.each do |path|
    describe file(path) do
      it { should_not exist }
    end
  end
end
