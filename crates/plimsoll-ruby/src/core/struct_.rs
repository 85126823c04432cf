//! Struct: classes made of a list of members.
//!
//! An instance is an ordinary object whose members are instance variables without `@`, which Ruby code can't name: the
//! accessors are plain readers and writers then, and copies and the end of the interpreter need nothing special.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, MethodBody, RClass, Visibility, def, private_def};
use crate::core::array;
use crate::core::enumerable::{block_or_enumerator, hash_of_pair};
use crate::core::symbol::is_identifier;
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RHash, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Struct", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
}

const SINGLETON: &[Def] = &[def("new", 0, -1, new_class, "A class with these members")];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 0, -1, initialize, "Takes the members' values"),
    def("to_a", 0, 0, |vm, r, _| Ok(Value::array(values(vm, r)?)), "The members' values"),
    def("deconstruct", 0, 0, |vm, r, _| Ok(Value::array(values(vm, r)?)), "The members' values"),
    def("values", 0, 0, |vm, r, _| Ok(Value::array(values(vm, r)?)), "The members' values"),
    def("members", 0, 0, |vm, r, _| Ok(names(&members_of(vm, r)?)), "The members' names"),
    def("length", 0, 0, |vm, r, _| Ok(members_of(vm, r)?.len().into()), "Number of members"),
    def("size", 0, 0, |vm, r, _| Ok(members_of(vm, r)?.len().into()), "Number of members"),
    def("[]", 1, 1, element, "The value of a member, by name or number"),
    def("[]=", 2, 2, set_element, "Sets the value of a member, by name or number"),
    def("dig", 1, -1, dig, "The value of a member, and so on into what it is"),
    def("each", 0, 0, each, "Yields each value"),
    def("each_pair", 0, 0, each_pair, "Yields each name with its value"),
    def("select", 0, 0, select, "The values that the block accepts"),
    def("filter", 0, 0, select, "The values that the block accepts"),
    def("values_at", 0, -1, values_at, "The values at several places"),
    def("to_h", 0, 0, to_h, "A Hash of names and values, or of the pairs that the block gives"),
    def("deconstruct_keys", 1, 1, deconstruct_keys, "A Hash of names and values, for pattern matching"),
    def("==", 1, 1, |vm, r, a| alike(vm, r, &a[0], "==", Interp::equal), "Whether class and values are equal"),
    def(
        "eql?",
        1,
        1,
        |vm, r, a| alike(vm, r, &a[0], "eql?", Interp::eql),
        "Whether class and values are identical in kind",
    ),
    def("hash", 0, 0, hash, "A hash code of the values"),
    def("inspect", 0, 0, inspect, "Its class, names and values"),
    def("to_s", 0, 0, inspect, "Its class, names and values"),
];

/// Methods of the classes that `Struct.new` makes.
const CLASS_METHODS: &[Def] = &[
    def("new", 0, -1, new, "A new instance"),
    def("[]", 0, -1, new, "A new instance"),
    def("members", 0, 0, |vm, class, _| Ok(names(&members(&vm.to_class(class)?))), "The members' names"),
    def(
        "keyword_init?",
        0,
        0,
        |vm, class, _| Ok(keyword_init(&vm.to_class(class)?)),
        "Whether members are given as keywords",
    ),
    def("inspect", 0, 0, class_inspect, "Its name"),
];

const MEMBERS: &str = "members";
const KEYWORD_INIT: &str = "keyword_init";

fn new_class(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    let keyword_init = args.keyword("keyword_init").unwrap_or_default();
    if let Some(keywords) = args.split_keywords().1 {
        let unknown: Vec<_> =
            keywords.keys().into_iter().filter(|key| !key.same(&Value::sym("keyword_init"))).collect();
        if !unknown.is_empty() {
            return Err(unknown_keywords(vm, &unknown)?);
        }
    }
    let Some(first) = positional.first() else { return Err(vm.arity_error(0, 1, -1)) };
    let (constant, positional) = match first {
        Value::Str(name) => (Some(name.lossy()), &positional[1..]),
        Value::Nil => (None, &positional[1..]),
        _ => (None, positional),
    };
    let mut list: Vec<Sym> = Vec::with_capacity(positional.len());
    for name in positional {
        let name = match name {
            Value::Sym(name) => *name,
            other => vm.intern(&vm.to_str(other)?.to_vec())?,
        };
        if list.contains(&name) {
            return Err(vm.argument_error(format!("duplicate member: {name}")));
        }
        list.push(name);
    }
    let superclass = vm.to_class(own)?;
    let class = match constant {
        Some(name) => {
            if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
                return Err(vm.error("NameError", format!("identifier {name} needs to be constant")));
            }
            vm.define_class(&superclass, &name, &superclass)
        }
        None => vm.new_class(&superclass, None),
    };
    define_members(vm, &class, &list, keyword_init);
    vm.hook(own, known::INHERITED, Value::Class(Rc::clone(&class)))?;
    if let Some(block) = args.block {
        let own = Value::Class(Rc::clone(&class));
        vm.call_block_with_self(block, &own, Some(&class), Args::new(std::slice::from_ref(&own)))?;
    }
    Ok(Value::Class(class))
}

fn define_members(vm: &Interp, class: &Rc<RClass>, list: &[Sym], keyword_init: Value) {
    class.head.set_ivar(Sym::new(MEMBERS), names(list));
    class.head.set_ivar(
        Sym::new(KEYWORD_INIT),
        if keyword_init.is_nil() { Value::Nil } else { keyword_init.truthy().into() },
    );
    vm.set_alloc(class, |vm, class| Ok(vm.object(class).into()));
    vm.define_singleton(class, CLASS_METHODS);
    for &name in list {
        vm.add_method(class, name, Visibility::Public, MethodBody::Reader(name));
        vm.add_method(class, name.setter(), Visibility::Public, MethodBody::Writer(name));
    }
}

/// A class with these members, for native code that gives out records.
///
/// `name`: what `inspect` shows of it.
pub fn struct_class(vm: &Interp, name: Option<&str>, list: &[Sym]) -> Rc<RClass> {
    let class = vm.new_class(&vm.class_named("Struct"), name);
    define_members(vm, &class, list, Value::Nil);
    class
}

fn names(list: &[Sym]) -> Value {
    Value::array(list.iter().map(|name| Value::Sym(*name)).collect())
}

/// What a struct class, or the nearest one above it, keeps under a name.
fn kept(class: &Rc<RClass>, name: &str) -> Value {
    let name = Sym::new(name);
    let mut at = Some(Rc::clone(class));
    while let Some(class) = at {
        if let Some(value) = class.head.ivar(name) {
            return value;
        }
        at = class.superclass();
    }
    Value::Nil
}

fn members(class: &Rc<RClass>) -> Vec<Sym> {
    match kept(class, MEMBERS) {
        Value::Array(names) => names
            .borrow()
            .iter()
            .filter_map(|name| if let Value::Sym(name) = name { Some(*name) } else { None })
            .collect(),
        _ => Vec::new(),
    }
}

fn members_of(vm: &Interp, receiver: &Value) -> Res<Vec<Sym>> {
    Ok(members(&vm.real_class_of(receiver)))
}

fn keyword_init(class: &Rc<RClass>) -> Value {
    kept(class, KEYWORD_INIT)
}

fn get(receiver: &Value, member: Sym) -> Value {
    receiver.head().and_then(|head| head.ivar(member)).unwrap_or_default()
}

fn put(receiver: &Value, member: Sym, value: Value) {
    if let Some(head) = receiver.head() {
        head.set_ivar(member, value);
    }
}

fn values(vm: &Interp, receiver: &Value) -> Res<Vec<Value>> {
    Ok(members_of(vm, receiver)?.into_iter().map(|member| get(receiver, member)).collect())
}

fn new(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let object: Value = vm.object(&vm.to_class(class)?).into();
    vm.call_with(&object, known::INITIALIZE, args, CallStyle::Implicit)?;
    Ok(object)
}

fn class_inspect(vm: &Interp, class: &Value, _: Args<'_>) -> Res {
    let class = vm.to_class(class)?;
    let note = if keyword_init(&class).truthy() { "(keyword_init: true)" } else { "" };
    Ok(Value::str(format!("{}{note}", class.name())))
}

fn unknown_keywords(vm: &Interp, keys: &[Value]) -> Res<Unwind> {
    let mut names = Vec::new();
    for key in keys {
        names.push(vm.to_s(key)?.lossy());
    }
    Ok(vm.argument_error(format!("unknown keywords: {}", names.join(", "))))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.check_frozen(receiver)?;
    let members = members_of(vm, receiver)?;
    if keyword_init(&vm.real_class_of(receiver)).truthy() {
        let given = match args.values {
            [] => return initialize_with(receiver, &members, &[]),
            [only] => vm.try_hash(only)?,
            _ => None,
        };
        let Some(given) = given else { return Err(vm.arity_error(args.len(), 0, 0)) };
        let mut unknown = Vec::new();
        let mut values = vec![Value::Nil; members.len()];
        for (key, value) in given.entries() {
            match members.iter().position(|member| key.same(&Value::Sym(*member))) {
                Some(at) => values[at] = value,
                None => unknown.push(key),
            }
        }
        if !unknown.is_empty() {
            return Err(unknown_keywords(vm, &unknown)?);
        }
        return initialize_with(receiver, &members, &values);
    }
    if args.len() > members.len() {
        return Err(vm.argument_error("struct size differs"));
    }
    initialize_with(receiver, &members, args.values)
}

fn initialize_with(receiver: &Value, members: &[Sym], values: &[Value]) -> Res {
    for (at, member) in members.iter().enumerate() {
        put(receiver, *member, values.get(at).cloned().unwrap_or_default());
    }
    Ok(Value::Nil)
}

/// The member that a name or number means.
fn member(vm: &Interp, receiver: &Value, place: &Value) -> Res<Sym> {
    let members = members_of(vm, receiver)?;
    if matches!(place, Value::Sym(_) | Value::Str(_)) {
        let name = vm.to_name(place)?;
        if members.contains(&name) {
            return Ok(name);
        }
        let error = vm.exception(&vm.class_named("NameError"), Value::str(format!("no member '{name}' in struct")));
        error.head.set_ivar(known::NAME, Value::Sym(name));
        error.head.set_ivar(known::RECEIVER, receiver.clone());
        return Err(vm.raise_object(error));
    }
    let index = vm.to_int(place)?;
    let size = members.len();
    let at = if index < 0 { index + size as i64 } else { index };
    let found = usize::try_from(at).ok().and_then(|at| members.get(at).copied());
    found.ok_or_else(|| {
        let which = if index < 0 { "small" } else { "large" };
        vm.error("IndexError", format!("offset {index} too {which} for struct(size:{size})"))
    })
}

fn element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(get(receiver, member(vm, receiver, &args[0])?))
}

fn set_element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let member = member(vm, receiver, &args[0])?;
    vm.check_frozen(receiver)?;
    put(receiver, member, args[1].clone());
    Ok(args[1].clone())
}

fn dig(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = match member(vm, receiver, &args[0]) {
        Ok(member) => get(receiver, member),
        // A member that is not there is nil here, a wrong type is not.
        Err(unwind) if matches!(args[0], Value::Int(_)) && unwind.exception().is_some() => Value::Nil,
        Err(unwind) => return Err(unwind),
    };
    array::dig_on(vm, found, &args.values[1..])
}

fn struct_size(vm: &Interp, receiver: &Value, _: &[Value]) -> Res {
    Ok(members_of(vm, receiver)?.len().into())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each", struct_size);
    for member in members_of(vm, receiver)? {
        vm.call_block(block, &[get(receiver, member)])?;
    }
    Ok(receiver.clone())
}

fn each_pair(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_pair", struct_size);
    for member in members_of(vm, receiver)? {
        vm.call_block(block, &[Value::array(vec![Value::Sym(member), get(receiver, member)])])?;
    }
    Ok(receiver.clone())
}

fn select(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "select", struct_size);
    let mut chosen = Vec::new();
    for value in values(vm, receiver)? {
        if vm.call_block(block, std::slice::from_ref(&value))?.truthy() {
            chosen.push(value);
        }
    }
    Ok(Value::array(chosen))
}

fn values_at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let all = Value::array(values(vm, receiver)?);
    let mut found = Vec::new();
    for place in args.values {
        match place {
            Value::Range(_) => {
                let part = vm.call(&all, Sym::new("values_at"), std::slice::from_ref(place))?;
                found.extend(vm.to_array(&part)?.to_vec());
            }
            place => found.push(get(receiver, member(vm, receiver, &Value::Int(vm.to_int(place)?))?)),
        }
    }
    Ok(Value::array(found))
}

fn to_h(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = RHash::new();
    for member in members_of(vm, receiver)? {
        let (name, value) = (Value::Sym(member), get(receiver, member));
        let (key, value) = match args.block {
            Some(block) => hash_of_pair(vm, &vm.call_block(block, &[name, value])?, None)?,
            None => (name, value),
        };
        vm.hash_set(&hash, key, value)?;
    }
    Ok(Value::Hash(hash))
}

fn deconstruct_keys(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let members = members_of(vm, receiver)?;
    let wanted = match &args[0] {
        Value::Nil => return to_h(vm, receiver, Args::default()),
        Value::Array(wanted) => wanted.to_vec(),
        other => {
            let class = vm.type_word(other);
            return Err(vm.type_error(format!("wrong argument type {class} (expected Array or nil)")));
        }
    };
    let hash = RHash::new();
    if wanted.len() <= members.len() {
        for key in wanted {
            let place = match &key {
                Value::Sym(name) => members.iter().position(|member| member == name),
                Value::Str(name) => members.iter().position(|member| member.bytes() == &name.bytes()[..]),
                other => {
                    let index = vm.to_int(other)?;
                    usize::try_from(if index < 0 { index + members.len() as i64 } else { index }).ok()
                }
            };
            let Some(member) = place.and_then(|place| members.get(place)) else { break };
            vm.hash_set(&hash, key, get(receiver, *member))?;
        }
    }
    Ok(Value::Hash(hash))
}

fn alike(
    vm: &Interp,
    receiver: &Value,
    other: &Value,
    key: &'static str,
    same: fn(&Interp, &Value, &Value) -> Res<bool>,
) -> Res {
    if receiver.same(other) {
        return Ok(true.into());
    }
    if !Rc::ptr_eq(&vm.real_class_of(receiver), &vm.real_class_of(other)) {
        return Ok(false.into());
    }
    vm.check_stack()?;
    let id = |value: &Value| value.head().map_or(0, |head| vm.object_id(head)) as usize;
    let result = vm.guard(key, id(receiver), id(other), || -> Res<bool> {
        for (a, b) in values(vm, receiver)?.iter().zip(values(vm, other)?.iter()) {
            if !same(vm, a, b)? {
                return Ok(false);
            }
        }
        Ok(true)
    });
    Ok(result.unwrap_or(Ok(true))?.into())
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let id = receiver.head().map_or(0, |head| vm.object_id(head)) as usize;
    let mut hasher = rustc_hash::FxHasher::default();
    vm.real_class_of(receiver).id.hash(&mut hasher);
    let code = vm.guard("hash", id, usize::MAX, || -> Res<u64> {
        for value in values(vm, receiver)? {
            vm.hash_code(&value)?.hash(&mut hasher);
        }
        Ok(hasher.finish())
    });
    Ok(Value::Int((code.unwrap_or(Ok(0))? >> 2) as i64))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let name = vm.real_class_of(receiver).own_name();
    let class = name.as_ref().map_or_else(String::new, |name| format!("{name} "));
    // A class below one without a name is as good as nameless here.
    let shown = if class.starts_with('#') { "" } else { &class };
    let id = receiver.head().map_or(0, |head| vm.object_id(head)) as usize;
    vm.check_stack()?;
    let text = vm.guard("inspect", id, usize::MAX, || -> Res<Vec<u8>> {
        let mut text = format!("#<struct {shown}").into_bytes();
        for (at, member) in members_of(vm, receiver)?.into_iter().enumerate() {
            if at > 0 {
                text.extend_from_slice(b", ");
            }
            if is_identifier(member.bytes()) {
                text.extend_from_slice(member.bytes());
            } else {
                text.extend_from_slice(&vm.inspect(&Value::Sym(member))?.bytes());
            }
            text.push(b'=');
            text.extend_from_slice(&vm.inspect(&get(receiver, member))?.bytes());
            vm.reserve_string(text.len())?;
        }
        text.push(b'>');
        Ok(text)
    });
    let recursive = || Ok(format!("#<struct {}:...>", class.trim_end()).into_bytes());
    Ok(Value::bytes(text.unwrap_or_else(recursive)?))
}
