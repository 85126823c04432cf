//! `noop`: nothing at all; the subject of controls that are skipped as a whole.
//!
//! ```ruby
//! describe noop do
//!   skip 'to be seen by eye'
//! end
//! ```

use plimsoll_ruby::{Value, def};

use crate::declare::ResourceDef;

pub(crate) const NOOP: ResourceDef = ResourceDef {
    name: "noop",
    class: "Noop",
    doc: "Nothing: the subject of controls that are skipped as a whole.",
    methods: &[
        def("resource_id", 0, 0, |_, _, _| Ok(Value::str("No-op")), "Its title."),
        def("to_s", 0, 0, |_, _, _| Ok(Value::str("No-op")), "Its title."),
    ],
    ..ResourceDef::EMPTY
};

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn it_is_always_present() {
        let audit = Audit::of(MemoryTarget::new());
        assert_eq!(audit.get(&audit.the("noop"), "to_s"), r#""No-op""#);
    }
}
