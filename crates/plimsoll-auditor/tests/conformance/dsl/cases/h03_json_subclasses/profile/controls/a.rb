control 'subclasses' do
  describe piped_config({ content: "a|1\nb|2\n" }) do
    its('a') { should eq '<1>' }
    its(['b']) { should eq 'x' }
    its('c') { should eq 'x' }
    its('params') { should eq({}) }
    its('raw_content') { should eq '' }
  end
  describe loud_yaml({ content: "a: b\nc: [d]\n" }) do
    its('a') { should eq 'B' }
    its('c') { should eq 'x' }
  end
  describe fixed_config(7) do
    its('size') { should eq 8 }
    its('raw') { should eq 8 }
  end
  describe broken_config({ content: '{}' }) do
    its('size') { should eq 8 }
  end
  describe own_loader(5) do
    its('given') { should eq 5 }
  end
  describe own_value({ content: '{"a": {"b": 1}}' }) do
    its(%w(a b)) { should eq 2 }
    its(%w(a c)) { should eq 2 }
    its('zz') { should eq 2 }
  end
  describe json({ content: '{"a": 1}' }) do
    its('raw_content') { should eq '' }
  end
end
