//! `plimsoll agent`: this program beside a container, in a pod.

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use plimsoll_auditor::{Audit, AuditError};
use plimsoll_cluster::agent::{Hello, PROTOCOL, read_frame, write_frame};
use plimsoll_target::{
    Answer, LocalTarget, Neighbour, Request, RootfsTarget, Target, TargetInfo, TransportError, find_neighbour,
};
use tokio::signal::unix::{SignalKind, signal};

use crate::agent::{Order, Word};
use crate::args::parse_duration;
use crate::exit::Ending;
use crate::record::Recorded;

/// Be the agent in a pod: what debug containers and sidecars run
///
/// Nothing is read from or written to a disk but what --store says: the audit comes over standard input, events and report
/// go to standard output.
#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Wait until told to end, or until the deadline
    Wait {
        /// The run that this is for
        #[arg(long, value_name = "ID")]
        run: String,
        /// When to end if nobody says so
        #[arg(long, value_name = "TIME", value_parser = parse_duration)]
        deadline: Option<Duration>,
    },
    /// Audit a container of this pod
    Audit(Box<AuditArgs>),
    /// Tell the one that waits to end
    End {
        /// Its run
        #[arg(long, value_name = "ID")]
        run: String,
    },
    /// Run a command line in another root directory
    #[command(hide = true)]
    Enter { root: PathBuf, line: OsString },
}

#[derive(Debug, Args)]
struct AuditArgs {
    /// The run that this is for
    #[arg(long, value_name = "ID")]
    run: String,
    /// The container's id, as its status tells it
    #[arg(long, value_name = "ID")]
    container: String,
    /// All containers of the pod share one process namespace
    #[arg(long)]
    shared: bool,
    /// The channel that the report names
    #[arg(long, value_name = "NAME", default_value = "agent")]
    channel: String,
    /// The target that the report names
    #[arg(long, value_name = "URI", default_value = "container")]
    uri: String,
    /// End the one that waits when this ends
    #[arg(long)]
    then_end: bool,
    /// Store the report in this file, and answer with what is stored
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

/// How long whoever asked may take to receive the report.
const FAREWELL: Duration = Duration::from_secs(300);

pub(crate) fn run(args: &AgentArgs) -> anyhow::Result<Ending> {
    match &args.command {
        Command::Wait { deadline, .. } => wait(*deadline),
        Command::Audit(args) => {
            let done = audit(args);
            if args.then_end {
                end(&args.run);
            }
            done.map(|()| Ending::Passed)
        }
        Command::End { run } => {
            if !end(run) {
                bail!("nothing here waits for run {run}");
            }
            Ok(Ending::Passed)
        }
        Command::Enter { root, line } => enter(root, line),
    }
}

/// As a container's first process it gets no signal that it has not asked for.
fn wait(deadline: Option<Duration>) -> anyhow::Result<Ending> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let over = async {
            match deadline {
                Some(deadline) => tokio::time::sleep(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = over => {}
        }
        Ok(Ending::Passed)
    })
}

/// Ends whoever waits here for this run; says whether anybody did.
fn end(run: &str) -> bool {
    let waiting = waiting(run);
    for pid in &waiting {
        let _ = rustix::process::kill_process(*pid, rustix::process::Signal::TERM);
    }
    !waiting.is_empty()
}

fn waiting(run: &str) -> Vec<rustix::process::Pid> {
    let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let waits = |pid: &i32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words.get(1..5) == Some(&[b"agent".as_slice(), b"wait", b"--run", run.as_bytes()])
    };
    pids.filter(waits).filter_map(rustix::process::Pid::from_raw).collect()
}

fn enter(root: &std::path::Path, line: &std::ffi::OsStr) -> anyhow::Result<Ending> {
    rustix::process::chroot(root).with_context(|| format!("cannot enter {}", root.display()))?;
    std::env::set_current_dir("/").context("cannot enter the root directory")?;
    let error = std::process::Command::new("/bin/sh").arg("-c").arg(line).exec();
    Err(anyhow::Error::new(error).context("cannot run /bin/sh"))
}

/// Greets, takes the audit, tells how it goes. What goes wrong with the audit itself is an answer.
fn audit(args: &AuditArgs) -> anyhow::Result<()> {
    let found = find_neighbour(&LocalTarget::new(), &args.container, args.shared);
    let hello = Hello { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned(), found: found.clone() };
    write_frame(&mut std::io::stdout().lock(), &serde_json::to_vec(&hello)?)?;
    // Whoever asked knows now why there is nothing to audit.
    let Ok(neighbour) = found else { return Ok(()) };
    let Some((order, audit)) = order()? else { return Ok(()) };
    leave_when_left(args);
    let last = match report(args, &neighbour, &order, &audit) {
        Ok(report) => report,
        Err(error) => {
            let lost = matches!(error, AuditError::Transport(_));
            let why = match error {
                AuditError::Transport(why) => why,
                other => other.to_string(),
            };
            serde_json::to_vec(&Word::Failed { lost, why })?
        }
    };
    write_frame(&mut std::io::stdout().lock(), &last)?;
    // Whoever asked leaves once the report has arrived, and only then may the container end: an exec ends with it.
    std::thread::sleep(FAREWELL);
    Ok(())
}

/// `None` where nobody is there any more who would have one.
fn order() -> anyhow::Result<Option<(Order, Audit)>> {
    let mut stdin = std::io::stdin().lock();
    let Some(order) = read_frame(&mut stdin)? else { return Ok(None) };
    let Some(parcel) = read_frame(&mut stdin)? else { return Ok(None) };
    Ok(Some((serde_json::from_slice(&order)?, Audit::unpack(&parcel)?)))
}

/// Ends with whoever asked: nobody would take the report.
fn leave_when_left(args: &AuditArgs) {
    let run = args.then_end.then(|| args.run.clone());
    std::thread::spawn(move || {
        let mut rest = [0; 64];
        while matches!(std::io::stdin().lock().read(&mut rest), Ok(1..)) {}
        plimsoll_target::end_commands();
        if let Some(run) = run {
            end(&run);
        }
        std::process::exit(0);
    });
}

fn report(args: &AuditArgs, neighbour: &Neighbour, order: &Order, audit: &Audit) -> Result<Vec<u8>, AuditError> {
    let usage = |error: std::io::Error| AuditError::Usage(error.to_string());
    let target: Arc<dyn Target> = Arc::new(Beside { own: own_processes(), root: root(args, neighbour, order)? });
    let target = if order.record { Arc::new(Recorded::new(target, Telling)) } else { target };
    let audited = crate::audit::run(audit, target, &mut |event| tell(&Word::Event(event)))?;
    let counts = [audited.counts.asked, audited.counts.forwarded, audited.counts.round_trips];
    let word = Word::Report { report: Box::new(audited.report), counts };
    let answer = serde_json::to_vec(&word).map_err(|error| usage(error.into()))?;
    let (Some(file), Word::Report { report, counts }) = (&args.store, word) else { return Ok(answer) };
    let failed =
        |error: std::io::Error| AuditError::Usage(format!("cannot store the report in {}: {error}", file.display()));
    let text = serde_json::to_vec(&report).map_err(|error| failed(error.into()))?;
    std::fs::write(file, text).map_err(failed)?;
    let stored = std::fs::read(file).map_err(failed)?;
    let report = serde_json::from_slice(&stored).map_err(|error| failed(error.into()))?;
    serde_json::to_vec(&Word::Report { report, counts }).map_err(|error| usage(error.into()))
}

fn root(args: &AuditArgs, neighbour: &Neighbour, order: &Order) -> Result<RootfsTarget, AuditError> {
    let id = Some(args.container.clone());
    let info = TargetInfo { channel: args.channel.clone(), uri: args.uri.clone(), id };
    let closed = |error: std::io::Error| AuditError::Transport(format!("{} is closed: {error}", neighbour.root()));
    let root = RootfsTarget::of_process(neighbour.pid, info).map_err(closed)?;
    let root = root.entered_by(["/proc/self/exe", "agent", "enter"].map(OsString::from));
    let root = match order.command_timeout {
        Some(time) => root.with_timeout(Duration::from_millis(time)),
        None => root,
    };
    // What the container's own commands would have.
    let environment = std::fs::read(format!("/proc/{}/environ", neighbour.pid)).unwrap_or_default();
    let variable = |pair: &[u8]| {
        let split = pair.iter().position(|byte| *byte == b'=')?;
        let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        Some((text(&pair[..split]), text(&pair[split + 1..])))
    };
    let environment: Vec<_> = environment.split(|byte| *byte == 0).filter_map(variable).collect();
    Ok(if environment.is_empty() { root } else { root.with_environment(environment) })
}

fn tell(word: &Word) {
    // That nobody listens any more is noticed elsewhere.
    if let Ok(bytes) = serde_json::to_vec(word) {
        let _ = write_frame(&mut std::io::stdout().lock(), &bytes);
    }
}

/// Requests that are recorded where the audit was asked for.
struct Telling;

impl std::io::Write for Telling {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        tell(&Word::Record(String::from_utf8_lossy(bytes).into_owned()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The names in /proc of this process and of the one that waits.
fn own_processes() -> Vec<Vec<u8>> {
    let own = std::fs::read("/proc/self/cgroup").unwrap_or_default();
    let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.file_name().into_vec());
    let pids = pids.filter(|name| name.iter().all(u8::is_ascii_digit));
    let ours = |name: &Vec<u8>| {
        let path = format!("/proc/{}/cgroup", String::from_utf8_lossy(name));
        !own.is_empty() && std::fs::read(path).is_ok_and(|group| group == own)
    };
    let mut ours: Vec<_> = pids.filter(ours).collect();
    ours.push(std::process::id().to_string().into_bytes());
    ours
}

/// The container, without the agent's own processes: they are not the container's.
struct Beside {
    own: Vec<Vec<u8>>,
    root: RootfsTarget,
}

impl Target for Beside {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let mut answers = self.root.ask(requests)?;
        for (request, answer) in requests.iter().zip(&mut answers) {
            if let (Request::List { path }, Answer::Entries(Ok(entries))) = (request, answer)
                && path.strip_suffix(b"/").unwrap_or(path) == b"/proc"
            {
                entries.retain(|entry| !self.own.contains(&entry.name));
            }
        }
        Ok(answers)
    }

    fn info(&self) -> TargetInfo {
        self.root.info()
    }
}
