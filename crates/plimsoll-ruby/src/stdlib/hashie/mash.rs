//! Hashie::Mash.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::{array, hash};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{HashDefault, RArray, RHash, RProc, Value};

/// Methods of Hashie::Hash.
pub(super) const HASH: &[Def] = &[
    def("to_hash", 0, 1, to_hash, "A plain Hash, all that is in it too"),
    def("to_json", 0, -1, to_json, "It as JSON text"),
];

/// Methods of Hashie::Mash.
pub(super) const METHODS: &[Def] = &[
    private_def("initialize", 0, 2, initialize, "Takes a Hash, and a default or a block"),
    private_def("method_missing", 1, -1, method_missing, "Reads and writes keys"),
    private_def("respond_to_missing?", 1, 2, responds, "Whether there is such a key"),
    def("[]", 1, 1, |vm, r, a| read(vm, r, &a[0]), "The value of a key"),
    def("custom_reader", 1, 1, |vm, r, a| read(vm, r, &a[0]), "The value of a key"),
    def("[]=", 2, 2, |vm, r, a| write(vm, r, &a[0], &a[1]), "Sets the value of a key"),
    def("store", 2, 2, |vm, r, a| write(vm, r, &a[0], &a[1]), "Sets the value of a key"),
    def("custom_writer", 2, 3, |vm, r, a| write(vm, r, &a[0], &a[1]), "Sets the value of a key"),
    def("assign_property", 2, 2, |vm, r, a| write(vm, r, &a[0], &a[1]), "Sets the value of a key"),
    def(
        "initializing_reader",
        1,
        1,
        |vm, r, a| opened(vm, r, &a[0], true),
        "The value of a key, made if there is none",
    ),
    def("underbang_reader", 1, 1, |vm, r, a| opened(vm, r, &a[0], false), "The value of a key, or an empty Mash"),
    def("fetch", 1, 2, |vm, r, a| with_key(vm, r, a, "fetch"), "The value of a key, or an error"),
    def("delete", 1, 1, |vm, r, a| with_key(vm, r, a, "delete"), "Removes a key"),
    def("key?", 1, 1, has_key, "Whether there is such a key"),
    def("has_key?", 1, 1, has_key, "Whether there is such a key"),
    def("include?", 1, 1, has_key, "Whether there is such a key"),
    def("member?", 1, 1, has_key, "Whether there is such a key"),
    def("values_at", 0, -1, |vm, r, a| with_keys(vm, r, a, "values_at"), "The values of several keys"),
    def("slice", 0, -1, |vm, r, a| mashed(vm, r, with_keys(vm, r, a, "slice")?), "The entries of these keys"),
    def("except", 0, -1, |vm, r, a| mashed(vm, r, with_keys(vm, r, a, "except")?), "The entries of all other keys"),
    def("dig", 1, -1, dig, "The value of a key, and so on into what it is"),
    def("merge", 0, -1, deep_merge, "With the entries of others, merged into what is there"),
    def("deep_merge", 0, -1, deep_merge, "With the entries of others, merged into what is there"),
    def("update", 0, -1, deep_update, "Merges the entries of others into what is there"),
    def("merge!", 0, -1, deep_update, "Merges the entries of others into what is there"),
    def("deep_update", 0, -1, deep_update, "Merges the entries of others into what is there"),
    def("deep_merge!", 0, -1, deep_update, "Merges the entries of others into what is there"),
    def("shallow_update", 1, 1, shallow_update, "Takes over the entries of another"),
    def(
        "shallow_merge",
        1,
        1,
        |vm, r, a| shallow_update(vm, &vm.call(r, known::DUP, &[])?, a),
        "With the entries of another",
    ),
    def("reverse_merge", 1, 1, reverse_merge, "With those entries of another that are missing"),
    def("replace", 1, 1, replace, "Replaces all entries"),
    def("select", 0, 0, |vm, r, a| result(vm, r, a, "select"), "The entries that the block accepts"),
    def("filter", 0, 0, |vm, r, a| result(vm, r, a, "select"), "The entries that the block accepts"),
    def("reject", 0, 0, |vm, r, a| result(vm, r, a, "reject"), "The entries that the block refuses"),
    def("compact", 0, 0, |vm, r, a| result(vm, r, a, "compact"), "The entries whose value is not nil"),
    def("invert", 0, 0, |vm, r, a| result(vm, r, a, "invert"), "Values as keys"),
    def("transform_values", 0, 0, |vm, r, a| result(vm, r, a, "transform_values"), "Other values below the same keys"),
    def("transform_keys", 0, 1, |vm, r, a| result(vm, r, a, "transform_keys"), "The same values below other keys"),
    def("inspect", 0, 0, inspect, "Its class and entries"),
    def("to_s", 0, 0, inspect, "Its class and entries"),
];

fn this(receiver: &Value) -> &Rc<RHash> {
    match receiver {
        Value::Hash(hash) => hash,
        _ => unreachable!("a method of Mash runs on Hashes alone"),
    }
}

/// A key as a Mash keeps it: names as Strings.
fn converted_key(key: &Value) -> Value {
    match key {
        Value::Sym(name) => Value::str(name.text()),
        other => other.clone(),
    }
}

/// A value as a Mash keeps it: Hashes as Mashes, in Arrays too.
fn converted(vm: &Interp, class: &Rc<RClass>, value: &Value) -> Res {
    vm.check_stack()?;
    match value {
        Value::Hash(hash) => {
            if vm.is_a(value, &vm.class_named("Hashie::Mash")) {
                return vm.call(value, known::DUP, &[]);
            }
            let mash = RHash::with_class(Rc::clone(class));
            for (key, value) in hash.entries() {
                vm.hash_set(&mash, converted_key(&key), converted(vm, class, &value)?)?;
            }
            Ok(Value::Hash(mash))
        }
        Value::Array(array) => {
            let elements = array.to_vec().iter().map(|value| converted(vm, class, value)).collect::<Res<Vec<_>>>()?;
            Ok(Value::Array(RArray::with_class(vm.class_named("Hashie::Array"), elements)))
        }
        other => Ok(other.clone()),
    }
}

fn class_of(vm: &Interp, receiver: &Value) -> Rc<RClass> {
    vm.real_class_of(receiver)
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if let Some(source) = args.get(0).filter(|source| !source.is_nil()) {
        let Some(hash) = vm.try_hash(source)? else {
            return Err(vm.no_method(source, Sym::new("each_pair"), Args::default(), CallStyle::Explicit, None));
        };
        update_from(vm, receiver, &hash, None)?;
    }
    let default = match (args.get(1), args.block) {
        (Some(value), _) if !value.is_nil() => HashDefault::Value(value.clone()),
        (_, Some(block)) => HashDefault::Proc(Rc::clone(block)),
        _ => HashDefault::None,
    };
    *this(receiver).default.borrow_mut() = default;
    Ok(Value::Nil)
}

fn read(vm: &Interp, receiver: &Value, key: &Value) -> Res {
    let key = converted_key(key);
    match vm.hash_get(this(receiver), &key)? {
        Some(value) => Ok(value),
        None => {
            let default = this(receiver).default.borrow().clone();
            match default {
                HashDefault::None => Ok(Value::Nil),
                HashDefault::Value(value) => Ok(value),
                HashDefault::Proc(block) => vm.call_block(&block, &[receiver.clone(), key]),
            }
        }
    }
}

fn write(vm: &Interp, receiver: &Value, key: &Value, value: &Value) -> Res {
    vm.check_frozen(receiver)?;
    let value_kept = converted(vm, &class_of(vm, receiver), value)?;
    vm.hash_set(this(receiver), converted_key(key), value_kept)?;
    Ok(value.clone())
}

/// The value of a key; an empty Mash where there is none, kept there if asked for.
fn opened(vm: &Interp, receiver: &Value, key: &Value, keep: bool) -> Res {
    let key = converted_key(key);
    if let Some(value) = vm.hash_get(this(receiver), &key)? {
        return Ok(value);
    }
    let empty = Value::Hash(RHash::with_class(class_of(vm, receiver)));
    if keep {
        vm.check_frozen(receiver)?;
        vm.hash_set(this(receiver), key, empty.clone())?;
    }
    Ok(empty)
}

fn method_missing(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    if vm.hash_get(this(receiver), &Value::str(name.text()))?.is_some() {
        return read(vm, receiver, &Value::Sym(name));
    }
    let text = name.text();
    let stem = |suffix: char| text.strip_suffix(suffix).map(Value::str);
    if let Some(key) = stem('=') {
        return write(vm, receiver, &key, &args.or_nil(1));
    }
    if let Some(key) = stem('?') {
        return Ok(read(vm, receiver, &key)?.truthy().into());
    }
    if let Some(key) = stem('!') {
        return opened(vm, receiver, &key, true);
    }
    if let Some(key) = stem('_') {
        return opened(vm, receiver, &key, false);
    }
    read(vm, receiver, &Value::Sym(name))
}

fn responds(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let text = name.text();
    if vm.hash_get(this(receiver), &Value::str(&text))?.is_some() {
        return Ok(true.into());
    }
    Ok((text.len() > 1 && text.ends_with(['=', '?', '!', '_'])).into())
}

/// Hash's own method of this name.
fn plain(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    let name = Sym::new(name);
    let Some(method) = vm.find_method(&vm.c.hash, name) else {
        unreachable!("Hash defines the methods that are called here")
    };
    vm.invoke(&method, name, receiver, args)
}

fn with_key(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    let mut values = args.values.to_vec();
    values[0] = converted_key(&values[0]);
    plain(vm, receiver, Args { values: &values, ..args }, name)
}

fn with_keys(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    let values: Vec<Value> = args.values.iter().map(converted_key).collect();
    plain(vm, receiver, Args { values: &values, ..args }, name)
}

fn has_key(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(vm.hash_get(this(receiver), &converted_key(&args[0]))?.is_some().into())
}

fn dig(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = read(vm, receiver, &args[0])?;
    array::dig_on(vm, found, &args.values[1..])
}

/// A Hash as a Mash of the same class as the receiver.
fn mashed(vm: &Interp, receiver: &Value, value: Value) -> Res {
    match &value {
        Value::Hash(_) => {
            let class = class_of(vm, receiver);
            let plain = Value::Hash(hash::copied(this(&value)));
            converted(vm, &class, &plain)
        }
        _ => Ok(value),
    }
}

fn result(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    mashed(vm, receiver, plain(vm, receiver, args, name)?)
}

fn update_from(vm: &Interp, receiver: &Value, other: &Rc<RHash>, block: Option<&Rc<RProc>>) -> Res<()> {
    vm.check_frozen(receiver)?;
    let own = this(receiver);
    let class = class_of(vm, receiver);
    for (key, value) in other.entries() {
        let key = converted_key(&key);
        let present = vm.hash_get(own, &key)?;
        if let (Value::Hash(deeper), Some(at @ Value::Hash(_))) = (&value, &present) {
            update_from(vm, at, deeper, block)?;
            continue;
        }
        let mut value = converted(vm, &class, &value)?;
        if let (Some(block), Some(present)) = (block, present) {
            value = converted(vm, &class, &vm.call_block(block, &[key.clone(), present, value])?)?;
        }
        vm.hash_set(own, key, value)?;
    }
    Ok(())
}

fn deep_update(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    for other in args.values {
        let other = vm.to_hash(other)?;
        update_from(vm, receiver, &other, args.block)?;
    }
    Ok(receiver.clone())
}

fn deep_merge(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    // A copy of what is below too, which is merged into.
    let copy = mashed(vm, receiver, receiver.clone())?;
    deep_update(vm, &copy, args)
}

fn shallow_update(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    for (key, value) in vm.to_hash(&args[0])?.entries() {
        write(vm, receiver, &key, &value)?;
    }
    Ok(receiver.clone())
}

fn reverse_merge(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = mashed(vm, receiver, Value::Hash(vm.to_hash(&args[0])?))?;
    deep_update(vm, &other, Args::new(std::slice::from_ref(receiver)))
}

fn replace(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = vm.to_hash(&args[0])?.entries();
    vm.check_frozen(receiver)?;
    this(receiver).clear();
    for (key, value) in other {
        write(vm, receiver, &key, &value)?;
    }
    Ok(receiver.clone())
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    vm.check_stack()?;
    let class = class_of(vm, receiver).name();
    let hash = this(receiver);
    let text = vm.guard("inspect", Rc::as_ptr(hash) as usize, 0, || -> Res<Vec<u8>> {
        let mut entries = Vec::new();
        for (key, value) in hash.entries() {
            entries.push((vm.to_s(&key)?.to_vec(), value));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut text = format!("#<{class}").into_bytes();
        for (key, value) in entries {
            text.push(b' ');
            text.extend_from_slice(&key);
            text.push(b'=');
            text.extend_from_slice(&vm.inspect(&value)?.bytes());
        }
        text.push(b'>');
        Ok(text)
    });
    Ok(Value::bytes(text.unwrap_or_else(|| Ok(format!("#<{class} ...>").into_bytes()))?))
}

/// A value without Mashes.
fn flattened(vm: &Interp, value: &Value, symbols: bool, strings: bool) -> Res {
    vm.check_stack()?;
    match value {
        Value::Hash(hash) => {
            let plain = RHash::new();
            for (key, value) in hash.entries() {
                let key = match &key {
                    Value::Str(name) if symbols => Value::Sym(vm.intern(&name.bytes())?),
                    Value::Sym(name) if strings => Value::str(name.text()),
                    _ => key,
                };
                vm.hash_set(&plain, key, flattened(vm, &value, symbols, strings)?)?;
            }
            Ok(Value::Hash(plain))
        }
        Value::Array(array) => {
            let all = array.to_vec();
            Ok(Value::array(all.iter().map(|value| flattened(vm, value, symbols, strings)).collect::<Res<_>>()?))
        }
        other => Ok(other.clone()),
    }
}

fn to_hash(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let flag = |name: &str| -> Res<bool> {
        match args.get(0) {
            Some(Value::Hash(options)) => Ok(vm.hash_sym(options, name)?.is_some_and(|value| value.truthy())),
            _ => Ok(false),
        }
    };
    flattened(vm, receiver, flag("symbolize_keys")?, flag("stringify_keys")?)
}

fn to_json(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let plain = flattened(vm, receiver, false, false)?;
    vm.send(&plain, "to_json", args.values)
}
