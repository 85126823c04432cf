//! `describe` and what may stand in its body.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use plimsoll_resources::ResourceSet;
use plimsoll_ruby::{Args, CallStyle, Def, Interp, MethodBody, RClass, RProc, Res, Sym, Value, Visibility, def};

use crate::dsl::Scope;
use crate::input::Place;
use crate::spec::example;

/// One example group: a class whose instances run the examples.
pub(crate) struct Group {
    /// Its class; nested groups inherit from it, `let` defines methods on it.
    pub class: Rc<RClass>,
    pub parent: Option<Rc<Group>>,
    /// What `describe` was given.
    pub args: Vec<Value>,
    /// The attribute of an `its` group.
    pub attribute: Option<Value>,
    /// Its own description.
    pub description: Vec<u8>,
    /// Its description with those around it.
    pub full_description: Vec<u8>,
    pub subject: RefCell<Option<Rc<RProc>>>,
    pub before: RefCell<Vec<Rc<RProc>>>,
    pub after: RefCell<Vec<Rc<RProc>>>,
    pub around: RefCell<Vec<Rc<RProc>>>,
    /// Names of `let!`, evaluated before each example.
    pub eager: RefCell<Vec<Sym>>,
    pub examples: RefCell<Vec<Rc<Example>>>,
    pub children: RefCell<Vec<Rc<Group>>>,
    /// Whether a whole group is skipped (`xdescribe`).
    pub skipped: bool,
    pub scope: Rc<Scope>,
}

/// One example, not run yet.
pub(crate) struct Example {
    /// `it 'text'`
    pub description: Option<Vec<u8>>,
    pub block: Option<Rc<RProc>>,
    pub skipped: bool,
    /// `pending 'text' do`: must fail.
    pub pending: bool,
    /// A failure prepared by native code: the exception to raise.
    pub failure: Option<Value>,
}

impl Example {
    /// An example that runs a block.
    pub(crate) fn of_block(block: Rc<RProc>) -> Self {
        Self { description: None, block: Some(block), skipped: false, pending: false, failure: None }
    }

    /// An example that is skipped with this reason.
    pub(crate) fn skipped(reason: Vec<u8>) -> Self {
        Self { description: Some(reason), block: None, skipped: true, pending: false, failure: None }
    }

    /// An example that raises this exception.
    pub(crate) fn failing(exception: Value) -> Self {
        Self { description: None, block: None, skipped: false, pending: false, failure: Some(exception) }
    }
}

impl Group {
    /// What the group describes, as RSpec's `described_class` tells it: the first argument unless it is text or `nil`,
    /// else that of the group around it.
    pub(crate) fn described(&self) -> Value {
        match self.args.first() {
            None | Some(Value::Nil | Value::Str(_)) => self.parent.as_ref().map_or(Value::Nil, |p| p.described()),
            Some(value) => value.clone(),
        }
    }

    /// The nearest explicit `subject`.
    pub(crate) fn explicit_subject(&self) -> Option<Rc<RProc>> {
        let own = self.subject.borrow().clone();
        own.or_else(|| self.parent.as_ref().and_then(|p| p.explicit_subject()))
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

    pub(crate) fn is_skipped(&self) -> bool {
        self.skipped || self.parent.as_ref().is_some_and(|p| p.is_skipped())
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

/// The groups by the id of their class.
#[derive(Default)]
struct Groups(RefCell<Vec<(u32, Weak<Group>)>>);

fn register(vm: &Interp, group: &Rc<Group>) {
    let groups = vm.extension::<Groups>().expect("specs are installed");
    groups.0.borrow_mut().push((group.class.id, Rc::downgrade(group)));
}

/// The group of a group class.
pub(crate) fn group_of(vm: &Interp, class: &Value) -> Res<Rc<Group>> {
    let found = match class {
        Value::Class(class) => {
            let groups = vm.extension::<Groups>().expect("specs are installed");
            let groups = groups.0.borrow();
            groups.iter().rev().find(|(id, _)| *id == class.id).and_then(|(_, group)| group.upgrade())
        }
        _ => None,
    };
    found.ok_or_else(|| vm.error("RuntimeError", "this can only be used inside a describe block"))
}

/// Makes a top-level group and runs its body.
pub(crate) fn describe(vm: &Interp, scope: &Rc<Scope>, args: &[Value], body: Option<&Rc<RProc>>) -> Res<Rc<Group>> {
    let group = make(vm, None, scope, args, None, false)?;
    if let Some(body) = body {
        run_body(vm, &group, body)?;
    }
    Ok(group)
}

/// Makes a top-level group of one prepared example.
pub(crate) fn describe_native(vm: &Interp, scope: &Rc<Scope>, args: &[Value], example: Example) -> Res<Rc<Group>> {
    let group = make(vm, None, scope, args, None, false)?;
    group.examples.borrow_mut().push(Rc::new(example));
    Ok(group)
}

fn make(
    vm: &Interp,
    parent: Option<&Rc<Group>>,
    scope: &Rc<Scope>,
    args: &[Value],
    attribute: Option<Value>,
    skipped: bool,
) -> Res<Rc<Group>> {
    if args.len() > 2 {
        let text = format!("wrong number of arguments (given {}, expected 0..2)", args.len());
        return Err(vm.argument_error(text));
    }
    let base = parent.map_or(&scope.specs.base, |p| &p.class);
    let description = describe_args(vm, args)?;
    let full_description = match parent {
        Some(parent) => join(&parent.full_description, &description),
        None => description.clone(),
    };
    let group = Rc::new(Group {
        class: vm.new_class(base, None),
        parent: parent.cloned(),
        args: args.to_vec(),
        attribute,
        description,
        full_description,
        subject: RefCell::default(),
        before: RefCell::default(),
        after: RefCell::default(),
        around: RefCell::default(),
        eager: RefCell::default(),
        examples: RefCell::default(),
        children: RefCell::default(),
        skipped,
        scope: Rc::clone(scope),
    });
    register(vm, &group);
    Ok(group)
}

/// Two parts of a description with a blank between them, unless one is empty in front.
pub(crate) fn join(before: &[u8], after: &[u8]) -> Vec<u8> {
    if before.is_empty() { after.to_vec() } else { [before, b" ", after].concat() }
}

fn describe_args(vm: &Interp, args: &[Value]) -> Res<Vec<u8>> {
    let mut text = Vec::new();
    for arg in args {
        text = join(&text, &vm.to_s(arg)?.to_vec());
    }
    Ok(text)
}

fn run_body(vm: &Interp, group: &Rc<Group>, body: &Rc<RProc>) -> Res<()> {
    let class = Value::Class(Rc::clone(&group.class));
    // InSpec evaluates the body so that what it defines belongs to the group, not to its examples.
    let own = vm.singleton_class(&class);
    vm.call_block_with_self(body, &class, own.as_ref(), Args::new(std::slice::from_ref(&class)))?;
    Ok(())
}

const METHODS: &[Def] = &[
    def("describe", 0, -1, |vm, this, args| nested(vm, this, args, false), "A nested group."),
    def("context", 0, -1, |vm, this, args| nested(vm, this, args, false), "A nested group."),
    def("xdescribe", 0, -1, |vm, this, args| nested(vm, this, args, true), "A nested group that is skipped."),
    def("xcontext", 0, -1, |vm, this, args| nested(vm, this, args, true), "A nested group that is skipped."),
    def("it", 0, -1, |vm, this, args| it(vm, this, args, false, false), "An example."),
    def("specify", 0, -1, |vm, this, args| it(vm, this, args, false, false), "An example."),
    def("example", 0, -1, |vm, this, args| it(vm, this, args, false, false), "An example."),
    def("fit", 0, -1, |vm, this, args| it(vm, this, args, false, false), "An example."),
    def("xit", 0, -1, |vm, this, args| it(vm, this, args, true, false), "A skipped example."),
    def("xspecify", 0, -1, |vm, this, args| it(vm, this, args, true, false), "A skipped example."),
    def("xexample", 0, -1, |vm, this, args| it(vm, this, args, true, false), "A skipped example."),
    def("skip", 0, -1, |vm, this, args| it(vm, this, args, true, false), "A skipped example."),
    def(
        "pending",
        0,
        -1,
        |vm, this, args| it(vm, this, args, args.block.is_none(), true),
        "An example that must fail.",
    ),
    def("its", 1, -1, its, "An example on an attribute of the subject."),
    def("subject", 0, 1, subject, "What the examples are about."),
    def("subject!", 0, 1, subject, "What the examples are about."),
    def("let", 1, 1, |vm, this, args| define_let(vm, this, args, false), "A value computed once for each example."),
    def("let!", 1, 1, |vm, this, args| define_let(vm, this, args, true), "The same, computed before the example."),
    def("before", 0, -1, |vm, this, args| hook(vm, this, args, |g| &g.before), "Runs before each example."),
    def("after", 0, -1, |vm, this, args| hook(vm, this, args, |g| &g.after), "Runs after each example."),
    def("around", 0, -1, |vm, this, args| hook(vm, this, args, |g| &g.around), "Runs around each example."),
    def("prepend_before", 0, -1, |vm, this, args| hook(vm, this, args, |g| &g.before), "Runs before each example."),
    def("append_after", 0, -1, |vm, this, args| hook(vm, this, args, |g| &g.after), "Runs after each example."),
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
    def(
        "input",
        1,
        2,
        |vm, this, args| group_of(vm, this)?.scope.input(vm, args, Place::Elsewhere),
        "An input's value.",
    ),
    def(
        "attribute",
        1,
        2,
        |vm, this, args| group_of(vm, this)?.scope.input(vm, args, Place::Elsewhere),
        "An input's value.",
    ),
    def("input_object", 1, 1, |vm, this, args| group_of(vm, this)?.scope.input_object(vm, args), "An input."),
    def("method_missing", 1, -1, missing, "Anything else is unknown."),
];

pub(super) fn install(vm: &Interp, base: &Rc<RClass>) {
    vm.set_extension(Rc::new(Groups::default()));
    vm.define_singleton(base, METHODS);
}

fn nested(vm: &Interp, this: &Value, args: Args<'_>, skipped: bool) -> Res {
    let parent = group_of(vm, this)?;
    let group = make(vm, Some(&parent), &parent.scope, args.values, None, skipped)?;
    parent.children.borrow_mut().push(Rc::clone(&group));
    if let Some(body) = args.block {
        run_body(vm, &group, body)?;
    }
    Ok(Value::Class(Rc::clone(&group.class)))
}

fn it(vm: &Interp, this: &Value, args: Args<'_>, skipped: bool, pending: bool) -> Res {
    let group = group_of(vm, this)?;
    let (values, _) = args.split_keywords();
    let description = match values.first() {
        Some(Value::Nil) | None => None,
        Some(text) => Some(vm.to_s(text)?.to_vec()),
    };
    let skipped = skipped || args.block.is_none();
    let example = Example { description, block: args.block.cloned(), skipped, pending, failure: None };
    group.examples.borrow_mut().push(Rc::new(example));
    Ok(Value::Nil)
}

fn its(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let parent = group_of(vm, this)?;
    let attribute = args[0].clone();
    let label = Value::Str(vm.to_s(&attribute)?);
    let group = make(vm, Some(&parent), &parent.scope, &[label], Some(attribute), false)?;
    parent.children.borrow_mut().push(Rc::clone(&group));
    let skipped = args.block.is_none();
    let example = Example { description: None, block: args.block.cloned(), skipped, pending: false, failure: None };
    group.examples.borrow_mut().push(Rc::new(example));
    Ok(Value::Nil)
}

fn subject(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let group = group_of(vm, this)?;
    *group.subject.borrow_mut() = args.block.cloned();
    if let (Some(name), Some(_)) = (args.get(0), args.block) {
        let name = vm.to_name(name)?;
        let read = |vm: &Interp, this: &Value, _: Args<'_>| example::subject(vm, this);
        vm.add_method(&group.class, name, Visibility::Public, MethodBody::Closure(Rc::new(read), 0, 0));
    }
    Ok(Value::Nil)
}

fn define_let(vm: &Interp, this: &Value, args: Args<'_>, eager: bool) -> Res {
    let group = group_of(vm, this)?;
    let name = vm.to_name(&args[0])?;
    let block = Rc::clone(args.need_block(vm)?);
    let compute = move |vm: &Interp, this: &Value, _: Args<'_>| {
        example::memoized(vm, this, name, |vm| vm.call_block_with_self(&block, this, None, Args::default()))
    };
    vm.add_method(&group.class, name, Visibility::Public, MethodBody::Closure(Rc::new(compute), 0, 0));
    if eager {
        group.eager.borrow_mut().push(name);
    }
    Ok(Value::Sym(name))
}

fn hook(vm: &Interp, this: &Value, args: Args<'_>, list: fn(&Group) -> &RefCell<Vec<Rc<RProc>>>) -> Res {
    let group = group_of(vm, this)?;
    let block = Rc::clone(args.need_block(vm)?);
    list(&group).borrow_mut().push(block);
    Ok(Value::Nil)
}

/// Named bodies, by name.
fn shared(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let group = group_of(vm, this)?;
    let name = vm.to_s(&args[0])?.lossy();
    group.scope.shared.borrow_mut().insert(name, Rc::clone(args.need_block(vm)?));
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
    let group = make(vm, Some(&parent), &parent.scope, &[label], None, false)?;
    parent.children.borrow_mut().push(Rc::clone(&group));
    let class = Value::Class(Rc::clone(&group.class));
    vm.call_block_with_self(&body, &class, Some(&group.class), Args::new(&args.values[1..]))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}
