//! OpenStruct: an object whose attributes are made by assigning to them.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, MethodBody, Visibility, def, private_def};
use crate::core::array;
use crate::core::enumerable::block_or_enumerator;
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RHash, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "OpenStruct", &vm.c.object);
    vm.set_alloc(&class, |vm, class| {
        let object: Value = vm.object(class).into();
        put(&object, RHash::new());
        Ok(object)
    });
    vm.define(&class, METHODS);
    // What an attribute may hide keeps a name that none can have: `class!`.
    for owner in class.ancestors(vm.epoch()).iter() {
        let methods: Vec<_> = owner.methods.borrow().values().cloned().collect();
        for method in methods {
            let name = method.name.bytes();
            let wordy = name.last().is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let alias = Sym::from_bytes(&[name, b"!"].concat());
            if wordy && method.visibility == Visibility::Public && !class.methods.borrow().contains_key(&alias) {
                vm.add_method(&class, alias, Visibility::Public, method.body.clone());
            }
        }
    }
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 0, 1, initialize, "Takes a Hash of attributes"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over the attributes of another"),
    private_def("method_missing", 1, -1, method_missing, "Reads and makes attributes"),
    private_def("respond_to_missing?", 1, 2, responds, "Whether there is such an attribute"),
    def("[]", 1, 1, element, "An attribute by its name"),
    def("[]=", 2, 2, set_element, "Sets an attribute by its name"),
    def("dig", 1, -1, dig, "An attribute, and so on into what it is"),
    def("delete_field", 1, 1, delete_field, "Removes an attribute, and gives its value"),
    def("each_pair", 0, 0, each_pair, "Yields each name with its value"),
    def("to_h", 0, 0, to_h, "A Hash of names and values, or of the pairs that the block gives"),
    def("==", 1, 1, |vm, r, a| same(vm, r, &a[0], known::EQ), "Whether all attributes are equal"),
    def(
        "eql?",
        1,
        1,
        |vm, r, a| same(vm, r, &a[0], known::EQL),
        "Whether all attributes are equal and of the same class",
    ),
    def("hash", 0, 0, |vm, r, _| vm.call(&Value::Hash(table(r)), known::HASH, &[]), "A hash code of the attributes"),
    def("freeze", 0, 0, freeze, "Freezes it"),
    def("table", 0, 0, |_, r, _| Ok(Value::Hash(table(r))), "The Hash of its attributes"),
    def("encode_with", 1, 1, |vm, _, _| Err(vm.unsupported("OpenStruct#encode_with")), "Refused: Psych's own"),
    def("init_with", 1, 1, |vm, _, _| Err(vm.unsupported("OpenStruct#init_with")), "Refused: Psych's own"),
    def("marshal_dump", 0, 0, |_, r, _| Ok(Value::Hash(table(r))), "The Hash of its attributes"),
    def("inspect", 0, 0, inspect, "Its class and attributes"),
    def("to_s", 0, 0, inspect, "Its class and attributes"),
];

const TABLE: &str = "@table";

fn put(receiver: &Value, table: Rc<RHash>) {
    if let Some(head) = receiver.head() {
        head.set_ivar(Sym::new(TABLE), Value::Hash(table));
    }
}

fn table(receiver: &Value) -> Rc<RHash> {
    match receiver.head().and_then(|head| head.ivar(Sym::new(TABLE))) {
        Some(Value::Hash(table)) => table,
        _ => RHash::new(),
    }
}

/// Sets an attribute. One that a method of every object hides gets a reader of its own.
fn set(vm: &Interp, receiver: &Value, name: Sym, value: Value) -> Res<()> {
    let table = table(receiver);
    vm.check_frozen(&Value::Hash(Rc::clone(&table)))?;
    vm.hash_set(&table, Value::Sym(name), value)?;
    let class = vm.class_of(receiver);
    let hidden = vm
        .find_method(&class, name)
        .is_some_and(|method| Rc::ptr_eq(&method.owner, &vm.c.kernel) || Rc::ptr_eq(&method.owner, &vm.c.object));
    if hidden
        && !name.bytes().ends_with(b"!")
        && let Some(singleton) = vm.singleton_class(receiver)
    {
        let read = move |vm: &Interp, own: &Value, _: Args<'_>| {
            Ok(vm.hash_get(&self::table(own), &Value::Sym(name))?.unwrap_or_default())
        };
        vm.add_method(&singleton, name, Visibility::Public, MethodBody::Closure(Rc::new(read), 0, 0));
    }
    Ok(())
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    put(receiver, RHash::new());
    let pairs = match args.get(0) {
        None | Some(Value::Nil) => return Ok(Value::Nil),
        Some(Value::Hash(hash)) => hash.entries(),
        Some(other) => {
            let pairs = vm.send(other, "each_pair", &[])?;
            let mut all = Vec::new();
            for pair in vm.collect(&pairs)? {
                all.push(crate::core::enumerable::hash_of_pair(vm, &pair, None)?);
            }
            all
        }
    };
    for (key, value) in pairs {
        set(vm, receiver, vm.to_name(&key)?, value)?;
    }
    Ok(Value::Nil)
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let copy = RHash::new();
    copy.copy_entries(&table(&args[0]));
    put(receiver, copy);
    vm.check_frozen(receiver)?;
    Ok(receiver.clone())
}

fn method_missing(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = &args.values[1..];
    if let Some(stem) = name.bytes().strip_suffix(b"=") {
        if rest.len() != 1 {
            return Err(vm.arity_error(rest.len(), 1, 1));
        }
        set(vm, receiver, Sym::from_bytes(stem), rest[0].clone())?;
        return Ok(rest[0].clone());
    }
    if let Some(value) = vm.hash_get(&table(receiver), &Value::Sym(name))? {
        return if rest.is_empty() { Ok(value) } else { Err(vm.arity_error(rest.len(), 0, 0)) };
    }
    if rest.is_empty() {
        return Ok(Value::Nil);
    }
    Err(vm.no_method(receiver, name, Args::new(rest), CallStyle::Explicit, None))
}

fn responds(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let bytes = name.bytes();
    let stem = Sym::from_bytes(bytes.strip_suffix(b"=").unwrap_or(bytes));
    Ok(vm.hash_get(&table(receiver), &Value::Sym(stem))?.is_some().into())
}

fn element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(vm.hash_get(&table(receiver), &Value::Sym(vm.to_name(&args[0])?))?.unwrap_or_default())
}

fn set_element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    set(vm, receiver, vm.to_name(&args[0])?, args[1].clone())?;
    Ok(args[1].clone())
}

fn dig(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = element(vm, receiver, Args::new(&args.values[..1]))?;
    array::dig_on(vm, found, &args.values[1..])
}

fn delete_field(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let table = table(receiver);
    vm.check_frozen(&Value::Hash(Rc::clone(&table)))?;
    if let Some(value) = vm.hash_delete(&table, &Value::Sym(name))? {
        return Ok(value);
    }
    match args.block {
        Some(block) => vm.call_block(block, &[]),
        None => {
            let shown = vm.inspect(receiver)?.lossy();
            Err(vm.error("NameError", format!("no field `{name}' in {shown}")))
        }
    }
}

fn pairs_size(_: &Interp, receiver: &Value, _: &[Value]) -> Res {
    Ok(table(receiver).len().into())
}

fn each_pair(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_pair", pairs_size);
    vm.hash_each(&table(receiver), |name, value| {
        vm.call_block(block, &[Value::array(vec![name, value])])?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

fn to_h(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.block.is_some() {
        return vm.call_with(&Value::Hash(table(receiver)), known::TO_H, args, CallStyle::Implicit);
    }
    let copy = RHash::new();
    copy.copy_entries(&table(receiver));
    Ok(Value::Hash(copy))
}

fn same(vm: &Interp, receiver: &Value, other: &Value, how: Sym) -> Res {
    if !vm.is_a(other, &vm.class_named("OpenStruct")) {
        return Ok(false.into());
    }
    vm.call(&Value::Hash(table(receiver)), how, &[Value::Hash(table(other))])
}

fn freeze(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    table(receiver).head.freeze();
    if let Some(head) = receiver.head() {
        head.freeze();
    }
    Ok(receiver.clone())
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    let id = receiver.head().map_or(0, |head| vm.object_id(head)) as usize;
    vm.check_stack()?;
    let text = vm.guard("inspect", id, usize::MAX, || -> Res<Vec<u8>> {
        let mut text = format!("#<{class}").into_bytes();
        for (at, (name, value)) in table(receiver).entries().into_iter().enumerate() {
            text.extend_from_slice(if at == 0 { b" " } else { b", " });
            text.extend_from_slice(&vm.to_s(&name)?.bytes());
            text.push(b'=');
            text.extend_from_slice(&vm.inspect(&value)?.bytes());
            vm.reserve_string(text.len())?;
        }
        text.push(b'>');
        Ok(text)
    });
    Ok(Value::bytes(text.unwrap_or_else(|| Ok(format!("#<{class} ...>").into_bytes()))?))
}
