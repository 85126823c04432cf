control 'cassandra' do
  describe cassandradb_conf do
    its('listen_address') { should eq '127.0.0.1' }
    its('listen_address') { should eq '0.0.0.0' }
    its('num_tokens') { should eq 16 }
    its('nothing') { should be_nil }
    its(['seed_provider', 0, 'class_name']) { should match(/Simple/) }
    its(%w(client_encryption_options enabled)) { should eq true }
  end
  describe cassandradb_conf('/srv/none.yaml') do
    its('listen_address') { should eq '127.0.0.1' }
  end
  describe cassandradb_conf('/srv/bad.yaml') do
    its('listen_address') { should eq '127.0.0.1' }
  end
  describe cassandra do
    its('conf_path') { should eq '/opt/cassandra/conf/cassandra.yaml' }
    its('conf_path') { should be_nil }
  end
  cql = cassandradb_session(user: 'me', password: 'pw', host: '127.0.0.1', port: 9042)
  describe cql.query('SELECT cluster_name FROM system.local') do
    its('output') { should match(/Test Cluster/) }
    its('output') { should match(/Prod/) }
    its('exit_status') { should eq 0 }
  end
  describe cql.query('SELECT "a$b" FROM x') do
    its('output') { should match(/nothing/) }
  end
  describe cassandradb_session(user: 'me').query('DOWN') do
    its('output') { should match(/x/) }
  end
end
control 'rabbitmq' do
  describe rabbitmq_config.params('rabbit', 'ssl_listeners') do
    it { should cmp 5671 }
  end
  describe rabbitmq_config.params('rabbit', 'tcp_listeners') do
    it { should eq [5672] }
    it { should be_empty }
  end
  describe rabbitmq_config do
    its('params') { should include 'rabbit' }
    its('params') { should eq({}) }
  end
  describe rabbitmq_conf('/srv/none.config') do
    its('params') { should eq({}) }
  end
  describe rabbitmq_config('/srv/bad.config') do
    its('params') { should eq({}) }
  end
end
