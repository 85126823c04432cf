//! What the code of one profile shares: its resources, inputs, files and controls.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use indexmap::IndexMap;
use plimsoll_report::model::ProfileStatus;
use plimsoll_resources::ResourceSet;
use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, RProc, Res, Value, def};

use super::file::FileState;
use super::rule::Rule;
use crate::input::{Inputs, Place};
use crate::profile::{Metadata, ProfileFiles};
use crate::select::Selection;
use crate::spec::ProfileSpecs;
use crate::waiver::{WaivedControls, Waivers};

/// One profile while it is loaded and run.
pub(crate) struct Scope {
    /// How many were loaded before it: one profile may be loaded several times in a run, for itself and as a dependency.
    pub number: u64,
    pub metadata: Metadata,
    pub files: Rc<ProfileFiles>,
    /// The profile that depends on it, by the name it goes by there; none for one that was asked for.
    pub parent: Option<String>,
    /// Everything it depends on, directly or not, by name and version.
    pub dependencies: IndexMap<String, Dependency>,
    pub resources: Rc<ResourceSet>,
    pub specs: ProfileSpecs,
    pub inputs: Rc<Inputs>,
    pub selection: Rc<Selection>,
    pub waivers: Rc<Waivers>,
    /// What becomes of controls that waiver files name.
    pub waived: WaivedControls,
    /// What `inspec` gives in its code.
    pub backend: Value,
    /// The class that its files' constants and methods go into.
    pub file_class: Rc<RClass>,
    /// The class of the top level of its files, below the former.
    pub context_class: Rc<RClass>,
    /// The class of its controls' bodies: it can name the profile's resources.
    pub rule_class: Rc<RClass>,
    /// The class of its `describe.one` bodies.
    pub one_class: Rc<RClass>,
    /// Why its platform is not supported.
    pub unsupported: Option<String>,
    /// Named shared examples.
    pub shared: RefCell<IndexMap<String, Rc<RProc>>>,
    /// Its controls by id, in the order of their first definition; `None` stands for one that was taken out.
    pub rules: RefCell<IndexMap<String, Option<Rc<Rule>>>>,
    /// The profiles whose controls it includes.
    pub included: RefCell<Vec<Rc<Scope>>>,
    /// What `@conf['profile'].info` gave first: the profile as it was before others took controls out.
    pub info: OnceCell<Value>,
    /// The file that is loaded.
    pub file: RefCell<Rc<FileState>>,
    pub progress: Progress,
}

/// How far a profile has been loaded.
#[derive(Default)]
pub(crate) struct Progress {
    pub libraries: Cell<bool>,
    pub controls: Cell<bool>,
    /// Whether a file of its own raised.
    pub failed: Cell<bool>,
    /// What raised, in a file of its own or of a dependency.
    pub message: RefCell<String>,
    /// Where it was raised, as a line of a backtrace.
    pub raised_at: RefCell<Option<String>>,
}

/// A profile that another one depends on.
#[derive(Clone)]
pub(crate) struct Dependency {
    /// The name it is included by, which need not be its own.
    pub name: String,
    pub scope: Rc<Scope>,
}

impl Scope {
    /// `input('x')` in this profile's code.
    pub(crate) fn input(&self, vm: &Interp, args: Args<'_>, place: Place) -> Res {
        self.inputs.read(vm, args, place)
    }

    /// `input_object('x')` in this profile's code.
    pub(crate) fn input_object(&self, vm: &Interp, args: Args<'_>) -> Res {
        self.inputs.object(vm, args)
    }

    /// Whether it was run.
    pub(crate) fn status(&self) -> ProfileStatus {
        match (&self.unsupported, self.progress.failed.get()) {
            (Some(_), _) => ProfileStatus::Skipped,
            (None, true) => ProfileStatus::Failed,
            (None, false) => ProfileStatus::Loaded,
        }
    }

    /// Its own controls, then those of the profiles it includes.
    pub(crate) fn all_rules(&self) -> Vec<Rc<Rule>> {
        let mut rules: Vec<_> = self.rules.borrow().values().flatten().cloned().collect();
        for scope in self.included.borrow().iter() {
            rules.extend(scope.all_rules());
        }
        rules
    }

    /// The dependency that `include_controls` names; `version` when it asks for one.
    pub(super) fn dependency(&self, name: &str, version: Option<&str>) -> Option<&Dependency> {
        match version {
            Some(version) => self.dependencies.get(&format!("{name}-{version}")),
            None => self.dependencies.values().rfind(|dependency| dependency.name == name),
        }
    }

    /// Forgets a control, here and in what is included.
    pub(super) fn unregister(&self, id: &str) {
        self.rules.borrow_mut().shift_remove(id);
        for scope in self.included.borrow().iter() {
            scope.unregister(id);
        }
    }

    /// Takes out a control of the profile named `profile`; its place is kept.
    pub(super) fn remove(&self, profile: &str, id: &str) {
        if self.metadata.name() == profile
            && let Some(rule) = self.rules.borrow_mut().get_mut(id)
        {
            *rule = None;
        }
        for scope in self.included.borrow().iter() {
            scope.remove(profile, id);
        }
    }

    /// The resources that a name of a profile stands for: this one's or a dependency's.
    pub(super) fn resources_of(&self, profile: &str) -> Option<Rc<ResourceSet>> {
        if self.metadata.name() == profile {
            return Some(Rc::clone(&self.resources));
        }
        let mut found = self.dependencies.values().map(|dependency| &dependency.scope);
        found.find(|scope| scope.metadata.name() == profile).map(|scope| Rc::clone(&scope.resources))
    }
}

/// What `inspec.profile` gives.
struct ProfileObject {
    files: Rc<ProfileFiles>,
}

const PROFILE: &[Def] = &[
    def("file", 1, 1, file, "The content of a file below files/."),
    def("files", 0, 0, files, "The names of the files below files/."),
];

pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "RuntimeProfile", &vm.c.object);
    vm.define(&class, PROFILE);
}

/// The object that `inspec.profile` gives in a profile's code.
pub(crate) fn profile_object(vm: &Interp, files: &Rc<ProfileFiles>) -> Value {
    let data = ProfileObject { files: Rc::clone(files) };
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
        None => Err(vm.error("RuntimeError", format!("Cannot find file {name} in profile."))),
    }
}

fn files(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let names = of(vm, this)?.files.below("files").into_iter().map(|name| Value::str(&name["files/".len()..]));
    Ok(Value::array(names.collect()))
}
