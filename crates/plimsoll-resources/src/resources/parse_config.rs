//! `parse_config` and `parse_config_file`: any text of keys and values.
//!
//! ```ruby
//! describe parse_config_file('/etc/sysctl.conf') do
//!   its('kernel.randomize_va_space') { should cmp 2 }
//! end
//! describe parse_config(command('app status').stdout, assignment_regex: /^\s*([^:]*?)\s*:\s*(.*?)\s*$/) do
//!   its('state') { should eq 'ready' }
//! end
//! ```
//!
//! Options: `assignment_regex:` (group 1 is the key, group 2 and on the values), `comment_char:`, `standalone_comments:`,
//! `multiple_values:`, `multiple_value_regex:`, `key_values:`, `line_separator:`, `group_re:` (nil for none).
//! Lines `[name]` open groups, which are Hashes of their own.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};

use crate::base;
use crate::config_text::{self, Options, Pair};
use crate::content;
use crate::declare::ResourceDef;
use crate::give;

struct Config {
    path: Option<Vec<u8>>,
    content: Option<Vec<u8>>,
    params: Rc<RHash>,
}

pub(crate) const PARSE_CONFIG: ResourceDef = ResourceDef {
    name: "parse_config",
    class: "PConfig",
    doc: "A text of keys and values.",
    new: Some((0, 2, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const PARSE_CONFIG_FILE: ResourceDef = ResourceDef {
    name: "parse_config_file",
    class: "PConfigFile",
    parent: Some("PConfig"),
    doc: "A file of keys and values.",
    new: Some((1, 2, new_file)),
    methods: FILE_METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, -1, value, "The value of a key."),
    def("params", 0, -1, params, "All of it as a Hash, or what is below these keys."),
    def("content", 0, 0, |vm, this, _| Ok(give::text(of(vm, this)?.content.as_deref())), "The text."),
    def("resource_id", 0, 0, |vm, this, _| Ok(id(&*of(vm, this)?, "parse_config")), "The text."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "Parse Config "), "Its title."),
];

const FILE_METHODS: &[Def] = &[
    def("resource_id", 0, 0, |vm, this, _| Ok(give::text(of(vm, this)?.path.as_deref())), "The path."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "Parse Config File "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let content = give::text_arg(vm, args, 0)?;
    let params = match &content {
        Some(content) => read(vm, content, args.get(1))?,
        None => RHash::new(),
    };
    base::set_state(vm, this, Config { path: None, content, params })
}

fn new_file(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = vm.to_s(&args[0])?.to_vec();
    let content = match content::read(vm, &path, false) {
        Ok(content) => content,
        Err(unwind) => {
            base::set_state(vm, this, Config { path: Some(path), content: None, params: RHash::new() })?;
            return Err(unwind);
        }
    };
    let params = read(vm, &content, args.get(1))?;
    base::set_state(vm, this, Config { path: Some(path), content: Some(content), params })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Config>> {
    base::state::<Config>(vm, this)
}

/// Reads a text with the options that a profile gives.
pub(crate) fn read(vm: &Interp, content: &[u8], given: Option<&Value>) -> Res<Rc<RHash>> {
    let usual = config_text::key_and_value(b'=');
    let mut options = Options::new(&usual);
    let given = match given {
        Some(Value::Hash(given)) => Rc::clone(given),
        _ => RHash::new(),
    };
    let option = |name: &str| vm.hash_sym(&given, name);
    let text = |name: &str| -> Res<Option<Vec<u8>>> {
        match option(name)? {
            Some(value) if !value.is_nil() => Ok(Some(vm.to_s(&value)?.to_vec())),
            _ => Ok(None),
        }
    };
    if let Some(comment) = text("comment_char")? {
        options.comment = comment;
    }
    options.line_separator = text("line_separator")?;
    options.standalone_comments = option("standalone_comments")?.is_some_and(|value| value.truthy());
    options.multiple_values = option("multiple_values")?.is_some_and(|value| value.truthy());
    if let Some(count) = option("key_values")? {
        options.key_values = vm.to_int(&count)?.max(0) as usize;
    }
    let assignment = option("assignment_regex")?.filter(|regexp| !regexp.is_nil());
    let groups = options.key_values;
    let by_regexp = |line: &[u8]| match &assignment {
        Some(regexp) => matched(vm, regexp, line, groups),
        None => usual(line),
    };
    options.assignment = &by_regexp;
    let group = option("group_re")?;
    let by_group = |line: &[u8]| match &group {
        None => config_text::bracketed(line),
        Some(Value::Nil) => Ok(None),
        Some(regexp) => Ok(matched(vm, regexp, line, 0)?.map(|pair| pair.key)),
    };
    options.group = Some(&by_group);
    let split = option("multiple_value_regex")?.filter(Value::truthy);
    let by_split = |value: &Value| match &split {
        Some(regexp) => Ok(vm.to_array(&vm.send(value, "split", std::slice::from_ref(regexp))?)?.to_vec()),
        None => Ok(vec![value.clone()]),
    };
    if split.is_some() {
        options.split_values = Some(&by_split);
    }
    config_text::parse(vm, content, &options)
}

/// What a Regexp's groups find in a line.
fn matched(vm: &Interp, regexp: &Value, line: &[u8], values: usize) -> Res<Option<Pair>> {
    let found = vm.send(regexp, "match", &[Value::bytes(line)])?;
    if found.is_nil() {
        return Ok(None);
    }
    let group = |at: usize| vm.send(&found, "[]", &[Value::Int(at as i64)]);
    let values: Res<Vec<Value>> = (0..values.max(1)).map(|at| group(at + 2)).collect();
    Ok(Some(Pair { key: group(1)?, values: values? }))
}

fn value(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let config = of(vm, this)?;
    let is_index = matches!(&args[0], Value::Sym(name) if name.bytes() == b"[]");
    let key = if is_index { args.or_nil(1) } else { args[0].clone() };
    vm.hash_fetch(&config.params, &Value::Str(vm.to_s(&key)?))
}

fn params(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut found = Value::Hash(Rc::clone(&of(vm, this)?.params));
    for key in args.values {
        found = match &found {
            Value::Hash(_) => vm.send(&found, "[]", std::slice::from_ref(key))?,
            _ => Value::Nil,
        };
    }
    Ok(found)
}

fn id(config: &Config, otherwise: &str) -> Value {
    config.content.as_ref().map_or_else(|| Value::str(otherwise), |content| Value::bytes(content.clone()))
}

fn titled(vm: &Interp, this: &Value, title: &str) -> Res {
    let path = of(vm, this)?.path.clone().unwrap_or_default();
    Ok(Value::bytes([title.as_bytes(), &path].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::{Audit, show};

    #[test]
    fn a_present_text_is_read() {
        let audit = Audit::debian(MemoryTarget::new());
        let config = audit.on("parse_config", "a = 1\n[main]\nb=2\n");
        assert_eq!(audit.get(&config, "a"), r#""1""#);
        assert_eq!(audit.get(&config, "none"), "nil");
        assert_eq!(audit.ask(&config, "params", &[Value::str("main")]), r#"{"b" => "2"}"#);
        assert_eq!(audit.get(&config, "to_s"), r#""Parse Config ""#);
        assert_eq!(audit.ask(&config, "[]", &[Value::str("a")]), r#""1""#);
    }

    #[test]
    fn takes_options() {
        let audit = Audit::debian(MemoryTarget::new());
        let options = [
            (Value::sym("comment_char"), Value::str(";")),
            (Value::sym("multiple_values"), true.into()),
            (Value::sym("line_separator"), Value::str(",")),
        ];
        let options = Value::Hash(audit.vm.hash_from(options).unwrap());
        let found = read(&audit.vm, b"a=1,a=2 ; x\nb=#3\n", Some(&options)).unwrap();
        assert_eq!(show(&audit.vm, &found.into()), r##"{"a" => ["1", "2"], "b" => ["#3"]}"##);
    }

    #[test]
    fn a_present_file_is_read_and_an_absent_or_unreadable_one_skips() {
        let target = MemoryTarget::new().file("/etc/a.conf", "x=y # z\n").file("/etc/no", "x").denied("/etc/no");
        let audit = Audit::debian(target.file("/etc/empty", ""));
        let config = audit.on("parse_config_file", "/etc/a.conf");
        assert_eq!(audit.get(&config, "x"), r#""y""#);
        assert_eq!(audit.get(&config, "to_s"), r#""Parse Config File /etc/a.conf""#);
        assert_eq!(audit.get(&config, "resource_id"), r#""/etc/a.conf""#);
        for (path, why) in [("/none", "Can't find"), ("/etc/no", "Can't read"), ("/etc", "Can't find")] {
            let skipped = audit.on("parse_config_file", path);
            assert_eq!(audit.why(&skipped), format!("skipped: {why} file: {path}"));
            assert_eq!(audit.get(&skipped, "x"), "nil");
        }
        assert_eq!(audit.why(&audit.on("parse_config_file", "/etc/empty")), "skipped: File is empty: /etc/empty");
    }

    #[test]
    fn malformed_lines_are_keys_without_a_value() {
        let text = "=\nodd line\n[open\nx = 1\n";
        let audit = Audit::debian(MemoryTarget::new().file("/c", text));
        for config in [audit.on("parse_config", text), audit.on("parse_config_file", "/c")] {
            assert_eq!(audit.get(&config, "params"), r#"{"" => "", "odd line" => "", "[open" => "", "x" => "1"}"#);
        }
    }

    #[test]
    fn an_absent_text_has_no_keys() {
        let audit = Audit::debian(MemoryTarget::new());
        let config = audit.make("parse_config", &[Value::Nil]).unwrap();
        assert_eq!((audit.get(&config, "params"), audit.get(&config, "content")), ("{}".into(), "nil".into()));
    }
}
