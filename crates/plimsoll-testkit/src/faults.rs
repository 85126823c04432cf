//! Faults on demand: what can go wrong between a client and a cluster, made to go wrong when a test says so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed; the request is never looked at.
    DropBefore,
    /// The request is carried out, then the connection is closed without an answer.
    DropAfter,
    /// The answer starts, and the connection is closed after this many bytes of its body.
    CutBody(usize),
    /// The request is carried out after this time.
    Delay(Duration),
    /// The answer is a `Status` with this HTTP code and message; nothing is carried out.
    Status {
        /// HTTP status code.
        code: u16,
        /// The `Status` object's message.
        message: String,
    },
    /// 429 with a `Retry-After` header.
    TooManyRequests {
        /// The header's value, in seconds.
        retry_after: u32,
    },
    /// Exec: the upgrade to WebSocket is refused with 400.
    RefuseUpgrade,
    /// Exec: everything after this many bytes on one channel (1 stdout, 2 stderr) is silently lost; the rest of the
    /// session, its exit status included, looks as if nothing had happened.
    TruncateExec {
        /// The channel's number.
        channel: u8,
        /// Bytes of payload that still arrive.
        after: usize,
    },
    /// Exec: after this many bytes of stdout the session is closed in good order but without an exit status. With
    /// less stdout than that, it is closed when the status would be due.
    CloseExec {
        /// Bytes of stdout that still arrive.
        after: usize,
    },
    /// Exec: after this many bytes of stdout (or when the status would be due) the connection is simply gone.
    DropExec {
        /// Bytes of stdout that still arrive.
        after: usize,
    },
    /// Exec: after this many bytes of stdout nothing more arrives on any channel; the connection stays open.
    StallExec {
        /// Bytes of stdout that still arrive.
        after: usize,
    },
}

/// Which requests a fault strikes.
#[derive(Debug, Clone)]
pub struct FaultRule {
    method: String,
    path: String,
    fault: Fault,
    skip: usize,
    left: usize,
}

impl FaultRule {
    /// A fault for the first request with this method (`*` for any) and path; `*` in the path stands for any text.
    ///
    /// The path is without its query: `/api/v1/namespaces/*/pods/*/exec`.
    pub fn new(method: &str, path: &str, fault: Fault) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), fault, skip: 0, left: 1 }
    }

    /// Spare the first `count` matching requests.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// Strike `count` requests instead of one.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.left = count;
        self
    }

    /// Strike every matching request.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        (self.method == "*" || self.method == method) && glob(&self.path, path)
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices().map(|(at, _)| at).chain([tail.len()]).any(|at| glob(rest, &tail[at..]))
        }),
    }
}

/// The rules of one server; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<FaultRule>>>);

impl Faults {
    /// Arm a rule. Of several that match one request, the one that was added first strikes.
    pub fn add(&self, rule: FaultRule) {
        self.rules().push(rule);
    }

    /// Disarm everything.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// How many rules have not struck as often as they were to. A test that ends with a rule pending tested nothing.
    pub fn pending(&self) -> usize {
        self.rules().iter().filter(|rule| rule.left > 0 && rule.left < usize::MAX / 2).count()
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<FaultRule>> {
        self.0.lock().expect("fault rules are never left half changed")
    }

    /// The fault that strikes this request, if any.
    pub(crate) fn strike(&self, method: &str, path: &str) -> Option<Fault> {
        for rule in self.rules().iter_mut().filter(|rule| rule.left > 0 && rule.matches(method, path)) {
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.left -= 1;
            return Some(rule.fault.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultRule, Faults, glob};

    #[test]
    fn patterns_match_whole_paths() {
        for (pattern, path, expected) in [
            ("/api/v1/pods", "/api/v1/pods", true),
            ("/api/v1/pods", "/api/v1/pods/x", false),
            ("/api/v1/namespaces/*/pods/*/exec", "/api/v1/namespaces/a/pods/b/exec", true),
            ("/api/v1/namespaces/*/pods/*/exec", "/api/v1/namespaces/a/pods/b", false),
            ("*", "/anything", true),
            ("*/token", "/api/v1/namespaces/a/serviceaccounts/b/token", true),
        ] {
            assert_eq!(glob(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_rule_strikes_the_nth_request_and_then_rests() {
        let faults = Faults::default();
        faults.add(FaultRule::new("GET", "/a", Fault::DropBefore).skip(1).times(2));
        let struck: Vec<bool> = (0..5).map(|_| faults.strike("GET", "/a").is_some()).collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert_eq!(faults.pending(), 0);
        assert_eq!(faults.strike("POST", "/a"), None);
    }
}
