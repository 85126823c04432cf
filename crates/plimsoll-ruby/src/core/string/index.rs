//! Parts by index, range, String or Regexp: reading, replacing and cutting them out.

use std::ops::Range;
use std::rc::Rc;

use super::{changing, like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::regexp;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RRange, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("[]", 1, 2, aref, "The part at an index, a range, a String or a Regexp; nil when there is none"),
    def("slice", 1, 2, aref, "The part at an index, a range, a String or a Regexp; nil when there is none"),
    def("[]=", 2, 3, aset, "Replaces the part at an index, a range, a String or a Regexp"),
    def("slice!", 1, 2, slice_bang, "Cuts out and gives the part at an index, a range, a String or a Regexp"),
    def("byteslice", 1, 2, byteslice, "The part at a byte index or range"),
    def("chr", 0, 0, chr, "The first character"),
];

/// Start and length that a range means in a sequence of `len`; `None` when its start lies outside.
pub(crate) fn resolve_range(vm: &Interp, range: &RRange, len: usize) -> Res<Option<(usize, usize)>> {
    let len = len as i64;
    let mut start = if range.begin.is_nil() { 0 } else { vm.to_int(&range.begin)? };
    let (mut end, exclusive) = match &range.end {
        Value::Nil => (-1, false),
        end => (vm.to_int(end)?, range.exclusive),
    };
    if start < 0 {
        start += len;
    }
    if start < 0 || start > len {
        return Ok(None);
    }
    if end < 0 {
        end += len;
    }
    if !exclusive {
        end = end.saturating_add(1);
    }
    let end = end.min(len);
    Ok(Some((start as usize, (end - start).max(0) as usize)))
}

/// The bytes of `len` characters from character `start` on, as far as they exist.
fn char_range(string: &RString, start: i64, len: i64) -> Option<Range<usize>> {
    let bytes = string.bytes();
    let encoding = string.encoding();
    let from = text::signed_offset(&bytes, encoding, start)?;
    let len = usize::try_from(len).ok()?;
    let to = text::offset(&bytes[from..], encoding, len).map_or(bytes.len(), |l| from + l);
    Some(from..to.min(bytes.len()))
}

/// The bytes that an index names; `None` when there are none.
fn located(vm: &Interp, string: &Rc<RString>, args: &[Value]) -> Res<Option<Range<usize>>> {
    if let [index, second] = args {
        if let Some(pattern) = regexp::of(index) {
            let hit = pattern.search_recorded(vm, index, string, 0)?;
            let Some(hit) = hit else { return Ok(None) };
            let group = pattern.group_number(vm, second, &hit)?;
            return Ok(group.and_then(|g| hit.groups.get(g).copied().flatten()).map(|(from, to)| from..to));
        }
        let (start, len) = (vm.to_int(index)?, vm.to_int(second)?);
        return Ok(char_range(string, start, len));
    }
    match &args[0] {
        Value::Int(index) => Ok(char_range(string, *index, 1).filter(|range| !range.is_empty())),
        Value::Str(other) => {
            vm.joint_encoding(string, other)?;
            let at = text::find(&string.bytes(), &other.bytes(), 0, string.encoding());
            Ok(at.map(|at| at..at + other.len()))
        }
        Value::Range(range) => {
            let count = text::count(&string.bytes(), string.encoding());
            let resolved = resolve_range(vm, range, count)?;
            Ok(resolved.and_then(|(start, len)| char_range(string, start as i64, len as i64)))
        }
        other => {
            if let Some(pattern) = regexp::of(other) {
                let hit = pattern.search_recorded(vm, other, string, 0)?;
                return Ok(hit.map(|hit| hit.start()..hit.end()));
            }
            let index = vm.to_int(other)?;
            Ok(char_range(string, index, 1).filter(|range| !range.is_empty()))
        }
    }
}

fn aref(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let range = located(vm, string, args.values)?;
    Ok(range.map(|range| like(string, &string.bytes()[range])).into())
}

fn slice_bang(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let Some(range) = located(vm, string, args.values)? else { return Ok(Value::Nil) };
    let cut = like(string, &string.bytes()[range.clone()]);
    string.change(|content| content.drain(range).for_each(drop));
    Ok(cut)
}

fn aset(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let (value, index) = args.values.split_last().expect("arity is checked");
    let out_of_string = |index: i64| vm.error("IndexError", format!("index {index} out of string"));
    let range = match index {
        [first, second] => match regexp::of(first) {
            Some(_) => capture_to_replace(vm, string, first, second)?,
            None => {
                let (start, len) = (vm.to_int(first)?, vm.to_int(second)?);
                if len < 0 {
                    return Err(vm.error("IndexError", format!("negative length {len}")));
                }
                char_range(string, start, len).ok_or_else(|| out_of_string(start))?
            }
        },
        [Value::Str(other)] => {
            let found = located(vm, string, &[Value::Str(Rc::clone(other))])?;
            found.ok_or_else(|| vm.error("IndexError", "string not matched"))?
        }
        [Value::Range(range)] => match located(vm, string, index)? {
            Some(found) => found,
            None => {
                let shown = vm.inspect(&Value::Range(Rc::clone(range)))?.lossy();
                return Err(vm.error("RangeError", format!("{shown} out of range")));
            }
        },
        [one] if regexp::of(one).is_some() => {
            located(vm, string, index)?.ok_or_else(|| vm.error("IndexError", "regexp not matched"))?
        }
        [one] => {
            let index = vm.to_int(one)?;
            // The index after the last character appends, an empty String's too.
            let found = char_range(string, index, 1).filter(|r| !r.is_empty() || index >= 0);
            found.ok_or_else(|| out_of_string(index))?
        }
        _ => unreachable!("arity is checked"),
    };
    let new = vm.to_str(value)?;
    let encoding = vm.joint_encoding(string, &new)?;
    let bytes = new.to_vec();
    vm.reserve_string(string.len() + bytes.len())?;
    string.change(|content| content.splice(range, bytes).for_each(drop));
    string.set_encoding(encoding);
    Ok(value.clone())
}

fn capture_to_replace(vm: &Interp, string: &Rc<RString>, pattern: &Value, group: &Value) -> Res<Range<usize>> {
    let regexp = regexp::of(pattern).expect("the caller has looked");
    let Some(hit) = regexp.search_recorded(vm, pattern, string, 0)? else {
        return Err(vm.error("IndexError", "regexp not matched"));
    };
    let Some(number) = regexp.group_number(vm, group, &hit)? else {
        return Err(vm.error("IndexError", format!("index {} out of regexp", vm.to_s(group)?.lossy())));
    };
    match hit.groups.get(number).copied().flatten() {
        Some((from, to)) => Ok(from..to),
        None => Err(vm.error("IndexError", format!("regexp group {number} not matched"))),
    }
}

fn byteslice(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let total = string.len();
    let (start, len) = match (&args[0], args.get(1)) {
        (Value::Range(range), None) => match resolve_range(vm, range, total)? {
            Some(found) => found,
            None => return Ok(Value::Nil),
        },
        (index, len) => {
            let index = vm.to_int(index)?;
            let wanted = match len {
                Some(len) => vm.to_int(len)?,
                None => 1,
            };
            let start = if index < 0 { index + total as i64 } else { index };
            let inside = if len.is_some() { start <= total as i64 } else { start < total as i64 };
            if start < 0 || !inside || wanted < 0 {
                return Ok(Value::Nil);
            }
            (start as usize, (wanted as usize).min(total - start as usize))
        }
    };
    Ok(like(string, &string.bytes()[start..start + len]))
}

fn chr(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    let bytes = string.bytes();
    let first = text::chars(&bytes, string.encoding()).next().unwrap_or_default();
    Ok(like(string, first))
}
