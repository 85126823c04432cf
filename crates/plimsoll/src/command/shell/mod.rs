//! `plimsoll shell`: the language of profiles against a target, typed line by line or given at once.

mod help;
mod prompt;

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use plimsoll_auditor::{Answer, Audit, Console};
use plimsoll_report::exit;
use plimsoll_report::format::{FORMATS, FormatOptions};
use plimsoll_target::Target;

use crate::args::{CodeArgs, ConnectArgs, parse_duration};
use crate::exit::Ending;
use crate::place::Place;
use crate::progress::Progress;
use crate::screen::{self, BAD};

/// Try resources and tests against a target
///
/// The language is that of control files, with all resources. What you type is evaluated and its value shown; local
/// variables, methods and constants stay; describe blocks and controls run at once. `help` says more, Ctrl-C ends what runs, Ctrl-D the shell.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ShellArgs {
    /// Evaluate this file instead of asking; - for standard input
    #[arg(value_name = "FILE", conflicts_with = "command")]
    file: Option<PathBuf>,
    /// Evaluate this code instead of asking
    #[arg(short, long, value_name = "CODE")]
    command: Option<String>,
    /// What is looked at: local, rootfs:DIR, image:FILE (an OCI or Docker archive or an OCI layout; image:FILE#NAME where it holds
    /// several images), mock:FILE, or k8s:NAMESPACE/POD[/CONTAINER] with your own rights
    #[arg(short, long, value_name = "TARGET", default_value = "local", value_parser = Place::parse)]
    target: Place,
    /// Profiles whose libraries' resources can be used
    #[arg(long, value_name = "PROFILE", num_args = 1..)]
    depends: Vec<PathBuf>,
    #[command(flatten)]
    code: CodeArgs,
    /// How long one command in the target may take: seconds, or 90s; five minutes unless given, for somebody waits
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "Audit")]
    command_timeout: Option<Duration>,
    #[command(flatten)]
    connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll shell -t k8s:shop/web
  plimsoll shell -t rootfs:/srv/images/web -c \"package('openssl').version\"
  plimsoll shell -t local checks.rb

Exit codes:
  0 done, 1 it raised or could not be evaluated; with tests in it those of exec: 100 failed, 101 skipped";

/// What is evaluated without asking.
struct Given {
    code: String,
    /// What messages call it.
    name: String,
}

pub(crate) fn run(args: &ShellArgs) -> anyhow::Result<Ending> {
    let given = given(args)?;
    let audit = args.code.read(&args.depends)?;
    audit.check()?;
    let progress = Arc::new(Progress::controls_only());
    let uri = |target: &Arc<dyn Target>| target.info().uri;
    let job = move |target: Arc<dyn Target>| match &given {
        Some(given) => once(&audit, target, given),
        None => {
            let uri = uri(&target);
            with_console(&audit, target, |console| prompt::talk(console, &uri))
        }
    };
    match args.target.reach(&args.connect, Some(args.command_timeout.unwrap_or(PATIENCE)), &progress, job)? {
        ControlFlow::Continue(ending) => ending,
        ControlFlow::Break(interrupted) => Ok(interrupted),
    }
}

/// How long a command may take unless told: somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(300);

fn given(args: &ShellArgs) -> anyhow::Result<Option<Given>> {
    if let Some(code) = &args.command {
        return Ok(Some(Given { code: code.clone(), name: "-c".to_owned() }));
    }
    let Some(file) = &args.file else { return Ok(None) };
    let mut code = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_string(&mut code).context("cannot read the code from standard input")?;
    } else {
        code = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    Ok(Some(Given { code, name: file.display().to_string() }))
}

fn with_console(
    audit: &Audit,
    target: Arc<dyn Target>,
    talk: impl FnOnce(&Console<'_>) -> anyhow::Result<Ending>,
) -> anyhow::Result<Ending> {
    // That nobody reads it is no failure of ours.
    let printer = Rc::new(|text: &[u8]| drop(screen::print(text)));
    audit.console(target, printer, talk)?
}

fn once(audit: &Audit, target: Arc<dyn Target>, given: &Given) -> anyhow::Result<Ending> {
    with_console(audit, target, |console| {
        let answer = console.eval(&given.code, &given.name)?;
        show(&answer)?;
        Ok(match answer {
            Answer::Value(_) => Ending::Passed,
            Answer::Raised(_) => Ending::Failed,
            Answer::Tested(report) => Ending::Cinc(exit::exit_code(&report, true)),
        })
    })
}

/// Shows what code came to: values and results on standard output, what was raised on standard error.
fn show(answer: &Answer) -> anyhow::Result<()> {
    match answer {
        Answer::Value(value) => screen::say(value)?,
        Answer::Raised(why) => screen::note(format_args!("{BAD}{why}{BAD:#}")),
        Answer::Tested(report) => {
            let format = FORMATS.iter().find(|format| format.name == "cli").context("there is no format `cli`")?;
            let mut bytes = Vec::new();
            format.write(report, &FormatOptions { color: screen::colored() }, &mut bytes)?;
            screen::print(&bytes)?;
        }
    }
    Ok(())
}
