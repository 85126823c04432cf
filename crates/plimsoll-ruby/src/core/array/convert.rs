//! Text and other classes.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::hash_of_pair;
use crate::core::string::text;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, RArray, RHash, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("inspect", 0, 0, inspect, "A literal of it"),
    def("to_s", 0, 0, inspect, "A literal of it"),
    def("join", 0, 1, join, "The texts of all elements, with a separator between"),
    def("to_a", 0, 0, to_a, "Itself, as a plain Array"),
    def("entries", 0, 0, |_, r, _| Ok(Value::array(this(r).to_vec())), "The elements as a new Array"),
    def("to_ary", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_h", 0, 0, to_h, "A Hash of pairs"),
    def("deconstruct", 0, 0, |_, r, _| Ok(r.clone()), "Itself, for pattern matching"),
    def("pack", 1, 2, pack, "The elements as bytes, laid out by a template"),
];

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let array = this(receiver);
    if array.is_empty() {
        return Ok(Value::Str(RString::new(b"[]".to_vec(), Encoding::UsAscii)));
    }
    vm.check_stack()?;
    let text = vm.guard("inspect", Rc::as_ptr(array) as usize, 0, || -> Res<Vec<u8>> {
        let mut text = b"[".to_vec();
        let mut at = 0;
        while let Some(element) = array.get(at) {
            vm.tick()?;
            if at > 0 {
                text.extend_from_slice(b", ");
            }
            text.extend_from_slice(&vm.inspect(&element)?.bytes());
            vm.reserve_string(text.len())?;
            at += 1;
        }
        text.push(b']');
        Ok(text)
    });
    Ok(Value::bytes(text.unwrap_or_else(|| Ok(b"[...]".to_vec()))?))
}

fn join(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if this(receiver).is_empty() {
        return joined(vm, this(receiver), None);
    }
    let separator = match args.get(0) {
        None | Some(Value::Nil) => match vm.globals.borrow().get(&Sym::new("$,")) {
            Some(Value::Str(default)) => Some(Rc::clone(default)),
            _ => None,
        },
        Some(given) => Some(vm.to_str(given)?),
    };
    joined(vm, this(receiver), separator.as_deref())
}

/// The texts of all elements with a separator between.
pub(crate) fn joined(vm: &Interp, array: &Rc<RArray>, separator: Option<&RString>) -> Res {
    let mut text = Text { bytes: Vec::new(), encoding: Encoding::UsAscii, ascii: true, begun: false };
    text.join(vm, array, separator)?;
    Ok(Value::Str(RString::new(text.bytes, text.encoding)))
}

/// Text put together of parts of several encodings.
struct Text {
    bytes: Vec<u8>,
    encoding: Encoding,
    ascii: bool,
    begun: bool,
}

impl Text {
    fn join(&mut self, vm: &Interp, array: &Rc<RArray>, separator: Option<&RString>) -> Res<()> {
        vm.check_stack()?;
        let nested = vm.guard("join", Rc::as_ptr(array) as usize, 0, || {
            let mut at = 0;
            while let Some(element) = array.get(at) {
                vm.tick()?;
                if at > 0
                    && let Some(separator) = separator
                {
                    self.push(vm, separator)?;
                }
                self.element(vm, &element, separator)?;
                at += 1;
            }
            Ok(())
        });
        nested.unwrap_or_else(|| Err(vm.argument_error("recursive array join")))
    }

    fn element(&mut self, vm: &Interp, element: &Value, separator: Option<&RString>) -> Res<()> {
        match element {
            Value::Str(string) => self.push(vm, string),
            Value::Array(nested) => self.join(vm, nested, separator),
            Value::Obj(_) => {
                if vm.responds(element, known::TO_STR)? {
                    let string = vm.to_str(element)?;
                    return self.push(vm, &string);
                }
                if let Some(nested) = vm.try_array(element)? {
                    return self.join(vm, &nested, separator);
                }
                let string = vm.to_s(element)?;
                self.push(vm, &string)
            }
            other => {
                let string = vm.to_s(other)?;
                self.push(vm, &string)
            }
        }
    }

    fn push(&mut self, vm: &Interp, part: &RString) -> Res<()> {
        let bytes = part.bytes();
        let encoding = part.encoding();
        if !self.begun {
            self.encoding = encoding;
            self.begun = true;
        }
        let joint = text::joint(self.encoding, self.bytes.is_empty(), || self.ascii, encoding, &bytes);
        self.encoding = joint.ok_or_else(|| text::incompatible(vm, self.encoding, encoding))?;
        self.ascii = self.ascii && (bytes.is_empty() || text::is_ascii(&bytes, encoding));
        vm.reserve_string(self.bytes.len() + bytes.len())?;
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }
}

fn to_a(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let plain = Rc::ptr_eq(&vm.real_class_of(receiver), &vm.c.array);
    Ok(if plain { receiver.clone() } else { Value::array(this(receiver).to_vec()) })
}

fn to_h(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = RHash::new();
    let array = this(receiver);
    let mut at = 0;
    while let Some(element) = array.get(at) {
        let pair = match args.block {
            Some(block) => vm.call_block(block, &[element])?,
            None => element,
        };
        let (key, value) = hash_of_pair(vm, &pair, Some(at))?;
        vm.hash_set(&hash, key, value)?;
        at += 1;
    }
    Ok(Value::Hash(hash))
}

fn pack(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let template = vm.to_str(&args[0])?.to_vec();
    let packed = crate::core::string::pack::pack(vm, &this(receiver).to_vec(), &template)?;
    let Some(buffer) = args.keyword("buffer").filter(|buffer| !buffer.is_nil()) else { return Ok(packed) };
    let Value::Str(buffer) = &buffer else {
        let class = vm.type_word(&buffer);
        return Err(vm.type_error(format!("buffer must be String, not {class}")));
    };
    vm.check_frozen(&Value::Str(Rc::clone(buffer)))?;
    let packed = vm.to_str(&packed)?.to_vec();
    buffer.change(|bytes| bytes.extend(packed));
    Ok(Value::Str(Rc::clone(buffer)))
}
