//! Scans of the cluster side against an in-process API server: what works, and what a bad day does to it.

mod access;
mod channel;
mod debug;
mod fidelity;
mod reach;
mod scan;
mod stage;
mod ways;
