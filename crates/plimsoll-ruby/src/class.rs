//! Classes and modules: method tables, constants, ancestors.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::args::Args;
use crate::interp::Interp;
use crate::ir;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Charge, Head, RProc, Value};

/// A native method.
pub type NativeFn = fn(&Interp, &Value, Args<'_>) -> Res;

/// Makes an empty instance of a class, for `Class#new` to initialise.
pub type AllocFn = fn(&Interp, &Rc<RClass>) -> Res;

/// One native method's entry in its class's table.
///
/// The same table answers dispatch, `methods`, arity errors, the coverage page and completion.
pub struct Def {
    /// Its name in Ruby.
    pub name: &'static str,
    /// Fewest arguments.
    pub min: u8,
    /// Most arguments; negative for any number.
    pub max: i8,
    /// The function.
    pub run: NativeFn,
    /// One line of documentation.
    pub doc: &'static str,
    /// Who may call it.
    pub visibility: Visibility,
}

/// A public native method: name, fewest and most arguments (`-1` for any number), function, one line of documentation.
pub const fn def(name: &'static str, min: u8, max: i8, run: NativeFn, doc: &'static str) -> Def {
    Def { name, min, max, run, doc, visibility: Visibility::Public }
}

/// The same, private.
pub const fn private_def(name: &'static str, min: u8, max: i8, run: NativeFn, doc: &'static str) -> Def {
    Def { name, min, max, run, doc, visibility: Visibility::Private }
}

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visibility {
    /// Anyone.
    #[default]
    Public,
    /// Receivers of the same class.
    Protected,
    /// `self` only.
    Private,
}

/// A method in a class's table.
#[derive(Clone)]
pub struct Method {
    /// The name it was defined under (an alias keeps the original's).
    pub name: Sym,
    /// The class or module whose table holds it: where `super` goes on from.
    pub owner: Rc<RClass>,
    /// Who may call it.
    pub visibility: Visibility,
    /// What it does.
    pub body: MethodBody,
}

impl Method {
    /// Whether it can be called with this many arguments.
    pub fn takes(&self, count: usize) -> bool {
        let native = |min: u8, max: i8| count >= usize::from(min) && (max < 0 || count <= max as usize);
        let params = |params: &ir::Params| count >= params.min() && params.max().is_none_or(|max| count <= max);
        match &self.body {
            MethodBody::Native(def) => native(def.min, def.max),
            MethodBody::Closure(_, min, max) => native(*min, *max),
            MethodBody::Ruby(body, _) => params(&body.params),
            MethodBody::Proc(block) => match &block.kind {
                crate::value::ProcKind::Ruby(code) => params(&code.body.params),
                _ => true,
            },
            MethodBody::Reader(_) | MethodBody::Undefined => count == 0,
            MethodBody::Writer(_) => count == 1,
        }
    }
}

/// A closure as a method.
pub type ClosureFn = dyn Fn(&Interp, &Value, Args<'_>) -> Res;

/// What a method does.
#[derive(Clone)]
pub enum MethodBody {
    /// A table entry.
    Native(&'static Def),
    /// A Rust closure with its arity (fewest, most or negative).
    Closure(Rc<ClosureFn>, u8, i8),
    /// Ruby code and the lexical scope of its `def`.
    Ruby(Arc<ir::MethodDef>, Rc<Cref>),
    /// `define_method` with a block.
    Proc(Rc<RProc>),
    /// `attr_reader`
    Reader(Sym),
    /// `attr_writer`
    Writer(Sym),
    /// `undef`: look-up ends here.
    Undefined,
}

/// Lexical nesting of modules: where constants are looked up and `def` defines.
pub struct Cref {
    /// The innermost module.
    pub module: Rc<RClass>,
    /// The nesting around it.
    pub parent: Option<Rc<Cref>>,
}

type Table<T> = RefCell<IndexMap<Sym, T, FxBuildHasher>>;

/// Bytes that a class holds, its first methods and constants among them.
const SIZE: usize = 2048;

/// A class or module.
pub struct RClass {
    /// Metaclass, frozen flag, class-level instance variables.
    pub head: Head,
    /// A number that identifies it in its interpreter.
    pub id: u32,
    /// Whether it is a module.
    pub is_module: bool,
    /// The object it is the singleton class of.
    pub attached: RefCell<Option<Value>>,
    /// Whether it is a singleton class.
    pub is_singleton: bool,
    name: RefCell<Option<Rc<str>>>,
    superclass: RefCell<Option<Rc<RClass>>>,
    /// Own methods.
    pub methods: Table<Rc<Method>>,
    /// Own constants.
    pub constants: Table<Value>,
    /// Names of private constants.
    pub private_constants: RefCell<Vec<Sym>>,
    /// File and line where the program assigned its constants.
    pub constant_places: Table<(Sym, u32)>,
    /// Files that define constants when these are first asked for.
    pub autoloads: Table<Sym>,
    /// Own class variables.
    pub class_vars: Table<Value>,
    /// Included modules, in the order of their `include`.
    pub included: RefCell<Vec<Rc<RClass>>>,
    /// Prepended modules, in the order of their `prepend`.
    pub prepended: RefCell<Vec<Rc<RClass>>>,
    /// Direct subclasses.
    pub subclasses: RefCell<Vec<Weak<RClass>>>,
    /// How instances are made; inherited.
    pub alloc: Cell<Option<AllocFn>>,
    ancestors: RefCell<Option<Ancestors>>,
    _charge: Charge,
}

/// Ancestors in the order of look-up, and the epoch they were listed in.
type Ancestors = (u64, Rc<[Rc<RClass>]>);

impl RClass {
    pub(crate) fn build(
        id: u32,
        name: Option<&str>,
        superclass: Option<Rc<RClass>>,
        is_module: bool,
        is_singleton: bool,
    ) -> Rc<Self> {
        let class = Rc::new(Self {
            head: Head::default(),
            id,
            is_module,
            attached: RefCell::default(),
            is_singleton,
            name: RefCell::new(name.map(Rc::from)),
            superclass: RefCell::new(superclass.clone()),
            methods: RefCell::default(),
            constants: RefCell::default(),
            private_constants: RefCell::default(),
            constant_places: RefCell::default(),
            autoloads: RefCell::default(),
            class_vars: RefCell::default(),
            included: RefCell::default(),
            prepended: RefCell::default(),
            subclasses: RefCell::default(),
            alloc: Cell::new(None),
            ancestors: RefCell::default(),
            _charge: Charge::new(SIZE),
        });
        if let Some(superclass) = superclass
            && !is_singleton
        {
            superclass.subclasses.borrow_mut().push(Rc::downgrade(&class));
        }
        class
    }

    /// Its name as `Module#to_s` shows it: `Foo::Bar`, `#<Class:0x…>`, `#<Class:Foo>`.
    pub fn name(&self) -> String {
        if let Some(attached) = self.attached.borrow().as_ref() {
            return match attached {
                Value::Class(class) => format!("#<Class:{}>", class.name()),
                // Named by its object's real class: the object's own class is this very one.
                other => {
                    let class = other.head().and_then(Head::class).map(|class| class.real().name());
                    format!("#<Class:#<{}>>", class.unwrap_or_default())
                }
            };
        }
        match self.name.borrow().as_ref() {
            Some(name) => name.to_string(),
            None => {
                let kind = if self.is_module { "Module" } else { "Class" };
                format!("#<{kind}:0x{:016x}>", 0x7f00_0000_0000_u64 + u64::from(self.id) * 40)
            }
        }
    }

    /// Whether it is the singleton class of this very value.
    pub fn is_singleton_of(&self, value: &Value) -> bool {
        self.is_singleton && self.attached.borrow().as_ref().is_some_and(|attached| attached.same(value))
    }

    /// Its name, unless it is anonymous.
    pub fn own_name(&self) -> Option<Rc<str>> {
        self.name.borrow().clone()
    }

    /// Names it.
    pub fn set_name(&self, name: &str) {
        *self.name.borrow_mut() = Some(Rc::from(name));
    }

    /// The superclass, singleton classes and all.
    pub fn superclass(&self) -> Option<Rc<RClass>> {
        self.superclass.borrow().clone()
    }

    /// The class itself, or for a singleton class the first superclass that is none.
    pub fn real(self: &Rc<Self>) -> Rc<RClass> {
        let mut class = Rc::clone(self);
        while class.is_singleton {
            let Some(superclass) = class.superclass() else { break };
            class = superclass;
        }
        class
    }

    /// All ancestors in the order of method look-up, itself among them. `epoch` changes with any change of ancestry.
    pub fn ancestors(self: &Rc<Self>, epoch: u64) -> Rc<[Rc<RClass>]> {
        if let Some((at, list)) = self.ancestors.borrow().as_ref()
            && *at == epoch
        {
            return Rc::clone(list);
        }
        let inherited = self.superclass().map(|superclass| superclass.ancestors(epoch));
        let mut list: Vec<Rc<RClass>> = Vec::new();
        let inherited = inherited.as_deref().unwrap_or(&[]);
        for module in self.prepended.borrow().iter().rev() {
            add_module(&mut list, module, epoch, &[]);
        }
        list.push(Rc::clone(self));
        for module in self.included.borrow().iter().rev() {
            add_module(&mut list, module, epoch, inherited);
        }
        list.extend(inherited.iter().cloned());
        let list: Rc<[Rc<RClass>]> = list.into();
        *self.ancestors.borrow_mut() = Some((epoch, Rc::clone(&list)));
        list
    }

    /// How instances are made: its own way, or the nearest superclass's.
    pub fn allocator(&self) -> Option<AllocFn> {
        match self.alloc.get() {
            Some(alloc) => Some(alloc),
            None => self.superclass.borrow().as_ref()?.allocator(),
        }
    }

    /// Forgets everything (breaks cycles when an interpreter ends).
    pub(crate) fn clear(&self) {
        self.methods.borrow_mut().clear();
        self.constants.borrow_mut().clear();
        self.class_vars.borrow_mut().clear();
        self.included.borrow_mut().clear();
        self.prepended.borrow_mut().clear();
        self.ancestors.borrow_mut().take();
        self.attached.borrow_mut().take();
        // `Class` is the class of its own singleton class, and the superclass of that of one of its own superclasses.
        self.superclass.borrow_mut().take();
        self.head.clear();
    }
}

/// Adds a module with the modules it includes, leaving out what is there already.
fn add_module(list: &mut Vec<Rc<RClass>>, module: &Rc<RClass>, epoch: u64, inherited: &[Rc<RClass>]) {
    for ancestor in module.ancestors(epoch).iter() {
        let known = |other: &Rc<RClass>| Rc::ptr_eq(other, ancestor);
        if !list.iter().any(known) && !inherited.iter().any(known) {
            list.push(Rc::clone(ancestor));
        }
    }
}
