control 'actual-1' do
  describe %w[b a] do
    it { should list_all 'a', 'b' }
    it { should list_all 'a', 'z' }
    it { should_not list_all 'a' }
  end
  describe 'abcdef' do
    it { should be_short }
    it { should_not be_long(2) }
    it { should be_long(20) }
  end
  describe 7 do
    it { should be_odd_or_seven }
    it { should_not be_odd_or_seven }
  end
  describe Lines.new('x').push(1, 2) do
    it { should eq [1, 2] }
    it { should include 3 }
    it { should be_empty }
    its('to_s') { should eq '1|3' }
    it { should list_all 9 }
  end
end
