//! `format`, `sprintf` and `String#%`.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::arithmetic::{self, Number, Rounding};
use super::rational::Ratio;
use super::string::{parse_integer, text};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RHash, Value};

/// The text that a format makes of its arguments.
pub(crate) fn format(vm: &Interp, fmt: &[u8], args: &[Value]) -> Res<Vec<u8>> {
    Formatter { vm, fmt, args, at: 0, next: 0, numbered: false, named: false, out: Vec::with_capacity(fmt.len()) }.run()
}

struct Formatter<'a> {
    vm: &'a Interp,
    fmt: &'a [u8],
    args: &'a [Value],
    at: usize,
    /// How many arguments have been taken in their order.
    next: usize,
    /// Whether arguments have been taken by number, or by name.
    numbered: bool,
    named: bool,
    out: Vec<u8>,
}

/// One directive: what stands between `%` and its letter.
#[derive(Default, Clone)]
struct Directive {
    space: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
    value: Option<Value>,
}

impl Directive {
    /// Whether nothing has been said yet.
    fn is_bare(&self) -> bool {
        let flags = self.space || self.sharp || self.plus || self.minus || self.zero;
        !flags && self.width.is_none() && self.precision.is_none() && self.value.is_none()
    }
}

const WIDEST: i64 = 1 << 24;

impl Formatter<'_> {
    fn run(mut self) -> Res<Vec<u8>> {
        while let Some(&byte) = self.fmt.get(self.at) {
            self.at += 1;
            if byte == b'%' {
                self.directive()?;
            } else {
                self.out.push(byte);
            }
            self.vm.reserve_string(self.out.len())?;
        }
        Ok(self.out)
    }

    fn error(&self, text: impl AsRef<str>) -> Unwind {
        self.vm.argument_error(text)
    }

    fn directive(&mut self) -> Res<()> {
        let mut d = Directive::default();
        loop {
            let Some(&byte) = self.fmt.get(self.at) else {
                return Err(self.error(if d.is_bare() {
                    "incomplete format specifier; use %% (double %) instead"
                } else {
                    "invalid format character - %"
                }));
            };
            self.at += 1;
            match byte {
                b' ' => d.space = true,
                b'#' => d.sharp = true,
                b'+' => d.plus = true,
                b'-' => d.minus = true,
                b'0' => d.zero = true,
                b'1'..=b'9' => {
                    self.at -= 1;
                    let number = self.number()?;
                    if self.fmt.get(self.at) == Some(&b'$') {
                        self.at += 1;
                        if d.value.is_some() {
                            return Err(self.error(format!("value given twice - {number}$")));
                        }
                        d.value = Some(self.nth(number)?);
                    } else {
                        if d.width.is_some() {
                            return Err(self.error("width given twice"));
                        }
                        d.width = Some(number);
                    }
                }
                b'*' => {
                    if d.width.is_some() {
                        return Err(self.error("width given twice"));
                    }
                    let width = self.star()?;
                    if width < 0 {
                        d.minus = true;
                    }
                    d.width = Some(width.unsigned_abs() as usize);
                }
                b'.' => {
                    if d.precision.is_some() {
                        return Err(self.error("precision given twice"));
                    }
                    d.precision = if self.fmt.get(self.at) == Some(&b'*') {
                        self.at += 1;
                        usize::try_from(self.star()?).ok()
                    } else {
                        Some(self.number()?)
                    };
                }
                b'<' | b'{' => {
                    let value = self.by_name(if byte == b'<' { b'>' } else { b'}' }, d.value.is_some())?;
                    if byte == b'{' {
                        let bytes = self.text_of(&value)?;
                        self.text(&d, &bytes);
                        return Ok(());
                    }
                    d.value = Some(value);
                }
                b'\n' | 0 => {
                    if !d.is_bare() {
                        return Err(self.error("invalid format character - %"));
                    }
                    self.at -= 1;
                    self.out.push(b'%');
                    return Ok(());
                }
                b'%' => {
                    if !d.is_bare() {
                        return Err(self.error("invalid format character - %"));
                    }
                    self.out.push(b'%');
                    return Ok(());
                }
                letter => return self.convert(letter, d),
            }
        }
    }

    fn number(&mut self) -> Res<usize> {
        let mut value: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.fmt.get(self.at) {
            value = value * 10 + i64::from(digit - b'0');
            if value > i64::from(i32::MAX) {
                return Err(self.error("width too big"));
            }
            self.at += 1;
        }
        self.checked(value).map(|value| value as usize)
    }

    /// Widths are bounded, so that no text beyond the limit is made for one.
    fn checked(&self, value: i64) -> Res<i64> {
        if value.abs() > WIDEST {
            self.vm.reserve_string(usize::try_from(value.unsigned_abs()).unwrap_or(usize::MAX))?;
        }
        Ok(value)
    }

    /// `*` or `*n$`
    fn star(&mut self) -> Res<i64> {
        let start = self.at;
        let number = self.number()?;
        let value = if number > 0 && self.fmt.get(self.at) == Some(&b'$') {
            self.at += 1;
            self.nth(number)?
        } else {
            self.at = start;
            self.take()?
        };
        let value = self.vm.to_int(&value)?;
        self.checked(value)
    }

    /// The next argument in order.
    fn take(&mut self) -> Res {
        if self.numbered {
            return Err(self.error(format!("unnumbered({}) mixed with numbered", self.next + 1)));
        }
        if self.named {
            return Err(self.error(format!("unnumbered({}) mixed with named", self.next + 1)));
        }
        let value = self.args.get(self.next).cloned().ok_or_else(|| self.error("too few arguments"))?;
        self.next += 1;
        Ok(value)
    }

    fn nth(&mut self, number: usize) -> Res {
        if self.next > 0 {
            return Err(self.error(format!("numbered({number}) after unnumbered({})", self.next)));
        }
        if self.named {
            return Err(self.error(format!("numbered({number}) after named")));
        }
        self.numbered = true;
        self.args.get(number - 1).cloned().ok_or_else(|| self.error("too few arguments"))
    }

    fn by_name(&mut self, close: u8, given: bool) -> Res {
        let start = self.at;
        let Some(len) = self.fmt[start..].iter().position(|&b| b == close) else {
            return Err(self.error("malformed name - unmatched parenthesis"));
        };
        let name = &self.fmt[start..start + len];
        self.at = start + len + 1;
        let shown = || {
            let open = if close == b'>' { '<' } else { '{' };
            format!("{open}{}{}", String::from_utf8_lossy(name), char::from(close))
        };
        if given {
            return Err(self.error(format!("named{} after <{}>", shown(), String::from_utf8_lossy(name))));
        }
        if self.next > 0 {
            return Err(self.error(format!("named{} after unnumbered({})", shown(), self.next)));
        }
        if self.numbered {
            return Err(self.error(format!("named{} after numbered", shown())));
        }
        self.named = true;
        let hash: Rc<RHash> = match self.args {
            [one] => self.vm.try_hash(one)?.ok_or_else(|| self.error("one hash required"))?,
            _ => return Err(self.error("one hash required")),
        };
        let key = Value::Sym(Sym::from_bytes(name));
        if let Some(value) = self.vm.hash_get(&hash, &key)? {
            return Ok(value);
        }
        match self.vm.hash_fetch(&hash, &key)? {
            Value::Nil => {
                let exception = self
                    .vm
                    .exception(&self.vm.class_named("KeyError"), Value::str(format!("key{} not found", shown())));
                exception.head.set_ivar(known::RECEIVER, Value::Hash(hash));
                exception.head.set_ivar(known::KEY, key);
                Err(self.vm.raise_object(exception))
            }
            value => Ok(value),
        }
    }

    fn convert(&mut self, letter: u8, mut d: Directive) -> Res<()> {
        let known = b"csp diubBoxXfeEgGaA";
        if letter == b' ' || !known.contains(&letter) {
            let shown = match text::utf8_len(&self.fmt[self.at - 1..]) {
                Some(len) => String::from_utf8_lossy(&self.fmt[self.at - 1..self.at - 1 + len]).into_owned(),
                None => format!("\\x{letter:02X}"),
            };
            return Err(self.error(format!("malformed format string - %{shown}")));
        }
        let value = match d.value.take() {
            Some(value) => value,
            None => self.take()?,
        };
        match letter {
            b'c' => self.character(&d, &value),
            b's' => {
                let bytes = self.text_of(&value)?;
                self.text(&d, &bytes);
                Ok(())
            }
            b'p' => {
                let bytes = self.vm.inspect(&value)?.to_vec();
                self.text(&d, &bytes);
                Ok(())
            }
            b'd' | b'i' | b'u' => self.integer(&d, &value, 10, letter),
            b'b' | b'B' => self.integer(&d, &value, 2, letter),
            b'o' => self.integer(&d, &value, 8, letter),
            b'x' | b'X' => self.integer(&d, &value, 16, letter),
            _ => self.float(&d, &value, letter),
        }
    }

    fn fill(&mut self, byte: u8, count: usize) {
        self.out.extend(std::iter::repeat_n(byte, count));
    }

    /// What `to_s` makes of a value.
    fn text_of(&self, value: &Value) -> Res<Vec<u8>> {
        let string = self.vm.to_s(value)?;
        if string.encoding().is_ascii_compatible() {
            return Ok(string.to_vec());
        }
        Err(text::incompatible(self.vm, Encoding::Utf8, string.encoding()))
    }

    /// Text, cut to the precision and padded to the width, both in characters.
    fn text(&mut self, d: &Directive, bytes: &[u8]) {
        let end = d.precision.and_then(|most| text::offset(bytes, Encoding::Utf8, most)).unwrap_or(bytes.len());
        let bytes = &bytes[..end];
        let missing = d.width.unwrap_or(0).saturating_sub(text::count(bytes, Encoding::Utf8));
        if !d.minus {
            self.fill(b' ', missing);
        }
        self.out.extend_from_slice(bytes);
        if d.minus {
            self.fill(b' ', missing);
        }
    }

    fn character(&mut self, d: &Directive, value: &Value) -> Res<()> {
        let bytes = match self.vm.try_str(value)? {
            Some(string) => {
                let bytes = string.bytes();
                let mut chars = text::chars(&bytes, string.encoding());
                match (chars.next(), chars.next()) {
                    (Some(only), None) => only.to_vec(),
                    _ => return Err(self.error("%c requires a character")),
                }
            }
            None => {
                let code = self.vm.to_int(value)?;
                let encoded = u32::try_from(code).ok().and_then(|code| text::encode(code, Encoding::Utf8));
                encoded.ok_or_else(|| self.vm.error("RangeError", format!("{code} out of char range")))?
            }
        };
        self.text(&Directive { precision: None, ..d.clone() }, &bytes);
        Ok(())
    }

    /// An Integer argument: numbers are truncated, texts read with their prefix.
    fn to_integer(&self, value: &Value) -> Res<BigInt> {
        match arithmetic::number(value) {
            Some(Number::Int(int)) => return Ok(BigInt::from(int)),
            Some(Number::Big(big)) => return Ok(big),
            Some(Number::Float(float)) => {
                let whole = arithmetic::float_to_integer(self.vm, float)?;
                return Ok(arithmetic::big(&whole).unwrap_or_default());
            }
            Some(Number::Ratio(_)) | None => {}
        }
        match value {
            Value::Str(string) => parse_integer(&string.to_vec(), 0, true).ok_or_else(|| {
                let shown = self.vm.inspect(value).map(|s| s.lossy()).unwrap_or_default();
                self.error(format!("invalid value for Integer(): {shown}"))
            }),
            Value::Nil => Err(self.vm.type_error("can't convert nil into Integer")),
            other => {
                let names = [known::TO_INT, known::TO_I];
                for name in names {
                    if let Some(converted) = self.vm.call_if_responds(other, name, &[])?
                        && let Some(big) = arithmetic::big(&converted)
                    {
                        return Ok(big);
                    }
                }
                Err(self.vm.type_error(format!("can't convert {} into Integer", self.vm.type_word(other))))
            }
        }
    }

    fn integer(&mut self, d: &Directive, value: &Value, base: u32, letter: u8) -> Res<()> {
        let value = self.to_integer(value)?;
        let negative = value.is_negative();
        let signed = base == 10 || d.plus || d.space;
        let complement = negative && !signed;
        let mut digits = if complement { complement_digits(&value, base) } else { value.abs().to_str_radix(base) };
        if letter == b'X' {
            digits.make_ascii_uppercase();
        }
        let sign = match (signed && negative, d.plus, d.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        let mut prefix = match letter {
            b'o' => "0",
            b'x' => "0x",
            b'X' => "0X",
            b'b' => "0b",
            b'B' => "0B",
            _ => "",
        };
        if !d.sharp {
            prefix = "";
        }
        let mut width = d.width.unwrap_or(0).saturating_sub(sign.len()) as i64;
        let mut precision = d.precision.map_or(-1, |p| p as i64);
        if complement {
            precision -= 2;
            width -= 2;
        }
        let mut len = digits.len() as i64;
        if prefix == "0" {
            if complement {
                prefix = "";
            } else if digits == "0" {
                len = 0;
                precision -= i64::from(d.precision.is_some());
            } else if d.precision.is_some() && precision > len {
                prefix = "";
            }
        } else if digits == "0" {
            prefix = "";
        }
        width -= prefix.len() as i64;
        if d.zero && !d.minus && d.precision.is_none() {
            precision = width;
            width = 0;
        } else {
            if precision < len {
                if prefix.is_empty() && precision == 0 && digits == "0" {
                    len = 0;
                }
                precision = len;
            }
            width -= precision;
        }
        let padding = width.max(0) as usize;
        if !d.minus {
            self.fill(b' ', padding);
        }
        self.out.extend_from_slice(sign.as_bytes());
        self.out.extend_from_slice(prefix.as_bytes());
        if complement {
            self.out.extend_from_slice(b"..");
        }
        if precision > len {
            let filler = if complement { highest_digit(base, letter) } else { b'0' };
            self.fill(filler, (precision - len) as usize);
        }
        if len > 0 {
            self.out.extend_from_slice(digits.as_bytes());
        }
        if d.minus {
            self.fill(b' ', padding);
        }
        Ok(())
    }

    fn float(&mut self, d: &Directive, value: &Value, letter: u8) -> Res<()> {
        let number = match arithmetic::number(value) {
            Some(number) => number,
            None => Number::Float(super::float::convert(self.vm, value)?),
        };
        if letter == b'f' {
            let exact = match &number {
                Number::Int(int) => Some(Ratio::whole(BigInt::from(*int))),
                Number::Big(big) => Some(Ratio::whole(big.clone())),
                Number::Ratio(ratio) => Some(ratio.clone()),
                Number::Float(_) => None,
            };
            if let Some(exact) = exact {
                let (negative, body) = exact_fixed(&exact, d.precision.unwrap_or(6));
                self.signed(d, negative, "", &body);
                return Ok(());
            }
        }
        let float = number.to_f();
        if !float.is_finite() {
            let body = if float.is_nan() { "NaN" } else { "Inf" };
            let plain = Directive { zero: false, ..d.clone() };
            self.signed(&plain, float == f64::NEG_INFINITY, "", body);
            return Ok(());
        }
        let magnitude = float.abs();
        let precision = d.precision.unwrap_or(6);
        let (prefix, mut body) = match letter.to_ascii_lowercase() {
            b'f' => ("", fixed(magnitude, precision, d.sharp)),
            b'e' => ("", exponential(magnitude, precision, d.sharp)),
            b'g' => ("", general(magnitude, precision, d.sharp)),
            _ => (if letter == b'a' { "0x" } else { "0X" }, hexadecimal(magnitude, d.precision, d.sharp)),
        };
        if letter.is_ascii_uppercase() {
            body.make_ascii_uppercase();
        }
        self.signed(d, float.is_sign_negative(), prefix, &body);
        Ok(())
    }

    /// A number with its sign, padded with spaces or, after the sign, with zeros.
    fn signed(&mut self, d: &Directive, negative: bool, prefix: &str, body: &str) {
        let sign = match (negative, d.plus, d.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        let missing = d.width.unwrap_or(0).saturating_sub(sign.len() + prefix.len() + body.len());
        let zeros = d.zero && !d.minus;
        if !zeros && !d.minus {
            self.fill(b' ', missing);
        }
        self.out.extend_from_slice(sign.as_bytes());
        self.out.extend_from_slice(prefix.as_bytes());
        if zeros {
            self.fill(b'0', missing);
        }
        self.out.extend_from_slice(body.as_bytes());
        if d.minus {
            self.fill(b' ', missing);
        }
    }
}

fn highest_digit(base: u32, letter: u8) -> u8 {
    match (base, letter) {
        (16, b'X') => b'F',
        (16, _) => b'f',
        (8, _) => b'7',
        _ => b'1',
    }
}

/// The digits of a negative Integer in two's complement, beginning with one of the endless highest digits.
fn complement_digits(value: &BigInt, base: u32) -> String {
    let digits = value.abs().to_str_radix(base).len() as u32 + 1;
    let wrapped: BigInt = BigInt::from(base).pow(digits) + value;
    let top = char::from(highest_digit(base, 0));
    let text = wrapped.to_str_radix(base);
    format!("{top}{}", text.trim_start_matches(top))
}

fn fixed(magnitude: f64, precision: usize, point: bool) -> String {
    let text = match near_half(magnitude, Digits::Behind(precision)) {
        Some(decided) => decided.fixed(precision),
        None => format!("{magnitude:.precision$}"),
    };
    if point && precision == 0 { text + "." } else { text }
}

/// How many digits are wanted: behind the point, or in all.
#[derive(Clone, Copy)]
enum Digits {
    Behind(usize),
    All(usize),
}

/// Digits that were decided by the rule for halves, the first one worth `10 ** exponent`.
struct Decided {
    digits: Vec<u8>,
    exponent: i32,
}

impl Decided {
    fn up(&mut self) {
        match self.digits.iter().rposition(|d| *d != b'9') {
            Some(at) => {
                self.digits[at] += 1;
                self.digits[at + 1..].fill(b'0');
            }
            None => {
                self.digits.fill(b'0');
                self.digits.insert(0, b'1');
                self.exponent += 1;
            }
        }
    }

    fn fixed(&self, precision: usize) -> String {
        let whole = (self.exponent + 1).max(0) as usize;
        let mut text = vec![b'0'; (-1 - self.exponent).max(0) as usize];
        text.extend_from_slice(&self.digits);
        text.resize(whole + precision, b'0');
        let (whole, fraction) = text.split_at(whole);
        let whole = if whole.is_empty() { b"0" } else { whole };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{}{point}{}", String::from_utf8_lossy(whole), String::from_utf8_lossy(fraction))
    }

    fn exponential(&self, precision: usize) -> String {
        let mut digits = self.digits.clone();
        digits.resize(precision + 1, b'0');
        let text = String::from_utf8_lossy(&digits).into_owned();
        let point = if precision == 0 { "" } else { "." };
        format!("{}{point}{}e{}", &text[..1], &text[1..], self.exponent)
    }
}

/// What CRuby makes of a value so near to half a unit of the last digit that Float arithmetic can't tell it from one:
/// it rounds such a value to the even digit, whatever its exact value is. `None` where the exact value decides.
fn near_half(magnitude: f64, wanted: Digits) -> Option<Decided> {
    const MOST: i32 = 14;
    if magnitude == 0.0 {
        return None;
    }
    let mut exponent: i32 = format!("{magnitude:e}").split_once('e').and_then(|(_, e)| e.parse().ok())?;
    let count = match wanted {
        Digits::Behind(digits) => i32::try_from(digits).ok()? + exponent + 1,
        Digits::All(digits) => i32::try_from(digits).ok()?,
    };
    if !(1..=MOST).contains(&count) {
        return None;
    }
    let power = |n: i32| 10_f64.powi(n);
    let mut steps = 2.0 + f64::from((exponent.unsigned_abs() >> 4).count_ones());
    let mut value = match exponent {
        0.. if exponent >= 256 => {
            steps += 1.0;
            magnitude / 1e256 / power(exponent - 256)
        }
        0.. => magnitude / power(exponent),
        // In two steps, as a single factor may be out of range.
        ..-256 => magnitude * 1e256 * power(-exponent - 256),
        _ => magnitude * power(-exponent),
    };
    if value < 1.0 {
        value *= 10.0;
        exponent -= 1;
        steps += 1.0;
    }
    let doubt = (steps * value + 7.0) * f64::EPSILON * power(count - 1);
    let mut digits = Vec::new();
    for at in 1..=count {
        let digit = value.trunc();
        value -= digit;
        digits.push(b'0' + digit as u8);
        if value == 0.0 && at < count {
            return None;
        }
        if at < count {
            value *= 10.0;
        }
    }
    if value > 0.5 + doubt || value < 0.5 - doubt || digits.contains(&b':') {
        return None;
    }
    let odd = digits.last().is_some_and(|d| d % 2 == 1);
    let mut decided = Decided { digits, exponent };
    if odd {
        decided.up();
    }
    Some(decided)
}

fn exponential(magnitude: f64, precision: usize, point: bool) -> String {
    let text = match near_half(magnitude, Digits::All(precision + 1)) {
        Some(decided) => decided.exponential(precision),
        None => format!("{magnitude:.precision$e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = if point && precision == 0 { "." } else { "" };
    format!("{mantissa}{point}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn general(magnitude: f64, precision: usize, keep_zeros: bool) -> String {
    let precision = precision.max(1);
    let text = format!("{magnitude:.*e}", precision - 1);
    let exponent: i64 = text.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let trim = |text: String| {
        if keep_zeros || !text.contains('.') {
            return text;
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if (-4..precision as i64).contains(&exponent) {
        return trim(fixed(magnitude, (precision as i64 - 1 - exponent) as usize, keep_zeros));
    }
    let text = exponential(magnitude, precision - 1, keep_zeros);
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trim(mantissa.to_owned())),
        None => text,
    }
}

/// `1.8p+3`
fn hexadecimal(magnitude: f64, precision: Option<usize>, keep_point: bool) -> String {
    if magnitude == 0.0 {
        let zeros = precision.filter(|p| *p > 0).map(|p| format!(".{}", "0".repeat(p))).unwrap_or_default();
        return format!("0{zeros}p+0");
    }
    let (mantissa, exponent, _) = arithmetic::parts(magnitude);
    // Normalised to one digit before the point and 13 behind it.
    let shift = mantissa.leading_zeros() as i32 - 11;
    let mut mantissa = mantissa << shift;
    let mut exponent = exponent - shift + 52;
    let mut digits = 13;
    if let Some(precision) = precision
        && precision < 13
    {
        let drop = (13 - precision) * 4;
        let half = 1_u64 << (drop - 1);
        let rest = mantissa & ((1 << drop) - 1);
        mantissa >>= drop;
        if rest > half || (rest == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        if mantissa >> (precision * 4) > 1 {
            mantissa >>= 1;
            exponent += 1;
        }
        digits = precision;
    }
    let text = format!("{mantissa:0width$x}", width = digits + 1);
    let (whole, fraction) = text.split_at(1);
    let fraction = match precision {
        Some(precision) => format!("{fraction}{}", "0".repeat(precision.saturating_sub(13))),
        None => fraction.trim_end_matches('0').to_owned(),
    };
    let point = if fraction.is_empty() && !keep_point { "" } else { "." };
    format!("{whole}{point}{fraction}p{}{}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// An exact number with a fixed number of decimals.
fn exact_fixed(exact: &Ratio, precision: usize) -> (bool, String) {
    let negative = exact.numer().is_negative();
    let scaled = exact.numer().abs() * BigInt::from(10).pow(precision as u32);
    let unit = exact.denom().clone();
    let rounded = Rounding::Round(arithmetic::Half::Up).to_multiple(&scaled, &unit) / &unit;
    let negative = negative && !(rounded.is_zero() && exact.numer().is_zero());
    let mut digits = rounded.to_string();
    if precision > 0 {
        if digits.len() <= precision {
            digits = format!("{}{digits}", "0".repeat(precision + 1 - digits.len()));
        }
        digits.insert(digits.len() - precision, '.');
    }
    (negative, digits)
}
