//! `xinetd_conf`: the services that xinetd starts.
//!
//! ```ruby
//! describe xinetd_conf.services('chargen').socket_types('dgram') do
//!   it { should be_disabled }
//! end
//! describe xinetd_conf.where { user == 'root' } do
//!   its('services') { should be_empty }
//! end
//! ```
//!
//! `/etc/xinetd.conf`, or the path given, and the files of the directories that it includes.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RArray, RClass, RHash, Res, Value, def};
use plimsoll_target::FileKind;

use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::ResourceDef;
use crate::facts::find::{self, Wanted};
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Xinetd {
    path: Vec<u8>,
    text: Option<Vec<u8>>,
}

pub(crate) const XINETD_CONF: ResourceDef = ResourceDef {
    name: "xinetd_conf",
    class: "XinetdConf",
    doc: "The services that xinetd starts.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, params, "The services by name, each with its settings, and the other groups."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("services", "service")
        .column("ids", "id")
        .column("socket_types", "socket_type")
        .column("types", "type")
        .column("protocols", "protocol")
        .column("wait", "wait")
        .property("disabled?", "Whether none is enabled.", |vm, table, _| no_service_has(vm, table, "no"))
        .property("enabled?", "Whether none is disabled.", |vm, table, _| no_service_has(vm, table, "yes"))
        .install(vm, class, |vm, this| Ok(Value::array(services(vm, this)?.into_iter().map(Value::Hash).collect())));
}

/// Whether no service of a table sets `disable` to this.
fn no_service_has(vm: &Interp, table: &Value, disable: &str) -> Res {
    let condition = give::string_hash(vm, [("disable", Value::str(disable))])?;
    let chosen = vm.send(table, "where", &[condition.into()])?;
    vm.send(&vm.send(&chosen, "services", &[])?, "empty?", &[])
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/xinetd.conf".to_vec());
    let text = content::read(vm, &path, false);
    base::set_state(vm, this, Xinetd { path, text: text.as_ref().ok().cloned() })?;
    text.map(|_| Value::Nil)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Xinetd>> {
    base::state::<Xinetd>(vm, this)
}

/// A group of settings: `service tftp { … }`.
struct Group {
    title: Vec<u8>,
    settings: Rc<RHash>,
}

impl Group {
    /// The name of the service, if it is one.
    fn service(&self) -> Option<&[u8]> {
        self.title.strip_prefix(b"service ").filter(|name| !name.is_empty())
    }
}

/// The groups in the order they stand. Groups of included files follow those of their title that stand before.
fn groups(vm: &Interp, content: &[u8]) -> Res<Vec<Group>> {
    let mut groups = Vec::new();
    let mut open: Option<(Vec<u8>, Vec<u8>)> = None;
    let lines = text::split(content, b'\n');
    let mut lines = lines.into_iter().peekable();
    while let Some(line) = lines.next() {
        vm.tick()?;
        let line = text::strip(line.split(|b| *b == b'#').next().unwrap_or_default());
        if line.is_empty() {
            continue;
        }
        if line == b"}" {
            let (title, settings) = open.take().unwrap_or_default();
            let usual = config_text::key_and_value(b'=');
            groups.push(Group { title, settings: config_text::parse(vm, &settings, &Options::new(&usual))? });
        } else if opens_a_group(lines.clone()) {
            open = Some((line.to_vec(), Vec::new()));
            while lines.next().is_some_and(|line| text::strip(line).is_empty()) {}
        } else if let Some((_, settings)) = &mut open {
            settings.extend([line, b"\n"].concat());
        } else if let Some(directory) = line.strip_prefix(b"includedir ") {
            groups.extend(included(vm, text::strip(directory))?);
        }
    }
    Ok(groups)
}

/// Whether what follows begins with a brace.
fn opens_a_group<'t>(mut rest: impl Iterator<Item = &'t [u8]>) -> bool {
    rest.find_map(|line| text::strip(line).first().copied()) == Some(b'{')
}

fn included(vm: &Interp, directory: &[u8]) -> Res<Vec<Group>> {
    let backend = Backend::of(vm);
    if !backend.stat(directory, true)?.is_ok_and(|stat| stat.kind == FileKind::Directory) {
        return Err(base::skipped(vm, &format!("Can't find folder: {}", text::lossy(directory))));
    }
    let wanted = Wanted { kind: Some(FileKind::File), depth: None };
    let mut all = Vec::new();
    for path in find::find(vm, directory, wanted)? {
        all.extend(groups(vm, &content::read(vm, &path, false)?)?);
    }
    Ok(all)
}

/// The groups, each service with its name and protocol among its settings.
fn completed(vm: &Interp, this: &Value) -> Res<Vec<Group>> {
    let Some(text) = &of(vm, this)?.text else { return Ok(Vec::new()) };
    let groups = groups(vm, text)?;
    for group in &groups {
        let Some(name) = group.service() else { continue };
        vm.hash_set(&group.settings, Value::str("service"), Value::bytes(name))?;
        let key = |name: &str| Value::str(name);
        if vm.hash_get(&group.settings, &key("protocol"))?.is_none() {
            let protocol = match vm.hash_get(&group.settings, &key("socket_type"))? {
                Some(Value::Str(kind)) if *kind.bytes() == *b"stream" => "tcp",
                Some(Value::Str(kind)) if *kind.bytes() == *b"dgram" => "udp",
                _ => "unknown",
            };
            vm.hash_set(&group.settings, key("protocol"), Value::str(protocol))?;
        }
    }
    Ok(groups)
}

/// The settings of all services; those of one name stand together.
fn services(vm: &Interp, this: &Value) -> Res<Vec<Rc<RHash>>> {
    let mut by_name: Vec<(Vec<u8>, Vec<Rc<RHash>>)> = Vec::new();
    for group in completed(vm, this)? {
        let Some(name) = group.service() else { continue };
        match by_name.iter_mut().find(|(known, _)| known == name) {
            Some((_, list)) => list.push(group.settings),
            None => by_name.push((name.to_vec(), vec![group.settings])),
        }
    }
    Ok(by_name.into_iter().flat_map(|(_, list)| list).collect())
}

fn params(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let (all, services) = (RHash::new(), RHash::new());
    vm.hash_set(&all, Value::str("services"), Value::Hash(Rc::clone(&services)))?;
    for group in completed(vm, this)? {
        let Some(name) = group.service() else {
            vm.hash_set(&all, Value::bytes(group.title), Value::Hash(group.settings))?;
            continue;
        };
        let name = Value::bytes(name);
        if let Some(Value::Array(list)) = vm.hash_get(&services, &name)? {
            list.push(Value::Hash(group.settings));
        } else {
            vm.hash_set(&services, name, Value::Array(RArray::new(vec![Value::Hash(group.settings)])))?;
        }
    }
    Ok(all.into())
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes([b"Xinetd config ".as_slice(), &of(vm, this)?.path].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const MAIN: &str = "# xinetd\ndefaults\n{\n  instances = 60 # each\n}\n\nincludedir /etc/xinetd.d\n";
    const ECHO: &str = "service echo\n{\n disable = yes\n id = echo-stream\n socket_type = stream\n wait = no\n}\n\
        service echo\n{\n disable = no\n id = echo-dgram\n socket_type = dgram\n protocol = udp6\n}\n";

    fn audit() -> Audit {
        let target = MemoryTarget::new().file("/etc/xinetd.conf", MAIN).file("/etc/xinetd.d/echo", ECHO);
        Audit::debian(target)
    }

    #[test]
    fn present_services_of_included_files_are_given() {
        let audit = audit();
        let conf = audit.the("xinetd_conf");
        assert_eq!(audit.get(&conf, "ids"), r#"["echo-stream", "echo-dgram"]"#);
        assert_eq!(audit.get(&conf, "protocols"), r#"["tcp", "udp6"]"#);
        let stream = audit.vm.send(&conf, "socket_types", &[Value::str("stream")]).unwrap();
        assert_eq!((audit.get(&stream, "disabled?"), audit.get(&stream, "enabled?")), ("true".into(), "false".into()));
        assert_eq!(audit.get(&stream, "to_s"), r#""Xinetd config /etc/xinetd.conf with socket_type == \"stream\"""#);
        let params = audit.get(&conf, "params");
        assert!(params.contains(r#""defaults" => {"instances" => "60"}"#), "{params}");
    }

    #[test]
    fn what_is_absent_or_unreadable_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("xinetd_conf")), "skipped: Can't find file: /etc/xinetd.conf");
        let bare = Audit::debian(MemoryTarget::new().file("/etc/xinetd.conf", MAIN));
        let services = bare.vm.send(&bare.the("xinetd_conf"), "services", &[]).unwrap();
        assert_eq!(bare.why(&services), "skipped: Can't find folder: /etc/xinetd.d");
        let denied =
            MemoryTarget::new().file("/etc/xinetd.conf", MAIN).file("/etc/xinetd.d/a", "x").denied("/etc/xinetd.d/a");
        let denied = Audit::debian(denied);
        let services = denied.vm.send(&denied.the("xinetd_conf"), "services", &[]).unwrap();
        assert_eq!(denied.why(&services), "skipped: Can't read file: /etc/xinetd.d/a");
        let main = Audit::debian(MemoryTarget::new().file("/etc/xinetd.conf", MAIN).denied("/etc/xinetd.conf"));
        assert_eq!(main.why(&main.the("xinetd_conf")), "skipped: Can't read file: /etc/xinetd.conf");
        let unlisted = MemoryTarget::new().file("/etc/xinetd.conf", MAIN).file("/etc/xinetd.d/a", ECHO);
        let unlisted = Audit::debian(unlisted.denied("/etc/xinetd.d"));
        let services = unlisted.vm.send(&unlisted.the("xinetd_conf"), "services", &[]).unwrap();
        assert_eq!(unlisted.why(&services), "failed: Can't look for files in /etc/xinetd.d: permission denied");
    }

    #[test]
    fn malformed_groups_are_no_services() {
        let text = "}\nservice\n{\n}\nservice a\n{\n oops\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/xinetd.conf", text));
        let conf = audit.the("xinetd_conf");
        assert_eq!((audit.get(&conf, "services"), audit.why(&conf)), ("[]".into(), "fine".into()));
    }
}
