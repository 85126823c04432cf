//! Upper and lower case.

use super::{bang, in_utf8, like, text, this};
use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("upcase", 0, -1, |vm, r, a| changed(vm, r, a, Case::Up), "In upper case"),
    def("downcase", 0, -1, |vm, r, a| changed(vm, r, a, Case::Down), "In lower case"),
    def("capitalize", 0, -1, |vm, r, a| changed(vm, r, a, Case::Capital), "First character upper, the rest lower case"),
    def("swapcase", 0, -1, |vm, r, a| changed(vm, r, a, Case::Swap), "Upper and lower case exchanged"),
    def("upcase!", 0, -1, |vm, r, a| change(vm, r, a, Case::Up), "Upper case in place; nil when nothing changes"),
    def("downcase!", 0, -1, |vm, r, a| change(vm, r, a, Case::Down), "Lower case in place; nil when nothing changes"),
    def(
        "capitalize!",
        0,
        -1,
        |vm, r, a| change(vm, r, a, Case::Capital),
        "Capitalizes in place; nil when nothing changes",
    ),
    def(
        "swapcase!",
        0,
        -1,
        |vm, r, a| change(vm, r, a, Case::Swap),
        "Exchanges case in place; nil when nothing changes",
    ),
    def("casecmp", 1, 1, |vm, r, a| in_utf8(vm, r, a, casecmp), "Compares, ASCII letters alike in both cases"),
    def("casecmp?", 1, 1, |vm, r, a| in_utf8(vm, r, a, casecmp_p), "Whether equal when case is folded"),
];

/// A way of changing case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// To upper.
    Up,
    /// To lower.
    Down,
    /// First to upper, rest to lower.
    Capital,
    /// Each to the other.
    Swap,
}

/// Which letters change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    All,
    Ascii,
    Fold,
    Turkic,
}

/// Reads `:ascii`, `:fold`, `:turkic`, `:lithuanian`; the last two may stand together.
pub(crate) fn letters(vm: &Interp, args: Args<'_>, case: Case) -> Res<Letters> {
    let name = |option: &Value| match option {
        Value::Sym(name) => Some(*name),
        _ => None,
    };
    let tongue = |option: &Value| match name(option)?.bytes() {
        b"turkic" => Some(Letters::Turkic),
        b"lithuanian" => Some(Letters::All),
        _ => None,
    };
    match args.values {
        [] => Ok(Letters::All),
        [first] => match name(first).map(Sym::bytes) {
            Some(b"ascii") => Ok(Letters::Ascii),
            Some(b"fold") if case == Case::Down => Ok(Letters::Fold),
            Some(b"fold") => Err(vm.argument_error("option :fold only allowed for downcasing")),
            _ => tongue(first).ok_or_else(|| vm.argument_error("invalid option")),
        },
        [first, second] => {
            let first = tongue(first).ok_or_else(|| vm.argument_error("too many options"))?;
            match tongue(second) {
                Some(second) if second != first => Ok(Letters::Turkic),
                _ => Err(vm.argument_error("invalid second option")),
            }
        }
        _ => Err(vm.argument_error("too many options")),
    }
}

fn changed(vm: &Interp, receiver: &Value, args: Args<'_>, case: Case) -> Res {
    in_utf8(vm, receiver, args, |vm, receiver, args| Ok(like(this(receiver), cased(vm, receiver, args, case)?)))
}

fn change(vm: &Interp, receiver: &Value, args: Args<'_>, case: Case) -> Res {
    in_utf8(vm, receiver, args, |vm, receiver, args| {
        vm.check_frozen(receiver)?;
        let new = cased(vm, receiver, args, case)?;
        let same = *this(receiver).bytes() == *new;
        bang(vm, receiver, (!same).then_some(new))
    })
}

fn cased(vm: &Interp, receiver: &Value, args: Args<'_>, case: Case) -> Res<Vec<u8>> {
    let letters = letters(vm, args, case)?;
    let string = this(receiver);
    if letters != Letters::Ascii && !string.is_ascii() {
        vm.check_case_input(string)?;
    }
    Ok(convert(&string.bytes(), string.encoding(), case, letters))
}

impl Interp {
    /// A String, or what `to_str` makes of it; `None` when it is nothing of the kind.
    pub(crate) fn try_str(&self, value: &Value) -> Res<Option<Rc<RString>>> {
        match value {
            Value::Str(string) => Ok(Some(Rc::clone(string))),
            Value::Obj(_) if self.responds(value, known::TO_STR)? => self.to_str(value).map(Some),
            _ => Ok(None),
        }
    }

    fn check_case_input(&self, string: &RString) -> Res<()> {
        if string.encoding() == Encoding::Utf8 && !string.is_valid() {
            return Err(self.argument_error("input string invalid"));
        }
        Ok(())
    }
}

/// The text in another case.
pub(crate) fn convert(bytes: &[u8], encoding: Encoding, case: Case, letters: Letters) -> Vec<u8> {
    let turkic = letters == Letters::Turkic;
    if encoding != Encoding::Utf8 || (bytes.is_ascii() && !turkic) || letters == Letters::Ascii {
        return convert_ascii(bytes, case);
    }
    let input = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(bytes.len());
    for (at, c) in input.char_indices() {
        let up = match case {
            Case::Up => true,
            Case::Down => false,
            Case::Capital => at == 0,
            Case::Swap => c.is_lowercase(),
        };
        match c {
            'i' if turkic && up => out.push('İ'),
            'I' if turkic && !up => out.push('ı'),
            'İ' if turkic && !up => out.push('i'),
            _ if up && case == Case::Capital => title(c, &mut out),
            _ if up => out.extend(c.to_uppercase()),
            'ß' if letters == Letters::Fold => out.push_str("ss"),
            'ς' if letters == Letters::Fold => out.push('σ'),
            // One letter for both: CRuby knows no final sigma.
            'Σ' => out.push('σ'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out.into_bytes()
}

fn convert_ascii(bytes: &[u8], case: Case) -> Vec<u8> {
    let mut out = bytes.to_vec();
    match case {
        Case::Up => out.make_ascii_uppercase(),
        Case::Down => out.make_ascii_lowercase(),
        Case::Capital => {
            out.make_ascii_lowercase();
            if let Some(first) = out.first_mut() {
                first.make_ascii_uppercase();
            }
        }
        Case::Swap => {
            for byte in &mut out {
                if byte.is_ascii_alphabetic() {
                    *byte ^= 0x20;
                }
            }
        }
    }
    out
}

/// The title case of a character: digraphs have one of their own.
fn title(c: char, out: &mut String) {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => out.push('ǅ'),
        'Ǉ' | 'ǈ' | 'ǉ' => out.push('ǈ'),
        'Ǌ' | 'ǋ' | 'ǌ' => out.push('ǋ'),
        'Ǳ' | 'ǲ' | 'ǳ' => out.push('ǲ'),
        'ŉ' => out.push_str("ʼN"),
        _ => {
            let mut upper = c.to_uppercase();
            out.extend(upper.next());
            let rest: String = upper.collect();
            out.push_str(&rest.to_lowercase());
        }
    }
}

fn casecmp(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let Some(other) = vm.try_str(&args[0])? else { return Ok(Value::Nil) };
    if text::compatible(string, &other).is_none() {
        return Ok(Value::Nil);
    }
    let (a, b) = (string.bytes().to_ascii_lowercase(), other.bytes().to_ascii_lowercase());
    Ok(Value::Int(a.cmp(&b) as i64))
}

fn casecmp_p(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let Some(other) = vm.try_str(&args[0])? else { return Ok(Value::Nil) };
    if text::compatible(string, &other).is_none() {
        return Ok(Value::Nil);
    }
    let fold = |s: &RString| convert(&s.bytes(), s.encoding(), Case::Down, Letters::Fold);
    vm.check_case_input(string)?;
    vm.check_case_input(&other)?;
    Ok(Value::Bool(fold(string) == fold(&other)))
}
