//! What a query of a database session gives: the text it printed.

use std::rc::Rc;

use plimsoll_ruby::{Def, Interp, RClass, RObject, Res, Value, def};

use crate::doubt;
use crate::give;
use crate::text;

struct Lines {
    output: Vec<u8>,
    title: Vec<u8>,
    exit_status: i32,
    /// Why the text is no answer to what was asked.
    doubt: Option<String>,
}

pub(super) const METHODS: &[Def] = &[
    def("output", 0, 0, |vm, this, _| Ok(Value::bytes(output(vm, this)?.to_vec())), "What was printed."),
    def("stdout", 0, 0, |vm, this, _| Ok(Value::bytes(output(vm, this)?.to_vec())), "What was printed."),
    def("stderr", 0, 0, |vm, this, _| Ok(Value::bytes(output(vm, this)?.to_vec())), "What was printed."),
    def(
        "exit_status",
        0,
        0,
        |vm, this, _| Ok(i64::from(of(vm, this)?.exit_status).into()),
        "The client's exit status.",
    ),
    def(
        "lines",
        0,
        0,
        |vm, this, _| Ok(give::texts(text::lines(output(vm, this)?).into_iter().map(text::strip))),
        "Its lines.",
    ),
    def("to_s", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.title.clone())), "The query."),
];

/// Defines the class of results.
pub(super) fn install(vm: &Interp, _: &Rc<RClass>) {
    let class = vm.define_class(&vm.class_named("Inspec::Resources"), "Lines", &vm.c.object);
    vm.define(&class, METHODS);
}

/// A result.
pub(super) fn make(vm: &Interp, output: &[u8], title: Vec<u8>, exit_status: i32) -> Value {
    doubtful(vm, output, title, exit_status, None)
}

/// A result whose text may be no answer, and why.
pub(super) fn doubtful(vm: &Interp, output: &[u8], title: Vec<u8>, exit_status: i32, doubt: Option<String>) -> Value {
    let lines = Lines { output: output.to_vec(), title, exit_status, doubt };
    RObject::with_native(vm.class_named("Inspec::Resources::Lines"), lines).into()
}

/// Whether a value is such a result.
pub(crate) fn is_query_result(value: &Value) -> bool {
    value.native::<Lines>().is_some()
}

fn output<'v>(vm: &Interp, this: &'v Value) -> Res<&'v [u8]> {
    let lines = of(vm, this)?;
    doubt::recall(vm, lines.doubt.as_slice(), lines.output.as_slice())
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Lines> {
    this.native::<Lines>().ok_or_else(|| vm.type_error("not the result of a query"))
}
