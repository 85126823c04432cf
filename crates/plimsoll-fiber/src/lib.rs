//! Fibers that can be suspended from any depth of calls.
//!
//! A coroutine of `corosensei` is suspended through a reference that lives as long as its body runs. The Ruby interpreter
//! has to suspend one from within a block, which is a value that anyone may keep: it can't hold such a reference. A
//! [`Handle`] can be kept by anyone; it looks at run time whether its fiber is the one that is running, and refuses
//! otherwise. That look is what makes the one `unsafe` line below sound, and the reason for a crate of its own: everything
//! else in this workspace forbids unsafe code.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::rc::Rc;

use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, CoroutineResult, Yielder};

/// A body that runs on a stack of its own and can stop half way, handing out values of type `T`.
pub struct Fiber<T: 'static, R: 'static> {
    coroutine: Coroutine<(), T, R, DefaultStack>,
    handle: Handle<T>,
    stack_limit: usize,
}

/// What suspends a fiber; it may be cloned and kept by anyone, also after the fiber's end.
pub struct Handle<T: 'static>(Rc<Slot<T>>);

struct Slot<T: 'static> {
    /// The running body's way to suspend itself; `None` before it starts and after it ends.
    yielder: Cell<Option<NonNull<Yielder<(), T>>>>,
}

/// Why a fiber could not be suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the fiber is not the one that is running")]
pub struct NotRunning;

/// How far a fiber has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress<T, R> {
    /// It suspended itself with this value.
    Suspended(T),
    /// Its body has ended with this value.
    Ended(R),
}

thread_local! {
    /// The slots of the fibers that are running on this thread, each resumed by the one before it.
    static RUNNING: RefCell<Vec<*const ()>> = const { RefCell::new(Vec::new()) };
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Handle<T> {
    fn id(&self) -> *const () {
        Rc::as_ptr(&self.0).cast()
    }

    /// Stops the fiber, which must be the innermost that runs; returns when it is resumed.
    pub fn suspend(&self, value: T) -> Result<(), NotRunning> {
        let innermost = RUNNING.with(|running| running.borrow().last() == Some(&self.id()));
        match self.0.yielder.get() {
            Some(yielder) if innermost => {
                // SAFETY: the pointer was made of the reference that the body was given, which is valid while the body runs
                // (`Leave` takes it away at its end, also by a panic). The body runs: it is the innermost of `RUNNING`,
                // so this very call is made on its stack.
                #[allow(unsafe_code)]
                let yielder = unsafe { yielder.as_ref() };
                yielder.suspend(value);
                Ok(())
            }
            _ => Err(NotRunning),
        }
    }
}

/// Takes the way to suspend a body away when the body ends.
struct Leave<T: 'static>(Handle<T>);

impl<T> Drop for Leave<T> {
    fn drop(&mut self) {
        self.0.0.yielder.set(None);
    }
}

/// Takes the innermost fiber off the list when it stops, also by a panic.
struct Stopped;

impl Drop for Stopped {
    fn drop(&mut self) {
        RUNNING.with(|running| running.borrow_mut().pop());
    }
}

impl<T: 'static, R: 'static> Fiber<T, R> {
    /// A fiber with a stack of this many bytes, reserved, not committed. Its body is given what suspends it.
    pub fn new(stack: usize, body: impl FnOnce(&Handle<T>) -> R + 'static) -> std::io::Result<Self> {
        let stack = DefaultStack::new(stack)?;
        let stack_limit = stack.limit().get();
        let handle = Handle(Rc::new(Slot { yielder: Cell::new(None) }));
        let inner = handle.clone();
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<(), T>, ()| {
            inner.0.yielder.set(Some(NonNull::from(yielder)));
            let leave = Leave(inner);
            body(&leave.0)
        });
        Ok(Self { coroutine, handle, stack_limit })
    }

    /// Lets it run until it suspends itself or ends; `None` when it has ended before.
    pub fn resume(&mut self) -> Option<Progress<T, R>> {
        if self.coroutine.done() {
            return None;
        }
        RUNNING.with(|running| running.borrow_mut().push(self.handle.id()));
        let stopped = Stopped;
        let result = self.coroutine.resume(());
        drop(stopped);
        Some(match result {
            CoroutineResult::Yield(value) => Progress::Suspended(value),
            CoroutineResult::Return(value) => Progress::Ended(value),
        })
    }

    /// The lowest address of its stack.
    pub fn stack_limit(&self) -> usize {
        self.stack_limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(from: u32) -> Fiber<u32, &'static str> {
        Fiber::new(1 << 16, move |handle| {
            for number in from..from + 2 {
                handle.suspend(number).unwrap();
            }
            "end"
        })
        .unwrap()
    }

    #[test]
    fn hands_out_values_and_ends() {
        let mut fiber = counter(1);
        assert_eq!(fiber.resume(), Some(Progress::Suspended(1)));
        assert_eq!(fiber.resume(), Some(Progress::Suspended(2)));
        assert_eq!(fiber.resume(), Some(Progress::Ended("end")));
        assert_eq!(fiber.resume(), None);
    }

    #[test]
    fn fibers_take_turns_and_nest() {
        let mut inner = counter(10);
        let mut outer = Fiber::new(1 << 16, move |handle| {
            while let Some(Progress::Suspended(number)) = inner.resume() {
                handle.suspend(number * 2).unwrap();
            }
        })
        .unwrap();
        let mut other = counter(5);
        assert_eq!(outer.resume(), Some(Progress::Suspended(20)));
        assert_eq!(other.resume(), Some(Progress::Suspended(5)));
        assert_eq!(outer.resume(), Some(Progress::Suspended(22)));
        assert_eq!(other.resume(), Some(Progress::Suspended(6)));
        assert_eq!(outer.resume(), Some(Progress::Ended(())));
    }

    #[test]
    fn only_the_running_fiber_can_be_suspended() {
        let kept: Rc<RefCell<Option<Handle<u32>>>> = Rc::default();
        let keep = Rc::clone(&kept);
        let mut outer = Fiber::<u32, ()>::new(1 << 16, move |handle| {
            *keep.borrow_mut() = Some(handle.clone());
            let outer = handle.clone();
            let mut inner = Fiber::<u32, _>::new(1 << 16, move |_| outer.suspend(1)).unwrap();
            assert_eq!(inner.resume(), Some(Progress::Ended(Err(NotRunning))));
            handle.suspend(2).unwrap();
        })
        .unwrap();
        assert_eq!(outer.resume(), Some(Progress::Suspended(2)));
        let handle = kept.borrow().clone().unwrap();
        assert_eq!(handle.suspend(3), Err(NotRunning));
        assert_eq!(outer.resume(), Some(Progress::Ended(())));
        assert_eq!(handle.suspend(3), Err(NotRunning));
    }

    #[test]
    fn a_dropped_fiber_drops_what_is_on_its_stack() {
        let value = Rc::new(());
        let held = Rc::clone(&value);
        let mut fiber = Fiber::<(), ()>::new(1 << 16, move |handle| {
            let here = held;
            handle.suspend(()).unwrap();
            drop(here);
        })
        .unwrap();
        fiber.resume();
        assert_eq!(Rc::strong_count(&value), 2);
        drop(fiber);
        assert_eq!(Rc::strong_count(&value), 1);
    }

    #[test]
    fn a_panic_reaches_the_one_who_resumed() {
        let mut fiber = Fiber::<(), ()>::new(1 << 16, |_| panic!("boom")).unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fiber.resume()));
        assert!(caught.is_err());
        assert_eq!(fiber.resume(), None);
        assert_eq!(counter(1).resume(), Some(Progress::Suspended(1)));
    }
}
