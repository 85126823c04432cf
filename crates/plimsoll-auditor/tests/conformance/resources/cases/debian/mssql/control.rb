control 'mssql' do
  sql = mssql_session(user: 'me', password: 'pw')
  describe sql do
    its('host') { should eq 'localhost' }
    its('user') { should eq 'you' }
  end
  describe sql.query('SELECT name, size FROM sys.databases').row(0).column('name') do
    its('value') { should cmp 'master' }
    its('value') { should cmp 'model' }
  end
  describe sql.query('SELECT name, size FROM sys.databases') do
    its('rows') { should be_empty }
    its('size') { should eq 2 }
  end
  describe sql.query("SELECT \"q\" FROM $x") do
    its('rows') { should be_empty }
  end
  describe mssql_sys_conf('clr_enabled', user: 'me', password: 'pw') do
    its('value_in_use') { should cmp 0 }
    its('value_configured') { should cmp 0 }
  end
  describe mssql_session(user: 'me', password: 'pw', host: 'db', port: 1434, instance: 'I', db_name: 'D') do
    its('db_name') { should eq 'D' }
  end
end
