//! `virtualization`: what the system runs on.
