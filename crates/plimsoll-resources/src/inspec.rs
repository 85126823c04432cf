//! The object that `inspec` gives: creates resources by name, and leads to the target.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RObject, Res, Sym, Value, def};
use plimsoll_target::Command;

use crate::backend::Backend;
use crate::base;
use crate::facts::platform::Platform;
use crate::give;
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
    def("platform", 0, 0, |vm, _, _| Ok(detected(vm)), "The platform."),
    def("os", 0, 0, |vm, _, _| Ok(detected(vm)), "The platform."),
    def("uri", 0, 0, uri, "The target's name."),
];

/// The platform as the way to the target knows it, by which the resources `platform` and `os` answer.
const PLATFORM_METHODS: &[Def] = &[
    def("name", 0, 0, |vm, _, _| Ok(Value::str(&platform(vm)?.name)), "Its name."),
    def("family", 0, 0, |vm, _, _| Ok(Value::str(platform(vm)?.family())), "The nearest family."),
    def("family_hierarchy", 0, 0, |vm, _, _| Ok(give::texts(&platform(vm)?.families)), "All families."),
    def("release", 0, 0, |vm, _, _| Ok(give::text(platform(vm)?.release.clone())), "Its release."),
    def("arch", 0, 0, |vm, _, _| Ok(give::text(platform(vm)?.arch.clone())), "Its architecture."),
    def("[]", 1, 1, |vm, _, args| vm.send(&resource(vm, "platform")?, "[]", args.values), "One of these."),
    def("method_missing", 1, -1, in_family, "Whether it is of a family: `redhat?`."),
];

fn platform(vm: &Interp) -> Res<Rc<Platform>> {
    Platform::of(&Backend::of(vm))
}

/// The platform, without a resource around it.
pub(crate) fn detected(vm: &Interp) -> Value {
    vm.object(&vm.class_named("Inspec::Backend::Platform")).into()
}

fn in_family(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    match name.text().strip_suffix('?') {
        Some(family) if args.len() == 1 => Ok(platform(vm)?.is(family).into()),
        _ => {
            let rest = Args { values: &args.values[1..], ..args };
            Err(vm.no_method(this, name, rest, CallStyle::Explicit, None))
        }
    }
}

/// Defines the classes of the backend object and of what leads to the target.
pub(crate) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "Backend", &vm.c.object);
    vm.define(&class, METHODS);
    let connection = vm.define_class(&class, "Connection", &vm.c.object);
    vm.define(&connection, CONNECTION_METHODS);
    let platform = vm.define_class(&class, "Platform", &vm.c.object);
    vm.define(&platform, PLATFORM_METHODS);
    base::add_answer(vm, &platform, "respond_to_missing?", |vm, _, args| {
        Ok(vm.to_name(&args[0])?.text().ends_with('?').into())
    });
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
