//! What stands in for a table whose resource was skipped or failed: takes any call, and tells the runner why.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, Res, Unwind, UnwindKind, Value, def, known};

struct Catcher {
    resource: Rc<RClass>,
    exception: Value,
    skipped: bool,
}

const METHODS: &[Def] = &[
    def("resource_skipped?", 0, 0, |vm, this, _| Ok(of(vm, this)?.skipped.into()), "Whether it was skipped."),
    def("resource_failed?", 0, 0, |vm, this, _| Ok((!of(vm, this)?.skipped).into()), "Whether it failed."),
    def(
        "resource_exception_message",
        0,
        0,
        |vm, this, _| vm.call(&of(vm, this)?.exception, known::MESSAGE, &[]),
        "Why.",
    ),
    def("method_missing", 1, -1, |_, this, _| Ok(this.clone()), "Anything else: itself."),
    def("to_s", 0, 0, to_s, "The resource and why."),
    def("inspect", 0, 0, to_s, "The resource and why."),
    def("to_ary", 0, 0, |vm, this, args| Ok(Value::array(vec![to_s(vm, this, args)?])), "Its text."),
];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "ExceptionCatcher", &vm.c.object);
    vm.define(&class, METHODS);
    crate::base::add_answer(vm, &class, "respond_to?", |_, _, _| Ok(true.into()));
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Catcher> {
    this.native::<Catcher>().ok_or_else(|| vm.type_error("not a caught exception"))
}

/// Turns what skips or fails a resource into an object that says so; everything else goes on.
///
/// In an example the object would agree to whatever is expected of it, so there the exception goes on too.
pub(super) fn catch(vm: &Interp, resource: &Rc<RClass>, unwind: Unwind) -> Res {
    let UnwindKind::Raise(exception) = unwind.kind() else { return Err(unwind) };
    if crate::base::in_example(vm) {
        return Err(unwind);
    }
    let exception = Value::Obj(Rc::clone(exception));
    let skipped = vm.is_a(&exception, &vm.class_named("Inspec::Exceptions::ResourceSkipped"));
    if !skipped && !vm.is_a(&exception, &vm.class_named("Inspec::Exceptions::ResourceFailed")) {
        return Err(unwind);
    }
    let catcher = Catcher { resource: Rc::clone(resource), exception, skipped };
    Ok(RObject::with_native(vm.class_named("FilterTable::ExceptionCatcher"), catcher).into())
}

/// Raises what skipped or failed the resource that a value stands in for: nothing may be expected of it.
pub fn raise_caught(value: &Value) -> Res<()> {
    match value.native::<Catcher>() {
        Some(Catcher { exception: Value::Obj(exception), .. }) => Err(UnwindKind::Raise(Rc::clone(exception)).into()),
        _ => Ok(()),
    }
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let catcher = of(vm, this)?;
    let message = vm.to_s(&vm.call(&catcher.exception, known::MESSAGE, &[])?)?;
    Ok(Value::bytes([catcher.resource.name().as_bytes(), b" (", &message.bytes(), b")"].concat()))
}
