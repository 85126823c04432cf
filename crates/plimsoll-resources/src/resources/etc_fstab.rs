//! `etc_fstab`: the lines of /etc/fstab.
