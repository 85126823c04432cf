//! Assignments.

use smallvec::SmallVec;

use super::Scope;
use crate::args::Args;
use crate::dispatch::CallStyle;
use crate::ir::{ArgList, AssignOp, Kind, MultiTarget, Node, OpAssign, OpTarget, Target};
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

/// What a target of a multiple assignment read before the values were evaluated.
struct Ready {
    receiver: Value,
    style: CallStyle,
    args: SmallVec<[Value; 4]>,
}

impl Target {
    /// Whether assigning it evaluates something first.
    fn reads(&self) -> bool {
        match self {
            Self::Index(..) | Self::Attribute(..) => true,
            Self::Multi(inner) => inner.targets().any(Self::reads),
            _ => false,
        }
    }

    /// Whether both are the same local, instance or class variable.
    fn is_same_variable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) => a == b,
            (Self::Ivar(a), Self::Ivar(b)) | (Self::Cvar(a), Self::Cvar(b)) => a == b,
            _ => false,
        }
    }
}

impl MultiTarget {
    /// Whether it is variables alone, each once.
    fn is_distinct_variables(&self) -> bool {
        let before = &self.before;
        let first = |at: usize| before.iter().position(|target| target.is_same_variable(&before[at])) == Some(at);
        self.rest.is_none() && self.after.is_empty() && (0..before.len()).all(first)
    }

    /// The targets, from left to right.
    fn targets(&self) -> impl Iterator<Item = &Target> {
        self.before.iter().chain(self.rest.iter().flatten()).chain(&self.after)
    }

    /// Gives each target its value, nil where there is none, and the splat the rest.
    fn share(&self, values: &[Value], mut give: impl FnMut(&Target, Value) -> Res<()>) -> Res<()> {
        let value = |at: usize| values.get(at).cloned().unwrap_or_default();
        for (at, target) in self.before.iter().enumerate() {
            give(target, value(at))?;
        }
        let before = self.before.len();
        let rest_end = values.len().saturating_sub(self.after.len()).max(before);
        let Some(rest) = &self.rest else { return Ok(()) };
        if let Some(target) = rest {
            give(target, Value::array(values.get(before..rest_end).unwrap_or_default().to_vec()))?;
        }
        for (at, target) in self.after.iter().enumerate() {
            give(target, value(rest_end + at))?;
        }
        Ok(())
    }
}

impl Scope<'_> {
    /// Assigns a value to a target.
    pub(super) fn assign(&self, target: &Target, value: Value) -> Res<()> {
        let vm = self.vm;
        match target {
            Target::Local(slot) => self.outer(slot.depth).set(slot.index, value),
            Target::Ivar(name) => {
                vm.check_frozen(self.self_value)?;
                if let Some(head) = self.self_value.head() {
                    head.set_ivar(*name, value);
                }
            }
            Target::Cvar(name) => vm.set_class_variable(&self.context.cref, *name, value)?,
            Target::Global(name) => vm.set_global(*name, value)?,
            Target::Const(name) => vm.assign_constant(&self.context.cref.module, *name, value)?,
            Target::ConstPath(scope, name) => {
                let module = self.module_of(scope.as_ref())?;
                vm.assign_constant(&module, *name, value)?;
            }
            Target::Index(receiver, args) => {
                let (receiver, style) = self.receiver(receiver.as_ref())?;
                let mut args = self.args(args)?;
                args.values.push(value);
                vm.call_with(&receiver, known::ASET, Args::new(&args.values), style)?;
            }
            Target::Attribute(receiver, setter, safe) => {
                let (receiver, style) = self.receiver(receiver.as_ref())?;
                if !(*safe && receiver.is_nil()) {
                    vm.call_with(&receiver, *setter, Args::new(&[value]), style)?;
                }
            }
            Target::Multi(targets) => {
                let values = self.spread(&value)?;
                self.assign_each(targets, &values)?;
            }
        }
        Ok(())
    }

    fn receiver(&self, node: Option<&Node>) -> Res<(Value, CallStyle)> {
        match node {
            None | Some(Node { kind: Kind::SelfValue, .. }) => Ok((self.self_value.clone(), CallStyle::Implicit)),
            Some(node) => Ok((self.eval(node)?, CallStyle::Explicit)),
        }
    }

    /// The values that a multiple assignment shares out.
    fn spread(&self, value: &Value) -> Res<Vec<Value>> {
        Ok(match self.vm.try_array(value)? {
            Some(array) => array.to_vec(),
            None => vec![value.clone()],
        })
    }

    /// A multiple assignment whose value nobody takes. Like CRuby, whose stack gives the values back in that order, it
    /// assigns variables from the last to the first: so are instance variables listed.
    pub(super) fn execute_multi_assign(&self, assign: &(MultiTarget, Node)) -> Res<()> {
        let (targets, value) = assign;
        if let Kind::Array(list) = &value.kind
            && let ArgList::Plain(_) = **list
            && targets.is_distinct_variables()
        {
            let values = self.args(list)?.values;
            let mut pairs = targets.before.iter().enumerate().rev();
            let value = |at: usize| values.get(at).cloned().unwrap_or_default();
            return pairs.try_for_each(|(at, target)| self.assign(target, value(at)));
        }
        self.multi_assign(assign).map(drop)
    }

    pub(super) fn multi_assign(&self, assign: &(MultiTarget, Node)) -> Res {
        if !assign.0.targets().any(Target::reads) {
            let value = self.eval(&assign.1)?;
            let values = self.spread(&value)?;
            self.assign_each(&assign.0, &values)?;
            return Ok(value);
        }
        let mut ready = Vec::new();
        self.prepare(&assign.0, &mut ready)?;
        let value = self.eval(&assign.1)?;
        self.assign_ready(&assign.0, &value, &mut ready.into_iter())?;
        Ok(value)
    }

    /// Evaluates what the targets read (receivers, index arguments), from left to right, before the values are.
    fn prepare(&self, targets: &MultiTarget, ready: &mut Vec<Ready>) -> Res<()> {
        for target in targets.targets() {
            match target {
                Target::Index(receiver, args) => {
                    let (receiver, style) = self.receiver(receiver.as_ref())?;
                    ready.push(Ready { receiver, style, args: self.args(args)?.values });
                }
                Target::Attribute(receiver, ..) => {
                    let (receiver, style) = self.receiver(receiver.as_ref())?;
                    ready.push(Ready { receiver, style, args: SmallVec::new() });
                }
                Target::Multi(inner) => self.prepare(inner, ready)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Shares out a value over targets that have been prepared.
    fn assign_ready(&self, targets: &MultiTarget, value: &Value, ready: &mut std::vec::IntoIter<Ready>) -> Res<()> {
        let values = self.spread(value)?;
        targets.share(&values, |target, value| {
            let mut next = || ready.next().expect("each target that reads was prepared");
            match target {
                Target::Index(..) => {
                    let Ready { receiver, style, mut args } = next();
                    args.push(value);
                    self.vm.call_with(&receiver, known::ASET, Args::new(&args), style).map(drop)
                }
                Target::Attribute(_, setter, safe) => {
                    let Ready { receiver, style, .. } = next();
                    if *safe && receiver.is_nil() {
                        return Ok(());
                    }
                    self.vm.call_with(&receiver, *setter, Args::new(&[value]), style).map(drop)
                }
                Target::Multi(inner) => self.assign_ready(inner, &value, ready),
                plain => self.assign(plain, value),
            }
        })
    }

    pub(super) fn assign_each(&self, targets: &MultiTarget, values: &[Value]) -> Res<()> {
        targets.share(values, |target, value| self.assign(target, value))
    }

    pub(super) fn op_assign(&self, assign: &OpAssign, line: u32) -> Res {
        let vm = self.vm;
        match &assign.target {
            OpTarget::Simple(target) => {
                self.combine(assign, line, || self.current(target), |value| self.assign(target, value))
            }
            OpTarget::ConstPath(scope, name) => {
                let module = self.module_of(scope.as_ref())?;
                let read = || match assign.op {
                    AssignOp::Or => Ok(vm.constant_in(&module, *name, false).unwrap_or_default()),
                    _ => vm.constant_of(&module, *name),
                };
                self.combine(assign, line, read, |value| vm.assign_constant(&module, *name, value))
            }
            OpTarget::Index(receiver, args) => {
                let (receiver, style) = self.receiver(receiver.as_ref())?;
                let mut args = self.args(args)?;
                let read = || vm.call_with(&receiver, known::AREF, Args::new(&args.values), style);
                let Some(value) = self.combined(assign, line, read)? else {
                    vm.line.set(line);
                    return vm.call_with(&receiver, known::AREF, Args::new(&args.values), style);
                };
                args.values.push(value.clone());
                vm.line.set(line);
                vm.call_with(&receiver, known::ASET, Args::new(&args.values), style)?;
                Ok(value)
            }
            OpTarget::Attribute(receiver, reader, writer, safe) => {
                let (receiver, style) = self.receiver(receiver.as_ref())?;
                if *safe && receiver.is_nil() {
                    return Ok(Value::Nil);
                }
                let read = || vm.call_with(&receiver, *reader, Args::default(), style);
                self.combine(assign, line, read, |value| {
                    vm.call_with(&receiver, *writer, Args::new(&[value]), style).map(drop)
                })
            }
        }
    }

    /// The value of a variable that an operator assignment reads; `||=` takes what is not defined for nil.
    fn current(&self, target: &Target) -> Res {
        let vm = self.vm;
        let cref = &self.context.cref;
        match target {
            Target::Cvar(name) => vm.class_variable(cref, *name),
            Target::Const(name) => self.constant(*name),
            _ => Ok(Value::Nil),
        }
    }

    fn is_undefined(&self, target: &Target) -> bool {
        let cref = &self.context.cref;
        match target {
            Target::Cvar(name) => self.vm.find_class_variable(cref, *name).is_none(),
            Target::Const(name) => self.vm.lexical_constant(cref, *name).is_none(),
            _ => false,
        }
    }

    fn combine(
        &self,
        assign: &OpAssign,
        line: u32,
        read: impl Fn() -> Res,
        write: impl FnOnce(Value) -> Res<()>,
    ) -> Res {
        if assign.op == AssignOp::Or
            && let OpTarget::Simple(target) = &assign.target
            && self.is_undefined(target)
        {
            let value = self.eval(&assign.value)?;
            self.vm.line.set(line);
            write(value.clone())?;
            return Ok(value);
        }
        let before = read()?;
        match self.operate(assign, line, &before)? {
            Some(value) => {
                self.vm.line.set(line);
                write(value.clone())?;
                Ok(value)
            }
            None => Ok(before),
        }
    }

    /// The value to write, unless `||=` or `&&=` writes nothing.
    fn combined(&self, assign: &OpAssign, line: u32, read: impl FnOnce() -> Res) -> Res<Option<Value>> {
        let before = read()?;
        self.operate(assign, line, &before)
    }

    fn operate(&self, assign: &OpAssign, line: u32, before: &Value) -> Res<Option<Value>> {
        match assign.op {
            AssignOp::Or if before.truthy() => Ok(None),
            AssignOp::And if !before.truthy() => Ok(None),
            AssignOp::Or | AssignOp::And => self.eval(&assign.value).map(Some),
            AssignOp::Call(name) => {
                let operand = self.eval(&assign.value)?;
                self.vm.line.set(line);
                let operand = Args::new(std::slice::from_ref(&operand));
                self.vm.call_with(before, name, operand, CallStyle::Explicit).map(Some)
            }
        }
    }
}
