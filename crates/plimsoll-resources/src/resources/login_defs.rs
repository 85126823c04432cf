//! `login_defs`: `/etc/login.defs`, the defaults of accounts and passwords.
//!
//! ```ruby
//! describe login_defs do
//!   its('UMASK') { should cmp '027' }
//!   its('PASS_MAX_DAYS') { should cmp <= 90 }
//! end
//! ```
//!
//! Every setting is a property; one that is not set is nil. Of several lines of one setting the last one counts.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};

use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::ResourceDef;
use crate::give;

struct LoginDefs {
    path: Vec<u8>,
    params: Option<Rc<RHash>>,
}

pub(crate) const LOGIN_DEFS: ResourceDef = ResourceDef {
    name: "login_defs",
    class: "LoginDefs",
    doc: "The defaults of accounts and passwords.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, setting, "A setting."),
    def("read_params", 0, 0, |vm, this, _| Ok(Value::Hash(params(vm, this)?)), "All settings as a Hash."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(path(vm, this)?)), "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("login.defs")), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/login.defs".to_vec());
    let content = content::read(vm, &path, false);
    let params = match &content {
        Ok(content) => Some(config_text::parse(vm, content, &Options::new(&config_text::two_words))?),
        Err(_) => None,
    };
    base::set_state(vm, this, LoginDefs { path, params })?;
    content.map(|_| Value::Nil)
}

fn path(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(base::state::<LoginDefs>(vm, this)?.path.clone())
}

fn params(vm: &Interp, this: &Value) -> Res<Rc<RHash>> {
    Ok(base::state::<LoginDefs>(vm, this)?.params.clone().unwrap_or_else(RHash::new))
}

fn setting(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = Value::Str(vm.to_s(&args[0])?);
    vm.hash_fetch(&params(vm, this)?, &name)
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_settings_and_malformed_lines_give_none() {
        let text = "# c\nUMASK 022\nUMASK\t\t027 # late\nMOTD_FILE\nENV_PATH PATH=/bin x\nPASS_MAX_DAYS 90\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/login.defs", text));
        let defs = audit.the("login_defs");
        assert_eq!(audit.get(&defs, "UMASK"), r#""027""#);
        assert_eq!(audit.get(&defs, "PASS_MAX_DAYS"), r#""90""#);
        assert_eq!(audit.get(&defs, "NOTHING"), "nil");
        assert_eq!(audit.get(&defs, "MOTD_FILE"), r#""""#);
        assert_eq!(audit.get(&defs, "to_s"), r#""login.defs""#);
        assert_eq!(audit.get(&defs, "resource_id"), r#""/etc/login.defs""#);
    }

    #[test]
    fn an_absent_empty_or_unreadable_file_skips() {
        let why = |target: MemoryTarget| {
            let audit = Audit::debian(target);
            audit.why(&audit.the("login_defs"))
        };
        assert_eq!(why(MemoryTarget::new()), "skipped: Can't find file: /etc/login.defs");
        assert_eq!(why(MemoryTarget::new().file("/etc/login.defs", "")), "skipped: File is empty: /etc/login.defs");
        let denied = MemoryTarget::new().file("/etc/login.defs", "x").denied("/etc/login.defs");
        assert_eq!(why(denied), "skipped: Can't read file: /etc/login.defs");
    }
}
