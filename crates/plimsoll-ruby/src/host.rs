//! Everything outside the interpreter. It has no other way out.

use std::time::Duration;

/// Where printed text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// `$stdout`.
    Stdout,
    /// `$stderr`.
    Stderr,
}

/// What a finished command left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOutput {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// The exit status.
    pub exit_status: i32,
}

/// The outside as a program sees it: a clock, the profile's own files, a way to print.
///
/// Every answer of the default implementations refuses, so a host grants only what it names.
pub trait Host {
    /// Time since the Unix epoch.
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    /// Offset of local time from UTC, in seconds.
    fn utc_offset(&self) -> i32 {
        0
    }

    /// Text printed by the program.
    fn print(&self, _stream: Stream, _text: &[u8]) {}

    /// The content of one of the profile's own files, or `None` when there is none of this name.
    fn read_file(&self, _path: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// The profile's own files and directories, as absolute paths; directories end in `/`.
    fn files(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// An environment variable.
    fn env(&self, _name: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// Backticks, `system` and `%x`: an output, or why they are refused.
    fn command(&self, _line: &[u8]) -> Result<CommandOutput, String> {
        Err("commands cannot be run here".to_owned())
    }

    /// Whether the host provides the feature `name` itself (then `require` does nothing but succeed).
    fn provides(&self, _name: &str) -> bool {
        false
    }
}

/// A host that refuses everything.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoHost;

impl Host for NoHost {}
