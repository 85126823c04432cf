//! Processes, read from `/proc` where there is no `ps`.

use std::rc::Rc;

use plimsoll_ruby::Res;
use plimsoll_target::{Answer, FileError, FileResult, Request};

use crate::backend::Backend;
use crate::facts::account::Accounts;
use crate::facts::mount::Mounts;
use crate::text;

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub pid: i64,
    pub user: Vec<u8>,
    /// Its state as `ps` shows it: `S`, `Ss`, `R+` …
    pub state: Vec<u8>,
    /// Virtual memory in KiB.
    pub vsz: i64,
    /// Resident memory in KiB.
    pub rss: i64,
    pub tty: Vec<u8>,
    /// Processor time: `HH:MM:SS`.
    pub time: Vec<u8>,
    /// The command line, the name in brackets for a process without one.
    pub command: Vec<u8>,
    /// The security label, `-` without one.
    pub label: Vec<u8>,
}

/// All processes in the order of their numbers; `NotFound` where there is no `/proc`.
pub(crate) struct Processes(pub FileResult<Vec<Process>>);

/// Clock ticks a second in `/proc/PID/stat`: 100 on every architecture of today.
const TICKS: i64 = 100;
/// Files read of each process.
const FILES: [&str; 4] = ["stat", "status", "cmdline", "attr/current"];

impl Processes {
    /// Read once per audit.
    pub(crate) fn of(backend: &Backend) -> Res<Rc<Self>> {
        backend.fact(|backend| Ok(Self(read(backend)?)))
    }
}

/// The numbers of the running processes.
pub(crate) fn pids(backend: &Backend) -> Res<FileResult<Vec<i64>>> {
    Ok(backend.list(b"/proc")?.map(|entries| {
        let mut pids: Vec<i64> = entries.iter().filter_map(|entry| text::digits(&entry.name)).collect();
        pids.sort_unstable();
        pids
    }))
}

fn read(backend: &Backend) -> Res<FileResult<Vec<Process>>> {
    let pids = match pids(backend)? {
        Ok(pids) if pids.is_empty() => return Ok(Err(FileError::NotFound)),
        Ok(pids) => pids,
        Err(error) => return Ok(Err(error)),
    };
    if are_some_hidden(backend)? {
        return Ok(Err(FileError::Other(
            "it is mounted with hidepid, and shows other users' processes to root alone".into(),
        )));
    }
    let accounts = Accounts::of(backend)?;
    let path = |pid: &i64, file: &&str| Request::Read { path: format!("/proc/{pid}/{file}").into_bytes() };
    let requests: Vec<Request> = pids.iter().flat_map(|pid| FILES.iter().map(move |file| path(pid, file))).collect();
    let mut contents: Vec<Option<Vec<u8>>> = Vec::with_capacity(requests.len());
    for (at, answer) in backend.ask(&requests)?.into_iter().enumerate() {
        contents.push(match answer {
            // What a process is may be kept from us; that it is there may not.
            Answer::Content(Err(FileError::PermissionDenied)) if at % FILES.len() == 0 => {
                return Ok(Err(FileError::PermissionDenied));
            }
            Answer::Content(content) => content.ok(),
            _ => None,
        });
    }
    let of = contents.chunks(FILES.len()).zip(&pids);
    // A process that ended meanwhile has no files any more.
    Ok(Ok(of.filter_map(|(files, pid)| process(*pid, files, &accounts)).collect()))
}

/// Whether `/proc` leaves out processes of other users for whoever asks.
fn are_some_hidden(backend: &Backend) -> Res<bool> {
    let mounts = Mounts::of(backend)?;
    let proc = mounts.0.as_deref().unwrap_or_default().iter().rfind(|mount| mount.point == b"/proc");
    let options = proc.map_or(b"".as_slice(), |mount| &mount.options);
    let is_open = |value: &[u8]| matches!(value, b"0" | b"off");
    let mut hides = options.split(|b| *b == b',').filter_map(|option| option.strip_prefix(b"hidepid="));
    if hides.next_back().is_none_or(is_open) {
        return Ok(false);
    }
    let status = backend.read(b"/proc/self/status")?.unwrap_or_default();
    let uid = status_field(&status, b"Uid:").and_then(|ids| text::words(ids).get(1).map(|id| id.to_vec()));
    Ok(uid.as_deref() != Some(b"0"))
}

fn process(pid: i64, files: &[Option<Vec<u8>>], accounts: &Accounts) -> Option<Process> {
    let stat = files[0].as_deref()?;
    let open = stat.iter().position(|b| *b == b'(')?;
    let close = stat.iter().rposition(|b| *b == b')')?;
    let name = &stat[open + 1..close];
    let fields: Vec<&[u8]> = text::words(&stat[close + 1..]);
    let number = |at: usize| fields.get(at).map_or(0, |field| text::to_i(field));
    let status = files[1].as_deref().unwrap_or_default();
    let uid = status_field(status, b"Uid:").and_then(|value| text::digits(text::words(value).first()?));
    let ticks = number(11) + number(12);
    let cmdline = files[2].as_deref().unwrap_or_default();
    let label = files[3].as_deref().map(text::strip).filter(|label| !label.is_empty());
    Some(Process {
        pid,
        user: user_name(uid, accounts),
        state: state(&fields, number(3), number(5), status, pid),
        vsz: number(20) / 1024,
        rss: status_field(status, b"VmRSS:").map_or(0, text::to_i),
        tty: tty(number(4)),
        time: clock(ticks / TICKS),
        command: command_line(cmdline, name, fields.first()),
        label: label.unwrap_or(b"-").to_vec(),
    })
}

fn user_name(uid: Option<i64>, accounts: &Accounts) -> Vec<u8> {
    let Some(uid) = uid.and_then(|uid| u32::try_from(uid).ok()) else { return b"?".to_vec() };
    accounts.user_name(uid).map_or_else(|| uid.to_string().into_bytes(), <[u8]>::to_vec)
}

fn status_field<'a>(status: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let line = status.split(|b| *b == b'\n').find(|line| line.starts_with(key))?;
    Some(text::strip(&line[key.len()..]))
}

/// The state with the marks of `ps`: niceness, locked memory, session leader, threads, foreground.
fn state(fields: &[&[u8]], session: i64, foreground: i64, status: &[u8], pid: i64) -> Vec<u8> {
    let number = |at: usize| fields.get(at).map_or(0, |field| text::to_i(field));
    let mut state = fields.first().map_or_else(Vec::new, |state| state.to_vec());
    match number(16) {
        nice if nice < 0 => state.push(b'<'),
        nice if nice > 0 => state.push(b'N'),
        _ => {}
    }
    if status_field(status, b"VmLck:").is_some_and(|locked| text::to_i(locked) > 0) {
        state.push(b'L');
    }
    if session == pid {
        state.push(b's');
    }
    if number(17) > 1 {
        state.push(b'l');
    }
    if foreground != -1 && foreground == number(2) {
        state.push(b'+');
    }
    state
}

/// A terminal's number as `ps` names it.
fn tty(number: i64) -> Vec<u8> {
    let (major, minor) = ((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xf_ff00));
    match (major, minor) {
        (4, minor) if minor < 64 => format!("tty{minor}").into_bytes(),
        (4, minor) => format!("ttyS{}", minor - 64).into_bytes(),
        (136..=143, minor) => format!("pts/{}", (major - 136) * 256 + minor).into_bytes(),
        _ => b"?".to_vec(),
    }
}

fn clock(seconds: i64) -> Vec<u8> {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60).into_bytes()
}

fn command_line(cmdline: &[u8], name: &[u8], state: Option<&&[u8]>) -> Vec<u8> {
    let mut command: Vec<u8> = cmdline.to_vec();
    while command.last() == Some(&0) {
        command.pop();
    }
    if command.is_empty() {
        let zombie = state.is_some_and(|state| *state == b"Z");
        return [b"[".as_slice(), name, b"]", if zombie { b" <defunct>" } else { b"" }].concat();
    }
    command.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_target::MemoryTarget;

    use super::*;

    #[test]
    fn reads_proc() {
        let target = MemoryTarget::new()
            .file("/etc/passwd", "root:x:0:0:::\nweb:x:33:33:::\n")
            .file("/proc/1/stat", "1 (my (app)) S 0 1 1 0 -1 4194560 1 0 0 0 150 250 0 0 20 0 3 0 1 10485760 100 0\n")
            .file("/proc/1/status", "Name:\tmy app\nUid:\t33\t33\t33\t33\nVmRSS:\t   2048 kB\n")
            .file("/proc/1/cmdline", "/usr/bin/app\0--x\0")
            .file("/proc/7/stat", "7 (kworker) I 2 0 0 0 -1 0 0 0 0 0 0 0 0 0 0 -20 1 0 0 0 0 0\n")
            .file("/proc/7/status", "Uid:\t0\t0\t0\t0\n")
            .file("/proc/7/cmdline", "")
            .file("/proc/uptime", "1");
        let processes = Processes::of(&Backend::new(Arc::new(target))).unwrap();
        let known = processes.0.as_ref().unwrap();
        assert_eq!(known.len(), 2);
        let app = &known[0];
        assert_eq!(app.command, b"/usr/bin/app --x");
        assert_eq!((app.user.as_slice(), app.state.as_slice()), (b"web".as_slice(), b"Ssl".as_slice()));
        assert_eq!((app.vsz, app.rss, app.time.as_slice()), (10240, 2048, b"00:00:04".as_slice()));
        assert_eq!(known[1].command, b"[kworker]");
        assert_eq!(known[1].state, b"I<");
    }

    #[test]
    fn what_is_hidden_is_not_taken_for_absent() {
        let stat = "7 (app) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0\n";
        let told = |options: &str, uid: &str| {
            let target = MemoryTarget::new()
                .file("/proc/mounts", format!("proc /proc proc rw,{options} 0 0\n"))
                .file("/proc/self/status", format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n"))
                .file("/proc/7/stat", stat);
            Processes::of(&Backend::new(Arc::new(target)))
                .unwrap()
                .0
                .as_ref()
                .map(Vec::len)
                .map_err(ToString::to_string)
        };
        assert_eq!(told("nosuid", "1000"), Ok(1));
        assert_eq!(told("hidepid=0", "1000"), Ok(1));
        assert_eq!(told("hidepid=2", "0"), Ok(1));
        for option in ["hidepid=2", "hidepid=invisible", "gid=5,hidepid=1"] {
            assert!(told(option, "1000").unwrap_err().contains("hidepid"), "{option}");
        }
        let denied = MemoryTarget::new().file("/proc/7/stat", stat).denied("/proc/7/stat");
        assert_eq!(Processes::of(&Backend::new(Arc::new(denied))).unwrap().0, Err(FileError::PermissionDenied));
    }

    #[test]
    fn tells_that_there_is_no_proc() {
        let none = Processes::of(&Backend::new(Arc::new(MemoryTarget::new()))).unwrap();
        assert_eq!(none.0, Err(FileError::NotFound));
    }
}
