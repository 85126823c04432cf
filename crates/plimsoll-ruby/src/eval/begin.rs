//! `begin … rescue … else … ensure`.

use std::rc::Rc;

use super::Scope;
use crate::ir::{Arg, Begin, Rescue};
use crate::unwind::{Res, UnwindKind};
use crate::value::{RObject, Value};

impl Scope<'_> {
    pub(super) fn begin(&self, begin: &Begin) -> Res {
        let result = self.rescued(begin);
        let Some(ensure) = &begin.ensure else { return result };
        let handled = match &result {
            Err(unwind) => match unwind.kind() {
                // A crossed limit ends the evaluation at once.
                UnwindKind::Limit(_) | UnwindKind::Halt(_) => return result,
                UnwindKind::Raise(exception) => Some(Value::Obj(Rc::clone(exception))),
                _ => None,
            },
            Ok(_) => None,
        };
        match handled {
            Some(exception) => self.handling(exception, || self.eval(ensure))?,
            None => self.eval(ensure)?,
        };
        result
    }

    /// The body with its rescue clauses, from the beginning again on `retry`.
    fn rescued(&self, begin: &Begin) -> Res {
        loop {
            let unwind = match (self.eval(&begin.body), &begin.otherwise) {
                (Ok(_), Some(otherwise)) => return self.eval(otherwise),
                (Ok(value), None) => return Ok(value),
                (Err(unwind), _) => unwind,
            };
            let Some(exception) = unwind.exception().cloned() else { return Err(unwind) };
            let error = Value::Obj(Rc::clone(&exception));
            let answer = self.handling(error.clone(), || {
                for clause in &begin.rescues {
                    if self.catches(clause, &error, &exception)? {
                        return self.rescue(clause, &error).map(Some);
                    }
                }
                Ok(None)
            });
            match answer {
                Ok(Some(value)) => return Ok(value),
                Ok(None) => return Err(unwind),
                Err(other) if matches!(other.kind(), UnwindKind::Retry) => self.vm.tick()?,
                Err(other) => return Err(other),
            }
        }
    }

    /// Runs `body` with `$!` set.
    fn handling<T>(&self, exception: Value, body: impl FnOnce() -> T) -> T {
        let before = self.vm.set_error_info(exception);
        let result = body();
        self.vm.set_error_info(before);
        result
    }

    fn rescue(&self, clause: &Rescue, error: &Value) -> Res {
        if let Some(target) = &clause.target {
            self.assign(target, error.clone())?;
        }
        self.eval(&clause.body)
    }

    fn catches(&self, clause: &Rescue, error: &Value, exception: &Rc<RObject>) -> Res<bool> {
        let vm = self.vm;
        if clause.classes.is_empty() {
            return Ok(vm.is_a(&Value::Obj(Rc::clone(exception)), &vm.c.standard_error));
        }
        vm.line.set(clause.line);
        let matches = |class: &Value| {
            if !matches!(class, Value::Class(_)) {
                return Err(vm.type_error("class or module required for rescue clause"));
            }
            vm.case_equal(class, error)
        };
        for class in &clause.classes {
            let found = match class {
                Arg::Value(node) => matches(&self.eval(node)?)?,
                Arg::Splat(node) => {
                    let mut found = false;
                    for class in self.splat(node)? {
                        found = found || matches(&class)?;
                    }
                    found
                }
                Arg::Keywords(_) => false,
            };
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
