//! `etc_hosts`: the lines of /etc/hosts.
