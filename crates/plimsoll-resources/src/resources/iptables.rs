//! `iptables`: the rules of iptables.
