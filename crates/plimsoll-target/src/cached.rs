//! Remembers every answer for the length of one audit.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Answer, Foresight, PlatformOverride, Request, Target, TargetInfo, TransportError};

/// A target whose answers are remembered: nothing is asked of the container twice, and an audit sees one state of it.
///
/// Everything is remembered, commands and failures included. Losing the way to the container is not an answer and is not
/// remembered.
///
/// What was asked ahead of a distant target counts from when it is asked for, and can be forgotten until then.
pub struct Cached<T> {
    target: T,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<Request, Answer>,
    /// What was asked ahead and nobody has asked for yet.
    ahead: HashMap<Request, Answer>,
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
}

impl Memory {
    /// Those of `requests` that have no answer yet, each once.
    fn unanswered(&mut self, requests: &[Request]) -> Vec<Request> {
        let mut seen = HashSet::new();
        let known = |request| self.answers.contains_key(request) || self.ahead.contains_key(request);
        let open = requests.iter().filter(|request| !known(request) && seen.insert(*request));
        let missing: Vec<Request> = open.cloned().collect();
        self.counts.forwarded += missing.len() as u64;
        self.counts.round_trips += u64::from(!missing.is_empty());
        missing
    }

    /// What was asked ahead counts from now on.
    fn accept(&mut self, requests: &[Request]) {
        for request in requests {
            if let Some(answer) = self.ahead.remove(request) {
                self.answers.insert(request.clone(), answer);
            }
        }
    }

    fn recall(&self, requests: &[Request]) -> Option<Vec<Answer>> {
        let known = |request| self.answers.get(request).or_else(|| self.ahead.get(request)).cloned();
        requests.iter().map(known).collect()
    }
}

impl<T: Target> Target for Cached<T> {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let missing = {
            let mut memory = self.memory();
            memory.counts.asked += requests.len() as u64;
            memory.accept(requests);
            memory.unanswered(requests)
        };
        if !missing.is_empty() {
            // Not under the lock: a slow command must not hold up another thread's remembered answers.
            let answers = self.target.ask(&missing)?;
            let mut memory = self.memory();
            for (request, answer) in missing.into_iter().zip(answers) {
                // Two threads may have asked the same; the first answer stays, so that an audit sees one state.
                memory.answers.entry(request).or_insert(answer);
            }
        }
        self.memory()
            .recall(requests)
            .ok_or_else(|| TransportError::new("the target answered another number of requests than it was asked"))
    }

    fn info(&self) -> TargetInfo {
        self.target.info()
    }

    fn platform(&self) -> Option<PlatformOverride> {
        self.target.platform()
    }

    fn is_distant(&self) -> bool {
        self.target.is_distant()
    }

    fn foresight(&self) -> Option<&dyn Foresight> {
        self.is_distant().then_some(self)
    }
}

impl<T: Target> Foresight for Cached<T> {
    fn ask_ahead(&self, requests: &[Request]) -> Result<(), TransportError> {
        let missing = self.memory().unanswered(requests);
        if !missing.is_empty() {
            let answers = self.target.ask(&missing)?;
            self.memory().ahead.extend(missing.into_iter().zip(answers));
        }
        Ok(())
    }

    fn recall(&self, requests: &[Request]) -> Option<Vec<Answer>> {
        self.memory().recall(requests)
    }

    fn forget_files(&self) {
        self.memory().ahead.retain(|request, _| matches!(request, Request::Run(_)));
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

    /// A target that is far away.
    struct Distant(MemoryTarget);

    impl Target for Distant {
        fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
            self.0.ask(requests)
        }
        fn info(&self) -> TargetInfo {
            self.0.info()
        }
        fn is_distant(&self) -> bool {
            true
        }
    }

    #[test]
    fn what_was_asked_ahead_is_not_asked_again_unless_it_is_forgotten_before_it_counts() {
        let target = Cached::new(Distant(MemoryTarget::new().file("/a", "A").file("/b", "B").command("id", "", "", 0)));
        let run = Request::Run(crate::Command::new("id"));
        let ahead = target.foresight().expect("it is far away");
        assert_eq!(ahead.recall(&[read("/a")]), None);
        ahead.ask_ahead(&[read("/a"), read("/b"), run.clone(), read("/a")]).unwrap();
        assert_eq!(target.counts(), CacheCounts { asked: 0, forwarded: 3, round_trips: 1 });
        assert_eq!(target.read(b"/a").unwrap().unwrap(), b"A");
        ahead.forget_files();
        assert!(ahead.recall(&[read("/a"), run.clone()]).is_some());
        assert_eq!(ahead.recall(&[read("/b")]), None);
        target.ask(&[read("/b"), run]).unwrap();
        assert_eq!(target.counts(), CacheCounts { asked: 3, forwarded: 4, round_trips: 2 });
    }

    #[test]
    fn nothing_is_asked_ahead_of_a_target_that_is_near() {
        assert!(Cached::new(MemoryTarget::new()).foresight().is_none());
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
