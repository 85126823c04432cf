//! One interpreter: its classes, globals, frames and limits.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashMap;

use crate::class::{AllocFn, Def, Method, MethodBody, RClass};
use crate::core;
use crate::eval::{Context, Env};
use crate::host::Host;
use crate::ir::Label;
use crate::limits::{LimitExceeded, Limits};
use crate::symbol::Sym;
use crate::unwind::{ActivationId, Res, Unwind, UnwindKind};
use crate::value::{Data, RObject, Value, live_bytes};

/// An interpreter. It stays on the thread that made it; every method takes `&self`, so native code and Ruby code can
/// call each other freely.
pub struct Interp {
    me: Weak<Interp>,
    /// The core classes.
    pub c: Classes,
    /// The limits it runs within.
    pub limits: Limits,
    /// The outside.
    pub host: Rc<dyn Host>,
    /// Global variables, without those that are tied to a frame (`$~` and its kin).
    pub globals: RefCell<FxHashMap<Sym, Value>>,
    /// The frames that are running, outermost first.
    pub frames: RefCell<Vec<Frame>>,
    /// The line that is running.
    pub line: Cell<u32>,
    /// Lowest address that the native stack may reach; 0 while nothing runs.
    pub(crate) stack_limit: Cell<usize>,
    pub(crate) stack: RefCell<Option<corosensei::stack::DefaultStack>>,
    /// Whether the program has redefined an operator that evaluation takes a short cut for.
    pub(crate) operators_redefined: Cell<bool>,
    /// Regular expression literals compiled so far, by site.
    pub(crate) regexes: RefCell<FxHashMap<u32, Value>>,
    pub(crate) global_aliases: RefCell<FxHashMap<Sym, Sym>>,
    pub(crate) main: RefCell<Option<Value>>,
    /// Tags of the `catch` blocks that are running.
    pub(crate) catch_tags: RefCell<Vec<Value>>,
    /// How the call was written that `method_missing` is answering.
    pub(crate) missing_style: Cell<crate::dispatch::CallStyle>,
    /// The private constant that `const_missing` is called for.
    pub(crate) private_reference: RefCell<Option<Rc<RClass>>>,
    /// Why the last pattern did not match.
    pub(crate) mismatch: RefCell<Option<crate::eval::Mismatch>>,
    /// Libraries that have been required.
    pub(crate) features: RefCell<rustc_hash::FxHashSet<String>>,
    pub(crate) method_cache: RefCell<Vec<crate::dispatch::CachedMethod>>,
    epoch: Cell<u64>,
    next_class: Cell<u32>,
    next_object: Cell<u32>,
    next_activation: Cell<ActivationId>,
    steps: Cell<u64>,
    memory_base: usize,
    started: Cell<Option<std::time::Instant>>,
    interrupt: Arc<AtomicBool>,
    classes: RefCell<Vec<Weak<RClass>>>,
    /// The classes and modules that native code has defined, by their paths: programs may give the constants other values.
    named: RefCell<FxHashMap<String, Rc<RClass>>>,
    /// Environments and objects that may be part of cycles; cleared at the end.
    kept_envs: RefCell<Vec<Weak<Env>>>,
    kept_objects: RefCell<Vec<Weak<RObject>>>,
    /// Objects being inspected, compared or hashed right now: guards against endless recursion.
    pub(crate) guarded: RefCell<rustc_hash::FxHashSet<(&'static str, usize, usize)>>,
    extensions: RefCell<FxHashMap<std::any::TypeId, Rc<dyn std::any::Any>>>,
}

/// A running frame, for backtraces and for what natives need of their caller.
pub struct Frame {
    /// `self`.
    pub self_value: Value,
    /// The method activation.
    pub context: Rc<Context>,
    /// As backtraces name it: `block in foo`, `<main>`.
    pub label: Label,
    /// The source file.
    pub file: Sym,
    /// The line it was in when it called the next frame.
    pub line: u32,
}

macro_rules! classes {
    ($($(#[$doc:meta])* $field:ident),+ $(,)?) => {
        /// The core classes that native code names directly; the others are found by constant.
        #[allow(missing_docs)]
        pub struct Classes { $(pub $field: Rc<RClass>),+ }
    };
}

classes! {
    basic_object, object, module, class, kernel, comparable, enumerable, nil, true_class, false_class, numeric, integer,
    float, string, symbol, array, hash, range, proc_class, exception, standard_error,
}

impl Interp {
    /// A new interpreter with the whole core library.
    pub fn new(host: Rc<dyn Host>, limits: Limits) -> Rc<Self> {
        let vm = Rc::new_cyclic(|me| {
            let ids = Cell::new(0);
            let c = Classes::bootstrap(&ids);
            Self {
                me: me.clone(),
                c,
                limits,
                host,
                globals: RefCell::default(),
                frames: RefCell::default(),
                line: Cell::new(0),
                stack_limit: Cell::new(0),
                stack: RefCell::default(),
                operators_redefined: Cell::new(false),
                regexes: RefCell::default(),
                global_aliases: RefCell::default(),
                main: RefCell::default(),
                catch_tags: RefCell::default(),
                missing_style: Cell::new(crate::dispatch::CallStyle::Explicit),
                private_reference: RefCell::default(),
                mismatch: RefCell::default(),
                features: RefCell::default(),
                method_cache: RefCell::default(),
                epoch: Cell::new(1),
                next_class: ids,
                next_object: Cell::new(8),
                next_activation: Cell::new(1),
                steps: Cell::new(0),
                memory_base: live_bytes(),
                started: Cell::new(None),
                interrupt: Arc::default(),
                classes: RefCell::default(),
                named: RefCell::default(),
                kept_envs: RefCell::default(),
                kept_objects: RefCell::default(),
                guarded: RefCell::default(),
                extensions: RefCell::default(),
            }
        });
        vm.c.finish(&vm);
        core::init(&vm);
        crate::stdlib::init(&vm);
        vm
    }

    /// This interpreter, owned: for closures and coroutines that outlive a call.
    pub fn rc(&self) -> Rc<Self> {
        self.me.upgrade().expect("an interpreter that is being used is alive")
    }

    /// Changes with every change of a method table or of ancestry.
    pub fn epoch(&self) -> u64 {
        self.epoch.get()
    }

    /// Tells that a method table or ancestry has changed.
    pub fn methods_changed(&self) {
        self.epoch.set(self.epoch.get() + 1);
    }

    /// A fresh activation id.
    pub fn new_activation(&self) -> ActivationId {
        let id = self.next_activation.get();
        self.next_activation.set(id + 1);
        id
    }

    /// The object id of a heap value.
    pub fn object_id(&self, head: &crate::value::Head) -> u32 {
        head.id(|| {
            let id = self.next_object.get();
            self.next_object.set(id + 8);
            id
        })
    }

    /// Gives native code built on this interpreter a place for state of its own: one value per type.
    pub fn set_extension<T: 'static>(&self, value: Rc<T>) {
        self.extensions.borrow_mut().insert(std::any::TypeId::of::<T>(), value);
    }

    /// The state stored by [`Interp::set_extension`].
    pub fn extension<T: 'static>(&self) -> Option<Rc<T>> {
        let value = Rc::clone(self.extensions.borrow().get(&std::any::TypeId::of::<T>())?);
        value.downcast().ok()
    }

    // ---- Limits

    /// Counts one step (a call, a loop round) and looks at the limits now and then.
    pub fn tick(&self) -> Res<()> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps.is_multiple_of(1024) { self.check_limits() } else { Ok(()) }
    }

    /// Looks at steps, memory and wall clock.
    pub fn check_limits(&self) -> Res<()> {
        if self.interrupt.swap(false, Ordering::Relaxed) {
            return Err(self.error("Interrupt", ""));
        }
        if self.steps.get() > self.limits.steps {
            return Err(self.limit("steps", format!("{}", self.limits.steps)));
        }
        self.reserve(0)?;
        let started = self.started.get().unwrap_or_else(|| {
            let now = std::time::Instant::now();
            self.started.set(Some(now));
            now
        });
        if started.elapsed() > self.limits.time {
            return Err(self.limit("time", format!("{} s", self.limits.time.as_secs())));
        }
        Ok(())
    }

    /// Once this is true, what runs ends soon with Ruby's `Interrupt`, as it does in Ruby after Ctrl-C.
    pub fn interrupt(&self) -> &Arc<AtomicBool> {
        &self.interrupt
    }

    /// Starts the budgets of steps and time anew, for the next evaluation (the next control).
    pub fn renew_budget(&self) {
        self.steps.set(0);
        self.started.set(None);
    }

    /// Asks whether `bytes` more may be held, before they are.
    pub fn reserve(&self, bytes: usize) -> Res<()> {
        let held = live_bytes().saturating_sub(self.memory_base);
        if held.saturating_add(bytes) > self.limits.memory {
            return Err(self.limit("memory", format!("{} MiB", self.limits.memory >> 20)));
        }
        Ok(())
    }

    /// Asks whether a string of `bytes` may be made, before it is.
    pub fn reserve_string(&self, bytes: usize) -> Res<()> {
        if bytes > self.limits.string {
            return Err(self.limit("string", format!("{} MiB", self.limits.string >> 20)));
        }
        self.reserve(bytes)
    }

    /// Asks whether an array or hash of `count` elements may be made, before it is.
    pub fn reserve_elements(&self, count: usize) -> Res<()> {
        if count > self.limits.elements {
            return Err(self.limit("elements", format!("{}", self.limits.elements)));
        }
        self.reserve(count.saturating_mul(size_of::<Value>()))
    }

    /// The unwinding that a crossed limit starts.
    pub fn limit(&self, limit: &'static str, allowed: String) -> Unwind {
        let (file, line) = self.position();
        UnwindKind::Limit(LimitExceeded { limit, allowed, file: file.to_string(), line }).into()
    }

    /// File and line that are running.
    pub fn position(&self) -> (Sym, u32) {
        self.frames.borrow().last().map_or_else(|| (Sym::new("(none)"), 0), |f| (f.file, self.line.get()))
    }

    /// Runs `body` while `key` is marked for `a` (and `b`); `None` when it is marked already, that is on recursion.
    pub fn guard<T>(&self, key: &'static str, a: usize, b: usize, body: impl FnOnce() -> T) -> Option<T> {
        let mark = (key, a, b);
        if !self.guarded.borrow_mut().insert(mark) {
            return None;
        }
        let result = body();
        self.guarded.borrow_mut().remove(&mark);
        Some(result)
    }

    // ---- `$~`

    /// The last match of the running method activation.
    pub fn last_match(&self) -> Value {
        self.frames.borrow().last().map_or(Value::Nil, |f| f.context.frame().last_match.borrow().clone())
    }

    /// Sets the last match of the running method activation.
    pub fn set_last_match(&self, value: Value) {
        if let Some(frame) = self.frames.borrow().last() {
            let old = frame.context.frame().last_match.replace(value);
            drop(old);
        }
    }

    // ---- Classes

    /// A new class; give it a name by [`Interp::define_class`] instead where it is a constant.
    pub fn new_class(&self, superclass: &Rc<RClass>, name: Option<&str>) -> Rc<RClass> {
        let class = RClass::build(self.class_id(), name, Some(Rc::clone(superclass)), false, false);
        self.add_metaclass(&class);
        self.register(&class);
        class
    }

    /// A new module.
    pub fn new_module(&self, name: Option<&str>) -> Rc<RClass> {
        let module = RClass::build(self.class_id(), name, None, true, false);
        module.head.set_class(Rc::clone(&self.c.module));
        self.register(&module);
        module
    }

    /// A class that is the constant `name` below `outer` (`Object` for the top).
    pub fn define_class(&self, outer: &Rc<RClass>, name: &str, superclass: &Rc<RClass>) -> Rc<RClass> {
        let class = self.new_class(superclass, Some(&self.path(outer, name)));
        self.define_constant(outer, name, &class);
        class
    }

    /// A module that is the constant `name` below `outer`.
    pub fn define_module(&self, outer: &Rc<RClass>, name: &str) -> Rc<RClass> {
        let module = self.new_module(Some(&self.path(outer, name)));
        self.define_constant(outer, name, &module);
        module
    }

    /// Makes a class or module the constant `name` below `outer`, and lets native code find it by its path.
    pub(crate) fn define_constant(&self, outer: &Rc<RClass>, name: &str, module: &Rc<RClass>) {
        outer.constants.borrow_mut().insert(Sym::new(name), Value::Class(Rc::clone(module)));
        self.named.borrow_mut().insert(self.path(outer, name), Rc::clone(module));
    }

    fn path(&self, outer: &Rc<RClass>, name: &str) -> String {
        if Rc::ptr_eq(outer, &self.c.object) { name.to_owned() } else { format!("{}::{name}", outer.name()) }
    }

    fn class_id(&self) -> u32 {
        let id = self.next_class.get();
        self.next_class.set(id + 1);
        id
    }

    fn register(&self, class: &Rc<RClass>) {
        self.classes.borrow_mut().push(Rc::downgrade(class));
    }

    fn add_metaclass(&self, class: &Rc<RClass>) {
        let parent = class.superclass().and_then(|s| s.head.class()).unwrap_or_else(|| Rc::clone(&self.c.class));
        let meta = RClass::build(self.class_id(), None, Some(parent), false, true);
        meta.head.set_class(self.metaclass_of(&self.c.class));
        *meta.attached.borrow_mut() = Some(Value::Class(Rc::clone(class)));
        class.head.set_class(Rc::clone(&meta));
        self.register(&meta);
    }

    /// The class that a class's own methods are looked up in.
    fn metaclass_of(&self, class: &Rc<RClass>) -> Rc<RClass> {
        class.head.class().unwrap_or_else(|| Rc::clone(&self.c.class))
    }

    /// The singleton class of a value, made when it is asked for the first time. `None` for numbers and symbols.
    pub fn singleton_class(&self, value: &Value) -> Option<Rc<RClass>> {
        match value {
            Value::Nil => return Some(Rc::clone(&self.c.nil)),
            Value::Bool(true) => return Some(Rc::clone(&self.c.true_class)),
            Value::Bool(false) => return Some(Rc::clone(&self.c.false_class)),
            Value::Obj(object) if matches!(object.data, Data::Big(_)) => return None,
            _ => {}
        }
        let head = value.head()?;
        let class = self.class_of(value);
        if class.is_singleton_of(value) {
            return Some(class);
        }
        // That of a singleton class stands below that of its superclass.
        let superclass = match value {
            Value::Class(own) if own.is_singleton => {
                own.superclass().and_then(|superclass| self.singleton_class(&Value::Class(superclass)))
            }
            _ => None,
        };
        let superclass = superclass.unwrap_or_else(|| Rc::clone(&class));
        let singleton = RClass::build(self.class_id(), None, Some(superclass), false, true);
        singleton.head.set_class(self.metaclass_of(&class.real()));
        if head.is_frozen() {
            singleton.head.freeze();
        }
        *singleton.attached.borrow_mut() = Some(value.clone());
        head.set_class(Rc::clone(&singleton));
        self.register(&singleton);
        self.methods_changed();
        Some(singleton)
    }

    /// The class that a value's methods are looked up in (its singleton class, where it has one).
    pub fn class_of(&self, value: &Value) -> Rc<RClass> {
        let core = match value {
            Value::Nil => &self.c.nil,
            Value::Bool(true) => &self.c.true_class,
            Value::Bool(false) => &self.c.false_class,
            Value::Int(_) => &self.c.integer,
            Value::Float(_) => &self.c.float,
            Value::Sym(_) => &self.c.symbol,
            Value::Str(v) => return v.head.class().unwrap_or_else(|| Rc::clone(&self.c.string)),
            Value::Array(v) => return v.head.class().unwrap_or_else(|| Rc::clone(&self.c.array)),
            Value::Hash(v) => return v.head.class().unwrap_or_else(|| Rc::clone(&self.c.hash)),
            Value::Range(v) => return v.head.class().unwrap_or_else(|| Rc::clone(&self.c.range)),
            Value::Proc(v) => return v.head.class().unwrap_or_else(|| Rc::clone(&self.c.proc_class)),
            Value::Class(v) => return v.head.class().unwrap_or_else(|| Rc::clone(&self.c.class)),
            Value::Obj(v) => return v.head.class().unwrap_or_else(|| Rc::clone(&self.c.object)),
        };
        Rc::clone(core)
    }

    /// The class as `Object#class` tells it.
    pub fn real_class_of(&self, value: &Value) -> Rc<RClass> {
        self.class_of(value).real()
    }

    /// `value.is_a?(class)`
    pub fn is_a(&self, value: &Value, class: &Rc<RClass>) -> bool {
        self.inherits(&self.class_of(value), class)
    }

    /// Whether `class` is `ancestor` or has it among its ancestors.
    pub fn inherits(&self, class: &Rc<RClass>, ancestor: &Rc<RClass>) -> bool {
        Rc::ptr_eq(class, ancestor) || class.ancestors(self.epoch()).iter().any(|c| Rc::ptr_eq(c, ancestor))
    }

    /// A class that native code has defined by its path, as in `"JSON::ParserError"`.
    pub fn class_named(&self, path: &str) -> Rc<RClass> {
        let named = self.named.borrow();
        Rc::clone(named.get(path).unwrap_or_else(|| panic!("native code has defined {path}")))
    }

    /// Adds native instance methods to a class.
    pub fn define(&self, class: &Rc<RClass>, methods: &'static [Def]) {
        let mut table = class.methods.borrow_mut();
        table.reserve(methods.len());
        for def in methods {
            let name = Sym::new(def.name);
            let body = MethodBody::Native(def);
            let method = Method { name, owner: Rc::clone(class), visibility: def.visibility, body };
            table.insert(name, Rc::new(method));
        }
        drop(table);
        self.methods_changed();
    }

    /// Adds native methods to a class itself (`Foo.bar`).
    pub fn define_singleton(&self, class: &Rc<RClass>, methods: &'static [Def]) {
        let singleton = self.singleton_class(&Value::Class(Rc::clone(class))).expect("classes have singleton classes");
        self.define(&singleton, methods);
    }

    /// Adds a method to a class's table.
    pub fn add_method(&self, class: &Rc<RClass>, name: Sym, visibility: crate::class::Visibility, body: MethodBody) {
        let method = Method { name, owner: Rc::clone(class), visibility, body };
        class.methods.borrow_mut().insert(name, Rc::new(method));
        self.methods_changed();
    }

    /// Sets how instances of a class are made.
    pub fn set_alloc(&self, class: &Rc<RClass>, alloc: AllocFn) {
        class.alloc.set(Some(alloc));
    }

    /// `class.include(module)`
    pub fn include(&self, class: &Rc<RClass>, module: &Rc<RClass>) {
        let known = self.inherits(class, module);
        if !known {
            class.included.borrow_mut().push(Rc::clone(module));
            self.methods_changed();
        }
    }

    /// An ordinary instance of `class`, not initialised.
    pub fn object(&self, class: &Rc<RClass>) -> Rc<RObject> {
        let object = RObject::new(Rc::clone(class), Data::Plain);
        self.keep_object(&object);
        object
    }

    /// Remembers an object that may become part of a cycle, so that the end of the interpreter can break it.
    pub fn keep_object(&self, object: &Rc<RObject>) {
        keep(&self.kept_objects, Rc::downgrade(object));
    }

    /// Remembers an environment that a closure captured.
    pub fn keep_env(&self, env: &Rc<Env>) {
        keep(&self.kept_envs, Rc::downgrade(env));
    }
}

/// Adds to a registry of weak references, sweeping the dead ones whenever it would have to grow.
fn keep<T>(registry: &RefCell<Vec<Weak<T>>>, item: Weak<T>) {
    let mut registry = registry.borrow_mut();
    if registry.len() == registry.capacity() && registry.len() >= 1024 {
        registry.retain(|weak| weak.strong_count() > 0);
    }
    registry.push(item);
}

impl Drop for Interp {
    fn drop(&mut self) {
        self.globals.borrow_mut().clear();
        self.extensions.borrow_mut().clear();
        self.method_cache.borrow_mut().clear();
        self.regexes.borrow_mut().clear();
        self.mismatch.borrow_mut().take();
        self.catch_tags.borrow_mut().clear();
        self.global_aliases.borrow_mut().clear();
        self.main.borrow_mut().take();
        for env in self.kept_envs.take().iter().filter_map(Weak::upgrade) {
            let vars = std::mem::take(&mut *env.vars.borrow_mut());
            drop(vars);
        }
        for object in self.kept_objects.take().iter().filter_map(Weak::upgrade) {
            object.head.clear_ivars();
        }
        for class in self.classes.take().iter().filter_map(Weak::upgrade) {
            class.clear();
        }
    }
}

impl Classes {
    /// The five classes that are made of each other, then the rest of the frequent ones.
    fn bootstrap(ids: &Cell<u32>) -> Self {
        let make = |name: &str, superclass: Option<&Rc<RClass>>, is_module: bool| {
            let id = ids.get();
            ids.set(id + 1);
            RClass::build(id, Some(name), superclass.cloned(), is_module, false)
        };
        let basic_object = make("BasicObject", None, false);
        let object = make("Object", Some(&basic_object), false);
        let module = make("Module", Some(&object), false);
        let class = make("Class", Some(&module), false);
        let exception = make("Exception", Some(&object), false);
        let numeric = make("Numeric", Some(&object), false);
        let plain = |name: &str| make(name, Some(&object), false);
        Self {
            kernel: make("Kernel", None, true),
            comparable: make("Comparable", None, true),
            enumerable: make("Enumerable", None, true),
            nil: plain("NilClass"),
            true_class: plain("TrueClass"),
            false_class: plain("FalseClass"),
            integer: make("Integer", Some(&numeric), false),
            float: make("Float", Some(&numeric), false),
            string: plain("String"),
            symbol: plain("Symbol"),
            array: plain("Array"),
            hash: plain("Hash"),
            range: plain("Range"),
            proc_class: plain("Proc"),
            standard_error: make("StandardError", Some(&exception), false),
            numeric,
            exception,
            basic_object,
            object,
            module,
            class,
        }
    }

    /// Metaclasses and constants, in an order in which each superclass comes first.
    fn finish(&self, vm: &Interp) {
        let classes = [
            &self.basic_object,
            &self.object,
            &self.module,
            &self.class,
            &self.nil,
            &self.true_class,
            &self.false_class,
            &self.numeric,
            &self.integer,
            &self.float,
            &self.string,
            &self.symbol,
            &self.array,
            &self.hash,
            &self.range,
            &self.proc_class,
            &self.exception,
            &self.standard_error,
        ];
        for class in classes {
            vm.add_metaclass(class);
            vm.register(class);
        }
        // The first metaclasses were made before Class had one.
        for meta in classes.iter().filter_map(|class| class.head.class()) {
            meta.head.set_class(vm.metaclass_of(&self.class));
        }
        for module in [&self.kernel, &self.comparable, &self.enumerable] {
            module.head.set_class(Rc::clone(&self.module));
            vm.register(module);
        }
        let modules = [&self.kernel, &self.comparable, &self.enumerable];
        for class in classes.into_iter().chain(modules) {
            vm.define_constant(&self.object, &class.name(), class);
        }
        self.object.included.borrow_mut().push(Rc::clone(&self.kernel));
    }
}
