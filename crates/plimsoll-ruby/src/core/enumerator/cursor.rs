//! `next` and `peek`: values taken out of an iteration one by one.
//!
//! An Array is read by index. Every other iteration runs in a fiber, which stops each time it yields. While a fiber stands
//! still, what the interpreter keeps of running code (frames, guards, tags of `catch`) stands aside with it.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use plimsoll_fiber::{Fiber, Handle, Progress};
use rustc_hash::FxHashSet;

use super::{Pending, pending, run};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::packed;
use crate::dispatch::CallStyle;
use crate::interp::{Frame, Interp};
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RArray, RObject, RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("next", 0, 0, |vm, r, _| Ok(packed(&taken(vm, r)?)), "The next value"),
    def("next_values", 0, 0, |vm, r, _| Ok(Value::array(taken(vm, r)?)), "The next values that are yielded at once"),
    def("peek", 0, 0, |vm, r, _| Ok(packed(&peeked(vm, r)?)), "The next value, which stays the next"),
    def("peek_values", 0, 0, |vm, r, _| Ok(Value::array(peeked(vm, r)?)), "The next values, which stay the next"),
    def("rewind", 0, 0, rewind, "Begins again"),
    def("feed", 1, 1, |vm, _, _| Err(vm.unsupported("Enumerator#feed")), "Refused"),
];

/// Where a cursor is kept: no program can write such a variable.
const CURSOR: &str = "cursor";

/// Stack of a fiber, reserved, not committed; and what of it native code may need without asking.
const STACK: usize = 16 << 20;
const RESERVE: usize = 4 << 20;

/// Fibers that may stand still at once.
const MOST_FIBERS: usize = 5_000;

/// An iteration under way.
struct Cursor {
    source: RefCell<Source>,
    /// The values that `peek` has seen.
    ahead: RefCell<Option<Vec<Value>>>,
}

enum Source {
    /// An Array, and the next index.
    Array(Rc<RArray>, usize),
    /// Anything else.
    Fiber(Rc<Parked>),
    /// It has ended with this value.
    Ended(Value),
    /// It is running: whoever asks for a value now is part of it.
    Running,
}

/// A fiber and what stands aside with it. Emptied when the interpreter ends, since its stack holds the interpreter.
struct Parked {
    fiber: RefCell<Option<Fiber<Vec<Value>, Res>>>,
    frames: RefCell<Vec<Frame>>,
    guarded: RefCell<FxHashSet<(&'static str, usize, usize)>>,
    catch_tags: RefCell<Vec<Value>>,
    line: Cell<u32>,
}

/// All fibers of an interpreter.
#[derive(Default)]
struct Fibers(RefCell<Vec<Weak<Parked>>>);

impl Interp {
    /// Ends the iterations that stand half way (`Enumerator#next`). Each of them holds the interpreter, so an embedder calls
    /// this before it lets go of it.
    pub fn end_fibers(&self) {
        let Some(fibers) = self.extension::<Fibers>() else { return };
        for parked in fibers.0.take().iter().filter_map(Weak::upgrade) {
            let fiber = parked.fiber.borrow_mut().take();
            drop(fiber);
            parked.frames.borrow_mut().clear();
        }
    }
}

fn register(vm: &Interp, parked: &Rc<Parked>) -> Res<()> {
    let fibers = vm.extension::<Fibers>().unwrap_or_else(|| {
        let fibers = Rc::<Fibers>::default();
        vm.set_extension(Rc::clone(&fibers));
        fibers
    });
    let mut all = fibers.0.borrow_mut();
    if all.len() >= MOST_FIBERS {
        all.retain(|fiber| fiber.strong_count() > 0);
        if all.len() >= MOST_FIBERS {
            return Err(vm.error("FiberError", "can't alloc machine stack to fiber: Cannot allocate memory"));
        }
    }
    all.push(Rc::downgrade(parked));
    Ok(())
}

/// Runs the iteration to its end, stopping at each yield.
fn body(vm: &Rc<Interp>, pending: &Pending, handle: &Handle<Vec<Value>>) -> Res {
    let handle = handle.clone();
    let block = RProc::native(move |vm, _, args| match handle.suspend(args.values.to_vec()) {
        Ok(()) => Ok(Value::Nil),
        Err(_) => Err(vm.error("FiberError", "attempt to yield on a not resumed fiber")),
    });
    run(vm, pending, &[], &block)
}

fn start(vm: &Interp, pending: Pending) -> Res<Source> {
    if pending.method == known::EACH
        && pending.arguments.is_empty()
        && pending.runs.is_none()
        && let Value::Array(array) = &pending.receiver
        && array.head.class().is_none()
    {
        return Ok(Source::Array(Rc::clone(array), 0));
    }
    let owned = vm.rc();
    let fiber = Fiber::new(STACK, move |handle| body(&owned, &pending, handle));
    let Ok(fiber) = fiber else {
        return Err(vm.error("FiberError", "can't alloc machine stack to fiber: Cannot allocate memory"));
    };
    let parked = Rc::new(Parked {
        fiber: RefCell::new(Some(fiber)),
        frames: RefCell::default(),
        guarded: RefCell::default(),
        catch_tags: RefCell::default(),
        line: Cell::new(vm.line.get()),
    });
    register(vm, &parked)?;
    Ok(Source::Fiber(parked))
}

impl Parked {
    /// Lets the fiber run until it yields (its values) or ends.
    fn resume(&self, vm: &Interp) -> Option<Progress<Vec<Value>, Res>> {
        let mut fiber = self.fiber.borrow_mut().take()?;
        let below = vm.frames.borrow().len();
        vm.frames.borrow_mut().append(&mut self.frames.borrow_mut());
        std::mem::swap(&mut *vm.guarded.borrow_mut(), &mut *self.guarded.borrow_mut());
        std::mem::swap(&mut *vm.catch_tags.borrow_mut(), &mut *self.catch_tags.borrow_mut());
        let line = vm.line.replace(self.line.get());
        let limit = vm.stack_limit.replace(fiber.stack_limit() + RESERVE);
        let progress = fiber.resume();
        vm.stack_limit.set(limit);
        self.line.set(vm.line.replace(line));
        std::mem::swap(&mut *vm.catch_tags.borrow_mut(), &mut *self.catch_tags.borrow_mut());
        std::mem::swap(&mut *vm.guarded.borrow_mut(), &mut *self.guarded.borrow_mut());
        *self.frames.borrow_mut() = vm.frames.borrow_mut().split_off(below);
        if matches!(progress, Some(Progress::Suspended(_))) {
            *self.fiber.borrow_mut() = Some(fiber);
        }
        progress
    }
}

/// The cursor of an enumerator, made when it is asked for the first time.
fn cursor(vm: &Interp, receiver: &Value) -> Res {
    let name = Sym::new(CURSOR);
    let Some(head) = receiver.head() else { return Ok(Value::Nil) };
    if let Some(cursor) = head.ivar(name) {
        return Ok(cursor);
    }
    let source = start(vm, iteration(vm, receiver)?)?;
    let cursor = Cursor { source: RefCell::new(source), ahead: RefCell::default() };
    let cursor: Value = RObject::with_native(Rc::clone(&vm.c.object), cursor).into();
    head.set_ivar(name, cursor.clone());
    Ok(cursor)
}

/// What an enumerator iterates over; chains and sequences by their own `each`.
fn iteration(vm: &Interp, receiver: &Value) -> Res<Pending> {
    if receiver.native::<super::Enumerator>().is_some() {
        return pending(vm, receiver);
    }
    Ok(Pending {
        receiver: receiver.clone(),
        method: known::EACH,
        arguments: Vec::new(),
        keywords: false,
        size: super::Size::Unknown,
        runs: None,
    })
}

/// Whether an iteration is under way.
pub(super) fn is_started(receiver: &Value) -> bool {
    receiver.head().is_some_and(|head| head.ivar(Sym::new(CURSOR)).is_some())
}

fn forget(receiver: &Value) {
    if let Some(head) = receiver.head() {
        head.remove_ivar(Sym::new(CURSOR));
    }
}

fn stop_iteration(vm: &Interp, result: Value) -> Unwind {
    let error = vm.exception(&vm.class_named("StopIteration"), Value::str("iteration reached an end"));
    error.head.set_ivar(known::RESULT, result);
    vm.raise_object(error)
}

fn peeked(vm: &Interp, receiver: &Value) -> Res<Vec<Value>> {
    let cursor = cursor(vm, receiver)?;
    let Some(cursor) = cursor.native::<Cursor>() else { return Ok(Vec::new()) };
    if let Some(values) = cursor.ahead.borrow().as_ref() {
        return Ok(values.clone());
    }
    let values = advance(vm, receiver, cursor)?;
    *cursor.ahead.borrow_mut() = Some(values.clone());
    Ok(values)
}

fn taken(vm: &Interp, receiver: &Value) -> Res<Vec<Value>> {
    let values = peeked(vm, receiver)?;
    if let Some(cursor) = cursor(vm, receiver)?.native::<Cursor>() {
        cursor.ahead.borrow_mut().take();
    }
    Ok(values)
}

fn advance(vm: &Interp, receiver: &Value, cursor: &Cursor) -> Res<Vec<Value>> {
    vm.tick()?;
    let source = cursor.source.replace(Source::Running);
    let (next, outcome) = match source {
        Source::Array(array, at) => match array.get(at) {
            Some(value) => (Source::Array(array, at + 1), Ok(vec![value])),
            None => {
                let result = Value::Array(array);
                (Source::Ended(result.clone()), Err(stop_iteration(vm, result)))
            }
        },
        Source::Fiber(parked) => match parked.resume(vm) {
            Some(Progress::Suspended(values)) => (Source::Fiber(parked), Ok(values)),
            Some(Progress::Ended(Ok(result))) => (Source::Ended(result.clone()), Err(stop_iteration(vm, result))),
            Some(Progress::Ended(Err(unwind))) => {
                // After an error the iteration begins again.
                forget(receiver);
                (Source::Running, Err(unwind))
            }
            None => (Source::Running, Err(vm.error("FiberError", "dead fiber called"))),
        },
        Source::Ended(result) => (Source::Ended(result.clone()), Err(stop_iteration(vm, result))),
        Source::Running => (Source::Running, Err(vm.error("FiberError", "attempt to resume the current fiber"))),
    };
    *cursor.source.borrow_mut() = next;
    outcome
}

fn rewind(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    if receiver.native::<super::Enumerator>().is_some() {
        let pending = pending(vm, receiver)?;
        let name = Sym::new("rewind");
        if vm.responds(&pending.receiver, name)? {
            vm.call_with(&pending.receiver, name, Args::default(), CallStyle::Implicit)?;
        }
    }
    forget(receiver);
    Ok(receiver.clone())
}
