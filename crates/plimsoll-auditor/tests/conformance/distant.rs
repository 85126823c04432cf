//! A root that is far away: much of what a profile asks is asked ahead then, and nothing may come out differently.

use std::sync::Arc;

use plimsoll_target::{Answer, Cached, Request, Target, TargetInfo, TransportError};

use crate::root::Root;

struct Distant(Arc<Root>);

/// As an audit over a cluster sees it.
pub(crate) fn target(root: &Arc<Root>) -> Arc<dyn Target> {
    Arc::new(Cached::new(Distant(Arc::clone(root))))
}

impl Target for Distant {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        self.0.ask(requests)
    }

    fn info(&self) -> TargetInfo {
        self.0.info()
    }

    fn is_distant(&self) -> bool {
        true
    }
}
