//! Takes answers out of a stream, each up to its nonce.

use memchr::memmem;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::nonce::Nonce;

/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// What a shell session wrote on one of its streams and nobody has taken yet.
pub(super) struct Inbox {
    stream: Box<dyn AsyncRead + Send + Unpin>,
    buffer: Vec<u8>,
    /// Where what has been taken ends.
    start: usize,
    /// Up to where the current nonce certainly doesn't begin.
    searched: usize,
    ended: bool,
}

/// One answer on one stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// What was written before the nonce.
    pub(super) payload: Vec<u8>,
    /// What follows the nonce up to the end of its line.
    pub(super) end: String,
}

impl Inbox {
    pub(super) fn new(stream: Box<dyn AsyncRead + Send + Unpin>) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, searched: 0, ended: false }
    }

    /// Reads once. Nothing is lost when this is cancelled.
    pub(super) async fn fill(&mut self) -> std::io::Result<()> {
        self.buffer.reserve(PIECE);
        let length = self.stream.read_buf(&mut self.buffer).await?;
        self.ended = length == 0;
        Ok(())
    }

    /// Whether the stream has come to its end.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// How many bytes of the current answer are here at least, while its end is not.
    pub(super) fn pending(&self) -> u64 {
        (self.searched - self.start) as u64
    }

    /// What is here of an answer whose end never came.
    pub(super) fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Forgets what is here.
    pub(super) fn discard(&mut self) {
        self.buffer.clear();
        (self.start, self.searched) = (0, 0);
    }

    /// The answer that ends with `nonce`, when it is here to its end.
    pub(super) fn take(&mut self, nonce: &Nonce) -> Option<Frame> {
        let mark = nonce.bytes();
        let Some(found) = memmem::find(&self.buffer[self.searched..], mark) else {
            // The nonce's beginning may be here already.
            self.searched = self.start.max((self.buffer.len() + 1).saturating_sub(mark.len())).max(self.searched);
            return None;
        };
        let at = self.searched + found;
        self.searched = at;
        let after = at + mark.len();
        let line = memchr::memchr(b'\n', &self.buffer[after..])?;
        let frame = Frame {
            payload: self.buffer[self.start..at].to_vec(),
            end: String::from_utf8_lossy(&self.buffer[after..after + line]).trim().to_owned(),
        };
        self.start = after + line + 1;
        self.searched = self.start;
        self.forget_taken();
        Some(frame)
    }

    /// Frees what was taken, seldom enough that moving the rest costs nothing in comparison.
    fn forget_taken(&mut self) {
        if self.start == self.buffer.len() || self.start >= PIECE {
            self.buffer.drain(..self.start);
            self.buffer.shrink_to(4 * PIECE);
            self.start = 0;
            self.searched = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn answers_are_found_wherever_the_stream_is_cut() {
        let (one, two) = (Nonce::new().unwrap(), Nonce::new().unwrap());
        // No nonce has an x in it: this is not one.
        let stream = format!("a{}x{} 0 done\n{} 1 left\n", &one.text()[..31], one.text(), two.text());
        for cut in 0..stream.len() {
            let (mut near, far) = tokio::io::duplex(1024);
            let mut inbox = Inbox::new(Box::new(far));
            let mut frames = Vec::new();
            for piece in [&stream[..cut], &stream[cut..]] {
                near.write_all(piece.as_bytes()).await.unwrap();
                if !piece.is_empty() {
                    inbox.fill().await.unwrap();
                }
                while let Some(frame) = inbox.take([&one, &two][frames.len().min(1)]) {
                    frames.push(frame);
                }
            }
            let payload = format!("a{}x", &one.text()[..31]).into_bytes();
            assert_eq!(frames[0], Frame { payload, end: "0 done".into() }, "cut at {cut}");
            assert_eq!(frames[1], Frame { payload: Vec::new(), end: "1 left".into() }, "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn the_end_of_a_stream_is_told_and_the_rest_kept() {
        let (mut near, far) = tokio::io::duplex(1024);
        near.write_all(b"half").await.unwrap();
        drop(near);
        let mut inbox = Inbox::new(Box::new(far));
        let nonce = Nonce::new().unwrap();
        while !inbox.ended() {
            inbox.fill().await.unwrap();
            assert_eq!(inbox.take(&nonce), None);
        }
        assert_eq!(inbox.rest(), b"half");
    }
}
