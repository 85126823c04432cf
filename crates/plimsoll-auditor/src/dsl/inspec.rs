//! What profiles name of InSpec itself: its version and its log.

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use crate::profile::INSPEC_VERSION;

const LOG: &[Def] = &[
    def("debug", 0, 1, log, "Tells whoever debugs the profile."),
    def("info", 0, 1, log, "Tells whoever debugs the profile."),
    def("warn", 0, 1, log, "Tells whoever debugs the profile."),
    def("error", 0, 1, log, "Tells whoever debugs the profile."),
    def("fatal", 0, 1, log, "Tells whoever debugs the profile."),
    def("debug?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "Whether debugging texts are shown."),
];

/// Defines `Inspec::VERSION` and `Inspec::Log`.
pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    inspec.constants.borrow_mut().insert(Sym::new("VERSION"), Value::str(INSPEC_VERSION));
    let module = vm.define_module(&inspec, "Log");
    vm.define_singleton(&module, LOG);
}

fn log(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = match (args.get(0), args.block) {
        (Some(text), _) => text.clone(),
        (None, Some(block)) => vm.call_block(block, &[])?,
        (None, None) => Value::Nil,
    };
    tracing::info!(target: "profile", "{}", vm.to_s(&text)?.lossy());
    Ok(Value::Nil)
}
