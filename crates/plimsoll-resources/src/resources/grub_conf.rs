//! `grub_conf`: the boot loader's configuration.
//!
//! ```ruby
//! describe grub_conf do
//!   its('kernel') { should include 'audit=1' }
//! end
//! describe grub_conf('/boot/grub2/grub.cfg', 'Red Hat Enterprise Linux (5.14.0)') do
//!   its('initrd') { should match(/5.14/) }
//! end
//! ```
//!
//! Settings of `/etc/default/grub`, and `name`, `kernel` (its words), `initrd`, `root` and `insmod` of a menu entry: the one
//! named, or the default one.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RHash, Res, Sym, Value, def};
use regex::bytes::Regex;

use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::ResourceDef;
use crate::facts;
use crate::facts::platform::Platform;
use crate::give;
use crate::text;

struct Grub {
    path: Vec<u8>,
    legacy: bool,
    kernel: Vec<u8>,
    params: OnceCell<Rc<RHash>>,
}

pub(crate) const GRUB_CONF: ResourceDef = ResourceDef {
    name: "grub_conf",
    class: "GrubConfig",
    doc: "The boot loader's configuration.",
    new: Some((0, 2, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, setting, "A setting, or a part of the menu entry."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(base::state::<Grub>(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Grub Config")), "Its title."),
];

const DEFAULTS: &[u8] = b"/etc/default/grub";
const ENVIRONMENT: &str = "/boot/grub2/grubenv";

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let platform = Platform::of(&Backend::of(vm))?;
    let release: f64 = platform.release.as_deref().map_or(0.0, |release| text::to_i(release.as_bytes()) as f64);
    let redhat = platform.in_family("redhat") || platform.name == "fedora";
    let (usual, legacy) = match () {
        () if redhat && release < 7.0 => ("/etc/grub.conf", true),
        () if redhat => ("/boot/grub2/grub.cfg", false),
        () if platform.in_family("debian") => ("/boot/grub/grub.cfg", false),
        () if platform.name == "amazon" => ("/etc/grub.conf", true),
        () => ("", false),
    };
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| usual.as_bytes().to_vec());
    let kernel = give::text_arg(vm, args, 1)?.unwrap_or_else(|| b"default".to_vec());
    base::set_state(vm, this, Grub { path: path.clone(), legacy, kernel, params: OnceCell::new() })?;
    if usual.is_empty() {
        let name = &platform.name;
        let text = format!("The `grub_conf` resource is not yet supported on the target OS {name}.");
        return vm.send(this, "skip_resource", &[Value::str(text)]);
    }
    content::read(vm, &path, false)?;
    Ok(Value::Nil)
}

fn setting(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let grub = base::state::<Grub>(vm, this)?;
    let params = match grub.params.get() {
        Some(known) => Rc::clone(known),
        None => {
            let params = read(vm, &grub)?;
            Rc::clone(grub.params.get_or_init(|| params))
        }
    };
    vm.hash_fetch(&params, &Value::Str(vm.to_s(&args[0])?))
}

fn read(vm: &Interp, grub: &Grub) -> Res<Rc<RHash>> {
    let text = content::read(vm, &grub.path, false)?;
    if grub.legacy {
        let params = settings(vm, &text)?;
        legacy_entry(vm, grub, &text, &params)?;
        return Ok(params);
    }
    let params = settings(vm, &content::read(vm, DEFAULTS, false)?)?;
    let entries = menu_entries(vm, &text)?;
    if let Some(entry) = chosen(vm, grub, &entries, &params)? {
        for (key, value) in entry.to_hash(vm)?.entries() {
            vm.hash_set(&params, key, value)?;
        }
    }
    Ok(params)
}

/// Assignments; of a key that stands once the value alone.
fn settings(vm: &Interp, text: &[u8]) -> Res<Rc<RHash>> {
    let usual = config_text::key_and_value(b'=');
    let options = Options { multiple_values: true, ..Options::new(&usual) };
    let params = config_text::parse(vm, text, &options)?;
    for (key, value) in params.entries() {
        if let Value::Array(values) = &value
            && values.len() == 1
        {
            let only = values.get(0).unwrap_or_default();
            vm.hash_set(&params, key, Value::Str(vm.to_s(&only)?))?;
        }
    }
    Ok(params)
}

/// A menu entry of grub 2.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Entry {
    name: Vec<u8>,
    modules: Vec<Vec<u8>>,
    kernel: Option<Vec<Vec<u8>>>,
    initrd: Option<Vec<u8>>,
    root: Option<Vec<u8>>,
}

impl Entry {
    fn to_hash(&self, vm: &Interp) -> Res<Rc<RHash>> {
        let mut fields = vec![("insmod", give::texts(&self.modules)), ("name", Value::bytes(self.name.clone()))];
        if let Some(kernel) = &self.kernel {
            fields.push(("kernel", give::texts(kernel)));
        }
        if let Some(initrd) = &self.initrd {
            fields.push(("initrd", Value::bytes(initrd.clone())));
        }
        if let Some(root) = &self.root {
            fields.push(("root", Value::bytes(root.clone())));
        }
        give::string_hash(vm, fields)
    }
}

static TITLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)(?:^|\s+).*menuentry\s*['|\x22](.*)['|\x22]\s*--").expect("a fixed pattern"));

fn menu_entries(vm: &Interp, text: &[u8]) -> Res<Vec<Entry>> {
    let lines = text::lines(text);
    let mut entries = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let opens = line.strip_prefix(b"menuentry").is_some_and(|rest| rest.first().is_some_and(text::is_space));
        if !opens {
            continue;
        }
        let Some(title) = TITLE.captures(line) else {
            // CINC means to fail the resource, and fails at that: its words are kept.
            let name = Sym::new("ResourceFailed");
            let module = Value::Class(vm.class_named("Inspec::Exceptions"));
            return Err(vm.no_method(&module, name, Args::default(), CallStyle::Explicit, None));
        };
        let mut entry = Entry { name: title[1].to_vec(), ..Entry::default() };
        for line in &lines[at + 1..] {
            if text::strip(line) == b"}" {
                break;
            }
            statement(&mut entry, line);
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// A line inside a menu entry: what it contains decides, in this order.
fn statement(entry: &mut Entry, line: &[u8]) {
    let says = |word: &str| text::find(line, word.as_bytes()).is_some();
    let words = || text::words(line);
    let second = || words().get(1).map(|word| word.to_vec());
    if says("initrd") {
        entry.initrd = second();
    } else if says("linux") {
        entry.kernel = Some(words().into_iter().map(<[u8]>::to_vec).collect());
    } else if says("set root=") {
        let value = line.split(|b| *b == b'=').nth(1).unwrap_or_default();
        entry.root = Some(value.iter().copied().filter(|b| *b != b'\'').collect());
    } else if says("insmod") {
        entry.modules.extend(second());
    }
}

/// The entry that is asked for: by name, or the default one.
fn chosen(vm: &Interp, grub: &Grub, entries: &[Entry], params: &RHash) -> Res<Option<Entry>> {
    if grub.kernel != b"default" {
        return Ok(entries.iter().find(|entry| entry.name == grub.kernel).cloned());
    }
    let default = match vm.hash_get(params, &Value::str("GRUB_DEFAULT"))? {
        Some(Value::Str(default)) => default.to_vec(),
        _ => b"0".to_vec(),
    };
    if default != b"saved" {
        return Ok(entries.get(text::to_i(&default).max(0) as usize).cloned());
    }
    let environment = facts::present(vm, ENVIRONMENT, Backend::of(vm).read(ENVIRONMENT.as_bytes())?)?;
    let saved = environment.and_then(|environment| saved_entry(&environment));
    let named = saved.and_then(|name| entries.iter().find(|entry| entry.name == name));
    Ok(named.or_else(|| entries.first()).cloned())
}

fn saved_entry(environment: &[u8]) -> Option<Vec<u8>> {
    let lines = environment.split(|b| *b == b'\n');
    lines.filter_map(|line| line.strip_prefix(b"saved_entry=")).next_back().map(|name| text::strip(name).to_vec())
}

/// The lines below a title of the old grub: `kernel` is an Array of words, any other line its first word.
fn legacy_entry(vm: &Interp, grub: &Grub, content: &[u8], params: &RHash) -> Res<()> {
    let default = match vm.hash_get(params, &Value::str("default"))? {
        Some(Value::Str(default)) => text::to_i(&default.to_vec()),
        _ => 0,
    };
    let mut at = -1;
    let mut wanted = false;
    for line in text::lines(content) {
        let words = text::words(line);
        if let Some(title) = line.strip_prefix(b"title") {
            at += 1;
            wanted = if grub.kernel == b"default" { at == default } else { text::strip(title) == grub.kernel };
        } else if let (true, Some((option, rest))) = (wanted, words.split_first()) {
            let is_word = option.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
            if !is_word {
                wanted = false;
                continue;
            }
            let value = if *option == b"kernel" { give::texts(rest) } else { give::text(rest.first()) };
            vm.hash_set(params, Value::bytes(*option), value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::{Audit, why};

    const CONF: &str = "\
menuentry 'Debian' --class debian {
\tinsmod ext2
\tset root='hd0,msdos1'
\tlinux /vmlinuz root=/dev/sda1 ro audit=1
\tinitrd /initrd.img
}
menuentry 'Debian, old' --class debian {
\tlinux /vmlinuz.old single
}
";

    fn target() -> MemoryTarget {
        MemoryTarget::new()
            .file("/boot/grub/grub.cfg", CONF)
            .file("/etc/default/grub", "GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n")
    }

    #[test]
    fn a_present_configuration_of_grub_2_is_read() {
        let audit = Audit::debian(target());
        let grub = audit.the("grub_conf");
        assert_eq!(audit.get(&grub, "kernel"), r#"["linux", "/vmlinuz", "root=/dev/sda1", "ro", "audit=1"]"#);
        assert_eq!(audit.get(&grub, "initrd"), r#""/initrd.img""#);
        assert_eq!(audit.get(&grub, "root"), r#""hd0,msdos1""#);
        assert_eq!(audit.get(&grub, "insmod"), r#"["ext2"]"#);
        assert_eq!((audit.get(&grub, "GRUB_TIMEOUT"), audit.get(&grub, "timeout")), (r#""5""#.into(), "nil".into()));
        let old = audit.make("grub_conf", &[Value::Nil, Value::str("Debian, old")]).unwrap();
        assert_eq!(audit.get(&old, "kernel"), r#"["linux", "/vmlinuz.old", "single"]"#);
    }

    #[test]
    fn reads_the_old_grub() {
        let text = "default=1\ntimeout=5\ntitle A\n\troot (hd0,0)\n\tkernel /a ro\ntitle B\n\tkernel /b ro quiet\n\tinitrd /b.img\n";
        let target = MemoryTarget::new()
            .file("/etc/redhat-release", "CentOS release 6.10 (Final)\n")
            .file("/etc/os-release", "NAME=CentOS\n")
            .file("/etc/grub.conf", text);
        let audit = Audit::of(target);
        let grub = audit.the("grub_conf");
        assert_eq!(audit.get(&grub, "timeout"), r#""5""#);
        assert_eq!(audit.get(&grub, "kernel"), r#"["/b", "ro", "quiet"]"#);
        let named = audit.make("grub_conf", &[Value::Nil, Value::str("A")]).unwrap();
        assert_eq!(audit.get(&named, "kernel"), r#"["/a", "ro"]"#);
    }

    #[test]
    fn an_absent_or_unreadable_configuration_skips_or_fails() {
        let path = "/boot/grub/grub.cfg";
        assert_eq!(why(MemoryTarget::new(), "grub_conf", &[]), format!("skipped: Can't find file: {path}"));
        assert_eq!(why(target().denied(path), "grub_conf", &[]), format!("skipped: Can't read file: {path}"));
        let alpine = Audit::of(MemoryTarget::new().file("/etc/alpine-release", "3\n"));
        assert!(alpine.why(&alpine.the("grub_conf")).ends_with("not yet supported on the target OS alpine."));
        let half = Audit::debian(target().denied("/etc/default/grub"));
        let kernel = half.get(&half.the("grub_conf"), "kernel");
        assert!(kernel.ends_with("ResourceSkipped: Can't read file: /etc/default/grub"), "{kernel}");
        let saved = target().file("/etc/default/grub", "GRUB_DEFAULT=saved\n").file("/boot/grub2/grubenv", "");
        let saved = Audit::debian(saved.denied("/boot/grub2/grubenv"));
        let kernel = saved.get(&saved.the("grub_conf"), "kernel");
        assert!(kernel.ends_with("ResourceFailed: Can't read /boot/grub2/grubenv: permission denied"), "{kernel}");
    }

    #[test]
    fn a_malformed_entry_is_an_error_and_malformed_lines_are_settings() {
        let odd = Audit::debian(target().file("/boot/grub/grub.cfg", "menuentry bare {\n}\n"));
        assert!(odd.get(&odd.the("grub_conf"), "kernel").contains("undefined method `ResourceFailed'"));
        let lines = target().file("/etc/default/grub", "oops\n=x\n").file("/boot/grub/grub.cfg", "oops {\n");
        let lines = Audit::debian(lines);
        let grub = lines.the("grub_conf");
        assert_eq!((lines.get(&grub, "oops"), lines.get(&grub, "kernel")), ("[]".into(), "nil".into()));
    }
}
