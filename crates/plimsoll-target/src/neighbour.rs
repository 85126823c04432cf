//! The first process of another container, seen from a container that shares its process namespace.

use crate::{Answer, FileError, FileResult, Request, Target, TransportError};

/// A container whose processes can be seen and whose root can be looked into.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Neighbour {
    /// Its first process, as numbered here.
    pub pid: u32,
    /// Who that process is.
    pub identity: Identity,
    /// How it was told from the other processes.
    pub found_by: FoundBy,
}

impl Neighbour {
    /// Its root directory.
    pub fn root(&self) -> String {
        root_of(self.pid)
    }
}

/// How a container's first process was told from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FoundBy {
    /// The kernel's control group of the process has the container's id in its name.
    ContainerId,
    /// It is the first process of the namespace, and not one of ours.
    FirstProcess,
}

/// Whose rights a process has, by its `/proc/PID/status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    /// The effective user id.
    pub uid: u32,
    /// The effective group id.
    pub gid: u32,
    /// The permitted capabilities, a bit each as the kernel numbers them.
    pub capabilities: u64,
}

/// Why there is no way to the other container.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum NeighbourError {
    /// None of the processes here is one of that container's.
    #[error(
        "no process of container {container} is to be seen here ({seen} processes are); the runtime does not share its \
         process namespace, or the container has been started anew"
    )]
    NotHere {
        /// The container's id.
        container: String,
        /// How many processes there are.
        seen: usize,
    },
    /// The kernel does not let this process look into its root.
    #[error(
        "process {pid} of container {container} (uid {}, gid {}, capabilities {:#x}) may not be looked into by this one (uid \
         {}, gid {}, capabilities {:#x}): {reason}", .theirs.uid, .theirs.gid, .theirs.capabilities, .ours.uid, .ours.gid,
         .ours.capabilities
    )]
    Closed {
        /// The container's id.
        container: String,
        /// Its first process.
        pid: u32,
        /// Who that process is.
        theirs: Identity,
        /// Who asks.
        ours: Identity,
        /// The system's words.
        reason: String,
    },
    /// The way to whoever looks is lost.
    #[error("{message}")]
    Lost {
        /// How.
        message: String,
    },
}

impl From<TransportError> for NeighbourError {
    fn from(error: TransportError) -> Self {
        Self::Lost { message: error.message }
    }
}

/// Finds the first process of the container with this id (`containerd://…` or the bare id) among the processes that
/// `here` sees in its `/proc`, and makes sure that its root can be looked into. `shared` says that all containers of the pod
/// share one process namespace, where the first process is nobody's.
pub fn find_neighbour(here: &dyn Target, container: &str, shared: bool) -> Result<Neighbour, NeighbourError> {
    let id = container.rsplit('/').next().unwrap_or(container);
    let processes = processes(here)?;
    let ours = here.read(b"/proc/self/cgroup")?.unwrap_or_default();
    let theirs = |process: &&Process| !id.is_empty() && contains(&process.group, id.as_bytes());
    // Process ids may have wrapped around: the first is the one that started first.
    let by_id = processes.iter().filter(theirs).min_by_key(|process| (process.born, process.pid));
    let first = |process: &&Process| process.pid == 1 && process.group != ours && !process.waits_for_us();
    let first = processes.iter().find(first).filter(|_| !shared);
    let (process, found_by) = match (by_id, first) {
        (Some(process), _) => (process, FoundBy::ContainerId),
        (None, Some(process)) => (process, FoundBy::FirstProcess),
        _ => return Err(NeighbourError::NotHere { container: id.to_owned(), seen: processes.len() }),
    };
    let neighbour = Neighbour { pid: process.pid, identity: process.identity, found_by };
    // With a slash at its end: the root itself, not the link to it.
    match here.stat(format!("{}/", neighbour.root()).as_bytes(), true)? {
        Ok(_) => Ok(neighbour),
        Err(refused) => Err(NeighbourError::Closed {
            container: id.to_owned(),
            pid: neighbour.pid,
            theirs: neighbour.identity,
            ours: here.read(b"/proc/self/status")?.map(|status| identity(&status)).unwrap_or_default(),
            reason: refused.to_string(),
        }),
    }
}

fn root_of(pid: u32) -> String {
    format!("/proc/{pid}/root")
}

/// What is asked of each process.
struct Process {
    pid: u32,
    /// When it started, in ticks since boot.
    born: u64,
    group: Vec<u8>,
    command: Vec<u8>,
    identity: Identity,
}

impl Process {
    /// Whether it is what a debug container of ours starts with.
    fn waits_for_us(&self) -> bool {
        contains(&self.command, b"plimsoll")
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// All processes, those that ended meanwhile left out.
fn processes(here: &dyn Target) -> Result<Vec<Process>, TransportError> {
    let entries = match here.list(b"/proc")? {
        Ok(entries) => entries,
        Err(FileError::NotFound) => Vec::new(),
        Err(error) => return Err(TransportError::new(format!("/proc can't be listed: {error}"))),
    };
    let pids: Vec<u32> =
        entries.iter().filter_map(|entry| std::str::from_utf8(&entry.name).ok()?.parse().ok()).collect();
    const FILES: [&str; 4] = ["stat", "cgroup", "cmdline", "status"];
    let path = |pid: &u32, file: &str| Request::Read { path: format!("/proc/{pid}/{file}").into_bytes() };
    let requests: Vec<Request> = pids.iter().flat_map(|pid| FILES.map(|file| path(pid, file))).collect();
    let answers = here.ask(&requests)?;
    let read = |pid: &u32, answers: &[Answer]| -> Option<Process> {
        let [Answer::Content(stat), Answer::Content(group), Answer::Content(command), Answer::Content(status)] =
            answers
        else {
            return None;
        };
        Some(Process {
            pid: *pid,
            born: born(stat)?,
            group: group.clone().unwrap_or_default(),
            command: command.clone().unwrap_or_default(),
            identity: identity(status.as_ref().ok()?),
        })
    };
    Ok(pids.iter().zip(answers.chunks(FILES.len())).filter_map(|(pid, answers)| read(pid, answers)).collect())
}

/// The 22nd field of `/proc/PID/stat`, counted from behind the program's name, which may hold anything.
fn born(stat: &FileResult<Vec<u8>>) -> Option<u64> {
    let text = String::from_utf8_lossy(stat.as_ref().ok()?).into_owned();
    text.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

fn identity(status: &[u8]) -> Identity {
    let text = String::from_utf8_lossy(status);
    let field = |name: &str, place: usize| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().nth(place).map(str::to_owned)
    };
    // Real, effective, saved and file system id.
    let number = |name| field(name, 1).and_then(|text| text.parse().ok()).unwrap_or_default();
    let set = field("CapPrm:", 0).and_then(|text| u64::from_str_radix(&text, 16).ok());
    Identity { uid: number("Uid:"), gid: number("Gid:"), capabilities: set.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryTarget;

    const ID: &str = "containerd://0123abcd";

    fn process(target: MemoryTarget, pid: u32, born: u64, group: &str, command: &str, uid: u32) -> MemoryTarget {
        let fields = "0 ".repeat(18);
        target
            .file(format!("/proc/{pid}/stat"), format!("{pid} (a) b) S {fields}{born} 0 0\n"))
            .file(format!("/proc/{pid}/cgroup"), format!("0::{group}\n"))
            .file(format!("/proc/{pid}/cmdline"), format!("{}\0", command.replace(' ', "\0")))
            .file(
                format!("/proc/{pid}/status"),
                format!("Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t7\t7\t7\t7\nCapPrm:\t00000000a80425fb\n"),
            )
    }

    fn with_root(target: MemoryTarget, pid: u32) -> MemoryTarget {
        target.file(format!("/proc/{pid}/root/etc/hostname"), "x")
    }

    #[test]
    fn the_oldest_process_of_the_container_is_its_first() {
        let mut target = MemoryTarget::new().file("/proc/self/cgroup", "0::/\n");
        target = process(target, 1, 1, "/../pod.slice/pause", "/pause", 65535);
        target = process(target, 9, 50, "/../pod.slice/cri-0123abcd.scope", "sleep 5", 0);
        target = process(target, 12, 30, "/../pod.slice/cri-0123abcd.scope", "server", 65532);
        target = process(target, 20, 60, "/", "/plimsoll agent wait", 0);
        let found = find_neighbour(&with_root(target, 12), ID, true).unwrap();
        let identity = Identity { uid: 65532, gid: 7, capabilities: 0xa804_25fb };
        assert_eq!(found, Neighbour { pid: 12, identity, found_by: FoundBy::ContainerId });
    }

    #[test]
    fn without_ids_the_namespaces_first_process_is_the_containers() {
        let mut target = MemoryTarget::new().file("/proc/self/cgroup", "0::/own\n");
        target = process(target, 1, 1, "/", "server", 0);
        target = process(target, 20, 60, "/own", "/plimsoll agent wait", 0);
        let found = find_neighbour(&with_root(target, 1), ID, false).unwrap();
        assert_eq!((found.pid, found.found_by), (1, FoundBy::FirstProcess));
    }

    #[test]
    fn neither_the_pause_process_nor_our_own_is_taken_for_the_container() {
        for (command, group, shared) in [("/pause", "/other", true), ("/plimsoll agent wait", "/", false)] {
            let target = MemoryTarget::new().file("/proc/self/cgroup", "0::/\n");
            let target = with_root(process(target, 1, 1, group, command, 0), 1);
            let refused = find_neighbour(&target, ID, shared).unwrap_err();
            assert_eq!(refused, NeighbourError::NotHere { container: "0123abcd".into(), seen: 1 }, "{command}");
        }
    }

    #[test]
    fn a_root_that_is_closed_says_whose_it_is() {
        let target = MemoryTarget::new().file("/proc/self/cgroup", "0::/own\n");
        let target = process(target, 1, 1, "/cri-0123abcd", "server", 1000);
        match find_neighbour(&target, ID, false).unwrap_err() {
            NeighbourError::Closed { pid: 1, theirs: Identity { uid: 1000, .. }, .. } => {}
            other => panic!("{other}"),
        }
    }
}
