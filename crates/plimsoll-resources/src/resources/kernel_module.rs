//! `kernel_module`: a module of the kernel, and whether it may be loaded.
//!
//! ```ruby
//! describe kernel_module('cramfs') do
//!   it { should_not be_loaded }
//!   it { should be_disabled }
//!   it { should be_blacklisted }
//! end
//! ```
//!
//! What is loaded is read from `/proc/modules` (`lsmod` where there is none); the rest is what `modprobe --showconfig`
//! says. Names are compared as they are written: a dash is not an underscore.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def, private_def};
use plimsoll_target::FileError;
use regex::bytes::Regex;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::platform::Platform;
use crate::give;
use crate::text;
use crate::tool;

struct Module(Option<Vec<u8>>);

pub(crate) const KERNEL_MODULE: ResourceDef = ResourceDef {
    name: "kernel_module",
    class: "KernelModule",
    doc: "A module of the kernel.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("loaded?", 0, 0, is_loaded, "Whether the kernel has loaded it."),
    def(
        "disabled?",
        0,
        0,
        |vm, this, _| Ok(installs(vm, this, "(true|false)")?.into()),
        "Whether loading it does nothing.",
    ),
    def("blacklisted?", 0, 0, is_blacklisted, "Whether it is blacklisted or disabled."),
    def("version", 0, 0, version, "Its version; nil when it has none."),
    private_def("disabled_via_bin_true?", 0, 0, |vm, this, _| Ok(installs(vm, this, "true")?.into()), "By `true`."),
    private_def("disabled_via_bin_false?", 0, 0, |vm, this, _| Ok(installs(vm, this, "false")?.into()), "By `false`."),
    def("resource_id", 0, 0, resource_id, "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    base::set_state(vm, this, Module(give::text_arg(vm, args, 0)?))
}

fn name(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(base::state::<Module>(vm, this)?.0.clone().unwrap_or_default())
}

/// The path of a tool on the platform.
fn tool_path(vm: &Interp, tool: &str) -> Res<String> {
    let platform = Platform::of(&Backend::of(vm))?;
    let in_sbin = platform.in_family("redhat") || platform.name == "fedora";
    Ok(if in_sbin { format!("/sbin/{tool}") } else { tool.to_owned() })
}

fn is_loaded(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = name(vm, this)?;
    let modules = match Backend::of(vm).read(b"/proc/modules")? {
        Ok(modules) => modules,
        Err(FileError::NotFound | FileError::NotADirectory) => {
            let output = tool::ask(vm, tool_path(vm, "lsmod")?.as_bytes())?;
            match output.exit_status {
                0 => output.stdout,
                tool::NOT_FOUND if !has_proc(vm)? => {
                    let text = "Can't tell which modules are loaded: there is neither /proc/modules nor lsmod";
                    doubt::taken_for(vm, text, Vec::new())?
                }
                _ => Vec::new(),
            }
        }
        Err(error) => {
            doubt::taken_for(vm, &format!("Can't tell which modules are loaded: /proc/modules: {error}"), Vec::new())?
        }
    };
    let is_it = |line: &[u8]| line.strip_prefix(name.as_slice()).and_then(<[u8]>::first).is_some_and(text::is_space);
    Ok(modules.split(|b| *b == b'\n').any(is_it).into())
}

/// Whether the kernel tells of itself. One that then has no `/proc/modules` can't load any.
fn has_proc(vm: &Interp) -> Res<bool> {
    Ok(Backend::of(vm).stat(b"/proc/self/status", true)?.is_ok())
}

fn configuration(vm: &Interp) -> Res<Vec<u8>> {
    Ok(tool::ask(vm, format!("{} --showconfig", tool_path(vm, "modprobe")?).as_bytes())?.stdout)
}

/// Whether a line of the configuration begins so; the name stands where `{}` is.
fn configured(vm: &Interp, this: &Value, pattern: &str) -> Res<bool> {
    let name = text::lossy(&name(vm, this)?);
    let with = |name: &str| Regex::new(&format!("(?m-u){}", pattern.replace("{}", name)));
    // A profile's name is a pattern, as in CINC, unless it can't be one.
    let pattern = with(&name).or_else(|_| with(&regex::escape(&name)));
    let pattern = pattern.map_err(|error| base::failed(vm, &format!("Kernel Module {name}: {error}")))?;
    Ok(pattern.is_match(&configuration(vm)?))
}

fn installs(vm: &Interp, this: &Value, program: &str) -> Res<bool> {
    configured(vm, this, &format!(r"^install\s+{{}}\s+/(s?)bin/{program}"))
}

fn is_blacklisted(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok((configured(vm, this, r"^blacklist\s+{}")? || installs(vm, this, "(true|false)")?).into())
}

fn version(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let tool = tool_path(vm, "modinfo")?;
    let output = tool::ask_words(vm, &[tool.as_bytes(), b"-F version", &name(vm, this)?])?;
    let version: Vec<u8> = output.stdout.into_iter().filter(|b| *b != b'\n').collect();
    Ok(if output.exit_status == 0 { Value::bytes(version) } else { Value::Nil })
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = base::state::<Module>(vm, this)?.0.clone();
    Ok(Value::bytes(name.unwrap_or_else(|| b"Kernel Module".to_vec())))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes([b"Kernel Module ".as_slice(), &name(vm, this)?].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const CONFIG: &str =
        "blacklist usb_storage\ninstall usb_storage /bin/true\ninstall udf true\ninstall dccp /sbin/false\n";

    fn told(audit: &Audit, module: &str) -> String {
        let module = audit.on("kernel_module", module);
        ["loaded?", "disabled?", "blacklisted?"].map(|question| audit.get(&module, question)).join(" ")
    }

    #[test]
    fn present_absent_and_malformed_modules_are_told_apart() {
        let target = MemoryTarget::new()
            .file("/proc/modules", "nf_tables 303104 0 - Live 0x0\n")
            .command("modprobe --showconfig", CONFIG, "", 0)
            .command("modinfo -F version nf_tables", "1.2\n", "", 0);
        let audit = Audit::debian(target);
        assert_eq!(told(&audit, "nf_tables"), "true false false");
        assert_eq!(told(&audit, "nf"), "false false false");
        assert_eq!(told(&audit, "usb_storage"), "false true true");
        assert_eq!(told(&audit, "usb-storage"), "false false false");
        assert_eq!(told(&audit, "udf"), "false false false");
        assert_eq!(told(&audit, "dccp"), "false true true");
        assert_eq!(told(&audit, "dccp("), "false false false");
        let module = audit.on("kernel_module", "nf_tables");
        assert_eq!(audit.why(&module), "fine");
        assert_eq!(audit.get(&module, "version"), r#""1.2""#);
        assert_eq!(audit.get(&module, "to_s"), r#""Kernel Module nf_tables""#);
        assert_eq!(audit.get(&audit.on("kernel_module", "x"), "version"), "nil");
    }

    #[test]
    fn asks_lsmod_where_there_is_no_proc() {
        let audit = Audit::debian(MemoryTarget::new().command("lsmod", "Module  Size\noverlay 1 0\n", "", 0));
        assert_eq!(told(&audit, "overlay"), "true false false");
    }

    #[test]
    fn what_is_unreadable_is_no_answer() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/modules", "").denied("/proc/modules"));
        let told = audit.get(&audit.on("kernel_module", "x"), "loaded?");
        assert!(told.contains("/proc/modules: permission denied"), "{told}");
        let refused = MemoryTarget::new().command("lsmod", "", "lsmod: /proc/modules: Permission denied\n", 1);
        let audit = Audit::debian(refused.command("modprobe --showconfig", "", "modprobe: Permission denied\n", 1));
        let module = audit.on("kernel_module", "x");
        for question in ["loaded?", "disabled?", "blacklisted?"] {
            assert!(audit.get(&module, question).contains(" may not look: "), "{question}");
        }
    }

    #[test]
    fn where_proc_and_lsmod_are_absent_nothing_is_known_unless_the_kernel_has_no_modules() {
        let none = Audit::debian(MemoryTarget::new());
        let told = none.get(&none.on("kernel_module", "x"), "loaded?");
        assert!(told.ends_with("there is neither /proc/modules nor lsmod"), "{told}");
        let fixed = Audit::debian(MemoryTarget::new().file("/proc/self/status", "Name:\tcat\n"));
        assert_eq!(fixed.get(&fixed.on("kernel_module", "x"), "loaded?"), "false");
    }
}
