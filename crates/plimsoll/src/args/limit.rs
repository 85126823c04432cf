//! `--limit NAME=VALUE`: the limits within which profiles' code runs.

use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;

use plimsoll_auditor::Limits;

/// One limit: its name, what it counts, its value in some limits, and how it is set there.
struct Known {
    name: &'static str,
    about: &'static str,
    get: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

const KNOWN: [Known; 7] = [
    Known { name: "steps", about: "calls and loop rounds", get: |l| l.steps, set: |l, n| l.steps = n },
    Known {
        name: "time",
        about: "seconds of wall clock",
        get: |l| l.time.as_secs(),
        set: |l, n| l.time = Duration::from_secs(n),
    },
    Known { name: "memory", about: "bytes of all values", get: |l| l.memory as u64, set: |l, n| l.memory = n as usize },
    Known { name: "depth", about: "nested calls", get: |l| l.depth as u64, set: |l, n| l.depth = n as usize },
    Known { name: "string", about: "bytes of one string", get: |l| l.string as u64, set: |l, n| l.string = n as usize },
    Known {
        name: "elements",
        about: "elements of one array or hash",
        get: |l| l.elements as u64,
        set: |l, n| l.elements = n as usize,
    },
    Known {
        name: "regex-steps",
        about: "backtracking steps of one match",
        get: |l| l.regex_steps as u64,
        set: |l, n| l.regex_steps = n as usize,
    },
];

/// A limit that is changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    set: fn(&mut Limits, u64),
    value: u64,
}

impl Limit {
    pub(super) fn apply(&self, limits: &mut Limits) {
        (self.set)(limits, self.value);
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || KNOWN.map(|known| known.name).join(", ");
        let (name, value) =
            text.split_once('=').ok_or_else(|| format!("write NAME=VALUE; the names are {}", names()))?;
        let known = KNOWN.iter().find(|known| known.name == name);
        let known = known.ok_or_else(|| format!("there is no limit `{name}`; there are {}", names()))?;
        let value = value.parse().ok().filter(|value| *value > 0);
        let value = value.ok_or_else(|| format!("the limit `{name}` takes a whole number greater than 0"))?;
        Ok(Self { set: known.set, value })
    }
}

/// All limits with their defaults.
pub(super) fn help() -> String {
    let mut text = String::from("Change a limit within which the profiles' code runs, for each control: NAME=NUMBER\n");
    let defaults = Limits::default();
    for known in &KNOWN {
        // Writing to a String does not fail.
        let _ = write!(text, "\n  {:<12} {} (default {})", known.name, known.about, (known.get)(&defaults));
    }
    text
}

#[cfg(test)]
mod tests {
    use plimsoll_auditor::Limits;

    use super::{Limit, help};

    #[test]
    fn each_limit_is_set_by_its_name() {
        let mut limits = Limits::default();
        for text in ["steps=5", "time=3", "regex-steps=7"] {
            text.parse::<Limit>().unwrap().apply(&mut limits);
        }
        assert_eq!((limits.steps, limits.time.as_secs(), limits.regex_steps), (5, 3, 7));
        assert_eq!(limits.depth, Limits::default().depth);
        for text in ["steps", "stepps=1", "steps=0", "steps=many"] {
            assert!(text.parse::<Limit>().unwrap_err().contains("steps"), "{text}");
        }
        assert!(help().contains("default 200000000"));
    }
}
