//! Base64, as `pack` and `unpack` know it.

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

/// Defines the module.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Base64");
    vm.define_singleton(&module, FUNCTIONS);
}

const FUNCTIONS: &[Def] = &[
    def("encode64", 1, 1, |vm, _, a| pack(vm, &a[0], "m"), "In lines of 60 characters"),
    def("strict_encode64", 1, 1, |vm, _, a| pack(vm, &a[0], "m0"), "In one line"),
    def("urlsafe_encode64", 1, 2, urlsafe_encode, "In one line, with characters that URLs allow"),
    def(
        "decode64",
        1,
        1,
        |vm, _, a| vm.send(&a[0], "unpack1", &[Value::str("m")]),
        "The bytes, whatever else is between",
    ),
    def("strict_decode64", 1, 1, |vm, _, a| vm.send(&a[0], "unpack1", &[Value::str("m0")]), "The bytes of exact text"),
    def("urlsafe_decode64", 1, 1, urlsafe_decode, "The bytes of text with characters that URLs allow"),
];

fn pack(vm: &Interp, bytes: &Value, template: &str) -> Res {
    vm.send(&Value::array(vec![bytes.clone()]), "pack", &[Value::str(template)])
}

fn ascii(bytes: Vec<u8>) -> Value {
    Value::Str(RString::new(bytes, Encoding::UsAscii))
}

fn urlsafe_encode(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let mut text = vm.to_str(&pack(vm, &args[0], "m0")?)?.to_vec();
    for byte in &mut text {
        match byte {
            b'+' => *byte = b'-',
            b'/' => *byte = b'_',
            _ => {}
        }
    }
    if args.keyword("padding").is_some_and(|padding| !padding.truthy()) {
        while text.last() == Some(&b'=') {
            text.pop();
        }
    }
    Ok(ascii(text))
}

fn urlsafe_decode(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let mut text = vm.to_str(&args[0])?.to_vec();
    for byte in &mut text {
        match byte {
            b'-' => *byte = b'+',
            b'_' => *byte = b'/',
            _ => {}
        }
    }
    while text.last() != Some(&b'=') && text.len() % 4 != 0 {
        let missing = 4 - text.len() % 4;
        text.extend(std::iter::repeat_n(b'=', missing));
    }
    vm.send(&ascii(text), "unpack1", &[Value::str("m0")])
}
