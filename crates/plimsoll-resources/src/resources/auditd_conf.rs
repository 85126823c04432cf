//! `auditd_conf`: `/etc/audit/auditd.conf`, the settings of the audit daemon.
//!
//! ```ruby
//! describe auditd_conf do
//!   its('space_left_action') { should cmp 'email' }
//!   its('max_log_file') { should cmp >= 8 }
//! end
//! ```
//!
//! Every setting is a property, in the spelling of the file; one that is not set is nil.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::settings;
use crate::config_text::{self, Options};
use crate::declare::ResourceDef;

pub(crate) const AUDITD_CONF: ResourceDef = ResourceDef {
    name: "auditd_conf",
    class: "AuditDaemonConf",
    doc: "The settings of the audit daemon.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, settings::setting, "A setting."),
    def("params", 0, 0, settings::params_read, "All settings, once one was asked for; nil before."),
    def("content", 0, 0, settings::content, "The text."),
    def("conf_path", 0, 0, settings::path, "Its path."),
    def("resource_id", 0, 0, settings::path, "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Audit Daemon Config")), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let usual = config_text::key_and_value(b'=');
    settings::open(vm, this, args, "/etc/audit/auditd.conf", &Options::new(&usual))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_settings() {
        let text = "# x\nlog_file = /var/log/audit/audit.log\nmax_log_file = 8 # MB\nspace_left_action=SYSLOG\nodd\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/audit/auditd.conf", text).file("/a.conf", "a = 1"));
        let conf = audit.the("auditd_conf");
        assert_eq!(audit.get(&conf, "params"), "nil");
        assert_eq!(audit.get(&conf, "log_file"), r#""/var/log/audit/audit.log""#);
        assert_eq!(audit.get(&conf, "max_log_file"), r#""8""#);
        assert_eq!(audit.get(&conf, "space_left_action"), r#""SYSLOG""#);
        assert_eq!(audit.get(&conf, "odd"), r#""""#);
        assert_eq!(audit.get(&conf, "none"), "nil");
        assert_eq!(audit.get(&conf, "to_s"), r#""Audit Daemon Config""#);
        let other = audit.on("auditd_conf", "/a.conf");
        assert_eq!((audit.get(&other, "a"), audit.get(&other, "params")), (r#""1""#.into(), r#"{"a" => "1"}"#.into()));
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        let conf = none.the("auditd_conf");
        assert_eq!(none.why(&conf), "skipped: Can't find file: /etc/audit/auditd.conf");
        assert_eq!(none.get(&conf, "resource_id"), r#""/etc/audit/auditd.conf""#);
        assert_eq!(none.get(&conf, "log_file"), "nil");
        let path = "/etc/audit/auditd.conf";
        let denied = Audit::debian(MemoryTarget::new().file(path, "a = 1").denied(path));
        assert_eq!(denied.why(&denied.the("auditd_conf")), "skipped: Can't read file: /etc/audit/auditd.conf");
    }

    #[test]
    fn malformed_lines_are_settings_without_a_value() {
        let text = "= 1\nodd line\na = b = c\n\0\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/audit/auditd.conf", text));
        let conf = audit.the("auditd_conf");
        assert_eq!((audit.get(&conf, "odd line"), audit.get(&conf, "a")), (r#""""#.into(), r#""b = c""#.into()));
        assert_eq!((audit.why(&conf), audit.get(&conf, "none")), ("fine".into(), "nil".into()));
    }
}
