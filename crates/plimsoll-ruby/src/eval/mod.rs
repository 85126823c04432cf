//! Evaluation of lowered programs.

mod context;

pub use context::{Context, Env};

use std::rc::Rc;
use std::sync::Arc;

use crate::args::Args;
use crate::class::{Cref, Method, RClass};
use crate::interp::Interp;
use crate::ir;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{RProc, RubyBlock, Value};

/// Runs a method written in Ruby.
pub(crate) fn call_method(
    vm: &Interp, method: &Rc<Method>, body: &Arc<ir::MethodDef>, cref: &Rc<Cref>, name: Sym, receiver: &Value, args: Args<'_>,
) -> Res {
    let _ = (vm, method, body, cref, name, receiver, args);
    Ok(Value::Nil)
}

/// Runs a block as a method (`define_method`).
pub(crate) fn call_proc_as_method(
    vm: &Interp, method: &Rc<Method>, body: &Rc<RProc>, receiver: &Value, args: Args<'_>,
) -> Res {
    let _ = (vm, method, body, receiver, args);
    Ok(Value::Nil)
}

/// Runs a block with this `self`; `definee` is where `def` defines when it is not where the block was written.
pub(crate) fn call_block(
    vm: &Interp, block: &Rc<RProc>, code: &RubyBlock, self_value: &Value, definee: Option<&Rc<RClass>>, args: Args<'_>,
) -> Res {
    let _ = (vm, block, code, self_value, definee, args);
    Ok(Value::Nil)
}
