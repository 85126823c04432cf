//! InSpec's `cmp`: equality that forgives case, numbers as text, octal modes and versions.

use std::cell::RefCell;
use std::cmp::Ordering;

use plimsoll_ruby::{Args, Data, Def, Interp, Res, Unwind, UnwindKind, Value, def};

use super::{Chained, Matcher, object, version};

pub(super) const MAKERS: &[Def] = &[def("cmp", 0, 1, cmp, "Equal, forgiving case and notation.")];

fn cmp(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Cmp { first: args.get(0).cloned(), chained: RefCell::new(None) })
}

struct Cmp {
    first: Option<Value>,
    chained: RefCell<Option<(String, Value)>>,
}

impl Cmp {
    fn operation(&self) -> (String, Value) {
        let chained = self.chained.borrow().clone();
        let first = self.first.clone().unwrap_or_default();
        match chained {
            // A chained `nil` (or false) leaves what `cmp` itself was given: `@expected ||= first_expected`.
            Some((op, expected)) if expected.truthy() => (op, expected),
            Some((op, _)) => (op, first),
            None => ("==".to_owned(), first),
        }
    }

    fn explain(&self, vm: &Interp, actual: &Value, negated: bool) -> Res<Vec<u8>> {
        let (op, expected) = self.operation();
        let expectation = if op == "==" && !negated {
            [b"expected: ", &vm.to_s(&expected)?.to_vec()[..]].concat()
        } else {
            let not = if negated { "not " } else { "" };
            let inspected = vm.inspect(&expected)?.to_vec();
            [format!("expected it {not}to be {op} ").as_bytes(), &inspected].concat()
        };
        let got = if is_octal(&expected) && !actual.is_nil() {
            let actual = match actual {
                Value::Array(array) => array.get(0).unwrap_or_default(),
                other => other.clone(),
            };
            vm.to_s(&vm.send(&Value::str("0%o"), "%", &[Value::array(vec![actual])])?)?.to_vec()
        } else {
            // `%s` of an Array (`"…" % [a, [1]]`) is its inspect.
            vm.to_s(actual)?.to_vec()
        };
        Ok([b"\n", &expectation[..], b"\n     got: ", &got, b"\n\n(compared using `cmp` matcher)\n"].concat())
    }
}

impl Matcher for Cmp {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let (op, expected) = self.operation();
        if op == "===" {
            return vm.case_equal(actual, &expected);
        }
        let actual = match (actual, &expected) {
            (Value::Array(array), other) if array.len() == 1 && !matches!(other, Value::Array(_)) => {
                array.get(0).unwrap_or_default()
            }
            _ => actual.clone(),
        };
        compare(vm, &actual, &op, &expected)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let (op, expected) = self.operation();
        Ok([format!("cmp {op} ").as_bytes(), &vm.inspect(&expected)?.to_vec()].concat())
    }

    /// What `cmp` compares with is settled when it is matched: before, as in CINC, nothing is known.
    fn description_inside(&self, vm: &Interp) -> Res<Vec<u8>> {
        if self.chained.borrow().is_some() { self.description(vm) } else { Ok(b"cmp  nil".to_vec()) }
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, false)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, true)
    }

    fn chain(&self, _: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        let known = ["==", "!=", "<", "<=", ">=", ">", "===", "=~"].contains(&name);
        if let (true, Some(value)) = (known, args.get(0)) {
            *self.chained.borrow_mut() = Some((name.to_owned(), value.clone()));
        }
        Ok(known.into())
    }
}

/// The comparison itself; what cannot be compared is not equal.
fn compare(vm: &Interp, actual: &Value, op: &str, expected: &Value) -> Res<bool> {
    match attempt(vm, actual, op, expected) {
        Ok(value) => Ok(value.truthy()),
        Err(unwind) if is_refusal(vm, &unwind) => Ok(false),
        Err(unwind) => Err(unwind),
    }
}

fn is_refusal(vm: &Interp, unwind: &Unwind) -> bool {
    match unwind.kind() {
        UnwindKind::Raise(e) => {
            let error = Value::Obj(e.clone());
            ["NameError", "ArgumentError"].iter().any(|class| vm.is_a(&error, &vm.class_named(class)))
        }
        _ => false,
    }
}

fn attempt(vm: &Interp, actual: &Value, op: &str, expected: &Value) -> Res {
    let apply = |actual: &Value, expected: Value| vm.send(actual, op, &[expected]);
    let is_regexp = |value: &Value| vm.is_a(value, &vm.class_named("Regexp"));
    match (actual, expected) {
        (Value::Str(a), Value::Str(e)) => {
            if op == "==" {
                return Ok(a.bytes().eq_ignore_ascii_case(&e.bytes()).into());
            }
            if let Some(order) = version::compare(&a.bytes(), &e.bytes())
                && let Some(holds) = holds(op, order)
            {
                return Ok(holds.into());
            }
            apply(actual, expected.clone())
        }
        (Value::Str(_) | Value::Int(_), pattern) if is_regexp(pattern) => {
            let text = Value::Str(vm.to_s(actual)?);
            Ok((!vm.send(&text, "match", std::slice::from_ref(pattern))?.is_nil()).into())
        }
        (actual, Value::Str(e)) if is_integer(&e.bytes()) && is_int(actual) => {
            apply(actual, vm.send(expected, "to_i", &[])?)
        }
        (Value::Bool(_), Value::Str(e)) if is_boolean_text(&e.bytes()) => {
            apply(actual, e.bytes().eq_ignore_ascii_case(b"true").into())
        }
        (Value::Str(a), e) if matches!(&*a.bytes(), b"true" | b"false") && is_boolean(e) => {
            apply(actual, Value::Str(vm.to_s(e)?))
        }
        (Value::Str(a), e) if is_int(e) && is_integer(&a.bytes()) => {
            vm.send(&vm.send(actual, "to_i", &[])?, op, std::slice::from_ref(e))
        }
        (a, Value::Float(_)) if is_float(vm, a)? => {
            vm.send(&vm.send(a, "to_f", &[])?, op, std::slice::from_ref(expected))
        }
        (Value::Sym(_), Value::Str(_)) => attempt(vm, &Value::Str(vm.to_s(actual)?), op, expected),
        (a, e) if is_octal(e) && is_int(a) => apply(a, vm.send(e, "to_i", &[Value::Int(8)])?),
        (a, e) => apply(a, e.clone()),
    }
}

/// Whether a comparison holds for what `<=>` gives; `None` for operators that are no comparison.
fn holds(op: &str, order: Ordering) -> Option<bool> {
    Some(match op {
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        ">" => order.is_gt(),
        _ => return None,
    })
}

fn is_int(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Obj(object) => matches!(object.data, Data::Big(_)),
        _ => false,
    }
}

/// `/\A-?0+\Z|\A-?[1-9]\d*\Z/`
fn is_integer(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let zeros = !digits.is_empty() && digits.iter().all(|b| *b == b'0');
    zeros || (digits.first().is_some_and(|b| (b'1'..=b'9').contains(b)) && digits.iter().all(u8::is_ascii_digit))
}

/// `/\A0+[0-7]+\Z/` on a String.
fn is_octal(value: &Value) -> bool {
    let Value::Str(text) = value else { return false };
    let text = text.bytes();
    let text = text.strip_suffix(b"\n").unwrap_or(&text);
    text.len() > 1 && text[0] == b'0' && text.iter().all(|b| (b'0'..=b'7').contains(b))
}

fn is_boolean_text(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false")
}

fn is_boolean(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Str(text) => is_boolean_text(&text.bytes()),
        Value::Sym(name) => is_boolean_text(name.bytes()),
        _ => false,
    }
}

fn is_float(vm: &Interp, value: &Value) -> Res<bool> {
    match vm.send(&Value::Class(std::rc::Rc::clone(&vm.c.kernel)), "Float", std::slice::from_ref(value)) {
        Ok(_) => Ok(true),
        Err(unwind) => match unwind.exception() {
            Some(e)
                if ["ArgumentError", "TypeError"]
                    .iter()
                    .any(|class| vm.is_a(&Value::Obj(e.clone()), &vm.class_named(class))) =>
            {
                Ok(false)
            }
            _ => Err(unwind),
        },
    }
}
