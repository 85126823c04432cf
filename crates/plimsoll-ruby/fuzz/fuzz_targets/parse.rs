//! Any bytes: parsing and lowering end in a program or in a syntax error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_ruby::{Limits, ir::Program};

fuzz_target!(|source: &[u8]| {
    if let Err(error) = Program::parse(source, "fuzz.rb", &[], &Limits::default()) {
        assert!(!error.to_string().is_empty());
    }
});
