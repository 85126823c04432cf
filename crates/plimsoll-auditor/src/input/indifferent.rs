//! `Thor::CoreExt::HashWithIndifferentAccess`: what every input that is a Hash becomes. Its own keys are Strings, asked for
//! as String, as Symbol or by a method of their name.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};

const METHODS: &[Def] = &[
    def("[]", 1, 1, |vm, this, args| Ok(get(vm, this, &args[0])?.unwrap_or_default()), "The value of a key."),
    def("[]=", 2, 2, set, "Sets the value of a key."),
    def("key?", 1, 1, |vm, this, args| Ok(get(vm, this, &args[0])?.is_some().into()), "Whether there is a key."),
    def("fetch", 1, 2, fetch, "The value of a key, or else a default."),
    def("values_at", 0, -1, values_at, "The values of several keys."),
    def("method_missing", 1, -1, missing, "The value of a key; `key?` asks whether it is truthy, or equal to a value."),
];

const CLASS: &str = "Thor::CoreExt::HashWithIndifferentAccess";

/// Defines the class.
pub(super) fn install(vm: &Interp) {
    let thor = vm.define_class(&vm.c.object, "Thor", &vm.c.object);
    let extensions = vm.define_module(&thor, "CoreExt");
    let class = vm.define_class(&extensions, "HashWithIndifferentAccess", &vm.c.hash);
    vm.define(&class, METHODS);
}

/// A value as an input holds it: a Hash with indifferent access to its own keys, all else as it is.
pub(super) fn wrap(vm: &Interp, value: Value) -> Res {
    let Value::Hash(hash) = &value else { return Ok(value) };
    let wrapped = RHash::with_class(vm.class_named(CLASS));
    for (name, element) in hash.entries() {
        vm.hash_set(&wrapped, key(&name), element)?;
    }
    Ok(Value::Hash(wrapped))
}

fn key(name: &Value) -> Value {
    match name {
        Value::Sym(name) => Value::bytes(name.bytes()),
        other => other.clone(),
    }
}

fn hash<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Rc<RHash>> {
    match this {
        Value::Hash(hash) => Ok(hash),
        _ => Err(vm.type_error("not a Hash")),
    }
}

fn get(vm: &Interp, this: &Value, name: &Value) -> Res<Option<Value>> {
    vm.hash_get(hash(vm, this)?, &key(name))
}

fn set(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    vm.check_frozen(this)?;
    vm.hash_set(hash(vm, this)?, key(&args[0]), args[1].clone())?;
    Ok(args[1].clone())
}

fn fetch(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    if let Some(value) = get(vm, this, &args[0])? {
        return Ok(value);
    }
    match (args.block, args.get(1)) {
        (Some(block), _) => vm.call_block(block, &[key(&args[0])]),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => {
            let shown = vm.inspect(&key(&args[0]))?.lossy();
            Err(vm.error("KeyError", format!("key not found: {shown}")))
        }
    }
}

fn values_at(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let values: Res<Vec<Value>> = args.values.iter().map(|name| Ok(get(vm, this, name)?.unwrap_or_default())).collect();
    Ok(Value::array(values?))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let Some(asked) = name.bytes().strip_suffix(b"?") else {
        return Ok(get(vm, this, &Value::Sym(name))?.unwrap_or_default());
    };
    let value = get(vm, this, &Value::bytes(asked))?.unwrap_or_default();
    match args.get(1) {
        Some(expected) => Ok(vm.equal(&value, expected)?.into()),
        None => Ok(value.truthy().into()),
    }
}
