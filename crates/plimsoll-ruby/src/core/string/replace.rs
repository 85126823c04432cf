//! `sub` and `gsub`.

use std::rc::Rc;

use super::{changing, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerator;
use crate::core::regexp::{self, Hit, Pattern};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RHash, RProc, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("sub", 1, 2, |vm, r, a| replaced(vm, r, a, false), "The first match replaced"),
    def("gsub", 1, 2, |vm, r, a| replaced(vm, r, a, true), "All matches replaced"),
    def("sub!", 1, 2, |vm, r, a| replace(vm, r, a, false), "Replaces the first match in place; nil when there is none"),
    def("gsub!", 1, 2, |vm, r, a| replace(vm, r, a, true), "Replaces all matches in place; nil when there is none"),
];

/// What a match is replaced by.
enum Replacement<'a> {
    Template(Rc<RString>),
    Hash(Rc<RHash>),
    Block(&'a Rc<RProc>),
}

impl<'a> Replacement<'a> {
    fn of(vm: &Interp, args: Args<'a>) -> Res<Self> {
        match (args.get(1), args.block) {
            (Some(value), _) => match vm.try_hash(value)? {
                Some(hash) => Ok(Self::Hash(hash)),
                None => Ok(Self::Template(vm.to_str(value)?)),
            },
            (None, Some(block)) => Ok(Self::Block(block)),
            (None, None) => Err(vm.arity_error(1, 2, 2)),
        }
    }
}

fn replaced(vm: &Interp, receiver: &Value, args: Args<'_>, all: bool) -> Res {
    if all && args.len() == 1 && args.block.is_none() {
        return Ok(enumerator::of(vm, receiver, "gsub", args, None));
    }
    let string = this(receiver);
    let replaced = substitute(vm, string, args, all)?;
    Ok(Value::Str(replaced.unwrap_or_else(|| RString::new(string.to_vec(), string.encoding()))))
}

fn replace(vm: &Interp, receiver: &Value, args: Args<'_>, all: bool) -> Res {
    if all && args.len() == 1 && args.block.is_none() {
        return Ok(enumerator::of(vm, receiver, "gsub!", args, None));
    }
    let string = changing(vm, receiver)?;
    let length = string.len();
    let Some(new) = substitute(vm, string, args, all)? else { return Ok(Value::Nil) };
    // The block may have frozen it, or changed it.
    changing(vm, receiver)?;
    if args.block.is_some() && string.len() != length {
        return Err(vm.error("RuntimeError", "string modified"));
    }
    string.replace(new.to_vec());
    string.set_encoding(new.encoding());
    Ok(receiver.clone())
}

/// The new String; `None` when nothing matched.
fn substitute(vm: &Interp, string: &Rc<RString>, args: Args<'_>, all: bool) -> Res<Option<Rc<RString>>> {
    let replacement = Replacement::of(vm, args)?;
    let pattern = Pattern::of(vm, &args[0])?;
    let subject = regexp::subject(string);
    let out = RString::new(Vec::new(), string.encoding());
    let mut ascii = true;
    let mut copied = 0;
    let mut from = 0;
    let mut last = None;
    while let Some(hit) = pattern.search(vm, &subject, from)? {
        vm.tick()?;
        let (start, end) = (hit.start(), hit.end());
        from = hit.next_search(&subject);
        let new = match &replacement {
            Replacement::Template(template) => {
                let new = expand_template(vm, &template.bytes(), &subject, &hit, &pattern)?;
                let new = RString::new(new, template.encoding());
                last = Some(hit);
                new
            }
            Replacement::Hash(hash) => {
                let key = Value::Str(RString::new(subject.bytes()[start..end].to_vec(), subject.encoding()));
                let new = vm.to_s(&vm.hash_fetch(hash, &key)?)?;
                last = Some(hit);
                new
            }
            Replacement::Block(block) => {
                let matched = Value::Str(RString::new(subject.bytes()[start..end].to_vec(), subject.encoding()));
                pattern.record(vm, &subject, hit.clone());
                let new = vm.call_block(block, &[matched])?;
                last = Some(hit);
                vm.to_s(&new)?
            }
        };
        let encoding = vm.joint_encoding(&out, &new)?;
        vm.reserve_string(out.len() + start - copied + new.len())?;
        let bytes = new.to_vec();
        ascii &= bytes.is_ascii() && subject.bytes()[copied..start].is_ascii();
        out.change(|content| {
            content.extend_from_slice(&subject.bytes()[copied..start]);
            content.extend_from_slice(&bytes);
        });
        out.set_encoding(if ascii { string.encoding() } else { encoding });
        copied = end;
        if !all || from > subject.len() {
            break;
        }
    }
    let Some(last) = last else {
        vm.set_last_match(Value::Nil);
        return Ok(None);
    };
    pattern.record(vm, &subject, last);
    out.change(|content| content.extend_from_slice(&subject.bytes()[copied..]));
    Ok(Some(out))
}

/// A replacement text with `\1`, `\k<name>`, `\0`, `\&`, `` \` ``, `\'` and `\\` filled in.
pub(crate) fn expand_template(
    vm: &Interp,
    template: &[u8],
    subject: &RString,
    hit: &Hit,
    pattern: &Pattern,
) -> Res<Vec<u8>> {
    if !template.contains(&b'\\') {
        return Ok(template.to_vec());
    }
    let bytes = subject.bytes();
    let mut out = Vec::with_capacity(template.len());
    let mut rest = template;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let (b'\\', Some((&escape, after))) = (byte, rest.split_first()) else {
            out.push(byte);
            continue;
        };
        rest = after;
        match escape {
            b'0'..=b'9' => out.extend_from_slice(hit.text(&bytes, usize::from(escape - b'0'))),
            b'&' => out.extend_from_slice(hit.text(&bytes, 0)),
            b'`' => out.extend_from_slice(&bytes[..hit.start()]),
            b'\'' => out.extend_from_slice(&bytes[hit.end()..]),
            b'+' => {
                let last = (1..hit.groups.len()).rev().find(|group| hit.groups[*group].is_some());
                out.extend_from_slice(last.map_or(&[], |group| hit.text(&bytes, group)));
            }
            b'\\' => out.push(b'\\'),
            b'k' if rest.first() == Some(&b'<') => match rest.iter().position(|&b| b == b'>') {
                Some(close) => {
                    let name = &rest[1..close];
                    let text = String::from_utf8_lossy(name);
                    let group = match text.parse::<usize>() {
                        Ok(number) => Some(number),
                        Err(_) => pattern.named_group(name, hit),
                    };
                    let Some(group) = group else {
                        return Err(vm.error("IndexError", format!("undefined group name reference: {text}")));
                    };
                    out.extend_from_slice(hit.text(&bytes, group));
                    rest = &rest[close + 1..];
                }
                None => out.extend([b'\\', b'k']),
            },
            other => out.extend([b'\\', other]),
        }
    }
    Ok(out)
}

impl Hit {
    /// Where the next search of a series goes on: one character further after an empty match.
    pub(crate) fn next_search(&self, subject: &RString) -> usize {
        let end = self.end();
        if end > self.start() {
            return end;
        }
        let bytes = subject.bytes();
        end + if end < bytes.len() { text::char_len(&bytes[end..], subject.encoding()) } else { 1 }
    }
}
