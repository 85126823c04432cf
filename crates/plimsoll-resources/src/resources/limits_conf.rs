//! `limits_conf`: /etc/security/limits.conf.
