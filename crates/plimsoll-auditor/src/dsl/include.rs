//! Taking controls and resources from other profiles.

use std::rc::Rc;

use plimsoll_ruby::{Args, Interp, RProc, Res, Sym, Value};

use super::context;
use super::file::FileState;
use super::scope::Scope;

/// `include_controls` (`all`) and `require_controls`.
pub(super) fn controls(vm: &Interp, this: &Value, args: Args<'_>, all: bool) -> Res {
    let context = context::of(vm, this)?;
    if context.naming.is_some() {
        return Ok(Value::Nil);
    }
    let scope = &context.scope;
    let name = vm.to_s(&args[0])?.lossy();
    let version = match args.get(1).filter(|version| !version.is_nil()) {
        Some(version) => Some(vm.to_s(version)?.lossy()),
        None => None,
    };
    let Some(dependency) = scope.dependency(&name, version.as_deref()) else {
        return Err(vm.error("RuntimeError", unknown(scope, &name)));
    };
    let included = &dependency.scope;
    if included.unsupported.is_some() {
        return Ok(Value::Nil);
    }
    if !all || !scope.selection.is_all() {
        filter(vm, scope, included, args.block, all)?;
    }
    if let Some(block) = args.block {
        overlay(vm, included, block)?;
    }
    scope.included.borrow_mut().push(Rc::clone(included));
    Ok(Value::Nil)
}

fn unknown(scope: &Scope, name: &str) -> String {
    let known: Vec<&str> = scope.dependencies.keys().map(String::as_str).collect();
    format!(
        "Cannot load '{name}' since it is not listed as a dependency of {}.\n\nDependencies available from this context are:\n    {}\n",
        scope.metadata.name(),
        known.join("\n    ")
    )
}

/// Runs the block of an `include_controls` as if it stood in the included profile.
fn overlay(vm: &Interp, included: &Rc<Scope>, block: &Rc<RProc>) -> Res<()> {
    // What is new in it belongs to no file.
    let before = included.file.replace(FileState::new("unknown".to_owned()));
    let this = context::new_context(vm, included)?;
    let result = vm.call_block_with_self(block, &this, None, Args::new(std::slice::from_ref(&this)));
    included.file.replace(before);
    result.map(drop)
}

/// Takes out what is not asked for: controls that the block does not name (unless `all`), and those that `--controls` and
/// `--tags` leave out.
fn filter(vm: &Interp, scope: &Scope, included: &Rc<Scope>, block: Option<&Rc<RProc>>, all: bool) -> Res<()> {
    let names = match block {
        Some(block) if !all => named(vm, included, block)?,
        _ => Vec::new(),
    };
    for rule in included.all_rules() {
        // A name means a control of the included profile itself, not of one that it includes.
        let own = rule.scope.metadata.name() == included.metadata.name();
        let named = all || (own && names.contains(&rule.id));
        if !named || !scope.selection.keeps(vm, &rule.id, &rule.tag_texts(vm)?)? {
            included.remove(rule.scope.metadata.name(), &rule.id);
        }
    }
    Ok(())
}

/// The ids of the controls that a block names.
fn named(vm: &Interp, included: &Rc<Scope>, block: &Rc<RProc>) -> Res<Vec<String>> {
    let this = context::naming_context(vm, included)?;
    vm.call_block_with_self(block, &this, None, Args::new(std::slice::from_ref(&this)))?;
    let names = context::of(vm, &this)?.naming.as_ref().map(|names| names.borrow().clone());
    Ok(names.unwrap_or_default())
}

/// `require_resource(profile: 'p', resource: 'r', as: 'x')`
pub(super) fn resource(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let context = context::of(vm, this)?;
    let option = |name: &str| -> Res<Option<String>> {
        let options = match args.get(0) {
            Some(options) => vm.to_hash(options)?,
            None => return Ok(None),
        };
        match vm.hash_sym(&options, name)?.filter(|value| !value.is_nil()) {
            Some(value) => Ok(Some(vm.to_s(&value)?.lossy())),
            None => Ok(None),
        }
    };
    let Some(name) = option("resource")? else {
        let text = "You must specify a specific resource name when calling require_resource()";
        return Err(vm.error("RuntimeError", text));
    };
    let profile = option("profile")?.unwrap_or_else(|| context.scope.metadata.name().to_owned());
    let Some(resources) = context.scope.resources_of(&profile) else {
        return Err(vm.error("RuntimeError", format!("Cannot find profile named: {profile}")));
    };
    let Some(class) = resources.get(Sym::new(&name)) else {
        return Err(vm.error("RuntimeError", format!("profile `{profile}` has no resource `{name}`")));
    };
    let target = option("as")?.unwrap_or(name);
    context.scope.resources.add(vm, Sym::new(&target), class);
    Ok(Value::Nil)
}
