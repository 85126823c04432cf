//! The limits within which a program runs.

use std::time::Duration;

/// Limits of one interpreter. Crossing one ends the evaluation with [`LimitExceeded`], which no `rescue` sees.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Calls, loop rounds and block rounds: 200 million.
    pub steps: u64,
    /// Bytes held by live strings, arrays, hashes, objects and environments: 512 MiB.
    pub memory: usize,
    /// Nested Ruby calls before `SystemStackError`: 10,000.
    pub depth: usize,
    /// Bytes of one string: 128 MiB.
    pub string: usize,
    /// Elements of one array or hash: 16 million.
    pub elements: usize,
    /// Backtracking steps of one regular expression match: 10 million.
    pub regex_steps: usize,
    /// Wall clock of one evaluation: 10 minutes.
    pub time: Duration,
    /// Bytes of one source file: 16 MiB.
    pub source: usize,
    /// Nesting of one source file's syntax: 1,000.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 200_000_000,
            memory: 512 << 20,
            depth: 10_000,
            string: 128 << 20,
            elements: 16 << 20,
            regex_steps: 10_000_000,
            time: Duration::from_secs(600),
            source: 16 << 20,
            nesting: 1_000,
        }
    }
}

/// Which limit was crossed, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{limit} limit exceeded ({allowed}) at {file}:{line}")]
pub struct LimitExceeded {
    /// The limit's name: `steps`, `memory`, `time` …
    pub limit: &'static str,
    /// What it allows, with its unit.
    pub allowed: String,
    /// The source file that was running.
    pub file: String,
    /// The line that was running.
    pub line: u32,
}
