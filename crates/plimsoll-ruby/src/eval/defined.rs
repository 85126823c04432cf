//! `defined?`

use super::Scope;
use crate::class::{Method, Visibility};
use crate::ir::{ArgList, Call, Kind, Node};
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

impl Scope<'_> {
    pub(super) fn defined(&self, node: &Node) -> Res {
        let word = match self.word(node) {
            Ok(word) => word,
            // What raises while being looked at is not defined.
            Err(unwind) if unwind.exception().is_some() => None,
            Err(unwind) => return Err(unwind),
        };
        Ok(word.map_or(Value::Nil, |word| {
            let text = Value::str(word);
            if let Some(head) = text.head() {
                head.freeze();
            }
            text
        }))
    }

    fn word(&self, node: &Node) -> Res<Option<&'static str>> {
        let vm = self.vm;
        let cref = &self.context.cref;
        Ok(match &node.kind {
            Kind::Nil => Some("nil"),
            Kind::True => Some("true"),
            Kind::False => Some("false"),
            Kind::SelfValue => Some("self"),
            Kind::Local(_) | Kind::OuterLocal(_) => Some("local-variable"),
            Kind::Ivar(name) => {
                let known = self.self_value.head().and_then(|head| head.ivar(*name)).is_some();
                known.then_some("instance-variable")
            }
            Kind::Cvar(name) => vm.find_class_variable(cref, *name).map(|_| "class variable"),
            Kind::Global(name) => vm.global_defined(*name).then_some("global-variable"),
            Kind::NthMatch(number) => (!vm.nth_match(*number)?.is_nil()).then_some("global-variable"),
            Kind::Const(name) => vm.lexical_constant(cref, *name).map(|_| "constant"),
            Kind::ConstPath(scope, name) => {
                if let Some(scope) = scope
                    && self.word(scope)?.is_none()
                {
                    return Ok(None);
                }
                let module = self.module_of(scope.as_deref())?;
                let known = vm.constant_in(&module, *name, false).is_some();
                (known && vm.private_owner(&module, *name).is_none()).then_some("constant")
            }
            Kind::Call(call) => self.defined_call(call)?.then_some("method"),
            Kind::Binary(binary) => {
                if self.word(&binary.left)?.is_none() || self.word(&binary.right)?.is_none() {
                    return Ok(None);
                }
                let left = self.eval(&binary.left)?;
                self.reaches(&left, binary.name, true)?.then_some("method")
            }
            Kind::Array(list) => {
                if let ArgList::Plain(nodes) = &**list {
                    for node in nodes {
                        if self.word(node)?.is_none() {
                            return Ok(None);
                        }
                    }
                }
                Some("expression")
            }
            Kind::Not(operand) => match self.word(operand)? {
                Some(_) => Some("expression"),
                None => None,
            },
            Kind::Yield(_) => self.context.block.as_ref().map(|_| "yield"),
            Kind::Super(_) => {
                let Some(method) = &self.context.method else { return Ok(None) };
                let class = vm.class_of(self.self_value);
                vm.find_super(&class, &method.owner, method.name).map(|_| "super")
            }
            Kind::SetLocal(..)
            | Kind::SetOuterLocal(..)
            | Kind::Assign(_)
            | Kind::MultiAssign(_)
            | Kind::OpAssign(_) => Some("assignment"),
            _ => Some("expression"),
        })
    }

    fn defined_call(&self, call: &Call) -> Res<bool> {
        if let ArgList::Plain(nodes) = &call.args {
            for node in nodes {
                if self.word(node)?.is_none() {
                    return Ok(false);
                }
            }
        }
        match &call.receiver {
            None => self.reaches(self.self_value, call.name, false),
            Some(node) => {
                if self.word(node)?.is_none() {
                    return Ok(false);
                }
                let receiver = self.eval(node)?;
                let explicit = !matches!(node.kind, Kind::SelfValue);
                self.reaches(&receiver, call.name, explicit)
            }
        }
    }

    fn reaches(&self, receiver: &Value, name: Sym, explicit: bool) -> Res<bool> {
        let vm = self.vm;
        let class = vm.class_of(receiver);
        let visible = |method: &Method| match method.visibility {
            Visibility::Public => true,
            Visibility::Private => !explicit,
            Visibility::Protected => !explicit || vm.is_a(self.self_value, &method.owner),
        };
        match vm.find_method(&class, name) {
            Some(method) => Ok(visible(&method)),
            None => {
                let values = [Value::Sym(name), Value::Bool(!explicit)];
                Ok(vm.call(receiver, known::RESPOND_TO_MISSING, &values)?.truthy())
            }
        }
    }
}
