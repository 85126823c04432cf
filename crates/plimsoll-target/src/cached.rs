//! Remembers every answer for the length of one audit.

mod messenger;

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use messenger::Messenger;

use crate::{Answer, Foresight, PlatformOverride, Request, Target, TargetInfo, TransportError};

/// A target whose answers are remembered: nothing is asked of the container twice, and an audit sees one state of it.
///
/// Everything is remembered, commands and failures included. Losing the way to the container is not an answer and is not
/// remembered.
///
/// What was asked ahead of a distant target counts from when it is asked for, and can be forgotten until then. It is asked
/// by a thread of its own: whoever asks ahead has something else to do meanwhile.
pub struct Cached<T> {
    remembered: Arc<Remembered<T>>,
    messenger: OnceLock<Messenger>,
}

/// A target and what it answered, shared with the thread that asks it ahead.
struct Remembered<T> {
    target: T,
    memory: Mutex<Memory>,
    /// Told whenever less is under way.
    news: Condvar,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<Request, Answer>,
    /// What was asked ahead and nobody has asked for yet.
    ahead: HashMap<Request, Answer>,
    /// What is being asked ahead.
    under_way: HashSet<Request>,
    /// How the way to the target was lost while it was asked ahead.
    lost: Option<TransportError>,
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
        let remembered = Remembered { target, memory: Mutex::default(), news: Condvar::new() };
        Self { remembered: Arc::new(remembered), messenger: OnceLock::new() }
    }

    /// How much was asked and how much of it went through, so far.
    pub fn counts(&self) -> CacheCounts {
        self.remembered.memory().counts
    }

    /// The target behind the memory.
    pub fn target(&self) -> &T {
        &self.remembered.target
    }
}

impl<T> Remembered<T> {
    /// A thread that panicked can't have left a half-made answer: they go in whole.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The memory once nothing is under way that `matters`.
    fn memory_without(&self, matters: impl Fn(&HashSet<Request>) -> bool) -> MutexGuard<'_, Memory> {
        let waited = self.news.wait_while(self.memory(), |memory| matters(&memory.under_way));
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Target> Remembered<T> {
    /// Asks the target.
    fn forward(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let mut memory = self.memory();
        if let Some(lost) = &memory.lost {
            return Err(lost.clone());
        }
        memory.counts.forwarded += requests.len() as u64;
        memory.counts.round_trips += 1;
        // Not under the lock: a slow command must not hold up another thread's remembered answers.
        drop(memory);
        self.target.ask(requests)
    }

    /// Asks the target ahead.
    fn learn(&self, requests: Vec<Request>) {
        let asked = catch_unwind(AssertUnwindSafe(|| self.forward(&requests)));
        let asked = asked.unwrap_or_else(|_| Err(TransportError::new("asking the target ahead broke off")));
        let mut memory = self.memory();
        for request in &requests {
            memory.under_way.remove(request);
        }
        match asked {
            Ok(answers) => memory.ahead.extend(requests.into_iter().zip(answers)),
            Err(error) => memory.lost = Some(error),
        }
        self.news.notify_all();
    }
}

impl Memory {
    /// Those of `requests` that nobody has asked for yet, each once.
    fn unasked(&self, requests: &[Request]) -> Vec<Request> {
        let mut seen = HashSet::new();
        let known = |request| {
            self.answers.contains_key(request) || self.ahead.contains_key(request) || self.under_way.contains(request)
        };
        requests.iter().filter(|request| !known(request) && seen.insert(*request)).cloned().collect()
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

impl<T: Target + 'static> Target for Cached<T> {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let remembered = &*self.remembered;
        let of_these = |under_way: &HashSet<Request>| requests.iter().any(|request| under_way.contains(request));
        let missing = {
            let mut memory = remembered.memory_without(of_these);
            memory.counts.asked += requests.len() as u64;
            memory.accept(requests);
            memory.unasked(requests)
        };
        if !missing.is_empty() {
            // What was asked ahead was asked before.
            drop(remembered.memory_without(|under_way| !under_way.is_empty()));
            let answers = remembered.forward(&missing)?;
            let mut memory = remembered.memory();
            for (request, answer) in missing.into_iter().zip(answers) {
                // Two threads may have asked the same; the first answer stays, so that an audit sees one state.
                memory.answers.entry(request).or_insert(answer);
            }
        }
        let recalled = remembered.memory().recall(requests);
        recalled.ok_or_else(|| TransportError::new("the target answered another number of requests than it was asked"))
    }

    fn info(&self) -> TargetInfo {
        self.target().info()
    }

    fn platform(&self) -> Option<PlatformOverride> {
        self.target().platform()
    }

    fn is_distant(&self) -> bool {
        self.target().is_distant()
    }

    fn foresight(&self) -> Option<&dyn Foresight> {
        self.is_distant().then_some(self)
    }
}

impl<T: Target + 'static> Foresight for Cached<T> {
    fn ask_ahead(&self, requests: &[Request]) -> Result<(), TransportError> {
        let mut memory = self.remembered.memory();
        if let Some(lost) = &memory.lost {
            return Err(lost.clone());
        }
        let missing = memory.unasked(requests);
        if !missing.is_empty() {
            memory.under_way.extend(missing.iter().cloned());
            self.messenger().take(missing);
        }
        Ok(())
    }

    fn await_answers(&self, requests: &[Request]) -> Result<(), TransportError> {
        let memory = self.remembered.memory_without(|under_way| requests.iter().any(|one| under_way.contains(one)));
        memory.lost.clone().map_or(Ok(()), Err)
    }

    fn recall(&self, requests: &[Request]) -> Option<Vec<Answer>> {
        self.remembered.memory().recall(requests)
    }

    fn forget_files(&self) {
        let mut memory = self.remembered.memory_without(|under_way| !under_way.is_empty());
        memory.ahead.retain(|request, _| matches!(request, Request::Run(_)));
    }
}

impl<T: Target + 'static> Cached<T> {
    fn messenger(&self) -> &Messenger {
        self.messenger.get_or_init(|| {
            let remembered = Arc::clone(&self.remembered);
            Messenger::new(move |requests| remembered.learn(requests))
        })
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
        let foreseen = [read("/a"), read("/b"), run.clone(), read("/a")];
        ahead.ask_ahead(&foreseen).unwrap();
        ahead.await_answers(&foreseen).unwrap();
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

    /// A target that is far away and answers a batch when it is told to.
    struct Slow(Mutex<std::sync::mpsc::Receiver<()>>, Mutex<Vec<Vec<Request>>>);

    impl Target for Slow {
        fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
            self.1.lock().unwrap().push(requests.to_vec());
            self.0.lock().unwrap().recv().map_err(|_| TransportError::new("gone"))?;
            Ok(requests.iter().map(|_| Answer::Content(Ok(b"x".to_vec()))).collect())
        }
        fn info(&self) -> TargetInfo {
            TargetInfo { channel: "slow".into(), uri: "slow".into(), id: None }
        }
        fn is_distant(&self) -> bool {
            true
        }
    }

    #[test]
    fn whoever_asks_ahead_does_not_wait_and_whoever_asks_then_does() {
        let (go, wait) = std::sync::mpsc::channel();
        let target = Cached::new(Slow(Mutex::new(wait), Mutex::default()));
        let ahead = target.foresight().expect("it is far away");
        for path in ["/a", "/b", "/c"] {
            ahead.ask_ahead(&[read(path)]).unwrap();
        }
        assert_eq!(ahead.recall(&[read("/a")]), None);
        for _ in 0..4 {
            go.send(()).unwrap();
        }
        // Not asked ahead: it comes after what was.
        assert!(target.read(b"/d").unwrap().is_ok());
        assert!(target.read(b"/c").unwrap().is_ok());
        let asked = target.target().1.lock().unwrap().concat();
        assert_eq!(asked, ["/a", "/b", "/c", "/d"].map(read));
    }

    #[test]
    fn a_target_that_is_lost_while_it_is_asked_ahead_is_lost() {
        let (go, wait) = std::sync::mpsc::channel();
        let target = Cached::new(Slow(Mutex::new(wait), Mutex::default()));
        let ahead = target.foresight().expect("it is far away");
        ahead.ask_ahead(&[read("/a")]).unwrap();
        drop(go);
        assert_eq!(ahead.await_answers(&[read("/a")]).unwrap_err().message, "gone");
        assert!(target.read(b"/a").is_err());
        assert!(target.read(b"/b").is_err());
        assert!(ahead.ask_ahead(&[read("/c")]).is_err());
        assert_eq!(target.counts().round_trips, 1);
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
