//! Taking apart: `split`, `scan`, `partition`.

use std::rc::Rc;

use super::{like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::regexp::{self, Compiled, Pattern};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("split", 0, 2, split, "The parts between separators"),
    def("scan", 1, 1, scan, "All matches of a pattern"),
    def("partition", 1, 1, partition, "What is before, at and after the first match"),
    def("rpartition", 1, 1, rpartition, "What is before, at and after the last match"),
];

fn split(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let limit = match args.get(1) {
        Some(value) => {
            let limit = vm.to_int(value)?;
            if i32::try_from(limit).is_err() {
                let which = if limit < 0 { "small" } else { "big" };
                return Err(vm.error("RangeError", format!("integer {limit} too {which} to convert to `int'")));
            }
            limit
        }
        None => 0,
    };
    let parts = if limit == 1 {
        if string.is_empty() { Vec::new() } else { vec![string.to_vec()] }
    } else {
        split_parts(vm, string, &args.or_nil(0), limit)?
    };
    vm.reserve_elements(parts.len())?;
    let parts: Vec<Value> = parts.into_iter().map(|part| like(string, part)).collect();
    match args.block {
        None => Ok(Value::array(parts)),
        Some(block) => {
            for part in parts {
                vm.call_block(block, &[part])?;
            }
            Ok(receiver.clone())
        }
    }
}

fn split_parts(vm: &Interp, string: &Rc<RString>, pattern: &Value, limit: i64) -> Res<Vec<Vec<u8>>> {
    let field = match pattern {
        Value::Nil => vm.globals.borrow().get(&Sym::new("$;")).cloned().unwrap_or_default(),
        other => other.clone(),
    };
    let (mut parts, rest) = match &field {
        Value::Nil => split_blanks(vm, string, limit)?,
        other => match regexp::of(other) {
            Some(regexp) => split_regexp(vm, string, regexp, limit)?,
            None => {
                let separator = match other {
                    Value::Str(separator) => Rc::clone(separator),
                    other => match vm.try_str(other)? {
                        Some(separator) => separator,
                        None => return Err(Pattern::wrong_type(vm, other)),
                    },
                };
                vm.joint_encoding(string, &separator)?;
                vm.check_valid(string)?;
                vm.check_valid(&separator)?;
                let bytes = separator.to_vec();
                match &bytes[..] {
                    b"" => split_chars(string, limit),
                    _ if separator.lossy() == " " => split_blanks(vm, string, limit)?,
                    bytes => split_string(string, bytes, limit),
                }
            }
        },
    };
    if let Some(rest) = rest
        && (limit != 0 || !rest.is_empty())
    {
        parts.push(rest);
    }
    if limit == 0 {
        while parts.last().is_some_and(Vec::is_empty) {
            parts.pop();
        }
    }
    Ok(parts)
}

/// The parts found, and what is left after the last separator.
type Parts = (Vec<Vec<u8>>, Option<Vec<u8>>);

fn split_blanks(vm: &Interp, string: &RString, limit: i64) -> Res<Parts> {
    if string.encoding() == Encoding::Utf8 {
        vm.check_valid(string)?;
    }
    if !string.encoding().is_ascii_compatible() {
        vm.check_valid(string)?;
        let text = RString::new(string.to_utf8(), Encoding::Utf8);
        let back = |part: Vec<u8>| {
            text::encoded(&String::from_utf8_lossy(&part), string.encoding()).expect("it came from this encoding")
        };
        let (parts, rest) = split_blanks(vm, &text, limit)?;
        return Ok((parts.into_iter().map(back).collect(), rest.map(back)));
    }
    let bytes = string.bytes();
    let blank = |b: u8| matches!(b, b'\t'..=b'\r' | b' ');
    let mut parts = Vec::new();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|&&b| blank(b)).count();
        if at >= bytes.len() {
            // With a limit the end counts as one more, empty, field when blanks led to it.
            let trailing = limit != 0 && bytes.last().is_some_and(|&b| blank(b)) && !parts.is_empty();
            return Ok((parts, trailing.then(Vec::new)));
        }
        if limit > 0 && parts.len() as i64 + 1 >= limit {
            return Ok((parts, Some(bytes[at..].to_vec())));
        }
        let len = bytes[at..].iter().take_while(|&&b| !blank(b)).count();
        parts.push(bytes[at..at + len].to_vec());
        at += len;
    }
}

fn split_chars(string: &RString, limit: i64) -> Parts {
    let bytes = string.bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if limit > 0 && parts.len() as i64 + 1 >= limit {
            break;
        }
        let len = text::char_len(&bytes[at..], string.encoding());
        parts.push(bytes[at..at + len].to_vec());
        at += len;
    }
    let rest = (!bytes.is_empty()).then(|| bytes[at..].to_vec());
    (parts, rest)
}

fn split_string(string: &RString, separator: &[u8], limit: i64) -> Parts {
    let bytes = string.bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while limit <= 0 || (parts.len() as i64) + 1 < limit {
        let Some(found) = text::find(&bytes, separator, at, string.encoding()) else { break };
        parts.push(bytes[at..found].to_vec());
        at = found + separator.len();
    }
    let rest = (!bytes.is_empty()).then(|| bytes[at..].to_vec());
    (parts, rest)
}

fn split_regexp(vm: &Interp, string: &Rc<RString>, regexp: &Compiled, limit: i64) -> Res<Parts> {
    let len = string.len();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let (mut begin, mut from, mut splits) = (0, 0, 1);
    let mut after_empty = false;
    let part = |range: std::ops::Range<usize>| string.bytes()[range].to_vec();
    if len == 0 {
        return Ok((parts, None));
    }
    let subject = regexp::subject(string);
    while let Some(hit) = regexp.search(vm, &subject, from)? {
        let (start, end) = (hit.start(), hit.end());
        if start == end && start == from {
            if after_empty {
                parts.push(part(begin..from));
                begin = from;
            } else {
                from += if from >= len { 1 } else { text::char_len(&string.bytes()[from..], string.encoding()) };
                after_empty = true;
                if from > len {
                    break;
                }
                continue;
            }
        } else {
            parts.push(part(begin..start));
            begin = end;
            from = end;
        }
        after_empty = false;
        for group in hit.groups[1..].iter().flatten() {
            parts.push(part(group.0..group.1));
        }
        splits += 1;
        if limit > 0 && limit <= splits {
            break;
        }
        vm.reserve_elements(parts.len())?;
    }
    // A remainder that an empty match at the very end would give is no field of its own.
    let rest = (limit != 0 || begin < len).then(|| part(begin.min(len)..len));
    Ok((parts, rest))
}

fn scan(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let pattern = Pattern::of(vm, &args[0])?;
    let subject = regexp::subject(string);
    let mut found = Vec::new();
    let mut from = 0;
    let mut last = Value::Nil;
    while let Some(hit) = pattern.search(vm, &subject, from)? {
        from = hit.next_search(&subject);
        let value = if hit.groups.len() == 1 {
            like(string, &subject.bytes()[hit.start()..hit.end()])
        } else {
            let group = |g: &Option<(usize, usize)>| g.map(|(a, b)| like(string, &subject.bytes()[a..b])).into();
            Value::array(hit.groups[1..].iter().map(group).collect())
        };
        match args.block {
            Some(block) => {
                let matched = pattern.record(vm, &subject, hit);
                vm.call_block(block, &[value])?;
                last = matched;
            }
            None => {
                last = Value::Nil;
                found.push(value);
                vm.reserve_elements(found.len())?;
                if from > subject.len() {
                    pattern.record(vm, &subject, hit);
                    return Ok(Value::array(found));
                }
                // Recorded now, since only the last one counts and which that is shows at the next search.
                pattern.record(vm, &subject, hit);
            }
        }
        if from > subject.len() {
            break;
        }
    }
    if args.block.is_some() {
        vm.set_last_match(last);
        return Ok(receiver.clone());
    }
    if found.is_empty() {
        vm.set_last_match(Value::Nil);
    }
    Ok(Value::array(found))
}

fn partition(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let found = match regexp::of(&args[0]) {
        Some(regexp) => regexp.search_recorded(vm, &args[0], string, 0)?.map(|hit| (hit.start(), hit.end())),
        None => {
            let Some(other) = vm.try_str(&args[0])? else { return Err(Pattern::wrong_type(vm, &args[0])) };
            vm.joint_encoding(string, &other)?;
            text::find(&string.bytes(), &other.bytes(), 0, string.encoding()).map(|at| (at, at + other.len()))
        }
    };
    let bytes = string.bytes();
    Ok(Value::array(match found {
        Some((start, end)) => {
            vec![like(string, &bytes[..start]), like(string, &bytes[start..end]), like(string, &bytes[end..])]
        }
        None => vec![like(string, &*bytes), Value::str(""), Value::str("")],
    }))
}

fn rpartition(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let found = match regexp::of(&args[0]) {
        Some(regexp) => {
            let hit = regexp.search_back_recorded(vm, &args[0], string, string.len())?;
            hit.map(|hit| (hit.start(), hit.end()))
        }
        None => {
            let Some(other) = vm.try_str(&args[0])? else { return Err(Pattern::wrong_type(vm, &args[0])) };
            vm.joint_encoding(string, &other)?;
            let at = text::rfind(&string.bytes(), &other.bytes(), string.len(), string.encoding());
            at.map(|at| (at, at + other.len()))
        }
    };
    let bytes = string.bytes();
    Ok(Value::array(match found {
        Some((start, end)) => {
            vec![like(string, &bytes[..start]), like(string, &bytes[start..end]), like(string, &bytes[end..])]
        }
        None => vec![Value::str(""), Value::str(""), like(string, &*bytes)],
    }))
}
