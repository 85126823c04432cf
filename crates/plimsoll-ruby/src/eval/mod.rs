//! Evaluation of lowered programs.

mod assign;
mod begin;
mod binding;
mod call;
mod constant;
mod context;
mod control;
mod defined;
mod definition;
mod global;
mod invoke;
mod literal;
mod operator;
mod params;
mod pattern;
mod program;
mod stack;

use std::rc::Rc;

pub(crate) use binding::{Binding, binding_of};
pub use context::{Context, Env};
pub(crate) use invoke::{call_block, call_method, call_proc_as_method};
pub(crate) use pattern::Mismatch;
pub use program::Session;
pub(crate) use stack::on_big_stack;

use crate::interp::Interp;
use crate::ir::{Kind, Node};
use crate::unwind::{ActivationId, Res, UnwindKind};
use crate::value::{RProc, RString, Value};

/// The pseudo activation that a `break` out of a `while` ends: always the innermost loop of its own scope.
const LOOP: ActivationId = 0;

/// What running code stands in.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    vm: &'a Interp,
    self_value: &'a Value,
    env: &'a Rc<Env>,
    context: &'a Rc<Context>,
    /// The block that is running, if one is: where `break` goes.
    block: Option<&'a Rc<RProc>>,
}

impl Scope<'_> {
    /// Evaluates an operand: variables and small numbers, which most are, without a call.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn operand(&self, node: &Node) -> Res {
        match &node.kind {
            Kind::Local(index) => Ok(self.env.get(*index)),
            Kind::Int(int) => Ok(Value::Int(*int)),
            Kind::Binary(binary) => self.binary(binary, node.line),
            _ => self.eval(node),
        }
    }

    /// Evaluates a statement whose value nobody takes.
    #[inline]
    fn execute(&self, node: &Node) -> Res<()> {
        match &node.kind {
            Kind::SetLocal(index, value) => self.set_local(self.env, *index, value),
            Kind::SetOuterLocal(slot, value) => self.set_local(self.outer(slot.depth), slot.index, value),
            Kind::Seq(nodes) => nodes.iter().try_for_each(|node| self.execute(node)),
            Kind::If(branch) => {
                let holds = self.holds(&branch.condition)?;
                self.execute(if holds { &branch.then } else { &branch.otherwise })
            }
            Kind::MultiAssign(assign) => self.execute_multi_assign(assign),
            _ => self.eval(node).map(drop),
        }
    }

    #[inline]
    fn set_local(&self, env: &Env, index: u16, value: &Node) -> Res<()> {
        match self.plain_integer(value) {
            Some(int) => env.set_integer(index, int),
            None => env.set(index, self.operand(value)?),
        }
        Ok(())
    }

    /// Evaluates a node.
    fn eval(&self, node: &Node) -> Res {
        match &node.kind {
            Kind::Nil => Ok(Value::Nil),
            Kind::True => Ok(Value::Bool(true)),
            Kind::False => Ok(Value::Bool(false)),
            Kind::SelfValue => Ok(self.self_value.clone()),
            Kind::Int(int) => Ok(Value::Int(*int)),
            Kind::Float(float) => Ok(Value::Float(*float)),
            Kind::Sym(sym) => Ok(Value::Sym(*sym)),
            Kind::Str(bytes, encoding, frozen) => {
                let string = RString::shared(bytes, *encoding);
                if *frozen {
                    string.head.freeze();
                }
                Ok(Value::Str(string))
            }
            Kind::Local(index) => Ok(self.env.get(*index)),
            Kind::OuterLocal(slot) => Ok(self.outer(slot.depth).get(slot.index)),
            Kind::Ivar(name) => Ok(self.self_value.head().and_then(|head| head.ivar(*name)).unwrap_or_default()),
            Kind::SetLocal(index, value) => {
                let value = self.operand(value)?;
                self.env.set(*index, value.clone());
                Ok(value)
            }
            Kind::SetOuterLocal(slot, value) => {
                let value = self.eval(value)?;
                self.outer(slot.depth).set(slot.index, value.clone());
                Ok(value)
            }
            Kind::Call(call) => self.call(call, node.line),
            Kind::Binary(binary) => self.binary(binary, node.line),
            Kind::Not(operand) => self.not(operand, node.line),
            Kind::Seq(nodes) => {
                let Some((last, before)) = nodes.split_last() else { return Ok(Value::Nil) };
                for node in before {
                    self.execute(node)?;
                }
                self.eval(last)
            }
            Kind::If(branch) => {
                let holds = self.holds(&branch.condition)?;
                self.eval(if holds { &branch.then } else { &branch.otherwise })
            }
            Kind::And(pair) => {
                let left = self.eval(&pair.0)?;
                if left.truthy() { self.eval(&pair.1) } else { Ok(left) }
            }
            Kind::Or(pair) => {
                let left = self.eval(&pair.0)?;
                if left.truthy() { Ok(left) } else { self.eval(&pair.1) }
            }
            Kind::While(looped) => self.while_loop(looped, node.line),
            Kind::Yield(args) => self.yield_values(args, node.line),
            _ => self.eval_rare(node),
        }
    }

    /// The less frequent kinds, apart from the others so that these need less stack.
    #[inline(never)]
    fn eval_rare(&self, node: &Node) -> Res {
        let vm = self.vm;
        vm.line.set(node.line);
        match &node.kind {
            Kind::Const(name) => self.constant(*name),
            Kind::ConstPath(scope, name) => self.constant_path(scope.as_deref(), *name, node.line),
            Kind::Cvar(name) => vm.class_variable(&self.context.cref, *name),
            Kind::Global(name) => vm.global(*name),
            Kind::NthMatch(number) => vm.nth_match(*number),
            Kind::Assign(assign) => {
                let value = self.eval(&assign.1)?;
                vm.line.set(node.line);
                self.assign(&assign.0, value.clone())?;
                Ok(value)
            }
            Kind::MultiAssign(assign) => self.multi_assign(assign),
            Kind::OpAssign(assign) => self.op_assign(assign, node.line),
            Kind::Super(call) => self.super_call(call, node.line),
            Kind::Case(case) => self.case(case),
            Kind::CaseIn(case) => self.case_in(case, node.line),
            Kind::Match(matched, required) => self.match_pattern(&matched.0, &matched.1, *required, node.line),
            Kind::MatchWrite(write) => self.match_write(&write.0, &write.1),
            Kind::Begin(begin) => self.begin(begin),
            Kind::Return(value) => self.return_value(value),
            Kind::Break(value) => self.break_value(value),
            Kind::LoopBreak(value) => Err(UnwindKind::Break(LOOP, self.eval(value)?).into()),
            Kind::Next(value) => Err(UnwindKind::Next(self.eval(value)?).into()),
            Kind::Redo => Err(UnwindKind::Redo.into()),
            Kind::Retry => Err(UnwindKind::Retry.into()),
            Kind::Def(def) => self.def(def.0.as_ref(), &def.1),
            Kind::Class(class) => self.class(class),
            Kind::Module(module) => self.module(module),
            Kind::SingletonClass(class) => self.singleton_class(&class.0, &class.1),
            Kind::Alias(names) => self.alias(&names.0, &names.1),
            Kind::AliasGlobal(new, old) => {
                vm.alias_global(*new, *old);
                Ok(Value::Nil)
            }
            Kind::Undef(names) => self.undef(names),
            Kind::Lambda(block) => Ok(Value::Proc(self.lambda(block))),
            Kind::Defined(inner) => self.defined(inner),
            Kind::Visible(asked) => self.visible(&asked.0, &asked.1, node.line),
            Kind::Refused(what) => Err(vm.unsupported(what)),
            _ => self.literal(node),
        }
    }

    /// The scope `depth` levels out.
    fn outer(&self, depth: u16) -> &Env {
        let mut env = &**self.env;
        for _ in 0..depth {
            env = env.parent.as_deref().expect("lowering counts the scopes");
        }
        env
    }

    /// The same in another frame of variables and context.
    fn return_value(&self, value: &Node) -> Res {
        let value = self.eval(value)?;
        let target = self.context.return_target();
        if target.live.get() {
            Err(UnwindKind::Return(target.id, value).into())
        } else {
            Err(self.jump_error("unexpected return", "return", value))
        }
    }

    fn break_value(&self, value: &Node) -> Res {
        let value = self.eval(value)?;
        match self.block {
            Some(block) if block.lambda.get() => Err(UnwindKind::Next(value).into()),
            Some(block) if block.home.get() != 0 => Err(UnwindKind::Break(block.home.get(), value).into()),
            _ => Err(self.jump_error("break from proc-closure", "break", value)),
        }
    }
}
