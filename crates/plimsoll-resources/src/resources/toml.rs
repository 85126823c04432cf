//! `toml`: a TOML document.
//!
//! ```ruby
//! describe toml('/etc/containerd/config.toml') do
//!   its(['plugins', 'cri', 'enable_selinux']) { should eq true }
//!   its('version') { should eq 2 }
//! end
//! ```
//!
//! Given a path, `command: 'LINE'` or `content: 'TEXT'`. A property is looked up at the top; an Array of keys goes down.

use plimsoll_ruby::{Interp, Res, Value, def};
use toml::Value as Toml;

use super::json;
use crate::base;
use crate::declare::ResourceDef;

pub(crate) const TOML: ResourceDef = ResourceDef {
    name: "toml",
    class: "TomlConfig",
    parent: Some("JsonConfig"),
    doc: "A TOML document.",
    new: Some((1, 1, |vm, this, args| json::open(vm, this, args, "TOML"))),
    methods: &[def("parse", 1, 1, |vm, _, args| read(vm, &json::text_of(vm, args)?), "Reads TOML.")],
    ..ResourceDef::EMPTY
};

/// The document as a Hash; a text that is none fails the resource.
fn read(vm: &Interp, text: &[u8]) -> Res {
    let failed = |error: String| base::failed(vm, &format!("Unable to parse TOML: {error}"));
    let text = std::str::from_utf8(text).map_err(|error| failed(error.to_string()))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| failed(error.message().to_owned()))?;
    value(vm, &Toml::Table(table))
}

fn value(vm: &Interp, toml: &Toml) -> Res {
    Ok(match toml {
        Toml::String(text) => Value::str(text),
        Toml::Integer(int) => Value::Int(*int),
        Toml::Float(float) => Value::Float(*float),
        Toml::Boolean(flag) => (*flag).into(),
        Toml::Datetime(when) => Value::str(when.to_string()),
        Toml::Array(list) => Value::array(list.iter().map(|element| value(vm, element)).collect::<Res<_>>()?),
        Toml::Table(table) => {
            let entries: Vec<(Value, Value)> =
                table.iter().map(|(key, element)| Ok((Value::str(key), value(vm, element)?))).collect::<Res<_>>()?;
            vm.hash_from(entries)?.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_document_is_read_and_a_malformed_one_fails() {
        let text = "key = 'v'\nb = 2\n[a]\nlist = [1, 2.5, true]\n";
        let audit = Audit::debian(MemoryTarget::new().file("/a.toml", text).file("/bad.toml", "= 1"));
        let toml = audit.on("toml", "/a.toml");
        assert_eq!(audit.get(&toml, "params"), r#"{"key" => "v", "b" => 2, "a" => {"list" => [1, 2.5, true]}}"#);
        assert_eq!(audit.get(&toml, "to_s"), r#""TOML /a.toml""#);
        assert!(audit.why(&audit.on("toml", "/bad.toml")).starts_with("failed: Unable to parse TOML: "));
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let audit = Audit::debian(MemoryTarget::new().file("/no", "a = 1").denied("/no"));
        assert_eq!(audit.why(&audit.on("toml", "/none")), "skipped: Can't find file: /none");
        assert_eq!(audit.why(&audit.on("toml", "/no")), "skipped: Can't read file: /no");
    }
}
