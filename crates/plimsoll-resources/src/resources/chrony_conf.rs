//! `chrony_conf`: /etc/chrony.conf.
