//! The top level of a control file.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RObject, RProc, Res, Sym, Unwind, Value, def, known};

use super::rule::{Check, Rule};
use super::scope::Scope;
use super::{body, conf, include};
use crate::input::Place;
use crate::select::Selected;
use crate::spec;
use crate::waiver::WaivedControls;

/// `self` at the top of a profile's control files.
pub(super) struct Context {
    pub scope: Rc<Scope>,
    /// Where the ids of controls go that the code names, when it is only looked at for that.
    pub naming: Option<RefCell<Vec<String>>>,
}

const METHODS: &[Def] = &[
    def("control", 0, 2, control, "Declares a control."),
    def("rule", 0, 2, control, "Declares a control."),
    def("describe", 0, -1, describe, "Declares a control without a name."),
    def("title", 1, 1, title, "The title of the file."),
    def("only_if", 0, 1, only_if, "Skips the whole file unless the block is true."),
    def("input", 1, 2, |vm, this, args| of(vm, this)?.scope.input(vm, args, Place::Elsewhere), "An input's value."),
    def("attribute", 1, 2, |vm, this, args| of(vm, this)?.scope.input(vm, args, Place::Elsewhere), "An input's value."),
    def("input_object", 1, 1, |vm, this, args| of(vm, this)?.scope.input_object(vm, args), "An input."),
    def("inspec", 0, 0, |vm, this, _| Ok(of(vm, this)?.scope.backend.clone()), "The backend."),
    def("skip_control", 1, 1, skip_control, "Takes a control out."),
    def("skip_rule", 1, 1, skip_control, "Takes a control out."),
    def("profile_name", 0, 0, |vm, this, _| Ok(Value::str(of(vm, this)?.scope.metadata.name())), "The profile's name."),
    def("profile_id", 0, 0, |vm, this, _| Ok(Value::str(of(vm, this)?.scope.metadata.name())), "The profile's name."),
    def("include_controls", 1, 2, |vm, this, args| include::controls(vm, this, args, true), "Runs a dependency."),
    def("include_rules", 1, 2, |vm, this, args| include::controls(vm, this, args, true), "Runs a dependency."),
    def("require_controls", 1, 2, |vm, this, args| include::controls(vm, this, args, false), "Runs a part of one."),
    def("require_rules", 1, 2, |vm, this, args| include::controls(vm, this, args, false), "Runs a part of one."),
    def("require_resource", 0, 1, include::resource, "Takes a resource from a dependency."),
    def("to_s", 0, 0, to_s, "Its name."),
    def("method_missing", 1, -1, missing, "Anything else is unknown."),
];

pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "ControlEvalContext", &vm.c.object);
    vm.define(&class, METHODS);
}

/// `self` for the top level of a profile's files.
pub(crate) fn new_context(vm: &Interp, scope: &Rc<Scope>) -> Res {
    object(vm, scope, None)
}

/// The same, but it does nothing except note the ids of the controls it is told.
pub(super) fn naming_context(vm: &Interp, scope: &Rc<Scope>) -> Res {
    object(vm, scope, Some(RefCell::default()))
}

fn object(vm: &Interp, scope: &Rc<Scope>, naming: Option<RefCell<Vec<String>>>) -> Res {
    let context = Context { scope: Rc::clone(scope), naming };
    let context = RObject::with_native(Rc::clone(&scope.context_class), context);
    conf::give(vm, &context, scope)?;
    Ok(context.into())
}

pub(super) fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Context> {
    this.native::<Context>().ok_or_else(|| vm.error("RuntimeError", "this can only be used in a control file"))
}

fn control(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    let id = args.or_nil(0);
    let text = vm.to_s(&id)?.lossy();
    if let Some(names) = &context.naming {
        names.borrow_mut().push(text);
        return Ok(Value::Nil);
    }
    let is_waived = context.scope.waivers.names(&text);
    let waived = if is_waived { context.scope.waived } else { WaivedControls::Evaluated };
    if waived == WaivedControls::LeftOut {
        return Ok(Value::Nil);
    }
    let selection = &context.scope.selection;
    let selected = selection.takes(vm, &text)?;
    if selected == Selected::No {
        return Ok(Value::Nil);
    }
    let rule = Rule::new(vm, &context.scope, &id, text, args.block)?;
    let retained = waived == WaivedControls::Retained && {
        rule.apply_waiver(vm)?;
        rule.is_waived()
    };
    if !retained {
        body::evaluate(vm, &rule)?;
    }
    if selected == Selected::Yes || selection.takes_tagged(vm, &rule.tag_texts(vm)?)? {
        register(vm, &context.scope, Rc::clone(&rule))?;
        return Ok(body::object(&rule));
    }
    Ok(Value::Nil)
}

fn describe(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    if context.naming.is_some() {
        return Ok(Value::Nil);
    }
    let scope = &context.scope;
    let (file, line) = match args.block.and_then(|block| crate::source::location(block)) {
        Some((file, line)) => (file, line),
        None => vm.position(),
    };
    let id = anonymous(scope, &format!("{file}:{line}"));
    if !scope.selection.takes_anonymous(vm, &id)? {
        return Ok(Value::Nil);
    }
    let rule = Rule::new(vm, scope, &Value::str(&id), id.clone(), None)?;
    rule.apply_waiver(vm)?;
    let starter = if args.is_empty() && args.block.is_none() {
        super::one::starter(&rule)
    } else {
        rule.add_check(Check::Describe(args.values.to_vec(), args.block.cloned()));
        Value::Nil
    };
    register(vm, scope, rule)?;
    Ok(starter)
}

/// The id of a control without a name that stands at FILE:LINE.
fn anonymous(scope: &Scope, location: &str) -> String {
    // CINC adds random digits; ours are the same in every run, so that reports can be compared.
    let (number, serial) = (scope.number, scope.rules.borrow().len());
    format!("(generated from {} {number:016x}{serial:016x})", location.rsplit('/').next().unwrap_or_default())
}

fn register(vm: &Interp, scope: &Scope, rule: Rc<Rule>) -> Res<()> {
    let file = Rc::clone(&scope.file.borrow());
    if file.skipped.get() {
        rule.skip_by_file(file.skip_message.borrow().clone());
    }
    if let Some(check) = file.unanswered.borrow().clone() {
        rule.fail_by_file(check);
    }
    if scope.metadata.supports_inspec() == Ok(false) {
        rule.skip_by_file(Value::str(scope.metadata.refuses_inspec()));
    }
    rule.set_file(&file);
    let known = scope.rules.borrow().get(&rule.id).cloned().flatten();
    match known {
        Some(first) => first.merge(vm, &rule)?,
        None => drop(scope.rules.borrow_mut().insert(rule.id.clone(), Some(rule))),
    }
    Ok(())
}

fn title(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let title = vm.to_s(&args[0])?.lossy();
    *of(vm, this)?.scope.file.borrow().title.borrow_mut() = Some(title);
    Ok(args[0].clone())
}

fn only_if(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    let Some(block) = args.block else { return Ok(Value::Nil) };
    let file = Rc::clone(&context.scope.file.borrow());
    if file.skipped.get() || context.naming.is_some() {
        return Ok(Value::Nil);
    }
    // `== true`: anything else, truthy or not, skips.
    match vm.call_block(block, &[]) {
        Ok(Value::Bool(true)) => return Ok(Value::Nil),
        Ok(_) => {}
        Err(unwind) => {
            let check = unanswered(vm, unwind, block)?;
            above(&context.scope, block, |rule| rule.fail_by_file(check.clone()));
            *file.unanswered.borrow_mut() = Some(check);
            return Ok(Value::Nil);
        }
    }
    let message = args.or_nil(0);
    above(&context.scope, block, |rule| rule.skip_by_file(message.clone()));
    file.skipped.set(true);
    *file.skip_message.borrow_mut() = message;
    Ok(Value::Nil)
}

/// Does this to the controls that stand above in the file of this block.
fn above(scope: &Scope, block: &RProc, then: impl Fn(&Rule)) {
    let Some((name, _)) = crate::source::location(block) else { return };
    for rule in scope.rules.borrow().values().flatten() {
        if rule.file().is_some_and(|file| Sym::new(&file.display) == name) {
            then(rule);
        }
    }
}

/// The failure of a question that the target could not answer; anything else that was raised goes on.
fn unanswered(vm: &Interp, unwind: Unwind, block: &RProc) -> Res<Check> {
    let Some(exception) = unwind.exception().cloned().map(Value::Obj) else { return Err(unwind) };
    if !vm.is_a(&exception, &vm.class_named(plimsoll_resources::UNANSWERED)) {
        return Err(unwind);
    }
    let location = crate::source::location(block).map_or_else(String::new, |(file, line)| format!("{file}:{line}"));
    source_error(vm, &exception, location)
}

fn source_error(vm: &Interp, exception: &Value, location: String) -> Res<Check> {
    let message = vm.call(exception, known::MESSAGE, &[])?;
    Ok(Check::SourceError { location, message: vm.to_s(&message)?.to_vec(), backtrace: spec::backtrace(exception) })
}

/// A control without a name for a file whose top level asked what the target could not answer: it fails, so that the rest
/// of the file, which was not loaded, is not missed silently.
pub(crate) fn fail_file(vm: &Interp, scope: &Rc<Scope>, exception: &Value) -> Res<()> {
    let raised_at = spec::backtrace(exception).into_iter().next().unwrap_or_default();
    let location = raised_at.split(":in ").next().unwrap_or_default().to_owned();
    let id = anonymous(scope, &location);
    let rule = Rule::new(vm, scope, &Value::str(&id), id.clone(), None)?;
    rule.add_check(source_error(vm, exception, location)?);
    register(vm, scope, rule)
}

fn skip_control(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = of(vm, this)?;
    let id = vm.to_s(&args[0])?.lossy();
    if context.naming.is_none() {
        context.scope.unregister(&id);
    }
    Ok(Value::Nil)
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::str(format!("Control Evaluation Context ({})", of(vm, this)?.scope.metadata.name())))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}
