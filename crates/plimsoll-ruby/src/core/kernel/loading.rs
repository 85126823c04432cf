//! `require` and its kin: what is built in, what the host provides, the profile's own files.

use crate::args::Args;
use crate::class::{Def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    super::functions(vm, FUNCTIONS);
}

const FUNCTIONS: &[Def] = &[
    private_def("require", 1, 1, require, "Loads a library; true when it was not loaded before."),
    private_def("require_relative", 1, 1, require_relative, "Loads a file beside the running one."),
    private_def("load", 1, 2, load, "Runs a file of the profile."),
    private_def("autoload", 2, 2, autoload, "Names the file that defines a constant of the running module."),
    private_def("autoload?", 1, 2, autoload_file, "The file named for a constant of the running module."),
];

/// Libraries that are part of the interpreter, each with the constant that it defines: requiring one succeeds exactly when
/// it is there.
const LIBRARIES: &[(&str, &str)] = &[
    ("English", "Object"),
    ("base64", "Base64"),
    ("benchmark", "Benchmark"),
    ("bigdecimal", "BigDecimal"),
    ("bigdecimal/util", "BigDecimal"),
    ("csv", "CSV"),
    ("date", "Date"),
    ("delegate", "SimpleDelegator"),
    ("digest", "Digest"),
    ("digest/md5", "Digest"),
    ("digest/sha1", "Digest"),
    ("digest/sha2", "Digest"),
    ("enumerator", "Enumerator"),
    ("erb", "ERB"),
    ("forwardable", "Forwardable"),
    ("hashie", "Hashie"),
    ("hashie/mash", "Hashie"),
    ("ipaddr", "IPAddr"),
    ("json", "JSON"),
    ("ostruct", "OpenStruct"),
    ("pathname", "Pathname"),
    ("pp", "Object"),
    ("rational", "Rational"),
    ("rexml", "REXML"),
    ("rexml/document", "REXML"),
    ("rexml/xpath", "REXML"),
    ("rexml/element", "REXML"),
    ("rexml/formatters/pretty", "REXML"),
    ("securerandom", "SecureRandom"),
    ("semverse", "Semverse"),
    ("set", "Set"),
    ("shellwords", "Shellwords"),
    ("singleton", "Singleton"),
    ("stringio", "StringIO"),
    ("time", "Time"),
    ("timeout", "Timeout"),
    ("uri", "URI"),
    ("rubygems", "Gem"),
    ("yaml", "YAML"),
    ("psych", "Psych"),
];

/// Libraries that reach out of the sandbox, or that exist for it alone, with why there is no such thing here.
const REFUSED: &[(&str, &str)] = &[
    ("drb", NETWORK),
    ("etc", "the users of the scanning machine are out of reach; use the resources `user`, `users` and `group`"),
    ("fileutils", FILES),
    ("find", FILES),
    ("io/console", "a profile has no terminal"),
    ("logger", "a profile has no log; use `Inspec::Log`"),
    ("mixlib/shellout", PROCESSES),
    ("net/ftp", NETWORK),
    ("net/http", NETWORK),
    ("net/https", NETWORK),
    ("net/ssh", NETWORK),
    ("net/telnet", NETWORK),
    ("open-uri", NETWORK),
    ("open3", PROCESSES),
    ("pty", PROCESSES),
    ("resolv", NETWORK),
    ("socket", NETWORK),
    ("tempfile", FILES),
    ("tmpdir", FILES),
    ("win32ole", "there is no Windows here"),
    ("zlib", "compressed data is not supported"),
];

const FILES: &str = "a profile can't write or search files of the scanning machine; \
                     use the resources `file` and `command` for the target's";
const NETWORK: &str = "a profile has no network of its own; use the resources `http`, `port` and `host`";
const PROCESSES: &str = "a profile can't run programs on the scanning machine; use the resource `command`";

fn require(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let name = vm.to_str(&args[0])?.lossy();
    let feature = name.strip_suffix(".rb").unwrap_or(&name);
    if vm.features.borrow().contains(feature) {
        return Ok(Value::Bool(false));
    }
    let built_in = LIBRARIES.iter().any(|(library, constant)| {
        *library == feature && vm.c.object.constants.borrow().contains_key(&Sym::new(constant))
    });
    if built_in || vm.host.provides(feature) {
        vm.features.borrow_mut().insert(feature.to_owned());
        return Ok(Value::Bool(true));
    }
    if name.starts_with('/') {
        return run_once(vm, &beside("/", &name));
    }
    Err(cannot_load(vm, &name))
}

/// Runs one of the profile's own files unless it has been run.
fn run_once(vm: &Interp, path: &str) -> Res {
    if vm.features.borrow().contains(path) {
        return Ok(Value::Bool(false));
    }
    if vm.host.provides(path) || run_file(vm, path)? {
        vm.features.borrow_mut().insert(path.to_owned());
        return Ok(Value::Bool(true));
    }
    Err(cannot_load(vm, path))
}

/// The module whose body is running.
fn running_module(vm: &Interp) -> Value {
    let frames = vm.frames.borrow();
    Value::Class(frames.last().map_or(&vm.c.object, |frame| &frame.context.cref.module).clone())
}

fn autoload(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    vm.send(&running_module(vm), "autoload", args.values)
}

fn autoload_file(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    vm.send(&running_module(vm), "autoload?", args.values)
}

fn cannot_load(vm: &Interp, name: &str) -> Unwind {
    let feature = name.strip_suffix(".rb").unwrap_or(name);
    let reason = REFUSED.iter().find(|(library, _)| *library == feature).map(|(_, reason)| *reason);
    let message = match reason {
        Some(reason) => format!("cannot load such file -- {name} ({reason})"),
        None => format!("cannot load such file -- {name}"),
    };
    let exception = vm.exception(&vm.class_named("LoadError"), Value::str(message));
    exception.head.set_ivar(Sym::new("path"), Value::str(name));
    vm.raise_object(exception)
}

fn require_relative(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let name = vm.to_str(&args[0])?.lossy();
    let (file, _) = vm.position();
    let path = beside(&file.text(), &name);
    run_once(vm, &path)
}

fn load(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let name = vm.to_str(&args[0])?.lossy();
    if run_file(vm, &name)? { Ok(Value::Bool(true)) } else { Err(cannot_load(vm, &name)) }
}

/// Runs one of the profile's own files; tells whether there is one of this name.
fn run_file(vm: &Interp, path: &str) -> Res<bool> {
    for candidate in [path.to_owned(), format!("{path}.rb")] {
        let Some(source) = vm.host.read_file(candidate.as_bytes()) else { continue };
        // Before it runs: files may require each other.
        vm.features.borrow_mut().insert(path.to_owned());
        match vm.parse(&source, &candidate) {
            Ok(program) => vm.run_main(&program)?,
            Err(error) => return Err(vm.error("SyntaxError", error.to_string())),
        };
        return Ok(true);
    }
    Ok(false)
}

/// The path of `name` beside `file`, `.` and `..` resolved.
fn beside(file: &str, name: &str) -> String {
    let absolute = name.starts_with('/') || file.starts_with('/');
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    let joined = if name.starts_with('/') { name.to_owned() } else { format!("{directory}/{name}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}
