//! Running a program under small limits, and checking that they held.

use std::rc::Rc;
use std::time::{Duration, Instant};

use plimsoll_ruby::{Interp, Limits, NoHost, live_bytes};

/// Bytes that a program may hold.
const MEMORY: usize = 32 << 20;

/// How long it may take.
const TIME: Duration = Duration::from_secs(1);

/// Runs a program; panics when it outlived its time twice over, or held more than twice its memory.
pub fn run(source: &[u8]) {
    let limits = Limits {
        steps: 200_000,
        memory: MEMORY,
        depth: 500,
        string: 4 << 20,
        elements: 200_000,
        regex_steps: 100_000,
        time: TIME,
        ..Limits::default()
    };
    let start = Instant::now();
    let before = live_bytes();
    let vm = Interp::new(Rc::new(NoHost), limits);
    let Ok(program) = vm.parse(source, "fuzz.rb") else { return };
    let result = vm.run_main(&program).and_then(|value| vm.inspect(&value));
    let held = live_bytes().saturating_sub(before);
    drop((result, program, vm));
    assert!(held < 2 * MEMORY, "{held} bytes held");
    let took = start.elapsed();
    assert!(took < 2 * TIME, "{took:?} taken");
}
