//! Digest: MD5, SHA1 and the SHA2 family.

use std::cell::RefCell;
use std::rc::Rc;

use md5::Digest as _;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RObject, RString, Value};

/// What a class of digests computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Kind {
    fn of(vm: &Interp, class: &Rc<RClass>) -> Self {
        let kinds = [("MD5", Self::Md5), ("SHA1", Self::Sha1), ("SHA384", Self::Sha384), ("SHA512", Self::Sha512)];
        let is = |name: &str| vm.inherits(class, &vm.class_named(&format!("Digest::{name}")));
        kinds.into_iter().find(|(name, _)| is(name)).map_or(Self::Sha256, |(_, kind)| kind)
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    fn length(self) -> usize {
        self.digest(b"").len()
    }

    fn block(self) -> usize {
        if matches!(self, Self::Sha384 | Self::Sha512) { 128 } else { 64 }
    }
}

/// A digest under way: what it has been given.
struct Digest {
    kind: RefCell<Option<Kind>>,
    bytes: RefCell<Vec<u8>>,
}

/// Defines the module and its classes.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Digest");
    let instance = vm.define_module(&module, "Instance");
    let class = vm.define_class(&module, "Class", &vm.c.object);
    vm.include(&class, &instance);
    let base = vm.define_class(&module, "Base", &class);
    for name in ["MD5", "SHA1", "SHA256", "SHA384", "SHA512"] {
        vm.define_class(&module, name, &base);
    }
    vm.define_class(&module, "SHA2", &class);
    vm.set_alloc(&class, |_, class| {
        let digest = Digest { kind: RefCell::new(None), bytes: RefCell::default() };
        Ok(RObject::with_native(Rc::clone(class), digest).into())
    });
    vm.define(&class, METHODS);
    vm.define_singleton(&class, FUNCTIONS);
}

const FUNCTIONS: &[Def] = &[
    def("digest", 1, -1, |vm, class, a| of_text(vm, class, a).map(binary), "The digest's bytes"),
    def("hexdigest", 1, -1, |vm, class, a| Ok(hex(&of_text(vm, class, a)?)), "The digest in hexadecimal"),
    def("base64digest", 1, -1, |vm, class, a| base64(vm, of_text(vm, class, a)?), "The digest in Base64"),
];

/// Instance methods.
const METHODS: &[Def] = &[
    private_def("initialize", 0, 1, initialize, "Takes the number of bits, for SHA2"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over what another has been given"),
    def("update", 1, 1, update, "Adds text"),
    def("<<", 1, 1, update, "Adds text"),
    def("reset", 0, 0, reset, "Forgets all text"),
    def("digest", 0, 1, |vm, r, a| current(vm, r, a).map(binary), "The digest's bytes"),
    def("hexdigest", 0, 1, |vm, r, a| Ok(hex(&current(vm, r, a)?)), "The digest in hexadecimal"),
    def("base64digest", 0, 1, |vm, r, a| base64(vm, current(vm, r, a)?), "The digest in Base64"),
    def("digest!", 0, 0, |vm, r, a| finish(vm, r, a).map(binary), "The digest's bytes; forgets all text"),
    def("hexdigest!", 0, 0, |vm, r, a| Ok(hex(&finish(vm, r, a)?)), "The digest in hexadecimal; forgets all text"),
    def("to_s", 0, 0, |vm, r, a| Ok(hex(&current(vm, r, a)?)), "The digest in hexadecimal"),
    def("inspect", 0, 0, inspect, "Its class and digest"),
    def("==", 1, 1, equals, "Whether both digests, or the digest and a text, are equal"),
    def("digest_length", 0, 0, |vm, r, _| Ok(kind(vm, r).length().into()), "Bytes of the digest"),
    def("length", 0, 0, |vm, r, _| Ok(kind(vm, r).length().into()), "Bytes of the digest"),
    def("size", 0, 0, |vm, r, _| Ok(kind(vm, r).length().into()), "Bytes of the digest"),
    def("block_length", 0, 0, |vm, r, _| Ok(kind(vm, r).block().into()), "Bytes that are taken at once"),
];

fn this(receiver: &Value) -> &Digest {
    receiver.native().expect("a method of Digest runs on digests alone")
}

fn kind(vm: &Interp, receiver: &Value) -> Kind {
    let known = *this(receiver).kind.borrow();
    known.unwrap_or_else(|| Kind::of(vm, &vm.real_class_of(receiver)))
}

fn binary(bytes: Vec<u8>) -> Value {
    Value::Str(RString::new(bytes, Encoding::Binary))
}

fn hex(bytes: &[u8]) -> Value {
    Value::Str(RString::new(hex_text(bytes).into_bytes(), Encoding::UsAscii))
}

/// Bytes as hexadecimal digits in lower case.
pub(super) fn hex_text(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn base64(vm: &Interp, bytes: Vec<u8>) -> Res {
    vm.send(&Value::array(vec![binary(bytes)]), "pack", &[Value::str("m0")])
}

fn of_text(vm: &Interp, class: &Value, args: Args<'_>) -> Res<Vec<u8>> {
    let text = vm.to_str(&args[0])?;
    Ok(Kind::of(vm, &vm.to_class(class)?).digest(&text.bytes()))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(bits) = args.get(0) else { return Ok(Value::Nil) };
    let kind = match vm.to_int(bits)? {
        256 => Kind::Sha256,
        384 => Kind::Sha384,
        512 => Kind::Sha512,
        other => return Err(vm.argument_error(format!("unsupported bit length: {other}"))),
    };
    *this(receiver).kind.borrow_mut() = Some(kind);
    Ok(Value::Nil)
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(other) = args[0].native::<Digest>() else { return Err(vm.type_error("wrong argument type")) };
    let (kind, bytes) = (*other.kind.borrow(), other.bytes.borrow().clone());
    *this(receiver).kind.borrow_mut() = kind;
    *this(receiver).bytes.borrow_mut() = bytes;
    Ok(receiver.clone())
}

fn update(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = vm.to_str(&args[0])?;
    vm.reserve_string(this(receiver).bytes.borrow().len() + text.len())?;
    this(receiver).bytes.borrow_mut().extend_from_slice(&text.bytes());
    Ok(receiver.clone())
}

fn reset(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    this(receiver).bytes.borrow_mut().clear();
    Ok(receiver.clone())
}

fn current(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<Vec<u8>> {
    let kind = kind(vm, receiver);
    match args.get(0) {
        Some(text) => Ok(kind.digest(&vm.to_str(text)?.bytes())),
        None => Ok(kind.digest(&this(receiver).bytes.borrow())),
    }
}

fn finish(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<Vec<u8>> {
    let digest = current(vm, receiver, args)?;
    this(receiver).bytes.borrow_mut().clear();
    Ok(digest)
}

fn inspect(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    let digest = vm.to_s(&hex(&current(vm, receiver, args)?))?.lossy();
    Ok(Value::from(format!("#<{class}: {digest}>")))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let own = current(vm, receiver, Args::default())?;
    match &args[0] {
        other if other.native::<Digest>().is_some() => Ok((own == current(vm, other, Args::default())?).into()),
        Value::Str(text) => Ok(crate::core::strings_equal(text, &*vm.to_str(&hex(&own))?).into()),
        _ => Ok(false.into()),
    }
}
