//! Assignments of every kind.

use ruby_prism as prism;
use ruby_prism::Node as Prism;

use super::calls::operator_call;
use super::{Low, Lowerer, node, path_name, sym};
use crate::ir::{AssignOp, Kind, MultiTarget, Node, OpAssign, OpTarget, Target};
use crate::symbol::Sym;

/// The three forms of an operator assignment to one kind of target: `||=`, `&&=` and the others.
macro_rules! op_assign {
    ($self:ident, $node:ident, $or:ident, $and:ident, $call:ident, |$n:ident| $target:expr) => {
        if let Some($n) = $node.$or() {
            let target = $target;
            return $self.op_assign(target, AssignOp::Or, &$n.value()).map(Some);
        } else if let Some($n) = $node.$and() {
            let target = $target;
            return $self.op_assign(target, AssignOp::And, &$n.value()).map(Some);
        } else if let Some($n) = $node.$call() {
            let target = $target;
            return $self.op_assign(target, AssignOp::Call(sym($n.binary_operator())), &$n.value()).map(Some);
        }
    };
}

impl Lowerer<'_> {
    /// Lowers an assignment; `None` when the node is none.
    pub(super) fn assignment(&mut self, node: &Prism<'_>) -> Low<Option<Kind>> {
        if let Some(write) = node.as_local_variable_write_node() {
            let slot = self.slot(sym(write.name()));
            let value = self.node(&write.value())?;
            return Ok(Some(assign(Target::Local(slot), value)));
        }
        let (target, value) = if let Some(write) = node.as_instance_variable_write_node() {
            (Target::Ivar(sym(write.name())), write.value())
        } else if let Some(write) = node.as_class_variable_write_node() {
            (Target::Cvar(sym(write.name())), write.value())
        } else if let Some(write) = node.as_global_variable_write_node() {
            (Target::Global(sym(write.name())), write.value())
        } else if let Some(write) = node.as_constant_write_node() {
            (Target::Const(sym(write.name())), write.value())
        } else if let Some(write) = node.as_constant_path_write_node() {
            let (scope, name) = self.const_path(&write.target())?;
            (Target::ConstPath(scope, name), write.value())
        } else if let Some(write) = node.as_multi_write_node() {
            let targets = self.multi(&write.lefts(), write.rest().as_ref(), &write.rights())?;
            return Ok(Some(Kind::MultiAssign(Box::new((targets, self.node(&write.value())?)))));
        } else if let Some(write) = node.as_match_write_node() {
            let call = self.call(&write.call())?;
            let mut targets = Vec::new();
            for target in &write.targets() {
                let name = sym(node!(target, as_local_variable_target_node).name());
                targets.push((name, self.local_target(name)));
            }
            return Ok(Some(Kind::MatchWrite(Box::new((call, targets)))));
        } else {
            return self.operator_assignment(node);
        };
        Ok(Some(Kind::Assign(Box::new((target, self.node(&value)?)))))
    }

    fn operator_assignment(&mut self, node: &Prism<'_>) -> Low<Option<Kind>> {
        op_assign!(
            self,
            node,
            as_local_variable_or_write_node,
            as_local_variable_and_write_node,
            as_local_variable_operator_write_node,
            |n| OpTarget::Simple(self.local_target(sym(n.name())))
        );
        op_assign!(
            self,
            node,
            as_instance_variable_or_write_node,
            as_instance_variable_and_write_node,
            as_instance_variable_operator_write_node,
            |n| OpTarget::Simple(Target::Ivar(sym(n.name())))
        );
        op_assign!(
            self,
            node,
            as_class_variable_or_write_node,
            as_class_variable_and_write_node,
            as_class_variable_operator_write_node,
            |n| OpTarget::Simple(Target::Cvar(sym(n.name())))
        );
        op_assign!(
            self,
            node,
            as_global_variable_or_write_node,
            as_global_variable_and_write_node,
            as_global_variable_operator_write_node,
            |n| OpTarget::Simple(Target::Global(sym(n.name())))
        );
        op_assign!(
            self,
            node,
            as_constant_or_write_node,
            as_constant_and_write_node,
            as_constant_operator_write_node,
            |n| OpTarget::Simple(Target::Const(sym(n.name())))
        );
        op_assign!(
            self,
            node,
            as_constant_path_or_write_node,
            as_constant_path_and_write_node,
            as_constant_path_operator_write_node,
            |n| {
                let (scope, name) = self.const_path(&n.target())?;
                OpTarget::ConstPath(scope, name)
            }
        );
        op_assign!(self, node, as_index_or_write_node, as_index_and_write_node, as_index_operator_write_node, |n| {
            let receiver = n.receiver().map(|receiver| self.node(&receiver)).transpose()?;
            OpTarget::Index(receiver, self.arguments(n.arguments().as_ref())?)
        });
        op_assign!(self, node, as_call_or_write_node, as_call_and_write_node, as_call_operator_write_node, |n| {
            let receiver = match n.receiver() {
                Some(receiver) if !n.is_ignore_visibility() => Some(self.node(&receiver)?),
                _ => None,
            };
            OpTarget::Attribute(receiver, sym(n.read_name()), sym(n.write_name()), n.is_safe_navigation())
        });
        Ok(None)
    }

    fn op_assign(&mut self, target: OpTarget, op: AssignOp, value: &Prism<'_>) -> Low<Kind> {
        let value = self.node(value)?;
        if let OpTarget::Simple(target @ (Target::Local(_) | Target::Ivar(_) | Target::Global(_))) = target {
            return Ok(plain_op_assign(target, op, value));
        }
        Ok(Kind::OpAssign(Box::new(OpAssign { target, op, value })))
    }

    fn const_path(&mut self, path: &prism::ConstantPathNode<'_>) -> Low<(Option<Node>, Sym)> {
        let scope = path.parent().map(|parent| self.node(&parent)).transpose()?;
        Ok((scope, path_name(path.name())))
    }

    /// Lowers what is assigned to.
    pub(super) fn target(&mut self, node: &Prism<'_>) -> Low<Target> {
        Ok(match node {
            Prism::LocalVariableTargetNode { .. } => {
                self.local_target(sym(node!(node, as_local_variable_target_node).name()))
            }
            Prism::RequiredParameterNode { .. } => {
                self.local_target(sym(node!(node, as_required_parameter_node).name()))
            }
            Prism::InstanceVariableTargetNode { .. } => {
                Target::Ivar(sym(node!(node, as_instance_variable_target_node).name()))
            }
            Prism::ClassVariableTargetNode { .. } => {
                Target::Cvar(sym(node!(node, as_class_variable_target_node).name()))
            }
            Prism::GlobalVariableTargetNode { .. } => {
                Target::Global(sym(node!(node, as_global_variable_target_node).name()))
            }
            Prism::ConstantTargetNode { .. } => Target::Const(sym(node!(node, as_constant_target_node).name())),
            Prism::ConstantPathTargetNode { .. } => {
                let path = node!(node, as_constant_path_target_node);
                let scope = path.parent().map(|parent| self.node(&parent)).transpose()?;
                Target::ConstPath(scope, path_name(path.name()))
            }
            Prism::CallTargetNode { .. } => {
                let call = node!(node, as_call_target_node);
                let receiver = if call.is_ignore_visibility() { None } else { Some(self.node(&call.receiver())?) };
                Target::Attribute(receiver, sym(call.name()), call.is_safe_navigation())
            }
            Prism::IndexTargetNode { .. } => {
                let index = node!(node, as_index_target_node);
                let receiver = self.node(&index.receiver())?;
                Target::Index(Some(receiver), self.arguments(index.arguments().as_ref())?)
            }
            Prism::MultiTargetNode { .. } => {
                let multi = node!(node, as_multi_target_node);
                Target::Multi(Box::new(self.multi(&multi.lefts(), multi.rest().as_ref(), &multi.rights())?))
            }
            _ => return Err(self.refuse(node, "this can't be assigned to".to_owned())),
        })
    }

    fn multi(
        &mut self,
        lefts: &prism::NodeList<'_>,
        rest: Option<&Prism<'_>>,
        rights: &prism::NodeList<'_>,
    ) -> Low<MultiTarget> {
        let rest = match rest {
            // A comma at the end drops the rest, as no splat does.
            None | Some(Prism::ImplicitRestNode { .. }) => None,
            Some(rest) => match rest.as_splat_node().and_then(|splat| splat.expression()) {
                Some(target) => Some(Some(self.target(&target)?)),
                None => Some(None),
            },
        };
        let before = lefts.iter().map(|node| self.target(&node)).collect::<Low<_>>()?;
        let after = rights.iter().map(|node| self.target(&node)).collect::<Low<_>>()?;
        Ok(MultiTarget { before, rest, after })
    }
}

fn assign(target: Target, value: Node) -> Kind {
    match target {
        Target::Local(slot) if slot.depth == 0 => Kind::SetLocal(slot.index, Box::new(value)),
        Target::Local(slot) => Kind::SetOuterLocal(slot, Box::new(value)),
        target => Kind::Assign(Box::new((target, value))),
    }
}

/// `x += v` is `x = x + v` and `x ||= v` is `x || x = v` for variables that are nil until they are assigned.
fn plain_op_assign(target: Target, op: AssignOp, value: Node) -> Kind {
    let line = value.line;
    let read = match &target {
        Target::Local(slot) if slot.depth == 0 => Kind::Local(slot.index),
        Target::Local(slot) => Kind::OuterLocal(*slot),
        Target::Ivar(name) => Kind::Ivar(*name),
        Target::Global(name) => Kind::Global(*name),
        _ => unreachable!("the caller asks for these only"),
    };
    let read = Node::new(line, read);
    match op {
        AssignOp::Or => Kind::Or(Box::new((read, Node::new(line, assign(target, value))))),
        AssignOp::And => Kind::And(Box::new((read, Node::new(line, assign(target, value))))),
        AssignOp::Call(name) => assign(target, Node::new(line, operator_call(name, read, value))),
    }
}
