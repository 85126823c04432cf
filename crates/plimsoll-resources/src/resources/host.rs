//! `host`: names and addresses of hosts, and whether they can be reached.
