//! Hashes: insertion-ordered maps from any value to any value.
//!
//! The table here knows nothing of Ruby: a key's hash is computed, and keys are compared, by the interpreter
//! (`Interp::hash_get` and its siblings), since both may run Ruby code. Deleted entries leave a hole until the next
//! compaction, so that positions stay valid while Ruby code changes a hash that is being iterated.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hashbrown::HashTable;

use crate::class::RClass;
use crate::value::{Charge, Head, Value, release};

/// A Ruby Hash.
pub struct RHash {
    /// Class, frozen flag, instance variables.
    pub head: Head,
    table: RefCell<Table>,
    /// What a missing key gives.
    pub default: RefCell<HashDefault>,
    /// Whether keys are compared by identity.
    pub by_identity: Cell<bool>,
    /// How many iterations are under way; no key can be added meanwhile.
    pub iterating: Cell<u32>,
    charge: Charge,
}

/// What a missing key gives.
#[derive(Clone, Default)]
pub enum HashDefault {
    /// `nil`
    #[default]
    None,
    /// This value.
    Value(Value),
    /// What this proc gives for the hash and the key.
    Proc(Rc<super::RProc>),
}

#[derive(Default)]
struct Table {
    entries: Vec<Option<Entry>>,
    index: HashTable<usize>,
    live: usize,
}

struct Entry {
    hash: u64,
    key: Value,
    value: Value,
}

const BASE: usize = 96;

impl RHash {
    /// An empty Hash.
    pub fn new() -> Rc<Self> {
        Self::build(Head::default())
    }

    /// An empty Hash of a subclass of Hash.
    pub fn with_class(class: Rc<RClass>) -> Rc<Self> {
        Self::build(Head::of(class))
    }

    fn build(head: Head) -> Rc<Self> {
        Rc::new(Self {
            head,
            table: RefCell::default(),
            default: RefCell::default(),
            by_identity: Cell::new(false),
            iterating: Cell::new(0),
            charge: Charge::new(BASE),
        })
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.table.borrow().live
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first entry at or after position `from`, with the position after it. Iterating this way survives any change.
    pub fn next_entry(&self, from: usize) -> Option<(usize, Value, Value)> {
        let table = self.table.borrow();
        let (at, entry) = table.entries.iter().enumerate().skip(from).find_map(|(i, e)| e.as_ref().map(|e| (i, e)))?;
        Some((at + 1, entry.key.clone(), entry.value.clone()))
    }

    /// All entries, copied, in order.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.table.borrow().entries.iter().flatten().map(|e| (e.key.clone(), e.value.clone())).collect()
    }

    /// All keys, copied, in order.
    pub fn keys(&self) -> Vec<Value> {
        self.table.borrow().entries.iter().flatten().map(|e| e.key.clone()).collect()
    }

    /// All values, copied, in order.
    pub fn values(&self) -> Vec<Value> {
        self.table.borrow().entries.iter().flatten().map(|e| e.value.clone()).collect()
    }

    /// Positions and keys of the entries of this hash code, for the interpreter to compare.
    pub(crate) fn candidates(&self, hash: u64) -> Vec<(usize, Value)> {
        let table = self.table.borrow();
        let mut found = Vec::new();
        for &at in table.index.iter_hash(hash) {
            if let Some(entry) = table.entries[at].as_ref().filter(|e| e.hash == hash) {
                found.push((at, entry.key.clone()));
            }
        }
        found
    }

    /// The position of the first entry of this hash code whose key `matches` without running Ruby code.
    pub(crate) fn find(&self, hash: u64, mut matches: impl FnMut(&Value) -> bool) -> Option<usize> {
        let table = self.table.borrow();
        table
            .index
            .find(hash, |&at| table.entries[at].as_ref().is_some_and(|e| e.hash == hash && matches(&e.key)))
            .copied()
    }

    /// The value at a position.
    pub(crate) fn value_at(&self, at: usize) -> Option<Value> {
        self.table.borrow().entries.get(at)?.as_ref().map(|e| e.value.clone())
    }

    /// The entry at a position.
    pub(crate) fn entry_at(&self, at: usize) -> Option<(Value, Value)> {
        self.table.borrow().entries.get(at)?.as_ref().map(|e| (e.key.clone(), e.value.clone()))
    }

    /// Replaces the value at a position.
    pub(crate) fn set_at(&self, at: usize, value: Value) {
        let old = self.table.borrow_mut().entries[at].as_mut().map(|e| std::mem::replace(&mut e.value, value));
        drop(old);
    }

    /// Appends an entry whose key is known to be absent.
    pub(crate) fn push(&self, hash: u64, key: Value, value: Value) {
        let mut table = self.table.borrow_mut();
        let Table { entries, index, live } = &mut *table;
        let at = entries.len();
        entries.push(Some(Entry { hash, key, value }));
        index.insert_unique(hash, at, |&i| entries[i].as_ref().map_or(0, |e| e.hash));
        *live += 1;
        self.charge.set(BASE + entries.capacity() * size_of::<Option<Entry>>() + index.capacity() * 9);
    }

    /// Removes the entry at a position.
    pub(crate) fn remove_at(&self, at: usize) -> Option<(Value, Value)> {
        let mut table = self.table.borrow_mut();
        let Table { entries, index, live } = &mut *table;
        let entry = entries.get_mut(at)?.take()?;
        if let Ok(found) = index.find_entry(entry.hash, |&i| i == at) {
            found.remove();
        }
        *live -= 1;
        if self.iterating.get() == 0 {
            if at + 1 == entries.len() {
                while entries.last().is_some_and(Option::is_none) {
                    entries.pop();
                }
            } else if entries.len() > 32 && *live * 2 < entries.len() {
                compact(entries, index);
            }
        }
        Some((entry.key, entry.value))
    }

    /// Removes all entries.
    pub fn clear(&self) {
        let old = std::mem::take(&mut *self.table.borrow_mut());
        self.charge.set(BASE);
        drop(old);
    }

    /// Takes over all entries of another hash (hash codes stay valid when both compare alike).
    pub fn copy_entries(&self, other: &Self) {
        let mut copy = Table::default();
        {
            let from = other.table.borrow();
            for entry in from.entries.iter().flatten() {
                copy.entries.push(Some(Entry { hash: entry.hash, key: entry.key.clone(), value: entry.value.clone() }));
            }
        }
        copy.live = copy.entries.len();
        reindex(&copy.entries, &mut copy.index);
        self.charge.set(BASE + copy.entries.capacity() * size_of::<Option<Entry>>() + copy.index.capacity() * 9);
        let old = std::mem::replace(&mut *self.table.borrow_mut(), copy);
        drop(old);
    }
}

fn compact(entries: &mut Vec<Option<Entry>>, index: &mut HashTable<usize>) {
    entries.retain(Option::is_some);
    reindex(entries, index);
}

fn reindex(entries: &[Option<Entry>], index: &mut HashTable<usize>) {
    index.clear();
    for (at, entry) in entries.iter().enumerate() {
        let hash = entry.as_ref().map_or(0, |e| e.hash);
        index.insert_unique(hash, at, |&i| entries[i].as_ref().map_or(0, |e| e.hash));
    }
}

impl Drop for RHash {
    fn drop(&mut self) {
        let entries = std::mem::take(&mut self.table.get_mut().entries);
        if !entries.is_empty() {
            release(entries.into_iter().flatten().flat_map(|entry| [entry.key, entry.value]).collect());
        }
    }
}
