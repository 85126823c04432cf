//! `processes`: what runs.
//!
//! ```ruby
//! describe processes('mysqld') do
//!   its('users') { should eq ['mysql'] }
//! end
//! describe processes(/.+/).where { user == 'root' && pid > 1 } do
//!   its('commands') { should be_empty }
//! end
//! ```
//!
//! A String names the program at the start of the command line, with or without its directory. `ps` is asked; where the
//! container has none, `/proc` is read. `vsz` and `rss` are KiB, `states` the letters of ps (`Ss`: sleeps, leads a session); what
//! busybox's ps does not print is nil.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def, known};
use plimsoll_target::FileError;
use regex::bytes::{Captures, Regex};

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt::{self, Once};
use crate::facts::process;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

/// A process as `ps` tells it: what it does not print is `None`.
#[derive(Debug, Clone, Default)]
struct Process {
    label: Option<Vec<u8>>,
    pid: i64,
    cpu: Option<Vec<u8>>,
    mem: Option<Vec<u8>>,
    vsz: i64,
    rss: i64,
    tty: Vec<u8>,
    stat: Vec<u8>,
    start: Option<Vec<u8>>,
    time: Vec<u8>,
    user: Vec<u8>,
    command: Vec<u8>,
}

struct Processes {
    pattern: Option<Value>,
    rows: Once<Value>,
}

pub(crate) const PROCESSES: ResourceDef = ResourceDef {
    name: "processes",
    class: "Processes",
    doc: "What runs.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def(
        "exists?",
        0,
        0,
        |vm, this, _| Ok((!vm.to_array(&rows(vm, this)?)?.is_empty()).into()),
        "Whether there is one.",
    ),
    def("running?", 0, 0, running, "Whether the first one runs, sleeps or waits."),
    def("list", 0, 0, list, "Old: use `entries`."),
    def("to_s", 0, 0, to_s, "Its title."),
];

const COMMAND: &str = "ps wwaxo label,pid,pcpu,pmem,vsz,rss,tty,stat,start,time,user:32,command";
const BUSYBOX_COMMAND: &str = "ps -o pid,vsz,rss,tty,stat,time,ruser,args";

static LINE: LazyLock<Regex> = LazyLock::new(|| {
    let start = r"(\w{3} \d{2}|\d{2}:\d{2}:\d{2})";
    let field = r"([^ ]+)\s+";
    let pattern = format!(r"^(.+?)\s+(\d+)\s+{}{start}\s+{field}{field}(.*)$", field.repeat(6));
    Regex::new(&pattern).expect("a fixed pattern")
});

static BUSYBOX_LINE: LazyLock<Regex> = LazyLock::new(|| {
    let size = r"(\d+(?:\.\d+)?[gm]?)\s+";
    let field = r"(\S+)\s+";
    Regex::new(&format!(r"^\s*(\d+)\s+{size}{size}{}(.*)$", field.repeat(4))).expect("a fixed pattern")
});

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("labels", "label")
        .column("pids", "pid")
        .column("cpus", "cpu")
        .column("mem", "mem")
        .column("vsz", "vsz")
        .column("rss", "rss")
        .column("tty", "tty")
        .column("states", "stat")
        .column("start", "start")
        .column("time", "time")
        .column("users", "user")
        .column("commands", "command")
        .column("process_name", "process_name")
        .install(vm, class, rows);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let wanted = args.get(0).cloned();
    let pattern = match &wanted {
        None => None,
        Some(Value::Str(name)) => Some(name_pattern(vm, &name.to_vec())?),
        Some(other) => Some(other.clone()),
    };
    base::set_state(vm, this, Processes { pattern, rows: Once::default() })
}

/// The processes that fit. They are looked up when first asked for, so that each test tells why they can't be.
fn rows(vm: &Interp, this: &Value) -> Res {
    let wanted = base::state::<Processes>(vm, this)?;
    let look = || {
        let mut rows = Vec::new();
        for process in all(vm)? {
            let fits = match &wanted.pattern {
                None => true,
                Some(pattern) => vm.call(pattern, known::MATCH, &[Value::bytes(process.command.clone())])?.truthy(),
            };
            if fits {
                rows.push(record(vm, &process)?);
            }
        }
        Ok(Value::array(rows))
    };
    wanted.rows.get(vm, look).cloned()
}

/// The Regexp that finds a program's name at the start of a command line.
fn name_pattern(vm: &Interp, name: &[u8]) -> Res {
    let directory: &[u8] = if name.starts_with(b"/") { b"" } else { b"(/[^/]*)*" };
    let source = Value::bytes([b"^".as_slice(), directory, name, b"(\\s|$)"].concat());
    vm.new_instance(&vm.class_named("Regexp"), Args::new(&[source]))
}

/// A process as InSpec has it: an OpenStruct.
fn record(vm: &Interp, process: &Process) -> Res {
    let fields = [
        ("label", give::text(process.label.as_deref())),
        ("pid", Value::Int(process.pid)),
        ("cpu", give::text(process.cpu.as_deref())),
        ("mem", give::text(process.mem.as_deref())),
        ("vsz", Value::Int(process.vsz)),
        ("rss", Value::Int(process.rss)),
        ("tty", Value::bytes(process.tty.clone())),
        ("stat", Value::bytes(process.stat.clone())),
        ("start", give::text(process.start.as_deref())),
        ("time", Value::bytes(process.time.clone())),
        ("user", Value::bytes(process.user.clone())),
        ("command", Value::bytes(process.command.clone())),
        ("process_name", Value::Nil),
    ];
    let fields = Value::Hash(give::symbol_hash(vm, fields)?);
    vm.new_instance(&vm.class_named("OpenStruct"), Args::new(&[fields]))
}

/// Takes a line of `ps` apart.
type Parse = fn(&[u8]) -> Option<Process>;

/// What runs, or why nobody can tell.
struct Known(Result<Vec<Process>, String>);

/// All processes, listed once per audit.
fn all(vm: &Interp) -> Res<Vec<Process>> {
    let known = Backend::of(vm).fact(|backend| Ok(Known(look(backend)?)))?;
    match &known.0 {
        Ok(processes) => Ok(processes.clone()),
        Err(why) => doubt::taken_for(vm, why, Vec::new()),
    }
}

fn look(backend: &Backend) -> Res<Result<Vec<Process>, String>> {
    let help = backend.run(b"ps --help")?.unwrap_or_default();
    let (command, parse): (_, Parse) = if text::find(&help.stderr, b"BusyBox").is_some() {
        (BUSYBOX_COMMAND, parse_busybox)
    } else {
        (COMMAND, parse_line)
    };
    if let Ok(output) = backend.run(command.as_bytes())?
        && output.exit_status != 127
    {
        let lines = text::lines(&output.stdout);
        let found: Vec<Process> = lines.into_iter().skip(1).filter_map(parse).collect();
        // There is at least ps itself.
        if !found.is_empty() {
            return Ok(Ok(found));
        }
    }
    Ok(match &process::Processes::of(backend)?.0 {
        Ok(processes) => Ok(processes.iter().map(from_proc).collect()),
        Err(FileError::NotFound) => Err("Can't list processes: there is neither ps nor /proc".to_owned()),
        Err(error) => Err(format!("Can't list processes: /proc: {error}")),
    })
}

fn group(captures: &Captures<'_>, at: usize) -> Vec<u8> {
    captures.get(at).map_or_else(Vec::new, |group| group.as_bytes().to_vec())
}

fn parse_line(line: &[u8]) -> Option<Process> {
    let found = LINE.captures(line)?;
    Some(Process {
        label: Some(group(&found, 1)),
        pid: text::to_i(&group(&found, 2)),
        cpu: Some(group(&found, 3)),
        mem: Some(group(&found, 4)),
        vsz: kilobytes(&group(&found, 5)),
        rss: kilobytes(&group(&found, 6)),
        tty: group(&found, 7),
        stat: group(&found, 8),
        start: Some(group(&found, 9)),
        time: group(&found, 10),
        user: group(&found, 11),
        command: text::strip(&group(&found, 12)).to_vec(),
    })
}

fn parse_busybox(line: &[u8]) -> Option<Process> {
    let found = BUSYBOX_LINE.captures(line)?;
    Some(Process {
        pid: text::to_i(&group(&found, 1)),
        vsz: kilobytes(&group(&found, 2)),
        rss: kilobytes(&group(&found, 3)),
        tty: group(&found, 4),
        stat: group(&found, 5),
        time: group(&found, 6),
        user: group(&found, 7),
        command: text::strip(&group(&found, 8)).to_vec(),
        ..Process::default()
    })
}

fn from_proc(process: &process::Process) -> Process {
    Process {
        label: Some(process.label.clone()),
        pid: process.pid,
        vsz: process.vsz,
        rss: process.rss,
        tty: process.tty.clone(),
        stat: process.state.clone(),
        time: process.time.clone(),
        user: process.user.clone(),
        command: process.command.clone(),
        ..Process::default()
    }
}

/// A size, in KiB unless it ends in `m` or `g`.
fn kilobytes(size: &[u8]) -> i64 {
    let scaled = |digits: &[u8], factor: f64| {
        std::str::from_utf8(digits).ok().and_then(|text| text.parse::<f64>().ok()).map_or(0, |n| (n * factor) as i64)
    };
    match size.split_last() {
        Some((b'g', digits)) => scaled(digits, 1024.0 * 1024.0),
        Some((b'm', digits)) => scaled(digits, 1024.0),
        _ => text::to_i(size),
    }
}

fn running(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let states = vm.send(this, "states", &[])?;
    let first = vm.to_array(&states)?.get(0);
    let runs = match first {
        Some(Value::Str(state)) => matches!(state.bytes().first(), Some(b'R' | b'D' | b'S')),
        _ => false,
    };
    Ok(runs.into())
}

fn list(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let text = "The processes `list` property is deprecated. Please use `entries` instead.";
    base::deprecated(vm, text, "This property was removed in InSpec 4.0.")?;
    rows(vm, this)
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let pattern = base::resource_data(vm, this)?.params.borrow().first().cloned().unwrap_or_default();
    let shown = match &pattern {
        Value::Nil => b"/.*/".to_vec(),
        Value::Str(name) => name.to_vec(),
        other => vm.inspect(other)?.to_vec(),
    };
    Ok(Value::bytes([b"Processes ".as_slice(), &shown].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const PRINTED: &str = "\
LABEL                               PID %CPU %MEM    VSZ   RSS TTY      STAT  STARTED     TIME USER     COMMAND
unconfined                            1  0.0  0.1 167812 11520 ?        Ss   00:00:01 00:00:03 root     /sbin/init
/usr/lib/shop (enforce)            1200  1.5  2.0 998244 65536 ?        Sl     Jan 10 00:01:00 svc_app  /opt/app --port 1
";

    #[test]
    fn present_processes_are_told_by_ps() {
        let audit = Audit::debian(MemoryTarget::new().command(COMMAND, PRINTED, "", 0));
        let all = audit.the("processes");
        assert_eq!(audit.get(&all, "pids"), "[1, 1200]");
        assert_eq!(audit.get(&all, "labels"), r#"["unconfined", "/usr/lib/shop (enforce)"]"#);
        assert_eq!(audit.get(&all, "start"), r#"["00:00:01", "Jan 10"]"#);
        assert_eq!(audit.get(&all, "commands"), r#"["/sbin/init", "/opt/app --port 1"]"#);
        assert_eq!(audit.get(&all, "exists?"), "true");
        assert_eq!(audit.get(&all, "running?"), "true");
        assert_eq!(audit.get(&all, "to_s"), r#""Processes /.*/""#);
    }

    #[test]
    fn asks_the_ps_of_busybox() {
        let printed =
            "PID   VSZ  RSS  TT     STAT TIME  RUSER    COMMAND\n   81 7.1m 2.0m ?      S     0:01 nginx    nginx: w\n";
        let target = MemoryTarget::new().command("ps --help", "", "BusyBox v1.36", 1);
        let audit = Audit::of(target.command(BUSYBOX_COMMAND, printed, "", 0));
        let all = audit.the("processes");
        assert_eq!((audit.get(&all, "vsz"), audit.get(&all, "rss")), ("[7270]".into(), "[2048]".into()));
        assert_eq!((audit.get(&all, "users"), audit.get(&all, "labels")), (r#"["nginx"]"#.into(), "[nil]".into()));
    }

    #[test]
    fn where_ps_is_absent_proc_is_read() {
        let target = MemoryTarget::new()
            .file("/proc/1/stat", "1 (app) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n")
            .file("/proc/1/status", "Uid:\t0\t0\t0\t0\n")
            .file("/proc/1/cmdline", "/app\0");
        let audit = Audit::of(target.without_shell("none"));
        assert_eq!(audit.get(&audit.the("processes"), "commands"), r#"["/app"]"#);
    }

    #[test]
    fn where_ps_and_proc_are_absent_nothing_is_said() {
        let audit = Audit::of(MemoryTarget::new());
        let told = audit.get(&audit.the("processes"), "exists?");
        assert_eq!(told, "!Inspec::Exceptions::Unanswered: Can't list processes: there is neither ps nor /proc");
    }

    #[test]
    fn malformed_lines_are_no_processes_and_unreadable_lists_fail() {
        let odd = Audit::debian(MemoryTarget::new().command(COMMAND, format!("{PRINTED}oops\n\0\n"), "", 0));
        assert_eq!(odd.get(&odd.the("processes"), "pids"), "[1, 1200]");
        let nothing = Audit::debian(MemoryTarget::new().command(COMMAND, "oops\noops\n", "", 0));
        let told = nothing.get(&nothing.the("processes"), "exists?");
        assert!(told.ends_with("Can't list processes: there is neither ps nor /proc"), "{told}");
        let denied = Audit::debian(MemoryTarget::new().dir("/proc/1").denied("/proc"));
        let told = denied.get(&denied.the("processes"), "exists?");
        assert!(told.ends_with("Can't list processes: /proc: permission denied"), "{told}");
    }
}
