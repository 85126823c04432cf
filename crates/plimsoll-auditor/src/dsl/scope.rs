//! What the code of one profile shares: its resources, inputs, files and controls.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, RProc, Res, Value, def};

use super::rule::Rule;
use crate::input::Inputs;
use crate::profile::{Metadata, ProfileFiles};
use crate::select::Selection;
use crate::spec::ProfileSpecs;

/// One profile while it is loaded and run.
pub(crate) struct Scope {
    pub metadata: Metadata,
    pub files: Rc<ProfileFiles>,
    pub specs: ProfileSpecs,
    pub inputs: Rc<Inputs>,
    pub selection: Rc<Selection>,
    /// What `inspec` gives in its code.
    pub backend: Value,
    /// The class of its controls' bodies: it can name the profile's resources.
    pub rule_class: Rc<RClass>,
    /// The class of its `describe.one` bodies.
    pub one_class: Rc<RClass>,
    /// Named shared examples.
    pub shared: RefCell<IndexMap<String, Rc<RProc>>>,
    /// Its controls by id, in the order of their first definition.
    pub rules: RefCell<IndexMap<String, Rc<Rule>>>,
    /// Why its platform is not supported.
    pub unsupported: Option<String>,
}

impl Scope {
    /// `input('x')` in this profile's code.
    pub(crate) fn input(&self, vm: &Interp, args: Args<'_>) -> Res {
        self.inputs.read(vm, args)
    }

    /// `input_object('x')` in this profile's code.
    pub(crate) fn input_object(&self, vm: &Interp, args: Args<'_>) -> Res {
        self.inputs.object(vm, args)
    }
}

/// What `inspec.profile` gives.
struct ProfileObject {
    name: String,
    version: Option<String>,
    files: Rc<ProfileFiles>,
}

const PROFILE: &[Def] = &[
    def("file", 1, 1, file, "The content of a file below files/."),
    def("files", 0, 0, files, "The names of the files below files/."),
    def("name", 0, 0, |vm, this, _| Ok(Value::str(&of(vm, this)?.name)), "The profile's name."),
    def("profile_id", 0, 0, |vm, this, _| Ok(Value::str(&of(vm, this)?.name)), "The profile's name."),
    def("version", 0, 0, |vm, this, _| Ok(of(vm, this)?.version.clone().into()), "The profile's version."),
];

pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "RuntimeProfile", &vm.c.object);
    vm.define(&class, PROFILE);
}

/// The object that `inspec.profile` gives in a profile's code.
pub(crate) fn profile_object(vm: &Interp, metadata: &Metadata, files: &Rc<ProfileFiles>) -> Value {
    let data =
        ProfileObject { name: metadata.name.clone(), version: metadata.version.clone(), files: Rc::clone(files) };
    RObject::with_native(vm.class_named("Inspec::RuntimeProfile"), data).into()
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v ProfileObject> {
    this.native::<ProfileObject>().ok_or_else(|| vm.type_error("not a profile"))
}

fn file(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let profile = of(vm, this)?;
    let name = vm.to_str(&args[0])?.lossy();
    match profile.files.get(&format!("files/{name}")) {
        Some(content) => Ok(Value::bytes(content)),
        None => Err(vm.error("RuntimeError", format!("Could not find file {name} in profile's `files` directory"))),
    }
}

fn files(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let names = of(vm, this)?.files.below("files").into_iter().map(|name| Value::str(&name["files/".len()..]));
    Ok(Value::array(names.collect()))
}
