//! Folding elements into one value.

use std::rc::Rc;

use super::{Walk, packed, walk, walk_with};
use crate::args::Args;
use crate::class::{Def, def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("inject", 0, 2, inject, "Combines the elements by a block or an operator's name"),
    def("reduce", 0, 2, inject, "Combines the elements by a block or an operator's name"),
    def("sum", 0, 1, sum, "The sum of the elements, or of what the block gives for them"),
];

/// `a + b`
pub(crate) fn add(vm: &Interp, a: &Value, b: &Value) -> Res {
    if let (Value::Int(a), Value::Int(b)) = (a, b)
        && let Some(sum) = a.checked_add(*b)
    {
        return Ok(Value::Int(sum));
    }
    vm.call(a, known::PLUS, std::slice::from_ref(b))
}

/// One step of `inject(:operator)`.
fn fold_symbol(vm: &Interp, operator: Sym, left: &Value, right: &Value) -> Res {
    if operator == known::PLUS {
        return add(vm, left, right);
    }
    vm.call_with(left, operator, Args::new(std::slice::from_ref(right)), CallStyle::Explicit)
}

enum Fold {
    Operator(Sym),
    Block(Rc<RProc>),
    /// Neither was given, and none is missed until there are two elements.
    Nothing,
}

fn inject(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (first, fold) = match (args.values, args.block) {
        ([], None) => (None, Fold::Nothing),
        ([], Some(block)) => (None, Fold::Block(Rc::clone(block))),
        ([first], Some(block)) => (Some(first.clone()), Fold::Block(Rc::clone(block))),
        ([operator], None) => (None, Fold::Operator(vm.to_name(operator)?)),
        ([first, operator, ..], _) => (Some(first.clone()), Fold::Operator(vm.to_name(operator)?)),
    };
    let result = walk(vm, receiver, first, move |vm, result, value| {
        let next = match (result.as_ref(), &fold) {
            (None, _) => value,
            (Some(left), Fold::Operator(operator)) => fold_symbol(vm, *operator, left, &value)?,
            (Some(left), Fold::Block(block)) => vm.call_block(block, &[left.clone(), value])?,
            (Some(_), Fold::Nothing) => return Err(vm.error("LocalJumpError", "no block given")),
        };
        *result = Some(next);
        Ok(Walk::On)
    })?;
    Ok(result.into())
}

fn sum(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let start = args.get(0).cloned().unwrap_or(Value::Int(0));
    let block = args.block.map(Rc::clone);
    let sum = walk_with(vm, receiver, &[], Sum::new(start), move |vm, sum, values| {
        let value = match &block {
            Some(block) => vm.call_block(block, values)?,
            None => packed(values),
        };
        sum.add(vm, value)?;
        Ok(Walk::On)
    })?;
    Ok(sum.result())
}

/// A sum that loses no digits of Floats (Kahan and Babuška's way) as long as all its terms are core numbers.
pub(crate) struct Sum {
    total: Value,
    /// What the floating total has lost so far; `None` while no Float has been met.
    lost: Option<f64>,
}

impl Sum {
    /// A sum that starts from this value.
    pub(crate) fn new(start: Value) -> Self {
        let lost = matches!(start, Value::Float(_)).then_some(0.0);
        Self { total: start, lost }
    }

    /// Adds a term.
    pub(crate) fn add(&mut self, vm: &Interp, term: Value) -> Res<()> {
        let float = match &term {
            Value::Float(float) => Some(*float),
            _ if self.lost.is_none() => None,
            other => crate::core::arithmetic::number(other).map(|number| number.to_f()),
        };
        match (&self.total, self.lost, float) {
            (Value::Float(total), Some(lost), Some(term)) => {
                let (total, lost) = compensated(*total, lost, term);
                self.total = Value::Float(total);
                self.lost = Some(lost);
            }
            (total, None, Some(term)) if let Some(number) = crate::core::arithmetic::number(total) => {
                let (total, lost) = compensated(number.to_f(), 0.0, term);
                self.total = Value::Float(total);
                self.lost = Some(lost);
            }
            _ => {
                let settled = self.settled();
                self.lost = None;
                self.total = add(vm, &settled, &term)?;
            }
        }
        Ok(())
    }

    fn settled(&self) -> Value {
        match (&self.total, self.lost) {
            (Value::Float(total), Some(lost)) => Value::Float(total + lost),
            (total, _) => total.clone(),
        }
    }

    /// The sum.
    pub(crate) fn result(&self) -> Value {
        self.settled()
    }
}

fn compensated(total: f64, lost: f64, term: f64) -> (f64, f64) {
    if !term.is_finite() || !total.is_finite() {
        return (total + term, 0.0);
    }
    let sum = total + term;
    let lost = lost + if total.abs() >= term.abs() { (total - sum) + term } else { (term - sum) + total };
    (sum, lost)
}
