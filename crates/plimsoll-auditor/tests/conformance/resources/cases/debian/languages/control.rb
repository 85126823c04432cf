control 'gem' do
  describe gem('rake') do
    it { should be_installed }
    its('version') { should cmp >= '14.0' }
    its('versions') { should include '12.3.3' }
  end
  describe gem('none') do
    it { should_not be_installed }
    it { should be_installed }
    its('version') { should be_nil }
  end
  describe gem('rubocop', :chef) do
    it { should be_installed }
  end
  describe gem('json', '/opt/ruby/bin/gem') do
    it { should be_installed }
    its('gem_binary') { should eq 'x' }
  end
end
control 'pip' do
  describe pip('Jinja2') do
    it { should be_installed }
    its('version') { should eq '3.1.3' }
  end
  describe pip('none', '/srv/venv/bin/pip') do
    it { should_not be_installed }
    it { should be_installed }
  end
end
control 'npm' do
  describe npm('bower') do
    it { should be_installed }
    its('version') { should eq '1.8' }
  end
  describe npm('tar', path: '/srv/my app') do
    it { should be_installed }
    its('version') { should eq '6.1.0' }
  end
  describe npm('none') do
    it { should be_installed }
    its('version') { should be_nil }
  end
end
control 'perl and R' do
  describe cpan('DBD::Pg') do
    it { should be_installed }
    its('version') { should cmp >= '4.0' }
  end
  describe cpan('None', '/lib/perl') do
    it { should_not be_installed }
    it { should be_installed }
  end
  describe cran('DBI') do
    it { should be_installed }
    its('version') { should eq '0.5' }
  end
  describe cran('none') do
    it { should_not be_installed }
    its('version') { should be_nil }
    it { should be_installed }
  end
end
