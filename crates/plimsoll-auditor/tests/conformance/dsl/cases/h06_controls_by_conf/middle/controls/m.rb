include_controls 'base' do
  skip_control 'b-3'
  control 'b-1' do
    impact 0.8
    title 'first of middle'
    tag level: 2
    tag owner: 'middle'
  end
  control 'b-2' do
    describe('two') { it { should eq 'two' } }
    describe(input('word')) { it { should eq 'middle' } }
  end
end
control 'm-1' do
  describe('own') { it { should eq 'own' } }
end
