//! `filesystem`: the size of a file system.
