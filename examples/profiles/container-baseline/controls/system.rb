# The system under the application: its release, its defaults and its environment.

control 'system-01' do
  impact 0.7
  title 'The operating system release still gets security fixes'
  desc 'After its end of life a release only collects known holes.'
  desc 'fix', 'Rebuild from a supported base image; keep the input supported_releases current.'
  tag nist: ['SA-22', 'SI-2']
  tag cis_docker: ['4.2', '4.4']
  ref 'endoflife.date', url: 'https://endoflife.date'
  only_if('The image does not say which system it is.') { file('/etc/os-release').exist? }

  running = "#{os.name} #{os.release}"
  match = input('supported_releases').find { |release| running == release || running.start_with?("#{release}.") }

  describe "Operating system #{running}" do
    it 'is a supported release' do
      expect(match).not_to be_nil, "#{running} is not among the supported releases"
    end
  end
end

control 'system-02' do
  impact 0.3
  title 'New files and passwords get safe defaults'
  desc 'The umask decides who may write what the container creates.'
  desc 'fix', 'UMASK 022 or 027 and ENCRYPT_METHOD SHA512 or YESCRYPT in /etc/login.defs.'
  tag nist: ['AC-3', 'IA-5 (1)']

  describe command('sh -c umask') do
    its('exit_status') { should eq 0 }
    its('stdout.strip') { should match(/\A0?0?[0-7][2367][2367]\z/) }
    its('stderr') { should eq '' }
  end

  if file('/etc/login.defs').exist?
    describe login_defs do
      its('UMASK') { should be_in %w{022 027 077 0022 0027 0077} }
      its('ENCRYPT_METHOD') { should be_in %w{SHA512 SHA256 YESCRYPT} }
    end
  end
end

control 'system-03' do
  impact 0.5
  title 'The search path leads only where root alone can write'
  desc 'Whoever can write into a directory of the path decides what a command name means.'
  desc 'fix', 'Take the directory out of PATH, or chmod go-w it.'
  tag nist: ['AC-6', 'CM-5']

  path = os_env('PATH').content.to_s.strip.split(':', -1)
  only_if('PATH is not set.') { !path.empty? }

  describe 'Relative or empty directories in PATH' do
    subject { path.reject { |entry| entry.start_with?('/') } }
    it { should be_empty }
  end

  path.uniq.each do |entry|
    next unless directory(entry).exist?

    describe directory(entry) do
      it { should_not be_writable.by('others') }
      its('owner') { should eq 'root' }
    end
  end
end

control 'system-04' do
  impact 'critical'
  title 'No secret is handed over in the environment'
  desc 'The environment is inherited by every child, shown by many debug pages and kept in crash reports.'
  desc 'rationale', 'A variable that names a file (NAME_FILE) is fine: the secret itself is then in a mounted file.'
  desc 'fix', 'Mount the Secret as a file; or list the name in the input allowed_environment.'
  tag nist: ['IA-5 (7)', 'SC-28']
  tag cis_kubernetes: ['5.4.1']
  tag cis_docker: '4.10'

  # Names only: no value may ever get into a report.
  entries = file('/proc/1/environ').content.to_s.split("\0")
  environment = entries.map { |entry| entry.split('=').first.to_s }.reject(&:empty?)
  only_if('The environment of the first process cannot be read.') { !environment.empty? }

  pattern = Regexp.new(input('secret_name_pattern'), Regexp::IGNORECASE)
  suspicious = environment.grep(pattern).reject { |name| name.end_with?('_FILE', '_PATH', '_DIR') }

  describe 'Environment variables named like secrets' do
    subject { (suspicious - input('allowed_environment')).sort }
    it { should be_empty }
  end
end
