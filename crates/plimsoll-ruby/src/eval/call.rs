//! Calls: receivers, arguments, blocks, `yield`, `super`.

use std::rc::Rc;
use std::sync::Arc;

use smallvec::SmallVec;

use super::{Context, Env, Scope};
use crate::args::Args;
use crate::ir::{Arg, ArgList, Block, BlockArg, Call, Node, Pair, Super};
use crate::symbol::known;
use crate::unwind::{Res, UnwindKind};
use crate::value::{ProcKind, RHash, RProc, RubyBlock, Value};

/// Evaluated arguments.
pub(super) struct Evaluated {
    pub(super) values: SmallVec<[Value; 4]>,
    pub(super) keywords: bool,
}

impl Evaluated {
    fn args(&self) -> Args<'_> {
        Args { values: &self.values, keywords: self.keywords, block: None }
    }
}

impl Scope<'_> {
    #[inline(never)]
    pub(super) fn call(&self, call: &Call, line: u32) -> Res {
        let evaluated;
        let receiver = match &call.receiver {
            None => self.self_value,
            Some(node) => {
                evaluated = self.eval(node)?;
                if call.safe && evaluated.is_nil() {
                    return Ok(Value::Nil);
                }
                &evaluated
            }
        };
        if let ArgList::Plain(nodes) = &call.args
            && !call.assigns
        {
            return match &**nodes {
                [] => self.call_method(call, receiver, Args::default(), line),
                [only] => {
                    let value = self.operand(only)?;
                    self.call_method(call, receiver, Args::new(std::slice::from_ref(&value)), line)
                }
                [first, second] => {
                    let values = [self.operand(first)?, self.operand(second)?];
                    self.call_method(call, receiver, Args::new(&values), line)
                }
                _ => self.call_general(call, receiver, line),
            };
        }
        self.call_general(call, receiver, line)
    }

    #[inline(never)]
    fn call_general(&self, call: &Call, receiver: &Value, line: u32) -> Res {
        let args = self.args(&call.args)?;
        let result = self.call_method(call, receiver, args.args(), line)?;
        if call.assigns {
            return Ok(args.values.last().cloned().unwrap_or_default());
        }
        Ok(result)
    }

    fn call_method(&self, call: &Call, receiver: &Value, args: Args<'_>, line: u32) -> Res {
        if let BlockArg::None = call.block {
            self.vm.line.set(line);
            return self.vm.call_with(receiver, call.name, args, call.style);
        }
        self.with_block(&call.block, line, |block| {
            self.vm.call_with(receiver, call.name, Args { block, ..args }, call.style)
        })
    }

    /// Runs `call` with a call's block: a literal block can be left by `break` for as long as the call runs.
    fn with_block(&self, block: &BlockArg, line: u32, call: impl FnOnce(Option<&Rc<RProc>>) -> Res) -> Res {
        let BlockArg::Literal(code) = block else {
            let block = self.passed_block(block)?;
            self.vm.line.set(line);
            return call(block.as_ref());
        };
        let home = if code.breaks { self.vm.new_activation() } else { 0 };
        let block = self.proc_of(code, false, home);
        self.vm.line.set(line);
        let result = call(Some(&block));
        if home == 0 {
            return result;
        }
        block.home.set(0);
        match result {
            Err(unwind) => match unwind.into_kind() {
                UnwindKind::Break(to, value) if to == home => Ok(value),
                other => Err(other.into()),
            },
            value => value,
        }
    }

    /// The block of `&expression`.
    fn passed_block(&self, block: &BlockArg) -> Res<Option<Rc<RProc>>> {
        let value = match block {
            BlockArg::Pass(node) => self.eval(node)?,
            BlockArg::Forward(slot) => self.outer(slot.depth).get(slot.index),
            BlockArg::None | BlockArg::Literal(_) => Value::Nil,
        };
        self.vm.to_block(&value)
    }

    fn proc_of(&self, code: &Arc<Block>, lambda: bool, home: u64) -> Rc<RProc> {
        let code = RubyBlock {
            body: Arc::clone(code),
            env: Rc::clone(self.env),
            self_value: self.self_value.clone(),
            context: Rc::clone(self.context),
        };
        RProc::new(ProcKind::Ruby(code), lambda, home)
    }

    pub(super) fn lambda(&self, code: &Arc<Block>) -> Rc<RProc> {
        let lambda = self.proc_of(code, true, 0);
        self.vm.keep_proc(&lambda);
        lambda
    }

    #[inline(never)]
    pub(super) fn yield_values(&self, args: &ArgList, line: u32) -> Res {
        let Some(block) = &self.context.block else {
            self.vm.line.set(line);
            return Err(self.vm.error("LocalJumpError", "no block given (yield)"));
        };
        if let ArgList::Plain(nodes) = args
            && let [only] = &**nodes
        {
            let value = self.eval(only)?;
            self.vm.line.set(line);
            return self.vm.call_proc(block, Args::new(std::slice::from_ref(&value)));
        }
        let args = self.args(args)?;
        self.vm.line.set(line);
        self.vm.call_proc(block, args.args())
    }

    pub(super) fn super_call(&self, call: &Super, line: u32) -> Res {
        let vm = self.vm;
        let Some(method) = &self.context.method else {
            return Err(vm.error("RuntimeError", "super called outside of method"));
        };
        if call.implicit {
            return Err(vm.error(
                "RuntimeError",
                "implicit argument passing of super from method defined by define_method() is not supported. \
                 Specify all arguments explicitly.",
            ));
        }
        let args = self.args(&call.args)?;
        let run = |block: Option<&Rc<RProc>>| vm.call_super(self.self_value, method, Args { block, ..args.args() });
        match &call.block {
            BlockArg::None => {
                vm.line.set(line);
                run(self.context.block.as_ref())
            }
            block => self.with_block(block, line, run),
        }
    }

    /// Evaluates arguments.
    pub(super) fn args(&self, list: &ArgList) -> Res<Evaluated> {
        let mut values = SmallVec::new();
        match list {
            ArgList::Plain(nodes) => {
                for node in nodes {
                    values.push(self.eval(node)?);
                }
                Ok(Evaluated { values, keywords: false })
            }
            ArgList::Mixed(args) => {
                let mut keywords = false;
                for arg in args {
                    match arg {
                        Arg::Value(node) => values.push(self.eval(node)?),
                        Arg::Splat(node) => values.extend(self.splat(node)?),
                        Arg::Keywords(pairs) => {
                            let hash = self.hash(pairs)?;
                            // `**{}` passes nothing.
                            keywords = !hash.is_empty();
                            if keywords {
                                values.push(Value::Hash(hash));
                            }
                        }
                    }
                }
                Ok(Evaluated { values, keywords })
            }
        }
    }

    /// The values of `*node`.
    pub(super) fn splat(&self, node: &Node) -> Res<Vec<Value>> {
        let value = self.eval(node)?;
        self.vm.line.set(node.line);
        self.vm.splat(&value)
    }

    /// A hash literal, or keywords.
    pub(super) fn hash(&self, pairs: &[Pair]) -> Res<Rc<RHash>> {
        let vm = self.vm;
        let hash = RHash::new();
        for pair in pairs {
            match pair {
                Pair::Entry(key, value) => {
                    let key = self.eval(key)?;
                    let value = self.eval(value)?;
                    vm.hash_set(&hash, key, value)?;
                }
                Pair::Splat(node) => {
                    let value = self.eval(node)?;
                    for (key, value) in vm.to_hash(&value)?.entries() {
                        vm.hash_set(&hash, key, value)?;
                    }
                }
            }
        }
        Ok(hash)
    }
}

impl crate::interp::Interp {
    /// What `*value` spreads into: arrays, what has `to_a`, else the value alone.
    pub fn splat(&self, value: &Value) -> Res<Vec<Value>> {
        match value {
            Value::Array(array) => Ok(array.to_vec()),
            Value::Nil => Ok(Vec::new()),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Sym(_) | Value::Str(_) => Ok(vec![value.clone()]),
            _ => match self.call_if_responds(value, known::TO_A, &[])? {
                Some(Value::Array(array)) => Ok(array.to_vec()),
                Some(Value::Nil) | None => Ok(vec![value.clone()]),
                Some(other) => {
                    let class = self.real_class_of(value).name();
                    let got = self.real_class_of(&other).name();
                    Err(self.type_error(format!("can't convert {class} to Array ({class}#to_a gives {got})")))
                }
            },
        }
    }

    /// The block that `&value` passes.
    pub fn to_block(&self, value: &Value) -> Res<Option<Rc<RProc>>> {
        match value {
            Value::Nil => Ok(None),
            Value::Proc(block) => Ok(Some(Rc::clone(block))),
            Value::Sym(name) => Ok(Some(RProc::new(ProcKind::Symbol(*name), true, 0))),
            other => match self.call_if_responds(other, known::TO_PROC, &[])? {
                Some(Value::Proc(block)) => Ok(Some(block)),
                Some(got) => {
                    let class = self.real_class_of(other).name();
                    let got = self.real_class_of(&got).name();
                    Err(self.type_error(format!("can't convert {class} to Proc ({class}#to_proc gives {got})")))
                }
                None => {
                    let class = self.type_word(other);
                    Err(self.type_error(format!("wrong argument type {class} (expected Proc)")))
                }
            },
        }
    }

    /// Keeps in mind everything that a proc closes over: from now on it may be part of a cycle.
    pub fn keep_proc(&self, block: &RProc) {
        block.escaped.set(true);
        if let ProcKind::Ruby(code) = &block.kind {
            self.keep_scope(&code.env, &code.context);
        }
    }

    /// The same of a scope that is kept otherwise.
    pub(crate) fn keep_scope(&self, env: &Rc<Env>, context: &Rc<Context>) {
        let mut env = Some(env);
        while let Some(at) = env {
            if at.kept.replace(true) {
                return;
            }
            self.keep_env(at);
            env = at.parent.as_ref();
        }
        let mut context = Some(context);
        while let Some(at) = context {
            if let Some(block) = &at.block {
                self.keep_proc(block);
            }
            context = at.outer.as_ref();
        }
    }
}
