control 'opa' do
  describe opa_cli(policy: 'example.rego', data: 'input.json', query: 'data.example.allow') do
    its(['result']) { should_not be_nil }
    its('allow') { should eq true }
    its('allow') { should eq false }
    its('result') { should be_nil }
  end
  describe opa_cli(policy: 'example.rego', data: 'none.json', query: 'data.example.allow') do
    its('allow') { should eq true }
  end
  describe opa_cli(policy: 'example.rego') do
    its('allow') { should eq true }
  end
  describe opa_api(url: 'localhost:8181/v1/data/example/violation', data: 'input.json') do
    its(['result']) { should be_empty }
    its('allow') { should eq ['ci', 'telnet'] }
    its('allow') { should be_empty }
  end
  describe opa_api(url: 'localhost:8181/none', data: 'input.json') do
    its('allow') { should be_empty }
  end
end
control 'elasticsearch' do
  describe elasticsearch do
    its('node_count') { should be >= 1 }
    its('node_name') { should include 'node1' }
    its('cluster_name') { should include 'prod' }
    its('version') { should all cmp >= '8.0' }
    its('roles') { should include ['master'] }
    its('plugin_list') { should be_empty }
    its('node_id') { should include 'x1' }
  end
  describe elasticsearch.where { name == 'node9' } do
    it { should exist }
    its('node_count') { should eq 0 }
  end
  describe elasticsearch(url: 'http://down:9200') do
    its('node_count') { should be >= 1 }
  end
  describe elasticsearch(url: 'https://sec:9200', username: 'u', password: 'p', ssl_verify: false) do
    its('node_count') { should be >= 1 }
  end
end
