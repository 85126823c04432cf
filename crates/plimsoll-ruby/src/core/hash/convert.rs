//! Text, comparison, and Hashes and Arrays made of a Hash.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::{add_pair, alike, copied, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{block_or_enumerator, own_size};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{Encoding, RArray, RHash, RProc, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("inspect", 0, 0, inspect, "A literal of it"),
    def("to_s", 0, 0, inspect, "A literal of it"),
    def("to_a", 0, 0, |_, r, _| Ok(Value::array(pairs(this(r)))), "The entries as pairs"),
    def("to_h", 0, 0, to_h, "Itself as a plain Hash, or a Hash of the pairs that the block gives"),
    def("to_hash", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("flatten", 0, 1, flatten, "Keys and values in turn, Arrays among them spread out to a depth"),
    def("invert", 0, 0, invert, "Values as keys"),
    def("compact", 0, 0, compact, "The entries whose value is not nil"),
    def("transform_keys", 0, 1, transform_keys, "The same values below what the Hash or block gives for each key"),
    def("transform_values", 0, 0, transform_values, "The same keys with what the block gives for each value"),
    def("hash", 0, 0, hash, "A hash code of the entries"),
    def("==", 1, 1, equals, "Whether all entries are equal"),
    def("eql?", 1, 1, eql, "Whether all entries are equal and of the same class"),
];

fn pairs(hash: &RHash) -> Vec<Value> {
    hash.entries().into_iter().map(|(key, value)| Value::array(vec![key, value])).collect()
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = this(receiver);
    if hash.is_empty() {
        return Ok(Value::Str(RString::new(b"{}".to_vec(), Encoding::UsAscii)));
    }
    vm.check_stack()?;
    let text = vm.guard("inspect", Rc::as_ptr(hash) as usize, 0, || -> Res<Vec<u8>> {
        let mut text = b"{".to_vec();
        vm.hash_each(hash, |key, value| {
            if text.len() > 1 {
                text.extend_from_slice(b", ");
            }
            text.extend_from_slice(&vm.inspect(&key)?.bytes());
            text.extend_from_slice(b"=>");
            text.extend_from_slice(&vm.inspect(&value)?.bytes());
            vm.reserve_string(text.len())?;
            Ok(true)
        })?;
        text.push(b'}');
        Ok(text)
    });
    Ok(Value::bytes(text.unwrap_or_else(|| Ok(b"{...}".to_vec()))?))
}

fn to_h(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = this(receiver);
    let Some(block) = args.block else {
        if hash.head.class().is_none() {
            return Ok(receiver.clone());
        }
        let plain = copied(hash);
        let default = hash.default.borrow().clone();
        *plain.default.borrow_mut() = default;
        return Ok(Value::Hash(plain));
    };
    let new = RHash::new();
    vm.hash_each(hash, |key, value| {
        let pair = vm.call_block(block, &[key, value])?;
        add_pair(vm, &new, &pair)?;
        Ok(true)
    })?;
    Ok(Value::Hash(new))
}

fn flatten(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let depth = args.get(0).map_or(Ok(1), |depth| vm.to_int(depth))?;
    let pairs = pairs(this(receiver));
    if depth == 0 {
        return Ok(Value::array(pairs));
    }
    let flat =
        RArray::new(pairs.iter().flat_map(|pair| vm.try_array(pair)).flatten().flat_map(|p| p.to_vec()).collect());
    if depth == 1 {
        return Ok(Value::Array(flat));
    }
    let rest = if depth < 0 { -1 } else { depth - 1 };
    Ok(Value::array(crate::core::array::flattened(vm, &flat, rest)?.0))
}

fn invert(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let inverted = vm.hash_from(this(receiver).entries().into_iter().map(|(key, value)| (value, key)))?;
    Ok(Value::Hash(inverted))
}

fn compact(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = this(receiver);
    let compacted = alike(hash);
    for (key, value) in hash.entries() {
        if !value.is_nil() {
            vm.hash_set(&compacted, key, value)?;
        }
    }
    Ok(Value::Hash(compacted))
}

/// The new name of a key: by a Hash of names, then by the block, else itself.
pub(super) fn renamed(vm: &Interp, names: Option<&Rc<RHash>>, block: Option<&Rc<RProc>>, key: &Value) -> Res {
    if let Some(names) = names
        && let Some(name) = vm.hash_get(names, key)?
    {
        return Ok(name);
    }
    match block {
        Some(block) => vm.call_block(block, std::slice::from_ref(key)),
        None => Ok(key.clone()),
    }
}

fn transform_keys(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        block_or_enumerator!(vm, receiver, args, "transform_keys", own_size);
    }
    let names = args.get(0).map(|names| vm.to_hash(names)).transpose()?;
    let new = RHash::new();
    vm.hash_each(this(receiver), |key, value| {
        let name = renamed(vm, names.as_ref(), args.block, &key)?;
        vm.hash_set(&new, name, value)?;
        Ok(true)
    })?;
    Ok(Value::Hash(new))
}

fn transform_values(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "transform_values", own_size);
    let hash = this(receiver);
    let new = alike(hash);
    vm.hash_each(hash, |key, value| {
        let value = vm.call_block(block, &[value])?;
        vm.hash_set(&new, key, value)?;
        Ok(true)
    })?;
    Ok(Value::Hash(new))
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = this(receiver);
    // The order of entries does not count, so their codes are added.
    let sum = vm.guard("hash", Rc::as_ptr(hash) as usize, 0, || -> Res<u64> {
        let mut sum = hash.len() as u64;
        vm.hash_each(hash, |key, value| {
            let mut hasher = rustc_hash::FxHasher::default();
            (vm.hash_code(&key)?, vm.hash_code(&value)?).hash(&mut hasher);
            sum = sum.wrapping_add(hasher.finish());
            Ok(true)
        })?;
        Ok(sum)
    });
    Ok(Value::Int((sum.unwrap_or(Ok(0))? >> 2) as i64))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Value::Hash(other) = &args[0] else {
        if vm.responds(&args[0], known::TO_HASH)? {
            return Ok(vm.call(&args[0], known::EQ, std::slice::from_ref(receiver))?.truthy().into());
        }
        return Ok(false.into());
    };
    alike_entries(vm, this(receiver), other, "==", |a, b| vm.equal(a, b))
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Hash(other) => alike_entries(vm, this(receiver), other, "eql?", |a, b| vm.eql(a, b)),
        _ => Ok(false.into()),
    }
}

fn alike_entries(
    vm: &Interp,
    a: &Rc<RHash>,
    b: &Rc<RHash>,
    key: &'static str,
    same: impl Fn(&Value, &Value) -> Res<bool>,
) -> Res {
    if Rc::ptr_eq(a, b) {
        return Ok(true.into());
    }
    if a.len() != b.len() || (!a.is_empty() && a.by_identity.get() != b.by_identity.get()) {
        return Ok(false.into());
    }
    vm.check_stack()?;
    let result = vm.guard(key, Rc::as_ptr(a) as usize, Rc::as_ptr(b) as usize, || -> Res<bool> {
        let mut equal = true;
        vm.hash_each(a, |key, value| {
            equal = match vm.hash_get(b, &key)? {
                Some(other) => same(&value, &other)?,
                None => false,
            };
            Ok(equal)
        })?;
        Ok(equal)
    });
    Ok(result.unwrap_or(Ok(true))?.into())
}
