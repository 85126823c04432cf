//! The three streams of a session, moved forward together.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};

use super::inbox::{Frame, Inbox};
use super::nonce::Nonce;
use super::plan::Overrun;

/// How long stderr may still say why stdout ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A shell's stdin, and what it wrote that nobody has taken yet.
pub(super) struct Wire {
    stdin: Box<dyn AsyncWrite + Send + Unpin>,
    stdout: Inbox,
    stderr: Inbox,
}

/// Text on its way to the shell, and the answers to it.
pub(super) struct Exchange<'w> {
    writing: Pin<Box<dyn Future<Output = Infallible> + Send + 'w>>,
    stdout: &'w mut Inbox,
    stderr: &'w mut Inbox,
}

/// How waiting for an answer ended.
pub(super) enum Waited {
    /// With the answer.
    Answered {
        /// What was written to stdout, and how it ended.
        stdout: Frame,
        /// What was written to stderr.
        stderr: Vec<u8>,
    },
    /// It took or wrote more than it may.
    Overran(Overrun),
    /// The streams ended first.
    Lost {
        /// How.
        reason: String,
        /// All that came on stderr of the answer that didn't come.
        stderr: String,
    },
}

impl Wire {
    pub(super) fn new(
        stdin: Box<dyn AsyncWrite + Send + Unpin>,
        stdout: Box<dyn AsyncRead + Send + Unpin>,
        stderr: Box<dyn AsyncRead + Send + Unpin>,
    ) -> Self {
        Self { stdin, stdout: Inbox::new(stdout), stderr: Inbox::new(stderr) }
    }

    /// Writes what no answer is expected to.
    pub(super) async fn write(&mut self, text: &[u8]) -> std::io::Result<()> {
        self.stdin.write_all(text).await?;
        self.stdin.flush().await
    }

    /// Reads until stdout ends.
    pub(super) async fn drain(&mut self) -> std::io::Result<()> {
        while !self.stdout.ended() {
            self.stdout.fill().await?;
            self.stdout.discard();
        }
        Ok(())
    }

    /// Starts writing `text`; it goes on while answers are waited for.
    pub(super) fn exchange(&mut self, text: Vec<u8>) -> Exchange<'_> {
        let stdin = &mut self.stdin;
        let writing = Box::pin(async move {
            // Input that isn't taken is no loss yet: answers may still be under way, and if not, the streams end.
            if stdin.write_all(&text).await.is_ok() {
                let _ = stdin.flush().await;
            }
            std::future::pending().await
        });
        Exchange { writing, stdout: &mut self.stdout, stderr: &mut self.stderr }
    }
}

impl Exchange<'_> {
    /// Waits for the answer that `nonce` closes on both streams.
    ///
    /// Both streams are drained whatever is waited for, and writing goes on meanwhile: transports that carry everything
    /// over one connection stand still as soon as one of the three does.
    pub(super) async fn wait(&mut self, nonce: &Nonce, deadline: Instant, limit: u64) -> Waited {
        let (mut stdout, mut stderr) = (None, None);
        loop {
            stdout = stdout.or_else(|| self.stdout.take(nonce));
            stderr = stderr.or_else(|| self.stderr.take(nonce));
            match (stdout, stderr) {
                (Some(stdout), Some(Frame { payload: stderr, .. })) => return Waited::Answered { stdout, stderr },
                (out, err) => (stdout, stderr) = (out, err),
            }
            // The borrows end before anything is awaited: a stream need not be Sync for a session to be Send.
            let (too_much, ended) = {
                let missing = [stdout.is_none().then_some(&*self.stdout), stderr.is_none().then_some(&*self.stderr)];
                let any = |is: &dyn Fn(&Inbox) -> bool| missing.iter().flatten().any(|inbox| is(inbox));
                (any(&|inbox| inbox.pending() > limit), any(&Inbox::ended))
            };
            if too_much {
                return Waited::Overran(Overrun::Size);
            }
            if ended {
                return self.lost("its streams ended").await;
            }
            let read = tokio::select! {
                read = self.stdout.fill(), if !self.stdout.ended() => read,
                read = self.stderr.fill(), if !self.stderr.ended() => read,
                never = &mut self.writing => match never {},
                () = sleep_until(deadline) => return Waited::Overran(Overrun::Time),
            };
            if let Err(error) = read {
                return self.lost(&error.to_string()).await;
            }
        }
    }

    async fn lost(&mut self, how: &str) -> Waited {
        let last_words = async { while !self.stderr.ended() && self.stderr.fill().await.is_ok() {} };
        // In vain where something else keeps the stream open.
        let _ = timeout(LAST_WORDS, last_words).await;
        let stderr = String::from_utf8_lossy(self.stderr.rest()).trim().to_owned();
        let reason = match stderr.lines().next_back() {
            Some(words) => format!("{how}; the last words on stderr were: {words}"),
            None => how.to_owned(),
        };
        Waited::Lost { reason, stderr }
    }
}
