//! The ways of asking a container, with what this machine has.
#![allow(clippy::print_stderr)] // a shell that isn't on the machine is skipped with a word

mod direct;
mod fidelity;
mod local_shells;
mod shells;
