//! The agent channel: an audit that runs in the pod, beside its container, and tells over one exec what it finds.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use plimsoll_target::{Neighbour, TargetInfo, TransportError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::ChannelError;
use super::lost;
use super::opening::Opening;
use super::stream::{Ending, Incoming, Outgoing};
use crate::access::Access;
use crate::agent::{Errand, Hello, PROTOCOL, frame_length, read_frame, write_frame};
use crate::workload::Workload;

/// How long an agent may take to greet.
const GREETING: Duration = Duration::from_secs(30);
/// How long a closed session's connection may take to be gone.
const CUT: Duration = Duration::from_secs(2);
/// As much of stderr as a message may hold.
const LAST_WORDS: usize = 2000;

/// An agent that has found the container and waits for what to do there.
///
/// Both directions block on the runtime that the session was opened on: use it from a thread that is not one of its workers.
/// Dropping the session ends the agent.
pub struct AgentSession {
    runtime: Handle,
    access: Access,
    /// The agent's container.
    place: Workload,
    stdin: Option<Outgoing>,
    stdout: Incoming,
    said: Arc<Mutex<Vec<u8>>>,
    neighbour: Neighbour,
    info: TargetInfo,
    stop: CancellationToken,
    lost: Arc<OnceLock<TransportError>>,
    _guard: DropGuard,
}

/// What outlives a session: whether it was lost, and when its connection is gone.
pub(crate) struct AgentLink {
    stop: CancellationToken,
    keepers: TaskTracker,
    lost: Arc<OnceLock<TransportError>>,
}

impl AgentSession {
    /// Starts `errand` in the agent's container (`place`), and waits for its greeting.
    pub(crate) async fn open(
        access: &Access,
        place: &Workload,
        errand: &Errand<'_>,
        stop: &CancellationToken,
    ) -> Result<(Self, AgentLink), ChannelError> {
        let keepers = TaskTracker::new();
        let stop = stop.child_token();
        let command = errand.command();
        let opening =
            Opening { access, workload: place, command: &command, stdin: true, stop: &stop, keepers: &keepers };
        let (exec, guard) = opening.patiently().await?;
        let said = Arc::new(Mutex::new(Vec::new()));
        keepers.spawn(listen(exec.stderr, Arc::clone(&said)));
        let mut stdout = exec.stdout;
        let greeted = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(ChannelError::Interrupted),
            greeted = tokio::time::timeout(GREETING, greeting(&mut stdout)) => greeted,
        };
        let greeted = greeted.unwrap_or_else(|_| Err(format!("no word from it within {} s", GREETING.as_secs())));
        let hello = match greeted {
            Ok(hello) => hello,
            Err(why) => return Err(unusable(place, &command, why, exec.end, &said).await),
        };
        if hello.protocol != PROTOCOL {
            return Err(ChannelError::AgentVersion { workload: place.to_string(), version: hello.version });
        }
        let neighbour = match hello.found {
            Ok(neighbour) => neighbour,
            Err(error) => return Err(ChannelError::Closed { workload: place.to_string(), error: Box::new(error) }),
        };
        let lost = Arc::default();
        let session = Self {
            runtime: Handle::current(),
            access: access.clone(),
            // The id is the other container's.
            place: Workload { container_id: String::new(), ..place.clone() },
            stdin: exec.stdin,
            stdout,
            said,
            neighbour,
            info: errand.info.clone(),
            stop: stop.clone(),
            lost: Arc::clone(&lost),
            _guard: guard,
        };
        Ok((session, AgentLink { stop, keepers, lost }))
    }

    /// What reports say of the target.
    pub fn info(&self) -> &TargetInfo {
        &self.info
    }

    /// The container's first process, as the agent found it.
    pub fn neighbour(&self) -> &Neighbour {
        &self.neighbour
    }

    /// Sends a frame.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        let sent = write_frame(&mut Blocking { runtime: &self.runtime, stream: self.stdin.as_mut() }, bytes);
        sent.map_err(|error| self.lose(&error.to_string()))
    }

    /// Waits for the next frame. The end of the stream is none: an agent says when it has said all.
    pub fn receive(&mut self) -> Result<Vec<u8>, TransportError> {
        match read_frame(&mut Blocking { runtime: &self.runtime, stream: Some(&mut self.stdout) }) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(self.lose("it ended before it had said all")),
            Err(error) => Err(self.lose(&error.to_string())),
        }
    }

    /// Says that what the agent told can't be used, for this reason.
    pub fn lose(&self, why: &str) -> TransportError {
        if let Some(lost) = self.lost.get() {
            return lost.clone();
        }
        let error = if self.stop.is_cancelled() {
            TransportError::new("the scan was interrupted")
        } else {
            let said = last_words(&self.said);
            let said = if said.is_empty() { said } else { format!("; it said: {said}") };
            let error = TransportError::new(format!("the agent beside {} was lost: {why}{said}", self.info.uri));
            self.runtime.block_on(lost::explained(error, &self.access, &self.place))
        };
        self.lost.get_or_init(|| error).clone()
    }
}

impl AgentLink {
    /// How the session was lost, if it was.
    pub(crate) fn lost(&self) -> Option<&TransportError> {
        self.lost.get()
    }

    /// Cuts the connection and waits until it is gone.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.keepers.close();
        if tokio::time::timeout(CUT, self.keepers.wait()).await.is_err() {
            tracing::warn!("an agent's connection did not close in time");
        }
    }
}

/// An asynchronous stream as one that blocks.
struct Blocking<'a, S> {
    runtime: &'a Handle,
    stream: Option<&'a mut S>,
}

impl Read for Blocking<'_, Incoming> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some(stream) = &mut self.stream else { return Ok(0) };
        self.runtime.block_on(stream.read(buffer))
    }
}

impl Write for Blocking<'_, Outgoing> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let Some(stream) = &mut self.stream else { return Err(std::io::ErrorKind::BrokenPipe.into()) };
        self.runtime.block_on(stream.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        self.runtime.block_on(stream.flush())
    }
}

async fn greeting(stdout: &mut Incoming) -> Result<Hello, String> {
    let read = async {
        let mut length = [0; 4];
        stdout.read_exact(&mut length).await?;
        let mut bytes = Vec::new();
        stdout.take(frame_length(length)?.into()).read_to_end(&mut bytes).await?;
        serde_json::from_slice(&bytes).map_err(std::io::Error::from)
    };
    read.await.map_err(|error| error.to_string())
}

/// Keeps the end of what comes.
async fn listen(mut stderr: Incoming, said: Arc<Mutex<Vec<u8>>>) {
    let mut piece = [0; 1024];
    while let Ok(length @ 1..) = stderr.read(&mut piece).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend_from_slice(&piece[..length]);
        let beyond = said.len().saturating_sub(LAST_WORDS);
        said.drain(..beyond);
    }
}

fn last_words(said: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&said.lock().unwrap_or_else(PoisonError::into_inner)).trim().to_owned()
}

async fn unusable(
    place: &Workload,
    command: &[String],
    why: String,
    end: Ending,
    said: &Mutex<Vec<u8>>,
) -> ChannelError {
    use super::stream::{End, not_started};
    let ended = tokio::time::timeout(CUT, end.wait()).await.ok();
    let said = last_words(said);
    let workload = place.to_string();
    let refused = match &ended {
        Some(End::NotStarted(words)) => not_started(place, command, words),
        Some(End::Exited(_)) => not_started(place, command, &said),
        Some(End::Lost(detail)) => Some(ChannelError::Lost { workload: workload.clone(), detail: detail.clone() }),
        None => None,
    };
    refused.unwrap_or_else(|| {
        let program = command.first().cloned().unwrap_or_default();
        let detail = if said.is_empty() { why } else { format!("{why}: {said}") };
        ChannelError::Unusable { workload, program, detail }
    })
}
