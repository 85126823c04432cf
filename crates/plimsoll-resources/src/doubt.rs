//! Questions that the target has no means to answer.
//!
//! CINC takes "nothing" for the answer then, and goes on: nothing is mounted, no process runs. A test that fails with that
//! fails with CINC's own words; one that holds has proved nothing. So the answer is taken for nothing only where somebody
//! keeps account of it ([`noting`]) and lets no test pass that rests on it. Everywhere else the question raises
//! ([`unanswered`]): a control's body might keep the answer where nobody can follow it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use plimsoll_ruby::{Interp, Res, Unwind};

/// The class of what [`unanswered`] raises. It fails a resource as a ResourceFailed does; raised outside of a control it
/// fails the controls of its file, not the loading of the profile.
pub const UNANSWERED: &str = "Inspec::Exceptions::Unanswered";

/// Why questions had no answer, each reason once; none where nobody keeps account.
#[derive(Default)]
struct Noted(RefCell<Option<Vec<String>>>);

/// Keeps account of the questions without an answer: gives what the code gives, and the reasons.
///
/// The code must not be a profile's, for that could keep an answer beyond this.
pub fn noting<T>(vm: &Interp, code: impl FnOnce() -> T) -> (T, Vec<String>) {
    let noted = vm.extension::<Noted>().unwrap_or_else(|| {
        let noted = Rc::new(Noted::default());
        vm.set_extension(Rc::clone(&noted));
        noted
    });
    let outer = noted.0.replace(Some(Vec::new()));
    let value = code();
    (value, noted.0.replace(outer).unwrap_or_default())
}

/// The error of a question that the target has no means to answer, whoever asks.
pub(crate) fn unanswered(vm: &Interp, why: &str) -> Unwind {
    vm.error(UNANSWERED, why)
}

/// What CINC takes for the answer where the target has no means to give one, if account is kept of it; else the error.
pub(crate) fn taken_for<T>(vm: &Interp, why: &str, nothing: T) -> Res<T> {
    if let Some(noted) = vm.extension::<Noted>()
        && let Some(reasons) = &mut *noted.0.borrow_mut()
    {
        if !reasons.iter().any(|known| known == why) {
            reasons.push(why.to_owned());
        }
        return Ok(nothing);
    }
    Err(unanswered(vm, why))
}

/// The same for several reasons of one answer that is there.
pub(crate) fn recall<T>(vm: &Interp, reasons: &[String], answer: T) -> Res<T> {
    reasons.iter().try_for_each(|why| taken_for(vm, why, ()))?;
    Ok(answer)
}

/// Something that is looked up once and stays as doubtful as it was then.
pub(crate) struct Once<T>(OnceCell<(T, Vec<String>)>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<T> Once<T> {
    /// What is known, or what `look` finds.
    pub(crate) fn get(&self, vm: &Interp, look: impl FnOnce() -> Res<T>) -> Res<&T> {
        if self.0.get().is_none() {
            let is_noting = vm.extension::<Noted>().is_some_and(|noted| noted.0.borrow().is_some());
            let (found, doubts) = if is_noting { noting(vm, look) } else { (look(), Vec::new()) };
            // Nobody else looks meanwhile.
            let _ = self.0.set((found?, doubts));
        }
        let (found, doubts) = self.0.get().expect("it has been looked up");
        recall(vm, doubts, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn nothing_is_taken_for_an_answer_only_where_account_is_kept() {
        let vm = testing::vm();
        assert!(taken_for(&vm, "no ps", 0).is_err());
        let (found, reasons) = noting(&vm, || (taken_for(&vm, "no ps", 0).ok(), taken_for(&vm, "no ps", 1).ok()));
        assert_eq!((found, reasons), ((Some(0), Some(1)), vec!["no ps".to_owned()]));
        assert!(taken_for(&vm, "no ps", 0).is_err());
    }

    #[test]
    fn an_inner_account_is_closed_before_the_outer_one_goes_on() {
        let vm = testing::vm();
        let (inner, reasons) = noting(&vm, || {
            taken_for(&vm, "a", ()).unwrap();
            let (_, inner) = noting(&vm, || taken_for(&vm, "b", ()));
            taken_for(&vm, "c", ()).unwrap();
            inner
        });
        assert_eq!((inner, reasons), (vec!["b".to_owned()], vec!["a".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn what_was_found_in_doubt_stays_doubtful() {
        let vm = testing::vm();
        let once = Once::default();
        let look = || taken_for(&vm, "no ss", 7);
        assert!(once.get(&vm, look).is_err());
        for _ in 0..2 {
            let (found, reasons) = noting(&vm, || once.get(&vm, look).copied().ok());
            assert_eq!((found, reasons), (Some(7), vec!["no ss".to_owned()]));
        }
        // Who keeps no account is told why.
        assert!(once.get(&vm, look).is_err());
        let sure = Once::default();
        assert_eq!(sure.get(&vm, || Ok(1)).ok(), Some(&1));
        assert_eq!(noting(&vm, || sure.get(&vm, || Ok(2)).copied().ok()), (Some(1), Vec::new()));
    }
}
