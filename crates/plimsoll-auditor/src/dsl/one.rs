//! `describe.one`: alternatives, one of which must hold.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RObject, Res, Value, def};

use super::rule::{Alternative, Check, Rule};
use crate::input::Place;

/// What `describe` without arguments gives.
struct One {
    rule: Rc<Rule>,
    alternatives: RefCell<Vec<Alternative>>,
}

const METHODS: &[Def] = &[
    def("one", 0, 0, one, "Collects the alternatives in its block."),
    def("describe", 0, -1, describe, "An alternative."),
    def(
        "input",
        1,
        2,
        |vm, this, args| of(vm, this)?.rule.scope.input(vm, args, Place::Elsewhere),
        "An input's value.",
    ),
    def(
        "attribute",
        1,
        2,
        |vm, this, args| of(vm, this)?.rule.scope.input(vm, args, Place::Elsewhere),
        "An input's value.",
    ),
    def("input_object", 1, 1, |vm, this, args| of(vm, this)?.rule.scope.input_object(vm, args), "An input."),
    def("inspec", 0, 0, |vm, this, _| Ok(of(vm, this)?.rule.scope.backend.clone()), "The backend."),
];

pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "DescribeBase", &vm.c.object);
    vm.define(&class, METHODS);
}

/// The object on which `.one` is called.
pub(super) fn starter(rule: &Rc<Rule>) -> Value {
    let one = One { rule: Rc::clone(rule), alternatives: RefCell::default() };
    RObject::with_native(Rc::clone(&rule.scope.one_class), one).into()
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v One> {
    this.native::<One>().ok_or_else(|| vm.error("RuntimeError", "this can only be used in describe.one"))
}

fn one(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = of(vm, this)?;
    let Some(block) = args.block else { return Ok(Value::Nil) };
    vm.call_block_with_self(block, this, None, Args::new(std::slice::from_ref(this)))?;
    data.rule.add_check(Check::One(data.alternatives.take()));
    Ok(Value::Nil)
}

fn describe(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let one = of(vm, this)?;
    one.alternatives.borrow_mut().push((args.values.to_vec(), args.block.cloned()));
    let listed = |(values, block): &Alternative| {
        let block = block.clone().map_or(Value::Nil, Value::Proc);
        Value::array(vec![Value::str("describe"), Value::array(values.clone()), block])
    };
    Ok(Value::array(one.alternatives.borrow().iter().map(listed).collect()))
}
