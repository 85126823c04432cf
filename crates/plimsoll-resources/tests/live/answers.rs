//! Resources over a place, kept from running anything there.

use std::rc::Rc;
use std::sync::Arc;

use plimsoll_resources::{Backend, ResourceSet, backend_object, create, install, set_backend_object};
use plimsoll_ruby::{Args, Interp, Limits, NoHost, Sym, Value};
use plimsoll_target::{Answer, Cached, Request, RunError, Target, TargetInfo, TransportError};

use crate::place::Place;

/// A target whose commands are all refused.
struct Mute(Arc<dyn Target>);

impl Target for Mute {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let answer = |request: &Request| match request {
            Request::Run(_) => Ok(Answer::Run(Err(RunError::Unavailable("facts are compared, not tools".into())))),
            other => self.0.one(other.clone()),
        };
        requests.iter().map(answer).collect()
    }

    fn info(&self) -> TargetInfo {
        self.0.info()
    }
}

/// What resources say.
pub(crate) struct Answers {
    vm: Rc<Interp>,
    set: Rc<ResourceSet>,
}

impl Answers {
    pub(crate) fn without_commands(place: &Place) -> Self {
        let target: Arc<dyn Target> = Arc::new(Cached::new(Mute(place.target())));
        let vm = Interp::new(Rc::new(NoHost), Limits::default());
        let set = install(&vm, Backend::new(target));
        let object = backend_object(&vm, &set, Value::Nil);
        set_backend_object(&vm, object);
        Self { vm, set }
    }

    /// A resource made of one argument.
    pub(crate) fn resource(&self, name: &str, argument: Value) -> Result<Value, String> {
        let class = self.set.get(Sym::new(name)).ok_or_else(|| format!("there is no resource {name}"))?;
        create(&self.vm, &class, Sym::new(name), Args::new(&[argument])).map_err(|unwind| format!("{name}: {unwind:?}"))
    }

    /// A property as text: nothing for nil, the items of a list by commas.
    pub(crate) fn text(&self, resource: &Value, property: &str) -> Result<String, String> {
        let value = self.vm.send(resource, property, &[]).map_err(|unwind| format!("{property}: {unwind:?}"))?;
        Ok(self.list_of(&value).join(","))
    }

    /// A property that is a list.
    pub(crate) fn list(&self, resource: &Value, property: &str) -> Result<Vec<String>, String> {
        let value = self.vm.send(resource, property, &[]).map_err(|unwind| format!("{property}: {unwind:?}"))?;
        Ok(self.list_of(&value))
    }

    fn list_of(&self, value: &Value) -> Vec<String> {
        let text = |value: &Value| self.vm.to_s(value).map_or_else(|_| "?".to_owned(), |text| text.lossy());
        match value {
            Value::Array(list) => list.to_vec().iter().map(text).collect(),
            other => vec![text(other)],
        }
    }
}
