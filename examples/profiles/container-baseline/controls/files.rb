# What lies in the image: modes, owners and things that should have stayed outside.

# One walk over the file system serves every control of this file that needs one. `find -nouser` does not exist
# everywhere, so the known numbers are spelt out; the names are those of files that tend to hold credentials.
users = file('/etc/passwd').content.to_s.lines.map { |line| line.split(':')[2] }.grep(/\A\d+\z/).uniq
groups = file('/etc/group').content.to_s.lines.map { |line| line.split(':')[2] }.grep(/\A\d+\z/).uniq
key_names = %w{*.key *.pem id_rsa id_dsa id_ecdsa id_ed25519}
credential_names = %w{authorized_keys .netrc .pgpass .git-credentials .my.cnf}

reasons = ['-perm -4000', '-perm -2000', '-perm -0002']
reasons += (key_names + credential_names).map { |name| "-name '#{name}'" }
reasons << "! \\( #{users.map { |uid| "-user #{uid}" }.join(' -o ')} \\)" unless users.empty?
reasons << "! \\( #{groups.map { |gid| "-group #{gid}" }.join(' -o ')} \\)" unless groups.empty?

walk = "find #{input('scanned_directories').join(' ')} -xdev \\( -type f -o -type d \\) " \
       "\\( #{reasons.join(' -o ')} \\) -exec stat -c '%a %u %g %F %n' {} +"
walkable = %w{sh find stat}.all? { |name| command(name).exist? }

entries = []
if walkable
  entries = command(walk).stdout.lines.sort.map do |line|
    found = line.chomp.match(/\A(?<mode>\d+) (?<uid>\d+) (?<gid>\d+) (?<type>regular empty file|\w+(?: file)?) (?<path>.*)\z/)
    next if found.nil?

    {
      mode: found[:mode].to_i(8),
      uid: found[:uid],
      gid: found[:gid],
      directory: found[:type] == 'directory',
      path: found[:path],
      name: found[:path].split('/').last.to_s,
    }
  end.compact
end

control 'files-01' do
  impact 0.7
  title 'The account files belong to root and only root can change them'
  desc 'Whoever can write /etc/passwd can become anyone; whoever can read /etc/shadow can try passwords at leisure.'
  desc 'fix', 'chown root: and chmod to the mode given in the message.'
  tag nist: ['AC-3', 'AC-6']

  {
    '/etc/passwd' => '0644',
    '/etc/group' => '0644',
    '/etc/shadow' => '0640',
    '/etc/gshadow' => '0640',
  }.each do |path, mode|
    next unless file(path).exist? || path == '/etc/passwd'

    describe file(path) do
      it { should be_file }
      it { should be_owned_by 'root' }
      it { should_not be_more_permissive_than(mode) }
      its('group') { should be_in %w{root shadow} }
    end
  end
end

control 'files-02' do
  impact 0.5
  title 'Temporary directories are sticky'
  desc 'Without the sticky bit anyone may remove or replace the files that others put there.'
  desc 'fix', 'chmod 1777 DIRECTORY'
  tag nist: ['SC-4']
  temporary = %w{/tmp /var/tmp /dev/shm}.select { |path| directory(path).exist? }
  only_if('The container has no temporary directory.') { !temporary.empty? }

  temporary.each do |path|
    describe directory(path) do
      it { should be_directory }
      it { should be_sticky }
      its('mode') { should cmp '01777' }
      its('uid') { should eq 0 }
    end
  end
end

control 'files-03' do
  impact 'high'
  title 'Only known files carry the setuid or setgid bit'
  desc 'Such a file runs with the rights of its owner, whoever starts it.'
  desc 'rationale', 'Each of them is a way from an application account to root, unless the container forbids new privileges.'
  desc 'fix', 'chmod a-s FILE in the image, or list the file in the input allowed_setuid_files.'
  tag nist: ['AC-6 (10)', 'CM-7']
  tag cis_docker: '4.8'
  ref 'CIS Docker Benchmark', url: 'https://www.cisecurity.org/benchmark/docker'
  only_if('A shell, find and stat are needed to walk the file system.') { walkable }

  privileged = entries.select { |entry| !entry[:directory] && (entry[:mode] & 06000) != 0 }

  describe 'Setuid and setgid files outside the allow list' do
    subject { privileged.map { |entry| entry[:path] } - input('allowed_setuid_files') }
    it { should be_empty }
  end
end

control 'files-04' do
  impact 0.6
  title 'Nothing is writable by everyone'
  desc 'Files that anyone may write, and directories in which anyone may replace files, undo every other permission.'
  desc 'fix', 'chmod o-w FILE, or chmod +t DIRECTORY where everyone has to write into it.'
  tag nist: ['AC-3', 'CM-5']
  only_if('A shell, find and stat are needed to walk the file system.') { walkable }

  writable = entries.select { |entry| (entry[:mode] & 0002) != 0 }

  describe 'World-writable files' do
    subject { writable.reject { |entry| entry[:directory] }.map { |entry| entry[:path] } }
    it { should be_empty }
  end

  describe 'World-writable directories without the sticky bit' do
    subject { writable.select { |entry| entry[:directory] && (entry[:mode] & 01000).zero? }.map { |entry| entry[:path] } }
    it { should be_empty }
  end
end

control 'files-05' do
  impact 0.4
  title 'Every file has an owner and a group'
  desc 'A number without a name is what a careless COPY or a removed package leaves behind.'
  desc 'rationale', 'Whoever gets that number next, by a new account or by runAsUser, owns the file.'
  desc 'fix', 'chown the file to an account of the image.'
  tag nist: 'AC-3'
  only_if('A shell, find, stat and the account files are needed.') { walkable && !users.empty? && !groups.empty? }

  unowned = entries.reject { |entry| users.include?(entry[:uid]) && groups.include?(entry[:gid]) }

  describe 'Files whose owner or group is unknown' do
    subject { unowned.map { |entry| entry[:path] } }
    it { should be_empty }
  end
end

control 'files-06' do
  impact 'critical'
  title 'No private key is in the image'
  desc 'Everyone who can pull the image has the key, and it stays in a layer even if a later one removes it.'
  desc 'fix', 'Mount keys from a Secret; rotate the one that was found.'
  tag nist: ['IA-5 (7)', 'SC-12']
  tag cis_docker: '4.10'
  only_if('A shell, find and stat are needed to walk the file system.') { walkable }

  candidates = entries.select { |entry| !entry[:directory] && entry[:name] =~ /\Aid_\w+\z|\.(key|pem)\z/ }
  keys = candidates.map { |entry| entry[:path] }.select { |path| file(path).content.to_s.include?('PRIVATE KEY-----') }

  describe 'Private keys outside the allow list' do
    subject { keys - input('allowed_private_keys') }
    it { should be_empty }
  end
end

control 'files-07' do
  impact 0.9
  title 'No credentials are stored in the image'
  desc 'Build tools like to leave registry logins, tokens and authorized keys in home directories.'
  desc 'fix', 'Use build secrets, which leave no trace in a layer; rotate what was found.'
  tag nist: ['IA-5 (7)']
  tag cis_docker: '4.10'

  %w{/root/.docker/config.json /kaniko/.docker/config.json}.each do |path|
    if file(path).exist?
      # The registries' names alone: the entries are the credentials.
      registries = json(path).params['auths'].to_h.keys

      describe "Registry logins in #{path}" do
        subject { registries }
        it { should be_empty }
      end
    else
      describe file(path) do
        it { should_not exist }
      end
    end
  end

  if walkable
    stored = entries.select { |entry| credential_names.include?(entry[:name]) }

    describe 'Credential files' do
      subject { stored.map { |entry| entry[:path] } }
      it { should be_empty }
    end
  end
end
