//! Constants and class variables.

use std::rc::Rc;

use super::Scope;
use crate::args::Args;
use crate::class::{Cref, RClass};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::ir::Node;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::Value;

impl Scope<'_> {
    pub(super) fn constant(&self, name: Sym) -> Res {
        let cref = &self.context.cref;
        if let Some(value) = self.vm.lexical_constant(cref, name) {
            return Ok(value);
        }
        let mut at = Some(cref);
        while let Some(cref) = at {
            if self.vm.load_constant(&cref.module, name)? {
                return self.constant(name);
            }
            at = cref.parent.as_ref();
        }
        self.vm.constant_missing(&cref.module, name)
    }

    pub(super) fn constant_path(&self, scope: Option<&Node>, name: Sym, line: u32) -> Res {
        let module = self.module_of(scope)?;
        self.vm.line.set(line);
        self.vm.constant_of(&module, name)
    }

    /// The module before `::`; `Object` where there is none.
    pub(super) fn module_of(&self, scope: Option<&Node>) -> Res<Rc<RClass>> {
        let Some(node) = scope else { return Ok(Rc::clone(&self.vm.c.object)) };
        let value = self.eval(node)?;
        self.vm.line.set(node.line);
        self.vm.to_class(&value)
    }
}

impl Interp {
    /// A constant as code in this lexical nesting sees it: the nesting, then the ancestors of its innermost module, then
    /// `Object`.
    pub fn lexical_constant(&self, cref: &Rc<Cref>, name: Sym) -> Option<Value> {
        let mut at = Some(cref);
        while let Some(cref) = at {
            // The outermost scope is what the ancestors end with.
            if cref.parent.is_some()
                && let Some(value) = cref.module.constants.borrow().get(&name)
            {
                return Some(value.clone());
            }
            at = cref.parent.as_ref();
        }
        if let Some(value) = self.constant_in(&cref.module, name, true) {
            return Some(value);
        }
        // The outermost module is not `Object` for files that run with a module of their own.
        let mut outermost = cref;
        while let Some(parent) = &outermost.parent {
            outermost = parent;
        }
        self.constant_in(&outermost.module, name, true)
    }

    /// A constant of a module or its ancestors, with those of `Object` when asked for (modules don't inherit from it).
    pub fn constant_in(&self, module: &Rc<RClass>, name: Sym, with_object: bool) -> Option<Value> {
        if let Some(value) = module.constants.borrow().get(&name) {
            return Some(value.clone());
        }
        let object = &self.c.object;
        for ancestor in module.ancestors(self.epoch()).iter() {
            let found = ancestor.constants.borrow().get(&name).cloned();
            if found.is_some() && (with_object || !Rc::ptr_eq(ancestor, object) || Rc::ptr_eq(module, object)) {
                return found;
            }
        }
        if let Some(attached) = module.attached.borrow().as_ref()
            && let Value::Class(class) = attached
            && let Some(value) = self.constant_in(class, name, with_object)
        {
            return Some(value);
        }
        if with_object { object.constants.borrow().get(&name).cloned() } else { None }
    }

    /// `module::NAME`
    pub fn constant_of(&self, module: &Rc<RClass>, name: Sym) -> Res {
        match self.constant_in(module, name, false) {
            Some(value) => match self.private_owner(module, name) {
                None => Ok(value),
                Some(owner) => {
                    *self.private_reference.borrow_mut() = Some(owner);
                    let result = self.constant_missing(module, name);
                    self.private_reference.borrow_mut().take();
                    result
                }
            },
            None if self.load_constant(module, name)? => self.constant_of(module, name),
            None => self.constant_missing(module, name),
        }
    }

    /// The module that a constant belongs to, when it is private there.
    pub(crate) fn private_owner(&self, module: &Rc<RClass>, name: Sym) -> Option<Rc<RClass>> {
        let ancestors = module.ancestors(self.epoch());
        let owner = ancestors.iter().find(|ancestor| ancestor.constants.borrow().contains_key(&name))?;
        owner.private_constants.borrow().contains(&name).then(|| Rc::clone(owner))
    }

    /// Runs the file that `autoload` named for a constant of a module or its ancestors; tells whether it defined it.
    pub(crate) fn load_constant(&self, module: &Rc<RClass>, name: Sym) -> Res<bool> {
        for ancestor in module.ancestors(self.epoch()).iter() {
            let file = ancestor.autoloads.borrow_mut().shift_remove(&name);
            let Some(file) = file.filter(|_| !ancestor.constants.borrow().contains_key(&name)) else { continue };
            let main = self.main_object();
            self.send(&main, "require", &[Value::str(file.text())])?;
            return Ok(ancestor.constants.borrow().contains_key(&name));
        }
        Ok(false)
    }

    /// `A::NAME`, or `NAME` where the module is `Object`.
    pub(crate) fn constant_path(&self, module: &Rc<RClass>, name: Sym) -> String {
        if Rc::ptr_eq(module, &self.c.object) { name.to_string() } else { format!("{}::{name}", module.name()) }
    }

    /// The NameError of a private constant reached for from outside.
    pub(crate) fn private_constant(&self, owner: &Rc<RClass>, name: Sym) -> Unwind {
        let path = self.constant_path(owner, name);
        self.name_error(format!("private constant {path} referenced"), name, owner)
    }

    /// What `const_missing` gives: a NameError, unless the program defines its own.
    pub fn constant_missing(&self, module: &Rc<RClass>, name: Sym) -> Res {
        self.call(&Value::Class(Rc::clone(module)), known::CONST_MISSING, &[Value::Sym(name)])
    }

    /// The NameError of a constant that is not there.
    pub fn uninitialized_constant(&self, module: &Rc<RClass>, name: Sym) -> Unwind {
        if let Some(owner) = self.private_reference.borrow_mut().take() {
            return self.private_constant(&owner, name);
        }
        let path = if Rc::ptr_eq(module, &self.c.object) {
            name.to_string()
        } else {
            match self.to_s(&Value::Class(Rc::clone(module))) {
                Ok(shown) => format!("{}::{name}", shown.lossy()),
                Err(unwind) => return unwind,
            }
        };
        self.name_error(format!("uninitialized constant {path}"), name, module)
    }

    fn name_error(&self, message: String, name: Sym, module: &Rc<RClass>) -> Unwind {
        let exception = self.exception(&self.class_named("NameError"), Value::str(message));
        exception.head.set_ivar(known::NAME, Value::Sym(name));
        exception.head.set_ivar(known::RECEIVER, Value::Class(Rc::clone(module)));
        self.raise_object(exception)
    }

    /// Assigns a constant; an anonymous class or module takes its name.
    pub fn assign_constant(&self, module: &Rc<RClass>, name: Sym, value: Value) -> Res<()> {
        if module.head.is_frozen() {
            return Err(self.frozen_error(&Value::Class(Rc::clone(module))));
        }
        if let Value::Class(class) = &value
            && class.own_name().is_none()
            && !class.is_singleton
        {
            class.set_name(&self.constant_path(module, name));
        }
        let old = module.constants.borrow_mut().insert(name, value);
        drop(old);
        module.constant_places.borrow_mut().insert(name, self.position());
        Ok(())
    }

    // ---- Class variables

    /// The module whose table a class variable of this nesting belongs to: singleton classes are passed over.
    fn class_variable_base(cref: &Rc<Cref>) -> Rc<RClass> {
        let mut at = cref;
        while at.module.is_singleton {
            match &at.parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        Rc::clone(&at.module)
    }

    /// The class that holds a class variable, with its value.
    pub fn find_class_variable(&self, cref: &Rc<Cref>, name: Sym) -> Option<Value> {
        self.class_variable_in(&Self::class_variable_base(cref), name).map(|(_, value)| value)
    }

    /// The holder among a module's ancestors, with the value.
    pub fn class_variable_in(&self, module: &Rc<RClass>, name: Sym) -> Option<(Rc<RClass>, Value)> {
        let ancestors = module.ancestors(self.epoch());
        // The last holder wins: a variable defined later in a superclass overtakes.
        ancestors.iter().rev().find_map(|holder| {
            let value = holder.class_vars.borrow().get(&name).cloned()?;
            Some((Rc::clone(holder), value))
        })
    }

    /// `@@name`
    pub fn class_variable(&self, cref: &Rc<Cref>, name: Sym) -> Res {
        let module = Self::class_variable_base(cref);
        match self.class_variable_in(&module, name) {
            Some((_, value)) => Ok(value),
            None if Rc::ptr_eq(&module, &self.c.object) => {
                Err(self.error("RuntimeError", "class variable access from toplevel"))
            }
            None => Err(self.no_class_variable(&module, name)),
        }
    }

    /// The NameError of a class variable that is not there.
    pub fn no_class_variable(&self, module: &Rc<RClass>, name: Sym) -> Unwind {
        self.name_error(format!("uninitialized class variable {name} in {}", module.name()), name, module)
    }

    /// `@@name = value`
    pub fn set_class_variable(&self, cref: &Rc<Cref>, name: Sym, value: Value) -> Res<()> {
        let module = Self::class_variable_base(cref);
        if Rc::ptr_eq(&module, &self.c.object) && cref.parent.is_none() {
            return Err(self.error("RuntimeError", "class variable access from toplevel"));
        }
        self.set_class_variable_in(&module, name, value)
    }

    /// The same in a module that is known.
    pub fn set_class_variable_in(&self, module: &Rc<RClass>, name: Sym, value: Value) -> Res<()> {
        let holder = self.class_variable_in(module, name).map_or_else(|| Rc::clone(module), |(holder, _)| holder);
        if holder.head.is_frozen() {
            return Err(self.frozen_error(&Value::Class(holder)));
        }
        let old = holder.class_vars.borrow_mut().insert(name, value);
        drop(old);
        Ok(())
    }

    /// Calls a hook of the program's; the default one does nothing and is not called.
    pub fn hook(&self, receiver: &Value, hook: Sym, argument: Value) -> Res<()> {
        let class = self.class_of(receiver);
        let Some(method) = self.find_method(&class, hook) else { return Ok(()) };
        if matches!(method.body, crate::class::MethodBody::Native(_)) {
            return Ok(());
        }
        self.call_with(receiver, hook, Args::new(&[argument]), CallStyle::Implicit).map(drop)
    }
}
