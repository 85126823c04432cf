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

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, MethodBody, Res, Sym, Value, Visibility, def, known};

use super::command;
use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::ResourceDef;
use crate::text;
use crate::{json_text, yaml_text};

/// What was read, and where from.
pub(super) struct Document {
    pub params: Value,
    pub raw: Value,
    /// The path, or `from command: LINE`.
    pub source: Option<Value>,
    /// What the title begins with.
    pub kind: &'static str,
}

/// Reads a text into a value, or fails the resource.
pub(super) type Parse = fn(&Interp, &[u8]) -> Res;

pub(crate) const JSON: ResourceDef = ResourceDef {
    name: "json",
    class: "JsonConfig",
    doc: "A JSON document.",
    new: Some((1, 1, |vm, this, args| open(vm, this, args, "JSON", read_json))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const YAML: ResourceDef = ResourceDef {
    name: "yaml",
    class: "YamlConfig",
    parent: Some("JsonConfig"),
    doc: "A YAML document.",
    new: Some((1, 1, |vm, this, args| open(vm, this, args, "YAML", read_yaml))),
    ..ResourceDef::EMPTY
};

pub(crate) const INI: ResourceDef = ResourceDef {
    name: "ini",
    class: "IniConfig",
    parent: Some("JsonConfig"),
    doc: "An INI file.",
    new: Some((1, 1, |vm, this, args| open(vm, this, args, "INI", read_ini))),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| Ok(of(vm, this)?.params.clone()), "All of it."),
    def("raw_content", 0, 0, |vm, this, _| Ok(of(vm, this)?.raw.clone()), "The text."),
    def("value", 1, 1, |vm, this, args| value(vm, this, vm.to_array(&args[0])?.to_vec()), "What is below these keys."),
    def("method_missing", 1, -1, missing, "What is below a key."),
    def("resource_id", 0, 0, resource_id, "Where it was read from."),
    def("to_s", 0, 0, to_s, "Its title."),
];

/// `initialize` of all kinds: loads the text and reads it.
pub(super) fn open(vm: &Interp, this: &Value, args: Args<'_>, kind: &'static str, parse: Parse) -> Res {
    let data = base::resource_data(vm, this)?;
    let source = match &args[0] {
        Value::Hash(options) => match vm.hash_sym(options, "command")? {
            Some(line) => Some(Value::bytes([b"from command: ".as_slice(), &vm.to_s(&line)?.bytes()].concat())),
            None => None,
        },
        path => Some(path.clone()),
    };
    let keep = |params: Value, raw: Value| data.set_state(Document { params, raw, source: source.clone(), kind });
    let empty = || Ok::<Value, plimsoll_ruby::Unwind>(vm.hash_from([])?.into());
    let raw = match load(vm, &args[0], kind) {
        Ok(raw) => raw,
        Err(unwind) => {
            keep(empty()?, Value::Nil);
            return Err(unwind);
        }
    };
    match parse(vm, &raw) {
        Ok(params) => {
            let walkable = vm.responds(&params, known::EACH)?;
            keep(params, Value::bytes(raw));
            if walkable { enumerable(vm, this) } else { Ok(Value::Nil) }
        }
        Err(unwind) => {
            keep(empty()?, Value::bytes(raw));
            Err(unwind)
        }
    }
}

/// `initialize` where there is nothing to read.
pub(super) fn without(vm: &Interp, this: &Value, kind: &'static str) -> Res<()> {
    let params = vm.hash_from([])?.into();
    base::resource_data(vm, this)?.set_state(Document { params, raw: Value::Nil, source: None, kind });
    Ok(())
}

fn load(vm: &Interp, source: &Value, kind: &str) -> Res<Vec<u8>> {
    let Value::Hash(options) = source else {
        let path = if source.is_nil() { Vec::new() } else { vm.to_s(source)?.to_vec() };
        return content::read(vm, &path, false);
    };
    if let Some(line) = vm.hash_sym(options, "command")? {
        let output = command::run(vm, &vm.to_s(&line)?.to_vec())?;
        if !output.stdout.is_empty() {
            return Ok(output.stdout);
        }
        let text = if output.stderr.is_empty() {
            format!("No {kind} output, STDERR was empty")
        } else {
            format!("No {kind} output, STDERR:\n {}", text::lossy(&output.stderr))
        };
        return Err(base::failed(vm, &text.replacen(kind, "JSON", 1)));
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
    let each = |vm: &Interp, this: &Value, args: Args<'_>| {
        vm.call_with(&of(vm, this)?.params.clone(), known::EACH, args, CallStyle::Explicit)
    };
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

pub(super) fn of(vm: &Interp, this: &Value) -> Res<Rc<Document>> {
    base::state::<Document>(vm, this)
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let is_index = !args.is_empty() && matches!(&args[0], Value::Sym(name) if name.bytes() == b"[]");
    let keys = if is_index { &args.values[1..] } else { args.values };
    value(vm, this, keys.to_vec())
}

/// Goes down by keys: a Hash by key or its text, an Array by position or method.
fn value(vm: &Interp, this: &Value, keys: Vec<Value>) -> Res {
    extract(vm, keys, of(vm, this)?.params.clone())
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
    let document = of(vm, this)?;
    Ok(document.source.clone().unwrap_or_else(|| Value::str(format!("{}'s content", document.kind))))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let document = of(vm, this)?;
    let source = match &document.source {
        Some(source) if !source.is_nil() => vm.to_s(source)?.to_vec(),
        _ => b"content".to_vec(),
    };
    Ok(Value::bytes([document.kind.as_bytes(), b" ", &source].concat()))
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
