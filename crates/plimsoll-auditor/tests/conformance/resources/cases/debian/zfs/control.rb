control 'pool' do
  describe zfs_pool('tank') do
    it { should exist }
    its('failmode') { should eq 'continue' }
    its('failmode') { should eq 'wait' }
    its('capacity') { should cmp 12 }
    its('nothing') { should eq 0 }
    its('feature@async_destroy') { should eq 'enabled' }
  end
  describe zfs_pool('gone') do
    it { should exist }
    it { should_not exist }
  end
  describe zfs('tank') do
    it { should exist }
    it { should have_property({ 'failmode' => 'wait', 'capacity' => '12' }) }
    it { should have_property({ 'failmode' => 'continue' }) }
    it { should_not have_property({ 'failmode' => 'continue' }) }
    it { should have_property({}) }
  end
end
control 'dataset' do
  describe zfs_dataset('tank/tmp') do
    it { should exist }
    it { should be_mounted }
    its('exec') { should eq 'off' }
    its('setuid') { should eq 'on' }
    its('mountpoint') { should eq '/tmp' }
    its('nothing') { should eq 0 }
  end
  describe zfs_dataset('tank/gone') do
    it { should_not exist }
    it { should_not be_mounted }
    it { should exist }
  end
end
