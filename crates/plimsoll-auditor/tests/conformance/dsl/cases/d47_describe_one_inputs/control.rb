# Inputs that examples of a `describe.one` read.
input('grp', value: ['root'])
control 'one-be-in' do
  describe.one do
    describe file('/nope') do
      its('group') { should eq 'x' }
    end
    describe file('/etc/passwd') do
      its('group') { should cmp 'root' }
    end
  end
end
control 'one-cmp-input' do
  describe.one do
    describe file('/etc/passwd') do
      its('group') { should cmp input('grp').first }
    end
  end
end
control 'one-of-several' do
  describe.one do
    describe file('/etc/passwd') do
      it('reads the input') { expect(input('grp')).to eq ['root'] }
      its('owner') { should eq 'root' }
    end
    describe file('/etc/passwd') do
      its('group') { should eq 'staff' }
      it { should exist }
    end
  end
end
control 'one-holds-first' do
  describe.one do
    describe 'held while it had no value' do
      it('is truthy') { expect(input('grp').nope).to be_truthy }
    end
    describe 'held both times' do
      it('is truthy') { expect(input('grp')).to be_truthy }
    end
    describe 'never held' do
      it { should eq 1 }
    end
  end
end
control 'one-input-object' do
  describe.one do
    describe 'y' do
      it('has a name') { expect(input_object('grp').name).to eq 'grp' }
      it('has a value') { expect(input_object('grp').value).to eq ['root'] }
    end
  end
end
control 'one-not-in' do
  describe.one do
    describe file('/etc/passwd') do
      its('group') { should_not be_in input('grp') }
    end
    describe file('/etc/passwd') do
      its('group') { should_not be_in ['a'] }
    end
  end
end
control 'one-hooks' do
  describe.one do
    describe 'x' do
      before { @v = input('grp') }
      let(:size) { input('grp').length }
      it('is longer') { expect(@v.length).to eq 2 }
      it('has a size') { expect(size).to eq 1 }
      context 'inner' do
        it { expect(@v).to eq 'x' }
      end
    end
  end
end
control 'one-argument' do
  describe.one do
    describe input('grp') do
      it { should include 'root' }
      its('first') { should cmp 'root' }
    end
  end
end
control 'one-described-by-the-first-time' do
  describe.one do
    describe 'root' do
      it { should eq input('grp') }
      it { should include input('grp').first }
    end
  end
end
control 'one-group-words' do
  describe.one do
    describe file('/nope') do
      its('group') { should be_in input('grp') }
    end
    describe file('/nope') do
      it { should_not exist }
    end
  end
end
