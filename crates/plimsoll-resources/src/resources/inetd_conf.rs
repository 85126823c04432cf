//! `inetd_conf`: `/etc/inetd.conf`, the services that inetd starts.
//!
//! ```ruby
//! describe inetd_conf do
//!   its('telnet') { should be_nil }
//!   its('shell') { should be_nil }
//! end
//! ```
//!
//! Each service is a property: its six fields, nil when there is no such line.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::settings;
use crate::config_text::Options;
use crate::declare::ResourceDef;

pub(crate) const INETD_CONF: ResourceDef = ResourceDef {
    name: "inetd_conf",
    class: "InetdConf",
    doc: "The services that inetd starts.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, settings::setting, "The fields of a service."),
    def(
        "exec",
        0,
        0,
        |vm, this, _| settings::setting(vm, this, Args::new(&[Value::str("exec")])),
        "The service of that name.",
    ),
    def("read_params", 0, 0, |vm, this, _| Ok(Value::Hash(settings::params(vm, this)?)), "All services."),
    def("resource_id", 0, 0, settings::path, "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("inetd.conf")), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let seven = settings::by_pattern(r"(?-u)^\s*(\S+?)\s+(.*?)\s+(.*?)\s+(.*?)\s+(.*?)\s+(.*?)\s+(.*?)\s*$");
    let options = Options { key_values: 6, ..Options::new(&seven) };
    settings::open(vm, this, args, "/etc/inetd.conf", &options)
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_services() {
        let text = "# inetd\nshell stream tcp nowait root /usr/sbin/in.rshd in.rshd -L\nexec stream tcp nowait root /x y\n#telnet stream\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/inetd.conf", text));
        let inetd = audit.the("inetd_conf");
        let shell = r#"["stream", "tcp", "nowait", "root", "/usr/sbin/in.rshd", "in.rshd -L"]"#;
        assert_eq!(audit.get(&inetd, "shell"), shell);
        assert_eq!(audit.get(&inetd, "exec"), r#"["stream", "tcp", "nowait", "root", "/x", "y"]"#);
        assert_eq!(audit.get(&inetd, "telnet"), "nil");
        assert_eq!(audit.get(&inetd, "to_s"), r#""inetd.conf""#);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("inetd_conf")), "skipped: Can't find file: /etc/inetd.conf");
        let denied = Audit::debian(MemoryTarget::new().file("/etc/inetd.conf", "x").denied("/etc/inetd.conf"));
        assert_eq!(denied.why(&denied.the("inetd_conf")), "skipped: Can't read file: /etc/inetd.conf");
    }

    #[test]
    fn malformed_lines_are_no_services() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/inetd.conf", "telnet stream tcp\n"));
        let inetd = audit.the("inetd_conf");
        assert_eq!(
            (audit.get(&inetd, "telnet"), audit.get(&inetd, "telnet stream tcp")),
            ("nil".into(), r#""""#.into())
        );
    }
}
