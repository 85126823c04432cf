//! What resources over one file of settings share: each setting is a property.

use std::cell::Cell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Interp, RHash, Res, Value};
use regex::bytes::Regex;

use crate::base;
use crate::config_text::{self, Options, Pair};
use crate::content;
use crate::give;

/// The file's path and what it sets; nothing when it could not be read.
struct Settings {
    path: Vec<u8>,
    content: Option<Vec<u8>>,
    params: Rc<RHash>,
    /// Whether a setting was asked for.
    was_asked: Cell<bool>,
}

/// `initialize`: reads the file given, or the usual one.
pub(super) fn open(vm: &Interp, this: &Value, args: Args<'_>, usual: &str, options: &Options<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| usual.as_bytes().to_vec());
    match content::read(vm, &path, false) {
        Ok(content) => {
            let params = config_text::parse(vm, &content, options)?;
            base::set_state(vm, this, Settings { path, content: Some(content), params, was_asked: Cell::new(false) })
        }
        Err(unwind) => {
            base::set_state(
                vm,
                this,
                Settings { path, content: None, params: RHash::new(), was_asked: Cell::new(false) },
            )?;
            Err(unwind)
        }
    }
}

/// All settings.
pub(super) fn params(vm: &Interp, this: &Value) -> Res<Rc<RHash>> {
    Ok(Rc::clone(&base::state::<Settings>(vm, this)?.params))
}

/// All settings, once one of them was asked for: before, as in CINC, nothing is known.
pub(super) fn params_read(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let settings = base::state::<Settings>(vm, this)?;
    Ok(if settings.was_asked.get() { Value::Hash(Rc::clone(&settings.params)) } else { Value::Nil })
}

/// `method_missing`: a setting's value, nil when it is not set.
pub(super) fn setting(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let settings = base::state::<Settings>(vm, this)?;
    settings.was_asked.set(true);
    vm.hash_fetch(&settings.params, &Value::Str(vm.to_s(&args[0])?))
}

/// `method_missing` where a setting may be given several times: one value stands for itself.
pub(super) fn one_or_several(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    Ok(match setting(vm, this, args)? {
        Value::Array(list) if list.len() == 1 => list.get(0).unwrap_or_default(),
        other => other,
    })
}

/// `resource_id`: the path.
pub(super) fn path(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes(base::state::<Settings>(vm, this)?.path.clone()))
}

/// The text of the file.
pub(super) fn content(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(give::text(base::state::<Settings>(vm, this)?.content.as_ref()))
}

/// Takes lines apart by a pattern: the first group is the key, the others are its values.
pub(super) fn by_pattern(pattern: &str) -> impl Fn(&[u8]) -> Res<Option<Pair>> {
    let pattern = Regex::new(pattern).expect("the pattern is written here");
    move |line| {
        let Some(groups) = pattern.captures(line) else { return Ok(None) };
        let mut values =
            groups.iter().skip(1).map(|group| group.map_or(Value::Nil, |text| Value::bytes(text.as_bytes())));
        let key = values.next().unwrap_or_default();
        Ok(Some(Pair { key, values: values.collect() }))
    }
}
