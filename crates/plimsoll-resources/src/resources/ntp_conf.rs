//! `ntp_conf`: `/etc/ntp.conf`, the settings of the time daemon ntpd.
//!
//! ```ruby
//! describe ntp_conf do
//!   its('server') { should_not be_nil }
//!   its('restrict') { should include '-4 default kod notrap' }
//! end
//! ```
//!
//! Every setting is a property: its value, an Array of values when it is given several times.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::settings;
use crate::config_text::Options;
use crate::declare::ResourceDef;

pub(crate) const NTP_CONF: ResourceDef = ResourceDef {
    name: "ntp_conf",
    class: "NtpConf",
    doc: "The settings of the time daemon ntpd.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, settings::one_or_several, "A setting."),
    def("resource_id", 0, 0, settings::path, "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("ntp.conf")), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let word_and_rest = settings::by_pattern(r"(?-u)^\s*(\S+)\s+(.*)\s*$");
    let options = Options { multiple_values: true, ..Options::new(&word_and_rest) };
    settings::open(vm, this, args, "/etc/ntp.conf", &options)
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_settings() {
        let text = "# c\nserver a iburst\nserver b\ndriftfile /var/lib/drift # here\nrtcsync\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/ntp.conf", text));
        let conf = audit.the("ntp_conf");
        assert_eq!(audit.get(&conf, "server"), r#"["a iburst", "b"]"#);
        assert_eq!(audit.get(&conf, "driftfile"), r#""/var/lib/drift ""#);
        assert_eq!(audit.get(&conf, "rtcsync"), "[]");
        assert_eq!(audit.get(&conf, "none"), "nil");
        assert_eq!(audit.get(&conf, "to_s"), r#""ntp.conf""#);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("ntp_conf")), "skipped: Can't find file: /etc/ntp.conf");
        let denied = Audit::debian(MemoryTarget::new().file("/etc/ntp.conf", "x").denied("/etc/ntp.conf"));
        assert_eq!(denied.why(&denied.the("ntp_conf")), "skipped: Can't read file: /etc/ntp.conf");
    }

    #[test]
    fn malformed_lines_are_settings_without_a_value() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/ntp.conf", "=\nserver\nserver  a\n(\n"));
        let conf = audit.the("ntp_conf");
        assert_eq!((audit.get(&conf, "="), audit.get(&conf, "server")), ("[]".into(), r#""a""#.into()));
        assert_eq!(audit.why(&conf), "fine");
    }
}
