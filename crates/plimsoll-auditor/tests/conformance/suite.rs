//! The two sets of cases: what each is held against, and how its reports were reduced.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use libtest_mimic::{Failed, Trial};
use plimsoll_target::{FileKind, Target};

use crate::case::Case;
use crate::compare::{self, Agreement};
use crate::distant;
use crate::known::Known;
use crate::normalise::Form;
use crate::root::{self, Root};

/// A set of cases.
pub(crate) struct Suite {
    name: &'static str,
    folder: PathBuf,
    form: Form,
    agreement: Arc<Mutex<Agreement>>,
}

impl Suite {
    /// Both.
    pub(crate) fn all() -> [Self; 2] {
        [Self::new("dsl", Form::Dsl), Self::new("resources", Form::Resources)]
    }

    fn new(name: &'static str, form: Form) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(name);
        Self { name, folder, form, agreement: Arc::default() }
    }

    /// What is known to differ.
    pub(crate) fn known(&self) -> Known {
        Known::read(&self.folder.join("known-differences.txt"))
    }

    /// A test for each case, and one that the list of known differences names cases alone.
    pub(crate) fn trials(&self) -> Vec<Trial> {
        let known = Arc::new(self.known());
        let cases = match self.form {
            Form::Dsl => {
                let root = Arc::new(root::with_commands(root::read(&self.folder.join("root.tar.gz")), &self.folder));
                Case::all(&self.folder.join("cases"), "").into_iter().map(|case| (case, Arc::clone(&root))).collect()
            }
            Form::Resources => self.over_several_roots(),
        };
        let mut trials = vec![known.names_cases(self.name, &cases)];
        for (case, root) in cases {
            let (known, agreement, form) = (Arc::clone(&known), Arc::clone(&self.agreement), self.form);
            let name = format!("{}/{}", self.name, case.name);
            trials.push(Trial::test(name, move || run(&case, &root, form, &known, &agreement)));
        }
        trials
    }

    /// Cases in a folder for each root; the commands that a case ran are its own, and files that it has in `files`.
    fn over_several_roots(&self) -> Vec<(Case, Arc<Root>)> {
        let mut found = Vec::new();
        for name in ["alpine", "debian", "rhel"] {
            // What an archive can't hold, and what CINC was told of the machine.
            let root = root::read(&self.folder.join(format!("{name}.tar.gz")))
                .special("/dev/null", FileKind::CharacterDevice)
                .command("uname -m", "x86_64\n", "", 0);
            for case in Case::all(&self.folder.join("cases").join(name), &format!("{name}/")) {
                let directory = Path::new(&case.directory);
                let root = root::with_files(root.clone(), &directory.join("files"));
                let root = root::with_commands(root, directory);
                found.push((case, Arc::new(root)));
            }
        }
        found
    }

    /// How far it agrees, as lines; nothing when none of it ran.
    pub(crate) fn agreement(&self) -> Option<String> {
        let Agreement { all, rest } = &*self.agreement.lock().ok()?;
        let name = self.name;
        (!all.is_empty()).then(|| {
            format!(
                "agreement of {name}, everything: {all}\nagreement of {name}, all but where CINC aborts and what differs on purpose: {rest}"
            )
        })
    }
}

fn run(case: &Case, root: &Arc<Root>, form: Form, known: &Known, agreement: &Mutex<Agreement>) -> Result<(), Failed> {
    let outcome = case.run(Arc::clone(root) as Arc<dyn Target>);
    let (differences, counted) = compare::compare(case, form, &outcome, known);
    let (from_afar, _) = compare::compare(case, form, &case.run(distant::target(root)), known);
    if from_afar != differences {
        return Err(format!("far away it differs from CINC in\n{from_afar:#?}\nand near in\n{differences:#?}").into());
    }
    if let Ok(mut agreement) = agreement.lock() {
        agreement.add(&counted);
    }
    let problems = known.check(&case.name, &differences);
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}
