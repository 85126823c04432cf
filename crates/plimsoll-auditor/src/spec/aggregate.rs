//! `aggregate_failures`: expectations that do not hold are collected instead of ending the example.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Interp, Res, Unwind, UnwindKind, Value};

use super::expectation::not_met;
use super::outcome::backtrace;

/// The failures of the innermost `aggregate_failures` that runs.
struct Collected(RefCell<Vec<Value>>);

/// The collector that runs, if one does.
struct Collecting(Option<Rc<Collected>>);

fn collector(vm: &Interp) -> Option<Rc<Collected>> {
    vm.extension::<Collecting>().and_then(|collecting| collecting.0.clone())
}

/// Raises the failure of an expectation, or lets `aggregate_failures` keep it.
pub(super) fn notify(vm: &Interp, failure: Unwind) -> Res {
    match (collector(vm), failure.exception()) {
        (Some(collected), Some(exception)) => {
            collected.0.borrow_mut().push(Value::Obj(Rc::clone(exception)));
            Ok(Value::Bool(false))
        }
        _ => Err(failure),
    }
}

/// Runs something in which an expectation that does not hold raises, whoever collects such outside.
pub(crate) fn raising(vm: &Interp, run: impl FnOnce() -> Res) -> Res {
    let outer = collector(vm);
    vm.set_extension(Rc::new(Collecting(None)));
    let result = run();
    vm.set_extension(Rc::new(Collecting(outer)));
    result
}

/// `aggregate_failures(label) { … }`
pub(super) fn run(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    let outer = collector(vm);
    let collected = Rc::new(Collected(RefCell::default()));
    vm.set_extension(Rc::new(Collecting(Some(Rc::clone(&collected)))));
    let result = vm.call_block(block, &[]);
    vm.set_extension(Rc::new(Collecting(outer)));
    let mut failures = collected.0.take();
    match result.map_err(Unwind::into_kind) {
        Ok(_) => {}
        // An exception ends the block; it counts with what was collected before it.
        Err(UnwindKind::Raise(exception)) if !failures.is_empty() => failures.push(Value::Obj(exception)),
        Err(kind) => return Err(kind.into()),
    }
    match failures.as_slice() {
        [] => Ok(Value::Bool(true)),
        [Value::Obj(one)] => Err(UnwindKind::Raise(Rc::clone(one)).into()),
        several => {
            let label = match args.get(0) {
                Some(label) => format!(" {}", vm.inspect(label)?.lossy()),
                None => String::new(),
            };
            let text = summary(vm, &label, several)?;
            notify(vm, vm.raise_value(&not_met(vm), Value::bytes(text)))
        }
    }
}

fn summary(vm: &Interp, label: &str, failures: &[Value]) -> Res<Vec<u8>> {
    let count = failures.len();
    let mut text = format!("Got {count} failures from failure aggregation block{label}:").into_bytes();
    for (at, failure) in failures.iter().enumerate() {
        let message = vm.send(failure, "message", &[])?;
        let message = vm.to_s(&message)?.lossy();
        let place = backtrace(failure).first().cloned().unwrap_or_default();
        let body = format!("{}\n\n{place}", message.trim_matches('\n'));
        let lines: Vec<String> =
            body.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("     {line}") }).collect();
        let lines = lines.join("\n");
        text.extend(format!("\n\n  {}) {}", at + 1, lines.trim_start()).into_bytes());
    }
    Ok(text)
}
