//! What the next examples will ask.

use std::rc::Rc;

use plimsoll_resources::Backend;
use plimsoll_ruby::{Interp, Res};
use plimsoll_target::Request;

use super::Foreseen;
use crate::run::Prepared;
use crate::spec::{self, Example, Group};

/// As many examples are foreseen together at most: somebody waits for the first one's result, and while some are run the
/// next ones are asked for.
const TOGETHER: usize = 250;

/// The controls of a run, in the order in which their examples are run.
pub(crate) struct Examples<'a> {
    vm: &'a Interp,
    controls: &'a [Prepared],
    /// The first control that nothing was asked for yet, but for what is `coming`.
    next: usize,
    /// What is being asked for the controls from `next` on.
    coming: Option<Window>,
}

/// Controls whose examples are foreseen together.
struct Window {
    examples: Foreseen<(Rc<Group>, Rc<Example>)>,
    /// The first control after them.
    end: usize,
    /// Whether it is their number alone that ends it.
    is_full: bool,
}

impl<'a> Examples<'a> {
    pub(crate) fn new(vm: &'a Interp, controls: &'a [Prepared]) -> Self {
        Self { vm, controls, next: 0, coming: None }
    }

    /// To be called before a control's examples are run. Asks ahead for it and for those that follow, up to one whose
    /// examples can't be overlooked: what that one runs comes first, so what follows it waits.
    pub(crate) fn before(&mut self, at: usize) -> Res<()> {
        let backend = Backend::of(self.vm);
        if at < self.next || !backend.can_foresee() {
            return Ok(());
        }
        let window = match self.coming.take() {
            Some(window) => window,
            None => self.window(&backend, at)?,
        };
        self.next = window.end;
        self.coming = window.is_full.then(|| self.window(&backend, window.end)).transpose()?;
        let asked = window.examples.follow(&backend, |example| self.foresee(&backend, example));
        self.vm.renew_budget();
        asked
    }

    /// Has asked for what comes first from a control on.
    fn window(&self, backend: &Backend, at: usize) -> Res<Window> {
        let mut foreseeable = Vec::new();
        let (mut end, mut is_full) = (at + 1, false);
        for (place, control) in self.controls.iter().enumerate().skip(at) {
            let mut examples = Vec::new();
            if !control.groups().all(|group| self.collect(group, &mut examples)) {
                break;
            }
            is_full = place > at && foreseeable.len() + examples.len() > TOGETHER;
            if is_full {
                break;
            }
            foreseeable.extend(examples);
            end = place + 1;
        }
        let examples = Foreseen::ask(backend, foreseeable, |example| self.foresee(backend, example))?;
        Ok(Window { examples, end, is_full })
    }

    fn foresee(&self, backend: &Backend, (group, example): &(Rc<Group>, Rc<Example>)) -> Vec<Request> {
        backend.foresee(|| spec::try_example(self.vm, group, example))
    }

    /// Collects the examples of a group and of those below it; tells whether all of them can be overlooked.
    fn collect(&self, group: &Rc<Group>, examples: &mut Vec<(Rc<Group>, Rc<Example>)>) -> bool {
        let is_plain = |example: &Rc<Example>| spec::is_plain_example(self.vm, group, example);
        if !spec::is_plain_group(self.vm, group) || !group.examples.borrow().iter().all(is_plain) {
            return false;
        }
        examples.extend(group.examples.borrow().iter().map(|example| (Rc::clone(group), Rc::clone(example))));
        let children = group.children.borrow();
        children.iter().all(|child| self.collect(child, examples))
    }
}
