//! `cron`: the lines of a user's crontab, as text.
//!
//! ```ruby
//! describe cron(user: 'www-data') do
//!   it { should have_entry '5 * * * * /usr/local/bin/rotate' }
//!   its('table') { should_not match(/curl/) }
//! end
//! ```
//!
//! `crontab -l` is asked; where it fails, so does the resource. [`super::crontab`] takes the lines apart.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use crate::base;
use crate::config_text;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;
use crate::tool;

struct Cron {
    user: Option<Vec<u8>>,
    lines: Vec<Vec<u8>>,
}

pub(crate) const CRON: ResourceDef = ResourceDef {
    name: "cron",
    class: "Cron",
    doc: "The lines of a user's crontab.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("table", 0, 0, table, "All lines but the empty ones, as one text."),
    def("has_entry?", 1, 1, has_entry, "Whether a line is exactly this."),
    def("resource_id", 0, 0, resource_id, "Whose it is."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn user(vm: &Interp, args: Args<'_>) -> Res<Option<Vec<u8>>> {
    match args.get(0) {
        Some(Value::Hash(_)) => give::text_option(vm, args, 0, "user"),
        _ => give::text_arg(vm, args, 0),
    }
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let user = user(vm, args)?;
    let (command, output) = match &user {
        None => ("crontab -l".to_owned(), tool::run(vm, b"crontab -l")?),
        Some(user) => {
            let shown = format!("crontab -l -u {}", text::lossy(user));
            (shown, tool::run_words(vm, &[b"crontab -l -u", user])?)
        }
    };
    if output.exit_status != 0 {
        let (stdout, stderr) = (text::lossy(&output.stdout), text::lossy(&output.stderr));
        return Err(base::failed(vm, &format!("Error while executing {command} command: {stdout}\n{stderr}")));
    }
    let lines = text::lines(&output.stdout).into_iter();
    let lines = lines.map(|line| text::strip(config_text::first_line(line, b"#", false).0).to_vec()).collect();
    base::set_state(vm, this, Cron { user, lines })
}

fn lines(vm: &Interp, this: &Value) -> Res<Rc<Cron>> {
    base::state::<Cron>(vm, this)
}

fn table(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let cron = lines(vm, this)?;
    let filled: Vec<&[u8]> = cron.lines.iter().filter(|line| !line.is_empty()).map(Vec::as_slice).collect();
    Ok(Value::bytes(filled.join(&b'\n')))
}

fn has_entry(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let wanted = vm.to_s(&args[0])?.to_vec();
    Ok(lines(vm, this)?.lines.contains(&wanted).into())
}

/// The user, from the state or, for a resource that failed, from what it was made with.
fn whose(vm: &Interp, this: &Value) -> Res<Option<Vec<u8>>> {
    let data = base::resource_data(vm, this)?;
    match data.state::<Cron>() {
        Some(cron) => Ok(cron.user.clone()),
        None => user(vm, Args::new(&data.params.borrow().clone())),
    }
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let whose = whose(vm, this)?.unwrap_or_else(|| b"current user".to_vec());
    Ok(Value::bytes([b"cron ".as_slice(), &whose].concat()))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(match whose(vm, this)? {
        Some(user) => Value::bytes([b"cron for user ".as_slice(), &user].concat()),
        None => Value::str("cron for current user"),
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn gives_the_lines_of_a_table() {
        let printed = "# rotate\n5 * * * * /bin/rotate\n\n@daily /bin/clean\n";
        let audit = Audit::debian(MemoryTarget::new().command("crontab -l -u web", printed, "", 0));
        let cron = audit.on("cron", "web");
        assert_eq!(audit.get(&cron, "table"), r#""5 * * * * /bin/rotate\n@daily /bin/clean""#);
        let has = |line: &str| audit.vm.send(&cron, "has_entry?", &[Value::str(line)]).unwrap().truthy();
        assert!(has("@daily /bin/clean") && !has("@daily"));
        assert_eq!(audit.get(&cron, "to_s"), r#""cron for user web""#);
        assert_eq!(audit.get(&cron, "resource_id"), r#""cron web""#);
    }

    #[test]
    fn fails_with_crontab() {
        let audit = Audit::debian(MemoryTarget::new().command("crontab -l", "", "no crontab for root\n", 1));
        let cron = audit.the("cron");
        assert_eq!(audit.why(&cron), "failed: Error while executing crontab -l command: \nno crontab for root\n");
        assert_eq!(audit.get(&cron, "to_s"), r#""cron for current user""#);
    }
}
