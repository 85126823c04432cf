//! `@conf` at the top of control files: what InSpec knows of the profile while it is loaded. Some profiles read from it
//! which controls a dependency has.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, RObject, Res, Sym, Value, def};

use super::rule::Rule;
use super::scope::Scope;

/// What `@conf['profile']` is.
struct Known(Rc<Scope>);

const METHODS: &[Def] = &[
    def("name", 0, 0, |vm, this, _| Ok(Value::str(of(vm, this)?.metadata.name())), "The profile's name."),
    def("profile_name", 0, 0, |vm, this, _| Ok(Value::str(of(vm, this)?.metadata.name())), "The profile's name."),
    def("info", 0, 0, info, "The profile and its controls, as a Hash."),
];

pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "Profile", &vm.c.object);
    vm.define(&class, METHODS);
}

/// Gives the top level of a profile's files its `@conf`.
pub(super) fn give(vm: &Interp, context: &RObject, scope: &Rc<Scope>) -> Res<()> {
    let profile = RObject::with_native(vm.class_named("Inspec::Profile"), Known(Rc::clone(scope)));
    let conf = vm.hash_from([(Value::str("profile"), profile.into())])?;
    context.head.set_ivar(Sym::new("@conf"), conf.into());
    Ok(())
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Rc<Scope>> {
    this.native::<Known>().map(|known| &known.0).ok_or_else(|| vm.type_error("not a profile"))
}

fn info(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let scope = of(vm, this)?;
    if let Some(known) = scope.info.get() {
        return Ok(known.clone());
    }
    let controls = scope.all_rules().iter().map(|rule| control(vm, rule)).collect::<Res<Vec<Value>>>()?;
    let meta = &scope.metadata;
    let text = |value: &Option<String>| value.as_ref().map_or(Value::Nil, Value::str);
    let fields = [
        ("name", Value::str(meta.name())),
        ("version", text(&meta.version)),
        ("title", text(&meta.title)),
        ("maintainer", text(&meta.maintainer)),
        ("summary", text(&meta.summary)),
        ("license", text(&meta.license)),
        ("copyright", text(&meta.copyright)),
        ("controls", Value::array(controls)),
    ];
    let info = hash(vm, fields)?;
    Ok(scope.info.get_or_init(|| info).clone())
}

fn hash<const N: usize>(vm: &Interp, fields: [(&str, Value); N]) -> Res {
    Ok(vm.hash_from(fields.map(|(name, value)| (Value::sym(name), value)))?.into())
}

fn control(vm: &Interp, rule: &Rule) -> Res {
    let descriptions = rule.descriptions();
    let default = descriptions.iter().find(|(label, _)| label == "default").map(|(_, text)| text.clone());
    let all = RHash::new();
    for (label, text) in descriptions {
        vm.hash_set(&all, Value::sym(&label), text)?;
    }
    let fields = [
        ("id", rule.raw_id.clone()),
        ("title", rule.title()),
        ("desc", default.unwrap_or_default()),
        ("descriptions", all.into()),
        ("impact", rule.impact()),
        ("refs", Value::array(rule.refs())),
        ("tags", Value::Hash(Rc::clone(rule.tags()))),
    ];
    hash(vm, fields)
}
