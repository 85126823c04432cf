//! Loading: a profile's libraries and control files are run, those of its dependencies first.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use plimsoll_resources::{Backend, ResourceSet};
use plimsoll_ruby::{Interp, Res, Sym, Unwind, UnwindKind, Value, ir::Program, known};

use crate::ahead::Files;
use crate::convert::{self, Keys};
use crate::dsl::{self, Dependency, FileState, Progress, Scope};
use crate::error::AuditError;
use crate::input::{GivenInputs, Registry};
use crate::libraries::Libraries;
use crate::profile::{Metadata, ProfileFiles, Source};
use crate::select::Selection;
use crate::spec::{self, ProfileSpecs};
use crate::waiver::{WaivedControls, Waivers};

/// Loads the profiles of one run.
pub(crate) struct Loader<'a> {
    pub vm: &'a Interp,
    pub core: Rc<ResourceSet>,
    pub selection: Rc<Selection>,
    pub registry: Registry,
    pub given: &'a GivenInputs,
    pub waivers: Rc<Waivers>,
    /// What becomes of controls that waiver files name.
    pub waived: WaivedControls,
    /// Whether profiles are loaded that do not support the target's platform.
    pub any_platform: bool,
    /// How many profiles were loaded so far.
    pub loaded: Cell<u64>,
    /// The control files that have been parsed, by profile and name.
    pub programs: RefCell<HashMap<(*const ProfileFiles, String), Arc<Program>>>,
}

/// The local variables of the method that evaluates a control file in InSpec: the file's code sees them.
const PREDEFINED: [&str; 4] = ["context", "content", "source", "line"];

impl Loader<'_> {
    /// Prepares a profile and its dependencies; nothing of theirs is run yet.
    pub(crate) fn scope(&self, source: &Source) -> Result<Rc<Scope>, AuditError> {
        match source.metadata.supports_inspec() {
            Ok(true) => self.scope_below(source, None),
            Ok(false) => Err(refusal(source, source.metadata.refuses_inspec())),
            Err(why) => Err(refusal(source, format!("inspec_version: {why}"))),
        }
    }

    /// `parent`: the name of the profile that depends on it.
    fn scope_below(&self, source: &Source, parent: Option<&str>) -> Result<Rc<Scope>, AuditError> {
        let vm = self.vm;
        let (files, metadata) = (Rc::clone(&source.files), source.metadata.clone());
        self.parse_ahead(&files)?;
        let inputs = self.registry.bind(vm, metadata.name(), &metadata.inputs, self.given)?;
        let resources = ResourceSet::derived(vm, &self.core);
        let backend = plimsoll_resources::backend_object(vm, &resources, dsl::profile_object(vm, &files));
        plimsoll_resources::set_backend_object(vm, backend.clone());
        let unsupported = if self.any_platform {
            None
        } else {
            unsupported(vm, &metadata, &backend).map_err(|unwind| AuditError::internal(vm, &unwind))?
        };
        let dependencies = self.dependencies(source)?;
        let class = |parent: &str, name: Option<&str>| {
            let class = vm.new_class(&vm.class_named(parent), name);
            vm.include(&class, &resources.dsl);
            class
        };
        // Constants of control files go into a class without a name, of which the file's `self` is an instance.
        let file_class = class("Inspec::ControlEvalContext", None);
        // Dependencies are taken whole; what of them runs is decided where they are included.
        let selection = if parent.is_none() { Rc::clone(&self.selection) } else { Rc::default() };
        let number = self.loaded.replace(self.loaded.get() + 1);
        Ok(Rc::new(Scope {
            number,
            specs: ProfileSpecs::new(vm, &resources),
            context_class: vm.new_class(&file_class, Some("Inspec::ControlEvalContext")),
            file_class,
            rule_class: class("Inspec::Rule", Some("Inspec::Rule")),
            one_class: class("Inspec::DescribeBase", None),
            parent: parent.map(str::to_owned),
            waivers: Rc::clone(&self.waivers),
            waived: self.waived,
            file: RefCell::new(FileState::new(String::new())),
            metadata,
            files,
            dependencies,
            resources,
            inputs,
            selection,
            backend,
            unsupported,
            shared: RefCell::default(),
            rules: RefCell::default(),
            included: RefCell::default(),
            progress: Progress::default(),
            info: OnceCell::new(),
        }))
    }

    /// Parses control files while a distant target tells its platform. What can't be parsed is told where it is to be run.
    fn parse_ahead(&self, files: &Rc<ProfileFiles>) -> Result<(), AuditError> {
        if Backend::of(self.vm).can_foresee() {
            let asked = plimsoll_resources::ask_platform_ahead(self.vm);
            asked.map_err(|unwind| AuditError::internal(self.vm, &unwind))?;
            for name in files.controls() {
                let _ = self.parse_control_file(files, name);
            }
        }
        Ok(())
    }

    /// The dependencies of a profile and theirs, flattened: of equal names the last one counts.
    fn dependencies(&self, source: &Source) -> Result<IndexMap<String, Dependency>, AuditError> {
        let mut all = IndexMap::new();
        for dependency in &source.dependencies {
            // Those of a dependency belong to it by the name it goes by here.
            let parent = source.metadata.name();
            let scope = self.scope_below(&dependency.source, Some(parent))?;
            let key = match scope.metadata.version.as_deref() {
                Some(version) if !version.is_empty() => format!("{}-{version}", dependency.name),
                _ => dependency.name.clone(),
            };
            let below = scope.dependencies.clone();
            all.insert(key, Dependency { name: dependency.name.clone(), scope });
            all.extend(below);
        }
        Ok(all)
    }

    /// Runs the libraries of a profile and of its dependencies, which it can then name the resources of.
    pub(crate) fn libraries(&self, scope: &Scope) -> Result<(), AuditError> {
        let vm = self.vm;
        if scope.progress.libraries.replace(true) {
            return Ok(());
        }
        for dependency in scope.dependencies.values() {
            if dependency.scope.unsupported.is_none() {
                self.libraries(&dependency.scope)?;
                scope.resources.add_all(vm, &dependency.scope.resources);
            }
        }
        plimsoll_resources::set_backend_object(vm, scope.backend.clone());
        let libraries = Libraries::new(vm, scope);
        for name in scope.files.libraries().into_iter().filter(|name| Libraries::loads(name)) {
            vm.renew_budget();
            let run = || libraries.run(vm, name);
            match scope.resources.while_registering(vm, run).map_err(Unwind::into_kind) {
                Ok(_) | Err(UnwindKind::Return(..)) => {}
                Err(UnwindKind::Raise(exception))
                    if vm.is_a(&Value::Obj(exception.clone()), &vm.class_named("SyntaxError")) =>
                {
                    let message = vm.call(&Value::Obj(exception), known::MESSAGE, &[]).and_then(|text| vm.to_s(&text));
                    return Err(match message {
                        Ok(text) => AuditError::Syntax(text.lossy()),
                        Err(unwind) => AuditError::internal(vm, &unwind),
                    });
                }
                Err(kind) => return Err(AuditError::library(vm, scope.files.display(name), kind)),
            }
        }
        Ok(())
    }

    /// Runs the control files of a profile, after those of its dependencies. A file that raises ends this: the outer
    /// error is one of the audit, the inner one the profile's.
    pub(crate) fn controls(&self, scope: &Rc<Scope>) -> Result<Result<(), String>, AuditError> {
        let progress = &scope.progress;
        if progress.controls.get() || progress.failed.get() || scope.unsupported.is_some() {
            return Ok(Ok(()));
        }
        for dependency in scope.dependencies.values() {
            if let Err(why) = self.controls(&dependency.scope)? {
                return Ok(Err(why));
            }
        }
        plimsoll_resources::set_backend_object(self.vm, scope.backend.clone());
        let this = dsl::new_context(self.vm, scope).map_err(|unwind| AuditError::internal(self.vm, &unwind))?;
        spec::set_loading(self.vm, scope);
        let mut ahead = self.ahead(scope)?;
        for (place, name) in scope.files.controls().into_iter().enumerate() {
            ahead.before(place).map_err(|unwind| AuditError::internal(self.vm, &unwind))?;
            let file = FileState::new(scope.files.display(name));
            *scope.file.borrow_mut() = Rc::clone(&file);
            if let Err(why) = self.control_file(scope, name, &this)? {
                progress.failed.set(true);
                return Ok(Err(format!("Failed to load source for {name}: {why}")));
            }
        }
        progress.controls.set(true);
        Ok(Ok(()))
    }

    /// What is read ahead for the control files of a profile: nothing where only some of its controls run.
    fn ahead<'s>(&'s self, scope: &'s Scope) -> Result<Files<'s>, AuditError> {
        let mut programs = Vec::new();
        if Backend::of(self.vm).can_foresee() && scope.selection.is_all() {
            for name in scope.files.controls() {
                programs.push(self.parse_control_file(&scope.files, name).ok());
            }
            plimsoll_resources::detect_platform(self.vm).map_err(|unwind| AuditError::internal(self.vm, &unwind))?;
        }
        Ok(Files::new(self.vm, scope, programs))
    }

    fn parse_control_file(&self, files: &Rc<ProfileFiles>, name: &str) -> Result<Arc<Program>, AuditError> {
        let key = (Rc::as_ptr(files), name.to_owned());
        if let Some(program) = self.programs.borrow().get(&key) {
            return Ok(Arc::clone(program));
        }
        let program = self.parse(files, name, &PREDEFINED.map(Sym::new))?;
        self.programs.borrow_mut().insert(key, Arc::clone(&program));
        Ok(program)
    }

    /// Runs a control file; gives what it raised at its top level.
    fn control_file(&self, scope: &Rc<Scope>, name: &str, this: &Value) -> Result<Result<(), String>, AuditError> {
        let vm = self.vm;
        let source = scope.files.get(name).unwrap_or_default();
        if source.is_empty() {
            return Ok(Ok(()));
        }
        let program = self.parse_control_file(&scope.files, name)?;
        let values = [this.clone(), Value::bytes(source), Value::str(scope.files.display(name)), Value::Nil];
        vm.renew_budget();
        let result = vm.run_with(&program, this, &scope.file_class, &values);
        match result.map_err(Unwind::into_kind) {
            // `return` ends a file early, as it ends a script.
            Ok(_) | Err(UnwindKind::Return(..)) => Ok(Ok(())),
            Err(UnwindKind::Raise(exception))
                if vm.is_a(&Value::Obj(Rc::clone(&exception)), &vm.class_named(plimsoll_resources::UNANSWERED)) =>
            {
                let failed = dsl::fail_file(vm, scope, &Value::Obj(exception));
                failed.map(Ok).map_err(|unwind| AuditError::internal(vm, &unwind))
            }
            Err(UnwindKind::Raise(exception)) => {
                let exception = Value::Obj(exception);
                *scope.progress.raised_at.borrow_mut() = spec::backtrace(&exception).into_iter().next();
                let message = vm.call(&exception, known::MESSAGE, &[]).and_then(|text| vm.to_s(&text));
                Ok(Err(message.map_err(|unwind| AuditError::internal(vm, &unwind))?.lossy()))
            }
            Err(UnwindKind::Limit(limit)) => Ok(Err(limit.to_string())),
            Err(kind) => Err(AuditError::internal(vm, &kind.into())),
        }
    }

    fn parse(&self, files: &ProfileFiles, name: &str, predefined: &[Sym]) -> Result<Arc<Program>, AuditError> {
        let source = files.get(name).unwrap_or_default();
        let program = Program::parse(source, &files.display(name), predefined, &self.vm.limits);
        program.map_err(|error| AuditError::Syntax(error.to_string()))
    }
}

fn refusal(source: &Source, why: String) -> AuditError {
    AuditError::Profile { path: source.files.given.clone(), why }
}

/// Why a profile does not support the target's platform, if it does not.
fn unsupported(vm: &Interp, metadata: &Metadata, backend: &Value) -> Res<Option<String>> {
    if metadata.supports.is_empty() {
        return Ok(None);
    }
    let platform = vm.send(backend, "platform", &[])?;
    let supports = serde_json::Value::Array(metadata.supports.iter().cloned().map(Into::into).collect());
    let supports = convert::to_ruby(vm, &supports, Keys::SymbolsInside)?;
    if vm.send(&platform, "supported?", &[supports])?.truthy() {
        return Ok(None);
    }
    let text = |name: &str| -> Res<String> {
        let value = vm.send(&platform, name, &[])?;
        Ok(vm.to_s(&value)?.lossy())
    };
    let (name, release) = (text("name")?, text("release")?);
    Ok(Some(format!("Skipping profile: '{}' on unsupported platform: '{name}/{release}'.", metadata.name())))
}
