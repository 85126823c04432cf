//! Examples that can be overlooked: no code of the profile's runs with them but an expectation of plain values, and nothing
//! is asked of the target but what is described asks. Nothing of what they see is kept.

use std::rc::Rc;

use plimsoll_ruby::ir::{ArgList, Block, BlockArg, Call, Kind, Node, Pair};
use plimsoll_ruby::{Interp, MethodBody, ProcKind, RClass, RProc, Sym, Value};

use super::group::{Example, Group};

/// Whether neither hooks nor a subject of the profile's run with the examples of a group; groups around it may have some.
pub(crate) fn is_plain_group(vm: &Interp, group: &Group) -> bool {
    let names = Names { vm, class: &group.class };
    group.hooks.are_none() && names.is_ours(Sym::new("subject")) && is_plain_value(vm, &group.described())
}

/// Whether an example of a plain group expects plain values of its subject and does nothing else.
pub(crate) fn is_plain_example(vm: &Interp, group: &Group, example: &Example) -> bool {
    let names = Names { vm, class: &group.class };
    example.block.as_ref().is_none_or(|block| names.are_plain_in(block))
}

/// Whether asking a value for its properties runs no code of the profile's.
fn is_plain_value(vm: &Interp, value: &Value) -> bool {
    match value {
        Value::Obj(_) => plimsoll_resources::is_core_value(vm, value),
        Value::Class(_) | Value::Proc(_) => false,
        _ => true,
    }
}

/// What a block's code may name.
struct Names<'a> {
    vm: &'a Interp,
    /// The class of the group that the example is in.
    class: &'a Rc<RClass>,
}

/// What follows a value or matcher without asking anybody.
const CHAINED: [&str; 10] = ["and", "or", "to_s", "to_i", "to_f", "of", "by", "with", "once", "times"];

impl Names<'_> {
    /// Whether an example's block expects plain values of its subject and does nothing else.
    fn are_plain_in(&self, block: &RProc) -> bool {
        match &block.kind {
            ProcKind::Ruby(code) => self.is_plain(&code.body),
            _ => false,
        }
    }

    fn is_plain(&self, block: &Block) -> bool {
        block.params.max() == Some(0) && self.expects(&block.body)
    }

    /// `should be_file`, `is_expected.to eq 1`, `should >= 2`.
    fn expects(&self, node: &Node) -> bool {
        match &node.kind {
            Kind::Seq(nodes) => nodes.iter().all(|node| self.expects(node)),
            Kind::Nil => true,
            Kind::Binary(binary) => self.is_should(&binary.left) && self.is_value(&binary.right),
            Kind::Call(call) if call.receiver.is_none() => {
                named(call, &["should", "should_not"]) && self.is_ours(call.name) && self.takes_values(call)
            }
            Kind::Call(call) => {
                named(call, &["to", "not_to", "to_not"])
                    && self.takes_values(call)
                    && call.receiver.as_ref().is_some_and(|receiver| self.is_expected(receiver))
            }
            _ => false,
        }
    }

    fn is_should(&self, node: &Node) -> bool {
        matches!(&node.kind, Kind::Call(call) if call.receiver.is_none()
            && named(call, &["should", "should_not"]) && self.is_ours(call.name) && self.takes_values(call))
    }

    fn is_expected(&self, node: &Node) -> bool {
        matches!(&node.kind, Kind::Call(call) if call.receiver.is_none()
            && named(call, &["is_expected", "are_expected"]) && self.is_ours(call.name) && self.takes_values(call))
    }

    fn takes_values(&self, call: &Call) -> bool {
        let plain = match &call.args {
            ArgList::Plain(nodes) => nodes.iter().all(|node| self.is_value(node)),
            ArgList::Mixed(_) => false,
        };
        plain && matches!(call.block, BlockArg::None)
    }

    /// A literal, a variable, an input, or a matcher of such.
    fn is_value(&self, node: &Node) -> bool {
        let mut parts_are_values = true;
        match &node.kind {
            Kind::Nil
            | Kind::True
            | Kind::False
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Big(_)
            | Kind::Rational(_)
            | Kind::Str(..)
            | Kind::Sym(_)
            | Kind::Local(_)
            | Kind::OuterLocal(_)
            | Kind::Const(_) => true,
            Kind::Hash(pairs) => pairs.iter().all(|pair| match pair {
                Pair::Entry(key, value) => self.is_value(key) && self.is_value(value),
                Pair::Splat(node) => self.is_value(node),
            }),
            Kind::Interpolated(_)
            | Kind::InterpolatedSym(_)
            | Kind::Regex(_)
            | Kind::Array(_)
            | Kind::Range(_)
            | Kind::Binary(_)
            | Kind::Seq(_)
            | Kind::Not(_) => {
                node.each_part(&mut |part| parts_are_values &= self.is_value(part));
                parts_are_values
            }
            Kind::Call(call) => {
                let follows = match &call.receiver {
                    None => {
                        self.is_matcher(call.name) || (named(call, &["input", "attribute"]) && self.is_ours(call.name))
                    }
                    Some(receiver) => named(call, &CHAINED) && self.is_value(receiver),
                };
                follows && self.takes_values(call)
            }
            _ => false,
        }
    }

    /// Whether a name means what it means in every example group, not something of the profile's.
    fn is_ours(&self, name: Sym) -> bool {
        let method = self.vm.find_method(self.class, name);
        method.is_some_and(|method| matches!(method.body, MethodBody::Native(_)))
    }

    /// Whether a name makes one of our matchers: predicates have no methods of their own.
    fn is_matcher(&self, name: Sym) -> bool {
        match self.vm.find_method(self.class, name) {
            Some(method) => {
                matches!(method.body, MethodBody::Native(_))
                    && Rc::ptr_eq(&method.owner, &self.vm.class_named("RSpec::Matchers"))
            }
            None => ["be_", "have_"].iter().any(|start| name.text().starts_with(start)),
        }
    }
}

fn named(call: &Call, names: &[&str]) -> bool {
    names.iter().any(|name| call.name == Sym::new(name))
}
