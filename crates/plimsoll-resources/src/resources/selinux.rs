//! `selinux`: the state of SELinux.
