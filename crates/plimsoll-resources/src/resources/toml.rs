//! TOML, read into Hashes and Arrays.

use plimsoll_ruby::{Interp, Res, Value};
use toml::Value as Toml;

use crate::base;

/// The document as a Hash; a text that is none fails the resource.
pub(super) fn read(vm: &Interp, text: &[u8]) -> Res {
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
    fn reads_toml() {
        let text = "key = 'v'\nb = 2\n[a]\nlist = [1, 2.5, true]\n";
        let audit = Audit::debian(MemoryTarget::new().file("/a.toml", text).file("/bad.toml", "= 1"));
        let toml = audit.on("toml", "/a.toml");
        assert_eq!(audit.get(&toml, "params"), r#"{"key" => "v", "b" => 2, "a" => {"list" => [1, 2.5, true]}}"#);
        assert_eq!(audit.get(&toml, "to_s"), r#""TOML /a.toml""#);
        assert!(audit.why(&audit.on("toml", "/bad.toml")).starts_with("failed: Unable to parse TOML: "));
        assert_eq!(audit.why(&audit.on("toml", "/none")), "skipped: Can't find file: /none");
    }
}
