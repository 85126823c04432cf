control 'session' do
  sql = oracledb_session(user: 'me', password: 'pw', service: 'ORCL')
  describe sql.query("SELECT UPPER(VALUE) AS VALUE FROM V$PARAMETER WHERE UPPER(NAME)='AUDIT_SYS_OPERATIONS'").row(0).column('value') do
    its('value') { should eq 'TRUE' }
    its('value') { should eq 'FALSE' }
  end
  describe sql.query('SELECT * FROM LIST') do
    its('rows') { should eq [] }
    its('size') { should eq 2 }
    it { should be_empty }
    it { should be_successful }
  end
  describe sql.query('SELECT * FROM LIST').column('name') do
    it { should include 'a,b' }
    it { should eq [] }
  end
  describe sql.query('SELECT * FROM LIST').row(7).column('name') do
    its('value') { should eq '' }
  end
  describe sql.query('BAD') do
    its('size') { should eq 0 }
  end
  describe sql.query('NONE') do
    it { should eq '' }
  end
  describe oracledb_session(as_os_user: 'oracle', as_db_role: 'sysdba', service: 'ORCL').query('SELECT A FROM V$B').row(0).column('a') do
    its('value') { should eq '1' }
  end
  describe oracledb_session(service: 'ORCL') do
    it { should be_nil }
  end
end
control 'conf' do
  describe oracledb_conf(user: 'me', password: 'pw', service: 'ORCL') do
    its('audit_sys_operations') { should cmp 'true' }
    its('audit_trail') { should eq 'DB' }
    its('nothing') { should eq '' }
  end
  describe oracledb_listener_conf do
    its('DEFAULT_SERVICE_LISTENER') { should eq 'XE' }
    its('EXTPROC_DLLS_LISTENER') { should be_nil }
    its('LOGGING_LISTENER') { should eq 'OFF' }
  end
  describe oracledb_listener_conf('/srv/none.ora') do
    its('LOGGING_LISTENER') { should eq 'ON' }
  end
  describe oracle do
    its('conf_path') { should eq '/u01/network/admin/listener.ora' }
    its('conf_path') { should be_nil }
  end
end
