//! Global variables, those tied to a match or an exception among them.

use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// `$!`
const ERROR_INFO: Sym = known::ERROR_INFO;

impl Interp {
    /// The value of a global variable.
    pub fn global(&self, name: Sym) -> Res {
        let name = self.global_name(name);
        match name.bytes() {
            b"$~" => Ok(self.last_match()),
            b"$&" => self.nth_match(0),
            b"$`" => self.of_match("pre_match"),
            b"$'" => self.of_match("post_match"),
            b"$+" => {
                let found = self.last_match();
                if found.is_nil() {
                    return Ok(Value::Nil);
                }
                let groups = self.send(&found, "captures", &[])?;
                let groups = self.collect(&groups)?;
                Ok(groups.into_iter().rev().find(|group| !group.is_nil()).unwrap_or_default())
            }
            b"$@" => match self.error_info() {
                Value::Nil => Ok(Value::Nil),
                error => self.call(&error, known::BACKTRACE, &[]),
            },
            _ => Ok(self.globals.borrow().get(&name).cloned().unwrap_or_default()),
        }
    }

    /// `$1`, `$2` … of the last match.
    pub fn nth_match(&self, number: u32) -> Res {
        match self.last_match() {
            Value::Nil => Ok(Value::Nil),
            found => self.call(&found, known::AREF, &[Value::Int(i64::from(number))]),
        }
    }

    fn of_match(&self, what: &str) -> Res {
        match self.last_match() {
            Value::Nil => Ok(Value::Nil),
            found => self.send(&found, what, &[]),
        }
    }

    /// Assigns a global variable.
    pub fn set_global(&self, name: Sym, value: Value) -> Res<()> {
        let name = self.global_name(name);
        match name.bytes() {
            b"$~" => self.set_last_match(value),
            b"$!" | b"$@" | b"$&" | b"$`" | b"$'" | b"$+" => {
                return Err(self.error("NameError", format!("{name} is a read-only variable")));
            }
            b"$stdout" | b"$stderr" if !self.responds(&value, Sym::new("write"))? => {
                let class = self.real_class_of(&value).name();
                return Err(self.type_error(format!("{name} must have write method, {class} given")));
            }
            _ => {
                let old = self.globals.borrow_mut().insert(name, value);
                drop(old);
            }
        }
        Ok(())
    }

    /// Whether a global variable has been assigned.
    pub fn global_defined(&self, name: Sym) -> bool {
        let name = self.global_name(name);
        match name.bytes() {
            b"$~" | b"$!" | b"$@" => true,
            b"$&" | b"$`" | b"$'" | b"$+" => !self.last_match().is_nil(),
            _ => self.globals.borrow().contains_key(&name),
        }
    }

    /// `alias $new $old`
    pub(crate) fn alias_global(&self, new: Sym, old: Sym) {
        let old = self.global_name(old);
        self.global_aliases.borrow_mut().insert(new, old);
    }

    fn global_name(&self, name: Sym) -> Sym {
        let aliases = self.global_aliases.borrow();
        if aliases.is_empty() { name } else { aliases.get(&name).copied().unwrap_or(name) }
    }

    /// `$!`: the exception being handled.
    pub fn error_info(&self) -> Value {
        self.globals.borrow().get(&ERROR_INFO).cloned().unwrap_or_default()
    }

    /// Sets `$!` and gives what it was.
    pub(crate) fn set_error_info(&self, error: Value) -> Value {
        self.globals.borrow_mut().insert(ERROR_INFO, error).unwrap_or_default()
    }
}
