//! `ntp_conf`: /etc/ntp.conf.
