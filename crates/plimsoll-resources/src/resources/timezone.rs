//! `timezone`: the time zone, as `timedatectl` tells it.
//!
//! ```ruby
//! describe timezone do
//!   its('identifier') { should eq 'Etc/UTC' }
//!   its('time_offset') { should eq '+0000' }
//! end
//! ```

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;

/// Identifier, name and offset.
struct Zone(Vec<Vec<u8>>);

pub(crate) const TIMEZONE: ResourceDef = ResourceDef {
    name: "timezone",
    class: "TimeZone",
    doc: "The time zone.",
    new: Some((0, 0, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("identifier", 0, 0, |vm, this, _| field(vm, this, 0), "Its identifier: `Europe/Zurich`."),
    def("name", 0, 0, |vm, this, _| field(vm, this, 1), "Its name: `CET`."),
    def("time_offset", 0, 0, |vm, this, _| field(vm, this, 2), "Its offset: `+0100`."),
    def("resource_id", 0, 0, |_, _, _| Ok(Value::str("timezone")), "Its name."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Time Zone resource")), "Its title."),
];

fn new(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let output = command::run(vm, b"timedatectl status | grep -i 'Time zone'")?;
    if output.exit_status != 0 {
        let error = text::lossy(&output.stderr);
        return Err(base::failed(vm, &format!("Time Zone resource with error: {error}")));
    }
    let last = text::split(&output.stdout, b':').last().map_or(b"".as_slice(), |part| text::strip(part));
    let plain: Vec<u8> = last.iter().copied().filter(|b| !matches!(b, b'(' | b')' | b',' | b'^')).collect();
    base::set_state(vm, this, Zone(text::words(&plain).into_iter().map(<[u8]>::to_vec).collect()))
}

fn field(vm: &Interp, this: &Value, at: usize) -> Res {
    let zone = base::resource_data(vm, this)?.state::<Zone>();
    Ok(give::text(zone.and_then(|zone| zone.0.get(at).cloned())))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::{Audit, why};

    #[test]
    fn a_present_timedatectl_is_asked() {
        let line = "timedatectl status | grep -i 'Time zone'";
        let printed = "                Time zone: Europe/Zurich (CET, +0100)\n";
        let audit = Audit::debian(MemoryTarget::new().command(line, printed, "", 0));
        let zone = audit.the("timezone");
        assert_eq!(audit.get(&zone, "identifier"), r#""Europe/Zurich""#);
        assert_eq!(
            (audit.get(&zone, "name"), audit.get(&zone, "time_offset")),
            (r#""CET""#.into(), r#""+0100""#.into())
        );
    }

    #[test]
    fn an_absent_or_unreadable_timedatectl_fails() {
        let none = Audit::debian(MemoryTarget::new());
        let zone = none.the("timezone");
        assert_eq!(none.why(&zone), "failed: Time Zone resource with error: sh: 1: timedatectl: not found\n");
        assert_eq!(none.get(&zone, "name"), "nil");
        let line = "timedatectl status | grep -i 'Time zone'";
        let error = "System has not been booted with systemd as init system (PID 1). Can't operate.\n";
        let target = MemoryTarget::new().command(line, "", error, 1);
        assert_eq!(why(target, "timezone", &[]), format!("failed: Time Zone resource with error: {error}"));
    }

    #[test]
    fn a_malformed_line_has_what_it_has() {
        let line = "timedatectl status | grep -i 'Time zone'";
        for (printed, told) in [("Time zone\n", r#""Time" "zone" nil"#), ("Time zone: UTC\n", r#""UTC" nil nil"#)] {
            let audit = Audit::debian(MemoryTarget::new().command(line, printed, "", 0));
            let zone = audit.the("timezone");
            let fields = ["identifier", "name", "time_offset"].map(|field| audit.get(&zone, field));
            assert_eq!(fields.join(" "), told);
        }
    }
}
