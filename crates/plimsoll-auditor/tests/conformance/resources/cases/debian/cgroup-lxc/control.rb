control 'cgroup' do
  describe cgroup('app') do
    its('cpuset.cpus') { should eq 0 }
    its('cpuset.cpus') { should eq 1 }
    its('memory.limit_in_bytes') { should be <= 500000 }
    its('memory.numa_stat') { should match(/total=0/) }
    its('cpuset.none') { should eq 0 }
    its('pids.max') { should eq 0 }
    its('cpu.shares') { should cmp 'max' }
  end
  describe cgroup('gone') do
    its('cpuset.cpus') { should eq 0 }
  end
end
control 'lxc' do
  describe lxc('web') do
    it { should exist }
    it { should be_running }
    its('name') { should eq 'web' }
    its('status') { should cmp 'Running' }
    its('type') { should eq 'container' }
    its('architecture') { should eq 'aarch64' }
    its('pid') { should eq 1378 }
    its('created_at') { should eq '2022/08/16 12:07 UTC' }
    its('last_used_at') { should eq '2022/08/17 05:06 UTC' }
    its('resources') { should include 'Disk usage' }
    its('resources') { should include 'Network' }
  end
  describe lxc('stopped') do
    it { should exist }
    it { should_not be_running }
    it { should be_running }
    its('pid') { should be_nil }
  end
  describe lxc('gone') do
    it { should_not exist }
    it { should exist }
    it { should_not be_running }
    its('status') { should be_nil }
  end
  describe lxc('locked') do
    it { should_not exist }
    its('status') { should be_nil }
  end
end
