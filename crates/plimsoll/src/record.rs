//! `--record`: every request that reaches the target, one JSON object a line.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use plimsoll_target::{Answer, PlatformOverride, Request, Target, TargetInfo, TransportError};
use serde_json::{Value, json};

/// A target whose requests are written down on their way.
pub(crate) struct Recorded<T, W> {
    target: T,
    file: Mutex<W>,
}

impl<T: Target, W: Write + Send> Recorded<T, W> {
    pub(crate) fn new(target: T, file: W) -> Self {
        Self { target, file: Mutex::new(file) }
    }
}

impl<T: Target, W: Write + Send> Target for Recorded<T, W> {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let lines: Vec<String> = requests.iter().map(|request| line(request).to_string() + "\n").collect();
        let written = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(lines.concat().as_bytes());
        written.map_err(|error| TransportError::new(format!("cannot write the record of requests: {error}")))?;
        self.target.ask(requests)
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
}

fn line(request: &Request) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match request {
        Request::Run(command) => json!({ "run": text(&command.line) }),
        Request::Stat { path, follow } => json!({ "stat": text(path), "follow": follow }),
        Request::Read { path } => json!({ "read": text(path) }),
        Request::List { path } => json!({ "list": text(path) }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use plimsoll_target::MemoryTarget;

    use super::*;

    #[test]
    fn each_request_is_a_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("record");
        let target =
            Recorded::new(MemoryTarget::new().file("/a", "A").command("id", "", "", 0), File::create(&path).unwrap());
        target.run(b"id").unwrap().unwrap();
        target.stat(b"/a", true).unwrap().unwrap();
        target.read(b"/a").unwrap().unwrap();
        target.list(b"/").unwrap().unwrap();
        let lines = "{\"run\":\"id\"}\n{\"stat\":\"/a\",\"follow\":true}\n{\"read\":\"/a\"}\n{\"list\":\"/\"}\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), lines);
    }
}
