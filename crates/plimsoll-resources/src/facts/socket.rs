//! Listening sockets, read from `/proc/net` where there is neither `ss` nor `netstat`.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use plimsoll_ruby::Res;
use plimsoll_target::{Answer, FileError, FileKind, FileResult, Request};

use crate::backend::Backend;
use crate::facts::process;
use crate::text;

/// A socket that waits for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Socket {
    pub port: i64,
    pub address: String,
    /// `tcp`, `tcp6`, `udp`, `udp6`
    pub protocol: &'static str,
    pub process: Option<Vec<u8>>,
    pub pid: Option<i64>,
}

/// All listening sockets; `NotFound` where there is no `/proc/net`.
pub(crate) struct Sockets(pub FileResult<Vec<Socket>>);

const TABLES: [&str; 4] = ["udp", "udp6", "tcp", "tcp6"];
/// The state of a TCP socket that listens, and of a UDP socket that is not connected.
const LISTEN: &[u8] = b"0A";
const UNCONNECTED: &[u8] = b"07";

impl Sockets {
    /// Read once per audit.
    pub(crate) fn of(backend: &Backend) -> Res<Rc<Self>> {
        backend.fact(|backend| Ok(Self(read(backend)?)))
    }
}

fn read(backend: &Backend) -> Res<FileResult<Vec<Socket>>> {
    let requests = TABLES.map(|table| Request::Read { path: format!("/proc/net/{table}").into_bytes() });
    let answers = backend.ask(&requests)?;
    let mut found: Vec<(Socket, Vec<u8>)> = Vec::new();
    let mut some_table = false;
    for (answer, protocol) in answers.into_iter().zip(TABLES) {
        match answer {
            Answer::Content(Ok(content)) => {
                some_table = true;
                found.extend(content.split(|b| *b == b'\n').filter_map(|line| parse(line, protocol)));
            }
            Answer::Content(Err(FileError::NotFound | FileError::NotADirectory)) => {}
            Answer::Content(Err(error)) => return Ok(Err(error)),
            _ => {}
        }
    }
    if !some_table {
        return Ok(Err(FileError::NotFound));
    }
    let owners = if found.is_empty() { HashMap::new() } else { owners(backend)? };
    let sockets = found.into_iter().map(|(mut socket, inode)| {
        if let Some((pid, name)) = owners.get(&inode) {
            (socket.pid, socket.process) = (Some(*pid), Some(name.clone()));
        }
        socket
    });
    Ok(Ok(sockets.collect()))
}

/// A line of a table, if its socket listens; with its inode.
fn parse(line: &[u8], protocol: &'static str) -> Option<(Socket, Vec<u8>)> {
    let fields = text::words(line);
    let wanted = if protocol.starts_with("tcp") { LISTEN } else { UNCONNECTED };
    if *fields.get(3)? != wanted {
        return None;
    }
    let local = std::str::from_utf8(fields.get(1)?).ok()?;
    let (address, port) = local.split_once(':')?;
    let socket = Socket {
        port: i64::from_str_radix(port, 16).ok()?,
        address: parse_address(address)?,
        protocol,
        process: None,
        pid: None,
    };
    Some((socket, fields.get(9)?.to_vec()))
}

/// An address as the kernel writes it: 32-bit words in the byte order of the machine, which is little-endian wherever
/// containers run.
fn parse_address(text: &str) -> Option<String> {
    let words: Vec<u32> = (0..text.len() / 8)
        .map(|at| u32::from_str_radix(text.get(at * 8..at * 8 + 8)?, 16).ok())
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    match bytes.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).to_string()),
        16 => {
            let address = Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?);
            Some(address.to_ipv4_mapped().map_or_else(|| address.to_string(), |v4| v4.to_string()))
        }
        _ => None,
    }
}

/// The process that holds a socket, its number and name, by the socket's inode.
type Owners = HashMap<Vec<u8>, (i64, Vec<u8>)>;

/// Which process holds a socket: the last of those that share it, as `ss` output is read too.
fn owners(backend: &Backend) -> Res<Owners> {
    let mut owners = HashMap::new();
    let Ok(pids) = process::pids(backend)? else { return Ok(owners) };
    let lists: Vec<Request> =
        pids.iter().map(|pid| Request::List { path: format!("/proc/{pid}/fd").into_bytes() }).collect();
    let mut links: Vec<(i64, Request)> = Vec::new();
    for (answer, pid) in backend.ask(&lists)?.into_iter().zip(&pids) {
        // Another user's process keeps its sockets to itself.
        let Answer::Entries(Ok(entries)) = answer else { continue };
        for entry in entries.iter().filter(|entry| entry.kind == FileKind::Symlink) {
            let path = [format!("/proc/{pid}/fd/").as_bytes(), &entry.name].concat();
            links.push((*pid, Request::Stat { path, follow: false }));
        }
    }
    let requests: Vec<Request> = links.iter().map(|(_, request)| request.clone()).collect();
    let mut names: HashMap<i64, Vec<u8>> = HashMap::new();
    for (answer, (pid, _)) in backend.ask(&requests)?.into_iter().zip(&links) {
        let Answer::Stat(Ok(stat)) = answer else { continue };
        let Some(inode) = stat.link.as_deref().and_then(|link| link.strip_prefix(b"socket:[")?.strip_suffix(b"]"))
        else {
            continue;
        };
        if !names.contains_key(pid) {
            let name = backend.read(format!("/proc/{pid}/comm").as_bytes())?;
            names.insert(*pid, name.map(|name| text::strip(&name).to_vec()).unwrap_or_default());
        }
        owners.insert(inode.to_vec(), (*pid, names[pid].clone()));
    }
    Ok(owners)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_target::MemoryTarget;

    use super::*;

    const HEADER: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    #[test]
    fn reads_listening_sockets_with_their_processes() {
        let tcp = format!(
            "{HEADER}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 4242 1\n\
             \u{20}  1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  0 0 4243 1\n"
        );
        let tcp6 = format!(
            "{HEADER}   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0  0 0 77 1\n"
        );
        let target = MemoryTarget::new()
            .file("/proc/net/tcp", tcp)
            .file("/proc/net/tcp6", tcp6)
            .file("/proc/9/comm", "app\n")
            .link("/proc/9/fd/3", "socket:[4242]")
            .link("/proc/9/fd/4", "/dev/null");
        let sockets = Sockets::of(&Backend::new(Arc::new(target))).unwrap();
        let known = sockets.0.as_ref().unwrap();
        assert_eq!(known.len(), 2);
        assert_eq!((known[0].port, known[0].address.as_str(), known[0].protocol), (8080, "127.0.0.1", "tcp"));
        assert_eq!((known[0].pid, known[0].process.as_deref()), (Some(9), Some(b"app".as_slice())));
        assert_eq!((known[1].port, known[1].address.as_str(), known[1].protocol), (80, "::", "tcp6"));
        assert_eq!(known[1].pid, None);
    }

    #[test]
    fn tells_that_there_is_no_proc() {
        let none = Sockets::of(&Backend::new(Arc::new(MemoryTarget::new()))).unwrap();
        assert_eq!(none.0, Err(FileError::NotFound));
    }
}
