//! `php_config`: a setting of PHP.
//!
//! ```ruby
//! describe php_config('expose_php') do
//!   its('value') { should cmp 0 }
//! end
//! describe php_config('memory_limit', ini: '/etc/php/8.2/fpm/php.ini') do
//!   its('value') { should eq '128M' }
//! end
//! ```
//!
//! What `php` on the target says; a whole number is an Integer.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;

struct Setting {
    name: Value,
    ini: Option<Vec<u8>>,
}

pub(crate) const PHP_CONFIG: ResourceDef = ResourceDef {
    name: "php_config",
    class: "PhpConfig",
    doc: "A setting of PHP.",
    new: Some((1, 2, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("value", 0, 0, value, "Its value."),
    def("config_param", 0, 0, |vm, this, _| Ok(of(vm, this)?.name.clone()), "Its name."),
    def("resource_id", 0, 0, |vm, this, _| Ok(of(vm, this)?.name.clone()), "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let ini = give::text_option(vm, args, 1, "ini")?;
    base::set_state(vm, this, Setting { name: args[0].clone(), ini })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Setting>> {
    base::state::<Setting>(vm, this)
}

const PROGRAMS: [&[u8]; 3] = [b"/usr/sbin/php", b"/sbin/php", b"php"];

fn value(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let setting = of(vm, this)?;
    let mut program = None;
    for name in PROGRAMS {
        if program.is_none() && command::exists(vm, name)? {
            program = Some(name);
        }
    }
    let program = program.ok_or_else(|| base::failed(vm, "Could not find `php` on your system."))?;
    let ini = setting.ini.as_ref().map_or_else(Vec::new, |path| [b"-c ".as_slice(), path].concat());
    let name = vm.to_s(&setting.name)?.to_vec();
    let line = [program, b" ", &ini, b" -r 'echo get_cfg_var(\"", &name, b"\");'"].concat();
    let output = command::run(vm, &line)?;
    if output.exit_status != 0 {
        let error = format!("Executing {} failed: {}", text::lossy(&line), text::lossy(&output.stderr));
        return Err(base::failed(vm, &error));
    }
    Ok(give::integer_or_text(Some(text::strip(&output.stdout))))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes([b"php_config ".as_slice(), &vm.to_s(&of(vm, this)?.name)?.bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_php_is_asked() {
        let target = MemoryTarget::new()
            .command("sh -c 'type \"php\"'", "", "", 0)
            .command("php  -r 'echo get_cfg_var(\"expose_php\");'", "0\n", "", 0)
            .command("php -c /x.ini -r 'echo get_cfg_var(\"memory_limit\");'", "128M", "", 0);
        let audit = Audit::debian(target);
        let expose = audit.on("php_config", "expose_php");
        assert_eq!(
            (audit.get(&expose, "value"), audit.get(&expose, "to_s")),
            ("0".into(), r#""php_config expose_php""#.into())
        );
        let ini = audit.vm.hash_from([(Value::sym("ini"), Value::str("/x.ini"))]).unwrap();
        let limit = audit.make("php_config", &[Value::str("memory_limit"), ini.into()]).unwrap();
        assert_eq!(audit.get(&limit, "value"), r#""128M""#);
    }

    #[test]
    fn an_unreadable_setting_fails_and_a_malformed_one_is_text() {
        let line = |name: &str| format!("php  -r 'echo get_cfg_var(\"{name}\");'");
        let target = MemoryTarget::new()
            .command("sh -c 'type \"php\"'", "", "", 0)
            .command(line("no"), "", "Permission denied", 1)
            .command(line("odd"), "PHP Warning: x\n12 M\n", "", 0)
            .command(line("none"), "", "", 0);
        let audit = Audit::debian(target);
        let value = |name: &str| audit.get(&audit.on("php_config", name), "value");
        let failed = format!("!Inspec::Exceptions::ResourceFailed: Executing {} failed: Permission denied", line("no"));
        assert_eq!(value("no"), failed);
        assert_eq!((value("odd"), value("none")), (r#""PHP Warning: x\n12 M""#.into(), r#""""#.into()));
    }

    #[test]
    fn an_absent_php_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        let told = audit.get(&audit.on("php_config", "x"), "value");
        assert_eq!(told, "!Inspec::Exceptions::ResourceFailed: Could not find `php` on your system.");
    }
}
