//! `aide_conf`: what AIDE checks of which files.
//!
//! ```ruby
//! describe aide_conf.where { selection_line == '/bin' } do
//!   its('rules.flatten') { should include 'sha512' }
//! end
//! describe aide_conf.all_have_rule('sha512') do
//!   it { should eq true }
//! end
//! ```
//!
//! Groups of rules are resolved where a line names them, `R`, `L` and `>` too.

use std::collections::HashMap;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};

use crate::base;
use crate::config_text;
use crate::content;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Aide {
    path: Vec<u8>,
    /// Each selection and its rules; nothing when the file could not be read.
    selections: Option<Vec<(Vec<u8>, Rules)>>,
}

type Rules = Vec<Vec<u8>>;

pub(crate) const AIDE_CONF: ResourceDef = ResourceDef {
    name: "aide_conf",
    class: "AideConf",
    doc: "What AIDE checks.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The selections as Hashes."),
    def("all_have_rule", 1, 1, all_have_rule, "Whether every selection has this rule."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("AIDE Config")), "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("selection_lines", "selection_line")
        .column("rules", "rules")
        .install(vm, class, rows);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/aide.conf".to_vec());
    let content = content::read(vm, &path, false);
    let selections = content.as_ref().ok().map(|content| parse(content));
    base::set_state(vm, this, Aide { path, selections })?;
    content.map(|_| Value::Nil)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Aide>> {
    base::state::<Aide>(vm, this)
}

fn parse(content: &[u8]) -> Vec<(Vec<u8>, Rules)> {
    let mut groups: HashMap<Vec<u8>, Rules> = HashMap::new();
    let mut selections = Vec::new();
    for line in content.split(|b| *b == b'\n') {
        let (line, _) = config_text::first_line(line, b"#", false);
        if text::find(line, b" = ").is_some() {
            let packed: Vec<u8> = line.iter().copied().filter(|b| !text::is_space(b)).collect();
            let parts = text::split(&packed, b'=');
            if let (Some(name), Some(rules)) = (parts.first(), parts.last()) {
                groups.insert(name.to_vec(), resolved(rules, &groups));
            }
        } else if matches!(line.first(), Some(b'/' | b'!' | b'=')) {
            let words = text::words(line);
            let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
            let selection = first.strip_suffix(b"/").unwrap_or(first);
            let rules = if words.len() == 1 { selection } else { last };
            selections.push((selection.to_vec(), resolved(rules, &groups)));
        }
    }
    selections
}

/// `A+B`, where names of groups stand for their rules.
fn resolved(rules: &[u8], groups: &HashMap<Vec<u8>, Rules>) -> Rules {
    let listed = |names: &[&str]| names.iter().map(|name| name.as_bytes().to_vec()).collect();
    let resolve = |rule: &[u8]| match (groups.get(rule), rule) {
        (Some(rules), _) => rules.clone(),
        (None, b"R") => listed(&["p", "i", "l", "n", "u", "g", "s", "m", "c", "md5"]),
        (None, b"L") => listed(&["p", "i", "l", "n", "u", "g"]),
        (None, b">") => listed(&["p", "l", "u", "g", "i", "n", "S"]),
        (None, rule) => vec![rule.to_vec()],
    };
    text::split(rules, b'+').into_iter().flat_map(resolve).collect()
}

fn rows(vm: &Interp, this: &Value) -> Res {
    let aide = of(vm, this)?;
    let row = |(selection, rules): &(Vec<u8>, Rules)| {
        let fields = [("selection_line", Value::bytes(selection.clone())), ("rules", give::texts(rules))];
        Ok(give::string_hash(vm, fields)?.into())
    };
    Ok(Value::array(aide.selections.iter().flatten().map(row).collect::<Res<Vec<_>>>()?))
}

fn all_have_rule(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let wanted = vm.to_s(&args[0])?.to_vec();
    let has_it = |(_, rules): &(Vec<u8>, Rules)| rules.contains(&wanted);
    Ok(of(vm, this)?.selections.as_ref().is_some_and(|selections| selections.iter().all(has_it)).into())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const TEXT: &str =
        "# aide\nDIR = p+u+g\nFULL = DIR+sha512\n/bin/ FULL # programs\n/etc L+sha512\n!/var/log/\nodd\n";

    #[test]
    fn a_present_file_gives_selections() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/aide.conf", TEXT).file("/a", "X = sha512\n/ X\n"));
        let aide = audit.the("aide_conf");
        assert_eq!(audit.get(&aide, "selection_lines"), r#"["/bin", "/etc", "!/var/log"]"#);
        let rules = r#"[["p", "u", "g", "sha512"], ["p", "i", "l", "n", "u", "g", "sha512"], ["!/var/log"]]"#;
        assert_eq!(audit.get(&aide, "rules"), rules);
        assert_eq!(audit.ask(&aide, "all_have_rule", &[Value::str("sha512")]), "false");
        assert_eq!(audit.get(&aide, "to_s"), r#""AIDE Config""#);
        let other = audit.on("aide_conf", "/a");
        assert_eq!(audit.ask(&other, "all_have_rule", &[Value::str("sha512")]), "true");
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        let aide = none.the("aide_conf");
        assert_eq!(none.why(&aide), "skipped: Can't find file: /etc/aide.conf");
        assert_eq!(none.ask(&aide, "all_have_rule", &[Value::str("x")]), "false");
        let denied = Audit::debian(MemoryTarget::new().file("/etc/aide.conf", TEXT).denied("/etc/aide.conf"));
        assert_eq!(denied.why(&denied.the("aide_conf")), "skipped: Can't read file: /etc/aide.conf");
    }

    #[test]
    fn malformed_lines_select_nothing() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/aide.conf", "odd\n = \n/etc X+\n+ = x\n"));
        let aide = audit.the("aide_conf");
        assert_eq!((audit.why(&aide), audit.get(&aide, "selection_lines")), ("fine".into(), r#"["/etc"]"#.into()));
        assert_eq!(audit.get(&aide, "rules"), r#"[["X"]]"#);
    }
}
