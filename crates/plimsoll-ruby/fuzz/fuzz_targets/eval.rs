//! Any bytes as a program: it ends within its limits, in a value or in an error.
#![no_main]

mod bounded;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| bounded::run(source));
