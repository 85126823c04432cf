//! The built program as its user meets it: what it prints, what it leaves, and its exit code.

mod access;
mod agent;
mod debug;
mod demo;
mod docs;
mod exec;
mod gate;
mod image;
mod interruption;
mod profile;
mod program;
mod scan;
mod shell;
mod stage;
mod usage;
