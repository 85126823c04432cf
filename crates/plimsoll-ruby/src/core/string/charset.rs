//! Sets of characters written `a-z`, `^0-9`: `tr`, `delete`, `squeeze`, `count`.

use super::{bang, in_utf8, like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("tr", 2, 2, |vm, r, a| made(vm, r, a, |vm, r, a| tr(vm, r, a, false)), "Characters replaced one for one"),
    def(
        "tr_s",
        2,
        2,
        |vm, r, a| made(vm, r, a, |vm, r, a| tr(vm, r, a, true)),
        "The same, runs of a replacement squeezed",
    ),
    def(
        "tr!",
        2,
        2,
        |vm, r, a| in_place(vm, r, a, |vm, r, a| tr(vm, r, a, false)),
        "Replaces in place; nil when nothing changes",
    ),
    def(
        "tr_s!",
        2,
        2,
        |vm, r, a| in_place(vm, r, a, |vm, r, a| tr(vm, r, a, true)),
        "Replaces in place; nil when nothing changes",
    ),
    def("delete", 0, -1, |vm, r, a| made(vm, r, a, delete), "Without the characters in all sets"),
    def("delete!", 0, -1, |vm, r, a| in_place(vm, r, a, delete), "Deletes in place; nil when nothing changes"),
    def("squeeze", 0, -1, |vm, r, a| made(vm, r, a, squeeze), "Runs of the same character made one"),
    def("squeeze!", 0, -1, |vm, r, a| in_place(vm, r, a, squeeze), "Squeezes in place; nil when nothing changes"),
    def("count", 1, -1, |vm, r, a| in_utf8(vm, r, a, count), "How many characters are in all sets"),
];

/// What the text of a String becomes.
type Make = fn(&Interp, &Value, Args<'_>) -> Res<Vec<u8>>;

fn made(vm: &Interp, receiver: &Value, args: Args<'_>, make: Make) -> Res {
    in_utf8(vm, receiver, args, |vm, receiver, args| Ok(like(this(receiver), make(vm, receiver, args)?)))
}

fn in_place(vm: &Interp, receiver: &Value, args: Args<'_>, make: Make) -> Res {
    in_utf8(vm, receiver, args, |vm, receiver, args| {
        vm.check_frozen(receiver)?;
        let new = make(vm, receiver, args)?;
        let same = *this(receiver).bytes() == *new;
        bang(vm, receiver, (!same).then_some(new))
    })
}

/// A character set as written.
struct Charset {
    negated: bool,
    /// Inclusive ranges in the order written.
    ranges: Vec<(u32, u32)>,
}

/// A character as a number that sorts; an invalid byte sorts after all characters.
fn number(ch: &[u8], encoding: Encoding) -> u32 {
    text::code_point(ch, encoding).unwrap_or_else(|| 0x11_0000 + u32::from(ch[0]))
}

fn character(number: u32, encoding: Encoding) -> Vec<u8> {
    match number.checked_sub(0x11_0000) {
        Some(byte) => vec![byte as u8],
        None => text::encode(number, encoding).unwrap_or_default(),
    }
}

impl Charset {
    fn parse(vm: &Interp, string: &RString) -> Res<Self> {
        let bytes = string.bytes();
        let encoding = string.encoding();
        let mut chars: Vec<&[u8]> = text::chars(&bytes, encoding).collect();
        let negated = chars.len() > 1 && chars[0] == b"^";
        if negated {
            chars.remove(0);
        }
        let mut ranges = Vec::new();
        let mut at = 0;
        // One character, a backslash taking the next one as it is.
        let take = |at: &mut usize| {
            if chars[*at] == b"\\" && *at + 1 < chars.len() {
                *at += 1;
            }
            *at += 1;
            chars[*at - 1]
        };
        while at < chars.len() {
            let first = take(&mut at);
            let from = number(first, encoding);
            if at + 1 < chars.len() && chars[at] == b"-" {
                at += 1;
                let last = take(&mut at);
                let to = number(last, encoding);
                if to < from {
                    let shown = [first, b"-", last].concat();
                    let shown = String::from_utf8_lossy(&shown).into_owned();
                    return Err(vm.argument_error(format!("invalid range \"{shown}\" in string transliteration")));
                }
                ranges.push((from, to));
            } else {
                ranges.push((from, from));
            }
        }
        Ok(Self { negated, ranges })
    }

    fn lists(&self, number: u32) -> bool {
        self.ranges.iter().any(|&(from, to)| (from..=to).contains(&number))
    }

    fn contains(&self, number: u32) -> bool {
        self.lists(number) != self.negated
    }

    /// The position of a character in the set as written.
    fn position(&self, number: u32) -> Option<u32> {
        let mut before = 0;
        let mut found = None;
        for &(from, to) in &self.ranges {
            if (from..=to).contains(&number) {
                // A later mention wins.
                found = Some(before + (number - from));
            }
            before += to - from + 1;
        }
        found
    }

    fn at(&self, position: u32) -> Option<u32> {
        let mut before = 0;
        for &(from, to) in &self.ranges {
            if position - before <= to - from {
                return Some(from + (position - before));
            }
            before += to - from + 1;
        }
        self.ranges.last().map(|&(_, to)| to)
    }
}

fn sets(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<Vec<Charset>> {
    let string = this(receiver);
    args.values
        .iter()
        .map(|value| {
            let set = vm.to_str(value)?;
            vm.joint_encoding(string, &set)?;
            Charset::parse(vm, &set)
        })
        .collect()
}

fn tr(vm: &Interp, receiver: &Value, args: Args<'_>, squeeze: bool) -> Res<Vec<u8>> {
    let string = this(receiver);
    let (from, to) = (vm.to_str(&args[0])?, vm.to_str(&args[1])?);
    if string.is_empty() {
        return Ok(Vec::new());
    }
    vm.joint_encoding(string, &from)?;
    vm.joint_encoding(string, &to)?;
    let from = Charset::parse(vm, &from)?;
    let to_encoding = to.encoding();
    // A negated replacement set means its characters as they stand.
    let mut replacement = Charset::parse(vm, &to)?;
    if replacement.negated {
        replacement.ranges.insert(0, (u32::from(b'^'), u32::from(b'^')));
    }
    let encoding = string.encoding();
    let bytes = string.bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = None;
    for ch in text::chars(&bytes, encoding) {
        let code = number(ch, encoding);
        let replaced = if from.negated {
            (!from.lists(code)).then(|| replacement.ranges.last().map(|&(_, to)| to))
        } else {
            from.position(code).map(|position| replacement.at(position))
        };
        match replaced {
            None => {
                out.extend_from_slice(ch);
                last = None;
            }
            Some(None) => {}
            Some(Some(new)) => {
                if squeeze && last == Some(new) {
                    continue;
                }
                let encoding = if to_encoding == Encoding::Utf8 { to_encoding } else { encoding };
                out.extend(character(new, encoding));
                last = Some(new);
            }
        }
    }
    Ok(out)
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<Vec<u8>> {
    if this(receiver).is_empty() {
        return Ok(Vec::new());
    }
    if args.is_empty() {
        return Err(vm.arity_error(0, 1, -1));
    }
    let sets = sets(vm, receiver, args)?;
    let string = this(receiver);
    let encoding = string.encoding();
    let bytes = string.bytes();
    let kept = text::chars(&bytes, encoding).filter(|ch| !sets.iter().all(|set| set.contains(number(ch, encoding))));
    Ok(kept.flatten().copied().collect())
}

fn squeeze(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<Vec<u8>> {
    let sets = sets(vm, receiver, args)?;
    let string = this(receiver);
    let encoding = string.encoding();
    let bytes = string.bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut last: &[u8] = &[];
    for ch in text::chars(&bytes, encoding) {
        if ch != last || !sets.iter().all(|set| set.contains(number(ch, encoding))) {
            out.extend_from_slice(ch);
        }
        last = ch;
    }
    Ok(out)
}

fn count(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let sets = sets(vm, receiver, args)?;
    let string = this(receiver);
    let encoding = string.encoding();
    let bytes = string.bytes();
    let counted =
        text::chars(&bytes, encoding).filter(|ch| sets.iter().all(|set| set.contains(number(ch, encoding)))).count();
    Ok(counted.into())
}
