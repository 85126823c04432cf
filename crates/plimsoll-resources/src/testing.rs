//! What the tests of resources share: an interpreter over a target in memory, and a way to look at values.

use std::rc::Rc;
use std::sync::Arc;

use plimsoll_ruby::{Args, Interp, Limits, NoHost, Res, Sym, Unwind, Value, known};
use plimsoll_target::MemoryTarget;

use crate::{Backend, ResourceSet, backend_object, create, install, set_backend_object};

/// An interpreter without a target to ask.
pub(crate) fn vm() -> Rc<Interp> {
    Audit::of(MemoryTarget::new()).vm
}

/// An interpreter with all resources.
pub(crate) struct Audit {
    pub vm: Rc<Interp>,
    set: Rc<ResourceSet>,
}

impl Audit {
    /// Resources over a target.
    pub(crate) fn of(target: MemoryTarget) -> Self {
        let vm = Interp::new(Rc::new(NoHost), Limits::default());
        let set = install(&vm, Backend::new(Arc::new(target)));
        let object = backend_object(&vm, &set, Value::Nil);
        set_backend_object(&vm, object);
        Self { vm, set }
    }

    /// Resources over a Debian with these files.
    pub(crate) fn debian(target: MemoryTarget) -> Self {
        Self::of(target.file("/etc/debian_version", "12.5\n"))
    }

    /// A resource, or what its creation raised.
    pub(crate) fn make(&self, name: &str, args: &[Value]) -> Res {
        let name = Sym::new(name);
        let class = self.set.get(name).unwrap_or_else(|| panic!("no resource {name}"));
        create(&self.vm, &class, name, Args::new(args))
    }

    /// A resource made with one text.
    pub(crate) fn on(&self, name: &str, arg: &str) -> Value {
        self.make(name, &[Value::str(arg)]).unwrap_or_else(|unwind| panic!("{}", self.message(&unwind)))
    }

    /// A resource made without arguments.
    pub(crate) fn the(&self, name: &str) -> Value {
        self.make(name, &[]).unwrap_or_else(|unwind| panic!("{}", self.message(&unwind)))
    }

    /// A resource made with options.
    pub(crate) fn with(&self, name: &str, options: &[(&str, &str)]) -> Value {
        let options = self.options(options);
        self.make(name, &[options]).unwrap_or_else(|unwind| panic!("{}", self.message(&unwind)))
    }

    /// A Hash of options.
    pub(crate) fn options(&self, options: &[(&str, &str)]) -> Value {
        let pairs = options.iter().map(|(name, value)| (Value::sym(name), Value::str(value)));
        self.vm.hash_from(pairs).expect("a Symbol can be a key").into()
    }

    /// What a method gives, as text; `!Class: message` when it raises.
    pub(crate) fn ask(&self, resource: &Value, method: &str, args: &[Value]) -> String {
        match self.vm.send(resource, method, args) {
            Ok(value) => show(&self.vm, &value),
            Err(unwind) => format!("!{}", self.message(&unwind)),
        }
    }

    /// A property as text.
    pub(crate) fn get(&self, resource: &Value, method: &str) -> String {
        self.ask(resource, method, &[])
    }

    /// Why a resource was skipped or failed.
    pub(crate) fn why(&self, resource: &Value) -> String {
        let flag = |name: &str| self.vm.send(resource, name, &[]).unwrap().truthy();
        let word = match (flag("resource_skipped?"), flag("resource_failed?")) {
            (true, _) => "skipped",
            (_, true) => "failed",
            _ => return "fine".into(),
        };
        let message = self.vm.send(resource, "resource_exception_message", &[]).unwrap();
        format!("{word}: {}", self.vm.to_s(&message).unwrap().lossy())
    }

    /// The exception of an unwinding.
    pub(crate) fn message(&self, unwind: &Unwind) -> String {
        let Some(exception) = unwind.exception() else { return format!("{unwind:?}") };
        let error = Value::Obj(Rc::clone(exception));
        let class = self.vm.real_class_of(&error).name();
        let message = self.vm.call(&error, known::MESSAGE, &[]).unwrap();
        format!("{class}: {}", self.vm.to_s(&message).unwrap().lossy())
    }
}

/// Why a resource that is made with these texts is skipped or failed over a Debian with these files, or what its creation
/// raised; `fine` where it is neither.
pub(crate) fn why(target: MemoryTarget, name: &str, args: &[&str]) -> String {
    let audit = Audit::debian(target);
    let args: Vec<Value> = args.iter().map(Value::str).collect();
    match audit.make(name, &args) {
        Ok(resource) => audit.why(&resource),
        Err(unwind) => audit.message(&unwind),
    }
}

/// A value as text, whatever it is.
pub(crate) fn show(vm: &Interp, value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let items: Vec<_> = list.to_vec().iter().map(|item| show(vm, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Hash(hash) => {
            let pair = |(key, value): &(Value, Value)| format!("{} => {}", show(vm, key), show(vm, value));
            let pairs: Vec<_> = hash.entries().iter().map(pair).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Obj(_) => vm.to_s(value).map_or_else(|_| "?".into(), |text| text.lossy()),
        other => format!("{other:?}"),
    }
}
