//! Loops, `case … when`, orphaned jumps.

use super::{LOOP, Scope};
use crate::ir::{Arg, Case, While};
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind, UnwindKind};
use crate::value::Value;

impl Scope<'_> {
    #[inline(never)]
    pub(super) fn while_loop(&self, looped: &While, line: u32) -> Res {
        let mut skip_condition = looped.body_first;
        loop {
            self.vm.line.set(line);
            self.vm.tick()?;
            let round = if skip_condition { Ok(true) } else { self.goes_on(looped) };
            skip_condition = false;
            let round = match round {
                Ok(false) => return Ok(Value::Nil),
                Ok(true) => self.execute(&looped.body),
                Err(unwind) => Err(unwind),
            };
            let Err(unwind) = round else { continue };
            match unwind.kind() {
                UnwindKind::Break(LOOP, value) => return Ok(value.clone()),
                UnwindKind::Next(_) => {}
                UnwindKind::Redo => skip_condition = true,
                _ => return Err(unwind),
            }
        }
    }

    fn goes_on(&self, looped: &While) -> Res<bool> {
        Ok(self.holds(&looped.condition)? != looped.negated)
    }

    pub(super) fn case(&self, case: &Case) -> Res {
        let subject = case.subject.as_ref().map(|subject| self.eval(subject)).transpose()?;
        for branch in &case.branches {
            for condition in &branch.conditions {
                if self.when(condition, subject.as_ref())? {
                    return self.eval(&branch.body);
                }
            }
        }
        self.eval(&case.otherwise)
    }

    fn when(&self, condition: &Arg, subject: Option<&Value>) -> Res<bool> {
        let holds = |pattern: &Value| match subject {
            Some(subject) => self.vm.case_equal(pattern, subject),
            None => Ok(pattern.truthy()),
        };
        match condition {
            Arg::Value(node) => {
                let pattern = self.eval(node)?;
                self.vm.line.set(node.line);
                holds(&pattern)
            }
            Arg::Splat(node) => {
                for pattern in self.splat(node)? {
                    if holds(&pattern)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Arg::Keywords(pairs) => holds(&Value::Hash(self.hash(pairs)?)),
        }
    }

    /// The LocalJumpError of a jump whose destination is gone.
    pub(super) fn jump_error(&self, message: &str, reason: &str, value: Value) -> Unwind {
        let vm = self.vm;
        let exception = vm.exception(&vm.class_named("LocalJumpError"), Value::str(message));
        exception.head.set_ivar(Sym::new("@reason"), Value::sym(reason));
        exception.head.set_ivar(Sym::new("@exit_value"), value);
        vm.raise_object(exception)
    }
}
