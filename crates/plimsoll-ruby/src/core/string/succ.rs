//! The next String, and counting up to another.

use super::{changing, in_utf8, like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::block_or_enumerator;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("succ", 0, 0, |vm, r, a| in_utf8(vm, r, a, succ), "The next String, as `\"az\".succ == \"ba\"`"),
    def("next", 0, 0, |vm, r, a| in_utf8(vm, r, a, succ), "The next String, as `\"az\".succ == \"ba\"`"),
    def("succ!", 0, 0, |vm, r, a| in_utf8(vm, r, a, succ_bang), "Becomes the next String"),
    def("next!", 0, 0, |vm, r, a| in_utf8(vm, r, a, succ_bang), "Becomes the next String"),
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
    let Some(mut at) = chars.iter().rposition(|ch| kind(ch, encoding).is_some()) else {
        return next_of_any(chars, encoding);
    };
    loop {
        let (next, carry) = next_alnum(&chars[at], encoding);
        chars[at] = next;
        let Some(carry) = carry else { break };
        match alnum_before(&chars, at, encoding) {
            Some(before) => at = before,
            None => {
                chars.insert(at, carry);
                break;
            }
        }
    }
    chars.concat()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
}

/// Whether a character counts, and as what.
fn kind(ch: &[u8], encoding: Encoding) -> Option<Kind> {
    let code = text::code_point(ch, encoding).filter(|c| encoding == Encoding::Utf8 || *c < 0x80)?;
    let c = char::from_u32(code)?;
    if c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric() && !c.is_alphabetic()) {
        return Some(Kind::Digit);
    }
    c.is_alphabetic().then_some(Kind::Letter)
}

/// The next character of the same kind, and what is carried when it starts over.
fn next_alnum(ch: &[u8], encoding: Encoding) -> (Vec<u8>, Option<Vec<u8>>) {
    match ch {
        b"9" => return (vec![b'0'], Some(vec![b'1'])),
        b"z" => return (vec![b'a'], Some(vec![b'a'])),
        b"Z" => return (vec![b'A'], Some(vec![b'A'])),
        [byte] if byte.is_ascii() => return (vec![byte + 1], None),
        _ => {}
    }
    const LONGEST_RUN: u32 = 0x100;
    let own = kind(ch, encoding);
    let code = text::code_point(ch, encoding).unwrap_or(0);
    let same = |code: u32| text::encode(code, encoding).filter(|next| kind(next, encoding) == own);
    if let Some(next) = same(code + 1) {
        return (next, None);
    }
    let run = (1..LONGEST_RUN).take_while(|back| code.checked_sub(*back).and_then(same).is_some()).last().unwrap_or(0);
    let first = text::encode(code - run, encoding).unwrap_or_default();
    (first.clone(), Some(first))
}

/// Where a carry goes: the next alphanumeric to the left, but not across others when of another kind.
fn alnum_before(chars: &[Vec<u8>], at: usize, encoding: Encoding) -> Option<usize> {
    let before = chars[..at].iter().rposition(|ch| kind(ch, encoding).is_some())?;
    // Where something lies between, as in "1.9" or "a-9", digits carry to digits and letters to letters only.
    let joined = before + 1 == at || kind(&chars[before], encoding) == kind(&chars[at], encoding);
    joined.then_some(before)
}

/// Without alphanumerics the last character is counted up, with carry.
fn next_of_any(mut chars: Vec<Vec<u8>>, encoding: Encoding) -> Vec<u8> {
    let most = match encoding {
        Encoding::UsAscii => 0x7f,
        _ if encoding.is_unicode() => 0x10_ffff,
        _ => 0xff,
    };
    let mut at = chars.len();
    while at > 0 {
        at -= 1;
        let code = text::code_point(&chars[at], encoding);
        let Some(code) = code else {
            let byte = chars[at][0].wrapping_add(1);
            chars[at] = vec![byte];
            if byte == 0 {
                continue;
            }
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
    let block = block_or_enumerator!(vm, receiver, args, "upto");
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
    if encoding.is_foreign() && !(first.is_ascii() && last.is_ascii()) {
        return Err(vm.unsupported(&format!("counting Strings up in {}", encoding.name())));
    }
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
    if from > to {
        return Ok(());
    }
    let mut current = from;
    loop {
        vm.tick()?;
        let at_end = current == to;
        if exclusive && at_end {
            return Ok(());
        }
        if !visit(make(current.clone()))? || at_end {
            return Ok(());
        }
        current = successor(&current, encoding);
        if current.len() > to.len() || current.is_empty() {
            return Ok(());
        }
    }
}
