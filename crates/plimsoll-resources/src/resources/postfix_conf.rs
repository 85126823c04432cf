//! `postfix_conf`: the settings of the mail server Postfix.
//!
//! ```ruby
//! describe postfix_conf do
//!   its('inet_interfaces') { should cmp 'loopback-only' }
//! end
//! ```
//!
//! `/etc/postfix/main.cf`, or the path given.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::json;
use crate::declare::ResourceDef;

pub(crate) const POSTFIX_CONF: ResourceDef = ResourceDef {
    name: "postfix_conf",
    class: "PostfixConf",
    parent: Some("IniConfig"),
    doc: "The settings of the mail server Postfix.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("resource_id", 0, 0, |_, _, _| Ok(Value::str("Postfix Conf")), "Its title."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Postfix Mail Transfer Agent")), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let usual = [Value::str("/etc/postfix/main.cf")];
    let args = if args.is_empty() { Args::new(&usual) } else { args };
    json::open(vm, this, args, "Postfix Config")
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_settings() {
        let text = "# c\ninet_interfaces = loopback-only\nmydestination = a, b\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/postfix/main.cf", text).file("/x.cf", "a = 1\n"));
        let conf = audit.the("postfix_conf");
        assert_eq!(audit.get(&conf, "inet_interfaces"), r#""loopback-only""#);
        assert_eq!(audit.get(&conf, "none"), "nil");
        assert_eq!(audit.get(&conf, "to_s"), r#""Postfix Mail Transfer Agent""#);
        assert_eq!(audit.get(&audit.on("postfix_conf", "/x.cf"), "a"), r#""1""#);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("postfix_conf")), "skipped: Can't find file: /etc/postfix/main.cf");
        let denied =
            Audit::debian(MemoryTarget::new().file("/etc/postfix/main.cf", "x").denied("/etc/postfix/main.cf"));
        assert_eq!(denied.why(&denied.the("postfix_conf")), "skipped: Can't read file: /etc/postfix/main.cf");
    }

    #[test]
    fn malformed_lines_are_settings_without_a_value() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/postfix/main.cf", "odd\n[x]\ny = 1\n"));
        let conf = audit.the("postfix_conf");
        assert_eq!((audit.get(&conf, "odd"), audit.get(&conf, "y")), (r#""""#.into(), "nil".into()));
        assert_eq!(audit.get(&conf, "x"), r#"{"y" => "1"}"#);
    }
}
