//! `ssh_config` and `sshd_config`: how the SSH client and the SSH server are configured.
//!
//! ```ruby
//! describe sshd_config do
//!   its('PermitRootLogin') { should eq 'no' }
//!   its('Ciphers') { should_not match(/cbc/) }
//! end
//! describe sshd_config('/opt/ssh/sshd_config') do
//!   its('Port') { should cmp 2222 }
//! end
//! ```
//!
//! Every setting is a property, in any letter case: its value, an Array of values when it is given several times. The
//! settings of `Match` and `Host` blocks count among the others; `Include` is not followed.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};

use super::settings;
use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::ResourceDef;
use crate::give;

struct Config {
    path: Vec<u8>,
    /// The text and its settings; none where there is no such file.
    read: Option<(Vec<u8>, Rc<RHash>)>,
}

pub(crate) const SSH_CONFIG: ResourceDef = ResourceDef {
    name: "ssh_config",
    class: "SshConfig",
    doc: "The configuration of the SSH client.",
    new: Some((0, 2, |vm, this, args| new(vm, this, args, "/etc/ssh/ssh_config"))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const SSHD_CONFIG: ResourceDef = ResourceDef {
    name: "sshd_config",
    class: "SshdConfig",
    parent: Some("SshConfig"),
    doc: "The configuration of the SSH server.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, "/etc/ssh/sshd_config"))),
    methods: &[def("to_s", 0, 0, |_, _, _| Ok(Value::str("SSHD Configuration")), "Its title.")],
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, setting, "A setting."),
    def("params", 0, -1, params, "All settings (names in lower case) as Arrays, or what is below these keys."),
    def("content", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.read(vm)?.0)), "The text."),
    def(
        "convert_hash",
        1,
        1,
        |vm, _, args| Ok(lower_case(vm, &*vm.to_hash(&args[0])?)?.into()),
        "The same in lower case.",
    ),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("SSH Configuration")), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>, usual: &str) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| usual.as_bytes().to_vec());
    match content::read(vm, &path, false) {
        Ok(content) => {
            let params = read(vm, &content)?;
            base::set_state(vm, this, Config { path, read: Some((content, params)) })
        }
        Err(unwind) => {
            base::set_state(vm, this, Config { path, read: None })?;
            Err(unwind)
        }
    }
}

impl Config {
    /// What was read; why nothing could be is told to whoever asks, too.
    fn read(&self, vm: &Interp) -> Res<(Vec<u8>, Rc<RHash>)> {
        match &self.read {
            Some(read) => Ok(read.clone()),
            None => {
                let content = content::read(vm, &self.path, false)?;
                let params = read(vm, &content)?;
                Ok((content, params))
            }
        }
    }
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Config>> {
    base::state::<Config>(vm, this)
}

fn read(vm: &Interp, content: &[u8]) -> Res<Rc<RHash>> {
    let word_and_rest = settings::by_pattern(r"(?-u)^\s*(\S+?)\s+(.*?)\s*$");
    let options = Options { multiple_values: true, ..Options::new(&word_and_rest) };
    lower_case(vm, &*config_text::parse(vm, content, &options)?)
}

/// Of keys that differ in letter case the first one counts.
fn lower_case(vm: &Interp, settings: &RHash) -> Res<Rc<RHash>> {
    let lower = RHash::new();
    for (key, value) in settings.entries() {
        let key = vm.send(&key, "downcase", &[])?;
        if !vm.hash_get(&lower, &key)?.is_some_and(|known| known.truthy()) {
            vm.hash_set(&lower, key, value)?;
        }
    }
    Ok(lower)
}

fn setting(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.send(&Value::Str(vm.to_s(&args[0])?), "downcase", &[])?;
    Ok(match vm.hash_get(&of(vm, this)?.read(vm)?.1, &name)? {
        Some(Value::Array(list)) if list.len() == 1 => list.get(0).unwrap_or_default(),
        other => other.unwrap_or_default(),
    })
}

fn params(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut found = Value::Hash(of(vm, this)?.read(vm)?.1);
    for key in args.values {
        found = match &found {
            Value::Hash(_) => vm.send(&found, "[]", std::slice::from_ref(key))?,
            _ => Value::Nil,
        };
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::{Audit, why};

    const TEXT: &str = "# sshd\nPort 22\nport 2222\nPermitRootLogin no # never\nAcceptEnv LANG\nAcceptEnv LC_*\n\
        Include /etc/ssh/x/*.conf\nMatch User bob\n  X11Forwarding yes\nBanner\n";

    #[test]
    fn a_present_file_gives_settings() {
        let audit =
            Audit::debian(MemoryTarget::new().file("/etc/ssh/sshd_config", TEXT).file("/c", "Host *\n Port 1\n"));
        let sshd = audit.the("sshd_config");
        assert_eq!(audit.get(&sshd, "PermitRootLogin"), r#""no""#);
        assert_eq!(audit.get(&sshd, "permitrootlogin"), r#""no""#);
        assert_eq!(audit.get(&sshd, "Port"), r#""22""#);
        assert_eq!(audit.get(&sshd, "AcceptEnv"), r#"["LANG", "LC_*"]"#);
        assert_eq!(audit.get(&sshd, "X11Forwarding"), r#""yes""#);
        assert_eq!(audit.get(&sshd, "Banner"), "[]");
        assert_eq!(audit.get(&sshd, "Ciphers"), "nil");
        assert_eq!(audit.ask(&sshd, "params", &[Value::str("port")]), r#"["22"]"#);
        assert_eq!(audit.ask(&sshd, "params", &[Value::str("port"), Value::Int(0)]), "nil");
        assert_eq!(audit.get(&sshd, "to_s"), r#""SSHD Configuration""#);
        let ssh = audit.on("ssh_config", "/c");
        assert_eq!(
            (audit.get(&ssh, "Port"), audit.get(&ssh, "to_s")),
            (r#""1""#.into(), r#""SSH Configuration""#.into())
        );
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("ssh_config")), "skipped: Can't find file: /etc/ssh/ssh_config");
        let path = "/etc/ssh/sshd_config";
        let denied = Audit::debian(MemoryTarget::new().file(path, TEXT).denied(path));
        let sshd = denied.the("sshd_config");
        assert_eq!(denied.why(&sshd), "skipped: Can't read file: /etc/ssh/sshd_config");
        let told = "!Inspec::Exceptions::ResourceSkipped: Can't read file: /etc/ssh/sshd_config";
        assert_eq!((denied.get(&sshd, "Port"), denied.get(&sshd, "content")), (told.into(), told.into()));
        assert_eq!(denied.get(&sshd, "params"), told);
    }

    #[test]
    fn malformed_lines_are_settings_without_a_value() {
        for (name, path) in [("ssh_config", "/etc/ssh/ssh_config"), ("sshd_config", "/etc/ssh/sshd_config")] {
            let audit = Audit::debian(MemoryTarget::new().file(path, "PermitRootLogin\n\"odd\nPort=22\n"));
            let config = audit.the(name);
            assert_eq!(
                (audit.get(&config, "PermitRootLogin"), audit.get(&config, "Port")),
                ("[]".into(), "nil".into())
            );
            assert_eq!(audit.why(&config), "fine");
        }
    }

    #[test]
    fn of_both_an_absent_or_unreadable_file_skips() {
        for (name, path) in [("ssh_config", "/etc/ssh/ssh_config"), ("sshd_config", "/etc/ssh/sshd_config")] {
            assert_eq!(why(MemoryTarget::new(), name, &[]), format!("skipped: Can't find file: {path}"));
            let denied = MemoryTarget::new().file(path, TEXT).denied(path);
            assert_eq!(why(denied, name, &[]), format!("skipped: Can't read file: {path}"));
        }
    }
}
