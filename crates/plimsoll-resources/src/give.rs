//! Between Rust and Ruby values, for resources.

use std::rc::Rc;

use plimsoll_ruby::{Args, Interp, RHash, Res, Sym, Value};

/// The text of an argument; `None` for `nil` and for one that was not given.
pub(crate) fn text_arg(vm: &Interp, args: Args<'_>, index: usize) -> Res<Option<Vec<u8>>> {
    match args.get(index) {
        None | Some(Value::Nil) => Ok(None),
        Some(value) => Ok(Some(vm.to_s(value)?.to_vec())),
    }
}

/// The option `name` of a hash of options given as argument.
pub(crate) fn option(vm: &Interp, args: Args<'_>, index: usize, name: &str) -> Res<Option<Value>> {
    match args.get(index) {
        Some(Value::Hash(options)) => Ok(vm.hash_sym(options, name)?.filter(|value| !value.is_nil())),
        _ => Ok(None),
    }
}

/// The text of an option; `None` for `nil` and for one that was not given.
pub(crate) fn text_option(vm: &Interp, args: Args<'_>, index: usize, name: &str) -> Res<Option<Vec<u8>>> {
    match option(vm, args, index, name)? {
        Some(value) => Ok(Some(vm.to_s(&value)?.to_vec())),
        None => Ok(None),
    }
}

/// A Hash with String keys.
pub(crate) fn string_hash(vm: &Interp, entries: impl IntoIterator<Item = (&'static str, Value)>) -> Res<Rc<RHash>> {
    vm.hash_from(entries.into_iter().map(|(key, value)| (Value::str(key), value)))
}

/// A Hash with Symbol keys.
pub(crate) fn symbol_hash(vm: &Interp, entries: impl IntoIterator<Item = (&'static str, Value)>) -> Res<Rc<RHash>> {
    vm.hash_from(entries.into_iter().map(|(key, value)| (Value::Sym(Sym::new(key)), value)))
}

/// A String, or `nil`.
pub(crate) fn text(value: Option<impl AsRef<[u8]>>) -> Value {
    value.map_or(Value::Nil, |text| Value::bytes(text.as_ref()))
}

/// An Array of Strings.
pub(crate) fn texts<T: AsRef<[u8]>>(values: impl IntoIterator<Item = T>) -> Value {
    Value::array(values.into_iter().map(|text| Value::bytes(text.as_ref())).collect())
}

/// An Integer where the text is one (`/^\d+$/`), else the text.
pub(crate) fn integer_or_text(text: Option<&[u8]>) -> Value {
    match text {
        None => Value::Nil,
        Some(text) => crate::text::digits(text).map_or_else(|| Value::bytes(text), Value::Int),
    }
}
