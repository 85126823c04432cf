//! Conformance: what CINC Auditor reports for profiles written for this purpose, case by case.
//!
//! A case is a folder: a profile or control file, `args.json` (what the command line adds), `expected.json` (CINC's
//! report, normalised; absent or `no_report` where CINC aborted) and `rc` (its exit code). There are two sets:
//!
//! - `dsl/cases/CASE`, the language of controls: all over one root, `dsl/root.tar.gz`, with the commands recorded in
//!   `dsl/commands.json`;
//! - `resources/cases/ROOT/CASE`, what resources say: over `resources/ROOT.tar.gz`, with the commands that CINC ran there
//!   in the case's own `commands.json`.
//!
//! Every case is run over its root and once more as if the root were far away; both must come to the same.
//!
//! Where we differ stands in each set's `known-differences.txt`, one line for each difference with its reason, and for
//! people in `docs/compatibility.md`. A difference that is not listed fails its case, and so does a listed one that is none any more: the list is always true.

mod case;
mod compare;
mod distant;
mod known;
mod normalise;
mod page;
mod root;
mod suite;

use libtest_mimic::{Arguments, Trial};

use suite::Suite;

fn main() {
    let arguments = Arguments::from_args();
    let suites = Suite::all();
    let mut trials: Vec<Trial> = suites.iter().flat_map(Suite::trials).collect();
    trials.push(page::lists_the_differences(&suites));
    let conclusion = libtest_mimic::run(&arguments, trials);
    for line in suites.iter().filter_map(Suite::agreement) {
        // What a test harness of its own has to say.
        #[allow(clippy::print_stderr)]
        {
            eprintln!("{line}\n");
        }
    }
    conclusion.exit();
}
