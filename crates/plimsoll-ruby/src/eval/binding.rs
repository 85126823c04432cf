//! Bindings: the local variables, `self` and context of a place in the program, kept.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Context, Env, Scope, invoke};
use crate::args::Args;
use crate::class::{Cref, MethodBody, Visibility};
use crate::interp::Interp;
use crate::ir::{Call, Label, Slot};
use crate::lower;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{ProcKind, RObject, RProc, Value};

/// The payload of a Binding.
pub(crate) struct Binding {
    /// `self`
    pub(crate) self_value: Value,
    /// File and line it was made in.
    pub(crate) place: (Sym, u32),
    env: Rc<Env>,
    context: Rc<Context>,
    /// The variables of the program, innermost first.
    names: Box<[(Sym, Slot)]>,
    /// Variables that were set through the binding alone.
    added: RefCell<Vec<(Sym, Value)>>,
}

impl Scope<'_> {
    /// `binding` and `local_variables`, unless the program has methods of these names.
    pub(super) fn visible(&self, call: &Call, names: &[(Sym, Slot)], line: u32) -> Res {
        let vm = self.vm;
        let method = vm.find_method(&vm.class_of(self.self_value), call.name);
        let is_native = method.is_some_and(|method| matches!(method.body, MethodBody::Native(_)));
        if !is_native {
            return self.call(call, line);
        }
        if call.name.bytes() == b"local_variables" {
            return Ok(Value::array(names.iter().map(|(name, _)| Value::Sym(*name)).collect()));
        }
        Ok(vm.new_binding(self.self_value, self.env, self.context, names, (vm.position().0, line)))
    }
}

/// The payload of a Binding value.
pub(crate) fn binding_of(value: &Value) -> Option<&Binding> {
    value.native()
}

impl Binding {
    fn scope(&self, depth: u16) -> &Env {
        let mut env = &*self.env;
        for _ in 0..depth {
            env = env.parent.as_deref().expect("lowering counts the scopes");
        }
        env
    }

    /// Names of the variables, the binding's own first.
    pub(crate) fn variables(&self) -> Vec<Sym> {
        let added = self.added.borrow();
        added.iter().map(|(name, _)| *name).chain(self.names.iter().map(|(name, _)| *name)).collect()
    }

    pub(crate) fn get(&self, name: Sym) -> Option<Value> {
        if let Some((_, slot)) = self.names.iter().find(|(known, _)| *known == name) {
            return Some(self.scope(slot.depth).get(slot.index));
        }
        self.added.borrow().iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    pub(crate) fn set(&self, name: Sym, value: Value) {
        if let Some((_, slot)) = self.names.iter().find(|(known, _)| *known == name) {
            return self.scope(slot.depth).set(slot.index, value);
        }
        let mut added = self.added.borrow_mut();
        match added.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = value,
            None => added.push((name, value)),
        }
    }
}

impl Interp {
    fn new_binding(
        &self,
        self_value: &Value,
        env: &Rc<Env>,
        context: &Rc<Context>,
        names: &[(Sym, Slot)],
        place: (Sym, u32),
    ) -> Value {
        self.keep_scope(env, context);
        let payload = Binding {
            self_value: self_value.clone(),
            place,
            env: Rc::clone(env),
            context: Rc::clone(context),
            names: names.into(),
            added: RefCell::default(),
        };
        Value::Obj(RObject::with_native(self.class_named("Binding"), payload))
    }

    /// `proc.binding`
    pub(crate) fn binding_of_proc(&self, block: &RProc) -> Res {
        let ProcKind::Ruby(code) = &block.kind else {
            return Err(self.argument_error("Can't create Binding from C level Proc"));
        };
        let place = (code.body.file, code.body.line);
        Ok(self.new_binding(&code.self_value, &code.env, &code.context, &code.body.visible, place))
    }

    /// Runs source text of native code's making (a compiled template) in a Binding: it sees and sets its variables.
    pub fn run_in_binding(&self, binding: &Value, source: &[u8], file: &str) -> Res {
        let Some(binding) = binding_of(binding) else {
            let class = self.real_class_of(binding).name();
            return Err(self.type_error(format!("wrong argument type {class} (expected binding)")));
        };
        let names = binding.variables();
        let program = match lower::program(source, file, &names, "<main>", &self.limits) {
            Ok(program) => program,
            Err(error) => return Err(self.error("SyntaxError", error.to_string())),
        };
        let values: Vec<Value> = names.iter().map(|name| binding.get(*name).unwrap_or_default()).collect();
        let env = Env::with(&values, program.names.len(), None);
        let label = Label { base: Sym::new("<main>"), blocks: 0 };
        let around = &binding.context;
        let context = Context::new(self, None, around.block.as_ref(), &around.cref, Visibility::Public);
        let body = &program.body;
        let result = invoke::run_code(self, body, label, program.file, &env, &context, &binding.self_value, body.line);
        for (index, name) in names.iter().enumerate() {
            binding.set(*name, env.get(index as u16));
        }
        result
    }

    /// A copy of a binding: it shares the program's variables, not those set through the binding.
    pub(crate) fn copy_binding(&self, binding: &Binding) -> Value {
        let copy = self.new_binding(&binding.self_value, &binding.env, &binding.context, &binding.names, binding.place);
        if let Some(payload) = binding_of(&copy) {
            payload.added.replace(binding.added.borrow().clone());
        }
        copy
    }

    /// A binding of the frame that called native code, which sees no variables by name.
    pub(crate) fn bare_binding(&self) -> Value {
        let (self_value, context) = match self.frames.borrow().last() {
            Some(frame) => (frame.self_value.clone(), Rc::clone(&frame.context)),
            None => return Value::Nil,
        };
        self.new_binding(&self_value, &Env::with(&[], 0, None), &context, &[], self.position())
    }

    /// A binding of `main` without variables: what a template has that is given none.
    pub(crate) fn main_binding(&self) -> Value {
        let cref = Rc::new(Cref { module: Rc::clone(&self.c.object), parent: None });
        let context = Context::new(self, None, None, &cref, Visibility::Private);
        self.new_binding(&self.main_object(), &Env::with(&[], 0, None), &context, &[], self.position())
    }

    /// The local variable that a binding is asked for.
    pub(crate) fn local_name(&self, binding: &Value, args: Args<'_>) -> Res<Sym> {
        let name = self.to_name(&args[0])?;
        let bytes = name.bytes();
        let starts = bytes.first().is_some_and(|byte| byte.is_ascii_lowercase() || *byte == b'_' || !byte.is_ascii());
        let goes_on = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii());
        if starts && goes_on {
            return Ok(name);
        }
        let shown = self.any_to_s(binding);
        Err(self.name_error_of(format!("wrong local variable name `{name}' for {shown}"), name))
    }
}
