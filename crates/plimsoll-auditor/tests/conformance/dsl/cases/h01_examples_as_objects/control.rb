# What the blocks of groups, hooks and examples are told, and what `it` gives.
control 'block-parameters' do
  describe 'top' do |x|
    it("x is #{x.inspect}") { expect(1).to eq 1 }
    describe 'inner' do |y|
      it("y is #{y.inspect}") { expect(1).to eq 1 }
    end
    it('text') { |e| expect(e.to_s).to eq 1 }
    it('inspected') { |e| expect(e.inspect).to eq 1 }
    it('described') { |e| expect(e.description).to eq 1 }
    it('described in full') { |e| expect(e.full_description).to eq 1 }
    it('its metadata') { |e| expect(e.metadata[:description]).to eq 1 }
    before { |e| @class = e.class.name }
    after { |e| @class = e.description }
    it('hooks') { expect(@class).to eq 1 }
  end
end
# A value that is no name: the subject itself.
control 'its-without-a-name' do
  describe 'text' do
    its(nil) { should eq 'x' }
    its(nil, 'id') { should_not eq nil }
    its('') { should eq 'y' }
  end
  describe [1, 2] do
    its(nil) { should include 3 }
  end
end
# In a group these are examples that are not implemented yet; values are for examples.
control 'inputs-in-groups' do
  describe 'named' do
    mode = input('mode', value: '0640')
    it("has #{mode}") { expect(mode).to eq 1 }
    it("has #{mode.inspect}") { expect(mode.class.name).to eq 1 }
    it("says #{mode.description}") { expect(mode.description).to eq 1 }
    it('takes it') { expect(input('mode', value: '0640')).to eq 1 }
  end
  describe 'other' do
    a = attribute('mode')
    b = input_object('mode')
    c = input('mode', value: 3)
    d = input('with a body') { expect(1).to eq 2 }
    input('')
    g = it('with text') { should eq 'other' }
    h = its('length') { should eq 5 }
    j = xit('later')
    it([a, b, c, d, g, j].map(&:to_s).join(',')) { expect(1).to eq 1 }
    it("#{h} #{g.class} #{g.description} #{g.full_description}") { expect(1).to eq 1 }
    it(g.metadata[:description].to_s) { expect(1).to eq 1 }
  end
  describe 'nested' do
    context 'deep' do
      it("has #{input('list')}") { expect(1).to eq 1 }
    end
  end
  describe file('/etc/passwd') do
    input('mode')
    its('mode') { should cmp input('mode', value: '0640') }
  end
end
