//! `passwd`: the lines of `/etc/passwd`.
//!
//! ```ruby
//! describe passwd.uids(0) do
//!   its('users') { should cmp 'root' }
//!   its('count') { should eq 1 }
//! end
//! describe passwd.where { uid.to_i >= 1000 && shell =~ /sh$/ } do
//!   its('homes') { should all(match(%r{^/home/})) }
//! end
//! ```
//!
//! All values are text, numbers too.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};

use crate::base;
use crate::content;
use crate::declare::ResourceDef;
use crate::facts::account;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Passwd {
    content: Vec<u8>,
    params: Value,
}

pub(crate) const PASSWD: ResourceDef = ResourceDef {
    name: "passwd",
    class: "Passwd",
    doc: "The lines of /etc/passwd.",
    new: Some((0, 2, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const FIELDS: [&str; 7] = ["user", "password", "uid", "gid", "desc", "home", "shell"];

const METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| Ok(of(vm, this)?.params.clone()), "The lines as Hashes."),
    def("lines", 0, 0, |vm, this, _| Ok(give::texts(text::lines(&of(vm, this)?.content))), "The lines."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("/etc/passwd")), "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("users", "user")
        .column("passwords", "password")
        .column("uids", "uid")
        .column("gids", "gid")
        .column("descs", "desc")
        .column("homes", "home")
        .column("shells", "shell")
        .property("content", "The lines again, as one text.", |vm, table, _| {
            let rows = vm.send(table, "raw_data", &[])?;
            let mut lines = Vec::new();
            for row in vm.to_array(&rows)?.to_vec() {
                let mut fields = Vec::new();
                for field in FIELDS {
                    let value = vm.hash_get(&*vm.to_hash(&row)?, &Value::str(field))?.unwrap_or_default();
                    fields.push(if value.is_nil() { Vec::new() } else { vm.to_s(&value)?.to_vec() });
                }
                lines.push(fields.join(&b':'));
            }
            Ok(Value::bytes(lines.join(&b'\n')))
        })
        .install(vm, class, |vm, this| Ok(of(vm, this)?.params.clone()));
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/passwd".to_vec());
    let content = match give::option(vm, args, 1, "content")? {
        Some(content) => vm.to_s(&content)?.to_vec(),
        None => content::read(vm, &path, true)?,
    };
    let mut rows = Vec::new();
    for user in account::parse_passwd(&content) {
        let field = |at: usize| (FIELDS[at], give::text(user.field(at)));
        rows.push(Value::Hash(give::string_hash(vm, (0..FIELDS.len()).map(field))?));
    }
    base::set_state(vm, this, Passwd { content, params: Value::array(rows) })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Passwd>> {
    base::state::<Passwd>(vm, this)
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const TEXT: &str = "root:x:0:0:root:/root:/bin/bash\n# comment\nbin:*:2:2:bin:/bin:/usr/sbin/nologin\nx:x:9:9:::\n";

    fn audit() -> Audit {
        Audit::debian(MemoryTarget::new().file("/etc/passwd", TEXT))
    }

    #[test]
    fn a_present_file_gives_columns() {
        let audit = audit();
        let passwd = audit.the("passwd");
        assert_eq!(audit.get(&passwd, "users"), r#"["root", "bin", "x"]"#);
        assert_eq!(audit.get(&passwd, "uids"), r#"["0", "2", "9"]"#);
        assert_eq!(audit.get(&passwd, "shells"), r#"["/bin/bash", "/usr/sbin/nologin", nil]"#);
        assert_eq!(audit.get(&passwd, "count"), "3");
        assert_eq!(audit.get(&passwd, "exist?"), "true");
        assert_eq!(audit.get(&passwd, "to_s"), r#""/etc/passwd""#);
        assert_eq!(
            audit.get(&passwd, "content"),
            "\"root:x:0:0:root:/root:/bin/bash\\nbin:*:2:2:bin:/bin:/usr/sbin/nologin\\nx:x:9:9:::\""
        );
    }

    #[test]
    fn filters_by_a_number() {
        let audit = audit();
        let passwd = audit.the("passwd");
        let roots = audit.vm.send(&passwd, "uids", &[Value::Int(0)]).unwrap();
        assert_eq!(audit.get(&roots, "users"), r#"["root"]"#);
        assert_eq!(audit.get(&roots, "to_s"), r#""/etc/passwd with uid == 0""#);
        let row = audit.vm.send(&roots, "entries", &[]).unwrap();
        let Value::Array(rows) = &row else { panic!("entries are an Array") };
        let row = rows.get(0).unwrap();
        assert_eq!(audit.get(&row, "home"), r#""/root""#);
        assert_eq!(audit.get(&row, "to_s"), r#""/etc/passwd with uid == 0 one entry""#);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("passwd")), "skipped: Can't find file: /etc/passwd");
        let denied = Audit::debian(MemoryTarget::new().file("/etc/passwd", TEXT).denied("/etc/passwd"));
        assert_eq!(denied.why(&denied.the("passwd")), "skipped: Can't read file: /etc/passwd");
    }

    #[test]
    fn malformed_lines_are_kept() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/passwd", "\nnonsense\na:b\n"));
        let passwd = audit.the("passwd");
        assert_eq!(audit.get(&passwd, "users"), r#"[nil, "nonsense", "a"]"#);
    }
}
