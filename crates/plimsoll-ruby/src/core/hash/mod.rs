//! Hash.

mod convert;
mod edit;
mod iterate;
mod read;

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::enumerable::hash_of_pair;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{HashDefault, ProcKind, RHash, Value};

/// Every table of instance methods.
pub(crate) const TABLES: &[&[Def]] = &[METHODS, convert::METHODS, edit::METHODS, iterate::METHODS, read::METHODS];

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = &vm.c.hash;
    vm.include(class, &vm.c.enumerable);
    vm.set_alloc(class, |vm, class| Ok(Value::Hash(make(vm, class))));
    vm.define_singleton(class, SINGLETON);
    for table in TABLES {
        vm.define(class, table);
    }
}

const SINGLETON: &[Def] = &[
    def("[]", 0, -1, literal, "A Hash of the arguments: keys and values in turn, pairs, or another Hash"),
    def("try_convert", 1, 1, |vm, _, a| Ok(vm.try_hash(&a[0])?.into()), "The argument as a Hash by `to_hash`, or nil"),
    def("ruby2_keywords_hash?", 1, 1, |_, _, _| Ok(false.into()), "Whether it was made of keywords to be passed on"),
    def("ruby2_keywords_hash", 1, 1, |vm, _, a| vm.to_hash(&a[0]).map(Value::Hash), "The argument"),
];

const METHODS: &[Def] = &[
    private_def("initialize", 0, 1, initialize, "Takes a default value or a block"),
    private_def("initialize_copy", 1, 1, edit::replace, "Takes over the entries of another Hash"),
    def("default", 0, 1, default, "What a missing key gives"),
    def("default=", 1, 1, set_default, "Sets what a missing key gives"),
    def("default_proc", 0, 0, default_proc, "The block that is asked for a missing key"),
    def("default_proc=", 1, 1, set_default_proc, "Sets the block that is asked for a missing key"),
    def("compare_by_identity", 0, 0, compare_by_identity, "Keys are the same only if they are the same object"),
    def(
        "compare_by_identity?",
        0,
        0,
        |_, r, _| Ok(this(r).by_identity.get().into()),
        "Whether keys are told by identity",
    ),
    def("rehash", 0, 0, rehash, "Sorts in again keys that have changed"),
];

/// The Hash that a method of this class was called on.
pub(super) fn this(receiver: &Value) -> &Rc<RHash> {
    match receiver {
        Value::Hash(hash) => hash,
        _ => unreachable!("a method of Hash runs on Hashes alone"),
    }
}

/// The same, about to be changed.
pub(super) fn changing<'a>(vm: &Interp, receiver: &'a Value) -> Res<&'a Rc<RHash>> {
    vm.check_frozen(receiver)?;
    Ok(this(receiver))
}

fn make(vm: &Interp, class: &Rc<RClass>) -> Rc<RHash> {
    if Rc::ptr_eq(class, &vm.c.hash) { RHash::new() } else { RHash::with_class(Rc::clone(class)) }
}

/// A plain Hash with the same entries, compared in the same way, without defaults.
pub(crate) fn copied(hash: &RHash) -> Rc<RHash> {
    let copy = RHash::new();
    copy.by_identity.set(hash.by_identity.get());
    copy.copy_entries(hash);
    copy
}

/// An empty plain Hash whose keys are compared in the same way.
pub(super) fn alike(hash: &RHash) -> Rc<RHash> {
    let new = RHash::new();
    new.by_identity.set(hash.by_identity.get());
    new
}

fn literal(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(class)?;
    let hash = make(vm, &class);
    if let [only] = args.values {
        if let Some(other) = vm.try_hash(only)? {
            hash.copy_entries(&other);
            return Ok(Value::Hash(hash));
        }
        if let Some(pairs) = vm.try_array(only)? {
            let mut at = 0;
            while let Some(pair) = pairs.get(at) {
                add_loose_pair(vm, &hash, &pair, at)?;
                at += 1;
            }
            return Ok(Value::Hash(hash));
        }
    }
    if args.len() % 2 == 1 {
        return Err(vm.argument_error("odd number of arguments for Hash"));
    }
    for pair in args.values.chunks_exact(2) {
        vm.hash_set(&hash, pair[0].clone(), pair[1].clone())?;
    }
    Ok(Value::Hash(hash))
}

/// Adds a pair of `Hash[[…]]`, which may lack its value.
fn add_loose_pair(vm: &Interp, hash: &RHash, pair: &Value, at: usize) -> Res<()> {
    let Some(array) = vm.try_array(pair)? else {
        let class = vm.type_word(pair);
        let text = format!("wrong element type {class} at {at} (expected array)");
        return Err(vm.argument_error(text));
    };
    match array.to_vec().as_slice() {
        [key] => vm.hash_set(hash, key.clone(), Value::Nil),
        [key, value] => vm.hash_set(hash, key.clone(), value.clone()),
        other => Err(vm.argument_error(format!("invalid number of elements ({} for 1..2)", other.len()))),
    }
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = changing(vm, receiver)?;
    let default = match (args.get(0), args.block) {
        (Some(_), Some(_)) => return Err(vm.arity_error(1, 0, 0)),
        (Some(value), None) => HashDefault::Value(value.clone()),
        (None, Some(block)) => {
            check_default_proc(vm, &Value::Proc(Rc::clone(block)))?;
            HashDefault::Proc(Rc::clone(block))
        }
        (None, None) => HashDefault::None,
    };
    *hash.default.borrow_mut() = default;
    Ok(Value::Nil)
}

/// A lambda as default block must take the hash and the key.
fn check_default_proc(vm: &Interp, block: &Value) -> Res<()> {
    let Value::Proc(proc) = block else { return Ok(()) };
    if !proc.lambda.get() || !matches!(proc.kind, ProcKind::Ruby(_)) {
        return Ok(());
    }
    let Value::Int(arity) = vm.send(block, "arity", &[])? else { return Ok(()) };
    if arity == 2 || (-3..0).contains(&arity) {
        return Ok(());
    }
    let arity = if arity < 0 { -arity - 1 } else { arity };
    Err(vm.type_error(format!("default_proc takes two arguments (2 for {arity})")))
}

fn default(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let default = this(receiver).default.borrow().clone();
    match (default, args.get(0)) {
        (HashDefault::Value(value), _) => Ok(value),
        (HashDefault::Proc(block), Some(key)) => vm.call_block(&block, &[receiver.clone(), key.clone()]),
        _ => Ok(Value::Nil),
    }
}

fn set_default(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    *changing(vm, receiver)?.default.borrow_mut() = HashDefault::Value(args[0].clone());
    Ok(args[0].clone())
}

fn default_proc(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(match &*this(receiver).default.borrow() {
        HashDefault::Proc(block) => Value::Proc(Rc::clone(block)),
        _ => Value::Nil,
    })
}

fn set_default_proc(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = changing(vm, receiver)?;
    let default = match &args[0] {
        Value::Nil => HashDefault::None,
        given => {
            let converted = match given {
                Value::Proc(_) => Some(given.clone()),
                other => vm.call_if_responds(other, known::TO_PROC, &[])?,
            };
            let Some(Value::Proc(block)) = converted else {
                let class = vm.real_class_of(given).name();
                return Err(vm.type_error(format!("wrong default_proc type {class} (expected Proc)")));
            };
            check_default_proc(vm, &Value::Proc(Rc::clone(&block)))?;
            HashDefault::Proc(block)
        }
    };
    *hash.default.borrow_mut() = default;
    Ok(args[0].clone())
}

fn compare_by_identity(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = this(receiver);
    if hash.by_identity.get() {
        return Ok(receiver.clone());
    }
    changing(vm, receiver)?;
    if hash.iterating.get() > 0 {
        return Err(vm.error("RuntimeError", "compare_by_identity during iteration"));
    }
    hash.by_identity.set(true);
    rebuild(vm, hash)?;
    Ok(receiver.clone())
}

fn rehash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = this(receiver);
    if hash.iterating.get() > 0 {
        return Err(vm.error("RuntimeError", "rehash during iteration"));
    }
    rebuild(vm, changing(vm, receiver)?)?;
    Ok(receiver.clone())
}

/// Sorts all entries in anew; of keys that have become equal the first stays.
fn rebuild(vm: &Interp, hash: &Rc<RHash>) -> Res<()> {
    let new = alike(hash);
    for (key, value) in hash.entries() {
        if vm.hash_get(&new, &key)?.is_none() {
            vm.hash_set(&new, key, value)?;
        }
    }
    hash.copy_entries(&new);
    Ok(())
}

/// Adds what a block gave: a pair.
pub(super) fn add_pair(vm: &Interp, hash: &RHash, pair: &Value) -> Res<()> {
    let (key, value) = hash_of_pair(vm, pair, None)?;
    vm.hash_set(hash, key, value)
}
