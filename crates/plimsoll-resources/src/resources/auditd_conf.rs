//! `auditd_conf`: /etc/audit/auditd.conf.
