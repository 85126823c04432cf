//! What the next examples will ask.

use std::rc::Rc;

use plimsoll_resources::Backend;
use plimsoll_ruby::{Interp, Res};

use super::ask_ahead;
use crate::run::Prepared;
use crate::spec::{self, Example, Group};

/// As many examples are foreseen together at most: somebody waits for the first one's result.
const TOGETHER: usize = 500;

/// The controls of a run, in the order in which their examples are run.
pub(crate) struct Examples<'a> {
    vm: &'a Interp,
    controls: &'a [Prepared],
    /// The first control that nothing was asked for yet.
    next: usize,
}

impl<'a> Examples<'a> {
    pub(crate) fn new(vm: &'a Interp, controls: &'a [Prepared]) -> Self {
        Self { vm, controls, next: 0 }
    }

    /// To be called before a control's examples are run. Asks ahead for it and for those that follow, up to one whose
    /// examples can't be overlooked: what that one runs comes first, so what follows it waits.
    pub(crate) fn before(&mut self, at: usize) -> Res<()> {
        let backend = Backend::of(self.vm);
        if at < self.next || !backend.can_foresee() {
            return Ok(());
        }
        let mut foreseeable = Vec::new();
        self.next = at + 1;
        for (place, control) in self.controls.iter().enumerate().skip(at) {
            let mut examples = Vec::new();
            let plain = control.groups().all(|group| self.collect(group, &mut examples));
            if !plain || (place > at && foreseeable.len() + examples.len() > TOGETHER) {
                break;
            }
            foreseeable.extend(examples);
            self.next = place + 1;
        }
        let asked = ask_ahead(&backend, foreseeable, |(group, example)| {
            backend.foresee(|| spec::try_example(self.vm, group, example))
        });
        self.vm.renew_budget();
        asked
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
