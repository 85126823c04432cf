//! `service` and its kin: whether a service is installed, enabled and running.
//!
//! ```ruby
//! describe service('sshd') do
//!   it { should be_installed }
//!   it { should be_enabled }
//!   it { should be_running }
//! end
//! describe systemd_service('app').params do
//!   its('NoNewPrivileges') { should eq 'yes' }
//! end
//! ```
//!
//! `service` asks the service manager that the distribution has; `systemd_service`, `upstart_service`, `sysv_service`,
//! `runit_service`, `bsd_service` and `launchd_service` ask one in particular, a second argument is the path of its
//! tool. In a container without a service manager no service is installed, enabled or running.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, HashDefault, Interp, RClass, RHash, Res, Sym, Value, def};
use plimsoll_target::{FileError, FileKind, RunError};
use regex::bytes::Regex;

use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::{Given, ResourceDef};
use crate::doubt::{self, Once};
use crate::facts::platform::Platform;
use crate::filter_table::is_regexp;
use crate::give;
use crate::mash;
use crate::text;
use crate::tool;

/// A service and who is asked about it.
struct Service {
    name: Vec<u8>,
    manager: Option<Manager>,
    tool: Option<Vec<u8>>,
    info: Once<Option<Info>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    Systemd,
    Upstart,
    SysV,
    Runit,
    Bsd,
    Launchd,
}

/// What a manager says.
#[derive(Default)]
struct Info {
    name: Value,
    description: Value,
    startname: Value,
    installed: bool,
    running: bool,
    enabled: bool,
    kind: &'static str,
    params: Option<Rc<RHash>>,
    /// Which runlevels, 0 to 6, start it.
    runlevels: Option<[bool; 7]>,
}

macro_rules! manager {
    ($constant:ident, $name:literal, $class:literal, $manager:expr) => {
        pub(crate) const $constant: ResourceDef = ResourceDef {
            name: $name,
            class: $class,
            parent: Some("Service"),
            doc: "A service, as this manager knows it.",
            new: Some((1, 2, |vm, this, args| new(vm, this, args, Some($manager)))),
            ..ResourceDef::EMPTY
        };
    };
}

pub(crate) const SERVICE: ResourceDef = ResourceDef {
    name: "service",
    class: "Service",
    doc: "A service, as the distribution's service manager knows it.",
    new: Some((1, 2, |vm, this, args| {
        let manager = usual_manager(vm)?;
        new(vm, this, args, manager)?;
        if manager.is_none() {
            let text = "The `service` resource is not supported on your OS yet.";
            vm.send(this, "skip_resource", &[Value::str(text)])?;
        }
        Ok(Value::Nil)
    })),
    methods: METHODS,
    setup: Some(runlevels_class),
    parts: &[Given { by: "runlevels", methods: RUNLEVELS_METHODS }],
    ..ResourceDef::EMPTY
};

manager!(SYSTEMD_SERVICE, "systemd_service", "SystemdService", Manager::Systemd);
manager!(UPSTART_SERVICE, "upstart_service", "UpstartService", Manager::Upstart);
manager!(SYSV_SERVICE, "sysv_service", "SysVService", Manager::SysV);
manager!(BSD_SERVICE, "bsd_service", "BSDService", Manager::Bsd);
manager!(LAUNCHD_SERVICE, "launchd_service", "LaunchdService", Manager::Launchd);
manager!(RUNIT_SERVICE, "runit_service", "RunitService", Manager::Runit);

const METHODS: &[Def] = &[
    def("installed?", 0, 2, |vm, this, _| flag(vm, this, |info| info.installed), "Whether the manager knows it."),
    def("enabled?", 0, 1, |vm, this, _| flag(vm, this, |info| info.enabled), "Whether it is started by itself."),
    def("running?", 0, 1, |vm, this, _| flag(vm, this, |info| info.running), "Whether it runs."),
    def("type", 0, 0, |vm, this, _| told(vm, this, |info| Value::str(info.kind)), "The manager: `systemd`, `sysv` …"),
    def("name", 0, 0, name, "Its full name, as the manager has it."),
    def("description", 0, 0, |vm, this, _| told(vm, this, |info| info.description.clone()), "Its description."),
    def("startmode", 0, 0, |_, _, _| Ok(Value::Nil), "Only Windows has it."),
    def("startname", 0, 0, |vm, this, _| told(vm, this, |info| info.startname.clone()), "The user it runs as."),
    def("params", 0, 0, params, "All properties that systemd tells."),
    def("runlevels", 0, -1, runlevels, "Which runlevels start it; those that are asked for."),
    def("has_start_mode?", 1, 1, has_start_mode, "Only Windows has it."),
    def("monitored_by?", 1, 1, monitored_by, "Whether `monit` or `god` watches it."),
    def(
        "service_ctl",
        0,
        0,
        |vm, this, _| Ok(give::text(of(vm, this)?.tool.as_ref())),
        "The path of the manager's tool.",
    ),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.name.clone())), "Its name as it was given."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>, manager: Option<Manager>) -> Res {
    let name = give::text_arg(vm, args, 0)?.unwrap_or_default();
    let tool = give::text_arg(vm, args, 1)?;
    base::set_state(vm, this, Service { name, manager, tool, info: Once::default() })
}

/// The manager that the distribution has.
fn usual_manager(vm: &Interp) -> Res<Option<Manager>> {
    let platform = Platform::of(&Backend::of(vm))?;
    let release = platform.release.as_deref().unwrap_or_default();
    let major = text::to_i(release.as_bytes());
    let manager = match platform.name.as_str() {
        "ubuntu" => {
            if major < 15 {
                Manager::Upstart
            } else {
                Manager::Systemd
            }
        }
        "linuxmint" => {
            if major < 18 {
                Manager::Upstart
            } else {
                Manager::Systemd
            }
        }
        "debian" if release == "buster/sid" || major > 7 => Manager::Systemd,
        "debian" if major > 0 => Manager::SysV,
        "redhat" | "centos" | "oracle" | "cloudlinux" | "scientific" | "rocky" | "almalinux" => {
            if major >= 7 {
                Manager::Systemd
            } else {
                Manager::SysV
            }
        }
        "fedora" => {
            if major >= 15 {
                Manager::Systemd
            } else {
                Manager::SysV
            }
        }
        "alibaba" => {
            if major >= 3 {
                Manager::Systemd
            } else {
                Manager::SysV
            }
        }
        "suse" | "opensuse" => {
            if major >= 12 {
                Manager::Systemd
            } else {
                Manager::SysV
            }
        }
        "wrlinux" | "alpine" => Manager::SysV,
        "arch" | "coreos" | "yocto" => Manager::Systemd,
        "amazon" => {
            let has_initctl = super::command::exists(vm, b"initctl")? || super::command::exists(vm, b"/sbin/initctl")?;
            if has_initctl { Manager::Upstart } else { Manager::Systemd }
        }
        _ => return Ok(None),
    };
    Ok(Some(manager))
}

/// The tool of SysV init, which distributions keep in different places.
fn sysv_tool(vm: &Interp) -> Res<&'static str> {
    let platform = Platform::of(&Backend::of(vm))?;
    Ok(match platform.name.as_str() {
        "debian" => "/usr/sbin/service",
        "wrlinux" | "alpine" => "service",
        name if ["redhat", "fedora", "centos", "oracle", "cloudlinux", "scientific", "rocky", "almalinux"]
            .contains(&name) =>
        {
            "/sbin/service"
        }
        "alibaba" | "suse" | "opensuse" => "/sbin/service",
        _ => "service",
    })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Service>> {
    base::state::<Service>(vm, this)
}

/// Runs `f` on what the manager says; it is asked once.
fn with_info<T>(vm: &Interp, this: &Value, f: impl FnOnce(Option<&Info>) -> T) -> Res<T> {
    let service = of(vm, this)?;
    Ok(f(service.info.get(vm, || ask(vm, &service))?.as_ref()))
}

fn flag(vm: &Interp, this: &Value, flag: fn(&Info) -> bool) -> Res {
    with_info(vm, this, |info| info.is_some_and(flag).into())
}

fn told(vm: &Interp, this: &Value, property: fn(&Info) -> Value) -> Res {
    with_info(vm, this, |info| info.map_or(Value::Nil, property))
}

fn name(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let given = Value::bytes(of(vm, this)?.name.clone());
    with_info(vm, this, |info| info.map_or(given, |info| info.name.clone()))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes([b"Service ".as_slice(), &of(vm, this)?.name].concat()))
}

fn params(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let params = with_info(vm, this, |info| info.map(|info| info.params.clone()))?;
    // Of a service that nothing is known of a plain Hash: it does not answer by its keys.
    let Some(params) = params else { return Ok(RHash::new().into()) };
    let mash = mash::new(vm);
    for (key, value) in params.iter().flat_map(|params| params.entries()) {
        vm.hash_set(&mash, key, value)?;
    }
    Ok(mash.into())
}

fn ask(vm: &Interp, service: &Service) -> Res<Option<Info>> {
    let name = service.name.as_slice();
    let tool = |usual: &'static str| service.tool.as_deref().unwrap_or(usual.as_bytes());
    match service.manager {
        None => Ok(None),
        Some(Manager::Systemd) => systemd(vm, tool("systemctl"), name),
        Some(Manager::Upstart) => upstart(vm, tool("initctl"), name),
        Some(Manager::SysV) => sysv(vm, tool(sysv_tool(vm)?), name),
        Some(Manager::Runit) => runit(vm, tool("sv"), name),
        Some(Manager::Bsd) => bsd(vm, tool("service"), name),
        Some(Manager::Launchd) => launchd(vm, tool("launchctl"), name),
    }
}

fn succeeds(vm: &Interp, words: &[&[u8]]) -> Res<bool> {
    Ok(tool::ask_words(vm, words)?.exit_status == 0)
}

fn systemd(vm: &Interp, tool: &[u8], name: &[u8]) -> Res<Option<Info>> {
    let shown = tool::ask_words(vm, &[tool, b"show --no-pager --all", name])?;
    if shown.exit_status != 0 {
        return Ok(None);
    }
    let pairs = config_text::key_and_value(b'=');
    let params = config_text::parse(vm, text::chomp(&shown.stdout), &Options::new(&pairs))?;
    let param =
        |name: &str| Ok::<_, plimsoll_ruby::Unwind>(vm.hash_get(&params, &Value::str(name))?.unwrap_or_default());
    let is_loaded = vm.equal(&param("LoadState")?, &Value::str("loaded"))?;
    Ok(Some(Info {
        name: param("Id")?,
        description: param("Description")?,
        startname: param("User")?,
        installed: is_loaded,
        running: succeeds(vm, &[tool, b"is-active", name, b"--quiet"])?,
        enabled: systemd_enables(vm, tool, name)?,
        kind: "systemd",
        params: Some(Rc::clone(&params)),
        runlevels: None,
    }))
}

/// What has no unit file may still be started by SysV init.
fn systemd_enables(vm: &Interp, tool: &[u8], name: &[u8]) -> Res<bool> {
    let asked = tool::ask_words(vm, &[tool, b"is-enabled", name, b"--quiet"])?;
    if asked.exit_status == 0 {
        return Ok(true);
    }
    let no_unit = Regex::new("(?-u)Failed to get.*No such file or directory").expect("the pattern is written here");
    if no_unit.is_match(&asked.stderr) {
        return Ok(sysv(vm, b"service", name)?.is_some_and(|info| info.enabled));
    }
    Ok(false)
}

fn upstart(vm: &Interp, tool: &[u8], name: &[u8]) -> Res<Option<Info>> {
    let status = tool::ask_words(vm, &[tool, b"status", name])?;
    if status.exit_status != 0 || status.stdout.is_empty() {
        return sysv(vm, b"service", name);
    }
    let config = content::read(vm, &[b"/etc/init/".as_slice(), name, b".conf"].concat(), true)?;
    let starts = Regex::new(r"(?m-u)^\s*start on").expect("the pattern is written here");
    Ok(Some(Info {
        name: Value::bytes(name),
        installed: true,
        running: text::find(&status.stdout, b"start/running").is_some(),
        enabled: starts.is_match(&config),
        kind: "upstart",
        ..Info::default()
    }))
}

fn sysv(vm: &Interp, tool: &[u8], name: &[u8]) -> Res<Option<Info>> {
    let Some(scripts) = init_scripts(vm)? else { return Ok(None) };
    if !scripts.iter().any(|script| script == name) {
        return Ok(None);
    }
    let mut runlevels = [false; 7];
    for path in start_links(vm)? {
        if let Some(level) = starting_runlevel(&path, name) {
            runlevels[level] = true;
        }
    }
    Ok(Some(Info {
        name: Value::bytes(name),
        installed: true,
        running: succeeds(vm, &[tool, name, b"status"])?,
        enabled: runlevels.contains(&true),
        kind: "sysv",
        runlevels: Some(runlevels),
        ..Info::default()
    }))
}

/// The scripts of SysV init; `None` when there are none.
fn init_scripts(vm: &Interp) -> Res<Option<Vec<Vec<u8>>>> {
    let backend = Backend::of(vm);
    match backend.run(b"ls -1 /etc/init.d/")? {
        Ok(output) if output.exit_status == 0 => {
            Ok(Some(text::lines(&output.stdout).into_iter().map(<[u8]>::to_vec).collect()))
        }
        Ok(output) => {
            tool::permitted(vm, b"ls -1 /etc/init.d/", &output)?;
            Ok(None)
        }
        Err(RunError::Unavailable(_)) => names_in(vm, b"/etc/init.d"),
        Err(error) => doubt::taken_for(vm, &format!("Can't list /etc/init.d: {error}"), None),
    }
}

fn names_in(vm: &Interp, directory: &[u8]) -> Res<Option<Vec<Vec<u8>>>> {
    match Backend::of(vm).list(directory)? {
        Ok(entries) => Ok(Some(entries.into_iter().map(|entry| entry.name).collect())),
        Err(FileError::NotFound | FileError::NotADirectory) => Ok(None),
        Err(error) => doubt::taken_for(vm, &format!("Can't list {}: {error}", text::lossy(directory)), None),
    }
}

/// The links that make runlevels start services.
fn start_links(vm: &Interp) -> Res<Vec<Vec<u8>>> {
    let backend = Backend::of(vm);
    match backend.run(b"find /etc/rc*.d /etc/init.d/rc*.d -name \"S*\"")? {
        Ok(output) => Ok(text::lines(&output.stdout).into_iter().map(<[u8]>::to_vec).collect()),
        Err(RunError::Unavailable(_)) => {
            let mut links = Vec::new();
            for above in ["/etc", "/etc/init.d"] {
                for level in 0..7 {
                    let directory = format!("{above}/rc{level}.d");
                    if backend.stat(directory.as_bytes(), true)?.is_ok_and(|stat| stat.kind == FileKind::Directory) {
                        let names = names_in(vm, directory.as_bytes())?.unwrap_or_default();
                        links.extend(names.iter().map(|name| [directory.as_bytes(), b"/", name].concat()));
                    }
                }
            }
            Ok(links)
        }
        Err(error) => doubt::taken_for(vm, &format!("Can't list /etc/rc*.d: {error}"), Vec::new()),
    }
}

/// The runlevel of a link `…rcN.d/S…NAME`.
fn starting_runlevel(path: &[u8], service: &[u8]) -> Option<usize> {
    let (directory, link) = path.split_at(path.iter().rposition(|b| *b == b'/')?);
    let starts = link.strip_prefix(b"/S")?.ends_with(service);
    let level = directory.strip_suffix(b".d")?;
    let (before, digit) = level.split_at(level.len().checked_sub(1)?);
    (starts && before.ends_with(b"rc") && (b'0'..=b'6').contains(&digit[0])).then(|| usize::from(digit[0] - b'0'))
}

fn runit(vm: &Interp, tool: &[u8], name: &[u8]) -> Res<Option<Info>> {
    let status = tool::ask_words(vm, &[tool, b"status", name])?;
    let says = |words: &[u8]| text::find(&status.stdout, words).is_some();
    let installed = status.exit_status == 0;
    let running = installed && text::lines(&status.stdout).iter().any(|line| line.starts_with(b"run:"));
    let enabled = installed && (running || says(b"normally up") || says(b"want up"));
    Ok(Some(Info { name: Value::bytes(name), installed, running, enabled, kind: "runit", ..Info::default() }))
}

fn bsd(vm: &Interp, tool: &[u8], name: &[u8]) -> Res<Option<Info>> {
    let platform = Platform::of(&Backend::of(vm))?;
    let is_new = text::to_i(platform.release.as_deref().unwrap_or_default().as_bytes()) >= 10;
    let listed = tool::ask_words(vm, &[tool, if is_new { b"-l".as_slice() } else { b"-e" }])?;
    let is_it = |line: &&[u8]| if is_new { **line == *name } else { line.ends_with(&[b"/", name].concat()) };
    if listed.exit_status != 0 || !text::lines(&listed.stdout).iter().any(is_it) {
        return Ok(None);
    }
    Ok(Some(Info {
        name: Value::bytes(name),
        installed: true,
        enabled: !is_new || succeeds(vm, &[tool, name, b"enabled"])?,
        running: succeeds(vm, &[tool, name, b"onestatus"])?,
        kind: "bsd-init",
        ..Info::default()
    }))
}

/// `PID STATUS LABEL`, one line a service.
fn launchd(vm: &Interp, tool: &[u8], name: &[u8]) -> Res<Option<Info>> {
    let listed = tool::ask_words(vm, &[tool, b"list"])?;
    let lines = text::lines(&listed.stdout);
    let line = lines.iter().find(|line| text::find(line, name).is_some()).filter(|_| listed.exit_status == 0);
    let Some(fields) = line.map(|line| text::split(line, b'\t')).filter(|fields| fields.len() == 3) else {
        return Ok(None);
    };
    let running = fields[0] != b"-";
    Ok(Some(Info {
        name: Value::bytes(fields[2]),
        installed: true,
        enabled: true,
        running,
        kind: "darwin",
        ..Info::default()
    }))
}

fn has_start_mode(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Err(base::skipped(vm, "The `has_start_mode` matcher is not supported on your OS yet."))
}

fn monitored_by(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let service = of(vm, this)?;
    let monitor = vm.to_s(&args[0])?.lossy();
    let line = match monitor.as_str() {
        "monit" => format!("{} summary", monitor_path(vm, "monit")?),
        "god" => format!("{} status {}", monitor_path(vm, "god")?, text::lossy(&service.name)),
        _ => return Err(base::failed(vm, &format!("The monitoring tool {monitor} is not yet supported by InSpec."))),
    };
    let output = tool::run(vm, line.as_bytes())?;
    if output.exit_status != 0 {
        let text = format!("Executing {line} failed: {}", text::lossy(&output.stderr));
        return Err(base::failed(vm, &text));
    }
    let wanted = [service.name.as_slice(), if monitor == "god" { b": up".as_slice() } else { b" OK" }].concat();
    let squeezed = text::lines(&output.stdout).into_iter().map(|line| text::words(line).join(&b' '));
    Ok(squeezed.into_iter().any(|line| line.starts_with(&wanted)).into())
}

fn monitor_path(vm: &Interp, name: &str) -> Res<String> {
    for directory in ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/", ""] {
        let path = format!("{directory}{name}");
        if super::command::exists(vm, path.as_bytes())? {
            return Ok(path);
        }
    }
    Err(base::failed(vm, &format!("Could not find `{name}`")))
}

/// `Runlevels`: a Hash from the level to whether it starts the service.
const RUNLEVELS_METHODS: &[Def] = &[
    def("owner", 0, 0, |_, this, _| Ok(owner(this)), "The service."),
    def(
        "filter",
        1,
        1,
        |vm, this, args| chosen(vm, &owner(this), &*vm.to_hash(this)?, &args[0]),
        "Some of the runlevels.",
    ),
    def(
        "enabled?",
        0,
        0,
        |vm, this, _| Ok(vm.to_hash(this)?.values().iter().all(Value::truthy).into()),
        "Whether all start it.",
    ),
    def(
        "disabled?",
        0,
        0,
        |vm, this, _| Ok((!vm.to_hash(this)?.values().iter().any(Value::truthy)).into()),
        "Whether none does.",
    ),
    def("to_s", 0, 0, runlevels_to_s, "The service and the runlevels."),
];

fn runlevels_class(vm: &Interp, _: &Rc<RClass>) {
    let class = vm.define_class(&vm.class_named("Inspec::Resources"), "Runlevels", &vm.c.hash);
    vm.define(&class, RUNLEVELS_METHODS);
}

fn runlevels(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let levels = with_info(vm, this, |info| info.and_then(|info| info.runlevels))?;
    let hash = RHash::new();
    for (level, starts) in levels.into_iter().flatten().enumerate() {
        vm.hash_set(&hash, Value::Int(level as i64), starts.into())?;
    }
    let filter = match args.values {
        _ if levels.is_none() => Value::Nil,
        [] => Value::Nil,
        [one] => one.clone(),
        several => Value::array(several.to_vec()),
    };
    chosen(vm, this, &hash, &filter)
}

/// The runlevels that a number, pattern or list of them chooses; all for nil.
fn chosen(vm: &Interp, owner: &Value, levels: &RHash, filter: &Value) -> Res {
    let class = vm.class_named("Inspec::Resources::Runlevels");
    let hash = RHash::with_class(class);
    *hash.default.borrow_mut() = HashDefault::Value(false.into());
    hash.head.set_ivar(owner_ivar(), owner.clone());
    for (level, starts) in levels.entries() {
        let name = vm.to_s(&level)?;
        let is_chosen = match filter {
            Value::Nil => true,
            Value::Array(list) => {
                let mut found = false;
                for wanted in list.to_vec() {
                    found |= *vm.to_s(&wanted)?.bytes() == *name.bytes();
                }
                found
            }
            pattern if is_regexp(vm, pattern) => vm.case_equal(pattern, &Value::Str(name))?,
            other => vm.equal(&level, other)?,
        };
        if is_chosen {
            vm.hash_set(&hash, level, starts)?;
        }
    }
    Ok(hash.into())
}

fn owner_ivar() -> Sym {
    Sym::new("@owner")
}

fn owner(this: &Value) -> Value {
    this.head().and_then(|head| head.ivar(owner_ivar())).unwrap_or_default()
}

fn runlevels_to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let levels = vm.to_hash(this)?.keys();
    let levels: Vec<String> = levels.iter().map(|level| Ok(vm.to_s(level)?.lossy())).collect::<Res<_>>()?;
    let owner = vm.to_s(&owner(this))?.lossy();
    Ok(Value::str(format!("{owner} runlevels {}", levels.join(", "))))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn told(audit: &Audit, service: &Value) -> String {
        ["installed?", "enabled?", "running?"].map(|question| audit.get(service, question)).join(" ")
    }

    #[test]
    fn a_present_systemd_is_asked() {
        let shown = "Id=ssh.service\nDescription=OpenBSD Secure Shell server\nLoadState=loaded\nUser=sshd\n";
        let target = MemoryTarget::new()
            .command("systemctl show --no-pager --all sshd", shown, "", 0)
            .command("systemctl is-active sshd --quiet", "", "", 0)
            .command("systemctl is-enabled sshd --quiet", "", "", 1)
            .command("/x/systemctl show --no-pager --all no", "Id=no.service\nLoadState=not-found\n", "", 0)
            .command("/x/systemctl is-active no --quiet", "", "", 3)
            .command(
                "/x/systemctl is-enabled no --quiet",
                "",
                "Failed to get unit file state: No such file or directory",
                1,
            );
        let audit = Audit::debian(target);
        let sshd = audit.on("service", "sshd");
        assert_eq!(told(&audit, &sshd), "true false true");
        assert_eq!(audit.get(&sshd, "name"), r#""ssh.service""#);
        assert_eq!(audit.get(&sshd, "type"), r#""systemd""#);
        assert_eq!(audit.get(&sshd, "startname"), r#""sshd""#);
        assert_eq!(audit.get(&sshd, "description"), r#""OpenBSD Secure Shell server""#);
        assert_eq!(audit.get(&audit.vm.send(&sshd, "params", &[]).unwrap(), "LoadState"), r#""loaded""#);
        assert_eq!(audit.get(&sshd, "to_s"), r#""Service sshd""#);
        let other = audit.make("systemd_service", &[Value::str("no"), Value::str("/x/systemctl")]).unwrap();
        assert_eq!(told(&audit, &other), "false false false");
    }

    #[test]
    fn a_present_sysv_is_asked() {
        let alpine = || MemoryTarget::new().file("/etc/alpine-release", "3.19.1\n");
        let target = alpine()
            .command("ls -1 /etc/init.d/", "nginx\ncrond\n", "", 0)
            .command(
                "find /etc/rc*.d /etc/init.d/rc*.d -name \"S*\"",
                "/etc/rc2.d/S01nginx\n/etc/rc5.d/S01nginx\n",
                "",
                0,
            )
            .command("service nginx status", "", "", 0);
        let audit = Audit::of(target);
        let nginx = audit.on("service", "nginx");
        assert_eq!(told(&audit, &nginx), "true true true");
        assert_eq!(told(&audit, &audit.on("service", "crond")), "true false false");
        assert_eq!(told(&audit, &audit.on("service", "none")), "false false false");
        let levels = audit.vm.send(&nginx, "runlevels", &[Value::Int(2), Value::Int(3)]).unwrap();
        assert_eq!(crate::testing::show(&audit.vm, &levels), "{2 => true, 3 => false}");
        assert_eq!(audit.get(&levels, "to_s"), r#""Service nginx runlevels 2, 3""#);
        assert_eq!((audit.get(&levels, "enabled?"), audit.get(&levels, "disabled?")), ("false".into(), "false".into()));
    }

    #[test]
    fn with_an_absent_manager_nothing_is_installed() {
        let audit = Audit::debian(MemoryTarget::new());
        let sshd = audit.on("service", "sshd");
        assert_eq!(told(&audit, &sshd), "false false false");
        assert_eq!(audit.get(&sshd, "name"), r#""sshd""#);
        // No Mash: it has no methods by the names of its keys.
        let params = audit.vm.send(&sshd, "params", &[]).unwrap();
        assert!(audit.get(&params, "LoadState").starts_with("!NoMethodError: undefined method `LoadState'"));
        let bare = Audit::debian(MemoryTarget::new().without_shell("none"));
        assert_eq!(told(&bare, &bare.on("service", "sshd")), "false false false");
        for name in
            ["systemd_service", "upstart_service", "sysv_service", "bsd_service", "launchd_service", "runit_service"]
        {
            let service = audit.on(name, "sshd");
            assert_eq!(
                (audit.why(&service), told(&audit, &service)),
                ("fine".into(), "false false false".into()),
                "{name}"
            );
        }
    }

    #[test]
    fn other_present_managers_are_asked() {
        let target = MemoryTarget::new()
            .command("initctl status cron", "cron start/running, process 7\n", "", 0)
            .file("/etc/init/cron.conf", "description x\n  start on runlevel [23]\n")
            .command("service -l", "sshd\ncron\n", "", 0)
            .command("service cron enabled", "", "", 1)
            .command("service cron onestatus", "", "", 0)
            .command("launchctl list", "PID\tStatus\tLabel\n-\t0\torg.cron\n", "", 0)
            .command("sv status cron", "run: cron: (pid 7) 3s\n", "", 0)
            .command("systemctl show --no-pager --all cron", "Id=cron.service\nLoadState=loaded\n", "", 0)
            .command("systemctl is-active cron --quiet", "", "", 3)
            .command("systemctl is-enabled cron --quiet", "", "", 0)
            .command("ls -1 /etc/init.d/", "cron\n", "", 0)
            .command("/usr/sbin/service cron status", "", "", 0);
        let audit = Audit::debian(target);
        for (name, kind, expected) in [
            ("upstart_service", "upstart", "true true true"),
            ("bsd_service", "bsd-init", "true false true"),
            ("launchd_service", "darwin", "true true false"),
            ("runit_service", "runit", "true true true"),
            ("systemd_service", "systemd", "true true false"),
            ("sysv_service", "sysv", "true false true"),
        ] {
            let service = audit.on(name, "cron");
            assert_eq!(told(&audit, &service), expected, "{name}");
            assert_eq!(audit.get(&service, "type"), format!("{kind:?}"));
        }
    }

    #[test]
    fn malformed_answers_tell_nothing() {
        let target = MemoryTarget::new().otherwise("oops\n", "", 0).file("/etc/init/cron.conf", "oops\n");
        let audit = Audit::debian(target);
        for (name, expected) in [
            ("service", "false true true"),
            ("systemd_service", "false true true"),
            ("upstart_service", "true false false"),
            ("sysv_service", "false false false"),
            ("bsd_service", "false false false"),
            ("launchd_service", "false false false"),
            ("runit_service", "true false false"),
        ] {
            assert_eq!(told(&audit, &audit.on(name, "cron")), expected, "{name}");
        }
    }

    #[test]
    fn of_all_an_unreadable_answer_is_none() {
        let refused =
            Audit::debian(MemoryTarget::new().otherwise("", "Failed to connect to bus: Permission denied", 1));
        for name in [
            "service",
            "systemd_service",
            "upstart_service",
            "sysv_service",
            "bsd_service",
            "launchd_service",
            "runit_service",
        ] {
            let told = refused.get(&refused.on(name, "cron"), "running?");
            assert!(told.ends_with("` may not look: Failed to connect to bus: Permission denied"), "{name}: {told}");
        }
    }

    #[test]
    fn what_is_unreadable_is_no_answer() {
        let target = MemoryTarget::new().without_shell("none").file_with("/usr/bin/systemctl", "", 0o755, 0, 0);
        let audit = Audit::debian(target);
        let told = audit.get(&audit.on("service", "sshd"), "running?");
        assert!(told.starts_with("!Inspec::Exceptions::ResourceFailed: Command `systemctl show"), "{told}");
    }

    #[test]
    fn without_a_shell_sysv_is_read() {
        let target = MemoryTarget::new()
            .file("/etc/init.d/app", "")
            .link("/etc/rc3.d/S20app", "../init.d/app")
            .without_shell("none");
        let audit = Audit::debian(target);
        assert_eq!(told(&audit, &audit.on("sysv_service", "app")), "true true false");
    }

    #[test]
    fn an_unknown_distribution_skips() {
        let audit = Audit::of(MemoryTarget::new());
        let service = audit.on("service", "x");
        assert_eq!(audit.why(&service), "skipped: The `service` resource is not supported on your OS yet.");
        assert_eq!(told(&audit, &service), "false false false");
    }
}
