//! What the command line and the agent in a pod say to each other first: the agent's command lines, its greeting, its frames.
//!
//! An agent is this same program in an image of its own. In a pod it does nothing but wait (`agent wait`) until it is asked
//! over exec: `agent audit` finds the container by its id, greets with a [`Hello`], takes an audit as one archive and
//! answers with what the audit tells. Both directions are frames: a length of four bytes, highest first, and that many bytes.

use std::io::{self, Read, Write};
use std::time::Duration;

use plimsoll_target::{Neighbour, NeighbourError, TargetInfo};
use serde::{Deserialize, Serialize};

/// Where the image has the program.
pub const PROGRAM: &str = "/plimsoll";
/// The image that is used unless another is named: of this program's own version.
pub const IMAGE: &str = concat!("plimsoll.dev/agent:", env!("CARGO_PKG_VERSION"));
/// The name of the agent's container in a pod that has one of its own.
pub const SIDECAR: &str = "plimsoll-agent";
/// Changes whenever one side would not understand the other any more.
pub const PROTOCOL: u32 = 1;
/// The largest frame.
pub const LARGEST_FRAME: u32 = 512 << 20;

/// The first thing that an agent says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Its [`PROTOCOL`].
    pub protocol: u32,
    /// Its version.
    pub version: String,
    /// The container it was to find.
    pub found: Result<Neighbour, NeighbourError>,
}

/// What an agent is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand<'a> {
    /// The run, which the waiting process is known by.
    pub run_id: &'a str,
    /// The id of the container to audit.
    pub container: &'a str,
    /// Whether all containers of the pod share one process namespace.
    pub shared: bool,
    /// Whether the waiting process ends with this audit.
    pub then_end: bool,
    /// A file in the agent's container that the report is stored in as well.
    pub store: Option<&'a str>,
    /// What the report says of the target.
    pub info: &'a TargetInfo,
}

impl Errand<'_> {
    /// The command line.
    pub fn command(&self) -> Vec<String> {
        let mut words = vec![PROGRAM, "agent", "audit", "--run", self.run_id, "--container", self.container];
        words.extend(["--channel", &self.info.channel, "--uri", &self.info.uri]);
        if self.shared {
            words.push("--shared");
        }
        if self.then_end {
            words.push("--then-end");
        }
        if let Some(store) = self.store {
            words.extend(["--store", store]);
        }
        words.into_iter().map(str::to_owned).collect()
    }
}

/// The command line of a process that waits, for `deadline` at most.
pub fn wait_command(run_id: &str, deadline: Option<Duration>) -> Vec<String> {
    let mut words: Vec<String> = [PROGRAM, "agent", "wait", "--run", run_id].map(str::to_owned).into();
    if let Some(deadline) = deadline {
        words.extend(["--deadline".to_owned(), format!("{}s", deadline.as_secs().max(1))]);
    }
    words
}

/// The command line that ends the waiting process of a run.
pub fn end_command(run_id: &str) -> Vec<String> {
    [PROGRAM, "agent", "end", "--run", run_id].map(str::to_owned).into()
}

/// Writes a frame and sends it off.
pub fn write_frame(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= LARGEST_FRAME);
    let length = length.ok_or_else(|| io::Error::other("a frame of more than 512 MiB"))?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(bytes)?;
    out.flush()
}

/// Reads a frame; `None` where the stream ends between two.
pub fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read(&mut length)? {
        0 => return Ok(None),
        some => input.read_exact(&mut length[some..])?,
    }
    let length = frame_length(length)?;
    let mut bytes = Vec::new();
    input.take(length.into()).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a frame was cut off"));
    }
    Ok(Some(bytes))
}

/// How long a frame is. What is no frame at all mostly begins with an absurd length.
pub(crate) fn frame_length(bytes: [u8; 4]) -> io::Result<u32> {
    let length = u32::from_be_bytes(bytes);
    if length <= LARGEST_FRAME { Ok(length) } else { Err(io::Error::other("what came is no frame of an agent")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arrive_as_they_were_sent_or_not_at_all() {
        let mut bytes = Vec::new();
        for frame in [&b"one"[..], b"", b"three"] {
            write_frame(&mut bytes, frame).unwrap();
        }
        let mut input = bytes.as_slice();
        let mut read = || read_frame(&mut input).unwrap();
        assert_eq!((read(), read(), read(), read()), (Some(b"one".into()), Some(vec![]), Some(b"three".into()), None));
        let cut = &bytes[..bytes.len() - 1];
        let mut input = cut;
        read_frame(&mut input).unwrap();
        read_frame(&mut input).unwrap();
        assert!(read_frame(&mut input).is_err());
        assert!(read_frame(&mut &b"sh: not found"[..]).is_err());
        assert!(read_frame(&mut &b"\0\0"[..]).is_err());
    }

    #[test]
    fn secrets_have_no_place_in_command_lines() {
        let info = TargetInfo { channel: "k8s-debug".into(), uri: "k8s:shop/web/app".into(), id: None };
        let errand =
            Errand { run_id: "r", container: "c", shared: true, then_end: true, store: Some("/s"), info: &info };
        let line = errand.command().join(" ");
        assert_eq!(
            line,
            "/plimsoll agent audit --run r --container c --channel k8s-debug --uri k8s:shop/web/app --shared --then-end --store /s"
        );
    }
}
