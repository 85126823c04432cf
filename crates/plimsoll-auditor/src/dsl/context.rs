//! The top level of a control file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RObject, Res, Value, def};

use super::rule::{Check, Rule};
use super::scope::Scope;

/// `self` at the top of one control file.
struct Context {
    scope: Rc<Scope>,
    file: Rc<FileState>,
}

/// What the statements of one control file say about the file.
#[derive(Default)]
pub(crate) struct FileState {
    /// The file's path inside the profile.
    pub name: String,
    /// The file's name as backtraces show it.
    pub display: String,
    pub title: RefCell<Option<String>>,
    /// Ids of its controls, in source order.
    pub controls: RefCell<Vec<String>>,
    skipped: Cell<bool>,
    skip_message: RefCell<Value>,
}

impl FileState {
    pub(crate) fn new(name: &str, display: String) -> Rc<Self> {
        Rc::new(Self { name: name.to_owned(), display, ..Self::default() })
    }
}

const METHODS: &[Def] = &[
    def("control", 0, 2, control, "Declares a control."),
    def("rule", 0, 2, control, "Declares a control."),
    def("describe", 0, -1, describe, "Declares a control without a name."),
    def("title", 1, 1, title, "The title of the file."),
    def("only_if", 0, 1, only_if, "Skips the whole file unless the block is true."),
    def("input", 1, 2, |vm, this, args| of(vm, this)?.scope.clone().input(vm, args), "An input's value."),
    def("attribute", 1, 2, |vm, this, args| of(vm, this)?.scope.clone().input(vm, args), "An input's value."),
    def("input_object", 1, 1, |vm, this, args| of(vm, this)?.scope.clone().input_object(vm, args), "An input."),
    def("inspec", 0, 0, |vm, this, _| Ok(of(vm, this)?.scope.backend.clone()), "The backend."),
    def("skip_control", 1, 1, skip_control, "Takes a control out."),
    def("skip_rule", 1, 1, skip_control, "Takes a control out."),
    def("profile_name", 0, 0, |vm, this, _| Ok(Value::str(&of(vm, this)?.scope.metadata.name)), "The profile's name."),
    def("include_controls", 1, 2, dependencies, "Runs the controls of a dependency."),
    def("include_rules", 1, 2, dependencies, "Runs the controls of a dependency."),
    def("require_controls", 1, 2, dependencies, "Runs some controls of a dependency."),
    def("require_rules", 1, 2, dependencies, "Runs some controls of a dependency."),
    def("require_resource", 0, 1, dependencies, "Takes a resource from a dependency."),
    def("to_s", 0, 0, to_s, "Its name."),
    def("inspect", 0, 0, to_s, "Its name."),
    def("method_missing", 1, -1, missing, "Anything else is unknown."),
];

pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "ControlEvalContext", &vm.c.object);
    vm.define(&class, METHODS);
}

/// `self` for the top level of a file, with the class that its constants and methods go into.
pub(crate) fn new_context(scope: &Rc<Scope>, class: &Rc<plimsoll_ruby::RClass>, file: &Rc<FileState>) -> Value {
    let context = Context { scope: Rc::clone(scope), file: Rc::clone(file) };
    RObject::with_native(Rc::clone(class), context).into()
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Context> {
    this.native::<Context>().ok_or_else(|| vm.error("RuntimeError", "this can only be used in a control file"))
}

fn control(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    let id = args.or_nil(0);
    let text = vm.to_s(&id)?.lossy();
    if !context.scope.selection.takes_id(vm, &text)? {
        return Ok(Value::Nil);
    }
    let rule = Rule::new(vm, &context.scope, &id, text, args.block)?;
    rule.evaluate(vm)?;
    if !context.scope.selection.takes_tags(vm, &rule.tag_texts(vm)?)? {
        return Ok(Value::Nil);
    }
    register(vm, context, rule)
}

fn describe(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    let line = vm.position().1;
    let base = context.file.display.rsplit('/').next().unwrap_or_default();
    // CINC adds random digits; ours are the same in every run, so that reports can be compared.
    let serial = context.scope.rules.borrow().len();
    let id = format!("(generated from {base}:{line} {serial:032x})");
    if !context.scope.selection.takes_anonymous() {
        return Ok(Value::Nil);
    }
    let rule = Rule::new(vm, &context.scope, &Value::str(&id), id.clone(), None)?;
    if args.is_empty() && args.block.is_none() {
        register(vm, context, Rc::clone(&rule))?;
        return super::one::starter(vm, &rule);
    }
    rule.add_check(Check::Describe(args.values.to_vec(), args.block.cloned()));
    register(vm, context, rule)
}

fn register(vm: &Interp, context: &Context, rule: Rc<Rule>) -> Res {
    if context.file.skipped.get() {
        rule.skip_by_file(context.file.skip_message.borrow().clone());
    }
    if let Some(why) = &context.scope.unsupported {
        rule.skip_by_file(Value::str(why));
    }
    rule.set_file(&context.file);
    let known = context.scope.rules.borrow().get(&rule.id).cloned();
    match known {
        Some(first) => first.merge(vm, &rule)?,
        None => {
            context.file.controls.borrow_mut().push(rule.id.clone());
            context.scope.rules.borrow_mut().insert(rule.id.clone(), rule);
        }
    }
    Ok(Value::Nil)
}

fn title(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    *of(vm, this)?.file.title.borrow_mut() = Some(vm.to_s(&args[0])?.lossy());
    Ok(args[0].clone())
}

fn only_if(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    let Some(block) = args.block else { return Ok(Value::Nil) };
    if context.file.skipped.get() {
        return Ok(Value::Nil);
    }
    // `== true`: anything else, truthy or not, skips.
    if matches!(vm.call_block(block, &[])?, Value::Bool(true)) {
        return Ok(Value::Nil);
    }
    let (values, _) = args.split_keywords();
    let message = values.first().cloned().unwrap_or_default();
    let rules: Vec<_> = context.scope.rules.borrow().values().cloned().collect();
    for rule in rules.iter().filter(|rule| rule.is_in(&context.file)) {
        rule.skip_by_file(message.clone());
    }
    context.file.skipped.set(true);
    *context.file.skip_message.borrow_mut() = message;
    Ok(Value::Nil)
}

fn skip_control(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    let id = vm.to_s(&args[0])?.lossy();
    context.scope.rules.borrow_mut().shift_remove(&id);
    Ok(Value::Nil)
}

fn dependencies(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Err(vm.unsupported("taking controls or resources from another profile"))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::str(format!("Control Evaluation Context ({})", of(vm, this)?.scope.metadata.name)))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}
