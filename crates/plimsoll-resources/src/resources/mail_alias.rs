//! `mail_alias`: whom mail to a name of `/etc/aliases` goes to.
//!
//! ```ruby
//! describe mail_alias('root') do
//!   it { should be_aliased_to 'admin@example.com' }
//! end
//! ```

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::FileError;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;

struct Alias(Vec<u8>);

pub(crate) const MAIL_ALIAS: ResourceDef = ResourceDef {
    name: "mail_alias",
    class: "Mailalias",
    doc: "A name of /etc/aliases.",
    new: Some((1, 1, |vm, this, args| {
        base::set_state(vm, this, Alias(give::text_arg(vm, args, 0)?.unwrap_or_default()))
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("aliased_to?", 1, 1, is_aliased_to, "Whether mail goes to this name."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(name(vm, this)?)), "Its name."),
    def(
        "to_s",
        0,
        0,
        |vm, this, _| Ok(Value::bytes([b"mail_alias ".as_slice(), &name(vm, this)?].concat())),
        "Its title.",
    ),
];

const PATH: &[u8] = b"/etc/aliases";

fn name(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(base::state::<Alias>(vm, this)?.0.clone())
}

fn is_aliased_to(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = name(vm, this)?;
    let content = match Backend::of(vm).read(PATH)? {
        Ok(content) => content,
        Err(FileError::NotFound | FileError::NotADirectory) => Vec::new(),
        Err(error) => return Err(base::failed(vm, &format!("Can't read file: /etc/aliases: {error}"))),
    };
    let prefix = [&name[..], b":"].concat();
    let Some(targets) = text::lines(&content).into_iter().find_map(|line| line.strip_prefix(&prefix[..])) else {
        return Err(base::failed(vm, &format!("{} is not a valid key in the aliases", text::lossy(&name))));
    };
    let targets = targets.split(|b| *b == b':').next().unwrap_or_default();
    let wanted = vm.to_s(&args[0])?.to_vec();
    Ok(targets.split(|b| *b == b',').any(|target| text::strip(target) == wanted).into())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_name_tells_whom_mail_goes_to_and_an_absent_one_fails() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/aliases", "# c\nroot: alice, bob@x\n"));
        let root = audit.on("mail_alias", "root");
        let is = |to: &str| audit.ask(&root, "aliased_to?", &[Value::str(to)]);
        assert_eq!((is("alice"), is("bob@x"), is("bob")), ("true".into(), "true".into(), "false".into()));
        let none = audit.ask(&audit.on("mail_alias", "joe"), "aliased_to?", &[Value::str("x")]);
        assert_eq!(none, "!Inspec::Exceptions::ResourceFailed: joe is not a valid key in the aliases");
    }

    #[test]
    fn an_unreadable_file_fails_and_so_does_a_name_of_an_absent_one() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/aliases", "x").denied("/etc/aliases"));
        let told = audit.ask(&audit.on("mail_alias", "x"), "aliased_to?", &[Value::str("y")]);
        assert!(told.contains("Can't read file: /etc/aliases: permission denied"), "{told}");
        let none = Audit::debian(MemoryTarget::new());
        let told = none.ask(&none.on("mail_alias", "x"), "aliased_to?", &[Value::str("y")]);
        assert_eq!(told, "!Inspec::Exceptions::ResourceFailed: x is not a valid key in the aliases");
    }

    #[test]
    fn a_malformed_line_names_nobody() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/aliases", "root alice\nops:\n"));
        let ask = |name: &str| audit.ask(&audit.on("mail_alias", name), "aliased_to?", &[Value::str("alice")]);
        assert!(ask("root").contains("root is not a valid key in the aliases"));
        assert_eq!(ask("ops"), "false");
    }
}
