//! `etc_hosts_allow`: the rules of /etc/hosts.allow and /etc/hosts.deny.
