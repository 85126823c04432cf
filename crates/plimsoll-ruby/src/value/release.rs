//! Letting go of nested values without recursion.
//!
//! A program can nest arrays, hashes, objects and closures as deep as memory allows; dropping them one inside the other
//! would use native stack for every level. Beyond a few levels they wait in a list instead.

use std::cell::{Cell, RefCell};

use crate::value::Value;

/// Levels that are dropped recursively.
const LEVELS: u32 = 32;

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Drops what a container held.
pub(crate) fn release(values: Vec<Value>) {
    if !values.iter().any(is_container) {
        return;
    }
    let level = LEVEL.try_with(Cell::get).unwrap_or_default();
    if level >= LEVELS {
        // Dropping a value here borrows nothing: the list is only borrowed while it is extended.
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().extend(values));
        return;
    }
    let _ = LEVEL.try_with(|at| at.set(level + 1));
    drop(values);
    let _ = LEVEL.try_with(|at| at.set(level));
    if level == 0 {
        empty_the_list();
    }
}

fn empty_the_list() {
    loop {
        let next = WAITING.try_with(|waiting| waiting.borrow_mut().pop()).unwrap_or_default();
        let Some(next) = next else { return };
        let _ = LEVEL.try_with(|at| at.set(1));
        drop(next);
        let _ = LEVEL.try_with(|at| at.set(0));
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Hash(_) | Value::Proc(_) | Value::Obj(_) | Value::Range(_))
}
