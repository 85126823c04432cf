//! Patches: JSON merge patch (RFC 7386) and JSON patch (RFC 6902).

use serde_json::Value;

/// Apply a merge patch: null removes, objects merge, everything else replaces.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.shift_remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Apply a JSON patch; the error says which operation failed and why. The target may be half changed then.
pub(crate) fn apply(target: &mut Value, operations: &Value) -> Result<(), String> {
    let operations = operations.as_array().ok_or("a JSON patch is an array of operations")?;
    for operation in operations {
        step(target, operation).map_err(|why| format!("operation {operation}: {why}"))?;
    }
    Ok(())
}

fn step(target: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |key: &str| operation.get(key).and_then(Value::as_str).ok_or_else(|| format!("missing {key:?}"));
    let value = || operation.get("value").cloned().ok_or_else(|| "missing \"value\"".to_owned());
    let path = text("path")?;
    match text("op")? {
        "add" => add(target, path, value()?),
        "remove" => remove(target, path).map(drop),
        "replace" => {
            let slot = target.pointer_mut(path).ok_or_else(|| missing(path))?;
            *slot = value()?;
            Ok(())
        }
        "move" => {
            let moved = remove(target, text("from")?)?;
            add(target, path, moved)
        }
        "copy" => {
            let from = text("from")?;
            let copied = target.pointer(from).cloned().ok_or_else(|| missing(from))?;
            add(target, path, copied)
        }
        "test" if target.pointer(path) == Some(&value()?) => Ok(()),
        "test" => Err(format!("testing value {path} failed")),
        other => Err(format!("unknown op {other:?}")),
    }
}

fn missing(path: &str) -> String {
    format!("doc is missing path: {path}")
}

fn split(path: &str) -> Result<(&str, String), String> {
    let (parent, last) = path.rsplit_once('/').ok_or_else(|| format!("not a JSON pointer: {path:?}"))?;
    Ok((parent, last.replace("~1", "/").replace("~0", "~")))
}

fn add(target: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *target = value;
        return Ok(());
    }
    let (parent, key) = split(path)?;
    match target.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.insert(key, value);
            Ok(())
        }
        Some(Value::Array(list)) if key == "-" => {
            list.push(value);
            Ok(())
        }
        Some(Value::Array(list)) => {
            let index = key.parse().ok().filter(|index| *index <= list.len()).ok_or_else(|| missing(path))?;
            list.insert(index, value);
            Ok(())
        }
        _ => Err(missing(path)),
    }
}

fn remove(target: &mut Value, path: &str) -> Result<Value, String> {
    let (parent, key) = split(path)?;
    match target.pointer_mut(parent) {
        Some(Value::Object(map)) => map.shift_remove(&key).ok_or_else(|| missing(path)),
        Some(Value::Array(list)) => {
            let index = key.parse().ok().filter(|index| *index < list.len()).ok_or_else(|| missing(path))?;
            Ok(list.remove(index))
        }
        _ => Err(missing(path)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{apply, merge};

    #[test]
    fn merge_patches_remove_merge_and_replace() {
        let mut target = json!({ "a": { "x": 1, "y": [1, 2] }, "b": "keep" });
        merge(&mut target, &json!({ "a": { "x": null, "y": [3], "z": { "new": true, "gone": null } } }));
        assert_eq!(target, json!({ "a": { "y": [3], "z": { "new": true } }, "b": "keep" }));
    }

    #[test]
    fn json_patches_apply_in_order_and_name_the_failing_operation() {
        let mut target = json!({ "metadata": { "labels": { "a/b": "1" } }, "list": [1, 3] });
        let operations = json!([
            { "op": "test", "path": "/metadata/labels/a~1b", "value": "1" },
            { "op": "replace", "path": "/metadata/labels/a~1b", "value": "2" },
            { "op": "add", "path": "/list/1", "value": 2 },
            { "op": "add", "path": "/list/-", "value": 4 },
            { "op": "copy", "from": "/list/0", "path": "/first" },
            { "op": "move", "from": "/first", "path": "/one" },
            { "op": "remove", "path": "/metadata/labels/a~1b" },
        ]);
        apply(&mut target, &operations).unwrap();
        assert_eq!(target, json!({ "metadata": { "labels": {} }, "list": [1, 2, 3, 4], "one": 1 }));
        let error = apply(&mut target, &json!([{ "op": "remove", "path": "/nowhere/x" }])).unwrap_err();
        assert!(error.contains("missing path: /nowhere/x"), "{error}");
    }
}
