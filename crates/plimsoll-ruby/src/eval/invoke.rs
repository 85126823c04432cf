//! Running methods and blocks.

use std::rc::Rc;
use std::sync::Arc;

use super::{Context, Env, Scope};
use crate::args::Args;
use crate::class::{Cref, Method, RClass, Visibility};
use crate::interp::Interp;
use crate::ir::{self, Body};
use crate::symbol::Sym;
use crate::unwind::{Res, UnwindKind};
use crate::value::{ProcKind, RProc, RubyBlock, Value};

/// Runs a method written in Ruby.
pub(crate) fn call_method(
    vm: &Interp,
    method: &Rc<Method>,
    body: &Arc<ir::MethodDef>,
    cref: &Rc<Cref>,
    receiver: &Value,
    args: Args<'_>,
) -> Res {
    vm.tick()?;
    let context = Context::new(vm, Some(method), args.block, cref, Visibility::Public);
    let label = ir::Label { base: body.name, blocks: 0 };
    vm.push_frame(receiver, &context, label, body.file, body.line)?;
    let result = run_method(vm, body, &context, receiver, args);
    vm.pop_frame();
    context.live.set(false);
    match result {
        Err(unwind) if matches!(unwind.kind(), UnwindKind::Return(to, _) if *to == context.id) => Ok(returned(unwind)),
        other => other,
    }
}

fn returned(unwind: crate::unwind::Unwind) -> Value {
    match unwind.into_kind() {
        UnwindKind::Return(_, value) | UnwindKind::Next(value) => value,
        _ => unreachable!("asked before"),
    }
}

fn run_method(vm: &Interp, body: &ir::MethodDef, context: &Rc<Context>, receiver: &Value, args: Args<'_>) -> Res {
    let params = &body.params;
    if params.simple {
        if args.values.len() != params.required.len() {
            return Err(vm.arity_error(args.values.len(), params.required.len(), params.required.len() as i32));
        }
        let env = Env::with(args.values, body.names.len(), None);
        let scope = Scope { vm, self_value: receiver, env: &env, context, block: None };
        return scope.eval(&body.body);
    }
    let env = Env::with(&[], body.names.len(), None);
    let scope = Scope { vm, self_value: receiver, env: &env, context, block: None };
    scope.bind(params, args, true)?;
    scope.eval(&body.body)
}

/// Runs a block as a method (`define_method`).
pub(crate) fn call_proc_as_method(
    vm: &Interp,
    method: &Rc<Method>,
    body: &Rc<RProc>,
    receiver: &Value,
    args: Args<'_>,
) -> Res {
    match &body.kind {
        ProcKind::Ruby(code) => {
            let context = Context::of_lambda(vm, &code.context, Some(method), None);
            let label = ir::Label { base: method.name, blocks: 0 };
            run_block(vm, body, code, &context, receiver, args, true, label)
        }
        _ => vm.call_block_with_self(body, receiver, None, args),
    }
}

/// Runs a block with this `self`; `definee` is where `def` defines when it is not where the block was written.
pub(crate) fn call_block(
    vm: &Interp,
    block: &Rc<RProc>,
    code: &RubyBlock,
    self_value: &Value,
    definee: Option<&Rc<RClass>>,
    args: Args<'_>,
) -> Res {
    let label = code.body.label;
    if block.lambda.get() {
        let context = Context::of_lambda(vm, &code.context, None, definee);
        return run_block(vm, block, code, &context, self_value, args, true, label);
    }
    match definee {
        None => run_block(vm, block, code, &code.context, self_value, args, false, label),
        Some(definee) => {
            let context = Context::of_block(&code.context, definee);
            run_block(vm, block, code, &context, self_value, args, false, label)
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn run_block(
    vm: &Interp,
    block: &Rc<RProc>,
    code: &RubyBlock,
    context: &Rc<Context>,
    self_value: &Value,
    args: Args<'_>,
    strict: bool,
    label: ir::Label,
) -> Res {
    if !vm.has_entered() {
        return vm.on_own_stack(|| run_block(vm, block, code, context, self_value, args, strict, label));
    }
    vm.tick()?;
    vm.push_frame(self_value, context, label, code.body.file, code.body.line)?;
    let result = loop {
        let result = run_block_body(vm, block, code, context, self_value, args, strict);
        match &result {
            Err(unwind) if matches!(unwind.kind(), UnwindKind::Redo) => vm.tick()?,
            _ => break result,
        }
    };
    vm.pop_frame();
    if strict {
        context.live.set(false);
    }
    match result {
        Err(unwind) => match unwind.kind() {
            UnwindKind::Next(_) => Ok(returned(unwind)),
            UnwindKind::Return(to, _) if strict && *to == context.id => Ok(returned(unwind)),
            _ => Err(unwind),
        },
        value => value,
    }
}

fn run_block_body(
    vm: &Interp,
    block: &Rc<RProc>,
    code: &RubyBlock,
    context: &Rc<Context>,
    self_value: &Value,
    args: Args<'_>,
    strict: bool,
) -> Res {
    let body = &code.body;
    let params = &body.params;
    if body.names.is_empty() {
        let scope = Scope { vm, self_value, env: &code.env, context, block: Some(block) };
        if !params.simple || strict {
            scope.bind(params, args, strict)?;
        }
        return scope.eval(&body.body);
    }
    let parent = Some(Rc::clone(&code.env));
    let count = params.required.len();
    if params.simple && (args.values.len() == count || !strict) && (args.values.len() != 1 || count == 1) {
        let env = Env::with(&args.values[..args.values.len().min(count)], body.names.len(), parent);
        let scope = Scope { vm, self_value, env: &env, context, block: Some(block) };
        return scope.eval(&body.body);
    }
    let env = Env::with(&[], body.names.len(), parent);
    let scope = Scope { vm, self_value, env: &env, context, block: Some(block) };
    scope.bind(params, args, strict)?;
    scope.eval(&body.body)
}

/// Runs the body of a file, class or module.
pub(crate) fn run_body(
    vm: &Interp,
    body: &Body,
    env: &Rc<Env>,
    context: &Rc<Context>,
    self_value: &Value,
    line: u32,
) -> Res {
    run_code(vm, &body.code, body.label, body.file, env, context, self_value, line)
}

#[allow(clippy::too_many_arguments)]
pub(crate) fn run_code(
    vm: &Interp,
    code: &ir::Node,
    label: ir::Label,
    file: Sym,
    env: &Rc<Env>,
    context: &Rc<Context>,
    self_value: &Value,
    line: u32,
) -> Res {
    vm.tick()?;
    vm.push_frame(self_value, context, label, file, line)?;
    let scope = Scope { vm, self_value, env, context, block: None };
    let result = scope.eval(code);
    vm.pop_frame();
    context.live.set(false);
    match result {
        Err(unwind) if matches!(unwind.kind(), UnwindKind::Return(to, _) if *to == context.id) => Ok(returned(unwind)),
        other => other,
    }
}
