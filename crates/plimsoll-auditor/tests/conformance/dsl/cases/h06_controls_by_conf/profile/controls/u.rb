control 'who' do
  describe(1) { it { should eq 1 } }
end
