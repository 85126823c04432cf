//! Remembers every answer for the length of one audit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Answer, PlatformOverride, Request, Target, TargetInfo, TransportError};

/// A target whose answers are remembered: nothing is asked of the container twice, and an audit sees one state of it.
///
/// Everything is remembered, commands and failures included. Losing the way to the container is not an answer and is not
/// remembered.
pub struct Cached<T> {
    target: T,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<Request, Answer>,
    counts: CacheCounts,
}

/// What a cache saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Requests that were asked of the cache.
    pub asked: u64,
    /// Requests that went on to the target.
    pub forwarded: u64,
    /// Calls of the target, each with one or more requests.
    pub round_trips: u64,
}

impl<T: Target> Cached<T> {
    /// An empty memory in front of `target`.
    pub fn new(target: T) -> Self {
        Self { target, memory: Mutex::default() }
    }

    /// How much was asked and how much of it went through, so far.
    pub fn counts(&self) -> CacheCounts {
        self.memory().counts
    }

    /// The target behind the memory.
    pub fn target(&self) -> &T {
        &self.target
    }

    /// Gives the target back and forgets the answers.
    pub fn into_inner(self) -> T {
        self.target
    }

    /// A thread that panicked can't have left a half-made answer: they go in whole.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of `requests` that have no answer yet, each once.
    fn unanswered(&self, requests: &[Request]) -> Vec<Request> {
        let mut memory = self.memory();
        memory.counts.asked += requests.len() as u64;
        let mut missing: Vec<Request> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for request in requests {
            if !memory.answers.contains_key(request) && seen.insert(request) {
                missing.push(request.clone());
            }
        }
        memory.counts.forwarded += missing.len() as u64;
        memory.counts.round_trips += u64::from(!missing.is_empty());
        missing
    }
}

impl<T: Target> Target for Cached<T> {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let missing = self.unanswered(requests);
        if !missing.is_empty() {
            // Not under the lock: a slow command must not hold up another thread's remembered answers.
            let answers = self.target.ask(&missing)?;
            let mut memory = self.memory();
            for (request, answer) in missing.into_iter().zip(answers) {
                // Two threads may have asked the same; the first answer stays, so that an audit sees one state.
                memory.answers.entry(request).or_insert(answer);
            }
        }
        let memory = self.memory();
        let answer =
            |request: &Request| {
                memory.answers.get(request).cloned().ok_or_else(|| {
                    TransportError::new("the target answered another number of requests than it was asked")
                })
            };
        requests.iter().map(answer).collect()
    }

    fn info(&self) -> TargetInfo {
        self.target.info()
    }

    fn platform(&self) -> Option<PlatformOverride> {
        self.target.platform()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileError, MemoryTarget};

    fn read(path: &str) -> Request {
        Request::Read { path: path.into() }
    }

    #[test]
    fn nothing_is_asked_twice_and_order_is_kept() {
        let target = Cached::new(MemoryTarget::new().file("/a", "A").file("/b", "B").command("id", "root", "", 0));
        let answers = target.ask(&[read("/b"), read("/none"), read("/a"), read("/b")]).unwrap();
        let content = |text: &str| Answer::Content(Ok(text.into()));
        assert_eq!(answers, [content("B"), Answer::Content(Err(FileError::NotFound)), content("A"), content("B")]);
        assert_eq!(target.counts(), CacheCounts { asked: 4, forwarded: 3, round_trips: 1 });
        assert_eq!(target.run(b"id").unwrap(), target.run(b"id").unwrap());
        assert_eq!(target.read(b"/none").unwrap(), Err(FileError::NotFound));
        assert_eq!(target.counts(), CacheCounts { asked: 7, forwarded: 4, round_trips: 2 });
    }

    struct Lost;

    impl Target for Lost {
        fn ask(&self, _: &[Request]) -> Result<Vec<Answer>, TransportError> {
            Err(TransportError::new("gone"))
        }
        fn info(&self) -> TargetInfo {
            TargetInfo { channel: "lost".into(), uri: "lost".into(), id: None }
        }
    }

    #[test]
    fn a_lost_target_stays_an_error() {
        let target = Cached::new(Lost);
        assert!(target.run(b"id").is_err());
        assert!(target.run(b"id").is_err());
        assert_eq!(target.counts().round_trips, 2);
    }

    #[test]
    fn threads_share_one_memory() {
        let target = Cached::new(MemoryTarget::new().file("/a", "A"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(target.read(b"/a").unwrap().unwrap(), b"A"));
            }
        });
        assert_eq!(target.counts().asked, 4);
        assert!(target.counts().forwarded >= 1);
    }
}
