//! The native stack: a tree walker needs more of it than threads usually have.
//!
//! Evaluation and lowering run on a stack of their own, so that how deep a program may nest depends on the limits and not on
//! the thread that embeds us. It is reserved, not committed: only what is used costs memory.

use std::rc::Rc;

use corosensei::on_stack;
use corosensei::stack::{DefaultStack, Stack};

use super::Context;
use crate::interp::{Frame, Interp};
use crate::ir::Label;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

/// Bytes for evaluation: enough for the default depth limit in a release build.
const EVALUATION: usize = 256 << 20;

/// Bytes for parsing and lowering.
const LOWERING: usize = 64 << 20;

/// Bytes that stay free for native code, which does not ask.
const RESERVE: usize = 4 << 20;

/// What every thread's stack is taken to have left.
const SMALL: usize = 512 << 10;

/// Runs `body` on a large stack of its own.
pub(crate) fn on_big_stack<T>(body: impl FnOnce() -> T) -> T {
    match DefaultStack::new(LOWERING) {
        Ok(stack) => on_stack(stack, body),
        // No address space left: the caller's stack has to do.
        Err(_) => body(),
    }
}

/// Gives the stack back when the evaluation ends, by a panic too.
struct Entered<'a>(&'a Interp, Option<DefaultStack>);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.stack_limit.set(0);
        *self.0.stack.borrow_mut() = self.1.take();
    }
}

impl Interp {
    /// Runs `body` on the interpreter's own stack, unless it runs there already.
    pub fn on_own_stack<T>(&self, body: impl FnOnce() -> T) -> T {
        if self.stack_limit.get() != 0 {
            return body();
        }
        let cached = self.stack.borrow_mut().take();
        let Some(stack) = cached.or_else(|| DefaultStack::new(EVALUATION).ok()) else {
            // No address space left: a little of the caller's stack has to do.
            let here = 0_u8;
            self.stack_limit.set((std::ptr::addr_of!(here) as usize).saturating_sub(SMALL).max(1));
            let _entered = Entered(self, None);
            return body();
        };
        self.stack_limit.set(stack.limit().get() + RESERVE);
        let mut entered = Entered(self, Some(stack));
        let stack = entered.1.as_mut().expect("put there above");
        on_stack(stack, body)
    }

    /// Whether the interpreter's own stack is in use.
    pub(crate) fn has_entered(&self) -> bool {
        self.stack_limit.get() != 0
    }

    /// Whether native code may go deeper.
    pub(crate) fn has_stack(&self) -> bool {
        let here = 0_u8;
        std::ptr::addr_of!(here) as usize > self.stack_limit.get()
    }

    /// Raises SystemStackError when the stack is used up.
    pub(crate) fn check_stack(&self) -> Res<()> {
        if self.has_stack() { Ok(()) } else { Err(self.error("SystemStackError", "stack level too deep")) }
    }

    /// Enters a frame, or raises SystemStackError.
    #[inline]
    pub(crate) fn push_frame(
        &self,
        self_value: &Value,
        context: &Rc<Context>,
        label: Label,
        file: Sym,
        line: u32,
    ) -> Res<()> {
        let mut frames = self.frames.borrow_mut();
        if frames.len() >= self.limits.depth || !self.has_stack() {
            drop(frames);
            return Err(self.error("SystemStackError", "stack level too deep"));
        }
        if let Some(caller) = frames.last_mut() {
            caller.line = self.line.get();
        }
        self.line.set(line);
        frames.push(Frame { self_value: self_value.clone(), context: Rc::clone(context), label, file, line });
        Ok(())
    }

    /// Leaves a frame.
    pub(crate) fn pop_frame(&self) {
        let mut frames = self.frames.borrow_mut();
        let left = frames.pop();
        if let Some(caller) = frames.last() {
            self.line.set(caller.line);
        }
        drop(frames);
        drop(left);
    }
}
