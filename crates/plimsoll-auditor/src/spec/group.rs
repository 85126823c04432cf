//! `describe` and what may stand in its body.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use plimsoll_resources::ResourceSet;
use plimsoll_ruby::{Args, CallStyle, Def, Interp, MethodBody, RClass, RProc, Res, Sym, Value, Visibility, def};

use crate::dsl::Scope;
use crate::spec::{example, example_object};

/// One example group: a class whose instances run the examples.
pub(crate) struct Group {
    /// Its class; nested groups inherit from it, `let` defines methods on it.
    pub class: Rc<RClass>,
    pub parent: Option<Rc<Group>>,
    /// What `describe` was given, without what is metadata.
    pub args: Vec<Value>,
    /// The attribute of an `its` group.
    pub attribute: Option<Value>,
    /// Its own description.
    pub description: Vec<u8>,
    /// Its description with those around it.
    pub full_description: Vec<u8>,
    pub metadata: Metadata,
    /// The module that holds the blocks of `let`, for `super` to find.
    lets: RefCell<Option<Rc<RClass>>>,
    pub hooks: Hooks,
    pub examples: RefCell<Vec<Rc<Example>>>,
    pub children: RefCell<Vec<Rc<Group>>>,
    pub scope: Rc<Scope>,
}

/// The blocks that run around the examples of a group.
#[derive(Default)]
pub(crate) struct Hooks {
    pub before: RefCell<Vec<Hook>>,
    pub after: RefCell<Vec<Hook>>,
    pub around: RefCell<Vec<Rc<RProc>>>,
    pub before_all: RefCell<Vec<Rc<RProc>>>,
    pub after_all: RefCell<Vec<Rc<RProc>>>,
}

impl Hooks {
    /// Whether there are none.
    pub(crate) fn are_none(&self) -> bool {
        let Self { before, after, around, before_all, after_all } = self;
        let blocks = [around, before_all, after_all];
        before.borrow().is_empty() && after.borrow().is_empty() && blocks.iter().all(|hooks| hooks.borrow().is_empty())
    }
}

/// One thing to do before or after an example.
#[derive(Clone)]
pub(crate) enum Hook {
    Block(Rc<RProc>),
    /// `let!`: the value is computed.
    Value(Sym),
}

/// What is said of a group or an example beside its description.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Metadata {
    /// It is not run.
    pub skip: bool,
    /// It must fail.
    pub pending: bool,
    /// Its messages are not shown.
    pub sensitive: bool,
}

impl Metadata {
    /// Takes trailing Symbols, and where `hash` says so an options Hash behind them, off the values after the first.
    fn take(self, vm: &Interp, values: &mut Vec<Value>, hash: bool) -> Res<Self> {
        let mut metadata = self;
        if hash && let Some(Value::Hash(options)) = values.last() {
            for (name, value) in options.entries() {
                metadata.set(&name, value.truthy());
            }
            values.pop();
        }
        while values.len() > 1 && matches!(values.last(), Some(Value::Sym(_))) {
            if let Some(name) = values.pop() {
                metadata.set(&vm.to_name(&name)?.into(), true);
            }
        }
        Ok(metadata)
    }

    fn set(&mut self, name: &Value, value: bool) {
        let Value::Sym(name) = name else { return };
        match &*name.text() {
            "skip" => self.skip = value,
            "pending" => self.pending = value,
            "sensitive" => self.sensitive = value,
            _ => {}
        }
    }
}

/// One example, not run yet.
#[derive(Default)]
pub(crate) struct Example {
    /// `it 'text'`
    pub description: Option<Vec<u8>>,
    /// FILE:LINE of it; nothing for what native code prepared.
    pub location: String,
    pub block: Option<Rc<RProc>>,
    pub metadata: Metadata,
    /// A failure prepared by native code.
    pub failure: Option<Prepared>,
}

/// An exception to fail with, and where it comes from.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub exception: Value,
    pub backtrace: Vec<String>,
}

impl Example {
    /// An example that runs a block.
    pub(crate) fn of_block(block: Rc<RProc>) -> Self {
        Self { block: Some(block), ..Self::default() }
    }

    /// Its own words, or where it stands as long as no expectation has described it.
    pub(super) fn in_words(&self) -> Vec<u8> {
        match &self.description {
            Some(text) if !text.is_empty() => text.clone(),
            _ => format!("example at {}", self.location).into_bytes(),
        }
    }

    /// An example that is skipped with this reason.
    pub(crate) fn skipped(reason: Vec<u8>) -> Self {
        let metadata = Metadata { skip: true, ..Metadata::default() };
        Self { description: Some(reason), metadata, ..Self::default() }
    }

    /// An example that raises this exception.
    pub(crate) fn failing(exception: Value, backtrace: Vec<String>) -> Self {
        Self { failure: Some(Prepared { exception, backtrace }), ..Self::default() }
    }
}

impl Group {
    /// What the group describes, as RSpec's `described_class` tells it: the first argument unless it is text or `nil`,
    /// else that of the group around it.
    pub(crate) fn described(&self) -> Value {
        match self.args.first() {
            Some(value) if self.describes_itself() => value.clone(),
            _ => self.parent.as_ref().map_or(Value::Nil, |p| p.described()),
        }
    }

    /// Whether what is described is this group's own argument: not a label, and not that of a group around it.
    pub(super) fn describes_itself(&self) -> bool {
        !matches!(self.args.first(), None | Some(Value::Nil | Value::Str(_)))
    }

    /// The nearest `its` attribute, this group's or that of one around it.
    pub(crate) fn its_attribute(&self) -> Option<Value> {
        self.attribute.clone().or_else(|| self.parent.as_ref().and_then(|p| p.its_attribute()))
    }

    /// This group and those around it, outermost first.
    pub(crate) fn chain(self: &Rc<Self>) -> Vec<Rc<Group>> {
        let mut chain = self.parent.as_ref().map_or_else(Vec::new, Group::chain);
        chain.push(Rc::clone(self));
        chain
    }
}

/// The example-group class of one profile: its instances and its body can name the profile's resources.
pub(crate) struct ProfileSpecs {
    base: Rc<RClass>,
}

impl ProfileSpecs {
    pub(crate) fn new(vm: &Interp, resources: &ResourceSet) -> Self {
        let base = vm.new_class(&vm.class_named("RSpec::Core::ExampleGroup"), Some("RSpec::Core::ExampleGroup"));
        vm.include(&base, &resources.dsl);
        let meta = vm.singleton_class(&Value::Class(Rc::clone(&base))).expect("classes have singleton classes");
        vm.include(&meta, &resources.dsl);
        Self { base }
    }
}

/// The groups by the id of their class, and how often each class name was given.
#[derive(Default)]
struct Groups {
    by_class: RefCell<Vec<(u32, Weak<Group>)>>,
    names: RefCell<HashMap<String, u32>>,
}

fn groups(vm: &Interp) -> Rc<Groups> {
    vm.extension::<Groups>().expect("specs are installed")
}

impl Groups {
    fn register(&self, group: &Rc<Group>) {
        self.by_class.borrow_mut().push((group.class.id, Rc::downgrade(group)));
    }

    /// The name of a group's class: `RSpec::ExampleGroups::Outer::Inner_2`.
    fn class_name(&self, parent: Option<&Group>, description: &[u8]) -> String {
        let outer = parent.map_or_else(|| "RSpec::ExampleGroups".to_owned(), |parent| parent.class.name());
        let name = format!("{outer}::{}", camel_case(&String::from_utf8_lossy(description)));
        let mut names = self.names.borrow_mut();
        let count = names.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}_{count}") }
    }
}

/// A description as a constant's name.
fn camel_case(description: &str) -> String {
    if description.is_empty() {
        return "Anonymous".to_owned();
    }
    let mut name = String::new();
    let mut start = true;
    for c in description.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(if start { c.to_ascii_uppercase() } else { c });
            start = false;
        } else {
            start = true;
        }
    }
    if name.starts_with(|c: char| c.is_ascii_uppercase()) { name } else { format!("Nested{name}") }
}

/// The group of a group class.
pub(crate) fn group_of(vm: &Interp, class: &Value) -> Res<Rc<Group>> {
    let found = match class {
        Value::Class(class) => {
            let groups = groups(vm);
            let groups = groups.by_class.borrow();
            groups.iter().rev().find(|(id, _)| *id == class.id).and_then(|(_, group)| group.upgrade())
        }
        _ => None,
    };
    found.ok_or_else(|| vm.error("RuntimeError", "this can only be used inside a describe block"))
}

/// Makes a top-level group and runs its body.
pub(crate) fn describe(vm: &Interp, scope: &Rc<Scope>, args: &[Value], body: Option<&Rc<RProc>>) -> Res<Rc<Group>> {
    let mut args = args.to_vec();
    // InSpec gives RSpec a Hash of its own behind the arguments: one of the profile's is part of the description.
    let metadata = Metadata::default().take(vm, &mut args, false)?;
    let group = make(vm, None, scope, args, None, metadata)?;
    if let Some(body) = body {
        run_body(vm, &group, body)?;
    }
    Ok(group)
}

/// Makes a top-level group of one prepared example.
pub(crate) fn describe_native(vm: &Interp, scope: &Rc<Scope>, args: &[Value], example: Example) -> Res<Rc<Group>> {
    let group = make(vm, None, scope, args.to_vec(), None, Metadata::default())?;
    group.examples.borrow_mut().push(Rc::new(example));
    Ok(group)
}

/// Makes a group labelled `label` whose nested group `detail` has one prepared example.
pub(crate) fn describe_nested(
    vm: &Interp,
    scope: &Rc<Scope>,
    label: &str,
    detail: &str,
    example: Example,
) -> Res<Rc<Group>> {
    let outer = make(vm, None, scope, vec![Value::str(label)], None, Metadata::default())?;
    let inner = make(vm, Some(&outer), scope, vec![Value::str(detail)], None, Metadata::default())?;
    inner.examples.borrow_mut().push(Rc::new(example));
    outer.children.borrow_mut().push(inner);
    Ok(outer)
}

fn make(
    vm: &Interp,
    parent: Option<&Rc<Group>>,
    scope: &Rc<Scope>,
    args: Vec<Value>,
    attribute: Option<Value>,
    metadata: Metadata,
) -> Res<Rc<Group>> {
    if args.len() > 2 {
        let text = format!("wrong number of arguments (given {}, expected 0..2)", args.len());
        return Err(vm.argument_error(text));
    }
    let base = parent.map_or(&scope.specs.base, |p| &p.class);
    let mut description = Vec::new();
    for arg in &args {
        description = join(&description, &vm.to_s(arg)?.to_vec());
    }
    let full_description = match parent {
        Some(parent) => [&parent.full_description[..], b" ", &description].concat(),
        None => description.clone(),
    };
    let known = groups(vm);
    let name = known.class_name(parent.map(|parent| &**parent), &description);
    let group = Rc::new(Group {
        class: vm.new_class(base, Some(&name)),
        parent: parent.cloned(),
        args,
        attribute,
        description,
        full_description,
        metadata,
        lets: RefCell::default(),
        hooks: Hooks::default(),
        examples: RefCell::default(),
        children: RefCell::default(),
        scope: Rc::clone(scope),
    });
    known.register(&group);
    Ok(group)
}

/// Two parts of a description with a blank between them, unless one is empty in front.
pub(crate) fn join(before: &[u8], after: &[u8]) -> Vec<u8> {
    if before.is_empty() { after.to_vec() } else { [before, b" ", after].concat() }
}

fn run_body(vm: &Interp, group: &Rc<Group>, body: &Rc<RProc>) -> Res<()> {
    let class = Value::Class(Rc::clone(&group.class));
    // InSpec evaluates the body so that what it defines belongs to the group, not to its examples.
    let own = vm.singleton_class(&class);
    vm.call_block_with_self(body, &class, own.as_ref(), Args::default())?;
    Ok(())
}

const METHODS: &[Def] = &[
    def("describe", 0, -1, |vm, this, args| nested(vm, this, args, false), "A nested group."),
    def("context", 0, -1, |vm, this, args| nested(vm, this, args, false), "A nested group."),
    def("xdescribe", 0, -1, |vm, this, args| nested(vm, this, args, true), "A nested group that is skipped."),
    def("xcontext", 0, -1, |vm, this, args| nested(vm, this, args, true), "A nested group that is skipped."),
    def("it", 0, -1, |vm, this, args| it(vm, this, args, Metadata::default()), "An example."),
    def("specify", 0, -1, |vm, this, args| it(vm, this, args, Metadata::default()), "An example."),
    def("example", 0, -1, |vm, this, args| it(vm, this, args, Metadata::default()), "An example."),
    def("fit", 0, -1, |vm, this, args| it(vm, this, args, Metadata::default()), "An example."),
    def("xit", 0, -1, |vm, this, args| it(vm, this, args, SKIP), "A skipped example."),
    def("xspecify", 0, -1, |vm, this, args| it(vm, this, args, SKIP), "A skipped example."),
    def("xexample", 0, -1, |vm, this, args| it(vm, this, args, SKIP), "A skipped example."),
    def("skip", 0, -1, |vm, this, args| it(vm, this, args, SKIP), "A skipped example."),
    def("pending", 0, -1, |vm, this, args| it(vm, this, args, PENDING), "An example that must fail."),
    def("its", 1, -1, its, "An example on an attribute of the subject."),
    def("subject", 0, 1, subject, "What the examples are about."),
    def("subject!", 0, 1, subject, "What the examples are about."),
    def("let", 1, 1, |vm, this, args| define_let(vm, this, args, false), "A value computed once for each example."),
    def("let!", 1, 1, |vm, this, args| define_let(vm, this, args, true), "The same, computed before the example."),
    def("before", 0, -1, |vm, this, args| hook(vm, this, args, When::Before, false), "Runs before each example."),
    def("prepend_before", 0, -1, |vm, this, args| hook(vm, this, args, When::Before, true), "Runs before the others."),
    def("after", 0, -1, |vm, this, args| hook(vm, this, args, When::After, true), "Runs after each example."),
    def("append_after", 0, -1, |vm, this, args| hook(vm, this, args, When::After, false), "Runs after the others."),
    def("around", 0, -1, around, "Runs around each example."),
    def("described_class", 0, 0, |vm, this, _| Ok(group_of(vm, this)?.described()), "What is described."),
    def(
        "description",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(group_of(vm, this)?.description.clone())),
        "Its description.",
    ),
    def("shared_examples", 1, -1, shared, "A named body for several groups."),
    def("shared_examples_for", 1, -1, shared, "A named body for several groups."),
    def("shared_context", 1, -1, shared, "A named body for several groups."),
    def("include_examples", 1, -1, include_shared, "Runs a named body here."),
    def("include_context", 1, -1, include_shared, "Runs a named body here."),
    def("it_behaves_like", 1, -1, behaves_like, "Runs a named body in a nested group."),
    def("it_should_behave_like", 1, -1, behaves_like, "Runs a named body in a nested group."),
    def("inspec", 0, 0, |vm, this, _| Ok(group_of(vm, this)?.scope.backend.clone()), "The backend."),
    // In a group these are examples too, as InSpec defines them; values are for what runs in an example.
    def("input", 0, -1, |vm, this, args| it(vm, this, args, Metadata::default()), "An example."),
    def("attribute", 0, -1, |vm, this, args| it(vm, this, args, Metadata::default()), "An example."),
    def("input_object", 0, -1, |vm, this, args| it(vm, this, args, Metadata::default()), "An example."),
    def("method_missing", 1, -1, missing, "Anything else is unknown."),
];

const SKIP: Metadata = Metadata { skip: true, pending: false, sensitive: false };
const PENDING: Metadata = Metadata { skip: false, pending: true, sensitive: false };

pub(super) fn install(vm: &Interp, base: &Rc<RClass>) {
    vm.set_extension(Rc::new(Groups::default()));
    vm.define_singleton(base, METHODS);
}

fn nested(vm: &Interp, this: &Value, args: Args<'_>, skipped: bool) -> Res {
    let parent = group_of(vm, this)?;
    let mut values = args.values.to_vec();
    let mut metadata = parent.metadata.take(vm, &mut values, true)?;
    metadata.skip |= skipped;
    let group = make(vm, Some(&parent), &parent.scope, values, None, metadata)?;
    parent.children.borrow_mut().push(Rc::clone(&group));
    if let Some(body) = args.block {
        run_body(vm, &group, body)?;
    }
    Ok(Value::Class(Rc::clone(&group.class)))
}

fn it(vm: &Interp, this: &Value, args: Args<'_>, own: Metadata) -> Res {
    let group = group_of(vm, this)?;
    let mut values = args.values.to_vec();
    add_example(vm, &group, &mut values, args.block, own)
}

/// Adds an example to a group and gives the object it is for code.
fn add_example(
    vm: &Interp,
    group: &Rc<Group>,
    values: &mut Vec<Value>,
    block: Option<&Rc<RProc>>,
    own: Metadata,
) -> Res {
    let mut metadata = group.metadata.take(vm, values, true)?;
    metadata.skip |= own.skip || block.is_none();
    metadata.pending |= own.pending;
    let description = match values.first() {
        Some(Value::Nil) | None => None,
        Some(text) => Some(vm.to_s(text)?.to_vec()),
    };
    let (file, line) = block.and_then(|block| crate::source::location(block)).unwrap_or_else(|| vm.position());
    let location = format!("{file}:{line}");
    let example = Rc::new(Example { description, location, block: block.cloned(), metadata, failure: None });
    group.examples.borrow_mut().push(Rc::clone(&example));
    Ok(example_object::of(vm, group, &example))
}

fn its(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let parent = group_of(vm, this)?;
    let attribute = args[0].clone();
    let label = Value::Str(vm.to_s(&attribute)?);
    let group = make(vm, Some(&parent), &parent.scope, vec![label], Some(attribute), parent.metadata)?;
    parent.children.borrow_mut().push(Rc::clone(&group));
    let mut options = args.values.to_vec();
    options[0] = Value::Nil;
    add_example(vm, &group, &mut options, args.block, Metadata::default())?;
    Ok(Value::Class(Rc::clone(&group.class)))
}

fn subject(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let group = group_of(vm, this)?;
    let Some(block) = args.block else { return Ok(Value::Nil) };
    let subject = Sym::new("subject");
    let Some(name) = args.get(0) else {
        define_memoized(vm, &group, subject, block);
        return Ok(Value::Sym(subject));
    };
    let name = vm.to_name(name)?;
    define_memoized(vm, &group, name, block);
    let read =
        move |vm: &Interp, this: &Value, _: Args<'_>| vm.call_with(this, name, Args::default(), CallStyle::Implicit);
    vm.add_method(&group.class, subject, Visibility::Public, MethodBody::Closure(Rc::new(read), 0, 0));
    Ok(Value::Sym(name))
}

fn define_let(vm: &Interp, this: &Value, args: Args<'_>, eager: bool) -> Res {
    let group = group_of(vm, this)?;
    let name = vm.to_name(&args[0])?;
    define_memoized(vm, &group, name, args.need_block(vm)?);
    if eager {
        group.hooks.before.borrow_mut().push(Hook::Value(name));
    }
    Ok(Value::Sym(name))
}

/// Defines a method that computes its value once for each example. The block is a method of its own behind it, so that
/// `super` in it means the group around.
fn define_memoized(vm: &Interp, group: &Rc<Group>, name: Sym, block: &Rc<RProc>) {
    let known = group.lets.borrow().clone();
    let lets = known.unwrap_or_else(|| {
        let lets = vm.new_module(None);
        vm.include(&group.class, &lets);
        *group.lets.borrow_mut() = Some(Rc::clone(&lets));
        lets
    });
    vm.add_method(&lets, name, Visibility::Public, MethodBody::Proc(Rc::clone(block)));
    let owner = Rc::downgrade(&group.class);
    let compute = move |vm: &Interp, this: &Value, _: Args<'_>| {
        example::memoized(vm, this, name, |vm| {
            let method = owner.upgrade().and_then(|owner| vm.find_super(&vm.class_of(this), &owner, name));
            match method {
                Some(method) => vm.invoke(&method, name, this, Args::default()),
                None => Ok(Value::Nil),
            }
        })
    };
    vm.add_method(&group.class, name, Visibility::Public, MethodBody::Closure(Rc::new(compute), 0, 0));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

fn hook(vm: &Interp, this: &Value, args: Args<'_>, when: When, first: bool) -> Res {
    let group = group_of(vm, this)?;
    let block = Rc::clone(args.need_block(vm)?);
    let scope = match args.get(0) {
        Some(Value::Sym(scope)) => scope.text(),
        _ => "each".into(),
    };
    let hooks = &group.hooks;
    if matches!(&*scope, "all" | "context") {
        let list = if when == When::Before { &hooks.before_all } else { &hooks.after_all };
        list.borrow_mut().push(block);
        return Ok(Value::Nil);
    }
    let mut list = if when == When::Before { hooks.before.borrow_mut() } else { hooks.after.borrow_mut() };
    let at = if first { 0 } else { list.len() };
    list.insert(at, Hook::Block(block));
    Ok(Value::Nil)
}

fn around(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(args.need_block(vm)?);
    group_of(vm, this)?.hooks.around.borrow_mut().push(block);
    Ok(Value::Nil)
}

/// Named bodies, by name.
fn shared(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let group = group_of(vm, this)?;
    let name = vm.to_s(&args[0])?.lossy();
    group.scope.shared.borrow_mut().insert(name, Rc::clone(args.need_block(vm)?));
    Ok(Value::Nil)
}

/// The profile whose files are being loaded: `RSpec.shared_examples` is said to no group.
struct Loading(Weak<Scope>);

/// Says whose files are loaded from here on.
pub(crate) fn set_loading(vm: &Interp, scope: &Rc<Scope>) {
    vm.set_extension(Rc::new(Loading(Rc::downgrade(scope))));
}

/// `RSpec.shared_examples` and its kin, in a control file.
pub(super) const SHARED: &[Def] = &[
    def("shared_examples", 1, -1, shared_by_file, "A named body for several groups."),
    def("shared_examples_for", 1, -1, shared_by_file, "A named body for several groups."),
    def("shared_context", 1, -1, shared_by_file, "A named body for several groups."),
];

fn shared_by_file(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let scope = vm.extension::<Loading>().and_then(|loading| loading.0.upgrade());
    let Some(scope) = scope else { return Err(vm.error("RuntimeError", "no control file is being loaded")) };
    let name = vm.to_s(&args[0])?.lossy();
    scope.shared.borrow_mut().insert(name, Rc::clone(args.need_block(vm)?));
    Ok(Value::Nil)
}

fn shared_body(vm: &Interp, group: &Group, name: &Value) -> Res<Rc<RProc>> {
    let name = vm.to_s(name)?.lossy();
    let found = group.scope.shared.borrow().get(&name).cloned();
    found.ok_or_else(|| vm.argument_error(format!("Could not find shared examples \"{name}\"")))
}

fn include_shared(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let group = group_of(vm, this)?;
    let body = shared_body(vm, &group, &args[0])?;
    vm.call_block_with_self(&body, this, Some(&group.class), Args::new(&args.values[1..]))
}

fn behaves_like(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let parent = group_of(vm, this)?;
    let body = shared_body(vm, &parent, &args[0])?;
    let label = Value::str(format!("behaves like {}", vm.to_s(&args[0])?.lossy()));
    let group = make(vm, Some(&parent), &parent.scope, vec![label], None, parent.metadata)?;
    parent.children.borrow_mut().push(Rc::clone(&group));
    let class = Value::Class(Rc::clone(&group.class));
    vm.call_block_with_self(&body, &class, Some(&group.class), Args::new(&args.values[1..]))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let Value::Class(class) = this else { return Err(vm.type_error("not an example group")) };
    if vm.find_method(class, name).is_some() {
        let text = format!(
            "`{name}` is not available on an example group (e.g. a `describe` or `context` block). It is only available from within individual examples (e.g. `it` blocks) or from constructs that run in the scope of an example (e.g. `before`, `let`, etc)."
        );
        return Err(vm.error(WRONG_SCOPE, text));
    }
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}

/// What calling something of a group in an example is, and the other way round.
pub(super) const WRONG_SCOPE: &str = "RSpec::Core::ExampleGroup::WrongScopeError";
