//! Operators that numbers, arrays and hashes answer without a method call.

use std::rc::Rc;

use super::Scope;
use crate::args::Args;
use crate::dispatch::CallStyle;
use crate::ir::{Binary, Kind, Node, Operator};
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

impl Scope<'_> {
    #[inline(never)]
    pub(super) fn binary(&self, binary: &Binary, line: u32) -> Res {
        if let Some(value) = self.plain(binary) {
            return Ok(value);
        }
        let left = self.eval(&binary.left)?;
        let right = self.operand(&binary.right)?;
        if let (Value::Int(a), Value::Int(b)) = (&left, &right)
            && !self.vm.operators_redefined.get()
            && let Some(value) = integers(binary.op, *a, *b)
        {
            return Ok(value);
        }
        self.operate_slowly(binary, &left, &right, line)
    }

    /// The value of an operator on Integers alone, without making values of what stands in it.
    #[inline]
    fn plain(&self, binary: &Binary) -> Option<Value> {
        let (a, b) = self.plain_operands(binary)?;
        integers(binary.op, a, b)
    }

    #[inline]
    fn plain_operands(&self, binary: &Binary) -> Option<(i64, i64)> {
        if binary.plain == 0 || self.vm.operators_redefined.get() {
            return None;
        }
        Some((self.peek_integer(&binary.left)?, self.peek_integer(&binary.right)?))
    }

    /// The Integer that a literal or an operator on Integers alone comes to, without making a value of it.
    #[inline]
    pub(super) fn plain_integer(&self, node: &Node) -> Option<i64> {
        match &node.kind {
            Kind::Int(int) => Some(*int),
            Kind::Binary(binary) => {
                let (a, b) = self.plain_operands(binary)?;
                arithmetic(binary.op, a, b)
            }
            _ => None,
        }
    }

    /// Whether a condition holds.
    #[inline]
    pub(super) fn holds(&self, condition: &Node) -> Res<bool> {
        if let Kind::Binary(binary) = &condition.kind
            && let Some((a, b)) = self.plain_operands(binary)
            && let Some(holds) = comparison(binary.op, a, b)
        {
            return Ok(holds);
        }
        Ok(self.eval(condition)?.truthy())
    }

    /// The Integer that a literal or a local variable is, when it is one, or that operators make of such.
    #[inline]
    fn peek_integer(&self, node: &Node) -> Option<i64> {
        match &node.kind {
            Kind::Int(int) => Some(*int),
            Kind::Local(index) => self.env.integer(*index),
            Kind::OuterLocal(slot) => self.outer(slot.depth).integer(slot.index),
            Kind::Binary(binary) if binary.plain > 0 => self.peek_result(binary),
            _ => None,
        }
    }

    fn peek_result(&self, binary: &Binary) -> Option<i64> {
        arithmetic(binary.op, self.peek_integer(&binary.left)?, self.peek_integer(&binary.right)?)
    }

    #[inline(never)]
    fn operate_slowly(&self, binary: &Binary, left: &Value, right: &Value, line: u32) -> Res {
        self.vm.line.set(line);
        if !self.vm.operators_redefined.get()
            && let Some(value) = self.quick(binary.op, left, right)?
        {
            return Ok(value);
        }
        self.vm.call_with(left, binary.name, Args::new(std::slice::from_ref(right)), CallStyle::Explicit)
    }

    #[inline(never)]
    fn quick(&self, op: Operator, left: &Value, right: &Value) -> Res<Option<Value>> {
        Ok(match (left, right) {
            (Value::Float(a), Value::Float(b)) => floats(op, *a, *b),
            (Value::Float(a), Value::Int(b)) => floats(op, *a, *b as f64),
            // Comparing a large Integer with a Float exactly is the method's job.
            (Value::Int(a), Value::Float(b)) if a.unsigned_abs() < 1 << 53 => floats(op, *a as f64, *b),
            (Value::Array(array), Value::Int(index)) if op == Operator::Index && array.head.class().is_none() => {
                let at = if *index < 0 { *index + array.len() as i64 } else { *index };
                Some(usize::try_from(at).ok().and_then(|at| array.get(at)).unwrap_or_default())
            }
            (Value::Hash(hash), key) if op == Operator::Index && hash.head.class().is_none() => {
                Some(self.vm.hash_fetch(hash, key)?)
            }
            (Value::Array(array), value) if op == Operator::Shl && array.head.class().is_none() => {
                if array.head.is_frozen() {
                    return Ok(None);
                }
                self.vm.reserve_elements(array.len() + 1)?;
                array.push(value.clone());
                Some(Value::Array(Rc::clone(array)))
            }
            (Value::Sym(a), Value::Sym(b)) => equality(op, a == b),
            (Value::Str(a), Value::Str(b)) if a.head.class().is_none() && matches!(op, Operator::Eq | Operator::Ne) => {
                equality(op, crate::core::strings_equal(a, b))
            }
            (Value::Nil, Value::Nil) => equality(op, true),
            _ => None,
        })
    }

    #[inline(never)]
    pub(super) fn not(&self, operand: &Node, line: u32) -> Res {
        let value = self.eval(operand)?;
        match value {
            Value::Obj(_) => {
                self.vm.line.set(line);
                self.vm.call_with(&value, known::NOT, Args::default(), CallStyle::Explicit)
            }
            value => Ok(Value::Bool(!value.truthy())),
        }
    }
}

fn equality(op: Operator, equal: bool) -> Option<Value> {
    match op {
        Operator::Eq => Some(Value::Bool(equal)),
        Operator::Ne => Some(Value::Bool(!equal)),
        _ => None,
    }
}

#[inline]
fn integers(op: Operator, a: i64, b: i64) -> Option<Value> {
    comparison(op, a, b).map(Value::Bool).or_else(|| arithmetic(op, a, b).map(Value::Int))
}

#[inline]
fn comparison(op: Operator, a: i64, b: i64) -> Option<bool> {
    Some(match op {
        Operator::Lt => a < b,
        Operator::Le => a <= b,
        Operator::Gt => a > b,
        Operator::Ge => a >= b,
        Operator::Eq => a == b,
        Operator::Ne => a != b,
        _ => return None,
    })
}

/// `None` where the method has to do it: overflow, division by zero, bit shifts.
#[inline]
fn arithmetic(op: Operator, a: i64, b: i64) -> Option<i64> {
    match op {
        Operator::Add => a.checked_add(b),
        Operator::Sub => a.checked_sub(b),
        Operator::Mul => a.checked_mul(b),
        Operator::Div if b != 0 => {
            let quotient = a.checked_div(b)?;
            let inexact = a % b != 0 && (a < 0) != (b < 0);
            Some(quotient - i64::from(inexact))
        }
        Operator::Mod if b != 0 => {
            let rest = a.checked_rem(b)?;
            Some(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
        }
        Operator::And => Some(a & b),
        Operator::Or => Some(a | b),
        _ => None,
    }
}

fn floats(op: Operator, a: f64, b: f64) -> Option<Value> {
    match op {
        Operator::Add => Some(Value::Float(a + b)),
        Operator::Sub => Some(Value::Float(a - b)),
        Operator::Mul => Some(Value::Float(a * b)),
        Operator::Div => Some(Value::Float(a / b)),
        Operator::Lt => Some(Value::Bool(a < b)),
        Operator::Le => Some(Value::Bool(a <= b)),
        Operator::Gt => Some(Value::Bool(a > b)),
        Operator::Ge => Some(Value::Bool(a >= b)),
        Operator::Eq => Some(Value::Bool(a == b)),
        Operator::Ne => Some(Value::Bool(a != b)),
        _ => None,
    }
}
