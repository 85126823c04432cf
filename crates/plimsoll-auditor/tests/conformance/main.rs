//! Conformance: what CINC Auditor reports for profiles written for this purpose, case by case.
//!
//! A case is a folder below `dsl/cases`: a profile or control file, `args.json` (what the command line adds),
//! `expected.json` (CINC's report, normalised; absent where CINC aborted) and `rc` (its exit code). All cases run over
//! one root, `dsl/root.tar.gz`, and the commands recorded in `dsl/commands.json`.
//!
//! Where we differ stands in `dsl/known-differences.txt`, one line for each difference with its reason. A difference
//! that is not listed fails its case, and so does a listed one that is none any more: the list is always true.

mod case;
mod compare;
mod known;
mod normalise;
mod root;

use std::path::Path;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};

use case::Case;
use compare::Totals;
use known::Known;

fn main() {
    let arguments = Arguments::from_args();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/dsl");
    let root = Arc::new(root::target(&data));
    let known = Arc::new(Known::read(&data.join("known-differences.txt")));
    let totals = Arc::new(Mutex::new(Totals::default()));
    let cases = Case::all(&data.join("cases"));
    let mut trials = vec![known.names_cases(&cases)];
    for case in cases {
        let (root, known, totals) = (Arc::clone(&root), Arc::clone(&known), Arc::clone(&totals));
        trials.push(Trial::test(case.name.clone(), move || run(&case, &root, &known, &totals)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let totals = totals.lock().map(|totals| totals.to_string());
    // The one line that a test harness of its own has to say.
    #[allow(clippy::print_stderr)]
    if let (Ok(totals), false) = (totals, arguments.list) {
        eprintln!("agreement: {totals}\n");
    }
    conclusion.exit();
}

fn run(case: &Case, root: &Arc<root::Root>, known: &Known, totals: &Mutex<Totals>) -> Result<(), Failed> {
    let outcome = case.run(root);
    let (differences, counted) = compare::compare(case, &outcome);
    if let Ok(mut totals) = totals.lock() {
        totals.add(&counted);
    }
    let problems = known.check(&case.name, &differences);
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}
