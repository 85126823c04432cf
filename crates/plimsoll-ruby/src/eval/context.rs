//! What a running method or block stands in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use smallvec::SmallVec;

use crate::class::{Cref, Method, RClass, Visibility};
use crate::interp::Interp;
use crate::unwind::ActivationId;
use crate::value::{RProc, Value, release};

/// The local variables of one scope; blocks see those around them through `parent`.
pub struct Env {
    /// The variables, by the slots that lowering gave them.
    pub vars: RefCell<SmallVec<[Value; 4]>>,
    /// The scope around a block.
    pub parent: Option<Rc<Env>>,
    /// Whether the interpreter keeps it in mind, because a proc captured it.
    pub kept: Cell<bool>,
}

impl Env {
    /// A scope of `count` variables, the first ones with these values.
    pub(crate) fn with(values: &[Value], count: usize, parent: Option<Rc<Env>>) -> Rc<Self> {
        let mut vars = SmallVec::with_capacity(count);
        for value in &values[..values.len().min(count)] {
            vars.push(value.quick_clone());
        }
        while vars.len() < count {
            vars.push(Value::Nil);
        }
        Rc::new(Self { vars: RefCell::new(vars), parent, kept: Cell::new(false) })
    }

    /// A variable of this scope.
    #[inline]
    pub(crate) fn get(&self, index: u16) -> Value {
        self.vars.borrow()[index as usize].quick_clone()
    }

    /// A variable of this scope, when it holds an Integer.
    #[inline]
    pub(crate) fn integer(&self, index: u16) -> Option<i64> {
        match &self.vars.borrow()[index as usize] {
            Value::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// Assigns an Integer to a variable of this scope.
    #[inline]
    pub(crate) fn set_integer(&self, index: u16, int: i64) {
        match &mut self.vars.borrow_mut()[index as usize] {
            Value::Int(old) => *old = int,
            slot => *slot = Value::Int(int),
        }
    }

    /// Assigns a variable of this scope.
    #[inline]
    pub(crate) fn set(&self, index: u16, value: Value) {
        // The old value is dropped within the borrow: no value's drop looks at variables.
        self.vars.borrow_mut()[index as usize] = value;
    }
}

impl Drop for Env {
    fn drop(&mut self) {
        let vars = std::mem::take(self.vars.get_mut());
        if !vars.iter().all(is_small) {
            release(vars.into_vec());
        }
    }
}

/// Whether dropping the value drops nothing else.
fn is_small(value: &Value) -> bool {
    matches!(value, Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Sym(_) | Value::Str(_))
}

/// One activation of a method (or of a file or class body), shared with the blocks written in it.
pub struct Context {
    /// Identifies the activation: where `return` goes.
    pub id: ActivationId,
    /// Whether it is still running.
    pub live: Cell<bool>,
    /// The method that runs: where `super` goes on from.
    pub method: Option<Rc<Method>>,
    /// The block it was given.
    pub block: Option<Rc<RProc>>,
    /// Lexical nesting.
    pub cref: Rc<Cref>,
    /// Where `def` defines, when that is not the innermost module (`class_eval`, `instance_eval`).
    pub definee: Option<Rc<RClass>>,
    /// The visibility of methods defined next (`private` without arguments).
    pub visibility: Cell<Visibility>,
    /// Whether `module_function` without arguments is in force.
    pub module_function: Cell<bool>,
    /// `$~`
    pub last_match: RefCell<Value>,
    /// The activation that a lambda, or a block with another `self`, was written in.
    pub outer: Option<Rc<Context>>,
    /// Whether `return` goes to the outer activation: the block is no lambda.
    pub passes_return: bool,
}

impl Context {
    /// The activation of a method, file or class body.
    pub(crate) fn new(
        vm: &Interp,
        method: Option<&Rc<Method>>,
        block: Option<&Rc<RProc>>,
        cref: &Rc<Cref>,
        visibility: Visibility,
    ) -> Rc<Self> {
        Rc::new(Self {
            id: vm.new_activation(),
            live: Cell::new(true),
            method: method.cloned(),
            block: block.cloned(),
            cref: Rc::clone(cref),
            definee: None,
            visibility: Cell::new(visibility),
            module_function: Cell::new(false),
            last_match: RefCell::new(Value::Nil),
            outer: None,
            passes_return: false,
        })
    }

    /// The activation of a lambda (or of a method made of a block) written in `outer`.
    pub(crate) fn of_lambda(
        vm: &Interp,
        outer: &Rc<Self>,
        method: Option<&Rc<Method>>,
        definee: Option<&Rc<RClass>>,
    ) -> Rc<Self> {
        let definee = definee.or(outer.definee.as_ref());
        Rc::new(Self {
            id: vm.new_activation(),
            live: Cell::new(true),
            method: method.or(outer.method.as_ref()).cloned(),
            block: outer.block.clone(),
            cref: Rc::clone(&outer.cref),
            definee: definee.cloned(),
            visibility: Cell::new(Visibility::Public),
            module_function: Cell::new(false),
            last_match: RefCell::new(Value::Nil),
            outer: Some(Rc::clone(outer)),
            passes_return: false,
        })
    }

    /// What a block stands in that runs with another class to define methods in.
    pub(crate) fn of_block(outer: &Rc<Self>, definee: &Rc<RClass>) -> Rc<Self> {
        Rc::new(Self {
            id: outer.id,
            live: Cell::new(true),
            method: outer.method.clone(),
            block: outer.block.clone(),
            cref: Rc::clone(&outer.cref),
            definee: Some(Rc::clone(definee)),
            visibility: Cell::new(Visibility::Public),
            module_function: Cell::new(false),
            last_match: RefCell::new(Value::Nil),
            outer: Some(Rc::clone(outer)),
            passes_return: true,
        })
    }

    /// Where `def` defines.
    pub fn definee(&self) -> &Rc<RClass> {
        self.definee.as_ref().unwrap_or(&self.cref.module)
    }

    /// The activation that `return` ends.
    pub(crate) fn return_target(&self) -> &Self {
        match &self.outer {
            Some(outer) if self.passes_return => outer.return_target(),
            _ => self,
        }
    }

    /// The activation that holds `$~`: a method's, with all its blocks.
    pub(crate) fn frame(&self) -> &Self {
        self.outer.as_ref().map_or(self, |outer| outer.frame())
    }
}
