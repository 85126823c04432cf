include_controls 'middle' do
  skip_control 'b-4'
  control 'b-1' do
    impact 0.1
    title 'first of top'
    desc 'words of top'
    desc 'fix', 'mend it'
  end
  control 'm-1' do
    impact 1.0
    describe('own of top') { it { should eq 'own' } }
  end
  control 'new-here' do
    describe('new') { it { should eq 'new' } }
  end
end
control 't-1' do
  describe(input('limit')) { it { should eq 7 } }
end
