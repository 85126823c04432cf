//! `auditd`: the rules of the audit daemon.
