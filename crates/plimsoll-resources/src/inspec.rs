//! The object that `inspec` gives: creates resources by name, and leads to the target.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RObject, Res, Sym, Value, def};
use plimsoll_target::Command;

use crate::backend::Backend;
use crate::base;
use crate::registry::ResourceSet;
use crate::resources::command;

struct BackendData {
    set: Rc<ResourceSet>,
    profile: Value,
}

const METHODS: &[Def] = &[
    def("profile", 0, 0, |vm, this, _| Ok(of(vm, this)?.profile.clone()), "The profile that is run."),
    def("backend", 0, 0, connection, "The way to the target."),
    def("version", 0, 0, |_, _, _| Ok(Value::str(VERSION)), "The version of InSpec that profiles may rely on."),
    def("local_transport?", 0, 0, |_, _, _| Ok(false.into()), "Whether the target is this very system."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Inspec::Backend::Class")), "Its name."),
    def("inspect", 0, 0, |_, _, _| Ok(Value::str("Inspec::Backend::Class")), "Its name."),
    def("method_missing", 1, -1, missing, "Anything else is unknown."),
];

/// The version of InSpec whose behaviour this is.
const VERSION: &str = "5.22.95";

const CONNECTION_METHODS: &[Def] = &[
    def("run_command", 1, 2, run_command, "Runs a command line."),
    def("file", 1, -1, file, "A file."),
    def("platform", 0, 0, |vm, _, _| resource(vm, "platform"), "The platform."),
    def("os", 0, 0, |vm, _, _| resource(vm, "os"), "The platform."),
    def("uri", 0, 0, uri, "The target's name."),
];

/// Defines the classes of the backend object and of what leads to the target.
pub(crate) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "Backend", &vm.c.object);
    vm.define(&class, METHODS);
    let connection = vm.define_class(&class, "Connection", &vm.c.object);
    vm.define(&connection, CONNECTION_METHODS);
    command::install_result(vm);
}

/// The object that `inspec` gives in a profile whose resources are `set`. Hand it to [`crate::set_backend_object`].
pub fn backend_object(vm: &Interp, set: &Rc<ResourceSet>, profile: Value) -> Value {
    let class = vm.new_class(&vm.class_named("Inspec::Backend"), None);
    vm.include(&class, &set.dsl);
    RObject::with_native(class, BackendData { set: Rc::clone(set), profile }).into()
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v BackendData> {
    this.native::<BackendData>().ok_or_else(|| vm.type_error("not a backend"))
}

fn connection(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Ok(vm.object(&vm.class_named("Inspec::Backend::Connection")).into())
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    if let Some(class) = of(vm, this)?.set.get(name) {
        return base::create(vm, &class, name, rest);
    }
    Err(vm.no_method(this, name, rest, CallStyle::Explicit, None))
}

/// Another resource of the running profile.
pub(crate) fn resource_with(vm: &Interp, name: &str, args: &[Value]) -> Res {
    vm.call(&base::backend_object(vm)?, Sym::new(name), args)
}

fn resource(vm: &Interp, name: &str) -> Res {
    resource_with(vm, name, &[])
}

fn file(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    resource_with(vm, "file", &args.values[..1])
}

fn run_command(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let line = vm.to_s(&args[0])?.to_vec();
    let result = Backend::of(vm).run_command(Command::new(line.clone()))?;
    command::result_object(vm, &line, result)
}

fn uri(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Ok(Value::str(Backend::of(vm).target().info().uri))
}
