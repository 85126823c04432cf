//! `json`, `yaml` and `ini`: structured documents. See `toml`, `xml` and `csv` for others.
//!
//! ```ruby
//! describe json('/etc/docker/daemon.json') do
//!   its(['log-opts', 'max-size']) { should eq '10m' }
//!   its('live-restore') { should eq true }
//! end
//! describe yaml(content: inspec.profile.file('expected.yml')) do
//!   its(['servers', 0, 'name']) { should eq 'a' }
//! end
//! ```
//!
//! Given a path, `command: 'LINE'` or `content: 'TEXT'`. A property is looked up at the top; an Array of keys goes down.
//! Classes of libraries that inherit from these may have a `parse(content)` and a `value(keys)` of their own.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, MethodBody, Res, Sym, Value, Visibility, def, known};

use super::command;
use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::ResourceDef;
use crate::text;
use crate::{json_text, yaml_text};

/// What the title of a document begins with.
struct Document(&'static str);

pub(crate) const JSON: ResourceDef = ResourceDef {
    name: "json",
    class: "JsonConfig",
    doc: "A JSON document.",
    new: Some((1, 1, |vm, this, args| open(vm, this, args, "JSON"))),
    methods: METHODS,
    setup: Some(|vm, class| {
        for module in ["ObjectTraverser", "FileReader"] {
            vm.include(class, &vm.class_named(module));
        }
    }),
    ..ResourceDef::EMPTY
};

pub(crate) const YAML: ResourceDef = ResourceDef {
    name: "yaml",
    class: "YamlConfig",
    parent: Some("JsonConfig"),
    doc: "A YAML document.",
    new: Some((1, 1, |vm, this, args| open(vm, this, args, "YAML"))),
    methods: &[def("parse", 1, 1, |vm, _, args| read_yaml(vm, &text_of(vm, args)?), "Reads YAML.")],
    ..ResourceDef::EMPTY
};

pub(crate) const INI: ResourceDef = ResourceDef {
    name: "ini",
    class: "IniConfig",
    parent: Some("JsonConfig"),
    doc: "An INI file.",
    new: Some((1, 1, |vm, this, args| open(vm, this, args, "INI"))),
    methods: &[def("parse", 1, 1, |vm, _, args| read_ini(vm, &text_of(vm, args)?), "Reads INI.")],
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, |_, this, _| Ok(params(this)), "All of it."),
    def("raw_content", 0, 0, |_, this, _| Ok(raw_content(this)), "The text."),
    def(
        "value",
        1,
        1,
        |vm, this, args| value(vm, this, vm.to_array(&args[0])?.to_vec()),
        "What is below these keys, given as an Array.",
    ),
    def("parse", 1, 1, |vm, _, args| read_json(vm, &text_of(vm, args)?), "Reads JSON."),
    def("load_raw_content", 1, 1, load_raw_content, "The text of what it is given."),
    def("resource_base_name", 0, 0, base_name, "What the title begins with."),
    def("method_missing", 1, -1, missing, "What is below a key."),
    def("resource_id", 0, 0, resource_id, "Where it was read from."),
    def("to_s", 0, 0, to_s, "Its title."),
];

/// The instance variables that subclasses in libraries know.
const PARAMS: &str = "@params";
const RAW_CONTENT: &str = "@raw_content";
/// The path, or `from command: LINE`.
const SOURCE: &str = "@resource_name_supplement";

fn ivar(this: &Value, name: &str) -> Value {
    this.head().and_then(|head| head.ivar(Sym::new(name))).unwrap_or_default()
}

fn set_ivar(this: &Value, name: &str, value: Value) {
    if let Some(head) = this.head() {
        head.set_ivar(Sym::new(name), value);
    }
}

/// All that was read; an empty Hash where nothing could be.
pub(super) fn params(this: &Value) -> Value {
    ivar(this, PARAMS)
}

/// The text; nil where there is none.
pub(super) fn raw_content(this: &Value) -> Value {
    ivar(this, RAW_CONTENT)
}

/// Where it was read from; nil for content.
pub(super) fn source(this: &Value) -> Value {
    ivar(this, SOURCE)
}

/// The text that `parse` is given.
pub(super) fn text_of(vm: &Interp, args: Args<'_>) -> Res<Vec<u8>> {
    Ok(vm.to_s(&args[0])?.to_vec())
}

/// `initialize` of all kinds: loads the text and has it read by `parse`, which a subclass may have of its own.
pub(super) fn open(vm: &Interp, this: &Value, args: Args<'_>, kind: &'static str) -> Res {
    base::set_state(vm, this, Document(kind))?;
    set_ivar(this, PARAMS, vm.hash_from([])?.into());
    let own = |name: &str, value: &Value| {
        vm.call_with(this, Sym::new(name), Args::new(std::slice::from_ref(value)), CallStyle::Implicit)
    };
    let raw = own("load_raw_content", &args[0])?;
    set_ivar(this, RAW_CONTENT, raw.clone());
    let params = own("parse", &raw)?;
    set_ivar(this, PARAMS, params.clone());
    if vm.responds(&params, known::EACH)? { enumerable(vm, this) } else { Ok(Value::Nil) }
}

/// `initialize` where there is nothing to read.
pub(super) fn without(vm: &Interp, this: &Value, kind: &'static str) -> Res<()> {
    set_ivar(this, PARAMS, vm.hash_from([])?.into());
    base::set_state(vm, this, Document(kind)).map(drop)
}

fn load_raw_content(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    load(vm, this, &args[0]).map(Value::bytes)
}

fn load(vm: &Interp, this: &Value, source: &Value) -> Res<Vec<u8>> {
    let Value::Hash(options) = source else {
        set_ivar(this, SOURCE, source.clone());
        let path = if source.is_nil() { Vec::new() } else { vm.to_s(source)?.to_vec() };
        return content::read(vm, &path, false);
    };
    if let Some(line) = vm.hash_sym(options, "command")? {
        set_ivar(this, SOURCE, Value::bytes([b"from command: ".as_slice(), &vm.to_s(&line)?.bytes()].concat()));
        let output = command::run(vm, &vm.to_s(&line)?.to_vec())?;
        if !output.stdout.is_empty() {
            return Ok(output.stdout);
        }
        let text = if output.stderr.is_empty() {
            "No JSON output, STDERR was empty".to_owned()
        } else {
            format!("No JSON output, STDERR:\n {}", text::lossy(&output.stderr))
        };
        return Err(base::failed(vm, &text));
    }
    match vm.hash_sym(options, "content")? {
        Some(content) => Ok(vm.to_s(&content)?.to_vec()),
        None => Err(base::failed(vm, "No JSON content; must specify a file, command, or raw JSON content")),
    }
}

/// Makes one resource walk through what it read, with all that Enumerable has.
fn enumerable(vm: &Interp, this: &Value) -> Res {
    let Some(own) = vm.singleton_class(this) else { return Ok(Value::Nil) };
    vm.include(&own, &vm.c.enumerable);
    let each =
        |vm: &Interp, this: &Value, args: Args<'_>| vm.call_with(&params(this), known::EACH, args, CallStyle::Explicit);
    vm.add_method(&own, known::EACH, Visibility::Public, MethodBody::Closure(Rc::new(each), 0, -1));
    Ok(Value::Nil)
}

fn read_json(vm: &Interp, text: &[u8]) -> Res {
    json_text::parse(vm, text)?.map_err(|error| base::failed(vm, &format!("Unable to parse JSON: {error}")))
}

fn read_yaml(vm: &Interp, text: &[u8]) -> Res {
    yaml_text::parse(vm, text)?.map_err(|error| base::failed(vm, &format!("Unable to parse YAML: {error}")))
}

pub(super) fn read_ini(vm: &Interp, text: &[u8]) -> Res {
    let usual = config_text::key_and_value(b'=');
    Ok(config_text::parse(vm, text, &Options::new(&usual))?.into())
}

fn base_name(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::str(base::state::<Document>(vm, this)?.0))
}

/// What the title begins with, as the resource's class says.
fn kind(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    let name = vm.call_with(this, Sym::new("resource_base_name"), Args::default(), CallStyle::Implicit)?;
    Ok(vm.to_s(&name)?.to_vec())
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let is_index = !args.is_empty() && matches!(&args[0], Value::Sym(name) if name.bytes() == b"[]");
    let keys = if is_index { &args.values[1..] } else { args.values };
    let keys = [Value::array(keys.to_vec())];
    vm.call_with(this, Sym::new("value"), Args::new(&keys), CallStyle::Implicit)
}

/// Goes down by keys: a Hash by key or its text, an Array by position or method.
fn value(vm: &Interp, this: &Value, keys: Vec<Value>) -> Res {
    extract(vm, keys, vm.send(this, "params", &[])?)
}

/// What lies at the end of a path of keys and indices, from a value downwards; `nil` where it does not go on.
pub(crate) fn extract(vm: &Interp, keys: Vec<Value>, from: Value) -> Res {
    if keys.is_empty() {
        return Ok(Value::Nil);
    }
    let mut found = from;
    for key in keys.into_iter().take_while(|key| !key.is_nil()) {
        found = match &found {
            Value::Array(_) => match &key {
                Value::Int(_) => vm.call(&found, known::AREF, &[key])?,
                key => {
                    let name: Sym = vm.to_name(&vm.call(key, known::TO_SYM, &[])?)?;
                    vm.call_if_responds(&found, name, &[])?.unwrap_or_default()
                }
            },
            Value::Hash(hash) => match vm.hash_get(hash, &key)? {
                Some(value) => value,
                None => vm.hash_get(hash, &Value::Str(vm.to_s(&key)?))?.unwrap_or_default(),
            },
            _ => Value::Nil,
        };
    }
    Ok(found)
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    match source(this) {
        source if source.truthy() => Ok(source),
        _ => Ok(Value::bytes([&kind(vm, this)?[..], b"'s content"].concat())),
    }
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let source = match source(this) {
        source if source.truthy() => vm.to_s(&source)?.to_vec(),
        _ => b"content".to_vec(),
    };
    Ok(Value::bytes([&kind(vm, this)?[..], b" ", &source].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::{Audit, why};

    fn with(audit: &Audit, key: &str, text: &str) -> Value {
        audit.vm.hash_from([(Value::sym(key), Value::str(text))]).unwrap().into()
    }

    #[test]
    fn a_present_document_is_gone_down_by_keys() {
        let text = r#"{"a": {"b": [1, {"c": null}]}, "count": 7}"#;
        let audit = Audit::debian(MemoryTarget::new().file("/a.json", text));
        let json = audit.on("json", "/a.json");
        let down = |keys: &[Value]| audit.ask(&json, "value", &[Value::array(keys.to_vec())]);
        assert_eq!(down(&[Value::str("a"), Value::str("b"), Value::Int(0)]), "1");
        assert_eq!(down(&[Value::str("a"), Value::str("b"), Value::str("length")]), "2");
        assert_eq!(down(&[Value::str("a"), Value::str("x"), Value::str("y")]), "nil");
        assert_eq!(audit.get(&json, "a"), r#"{"b" => [1, {"c" => nil}]}"#);
        assert_eq!(audit.get(&json, "nothing"), "nil");
        assert_eq!(audit.get(&json, "to_s"), r#""JSON /a.json""#);
        assert_eq!(audit.ask(&json, "[]", &[Value::sym("a"), Value::str("x")]), "nil");
    }

    #[test]
    fn reads_content_and_commands() {
        let audit = Audit::debian(MemoryTarget::new().command("show", "[1]", "", 0).command("no", "", "bad", 1));
        let content = audit.make("json", &[with(&audit, "content", "{\"x\":1}")]).unwrap();
        assert_eq!((audit.get(&content, "x"), audit.get(&content, "to_s")), ("1".into(), "\"JSON content\"".into()));
        let shown = audit.make("json", &[with(&audit, "command", "show")]).unwrap();
        assert_eq!(
            (audit.get(&shown, "params"), audit.get(&shown, "to_s")),
            ("[1]".into(), "\"JSON from command: show\"".into())
        );
        let none = audit.make("json", &[with(&audit, "command", "no")]).unwrap();
        assert_eq!(audit.why(&none), "failed: No JSON output, STDERR:\n bad");
        let odd = audit.make("json", &[with(&audit, "else", "")]).unwrap();
        assert!(audit.why(&odd).starts_with("failed: No JSON content"));
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        for name in ["json", "yaml", "ini"] {
            assert_eq!(why(MemoryTarget::new(), name, &["/none"]), "skipped: Can't find file: /none");
            let denied = MemoryTarget::new().file("/no", "{}").denied("/no");
            assert_eq!(why(denied, name, &["/no"]), "skipped: Can't read file: /no");
        }
    }

    #[test]
    fn a_malformed_document_fails() {
        let target = MemoryTarget::new().file("/bad.json", "{").file("/bad.yml", "a: [").file("/bad.ini", "]x[\n=\n");
        let audit = Audit::debian(target);
        let bad = audit.on("json", "/bad.json");
        assert_eq!(audit.why(&bad), "failed: Unable to parse JSON: 859: unexpected token at '{'");
        assert_eq!((audit.get(&bad, "params"), audit.get(&bad, "x")), ("{}".into(), "nil".into()));
        assert!(audit.why(&audit.on("yaml", "/bad.yml")).starts_with("failed: Unable to parse YAML: "));
        // Nothing is malformed to the reader of INI files: what is no setting is one without a value.
        assert_eq!(audit.get(&audit.on("ini", "/bad.ini"), "params"), r#"{"]x[" => "", "" => ""}"#);
    }

    #[test]
    fn present_yaml_and_ini_are_read() {
        let target =
            MemoryTarget::new().file("/a.yml", "a:\n  b: 0644\n").file("/a.ini", "x=1\n[main]\npath = /p ; q\n");
        let audit = Audit::debian(target);
        let yaml = audit.on("yaml", "/a.yml");
        assert_eq!(
            (audit.get(&yaml, "a"), audit.get(&yaml, "to_s")),
            (r#"{"b" => 420}"#.into(), "\"YAML /a.yml\"".into())
        );
        let ini = audit.on("ini", "/a.ini");
        assert_eq!((audit.get(&ini, "x"), audit.get(&ini, "main")), ("\"1\"".into(), r#"{"path" => "/p ; q"}"#.into()));
    }
}
