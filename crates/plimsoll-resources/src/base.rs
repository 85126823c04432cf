//! `Inspec::Resource`: what all resources share, core ones and those of libraries.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use plimsoll_ruby::{
    Args, CallStyle, Def, Interp, MethodBody, NativeFn, RClass, RObject, Res, Sym, Unwind, UnwindKind, Value,
    Visibility, def, known,
};

use crate::doubt::UNANSWERED;
use crate::registry::ResourceSet;

/// What every resource instance carries.
#[derive(Default)]
pub struct ResourceData {
    /// The name it was created by.
    pub name: Cell<Option<Sym>>,
    /// The arguments it was created with (`resource_params` in reports).
    pub params: RefCell<Vec<Value>>,
    /// Whether it was skipped.
    pub skipped: Cell<bool>,
    /// Whether it failed.
    pub failed: Cell<bool>,
    /// Whether it failed because the target has no means to answer what its creation asked.
    unanswered: Cell<bool>,
    /// Why it was skipped or failed.
    pub message: RefCell<Value>,
    /// What `resource_id` was set to.
    pub id: RefCell<Value>,
    state: OnceCell<Rc<dyn Any>>,
}

impl ResourceData {
    /// Sets what a core resource keeps; its `initialize` does this once.
    pub fn set_state<T: 'static>(&self, state: T) {
        // A second `initialize` of the same object keeps the first state.
        let _ = self.state.set(Rc::new(state));
    }

    /// What a core resource keeps.
    pub fn state<T: 'static>(&self) -> Option<Rc<T>> {
        Rc::clone(self.state.get()?).downcast().ok()
    }
}

/// The data of a resource instance, or a TypeError.
pub fn resource_data<'v>(vm: &Interp, this: &'v Value) -> Res<&'v ResourceData> {
    this.native::<ResourceData>().ok_or_else(|| vm.type_error("not a resource"))
}

/// Sets the state of the core resource `this`.
pub(crate) fn set_state<T: 'static>(vm: &Interp, this: &Value, state: T) -> Res {
    resource_data(vm, this)?.set_state(state);
    Ok(Value::Nil)
}

/// The state of the core resource `this`. There is none when it was skipped or failed, which is said again then, or when
/// a subclass never called `super` in its `initialize`.
pub(crate) fn state<T: 'static>(vm: &Interp, this: &Value) -> Res<Rc<T>> {
    let data = resource_data(vm, this)?;
    if let Some(state) = data.state() {
        return Ok(state);
    }
    let why = vm.to_s(&data.message.borrow().clone())?.lossy();
    Err(match (data.failed.get(), data.skipped.get()) {
        (true, _) => failed(vm, &why),
        (false, true) => skipped(vm, &why),
        (false, false) => vm.error("RuntimeError", "the resource was not initialized: call super in initialize"),
    })
}

/// The error that skips a resource.
pub(crate) fn skipped(vm: &Interp, message: &str) -> Unwind {
    vm.error("Inspec::Exceptions::ResourceSkipped", message)
}

/// The error that fails a resource.
pub(crate) fn failed(vm: &Interp, message: &str) -> Unwind {
    vm.error("Inspec::Exceptions::ResourceFailed", message)
}

/// The class of groups and, by its instances, of examples; none where resources are used without an audit.
fn example_group(vm: &Interp) -> Option<Rc<RClass>> {
    let known = vm.c.object.constants.borrow().get(&Sym::new("RSpec")).is_some();
    known.then(|| vm.class_named("RSpec::Core::ExampleGroup"))
}

/// Whether any `self` on the way here is one that `is` takes.
fn within(vm: &Interp, is: impl Fn(&Value) -> bool) -> bool {
    vm.frames.borrow().iter().any(|frame| is(&frame.self_value))
}

/// Whether an example runs, as against a control's body.
pub(crate) fn in_example(vm: &Interp) -> bool {
    example_group(vm).is_some_and(|group| within(vm, |this| vm.is_a(this, &group)))
}

/// Tells that a property is deprecated: fails the test that uses it; outside of tests it may still be used.
pub(crate) fn deprecated(vm: &Interp, message: &str, suffix: &str) -> Res<()> {
    let Some(group) = example_group(vm) else { return Ok(()) };
    let in_group = within(vm, |this| match this {
        Value::Class(class) => vm.inherits(class, &group),
        other => vm.is_a(other, &group),
    });
    if !in_group {
        return Ok(());
    }
    let (file, line) = vm.position();
    Err(failed(vm, &format!("DEPRECATION: {message} {suffix} (used at {file}:{line})")))
}

/// A resource that InSpec 4 removed: no audit of a profile that uses it can be finished.
#[derive(Debug, thiserror::Error)]
#[error("{what}. This resource was removed in InSpec 4.0 (used at {file}:{line})")]
pub struct Removed {
    what: String,
    file: String,
    line: u32,
}

/// Ends the audit: a profile names a resource that was removed.
pub(crate) fn removed(vm: &Interp, what: &str) -> Unwind {
    let (file, line) = vm.position();
    UnwindKind::Halt(Rc::new(Removed { what: what.to_owned(), file: file.text().into_owned(), line })).into()
}

const METHODS: &[Def] = &[
    def("resource_id", 0, 1, resource_id, "What identifies it in reports."),
    def("to_s", 0, 0, to_s, "Its name."),
    def("inspec", 0, 0, inspec, "The backend: creates other resources."),
    def("skip_resource", 1, 1, skip_resource, "Skips the tests on it."),
    def("fail_resource", 1, 1, fail_resource, "Fails the tests on it."),
    def(
        "resource_skipped?",
        0,
        0,
        |vm, this, _| Ok(resource_data(vm, this)?.skipped.get().into()),
        "Whether it was skipped.",
    ),
    def("resource_failed?", 0, 0, |vm, this, _| Ok(resource_data(vm, this)?.failed.get().into()), "Whether it failed."),
    def(
        "resource_exception_message",
        0,
        0,
        |vm, this, _| Ok(resource_data(vm, this)?.message.borrow().clone()),
        "Why.",
    ),
    def(
        "check_supports",
        0,
        0,
        |vm, this, _| Ok((!resource_data(vm, this)?.failed.get()).into()),
        "Whether it supports the platform.",
    ),
];

const CLASS_METHODS: &[Def] = &[
    def("name", 0, 1, class_name, "Reads its name, or names and registers the resource."),
    def("desc", 0, 1, |_, _, _| Ok(Value::Nil), "Documents it."),
    def("example", 0, 1, |_, _, _| Ok(Value::Nil), "Shows its use."),
    def("supports", 0, 1, class_supports, "Limits it to platforms."),
];

const INSPEC_METHODS: &[Def] = &[def("resource", 1, 1, base_class, "The base class of custom resources.")];

/// Defines `Inspec`, `Inspec::Resource` and the exceptions.
pub(crate) fn install(vm: &Interp) {
    let inspec = vm.define_module(&vm.c.object, "Inspec");
    vm.define_singleton(&inspec, INSPEC_METHODS);
    let resource = vm.define_class(&inspec, "Resource", &vm.c.object);
    vm.set_alloc(&resource, |_, class| Ok(RObject::with_native(Rc::clone(class), ResourceData::default()).into()));
    vm.define(&resource, METHODS);
    vm.define_singleton(&resource, CLASS_METHODS);
    vm.define_module(&inspec, "Resources");
    let exceptions = vm.define_module(&inspec, "Exceptions");
    for name in ["ResourceSkipped", "ResourceFailed", "SecretsBackendNotFound", "ProfileLoadFailed"] {
        vm.define_class(&exceptions, name, &vm.c.standard_error);
    }
    vm.define_class(&exceptions, "Unanswered", &vm.class_named("Inspec::Exceptions::ResourceFailed"));
}

/// Adds a core resource's `initialize`.
pub(crate) fn add_initialize(vm: &Interp, class: &Rc<RClass>, (min, max, run): (u8, i8, NativeFn)) {
    let body = MethodBody::Closure(Rc::new(run), min, max);
    vm.add_method(class, known::INITIALIZE, Visibility::Private, body);
}

/// Gives a class its own answer to `respond_to?` or `respond_to_missing?`. The interpreter takes table entries of these
/// names for the defaults, so they are closures.
pub(crate) fn add_answer(vm: &Interp, class: &Rc<RClass>, name: &str, run: NativeFn) {
    vm.add_method(class, Sym::new(name), Visibility::Public, MethodBody::Closure(Rc::new(run), 1, 2));
}

/// The nameless subclass that instances are made of: CINC has one, and its messages show it.
pub(crate) fn instantiable(vm: &Interp, class: &Rc<RClass>) -> Rc<RClass> {
    vm.new_class(class, None)
}

fn name_ivar() -> Sym {
    Sym::new("@name")
}

/// Gives a class the name that reports show as `resource_class`.
pub(crate) fn set_resource_name(class: &Rc<RClass>, name: &str) {
    class.head.set_ivar(name_ivar(), Value::str(name));
}

/// `Inspec.resource(1)`
fn base_class(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    if !matches!(args[0], Value::Int(1)) {
        return Err(vm.error("RuntimeError", "Only resource version 1 is supported!"));
    }
    Ok(vm.class_named("Inspec::Resource").into())
}

/// `name` in a class body: registers a subclass of the class under the name.
fn class_name(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(this)?;
    let Some(name) = args.get(0).filter(|name| name.truthy()) else {
        return Ok(class.head.ivar(name_ivar()).unwrap_or_default());
    };
    let text = vm.to_s(name)?.lossy();
    set_resource_name(&class, &text);
    if let Some(set) = ResourceSet::registering(vm) {
        set.add(vm, Sym::new(&text), instantiable(vm, &class));
    }
    Ok(name.clone())
}

/// `supports` in a class body: remembered under the class's name.
fn class_supports(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let Some(criteria) = args.get(0).filter(|c| c.truthy()) else { return Ok(Value::Nil) };
    let class = vm.to_class(this)?;
    let key = Sym::new("@supports");
    let list = match class.head.ivar(key) {
        Some(Value::Array(list)) => list,
        _ => {
            let list = plimsoll_ruby::RArray::new(Vec::new());
            class.head.set_ivar(key, Value::Array(Rc::clone(&list)));
            list
        }
    };
    list.push(criteria.clone());
    Ok(Value::Array(list))
}

/// What a class (or the nearest ancestor that says anything) supports: an Array of condition hashes.
fn supports_of(class: &Rc<RClass>) -> Option<Value> {
    let mut at = Some(Rc::clone(class));
    while let Some(class) = at {
        if let Some(list) = class.head.ivar(Sym::new("@supports")) {
            return Some(list);
        }
        at = class.superclass();
    }
    None
}

/// Creates a resource as CINC does: unsupported platforms are an ArgumentError, and what `initialize` raises may skip or
/// fail the resource instead of the control. Keywords arrive as a positional Hash.
pub fn create(vm: &Interp, class: &Rc<RClass>, name: Sym, args: Args<'_>) -> Res {
    let alloc = class.allocator().expect("resources inherit a way to be made");
    let this = alloc(vm, class)?;
    let data = resource_data(vm, &this)?;
    data.name.set(Some(name));
    *data.params.borrow_mut() = args.values.to_vec();
    check_supported(vm, class, name, data)?;
    let args = Args { keywords: false, ..args };
    let result = vm.call_with(&this, known::INITIALIZE, args, CallStyle::Implicit);
    match result.map_err(Unwind::into_kind) {
        Ok(_) => Ok(this),
        Err(UnwindKind::Raise(exception)) => {
            settle(vm, &this, exception)?;
            Ok(this)
        }
        Err(kind) => Err(kind.into()),
    }
}

/// Why the target had no means to answer what the creation of a resource asked.
pub fn unanswered_at_creation(value: &Value) -> Option<Value> {
    let data = value.native::<ResourceData>().filter(|data| data.unanswered.get())?;
    Some(data.message.borrow().clone())
}

/// What an exception out of `initialize` makes of the resource.
fn settle(vm: &Interp, this: &Value, exception: Rc<RObject>) -> Res<()> {
    let data = resource_data(vm, this)?;
    let error = Value::Obj(Rc::clone(&exception));
    let is = |class: &str| vm.is_a(&error, &vm.class_named(class));
    let message = |vm: &Interp| vm.call(&error, known::MESSAGE, &[]);
    if is(UNANSWERED) {
        // What is half made by a profile's own code would go on to answer, with whatever it has by then.
        if !data.name.get().is_some_and(|name| crate::is_core(vm, name, &vm.class_of(this))) {
            return Err(UnwindKind::Raise(exception).into());
        }
        data.unanswered.set(true);
    }
    if is("Inspec::Exceptions::ResourceSkipped") {
        data.skipped.set(true);
    } else if is("Inspec::Exceptions::ResourceFailed") {
        data.failed.set(true);
    } else if is("NotImplementedError") {
        if data.failed.replace(true) {
            return Ok(());
        }
    } else if is("NoMethodError") {
        if data.failed.get() {
            return Ok(());
        }
        data.skipped.set(true);
    } else {
        return Err(UnwindKind::Raise(exception).into());
    }
    *data.message.borrow_mut() = message(vm)?;
    Ok(())
}

fn check_supported(vm: &Interp, class: &Rc<RClass>, name: Sym, data: &ResourceData) -> Res<()> {
    let Some(criteria) = supports_of(class) else { return Ok(()) };
    let platform = vm.send(&backend_object(vm)?, "platform", &[])?;
    if vm.send(&platform, "supported?", &[criteria])?.truthy() {
        return Ok(());
    }
    data.failed.set(true);
    let platform_name = vm.send(&platform, "name", &[])?;
    let platform_name = vm.to_s(&platform_name)?.lossy();
    let message = format!("Unsupported resource/backend combination: {name} / {platform_name}. Exiting.");
    Err(vm.argument_error(message))
}

/// The object that `inspec` gives: set by [`set_backend_object`].
pub(crate) fn backend_object(vm: &Interp) -> Res {
    match vm.extension::<BackendObject>() {
        Some(object) => Ok(object.0.clone()),
        None => Err(vm.error("RuntimeError", "no backend")),
    }
}

/// Sets the object that `inspec` gives inside resources.
pub fn set_backend_object(vm: &Interp, object: Value) {
    vm.set_extension(Rc::new(BackendObject(object)));
}

struct BackendObject(Value);

fn resource_id(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = resource_data(vm, this)?;
    if let Some(id) = args.get(0).filter(|id| id.truthy()) {
        *data.id.borrow_mut() = id.clone();
    }
    let id = data.id.borrow().clone();
    Ok(if id.is_nil() { Value::str("") } else { id })
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = resource_data(vm, this)?.name.get();
    Ok(name.map_or(Value::Nil, |name| Value::str(name.text())))
}

fn inspec(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    backend_object(vm)
}

fn skip_resource(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = resource_data(vm, this)?;
    data.skipped.set(true);
    *data.message.borrow_mut() = args[0].clone();
    Ok(args[0].clone())
}

fn fail_resource(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = resource_data(vm, this)?;
    data.failed.set(true);
    *data.message.borrow_mut() = args[0].clone();
    Ok(args[0].clone())
}
