# Each of these has broken a way of running commands in containers: the name says what must not happen.

control 'exact-01' do
  title 'Standard output and standard error stay apart'
  describe command('echo out; echo err >&2; exit 3') do
    its('stdout') { should eq "out\n" }
    its('stderr') { should eq "err\n" }
    its('exit_status') { should eq 3 }
  end
end

control 'exact-02' do
  title 'Outer white space is kept'
  describe command("printf '  a\\n\\n'") do
    its('stdout') { should eq "  a\n\n" }
  end
end

control 'exact-03' do
  title 'Nothing at all is not a lost connection'
  describe command('true') do
    its('stdout') { should eq '' }
    its('exit_status') { should eq 0 }
  end
end

control 'exact-04' do
  title 'A command that changes its directory, options or variables changes them for itself'
  describe command('cd /tmp; set -e; PATH=/nowhere; export LEAK=1; exit 4') do
    its('exit_status') { should eq 4 }
  end
  describe command('echo "$LEAK" "$PWD"; ls / > /dev/null; false; echo on') do
    its('stdout') { should match(%r{\A /.*\non\n\z}) }
    its('stdout') { should_not include '/tmp' }
  end
end

control 'exact-05' do
  title 'Comments, here-documents and unfinished input end where the command ends'
  describe command("echo a # b") do
    its('stdout') { should eq "a\n" }
  end
  describe command("cat <<END\nheredoc $((1 + 1))\nEND\n") do
    its('stdout') { should eq "heredoc 2\n" }
  end
  describe command('cat') do
    its('stdout') { should eq '' }
    its('exit_status') { should eq 0 }
  end
end

control 'exact-06' do
  title 'A command longer than a terminal line arrives whole'
  describe command("printf %s #{'x' * 9000} | wc -c") do
    its('stdout') { should match(/\A\s*9000\s*\z/) }
  end
end

control 'exact-07' do
  title 'Much output arrives whole, on both streams at once'
  describe command('yes 0123456789abcdef | head -n 60000; yes fedcba9876543210 | head -n 60000 >&2') do
    its('stdout.length') { should eq 1_020_000 }
    its('stderr.length') { should eq 1_020_000 }
  end
end

control 'exact-08' do
  title "Nothing is expanded on the scanning machine"
  describe command("echo \"$HOSTNAME\" '$HOME' `echo here`") do
    its('stdout') { should match(/ \$HOME here$/) }
  end
end

control 'exact-09' do
  title 'A shell that is killed fails its own command, not the next'
  describe command('kill -9 $$') do
    its('exit_status') { should_not eq 0 }
  end
  describe command('echo next') do
    its('stdout') { should eq "next\n" }
  end
end
