//! JSON values as Ruby values and back.

use plimsoll_ruby::{Data, Interp, RHash, Res, Value};
use serde_json::{Map, Number, Value as Json};

/// Which keys the hashes inside a value get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Strings everywhere.
    Strings,
    /// Strings at the top, symbols below: what CINC makes of values in inspec.yml.
    SymbolsInside,
}

/// A JSON value as a Ruby value.
pub(crate) fn to_ruby(vm: &Interp, json: &Json, keys: Keys) -> Res {
    value(vm, json, keys, true)
}

fn value(vm: &Interp, json: &Json, keys: Keys, top: bool) -> Res {
    Ok(match json {
        Json::Null => Value::Nil,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(int), _) => Value::Int(int),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::str(n.to_string()),
        },
        Json::String(text) => Value::str(text),
        Json::Array(elements) => {
            let elements: Res<Vec<Value>> = elements.iter().map(|e| value(vm, e, keys, false)).collect();
            Value::array(elements?)
        }
        Json::Object(map) => {
            let hash = RHash::new();
            for (key, element) in map {
                let name = if keys == Keys::SymbolsInside && !top { Value::sym(key) } else { Value::str(key) };
                vm.hash_set(&hash, name, value(vm, element, keys, false)?)?;
            }
            Value::Hash(hash)
        }
    })
}

/// A Ruby value as JSON, as Ruby's `to_json` writes it; text that is not UTF-8 is repaired.
pub(crate) fn to_json(vm: &Interp, ruby: &Value) -> Res<Json> {
    Ok(match ruby {
        Value::Nil => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(int) => Json::Number((*int).into()),
        Value::Float(float) => Number::from_f64(*float).map_or(Json::Null, Json::Number),
        Value::Array(array) => {
            let elements: Res<Vec<Json>> = array.to_vec().iter().map(|e| to_json(vm, e)).collect();
            Json::Array(elements?)
        }
        Value::Hash(hash) => {
            let mut map = Map::new();
            for (key, element) in hash.entries() {
                map.insert(vm.to_s(&key)?.lossy(), to_json(vm, &element)?);
            }
            Json::Object(map)
        }
        Value::Obj(object) if matches!(object.data, Data::Big(_)) => {
            let digits = vm.to_s(ruby)?.lossy();
            digits.parse::<Number>().map_or(Json::String(digits), Json::Number)
        }
        other => Json::String(vm.to_s(other)?.lossy()),
    })
}

/// Bytes as text for a report: invalid UTF-8 is replaced.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
