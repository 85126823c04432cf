//! `ssh_config`: the configurations of the SSH server and client.
