//! The interpreter's side: loads one spec file and runs its examples, each with a budget of its own. Prints
//! `LOAD why` when the file does not load to its end, for each example `RUN name` and its outcome, and at last `END`.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Args;
use plimsoll_ruby::{Host, Interp, Limits, MethodBody, Res, Sym, Unwind, UnwindKind, Value, Visibility};

const MSPEC: &str = include_str!("mspec.rb");

#[derive(Args)]
pub(crate) struct Arguments {
    suite: PathBuf,
    file: String,
    first: u32,
}

/// The suite's files can be read, the clock runs, local time is what an example asks for; nothing is printed.
struct SuiteHost {
    suite: PathBuf,
    utc_offset: Rc<Cell<i32>>,
}

impl Host for SuiteHost {
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn utc_offset(&self) -> i32 {
        self.utc_offset.get()
    }

    fn read_file(&self, path: &[u8]) -> Option<Vec<u8>> {
        let path = Path::new(std::str::from_utf8(path).ok()?);
        if path == self.suite.join("spec_helper.rb") {
            return Some(Vec::new());
        }
        if path.starts_with(&self.suite) { std::fs::read(path).ok() } else { None }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let utc_offset = Rc::new(Cell::new(0));
    let host = SuiteHost { suite: arguments.suite.clone(), utc_offset: Rc::clone(&utc_offset) };
    let limits = Limits { steps: 20_000_000, time: Duration::from_secs(20), ..Limits::default() };
    let vm = Interp::new(Rc::new(host), limits);
    define_zone(&vm, utc_offset);
    if let Err(unwind) = load(&vm, MSPEC.as_bytes(), "mspec.rb") {
        bail!("the interpreter can't run mspec.rb: {}", explain(&vm, &unwind));
    }
    let path = arguments.suite.join(&arguments.file);
    let source = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let fixtures = format!("CODE_LOADING_DIR = '{}'", arguments.suite.join("fixtures/code").display());
    ignore_eval(&vm, true);
    let loaded = vm.eval_str(&fixtures).and_then(|_| load(&vm, &source, &path.to_string_lossy()));
    ignore_eval(&vm, false);
    if let Err(unwind) = loaded {
        say(&format!("LOAD {}", explain(&vm, &unwind)));
    }
    let count = match ask(&vm, "Examples.count") {
        Ok(Value::Int(count)) => count,
        other => {
            bail!("the interpreter can't count the examples: {:?}", other.map_err(|unwind| explain(&vm, &unwind)).err())
        }
    };
    for number in i64::from(arguments.first)..count {
        let name = text(&vm, ask(&vm, &format!("Examples.name({number})")));
        say(&format!("RUN {name}"));
        say(&match ask(&vm, &format!("Examples.run({number})")) {
            Ok(outcome) => text(&vm, Ok(outcome)),
            Err(unwind) => format!("FAIL {}", explain(&vm, &unwind)),
        });
    }
    say("END");
    Ok(ExitCode::SUCCESS)
}

/// While a file loads, `eval` of a string does nothing: fixtures of many examples use it for a few.
fn ignore_eval(vm: &Interp, ignore: bool) {
    let name = Sym::new("eval");
    if ignore {
        let body = MethodBody::Closure(Rc::new(|_, _, _| Ok(Value::Nil)), 1, 4);
        vm.add_method(&vm.c.object, name, Visibility::Private, body);
    } else {
        vm.c.object.methods.borrow_mut().shift_remove(&name);
        vm.methods_changed();
    }
}

/// `SpecZone`: how mspec.rb moves local time, which is the host's to tell.
fn define_zone(vm: &Interp, utc_offset: Rc<Cell<i32>>) {
    let zone = vm.define_module(&vm.c.object, "SpecZone");
    let singleton = vm.singleton_class(&Value::Class(zone)).expect("modules have singleton classes");
    let reset = Rc::clone(&utc_offset);
    let set = MethodBody::Closure(
        Rc::new(move |vm, _, args| match (&args[0], &args[1]) {
            (_, Value::Int(hours)) => {
                utc_offset.set(*hours as i32 * 3600);
                Ok(Value::Nil)
            }
            (Value::Str(name), Value::Nil) if &*name.lossy() == "UTC" => Ok(Value::Nil),
            _ => Err(vm.error("NotImplementedError", "the runner knows no time zones by name")),
        }),
        3,
        3,
    );
    vm.add_method(&singleton, Sym::new("set"), Visibility::Public, set);
    let reset = MethodBody::Closure(
        Rc::new(move |_, _, _| {
            reset.set(0);
            Ok(Value::Nil)
        }),
        0,
        0,
    );
    vm.add_method(&singleton, Sym::new("reset"), Visibility::Public, reset);
}

fn load(vm: &Interp, source: &[u8], path: &str) -> Res {
    match vm.parse(source, path) {
        Ok(program) => vm.run_main(&program),
        Err(error) => Err(vm.error("SyntaxError", error.to_string())),
    }
}

fn ask(vm: &Interp, source: &str) -> Res {
    vm.renew_budget();
    vm.eval_str(source)
}

fn text(vm: &Interp, value: Res) -> String {
    match value.and_then(|value| vm.to_s(&value)) {
        Ok(text) => text.lossy(),
        Err(unwind) => explain(vm, &unwind),
    }
}

fn explain(vm: &Interp, unwind: &Unwind) -> String {
    match unwind.kind() {
        UnwindKind::Raise(error) => {
            let error = Value::Obj(Rc::clone(error));
            let message = vm.send(&error, "message", &[]).and_then(|message| vm.to_s(&message));
            let message =
                message.map_or_else(|_| "a message that can't be shown".to_owned(), |message| message.lossy());
            let place = vm.send(&error, "backtrace", &[]).and_then(|trace| vm.send(&trace, "first", &[]));
            let place = place.and_then(|place| vm.to_s(&place)).map_or_else(|_| String::new(), |place| place.lossy());
            format!("{}: {message} at {place}", vm.real_class_of(&error).name())
        }
        UnwindKind::Limit(limit) => limit.to_string(),
        other => format!("{other:?}"),
    }
}

/// Prints one line, without what differs between runs (addresses) and what would break the line.
fn say(line: &str) {
    let mut shown = String::new();
    let mut rest = &*line.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some(at) = rest.find("0x") {
        let digits = rest[at + 2..].bytes().take_while(u8::is_ascii_hexdigit).count();
        let kept = if digits >= 8 { 0 } else { digits };
        shown.push_str(&rest[..at + 2 + kept]);
        rest = &rest[at + 2 + digits..];
    }
    shown.push_str(rest);
    println!("{}", shown.chars().take(500).collect::<String>());
}
