# Each asks for something that every way into a container can tell, be it there or not.

control 'root-directory' do
  describe file('/') do
    it { should be_directory }
    its('uid') { should eq 0 }
    its('mode') { should cmp '0755' }
  end
end

%w[/etc/passwd /etc/group /etc/os-release /etc/debian_version /bin/sh /bin/busybox /pause /etc/hostname].each do |path|
  control "exists#{path.tr('/', '-')}" do
    describe file(path) do
      it { should exist }
      its('size') { should be > 0 }
      its('owner') { should eq 'root' }
    end
  end
end

control 'shadow-is-closed' do
  describe file('/etc/shadow') do
    it { should_not be_readable.by('others') }
  end
end

control 'tmp-is-sticky' do
  describe file('/tmp') do
    its('mode') { should cmp '01777' }
  end
end

control 'root-account' do
  describe user('root') do
    it { should exist }
    its('uid') { should eq 0 }
  end
end

control 'account-file' do
  describe passwd.uids(0) do
    its('users') { should cmp 'root' }
  end
end

control 'packages' do
  describe package('procps') do
    it { should be_installed }
  end
end

control 'listening' do
  describe port(6553) do
    it { should_not be_listening }
  end
end

control 'no-such-program' do
  describe command('plimsoll-there-is-no-such-program') do
    its('exit_status') { should eq 127 }
    its('stdout') { should eq '' }
  end
end

control 'wrong-on-purpose' do
  describe file('/') do
    it { should_not exist }
  end
end
