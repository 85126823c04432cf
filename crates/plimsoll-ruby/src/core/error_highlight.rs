//! What Ruby's error_highlight shows below a message: the line of code that raised, the call marked in it.

use std::rc::Rc;

use crate::class::MethodBody;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Unwind;
use crate::value::Value;

impl Interp {
    /// Adds a line of a library's code to a NoMethodError that its call of `method` on `receiver` raised itself, not code
    /// that was called. Programs of the interpreter's own are shown without theirs.
    pub fn highlight(&self, unwind: Unwind, receiver: &Value, method: Sym, line: &str) -> Unwind {
        if let Some(exception) = unwind.exception()
            && self.is_a(&Value::Obj(Rc::clone(exception)), &self.class_named("NoMethodError"))
            && exception.head.ivar(known::RECEIVER).is_some_and(|r| r.same(receiver))
            && exception.head.ivar(known::NAME).is_some_and(|n| matches!(n, Value::Sym(n) if n == method))
            && !self.answers_itself(receiver)
            && let Some(data) = exception.exception()
        {
            let mut message = self.to_s(&data.message.borrow().clone()).map(|m| m.to_vec()).unwrap_or_default();
            message.extend_from_slice(line.as_bytes());
            *data.message.borrow_mut() = Value::bytes(message);
        }
        unwind
    }

    /// Whether a value has a `method_missing` written in Ruby, which raised the error then.
    fn answers_itself(&self, receiver: &Value) -> bool {
        let method = self.find_method(&self.class_of(receiver), known::METHOD_MISSING);
        method.is_some_and(|method| matches!(method.body, MethodBody::Ruby(..) | MethodBody::Proc(_)))
    }
}
