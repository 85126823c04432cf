title 'the base'
control 'b-1' do
  impact 0.3
  title 'first'
  desc 'default words'
  desc 'check', 'look at it'
  tag level: 1
  tag 'plain'
  describe(input('limit')) { it { should eq 1 } }
end
control 'b-2' do
  impact 'high'
  title 'second'
  describe(input('word')) { it { should eq 'base' } }
end
control 'b-3' do
  title 'third'
  describe('three') { it { should eq 'three' } }
end
control 'b-4' do
  title 'fourth'
  describe('four') { it { should eq 'four' } }
end
describe('nameless') { it { should eq 'nameless' } }
