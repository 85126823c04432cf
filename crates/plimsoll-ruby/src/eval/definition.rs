//! `def`, `class`, `module`, `class <<`, `alias`, `undef`.

use std::rc::Rc;
use std::sync::Arc;

use super::{Context, Env, Scope, invoke};
use crate::class::{Cref, MethodBody, RClass, Visibility};
use crate::interp::Interp;
use crate::ir::{Body, ClassDef, MethodDef, ModuleDef, Node, Place};
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::Value;

impl Scope<'_> {
    pub(super) fn def(&self, receiver: Option<&Node>, code: &Arc<MethodDef>) -> Res {
        let vm = self.vm;
        let body = MethodBody::Ruby(Arc::clone(code), Rc::clone(&self.context.cref));
        if let Some(receiver) = receiver {
            let object = self.eval(receiver)?;
            let class = vm.own_class(&object)?;
            vm.check_frozen(&object)?;
            vm.install(&class, code.name, Visibility::Public, body)?;
            return Ok(Value::Sym(code.name));
        }
        let class = self.context.definee();
        let module_function = self.context.module_function.get();
        let visibility = if module_function { Visibility::Private } else { self.context.visibility.get() };
        vm.install(class, code.name, visibility, body.clone())?;
        if module_function {
            let singleton = vm.own_class(&Value::Class(Rc::clone(class)))?;
            vm.install(&singleton, code.name, Visibility::Public, body)?;
        }
        Ok(Value::Sym(code.name))
    }

    fn place(&self, place: &Place) -> Res<Rc<RClass>> {
        match place {
            Place::Here => Ok(Rc::clone(&self.context.cref.module)),
            Place::Top => Ok(Rc::clone(&self.vm.c.object)),
            Place::In(node) => self.module_of(Some(node)),
        }
    }

    /// The constant that `class` or `module` opens again; a private one can't be reached by `A::B`.
    fn known_constant(&self, place: &Place, outer: &Rc<RClass>, name: Sym) -> Res<Option<Value>> {
        let vm = self.vm;
        vm.load_constant(outer, name)?;
        let known = outer.constants.borrow().get(&name).cloned();
        if known.is_some() && matches!(place, Place::In(_)) && outer.private_constants.borrow().contains(&name) {
            return Err(vm.private_constant(outer, name));
        }
        Ok(known)
    }

    pub(super) fn class(&self, class: &ClassDef) -> Res {
        let vm = self.vm;
        let outer = self.place(&class.place)?;
        let superclass = class.superclass.as_ref().map(|node| self.eval(node)).transpose()?;
        let superclass = match superclass {
            None => None,
            Some(Value::Class(class)) if !class.is_module => Some(class),
            Some(other) => return Err(vm.not_a_superclass(&other)),
        };
        let known = self.known_constant(&class.place, &outer, class.name)?;
        let opened = match known {
            None => {
                let superclass = superclass.unwrap_or_else(|| Rc::clone(&vm.c.object));
                let new = vm.subclass(&superclass)?;
                vm.assign_constant(&outer, class.name, Value::Class(Rc::clone(&new)))?;
                vm.hook(&Value::Class(superclass), known::INHERITED, Value::Class(Rc::clone(&new)))?;
                new
            }
            Some(Value::Class(found)) if !found.is_module => {
                if let Some(wanted) = superclass
                    && !found.superclass().is_some_and(|actual| Rc::ptr_eq(&actual.real(), &wanted))
                {
                    return Err(vm.type_error(format!("superclass mismatch for class {}", class.name)));
                }
                found
            }
            Some(_) => return Err(vm.not_of_kind(&outer, class.name, "class")),
        };
        self.open(&opened, &class.body)
    }

    pub(super) fn module(&self, module: &ModuleDef) -> Res {
        let vm = self.vm;
        let outer = self.place(&module.place)?;
        let known = self.known_constant(&module.place, &outer, module.name)?;
        let opened = match known {
            None => {
                let new = vm.new_module(None);
                vm.assign_constant(&outer, module.name, Value::Class(Rc::clone(&new)))?;
                new
            }
            Some(Value::Class(found)) if found.is_module => found,
            Some(_) => return Err(vm.not_of_kind(&outer, module.name, "module")),
        };
        self.open(&opened, &module.body)
    }

    pub(super) fn singleton_class(&self, object: &Node, body: &Body) -> Res {
        let object = self.eval(object)?;
        let class = self.vm.own_class(&object)?;
        self.open(&class, body)
    }

    /// Runs the body of a class or module.
    fn open(&self, module: &Rc<RClass>, body: &Body) -> Res {
        let vm = self.vm;
        let cref = Rc::new(Cref { module: Rc::clone(module), parent: Some(Rc::clone(&self.context.cref)) });
        let context = Context::new(vm, None, None, &cref, Visibility::Public);
        let env = Env::with(&[], body.names.len(), None);
        let line = vm.line.get();
        invoke::run_body(vm, body, &env, &context, &Value::Class(Rc::clone(module)), line)
    }

    pub(super) fn alias(&self, new: &Node, old: &Node) -> Res {
        let new = self.vm.to_name(&self.eval(new)?)?;
        let old = self.vm.to_name(&self.eval(old)?)?;
        self.vm.alias_method(self.context.definee(), new, old)?;
        Ok(Value::Nil)
    }

    pub(super) fn undef(&self, names: &[Node]) -> Res {
        for name in names {
            let name = self.vm.to_name(&self.eval(name)?)?;
            self.vm.undef_method(self.context.definee(), name)?;
        }
        Ok(Value::Nil)
    }
}

impl Interp {
    /// The singleton class to define something in; numbers and symbols have none.
    pub fn own_class(&self, object: &Value) -> Res<Rc<RClass>> {
        self.singleton_class(object).ok_or_else(|| self.type_error("can't define singleton"))
    }

    /// A new class below `superclass`, without a name; `inherited` is left to the caller.
    pub fn subclass(&self, superclass: &Rc<RClass>) -> Res<Rc<RClass>> {
        if superclass.is_singleton {
            return Err(self.type_error("can't make subclass of singleton class"));
        }
        if Rc::ptr_eq(superclass, &self.c.class) {
            return Err(self.type_error("can't make subclass of Class"));
        }
        Ok(self.new_class(superclass, None))
    }

    /// The TypeError of `class` or `module` for a constant that is something else; tells where that was assigned.
    fn not_of_kind(&self, outer: &Rc<RClass>, name: Sym, kind: &str) -> Unwind {
        let path = self.constant_path(outer, name);
        let place = outer.constant_places.borrow().get(&name).copied();
        self.type_error(match place {
            Some((file, line)) => {
                format!("{path} is not a {kind}\n{file}:{line}: previous definition of {name} was here")
            }
            None => format!("{path} is not a {kind}"),
        })
    }

    /// The TypeError of a superclass that is no class.
    pub(crate) fn not_a_superclass(&self, value: &Value) -> Unwind {
        let class = self.real_class_of(value).name();
        self.type_error(format!("superclass must be an instance of Class (given an instance of {class})"))
    }

    /// Defines a method as a program does: frozen classes refuse, some names are private, hooks are called.
    pub fn install(&self, class: &Rc<RClass>, name: Sym, visibility: Visibility, body: MethodBody) -> Res<()> {
        self.check_frozen_class(class)?;
        let always_private = [known::INITIALIZE, known::INITIALIZE_COPY, known::RESPOND_TO_MISSING].contains(&name)
            || matches!(name.bytes(), b"initialize_clone" | b"initialize_dup");
        let visibility = if always_private { Visibility::Private } else { visibility };
        if is_operator(name) {
            self.operators_redefined.set(self.operators_redefined.get() || self.has_quick_operators(class));
        }
        self.add_method(class, name, visibility, body);
        self.method_added(class, name)
    }

    fn method_added(&self, class: &Rc<RClass>, name: Sym) -> Res<()> {
        let attached = if class.is_singleton { class.attached.borrow().clone() } else { None };
        match attached {
            Some(object) => self.hook(&object, known::SINGLETON_METHOD_ADDED, Value::Sym(name)),
            None => self.hook(&Value::Class(Rc::clone(class)), known::METHOD_ADDED, Value::Sym(name)),
        }
    }

    fn has_quick_operators(&self, class: &Rc<RClass>) -> bool {
        let c = &self.c;
        let quick = [&c.integer, &c.float, &c.numeric, &c.string, &c.array, &c.hash, &c.symbol, &c.nil];
        quick.iter().any(|known| Rc::ptr_eq(known, class))
    }

    /// `alias new old`
    pub fn alias_method(&self, class: &Rc<RClass>, new: Sym, old: Sym) -> Res<()> {
        self.check_frozen_class(class)?;
        let found = self.find_method(class, old);
        let found = found.or_else(|| class.is_module.then(|| self.find_method(&self.c.object, old)).flatten());
        let Some(method) = found else { return Err(self.undefined_method(class, old)) };
        if is_operator(new) {
            self.operators_redefined.set(self.operators_redefined.get() || self.has_quick_operators(class));
        }
        class.methods.borrow_mut().insert(new, method);
        self.methods_changed();
        self.method_added(class, new)
    }

    /// `undef name`
    pub fn undef_method(&self, class: &Rc<RClass>, name: Sym) -> Res<()> {
        self.check_frozen_class(class)?;
        let found = self.find_method(class, name);
        let found = found.or_else(|| class.is_module.then(|| self.find_method(&self.c.object, name)).flatten());
        if found.is_none() {
            return Err(self.undefined_method(class, name));
        }
        self.add_method(class, name, Visibility::Public, MethodBody::Undefined);
        Ok(())
    }

    /// The NameError of a method that a class does not have.
    pub fn undefined_method(&self, class: &Rc<RClass>, name: Sym) -> Unwind {
        let kind = if class.is_module { "module" } else { "class" };
        let attached = class.attached.borrow().clone();
        let shown = match attached {
            Some(Value::Class(attached)) => attached.name(),
            _ => class.name(),
        };
        let message = format!("undefined method `{name}' for {kind} `{shown}'");
        let exception = self.exception(&self.class_named("NameError"), Value::str(message));
        exception.head.set_ivar(known::NAME, Value::Sym(name));
        exception.head.set_ivar(known::RECEIVER, Value::Class(Rc::clone(class)));
        self.raise_object(exception)
    }
}

fn is_operator(name: Sym) -> bool {
    [
        known::PLUS,
        known::MINUS,
        known::MUL,
        known::DIV,
        known::MOD,
        known::LT,
        known::LE,
        known::GT,
        known::GE,
        known::EQ,
        known::NEQ,
        known::AND,
        known::OR,
        known::AREF,
        known::SHL,
    ]
    .contains(&name)
}
