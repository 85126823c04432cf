#![allow(clippy::print_stdout, clippy::print_stderr)] // a tool for people
//! TODO
fn main() {}
