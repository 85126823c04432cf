#![allow(clippy::print_stdout, clippy::print_stderr)] // the command line prints
//! TODO
fn main() {}
