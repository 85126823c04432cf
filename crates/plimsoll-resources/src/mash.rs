//! `Hashie::Mash`: a Hash with String keys whose values are methods too. Groups of configuration files are such.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RHash, Res, Sym, Value, def};

const METHODS: &[Def] = &[
    def("[]", 1, 1, aref, "The value of a key, given as String or Symbol."),
    def("[]=", 2, 2, aset, "Sets the value of a key."),
    def("key?", 1, 1, |vm, this, args| Ok(get(vm, this, &args[0])?.is_some().into()), "Whether there is a key."),
    def("method_missing", 1, -1, missing, "The value of a key."),
];

/// Defines `Hashie::Mash`.
pub(crate) fn install(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Hashie");
    let class = vm.define_class(&module, "Mash", &vm.c.hash);
    vm.define(&class, METHODS);
    crate::base::add_answer(vm, &class, "respond_to_missing?", responds);
}

/// An empty one.
pub(crate) fn new(vm: &Interp) -> Rc<RHash> {
    RHash::with_class(vm.class_named("Hashie::Mash"))
}

/// Hashes as Mashes, at every depth.
pub(crate) fn deep(vm: &Interp, value: &Value) -> Res {
    Ok(match value {
        Value::Hash(hash) => {
            let mash = new(vm);
            for (name, inner) in hash.entries() {
                vm.hash_set(&mash, key(&name), deep(vm, &inner)?)?;
            }
            Value::Hash(mash)
        }
        Value::Array(list) => Value::array(list.to_vec().iter().map(|inner| deep(vm, inner)).collect::<Res<Vec<_>>>()?),
        other => other.clone(),
    })
}

fn key(value: &Value) -> Value {
    match value {
        Value::Sym(name) => Value::bytes(name.bytes()),
        other => other.clone(),
    }
}

fn get(vm: &Interp, this: &Value, name: &Value) -> Res<Option<Value>> {
    match this {
        Value::Hash(hash) => vm.hash_get(hash, &key(name)),
        _ => Ok(None),
    }
}

fn aref(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    Ok(get(vm, this, &args[0])?.unwrap_or_default())
}

fn aset(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    vm.check_frozen(this)?;
    if let Value::Hash(hash) = this {
        vm.hash_set(hash, key(&args[0]), args[1].clone())?;
    }
    Ok(args[1].clone())
}

/// `mash.key`, `mash.key = value`, `mash.key?`
fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    if let Some(value) = get(vm, this, &Value::Sym(name))? {
        return Ok(value);
    }
    match name.bytes().split_last() {
        Some((b'=', key)) if rest.len() == 1 => aset(vm, this, Args::new(&[Value::bytes(key), rest[0].clone()])),
        Some((b'?', key)) => Ok(get(vm, this, &Value::bytes(key))?.is_some_and(|value| value.truthy()).into()),
        Some((b'=' | b'!', _)) => Err(vm.no_method(this, name, rest, CallStyle::Explicit, None)),
        _ => Ok(Value::Nil),
    }
}

fn responds(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name: Sym = vm.to_name(&args[0])?;
    let name = match name.bytes().split_last() {
        Some((b'=' | b'?' | b'!' | b'_', key)) => Value::bytes(key),
        _ => Value::bytes(name.bytes()),
    };
    Ok(get(vm, this, &name)?.is_some().into())
}
