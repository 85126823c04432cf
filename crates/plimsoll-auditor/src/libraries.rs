//! A profile's libraries: files of Ruby that control files see the resources of.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};

use plimsoll_ruby::{Args, Def, Interp, MethodBody, RClass, Res, Sym, Value, Visibility, def};

use crate::dsl::Scope;
use crate::profile::ProfileFiles;

/// The folder that they are in.
const FOLDER: &str = "libraries/";

/// The libraries of one profile while they are loaded.
pub(crate) struct Libraries {
    files: Rc<ProfileFiles>,
    /// `self` for their code.
    this: Value,
    /// The class that their constants and methods go into: control files do not see it.
    class: Rc<RClass>,
    /// Those that have been run, or are being run.
    begun: RefCell<BTreeSet<String>>,
}

impl Libraries {
    pub(crate) fn new(vm: &Interp, scope: &Scope) -> Rc<Self> {
        let outer = vm.new_class(&vm.c.object, None);
        // The classes of resources go by their own names there.
        vm.include(&outer, &vm.class_named("Inspec::Resources"));
        let inspec = vm.new_class(&vm.c.object, None);
        // Of `Inspec` libraries see nothing but the way to the base class of resources.
        vm.define_singleton(&inspec, INSPEC);
        outer.constants.borrow_mut().insert(Sym::new("Inspec"), Value::Class(inspec));
        // A class of its own below, so that `module Inspec` in a library makes a module.
        let class = vm.new_class(&outer, None);
        let this = Value::Obj(vm.object(&class));
        let begun = RefCell::default();
        let libraries = Rc::new(Self { files: Rc::clone(&scope.files), this, class: Rc::clone(&class), begun });
        let own: Weak<Self> = Rc::downgrade(&libraries);
        let require = move |vm: &Interp, _: &Value, args: Args<'_>| {
            let name = vm.to_str(&args[0])?.lossy();
            let own = own.upgrade().and_then(|libraries| libraries.required(vm, &name).transpose());
            own.unwrap_or_else(|| {
                let kernel = Value::Class(Rc::clone(&vm.c.kernel));
                vm.send(&kernel, "require", args.values)
            })
        };
        vm.add_method(&class, Sym::new("require"), Visibility::Public, MethodBody::Closure(Rc::new(require), 1, 1));
        libraries
    }

    /// Whether a library is loaded without being asked for: those in folders of their own are for others to require.
    pub(crate) fn loads(name: &str) -> bool {
        name.strip_prefix(FOLDER).is_some_and(|rest| !rest.contains('/'))
    }

    /// Runs a library, unless it has been run; tells whether it has not.
    pub(crate) fn run(&self, vm: &Interp, name: &str) -> Res<bool> {
        // Before it runs: libraries may require each other.
        if !self.begun.borrow_mut().insert(name.to_owned()) {
            return Ok(false);
        }
        let program = vm.parse(self.files.get(name).unwrap_or_default(), &self.files.display(name));
        let program = program.map_err(|error| vm.error("SyntaxError", error.to_string()))?;
        vm.run(&program, &self.this, &self.class)?;
        Ok(true)
    }

    /// `require 'x'` in a library: another library, if there is one of this name.
    fn required(&self, vm: &Interp, name: &str) -> Res<Option<Value>> {
        let file = format!("{FOLDER}{name}.rb");
        if self.files.get(&file).is_none() {
            return Ok(None);
        }
        Ok(Some(self.run(vm, &file)?.into()))
    }
}

const INSPEC: &[Def] = &[def(
    "resource",
    1,
    1,
    |vm, _, args| vm.send(&Value::Class(vm.class_named("Inspec")), "resource", args.values),
    "The base class of custom resources.",
)];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_target::MemoryTarget;

    use crate::Audit;

    #[test]
    fn libraries_require_each_other() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("inspec.yml", "name: p\n");
        write("libraries/a.rb", "require 'z_base'\nrequire 'set'\nclass A < Base\n  name 'a'\nend\n");
        write(
            "libraries/z_base.rb",
            "require 'sub/value'\nclass Base < Inspec.resource(1)\n  def value\n    VALUE\n  end\nend\n",
        );
        write("libraries/sub/value.rb", "VALUE = 7\n");
        write("libraries/zz_last.rb", "module Inspec\n  class Other\n  end\nend\n");
        write("libraries/sub/unused.rb", "raise 'nobody asked for this'\n");
        write("controls/c.rb", "describe a do\n  its('value') { should eq 7 }\nend\n");
        let audit = Audit { profiles: vec![directory.path().to_owned()], ..Audit::default() };
        let report = audit.run(Arc::new(MemoryTarget::new()), &mut |_| {}).unwrap();
        let results = &report.profiles[0].controls[0].results;
        assert_eq!(results[0].status, plimsoll_report::model::ResultStatus::Passed, "{results:?}");
    }
}
