//! `limits_conf`: `/etc/security/limits.conf`, or a file of `limits.d`.
//!
//! ```ruby
//! describe limits_conf do
//!   its('*') { should include ['hard', 'core', '0'] }
//! end
//! ```
//!
//! Each domain (user, `@group`, `*`) is a property: its lines as Arrays of type, item and value.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::settings;
use crate::config_text::Options;
use crate::declare::ResourceDef;

pub(crate) const LIMITS_CONF: ResourceDef = ResourceDef {
    name: "limits_conf",
    class: "LimitsConf",
    doc: "Limits of users' and groups' sessions.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, settings::setting, "The lines of a domain."),
    def("read_params", 0, 0, |vm, this, _| Ok(Value::Hash(settings::params(vm, this)?)), "All domains."),
    def("resource_id", 0, 0, settings::path, "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("limits.conf")), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let four = settings::by_pattern(r"(?-u)^\s*(\S+?)\s+(.*?)\s+(.*?)\s+(.*?)\s*$");
    let options = Options { key_values: 3, multiple_values: true, ..Options::new(&four) };
    settings::open(vm, this, args, "/etc/security/limits.conf", &options)
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_domains_and_malformed_lines_are_domains_without_lines() {
        let text = "# c\n*  soft core 0\n*\thard\tcore\t0 # none\n@dev - nproc 20\nbob cpu\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/security/limits.conf", text));
        let limits = audit.the("limits_conf");
        assert_eq!(audit.get(&limits, "*"), r#"[["soft", "core", "0"], ["hard", "core", "0"]]"#);
        assert_eq!(audit.get(&limits, "@dev"), r#"[["-", "nproc", "20"]]"#);
        assert_eq!(audit.get(&limits, "bob cpu"), "[]");
        assert_eq!(audit.get(&limits, "ghost"), "nil");
        assert_eq!(audit.get(&limits, "to_s"), r#""limits.conf""#);
    }

    #[test]
    fn an_absent_empty_or_unreadable_file_skips() {
        let path = "/etc/security/limits.conf";
        let why = |target: MemoryTarget| {
            let audit = Audit::debian(target);
            audit.why(&audit.the("limits_conf"))
        };
        assert_eq!(why(MemoryTarget::new()), format!("skipped: Can't find file: {path}"));
        assert_eq!(why(MemoryTarget::new().file(path, "")), format!("skipped: File is empty: {path}"));
        assert_eq!(why(MemoryTarget::new().file(path, "x").denied(path)), format!("skipped: Can't read file: {path}"));
    }
}
