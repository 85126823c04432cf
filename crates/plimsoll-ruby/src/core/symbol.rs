//! Symbol.

use std::rc::Rc;

use super::string::text;
use crate::args::Args;
use crate::class::{Def, def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Encoding, ProcKind, RProc, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = &vm.c.symbol;
    vm.include(class, &vm.c.comparable);
    vm.define(class, METHODS);
    vm.define_singleton(class, SINGLETON);
    super::without_new(vm, class);
}

const SINGLETON: &[Def] = &[def("all_symbols", 0, 0, |vm, _, _| Err(vm.unsupported("Symbol.all_symbols")), "Refused")];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("to_s", 0, 0, |_, r, _| Ok(Value::Str(name_string(this(r)))), "Its name"),
    def("id2name", 0, 0, |_, r, _| Ok(Value::Str(name_string(this(r)))), "Its name"),
    def("name", 0, 0, name, "Its name, frozen"),
    def("to_sym", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("intern", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_proc", 0, 0, to_proc, "A lambda that calls the method of this name on its first argument"),
    def("inspect", 0, 0, |_, r, _| Ok(Value::bytes(inspected(this(r)))), "A literal of it"),
    def("==", 1, 1, |_, r, a| Ok(r.same(&a[0]).into()), "The same symbol"),
    def("===", 1, 1, |_, r, a| Ok(r.same(&a[0]).into()), "The same symbol"),
    def("hash", 0, 0, |vm, r, _| Ok(Value::Int(vm.hash_code(r)? as i64 >> 1)), "A hash code"),
    def("<=>", 1, 1, |vm, r, a| with_symbol(vm, r, a, "<=>"), "Compares names; nil for what is no Symbol"),
    def(
        "casecmp",
        1,
        1,
        |vm, r, a| with_symbol(vm, r, a, "casecmp"),
        "Compares names, ASCII letters alike in both cases",
    ),
    def("casecmp?", 1, 1, |vm, r, a| with_symbol(vm, r, a, "casecmp?"), "Whether names are equal when case is folded"),
    def("=~", 1, 1, |vm, r, a| by_name(vm, r, a, "=~"), "Where a pattern first matches"),
    def("match", 1, 2, |vm, r, a| by_name(vm, r, a, "match"), "The first match of a pattern"),
    def("match?", 1, 2, |vm, r, a| by_name(vm, r, a, "match?"), "Whether a pattern matches"),
    def("[]", 1, 2, |vm, r, a| by_name(vm, r, a, "[]"), "A part of its name"),
    def("slice", 1, 2, |vm, r, a| by_name(vm, r, a, "[]"), "A part of its name"),
    def("length", 0, 0, length, "Number of characters"),
    def("size", 0, 0, length, "Number of characters"),
    def("empty?", 0, 0, |_, r, _| Ok(this(r).bytes().is_empty().into()), "Whether its name is empty"),
    def("encoding", 0, 0, |vm, r, a| by_name(vm, r, a, "encoding"), "The encoding of its name"),
    def("start_with?", 0, -1, |vm, r, a| by_name(vm, r, a, "start_with?"), "Whether its name starts with an argument"),
    def("end_with?", 0, -1, |vm, r, a| by_name(vm, r, a, "end_with?"), "Whether its name ends with an argument"),
    def("upcase", 0, -1, |vm, r, a| renamed(vm, r, a, "upcase"), "In upper case"),
    def("downcase", 0, -1, |vm, r, a| renamed(vm, r, a, "downcase"), "In lower case"),
    def("capitalize", 0, -1, |vm, r, a| renamed(vm, r, a, "capitalize"), "First character upper, the rest lower case"),
    def("swapcase", 0, -1, |vm, r, a| renamed(vm, r, a, "swapcase"), "Upper and lower case exchanged"),
    def("succ", 0, 0, |vm, r, a| renamed(vm, r, a, "succ"), "The symbol of the next name"),
    def("next", 0, 0, |vm, r, a| renamed(vm, r, a, "succ"), "The symbol of the next name"),
];

fn this(receiver: &Value) -> Sym {
    match receiver {
        Value::Sym(name) => *name,
        _ => unreachable!("a method of Symbol runs on Symbols alone"),
    }
}

/// A new String of a symbol's name.
pub(crate) fn name_string(name: Sym) -> Rc<RString> {
    let bytes = name.bytes();
    RString::new(bytes.to_vec(), if bytes.is_ascii() { Encoding::UsAscii } else { Encoding::Utf8 })
}

impl Interp {
    /// The symbol of these bytes. Symbols live as long as the process, so new ones count against the memory limit.
    pub(crate) fn intern(&self, bytes: &[u8]) -> Res<Sym> {
        if !Sym::exists(bytes) {
            self.reserve_string(bytes.len())?;
        }
        Ok(Sym::from_bytes(bytes))
    }
}

fn name(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let name = name_string(this(receiver));
    name.head.freeze();
    Ok(Value::Str(name))
}

fn to_proc(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Proc(RProc::new(ProcKind::Symbol(this(receiver)), true, 0)))
}

fn length(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(text::count(this(receiver).bytes(), Encoding::Utf8).into())
}

/// What the String method of this name gives for the name.
fn by_name(vm: &Interp, receiver: &Value, args: Args<'_>, method: &str) -> Res {
    vm.call_with(&Value::Str(name_string(this(receiver))), Sym::new(method), args, CallStyle::Implicit)
}

fn with_symbol(vm: &Interp, receiver: &Value, args: Args<'_>, method: &str) -> Res {
    match &args[0] {
        Value::Sym(other) => by_name(vm, receiver, Args::new(&[Value::Str(name_string(*other))]), method),
        _ => Ok(Value::Nil),
    }
}

fn renamed(vm: &Interp, receiver: &Value, args: Args<'_>, method: &str) -> Res {
    let new = by_name(vm, receiver, args, method)?;
    let new = vm.to_str(&new)?;
    let bytes = new.to_vec();
    vm.intern(&bytes).map(Value::Sym)
}

/// A literal of a symbol: `:name`, or `:"…"` where the name needs quotes.
pub(crate) fn inspected(name: Sym) -> Vec<u8> {
    let bytes = name.bytes();
    if is_plain(bytes) {
        return [b":", bytes].concat();
    }
    [b":".to_vec(), super::string::inspected(bytes, Encoding::Utf8)].concat()
}

/// Whether a symbol of this name is written without quotes.
pub(crate) fn is_plain(name: &[u8]) -> bool {
    const OPERATORS: [&[u8]; 28] = [
        b"+", b"-", b"*", b"/", b"%", b"**", b"==", b"!=", b"===", b"=~", b"!~", b"<=>", b"<", b"<=", b">", b">=",
        b"!", b"~", b"+@", b"-@", b"[]", b"[]=", b"<<", b">>", b"&", b"|", b"^", b"`",
    ];
    if OPERATORS.contains(&name) {
        return true;
    }
    match name {
        [b'$', rest @ ..] => is_identifier(rest) || is_special_global(rest),
        [b'@', b'@', rest @ ..] | [b'@', rest @ ..] => is_identifier(rest),
        [stem @ .., b'?' | b'!' | b'='] => is_identifier(stem),
        _ => is_identifier(name),
    }
}

fn is_special_global(rest: &[u8]) -> bool {
    match rest {
        [single] => b"~*$?!@/\\;,.=:<>\"&`'+0_".contains(single) || single.is_ascii_digit(),
        [b'-', letter] => letter.is_ascii_alphanumeric() || *letter == b'_',
        digits => !digits.is_empty() && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit),
    }
}

/// Whether a name could be a local variable's or a constant's.
pub(crate) fn is_identifier(name: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(name) else { return false };
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    text.chars().all(part) && text.starts_with(|c: char| part(c) && !c.is_ascii_digit()) && text.chars().all(visible)
}

fn visible(c: char) -> bool {
    c.is_ascii() || super::string::printable(c)
}
