//! Hash codes and key comparison, and the hash operations built on them.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rustc_hash::FxHasher;

use crate::args::Args;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{Data, HashDefault, RHash, RString, Value};

impl Interp {
    /// The hash code of a key.
    pub fn hash_code(&self, key: &Value) -> Res<u64> {
        let mut hasher = FxHasher::default();
        match key {
            Value::Nil => 1_u8.hash(&mut hasher),
            Value::Bool(v) => (2_u8, v).hash(&mut hasher),
            Value::Int(v) => v.hash(&mut hasher),
            Value::Float(v) => {
                let v = if *v == 0.0 { 0.0 } else { *v };
                (3_u8, v.to_bits()).hash(&mut hasher);
            }
            Value::Sym(v) => (4_u8, v).hash(&mut hasher),
            Value::Str(v) => v.bytes().hash(&mut hasher),
            Value::Array(v) if v.head.class().is_none() => {
                self.check_stack()?;
                let address = Rc::as_ptr(v) as usize;
                (5_u8, v.len()).hash(&mut hasher);
                // A recursive array hashes by its length alone.
                self.guard("hash", address, 0, || -> Res<()> {
                    let mut at = 0;
                    while let Some(element) = v.get(at) {
                        self.hash_code(&element)?.hash(&mut hasher);
                        at += 1;
                    }
                    Ok(())
                })
                .unwrap_or(Ok(()))?;
            }
            Value::Obj(object) if matches!(object.data, Data::Big(_)) => {
                if let Data::Big(big) = &object.data {
                    big.hash(&mut hasher);
                }
            }
            other => match self.call(other, known::HASH, &[])? {
                Value::Int(code) => code.hash(&mut hasher),
                big => self.to_s(&big)?.bytes().hash(&mut hasher),
            },
        }
        Ok(hasher.finish())
    }

    fn identity_code(key: &Value) -> u64 {
        let mut hasher = FxHasher::default();
        match key {
            Value::Nil => 1_u8.hash(&mut hasher),
            Value::Bool(v) => v.hash(&mut hasher),
            Value::Int(v) => v.hash(&mut hasher),
            Value::Float(v) => v.to_bits().hash(&mut hasher),
            Value::Sym(v) => v.hash(&mut hasher),
            Value::Str(v) => Rc::as_ptr(v).hash(&mut hasher),
            Value::Array(v) => Rc::as_ptr(v).hash(&mut hasher),
            Value::Hash(v) => Rc::as_ptr(v).hash(&mut hasher),
            Value::Range(v) => Rc::as_ptr(v).hash(&mut hasher),
            Value::Proc(v) => Rc::as_ptr(v).hash(&mut hasher),
            Value::Class(v) => Rc::as_ptr(v).hash(&mut hasher),
            Value::Obj(v) => Rc::as_ptr(v).hash(&mut hasher),
        }
        hasher.finish()
    }

    /// `a.eql?(b)`
    pub fn eql(&self, a: &Value, b: &Value) -> Res<bool> {
        match quick_eql(a, b) {
            Some(known) => Ok(known),
            None => Ok(self.call(a, known::EQL, std::slice::from_ref(b))?.truthy()),
        }
    }

    fn hash_find(&self, hash: &RHash, key: &Value) -> Res<(u64, Option<usize>)> {
        if hash.by_identity.get() {
            let code = Self::identity_code(key);
            return Ok((code, hash.find(code, |other| other.same(key))));
        }
        let code = self.hash_code(key)?;
        if is_simple(key) {
            let found = hash.find(code, |other| quick_eql(key, other) == Some(true));
            return Ok((code, found));
        }
        for (at, candidate) in hash.candidates(code) {
            if self.eql(key, &candidate)? {
                return Ok((code, Some(at)));
            }
        }
        Ok((code, None))
    }

    /// The value of a key, without defaults.
    pub fn hash_get(&self, hash: &RHash, key: &Value) -> Res<Option<Value>> {
        if hash.is_empty() {
            return Ok(None);
        }
        let (_, at) = self.hash_find(hash, key)?;
        Ok(at.and_then(|at| hash.value_at(at)))
    }

    /// The stored key and value of a key.
    pub fn hash_get_entry(&self, hash: &RHash, key: &Value) -> Res<Option<(Value, Value)>> {
        let (_, at) = self.hash_find(hash, key)?;
        Ok(at.and_then(|at| hash.entry_at(at)))
    }

    /// `hash[key]`: the value, or what the hash's default gives.
    pub fn hash_fetch(&self, hash: &Rc<RHash>, key: &Value) -> Res {
        if let Some(value) = self.hash_get(hash, key)? {
            return Ok(value);
        }
        let default = hash.default.borrow().clone();
        match default {
            HashDefault::None => Ok(Value::Nil),
            HashDefault::Value(value) => Ok(value),
            HashDefault::Proc(block) => self.call_proc(&block, Args::new(&[Value::Hash(Rc::clone(hash)), key.clone()])),
        }
    }

    /// The value of a symbol key: for option hashes.
    pub fn hash_sym(&self, hash: &RHash, key: &str) -> Res<Option<Value>> {
        self.hash_get(hash, &Value::sym(key))
    }

    /// `hash[key] = value`: String keys are copied and frozen, adding while iterating is refused. The caller checks for
    /// frozen hashes.
    pub fn hash_set(&self, hash: &RHash, key: Value, value: Value) -> Res<()> {
        let (code, at) = self.hash_find(hash, &key)?;
        if let Some(at) = at {
            hash.set_at(at, value);
            return Ok(());
        }
        if hash.iterating.get() > 0 {
            return Err(self.error("RuntimeError", "can't add a new key into hash during iteration"));
        }
        self.reserve_elements(hash.len() + 1)?;
        let key = match key {
            Value::Str(string) if !string.head.is_frozen() && !hash.by_identity.get() => {
                let copy = RString::new(string.to_vec(), string.encoding());
                copy.head.freeze();
                Value::Str(copy)
            }
            key => key,
        };
        hash.push(code, key, value);
        Ok(())
    }

    /// Removes a key; the caller checks for frozen hashes.
    pub fn hash_delete(&self, hash: &RHash, key: &Value) -> Res<Option<Value>> {
        let (_, at) = self.hash_find(hash, key)?;
        Ok(at.and_then(|at| hash.remove_at(at)).map(|(_, value)| value))
    }

    /// A new Hash of these entries.
    pub fn hash_from(&self, entries: impl IntoIterator<Item = (Value, Value)>) -> Res<Rc<RHash>> {
        let hash = RHash::new();
        for (key, value) in entries {
            self.hash_set(&hash, key, value)?;
        }
        Ok(hash)
    }

    /// Walks a hash; no key can be added meanwhile. `visit` tells whether to go on.
    pub fn hash_each(&self, hash: &Rc<RHash>, mut visit: impl FnMut(Value, Value) -> Res<bool>) -> Res<()> {
        hash.iterating.set(hash.iterating.get() + 1);
        let result = (|| {
            let mut at = 0;
            while let Some((next, key, value)) = hash.next_entry(at) {
                self.tick()?;
                if !visit(key, value)? {
                    break;
                }
                at = next;
            }
            Ok(())
        })();
        hash.iterating.set(hash.iterating.get() - 1);
        result
    }
}

/// Keys whose comparison runs no Ruby code, whatever they are compared with.
fn is_simple(key: &Value) -> bool {
    matches!(key, Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Sym(_) | Value::Str(_))
}

/// `eql?` where it can be told without running Ruby code.
fn quick_eql(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Some(crate::core::strings_equal(a, b)),
        (Value::Float(a), Value::Float(b)) => Some(a == b),
        _ if a.same(b) => Some(true),
        _ if is_simple(a) => Some(false),
        (Value::Obj(x), Value::Obj(y)) => match (&x.data, &y.data) {
            (Data::Big(x), Data::Big(y)) => Some(x == y),
            _ => None,
        },
        _ => None,
    }
}
