//! The next String, and counting up to another.

use super::{changing, like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("succ", 0, 0, succ, "The next String, as `\"az\".succ == \"ba\"`"),
    def("next", 0, 0, succ, "The next String, as `\"az\".succ == \"ba\"`"),
    def("succ!", 0, 0, succ_bang, "Becomes the next String"),
    def("next!", 0, 0, succ_bang, "Becomes the next String"),
    def("upto", 1, 2, upto, "Yields each String up to another"),
];

fn succ(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    Ok(like(string, successor(&string.bytes(), string.encoding())))
}

fn succ_bang(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let next = successor(&string.bytes(), string.encoding());
    string.replace(next);
    Ok(receiver.clone())
}

/// The String after this one.
pub(crate) fn successor(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut chars: Vec<Vec<u8>> = text::chars(bytes, encoding).map(<[u8]>::to_vec).collect();
    let alnum = |ch: &[u8]| matches!(ch, [b] if b.is_ascii_alphanumeric());
    if !chars.iter().any(|ch| alnum(ch)) {
        return next_of_any(chars, encoding);
    }
    let mut at = chars.iter().rposition(|ch| alnum(ch)).expect("there is one");
    loop {
        let byte = chars[at][0];
        let (next, carry) = match byte {
            b'9' => (b'0', Some(b'1')),
            b'z' => (b'a', Some(b'a')),
            b'Z' => (b'A', Some(b'A')),
            other => (other + 1, None),
        };
        chars[at] = vec![next];
        let Some(carry) = carry else { break };
        match alnum_before(&chars, at) {
            Some(before) => at = before,
            None => {
                chars.insert(at, vec![carry]);
                break;
            }
        }
    }
    chars.concat()
}

/// Where a carry goes: the next alphanumeric to the left, but not across several others when of another kind.
fn alnum_before(chars: &[Vec<u8>], at: usize) -> Option<usize> {
    let is_alnum = |ch: &[u8]| matches!(ch, [b] if b.is_ascii_alphanumeric());
    let before = chars[..at].iter().rposition(|ch| is_alnum(ch))?;
    if before + 1 == at {
        return Some(before);
    }
    // Something lies between, as in "1.9" or "a-9": digits carry to digits, letters to letters only.
    let kind = |ch: &[u8]| ch[0].is_ascii_digit();
    (kind(&chars[before]) == kind(&chars[at])).then_some(before)
}

/// Without alphanumerics the last character is counted up, with carry.
fn next_of_any(mut chars: Vec<Vec<u8>>, encoding: Encoding) -> Vec<u8> {
    let most = match encoding {
        Encoding::Utf8 => 0x10_ffff,
        Encoding::Binary => 0xff,
        Encoding::UsAscii => 0x7f,
    };
    let mut at = chars.len();
    while at > 0 {
        at -= 1;
        let code = text::code_point(&chars[at], encoding);
        let Some(code) = code else {
            chars[at] = vec![chars[at][0].wrapping_add(1)];
            return chars.concat();
        };
        let mut next = code + 1;
        if (0xd800..0xe000).contains(&next) {
            next = 0xe000;
        }
        if next <= most {
            chars[at] = text::encode(next, encoding).unwrap_or_default();
            return chars.concat();
        }
        chars[at] = vec![0];
    }
    chars.insert(0, vec![1]);
    chars.concat()
}

fn upto(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.block.is_none() {
        let mut values = vec![Value::Sym(Sym::new("upto"))];
        values.extend_from_slice(args.values);
        return vm.send(receiver, "to_enum", &values);
    }
    let block = args.need_block(vm)?;
    let exclusive = args.or_nil(1).truthy();
    let last = vm.to_str(&args[0])?;
    each_upto(vm, this(receiver), &last, exclusive, |value| vm.call_block(block, &[value]).map(|_| true))?;
    Ok(receiver.clone())
}

/// Visits the Strings from one to another, as `String#upto` and Ranges of Strings do.
pub(crate) fn each_upto(
    vm: &Interp,
    first: &RString,
    last: &RString,
    exclusive: bool,
    mut visit: impl FnMut(Value) -> Res<bool>,
) -> Res<()> {
    let (from, to) = (first.to_vec(), last.to_vec());
    let encoding = first.encoding();
    let make = |bytes: Vec<u8>| Value::Str(RString::new(bytes, encoding));
    // Single ASCII characters are counted by code.
    if let ([a], [b]) = (&from[..], &to[..])
        && a.is_ascii()
        && b.is_ascii()
    {
        for byte in *a..=*b {
            if (exclusive && byte == *b) || !visit(make(vec![byte]))? {
                break;
            }
        }
        return Ok(());
    }
    let digits = |bytes: &[u8]| !bytes.is_empty() && bytes.len() < 19 && bytes.iter().all(u8::is_ascii_digit);
    if digits(&from) && digits(&to) {
        let width = from.len();
        let parse = |bytes: &[u8]| bytes.iter().fold(0_u64, |n, d| n * 10 + u64::from(d - b'0'));
        if width == 1 || from[0] != b'0' || width == to.len() {
            let end = parse(&to);
            for number in parse(&from)..=end {
                vm.tick()?;
                if (exclusive && number == end) || !visit(make(format!("{number:0width$}").into_bytes()))? {
                    break;
                }
            }
            return Ok(());
        }
    }
    if from.len() > to.len() || (from.len() == to.len() && from > to) {
        return Ok(());
    }
    let mut current = from;
    loop {
        vm.tick()?;
        let at_end = current == to;
        if (exclusive && at_end) || !visit(make(current.clone()))? || at_end {
            return Ok(());
        }
        current = successor(&current, encoding);
        if current.len() > to.len() || current.is_empty() {
            return Ok(());
        }
    }
}
