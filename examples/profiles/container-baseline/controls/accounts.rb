# Who can be somebody in this container: /etc/passwd, /etc/group and /etc/shadow.

control 'accounts-01' do
  impact 'high'
  title 'Only root has uid 0'
  desc 'The kernel knows numbers, not names: every account with uid 0 is root.'
  desc 'rationale', 'A second account with uid 0 is a classic back door that survives a locked root password.'
  desc 'fix', 'Give the account a uid of its own in the image, or remove it.'
  tag nist: ['AC-6', 'IA-2']
  tag severity: 'high'
  ref 'CIS Distribution Independent Linux Benchmark', url: 'https://www.cisecurity.org/benchmark/distribution_independent_linux'

  describe passwd.uids(0) do
    its('users') { should cmp 'root' }
    its('count') { should eq 1 }
  end
end

control 'accounts-02' do
  impact 0.5
  title 'Users and groups are unique'
  desc 'Two accounts that share a name or a number cannot be told apart in file modes and logs.'
  desc 'fix', 'Remove the duplicate lines from /etc/passwd and /etc/group.'
  tag nist: ['IA-4']

  describe passwd do
    its('users') { should_not contain_duplicates }
    its('uids') { should_not contain_duplicates }
  end

  describe etc_group do
    its('groups') { should_not contain_duplicates }
    its('gids') { should_not contain_duplicates }
  end
end

control 'accounts-03' do
  impact 0.5
  title 'System accounts have no login shell'
  desc 'System accounts own files and processes; nobody logs in as one of them.'
  desc 'rationale', 'A shell turns any foothold in such an account, a cron entry for instance, into a session.'
  desc 'fix', 'usermod -s /usr/sbin/nologin NAME, or list the account in the input system_accounts_with_shell.'
  tag nist: ['AC-6', 'CM-7']

  first_regular = input('first_regular_uid')
  exempt = input('system_accounts_with_shell')
  # An empty shell field means /bin/sh. sync, shutdown and halt are programs, not shells.
  no_shell = %r{/(nologin|false|true|sync|shutdown|halt)\z}

  describe passwd.where { uid.to_i.between?(1, first_regular - 1) && shell !~ no_shell && !exempt.include?(user) } do
    its('users') { should be_empty }
  end
end

control 'accounts-04' do
  impact 0.3
  title 'root is the user and the group everything expects'
  desc 'Tools and file modes assume that root is uid 0 in group 0 and that nobody else is in its group.'
  tag nist: 'AC-6'
  only_if('/etc/passwd and /etc/group cannot be read.') { file('/etc/passwd').file? && file('/etc/group').file? }

  describe user('root') do
    it { should exist }
    its('uid') { should eq 0 }
    its('gid') { should eq 0 }
  end

  describe group('root') do
    it { should exist }
    its('gid') { should eq 0 }
    its('members') { should be_empty.or eq 'root' }
  end
end

control 'accounts-05' do
  impact 'critical'
  title 'No account has an empty password'
  desc 'An empty password field lets anyone become that account where PAM or login allows it.'
  desc 'fix', 'Lock the account: passwd -l NAME, or put * into the second field of /etc/shadow.'
  tag nist: ['IA-5 (1)']
  tag cis: { name: 'distribution-independent-linux', rule: '6.2.1' }
  only_if('There is no /etc/shadow to judge.') { file('/etc/shadow').exist? }

  describe shadow.where(password: '') do
    its('users') { should be_empty }
  end

  describe passwd.where { password == '' } do
    its('users') { should be_empty }
  end
end

control 'accounts-06' do
  impact 'medium'
  title 'Nobody can log in as root by password'
  desc 'A container has no console: root needs neither a password nor, if the image can do without, a shell.'
  desc 'fix', 'passwd -l root in the image.'
  tag nist: ['IA-2', 'AC-6 (2)']
  only_if('There is no /etc/shadow to judge.') { file('/etc/shadow').exist? }

  describe.one do
    describe shadow.where(user: 'root') do
      its('passwords.first') { should match(/\A[!*]/) }
    end

    describe passwd.where(user: 'root') do
      its('shells.first') { should match(%r{/(nologin|false)\z}) }
    end
  end
end
