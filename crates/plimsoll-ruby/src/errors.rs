//! Making Ruby exceptions from native code.

use std::rc::Rc;

use crate::class::RClass;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::{Unwind, UnwindKind};
use crate::value::{Data, ExceptionData, RObject, Value};

impl Interp {
    /// An exception of the core class (or constant path) `class` with this message, being raised.
    pub fn error(&self, class: &str, message: impl AsRef<str>) -> Unwind {
        self.raise(&self.class_named(class), message)
    }

    /// An exception of this class with this message, being raised.
    pub fn raise(&self, class: &Rc<RClass>, message: impl AsRef<str>) -> Unwind {
        self.raise_value(class, Value::str(message))
    }

    /// An exception of this class with this message value, being raised.
    pub fn raise_value(&self, class: &Rc<RClass>, message: Value) -> Unwind {
        let exception = self.exception(class, message);
        self.raise_object(exception)
    }

    /// An exception object, not raised yet.
    pub fn exception(&self, class: &Rc<RClass>, message: Value) -> Rc<RObject> {
        let data = ExceptionData::default();
        *data.message.borrow_mut() = message;
        RObject::new(Rc::clone(class), Data::Exception(data))
    }

    /// Raises an exception object: gives it a backtrace and its cause, unless it has them.
    pub fn raise_object(&self, exception: Rc<RObject>) -> Unwind {
        if let Some(data) = exception.exception() {
            if data.backtrace.borrow().is_none() {
                let lines = self.backtrace(0);
                exception.hold(lines.iter().map(|line| size_of::<String>() + line.capacity()).sum());
                *data.backtrace.borrow_mut() = Some(lines);
            }
            if !data.cause_set.replace(true) {
                let handled = self.error_info();
                let itself = matches!(&handled, Value::Obj(o) if Rc::ptr_eq(o, &exception));
                if !itself {
                    *data.cause.borrow_mut() = handled;
                }
            }
        }
        UnwindKind::Raise(exception).into()
    }

    /// The running frames, innermost first, as backtrace lines, without the innermost `skip`.
    pub fn backtrace(&self, skip: usize) -> Vec<String> {
        const KEPT: usize = 400;
        let frames = self.frames.borrow();
        let running = self.line.get();
        let lines = frames.iter().rev().enumerate().skip(skip).take(KEPT);
        let line = |(at, frame): (usize, &crate::interp::Frame)| {
            let line = if at == 0 { running } else { frame.line };
            format!("{}:{line}:in `{}'", frame.file, frame.label)
        };
        lines.map(line).collect()
    }

    /// An ArgumentError.
    pub fn argument_error(&self, message: impl AsRef<str>) -> Unwind {
        self.error("ArgumentError", message)
    }

    /// A TypeError.
    pub fn type_error(&self, message: impl AsRef<str>) -> Unwind {
        self.error("TypeError", message)
    }

    /// The ArgumentError for a wrong number of arguments; `max` is negative for "or more".
    pub fn arity_error(&self, given: usize, min: usize, max: i32) -> Unwind {
        let expected = match max {
            max if max < 0 => format!("{min}+"),
            max if max as usize == min => format!("{min}"),
            max => format!("{min}..{max}"),
        };
        self.argument_error(format!("wrong number of arguments (given {given}, expected {expected})"))
    }

    /// A NameError about `name`.
    pub fn name_error_of(&self, message: impl AsRef<str>, name: crate::symbol::Sym) -> Unwind {
        let exception = self.exception(&self.class_named("NameError"), Value::str(message));
        exception.head.set_ivar(known::NAME, Value::Sym(name));
        self.raise_object(exception)
    }

    /// The FrozenError for changing `value`.
    pub fn frozen_error(&self, value: &Value) -> Unwind {
        let text = match self.inspect(value) {
            Ok(text) => text.lossy(),
            Err(unwind) => return unwind,
        };
        let class = self.real_class_of(value).name();
        let exception = self
            .exception(&self.class_named("FrozenError"), Value::str(format!("can't modify frozen {class}: {text}")));
        exception.head.set_ivar(known::RECEIVER, value.clone());
        self.raise_object(exception)
    }

    /// Refuses to change the methods of a frozen class or module, or those of a frozen object's singleton class.
    pub fn check_frozen_class(&self, class: &Rc<RClass>) -> Result<(), Unwind> {
        if !class.head.is_frozen() {
            return Ok(());
        }
        let attached = if class.is_singleton { class.attached.borrow().clone() } else { None };
        let (word, value) = match attached {
            Some(Value::Class(class)) if class.is_module => ("Module", Value::Class(class)),
            Some(Value::Class(class)) => ("Class", Value::Class(class)),
            Some(object) => ("object", object),
            None if class.is_module => ("module", Value::Class(Rc::clone(class))),
            None => ("class", Value::Class(Rc::clone(class))),
        };
        let text = self.to_s(&value)?.lossy();
        let message = Value::str(format!("can't modify frozen {word}: {text}"));
        let exception = self.exception(&self.class_named("FrozenError"), message);
        exception.head.set_ivar(known::RECEIVER, value);
        Err(self.raise_object(exception))
    }

    /// Refuses to change a frozen value.
    pub fn check_frozen(&self, value: &Value) -> Result<(), Unwind> {
        if value.is_frozen() { Err(self.frozen_error(value)) } else { Ok(()) }
    }

    /// What is refused on purpose, named with file and line.
    pub fn unsupported(&self, what: &str) -> Unwind {
        let (file, line) = self.position();
        self.error("NotImplementedError", format!("{what} is not supported ({file}:{line})"))
    }
}
