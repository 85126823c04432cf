//! What resources tell of a live system, beside what its own tools tell of it.
//!
//! The resources get no command: all they know they read from files. The tools run in the same place. That place is this
//! machine, a root of busybox alone, and a Debian that debootstrap makes. A place that can't be had here is skipped, and its
//! test's name says why; the Debian needs the network and a minute, and is made where `PLIMSOLL_DEBOOTSTRAP` is set.

mod answers;
mod compare;
mod place;

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use plimsoll_target::LocalTarget;

use answers::Answers;
use compare::Comparison;
use place::Place;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let machine = Ok(Place::of(Arc::new(LocalTarget::new())));
    let mut add = |name: &str, place: Result<Place, String>, comparisons: &'static [(&'static str, Comparison)]| {
        let place = place.map(Arc::new);
        for (subject, comparison) in comparisons {
            trials.push(trial(name, subject, place.clone(), *comparison));
        }
    };
    add("machine", machine, compare::ALL);
    if !arguments.list {
        add("busybox", place::busybox(), compare::FILES_AND_USERS);
        add("debian", place::debian(), compare::ALL);
        add("rpm", place::rpm(), compare::RPM);
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// One comparison in one place; a place that can't be had, or has not the tool, is a skipped test.
fn trial(name: &str, subject: &str, place: Result<Arc<Place>, String>, comparison: Comparison) -> Trial {
    let ready = place.and_then(|place| (comparison.tool)(&place).map(|()| place));
    match ready {
        Ok(place) => Trial::test(format!("{name} {subject}"), move || {
            let answers = Answers::without_commands(&place);
            (comparison.differences)(&place, &answers).map_err(Failed::from)
        }),
        Err(reason) => Trial::test(format!("{name} {subject} (skipped: {reason})"), || Ok(())).with_ignored_flag(true),
    }
}
