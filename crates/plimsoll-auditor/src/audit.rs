//! The audit: profiles are loaded, their controls evaluated, their examples run.

mod check;

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use plimsoll_report::enhanced::EnhancedOutcome;
use plimsoll_report::model::{Platform, Report, Statistics};
use plimsoll_resources::{Backend, ResourceSet};
use plimsoll_ruby::{Interp, Limits, Res};
use plimsoll_target::Target;

use crate::ahead::Examples;
use crate::dsl::{self, Rule, Scope};
use crate::error::AuditError;
use crate::evaluator::Evaluator;
use crate::event::Event;
use crate::host::AuditHost;
use crate::input::{self, GivenInputs, Registry};
use crate::load::Loader;
use crate::matchers;
use crate::profile::{Shelf, Source};
use crate::results::{self, Found};
use crate::run;
use crate::select::Selection;
use crate::spec;
use crate::waiver::{WaivedControls, Waivers};

/// The native stack that suffices for the thread of an audit, in bytes: the interpreter has one of its own.
pub const STACK: usize = 8 << 20;

/// What is to be audited, and how.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Profiles: directories, archives, or single `.rb` files.
    pub profiles: Vec<PathBuf>,
    /// Values of inputs.
    pub inputs: GivenInputs,
    /// Waived controls.
    pub waivers: Waivers,
    /// Ids (or `/patterns/`) of the controls to run; empty for all.
    pub controls: Vec<String>,
    /// Tags (or `/patterns/`) of the controls to run; empty for all.
    pub tags: Vec<String>,
    /// What becomes of the controls that waiver files name.
    pub waived: WaivedControls,
    /// Whether each control says what it came to in CINC's finer words (`--enhanced-outcomes`).
    pub enhanced_outcomes: bool,
    /// Whether messages show the difference between what was expected and what was found.
    pub diffs: bool,
    /// The limits within which the profiles' code runs.
    pub limits: Limits,
    /// Where profiles are read from.
    pub shelf: Shelf,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            profiles: Vec::new(),
            inputs: GivenInputs::default(),
            waivers: Waivers::default(),
            controls: Vec::new(),
            tags: Vec::new(),
            waived: WaivedControls::default(),
            enhanced_outcomes: false,
            diffs: true,
            limits: Limits::default(),
            shelf: Shelf::Disk,
        }
    }
}

impl Audit {
    /// Holds the profiles against the target.
    ///
    /// Blocks. What goes wrong inside a control is a result of that control; an error means that there is no report.
    pub fn run(&self, target: Arc<dyn Target>, on_event: &mut dyn FnMut(Event)) -> Result<Report, AuditError> {
        let sources = self.sources()?;
        let vm = interpreter(&sources, &self.limits);
        vm.on_own_stack(|| self.run_in(&vm, &sources, target, on_event))
    }

    pub(crate) fn sources(&self) -> Result<Vec<Rc<Source>>, AuditError> {
        self.profiles.iter().map(|path| Source::read(path, &self.shelf)).collect()
    }

    fn run_in(
        &self,
        vm: &Interp,
        sources: &[Rc<Source>],
        target: Arc<dyn Target>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Report, AuditError> {
        let started = Instant::now();
        let info = target.info();
        let loader = self.loader(vm, target)?;
        let roots: Result<Vec<_>, _> = sources.iter().map(|source| loader.scope(source)).collect();
        let (scopes, rules) = load_files(&loader, &roots?)?;
        let found = run_all(vm, &scopes, &rules, on_event)?;
        let profiles = results::profiles(vm, &scopes, &found, self.diffs);
        let mut profiles = profiles.map_err(|unwind| AuditError::internal(vm, &unwind))?;
        if self.enhanced_outcomes {
            profiles.iter_mut().flat_map(|profile| &mut profile.controls).for_each(EnhancedOutcome::note);
        }
        let platform = platform(vm, scopes.first()).map_err(|unwind| AuditError::internal(vm, &unwind))?;
        let duration = started.elapsed().as_secs_f64();
        let mut report = Report {
            platform: Platform { target_id: Some(info.id.unwrap_or_default()), ..platform },
            profiles,
            statistics: Statistics { duration: Some(duration), ..Statistics::default() },
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Report::default()
        };
        let extension = report.plimsoll.get_or_insert_default();
        extension.target = Some(info.uri);
        extension.channel = Some(info.channel);
        Ok(report)
    }

    pub(crate) fn loader<'a>(&'a self, vm: &'a Interp, target: Arc<dyn Target>) -> Result<Loader<'a>, AuditError> {
        Ok(Loader {
            vm,
            core: set_up(vm, target),
            selection: Rc::new(Selection::new(vm, &self.controls, &self.tags)?),
            registry: Registry::default(),
            given: &self.inputs,
            waivers: Rc::new(self.waivers.clone()),
            waived: self.waived,
            any_platform: false,
            loaded: Cell::default(),
            programs: RefCell::default(),
        })
    }
}

pub(crate) fn interpreter(sources: &[Rc<Source>], limits: &Limits) -> Evaluator {
    Evaluator::new(AuditHost::new(sources.iter().flat_map(|source| source.all_files()).collect()), limits)
}

/// Defines everything that profiles' code can name; gives the core resources.
fn set_up(vm: &Interp, target: Arc<dyn Target>) -> Rc<ResourceSet> {
    let core = plimsoll_resources::install(vm, Backend::new(target));
    let module = matchers::install(vm);
    spec::install(vm, &module);
    let inspec = vm.class_named("Inspec");
    vm.define_class(&inspec, "ImpactError", &vm.c.standard_error);
    input::install(vm);
    dsl::install(vm);
    // Matchers are named in `it` blocks and, as arguments of `expect(…).to`, in controls.
    for class in ["Inspec::Rule", "Inspec::DescribeBase"] {
        vm.include(&vm.class_named(class), &module);
    }
    core
}

/// The profiles of the report, and the controls to run.
pub(crate) type Loaded = (Vec<Rc<Scope>>, Vec<Rc<Rule>>);

/// Runs the profiles' files.
pub(crate) fn load_files(loader: &Loader<'_>, roots: &[Rc<Scope>]) -> Result<Loaded, AuditError> {
    let mut scopes = Vec::new();
    let mut rules = Vec::new();
    for root in roots {
        scopes.push(Rc::clone(root));
        if root.unsupported.is_some() {
            continue;
        }
        loader.libraries(root)?;
        let below = root.dependencies.values().map(|dependency| &dependency.scope);
        scopes.extend(below.filter(|scope| scope.unsupported.is_none()).cloned());
        match loader.controls(root)? {
            Ok(()) => rules.extend(root.all_rules()),
            Err(why) => *root.progress.message.borrow_mut() = why,
        }
    }
    for scope in &scopes {
        scope.inputs.require()?;
    }
    Ok((scopes, rules))
}

/// Runs all controls: first every describe body, then every example, in order.
fn run_all(
    vm: &Interp,
    scopes: &[Rc<Scope>],
    rules: &[Rc<Rule>],
    on_event: &mut dyn FnMut(Event),
) -> Result<Vec<Found>, AuditError> {
    run_prepared(vm, scopes, rules, on_event).map_err(|unwind| AuditError::internal(vm, &unwind))
}

/// The same, where what ends it is dealt with by the caller.
pub(crate) fn run_prepared(
    vm: &Interp,
    scopes: &[Rc<Scope>],
    rules: &[Rc<Rule>],
    on_event: &mut dyn FnMut(Event),
) -> Res<Vec<Found>> {
    let prepared = run::prepare_all(vm, rules)?;
    on_event(Event::Loaded { profiles: scopes.len(), controls: prepared.len() });
    let mut found = Vec::new();
    let mut ahead = Examples::new(vm, &prepared);
    for (place, control) in prepared.iter().enumerate() {
        ahead.before(place)?;
        let (profile, id) = (control.rule.scope.metadata.name().to_owned(), control.rule.id.clone());
        on_event(Event::ControlStarted { profile: profile.clone(), id: id.clone() });
        let outcomes = run::run(vm, control)?;
        let results: Vec<_> = outcomes.iter().map(results::result).collect();
        on_event(Event::ControlFinished { profile, id, results: results.clone() });
        found.push(Found { rule: Rc::clone(&control.rule), results });
    }
    Ok(found)
}

/// The platform as the first profile's code sees it.
pub(crate) fn platform(vm: &Interp, first: Option<&Rc<Scope>>) -> Res<Platform> {
    let Some(first) = first else { return Ok(Platform::default()) };
    plimsoll_resources::set_backend_object(vm, first.backend.clone());
    let platform = vm.send(&first.backend, "platform", &[])?;
    let text = |name: &str| -> Res<String> {
        let value = vm.send(&platform, name, &[])?;
        Ok(vm.to_s(&value)?.lossy())
    };
    Ok(Platform { name: text("name")?, release: text("release")?, ..Platform::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_report::model::ResultStatus;
    use plimsoll_target::MemoryTarget;

    #[test]
    fn a_control_file_becomes_a_report() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("control.rb");
        std::fs::write(
            &file,
            "control 'a-1' do\n  impact 0.7\n  title 'Sums'\n  describe(1 + 1) { it { should eq 2 } }\n  describe 'text' do\n    it { should eq 'test' }\n  end\nend\n",
        )
        .unwrap();
        let audit = Audit { profiles: vec![file], ..Audit::default() };
        let report = audit.run(Arc::new(MemoryTarget::new()), &mut |_| {}).unwrap();
        let control = &report.profiles[0].controls[0];
        assert_eq!((&*control.id, control.title.as_deref(), control.impact.value()), ("a-1", Some("Sums"), 0.7));
        let results: Vec<_> = control.results.iter().map(|r| (r.status, r.code_desc.as_str())).collect();
        let expected = [
            (ResultStatus::Passed, "2 is expected to eq 2"),
            (ResultStatus::Failed, "text is expected to eq \"test\""),
        ];
        assert_eq!(results, expected);
        let message = "\nexpected: \"test\"\n     got: \"text\"\n\n(compared using ==)\n";
        assert_eq!(control.results[1].message.as_deref(), Some(message));
    }

    #[test]
    fn each_profile_lists_its_own_text_of_an_overlaid_control() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("base/inspec.yml", "name: base\nversion: 1.0.0\n");
        write(
            "base/controls/a.rb",
            "control 'a' do\n  desc \"\n    Two\n \n    lines \"\n  describe(1) { it { should eq 1 } }\nend\ncontrol('b') { }\n",
        );
        write("top/inspec.yml", "name: top\nversion: 1.0.0\ndepends: [{name: base, path: ../base}]\n");
        write(
            "top/controls/t.rb",
            "include_controls 'base' do\n  control 'a' do\n    impact 1.0\n  end\n  control 'new' do\n    title 'n'\n  end\nend\n",
        );
        let audit = Audit { profiles: vec![directory.path().join("top")], ..Audit::default() };
        let report = audit.run(Arc::new(MemoryTarget::new()), &mut |_| {}).unwrap();
        let listed = |profile: usize| {
            let controls = report.profiles[profile].controls.iter();
            let file = |control: &plimsoll_report::model::Control| {
                let file = control.source_location.file.clone().unwrap();
                file.strip_prefix(directory.path().to_str().unwrap()).unwrap().to_owned()
            };
            controls.map(|c| (c.id.to_string(), c.code.clone().unwrap(), file(c))).collect::<Vec<_>>()
        };
        let entry = |id: &str, code: &str, file: &str| (id.to_owned(), code.to_owned(), file.to_owned());
        let own = "control 'a' do\n  desc \"\n    Two\n \n    lines \"\n  describe(1) { it { should eq 1 } }\nend\n";
        let new = "  control 'new' do\n    title 'n'\n  end\n";
        let overlaid = "  control 'a' do\n    impact 1.0\n  end\n";
        let (base, top) = ("/base/controls/a.rb", "/top/controls/t.rb");
        let b = entry("b", "control('b') { }\n", base);
        assert_eq!(listed(0), [entry("a", overlaid, base), b.clone(), entry("new", new, top)]);
        assert_eq!(listed(1), [entry("a", own, base), b, entry("new", "", top)]);
        // A line with less than the common indent keeps what it has.
        assert_eq!(report.profiles[0].controls[0].desc.as_deref(), Some("Two\n \nlines"));
    }

    fn report(audit: &Audit, source: &str) -> Report {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("control.rb");
        std::fs::write(&file, source).unwrap();
        let audit = Audit { profiles: vec![file], ..audit.clone() };
        audit.run(Arc::new(MemoryTarget::new()), &mut |_| {}).unwrap()
    }

    /// What a Debian without processes says to this.
    fn on_debian(source: &str) -> Report {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("control.rb");
        std::fs::write(&file, source).unwrap();
        let target = MemoryTarget::new()
            .file("/etc/debian_version", "12.1\n")
            .file("/etc/os-release", "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n");
        let audit = Audit { profiles: vec![file], ..Audit::default() };
        audit.run(Arc::new(target), &mut |_| {}).unwrap()
    }

    const UNKNOWN: &str = "Can't list processes: there is neither ps nor /proc";

    #[test]
    fn a_file_whose_condition_cannot_be_known_fails_its_controls() {
        let source = "control('above') { describe(1) { it { should eq 1 } } }\n\
            only_if('no server') { processes('x').exist? }\n\
            control('below') { describe(1) { it { should eq 1 } } }\n";
        let report = on_debian(source);
        let profile = &report.profiles[0];
        assert_eq!(profile.status_message.as_deref(), Some(""));
        for control in &profile.controls {
            let [result] = &control.results[..] else { panic!("{control:?}") };
            assert_eq!((result.status, result.message.as_deref()), (ResultStatus::Failed, Some(UNKNOWN)));
        }
        assert_eq!(profile.controls.len(), 2);
    }

    #[test]
    fn a_file_that_asks_what_cannot_be_known_is_a_failed_control() {
        let source = "control('above') { describe(1) { it { should eq 1 } } }\n\
            found = processes('x').exist?\n\
            control('below') { describe(found) { it { should be true } } }\n";
        let report = on_debian(source);
        let [above, failed] = &report.profiles[0].controls[..] else { panic!("{:?}", report.profiles[0].controls) };
        assert_eq!(above.results[0].status, ResultStatus::Passed);
        assert!(failed.id.to_string().starts_with("(generated from control.rb:2 "), "{}", failed.id);
        assert_eq!(failed.results[0].message.as_deref(), Some(UNKNOWN));
        assert!(failed.results[0].code_desc.starts_with("Control Source Code Error "));
    }

    /// Status and message of a control's results, with `-` for no message.
    fn told(report: &Report, control: usize) -> Vec<(ResultStatus, &str)> {
        let results = &report.profiles[0].controls[control].results;
        results.iter().map(|result| (result.status, result.message.as_deref().unwrap_or("-"))).collect()
    }

    #[test]
    fn what_holds_because_nobody_could_look_fails_and_what_fails_says_why_in_its_own_words() {
        let source = "control('a') do\n  describe processes('x') do\n    it { should_not exist }\n    its('pids') { should eq [1] }\n    its('pids') { should be_empty }\n  end\nend\n\
            control('b') { describe(processes('x').where { command == 'x' }) { its('count') { should eq 0 } } }\n\
            control('c') { describe.one do\n  describe(1) { it { should eq 2 } }\n  describe(processes('x')) { it { should_not exist } }\n end }\n";
        let report = on_debian(source);
        let failed = (ResultStatus::Failed, UNKNOWN);
        let compared = "\nexpected: [1]\n     got: []\n\n(compared using ==)\n";
        assert_eq!(told(&report, 0), [failed, (ResultStatus::Failed, compared), failed]);
        assert_eq!(told(&report, 1), [failed]);
        assert_eq!(told(&report, 2).last(), Some(&failed));
        let result = &report.profiles[0].controls[0].results[0];
        assert_eq!(result.exception.as_deref(), Some("Inspec::Exceptions::Unanswered"));
    }

    #[test]
    fn a_resource_that_nobody_could_look_up_holds_in_no_alternative() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("inspec.yml", "name: p\nversion: 0.1.0\n");
        write(
            "libraries/mine.rb",
            "class Mine < Inspec.resource(1)\n  name 'mine'\n  def initialize\n    @count = inspec.processes('x').entries.length\n  end\n  attr_reader :count\nend\n",
        );
        write(
            "controls/a.rb",
            "control('a') { describe.one { describe(mine) { its('count') { should_not cmp 3 } } } }\n\
             control('b') { describe.one { describe(crontab('root')) { its('commands') { should be_empty } } } }\n",
        );
        let target = MemoryTarget::new()
            .file("/etc/os-release", "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n")
            .command("crontab -l -u root", "", "must be privileged to use -u\n", 1);
        let audit = Audit { profiles: vec![directory.path().to_owned()], ..Audit::default() };
        let report = audit.run(Arc::new(target), &mut |_| {}).unwrap();
        assert_eq!(told(&report, 0), [(ResultStatus::Failed, UNKNOWN)]);
        let refused = "Command `crontab -l -u root` may not look: must be privileged to use -u";
        assert_eq!(told(&report, 1), [(ResultStatus::Failed, refused)]);
    }

    #[test]
    fn code_that_could_keep_what_nobody_could_look_up_is_not_given_it() {
        let source = "control('a') do\n  describe processes('x') do\n    it { @found = subject.exist?; expect(@found).to eq false }\n    it { expect(processes('x').exist?).to eq false }\n    before { @seen = 1 }\n    it { should_not exist }\n  end\nend\n\
            class Mine\n  def initialize(list) = @list = list\n  def ok? = !(@found ||= @list.exist?)\nend\n\
            control('b') { describe(Mine.new(processes('x'))) { it { should be_ok } } }\n\
            control('c') do\n  found = begin; processes('x').exist?; end\n  describe(found) { it { should eq false } }\nend\n";
        let report = on_debian(source);
        for control in 0..3 {
            for (status, message) in told(&report, control) {
                assert_eq!((status, message), (ResultStatus::Failed, UNKNOWN));
            }
        }
    }

    #[test]
    fn what_a_to_s_raises_fails_its_control_alone() {
        let source = "class Mute; def to_s = raise('no words'); end\n\
            control('a') { describe(Mute.new) { it { should eq 1 } } }\n\
            control('b') { describe(1) { it { should eq 1 } } }\n";
        let report = report(&Audit::default(), source);
        let results: Vec<_> = report.profiles[0].controls.iter().map(|control| &control.results[0]).collect();
        assert_eq!((results[0].status, results[0].message.as_deref()), (ResultStatus::Failed, Some("no words")));
        assert_eq!(results[1].status, ResultStatus::Passed);
    }

    #[test]
    fn nothing_of_an_audit_holds_its_target_afterwards() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("control.rb");
        std::fs::write(&file, "half = Enumerator.new { |out| loop { out << 2 } }\nhalf.next\ncontrol('a') { describe(half.next) { it { should eq 2 } } }\n").unwrap();
        let target = Arc::new(MemoryTarget::new());
        let audit = Audit { profiles: vec![file], ..Audit::default() };
        audit.run(Arc::clone(&target) as Arc<dyn Target>, &mut |_| {}).unwrap();
        assert_eq!(Arc::strong_count(&target), 1);
    }

    #[test]
    fn a_retained_waiver_skips_without_running_the_control() {
        let mut waivers = Waivers::default();
        waivers.add_file("w.yml", "a: {run: false, justification: known}\nb: {justification: seen}\n").unwrap();
        let audit = Audit { waivers, waived: WaivedControls::Retained, ..Audit::default() };
        let source = "control('a') { title 'never read' }\ncontrol('b') { describe(1) { it { should eq 1 } } }\n";
        let report = report(&audit, source);
        let [a, b] = &report.profiles[0].controls[..] else { panic!("both are listed") };
        assert_eq!((a.title.as_deref(), a.results[0].status), (None, ResultStatus::Skipped));
        assert_eq!(a.results[0].skip_message.as_deref(), Some("Skipped control due to waiver condition: known"));
        assert_eq!(b.results[0].status, ResultStatus::Passed);
    }
}
