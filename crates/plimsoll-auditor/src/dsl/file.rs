//! One control file while it is loaded.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use plimsoll_ruby::Value;

use super::rule::Check;

/// What the statements of one control file say about the file.
#[derive(Default)]
pub(crate) struct FileState {
    /// The file's name as messages show it.
    pub display: String,
    pub title: RefCell<Option<String>>,
    pub(super) skipped: Cell<bool>,
    pub(super) skip_message: RefCell<Value>,
    /// Why it could not be found out whether its controls are to be skipped: a failure of them all.
    pub(super) unanswered: RefCell<Option<Check>>,
}

impl FileState {
    pub(crate) fn new(display: String) -> Rc<Self> {
        Rc::new(Self { display, ..Self::default() })
    }
}
