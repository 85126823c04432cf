//! Finding methods and calling them.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Method, MethodBody, RClass, Visibility};
use crate::eval;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind, UnwindKind};
use crate::value::{ProcKind, RProc, Value};

/// How a call was written: decides what private and protected methods it may reach, and the words of its error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStyle {
    /// `recv.name`
    Explicit,
    /// `name(…)`, or anything native code calls.
    Implicit,
    /// `recv.send(:name)`
    Sent,
    /// `name` alone, which could have been a local variable.
    Variable,
    /// `super`
    Super,
}

/// How many look-ups are remembered.
const CACHE_SLOTS: usize = 1024;

/// A look-up that was done: valid for as long as no method table has changed.
pub(crate) struct CachedMethod {
    epoch: u64,
    class: u32,
    name: Sym,
    method: Option<Rc<Method>>,
}

impl Interp {
    /// The method that `name` means for instances of `class`.
    pub fn find_method(&self, class: &Rc<RClass>, name: Sym) -> Option<Rc<Method>> {
        let epoch = self.epoch();
        let slot = (class.id.wrapping_mul(31) ^ name.index()) as usize % CACHE_SLOTS;
        if let Some(known) = self.method_cache.borrow().get(slot)
            && known.epoch == epoch
            && known.class == class.id
            && known.name == name
        {
            return known.method.clone();
        }
        let ancestors = class.ancestors(epoch);
        let found = ancestors.iter().find_map(|c| c.methods.borrow().get(&name).cloned());
        let found = found.filter(|method| !matches!(method.body, MethodBody::Undefined));
        let mut cache = self.method_cache.borrow_mut();
        if cache.is_empty() {
            cache.resize_with(CACHE_SLOTS, || CachedMethod { epoch: 0, class: 0, name, method: None });
        }
        cache[slot] = CachedMethod { epoch, class: class.id, name, method: found.clone() };
        found
    }

    /// The method after `owner` in the ancestry of `class`: what `super` calls.
    pub fn find_super(&self, class: &Rc<RClass>, owner: &Rc<RClass>, name: Sym) -> Option<Rc<Method>> {
        let ancestors = class.ancestors(self.epoch());
        let after = ancestors.iter().position(|c| Rc::ptr_eq(c, owner))? + 1;
        let found = ancestors[after..].iter().find_map(|c| c.methods.borrow().get(&name).cloned());
        found.filter(|method| !matches!(method.body, MethodBody::Undefined))
    }

    /// Calls a method by name, whatever its visibility, `method_missing` included.
    pub fn call(&self, receiver: &Value, name: Sym, values: &[Value]) -> Res {
        self.call_with(receiver, name, Args::new(values), CallStyle::Implicit)
    }

    /// The same by text, for rare names.
    pub fn send(&self, receiver: &Value, name: &str, values: &[Value]) -> Res {
        self.call(receiver, Sym::new(name), values)
    }

    /// Calls a method with everything a call can have.
    pub fn call_with(&self, receiver: &Value, name: Sym, args: Args<'_>, style: CallStyle) -> Res {
        let class = self.class_of(receiver);
        match self.find_method(&class, name) {
            Some(method) if self.may_call(&method, style) => self.invoke(&method, name, receiver, args),
            found => self.call_missing(receiver, &class, name, args, style, found.as_deref()),
        }
    }

    /// Calls the method after this one: `super`.
    pub(crate) fn call_super(&self, receiver: &Value, method: &Rc<Method>, args: Args<'_>) -> Res {
        let class = self.class_of(receiver);
        match self.find_super(&class, &method.owner, method.name) {
            Some(found) => self.invoke(&found, method.name, receiver, args),
            None => self.call_missing(receiver, &class, method.name, args, CallStyle::Super, None),
        }
    }

    /// Whether a call of this style reaches a method of this visibility.
    fn may_call(&self, method: &Method, style: CallStyle) -> bool {
        match method.visibility {
            Visibility::Public => true,
            Visibility::Private => style != CallStyle::Explicit,
            Visibility::Protected => {
                style != CallStyle::Explicit || {
                    let caller = self.frames.borrow().last().map(|f| f.self_value.clone());
                    caller.is_some_and(|caller| self.is_a(&caller, &method.owner))
                }
            }
        }
    }

    /// Calls `method_missing`, or raises what its default raises.
    fn call_missing(
        &self,
        receiver: &Value,
        class: &Rc<RClass>,
        name: Sym,
        args: Args<'_>,
        style: CallStyle,
        hidden: Option<&Method>,
    ) -> Res {
        self.check_stack()?;
        if let Some(method) = self.find_method(class, known::METHOD_MISSING)
            && !Rc::ptr_eq(&method.owner, &self.c.basic_object)
        {
            let mut values = vec![Value::Sym(name)];
            values.extend_from_slice(args.values);
            self.missing_style.set(style);
            return self.invoke(&method, known::METHOD_MISSING, receiver, Args { values: &values, ..args });
        }
        Err(self.no_method(receiver, name, args, style, hidden.map(|m| m.visibility)))
    }

    /// The NoMethodError (or NameError) of a call that found nothing it may call.
    pub fn no_method(
        &self,
        receiver: &Value,
        name: Sym,
        args: Args<'_>,
        style: CallStyle,
        hidden: Option<Visibility>,
    ) -> Unwind {
        let what = match (hidden, style) {
            (Some(Visibility::Private), _) => format!("private method `{name}' called for"),
            (Some(Visibility::Protected), _) => format!("protected method `{name}' called for"),
            (_, CallStyle::Variable) => format!("undefined local variable or method `{name}' for"),
            (_, CallStyle::Super) => format!("super: no superclass method `{name}' for"),
            _ => format!("undefined method `{name}' for"),
        };
        let described = match self.describe(receiver) {
            Ok(described) => described,
            Err(unwind) => return unwind,
        };
        let class = if style == CallStyle::Variable { "NameError" } else { "NoMethodError" };
        let exception =
            self.exception(&self.class_named(class), Value::bytes([what.as_bytes(), b" ", &described].concat()));
        exception.head.set_ivar(known::NAME, Value::Sym(name));
        exception.head.set_ivar(known::RECEIVER, receiver.clone());
        let to_self = style == CallStyle::Implicit && self.is_running_self(receiver);
        if (to_self || style == CallStyle::Sent) && hidden.is_none() {
            exception.head.set_ivar(Sym::new(crate::core::did_you_mean::PRIVATE_CALL), Value::Bool(true));
        }
        if style != CallStyle::Variable {
            exception.head.set_ivar(known::ARGS, Value::array(args.values.to_vec()));
        }
        self.raise_object(exception)
    }

    fn is_running_self(&self, value: &Value) -> bool {
        self.frames.borrow().last().is_some_and(|frame| frame.self_value.same(value))
    }

    /// A receiver as NoMethodError describes it: `nil:NilClass`, `"abc":String`, `#<Foo:0x…>`, `main:Object`.
    pub fn describe(&self, receiver: &Value) -> Res<Vec<u8>> {
        // An object without `inspect` (BasicObject's), or with one that describes itself for ever.
        if self.find_method(&self.class_of(receiver), known::INSPECT).is_none() {
            return Ok(self.any_to_s(receiver).into_bytes());
        }
        let class = self.real_class_of(receiver).name();
        let text = self.inspect(receiver)?.to_vec();
        if text.starts_with(b"#<") {
            return Ok(text);
        }
        Ok([&text[..], b":", class.as_bytes()].concat())
    }

    /// Whether `receiver` answers `name` publicly, `respond_to?` and `respond_to_missing?` honoured.
    pub fn responds(&self, receiver: &Value, name: Sym) -> Res<bool> {
        let class = self.class_of(receiver);
        if let Some(own) = self.redefined(&class, known::RESPOND_TO) {
            return Ok(self.invoke(&own, known::RESPOND_TO, receiver, Args::new(&[Value::Sym(name)]))?.truthy());
        }
        match self.find_method(&class, name) {
            Some(method) => Ok(method.visibility == Visibility::Public),
            None => Ok(self.responds_to_missing(&class, receiver, name, false)?.unwrap_or(false)),
        }
    }

    /// The method, when it is not the one that every object has.
    fn redefined(&self, class: &Rc<RClass>, name: Sym) -> Option<Rc<Method>> {
        let basic = |owner: &Rc<RClass>| Rc::ptr_eq(owner, &self.c.kernel) || Rc::ptr_eq(owner, &self.c.basic_object);
        self.find_method(class, name).filter(|method| !basic(&method.owner))
    }

    /// What `respond_to_missing?` says; `None` where the program has none.
    fn responds_to_missing(&self, class: &Rc<RClass>, receiver: &Value, name: Sym, hidden: bool) -> Res<Option<bool>> {
        let Some(method) = self.redefined(class, known::RESPOND_TO_MISSING) else { return Ok(None) };
        let values = [Value::Sym(name), Value::Bool(hidden)];
        Ok(Some(self.invoke(&method, known::RESPOND_TO_MISSING, receiver, Args::new(&values))?.truthy()))
    }

    /// Calls `name`, public or not, if the receiver answers it, else gives `None`: how conversions ask. What
    /// `method_missing` gives counts too, unless it raises the NoMethodError of this very call.
    pub fn call_if_responds(&self, receiver: &Value, name: Sym, values: &[Value]) -> Res<Option<Value>> {
        let class = self.class_of(receiver);
        if let Some(own) = self.redefined(&class, known::RESPOND_TO) {
            let asked = [Value::Sym(name), Value::Bool(true)];
            let asked = if own.takes(2) { &asked[..] } else { &asked[..1] };
            if !self.invoke(&own, known::RESPOND_TO, receiver, Args::new(asked))?.truthy() {
                return Ok(None);
            }
        }
        if let Some(method) = self.find_method(&class, name) {
            return self.invoke(&method, name, receiver, Args::new(values)).map(Some);
        }
        let Some(missing) = self.redefined(&class, known::METHOD_MISSING) else { return Ok(None) };
        if self.responds_to_missing(&class, receiver, name, true)? == Some(false) {
            return Ok(None);
        }
        let mut given = vec![Value::Sym(name)];
        given.extend_from_slice(values);
        self.missing_style.set(CallStyle::Implicit);
        match self.invoke(&missing, known::METHOD_MISSING, receiver, Args::new(&given)) {
            Ok(value) => Ok(Some(value)),
            Err(unwind) if self.is_no_method(&unwind, receiver, name) => Ok(None),
            Err(unwind) => Err(unwind),
        }
    }

    /// Whether this is the NoMethodError of calling `name` on `receiver`.
    fn is_no_method(&self, unwind: &Unwind, receiver: &Value, name: Sym) -> bool {
        unwind.exception().is_some_and(|error| {
            let class = error.head.class();
            class.is_some_and(|class| self.inherits(&class, &self.class_named("NoMethodError")))
                && error.head.ivar(known::NAME).is_some_and(|known| known.same(&Value::Sym(name)))
                && error.head.ivar(known::RECEIVER).is_some_and(|known| known.same(receiver))
        })
    }

    /// Runs a method that has been found. `name` is what it was called by (an alias, perhaps).
    pub fn invoke(&self, method: &Rc<Method>, name: Sym, receiver: &Value, args: Args<'_>) -> Res {
        if !self.has_entered() {
            return self.on_own_stack(|| self.invoke(method, name, receiver, args));
        }
        match &method.body {
            MethodBody::Native(def) => {
                self.check_arity(args.len(), def.min, def.max)?;
                self.check_stack()?;
                (def.run)(self, receiver, args)
            }
            MethodBody::Closure(run, min, max) => {
                self.check_arity(args.len(), *min, *max)?;
                run(self, receiver, args)
            }
            MethodBody::Ruby(body, cref) => eval::call_method(self, method, body, cref, receiver, args),
            MethodBody::Proc(body) => eval::call_proc_as_method(self, method, body, receiver, args),
            MethodBody::Reader(ivar) => {
                self.check_arity(args.len(), 0, 0)?;
                Ok(receiver.head().and_then(|head| head.ivar(*ivar)).unwrap_or_default())
            }
            MethodBody::Writer(ivar) => {
                self.check_arity(args.len(), 1, 1)?;
                self.check_frozen(receiver)?;
                if let Some(head) = receiver.head() {
                    head.set_ivar(*ivar, args[0].clone());
                }
                Ok(args[0].clone())
            }
            MethodBody::Undefined => Err(self.no_method(receiver, name, args, CallStyle::Implicit, None)),
        }
    }

    fn check_arity(&self, given: usize, min: u8, max: i8) -> Res<()> {
        let enough = given >= usize::from(min) && (max < 0 || given <= max as usize);
        if enough { Ok(()) } else { Err(self.arity_error(given, usize::from(min), i32::from(max))) }
    }

    /// Yields values to a block, as `yield` does: one array fills several parameters.
    pub fn call_block(&self, block: &Rc<RProc>, values: &[Value]) -> Res {
        self.call_proc(block, Args::new(values))
    }

    /// Calls a proc with everything a call can have.
    pub fn call_proc(&self, block: &Rc<RProc>, args: Args<'_>) -> Res {
        match &block.kind {
            ProcKind::Ruby(code) => eval::call_block(self, block, code, &code.self_value, None, args),
            ProcKind::Native(run) => run(self, &Value::Nil, args),
            ProcKind::Symbol(name) => match args.values.split_first() {
                Some((receiver, rest)) => {
                    self.call_with(receiver, *name, Args { values: rest, ..args }, CallStyle::Explicit)
                }
                None => Err(self.argument_error("no receiver given")),
            },
            ProcKind::Method(method) => self.call_with(method, known::CALL, args, CallStyle::Implicit),
        }
    }

    /// Calls a block with another `self` and another class to define methods in: `instance_exec`, `class_exec`.
    pub fn call_block_with_self(
        &self,
        block: &Rc<RProc>,
        self_value: &Value,
        definee: Option<&Rc<RClass>>,
        args: Args<'_>,
    ) -> Res {
        match &block.kind {
            ProcKind::Ruby(code) => eval::call_block(self, block, code, self_value, definee, args),
            ProcKind::Native(run) => run(self, self_value, args),
            ProcKind::Symbol(_) | ProcKind::Method(_) => self.call_proc(block, args),
        }
    }

    /// Walks anything that has `each`. `visit` gets each value (several yielded at once come as an Array) and tells
    /// whether to go on.
    pub fn iterate(&self, receiver: &Value, visit: impl Fn(&Interp, Value) -> Res<bool> + 'static) -> Res<()> {
        if let Value::Array(array) = receiver
            && array.head.class().is_none()
        {
            let mut at = 0;
            while let Some(value) = array.get(at) {
                self.tick()?;
                if !visit(self, value)? {
                    break;
                }
                at += 1;
            }
            return Ok(());
        }
        let home = self.new_activation();
        let block = RProc::native(move |vm, _, args| {
            vm.tick()?;
            let value = match args.values {
                [one] => one.clone(),
                several => Value::array(several.to_vec()),
            };
            if visit(vm, value)? { Ok(Value::Nil) } else { Err(UnwindKind::Break(home, Value::Nil).into()) }
        });
        let call = self.call_with(receiver, known::EACH, Args::default().with_block(Some(&block)), CallStyle::Implicit);
        match call.map_err(Unwind::into_kind) {
            Ok(_) => Ok(()),
            Err(UnwindKind::Break(id, _)) if id == home => Ok(()),
            Err(kind) => Err(kind.into()),
        }
    }

    /// Everything that `each` yields, collected.
    pub fn collect(&self, receiver: &Value) -> Res<Vec<Value>> {
        if let Value::Array(array) = receiver {
            return Ok(array.to_vec());
        }
        let all = Rc::new(std::cell::RefCell::new(Vec::new()));
        let into = Rc::clone(&all);
        self.iterate(receiver, move |vm, value| {
            vm.reserve_elements(into.borrow().len() + 1)?;
            into.borrow_mut().push(value);
            Ok(true)
        })?;
        Ok(all.take())
    }

    /// `class.new(…)`
    pub fn new_instance(&self, class: &Rc<RClass>, args: Args<'_>) -> Res {
        self.call_with(&Value::Class(Rc::clone(class)), known::NEW, args, CallStyle::Implicit)
    }
}
