//! The objects, their versions, and the history that watches read.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;

use crate::kinds::{KINDS, Kind};

/// Where an object is: kind (by plural and group), namespace (empty when it has none), name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    group: &'static str,
    plural: &'static str,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn new(kind: &'static Kind, namespace: &str, name: &str) -> Self {
        let namespace = if kind.namespaced { namespace.to_owned() } else { String::new() };
        Self { group: kind.group, plural: kind.plural, namespace, name: name.to_owned() }
    }

    pub(crate) fn is(&self, kind: &Kind) -> bool {
        self.group == kind.group && self.plural == kind.plural
    }
}

/// One change, as watches see it.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) key: Key,
    /// The object before and after; `None` before a creation and after a removal.
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

#[derive(Debug, Clone)]
struct Stored {
    object: Value,
    /// `None` for what was there from the beginning.
    written: Option<Instant>,
}

/// All objects of one server.
#[derive(Debug, Default)]
pub(crate) struct Store {
    version: u64,
    oldest: u64,
    objects: BTreeMap<Key, Stored>,
    history: Vec<Change>,
}

impl Store {
    /// The version of the last change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The oldest version that a watch may start from.
    pub(crate) fn oldest(&self) -> u64 {
        self.oldest
    }

    /// Forget history: every watch, running or to be resumed, has to list again.
    pub(crate) fn compact(&mut self) {
        self.version += 1;
        self.oldest = self.version;
        self.history.clear();
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key).map(|stored| &stored.object)
    }

    /// An object with the moment of its last write; `None` for what was there from the beginning.
    pub(crate) fn get_written(&self, key: &Key) -> Option<(&Value, Option<Instant>)> {
        self.objects.get(key).map(|stored| (&stored.object, stored.written))
    }

    pub(crate) fn find(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<&Value> {
        let kind = Kind::find(group, "v1", plural)?;
        self.get(&Key::new(kind, namespace, name))
    }

    /// Objects of one kind in namespace and name order; an empty namespace means all of them.
    pub(crate) fn list<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a Key, &'a Value)> {
        self.entries(kind, namespace).map(|(key, stored)| (key, &stored.object))
    }

    /// As [`Store::list`], with the moments of the last writes.
    pub(crate) fn list_written<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a Value, Option<Instant>)> {
        self.entries(kind, namespace).map(|(_, stored)| (&stored.object, stored.written))
    }

    fn entries<'a>(&'a self, kind: &'static Kind, namespace: &'a str) -> impl Iterator<Item = (&'a Key, &'a Stored)> {
        self.objects
            .range(Key::new(kind, if kind.namespaced { namespace } else { "" }, "")..)
            .take_while(move |(key, _)| key.is(kind))
            .filter(move |(key, _)| namespace.is_empty() || !kind.namespaced || key.namespace == namespace)
    }

    /// Everything, kind by kind.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static Kind, &Value)> {
        KINDS.iter().flat_map(|kind| self.entries(kind, "").map(move |(_, stored)| (kind, &stored.object)))
    }

    /// Write an object; gives it the next version and returns it as stored.
    pub(crate) fn put(&mut self, key: Key, object: Value) -> Value {
        self.write(key, object, Some(Instant::now()))
    }

    /// As [`Store::put`] for an object that counts as having been there all along.
    pub(crate) fn seed(&mut self, key: Key, object: Value) -> Value {
        self.write(key, object, None)
    }

    fn write(&mut self, key: Key, mut object: Value, written: Option<Instant>) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let stored = Stored { object: object.clone(), written };
        let before = self.objects.insert(key.clone(), stored).map(|stored| stored.object);
        self.history.push(Change { version: self.version, key, before, after: Some(object.clone()) });
        object
    }

    /// Remove an object; returns it in its last state.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Value> {
        let mut object = self.objects.remove(key)?.object;
        self.version += 1;
        let before = object.clone();
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        self.history.push(Change { version: self.version, key: key.clone(), before: Some(before), after: None });
        Some(object)
    }

    /// Changes after a version, oldest first.
    pub(crate) fn since(&self, version: u64) -> &[Change] {
        let start = self.history.partition_point(|change| change.version <= version);
        &self.history[start..]
    }
}
