control 'sybase' do
  login = { username: 'me', password: 'pw', server: 'SYB', database: 'pubs2' }
  describe sybase_session(database: 'pubs2', server: 'SYB') do
    its('username') { should be_nil }
  end
  describe sybase_session(username: 'a', password: 'b', server: 'S') do
    its('database') { should be_nil }
  end
end
control 'db2' do
  db2 = { db2_executable_file_path: '/opt/ibm/db2/V11.5/bin/db2', db_instance: 'db2inst1' }
  describe ibmdb2_conf(db2) do
    its('output') { should include 'Audit buffer size (4KB) (AUDIT_BUF_SZ) = 0' }
    its('output') { should be_empty }
  end
  describe ibmdb2_conf(db_instance: 'x') do
    its('output') { should be_empty }
  end
  describe ibmdb2_session(db2.merge(db_name: 'sample')).query('list database directory') do
    its('output') { should match(/sample/) }
    its('output') { should_not match(/SAMPLE/) }
  end
  describe ibmdb2_session(db2.merge(db_name: 'sample')).query('bad') do
    its('output') { should match(/sample/) }
  end
  describe ibmdb2_session(db2).query('list') do
    its('output') { should match(/sample/) }
  end
end
