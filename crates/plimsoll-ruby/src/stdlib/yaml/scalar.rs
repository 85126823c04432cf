//! What a plain scalar means to Psych: YAML 1.1's types and a few of Ruby's own.

use num_bigint::BigInt;

/// The type that a plain scalar has by its looks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Nil,
    Bool(bool),
    Int(BigInt),
    Float(f64),
    Symbol(String),
    Date([i64; 3]),
    Time(Box<Moment>),
    Text,
}

/// A point in time as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    pub(super) date: [i64; 3],
    pub(super) time: [i64; 3],
    /// The digits after the point.
    pub(super) fraction: String,
    /// What is known of the zone.
    pub(super) zone: Zone,
}

/// The zone of a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Not written: UTC, shown in local time.
    None,
    /// `Z`
    Utc,
    /// Seconds east of UTC.
    Offset(i64),
}

/// Reads a scalar.
pub(super) fn read(text: &str) -> Scalar {
    if text.is_empty() {
        return Scalar::Nil;
    }
    if is_wordy(text) || text.contains('\n') {
        return word(text);
    }
    if let Some(moment) = moment(text) {
        return Scalar::Time(Box::new(moment));
    }
    if let Some(date) = date(text) {
        return Scalar::Date(date);
    }
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        ".inf" | "+.inf" => return Scalar::Float(f64::INFINITY),
        "-.inf" => return Scalar::Float(f64::NEG_INFINITY),
        ".nan" => return Scalar::Float(f64::NAN),
        _ => {}
    }
    if let Some(name) = text.strip_prefix(':').filter(|name| !name.is_empty()) {
        return Scalar::Symbol(symbol(name));
    }
    sexagesimal(text).or_else(|| float(text)).or_else(|| integer(text)).unwrap_or(Scalar::Text)
}

/// Whether a text begins like a word, after at most one character that could begin a number no more than a word.
fn is_wordy(text: &str) -> bool {
    let part = |c: char| c.is_alphabetic() || c.is_whitespace() || "_!@#$%^&*(){}<>|/\\~;=".contains(c);
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let optional = !(first.is_ascii_digit() || ".:-".contains(first));
    part(first) || (optional && chars.next().is_some_and(part))
}

fn word(text: &str) -> Scalar {
    if text.chars().count() > 5 {
        return Scalar::Text;
    }
    match text.to_ascii_lowercase().as_str() {
        "~" | "null" => Scalar::Nil,
        "yes" | "true" | "on" => Scalar::Bool(true),
        "no" | "false" | "off" => Scalar::Bool(false),
        _ => Scalar::Text,
    }
}

fn symbol(name: &str) -> String {
    let quoted = ['"', '\''].into_iter().find(|quote| name.starts_with(*quote));
    match quoted {
        Some(_) => match name[1..].rfind(['"', '\'']) {
            Some(end) => name[1..=end].to_owned(),
            None => name.to_owned(),
        },
        None => name.to_owned(),
    }
}

/// Takes between `least` and `most` digits off the front.
fn digits<'t>(text: &mut &'t str, least: usize, most: usize) -> Option<&'t str> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (taken, rest) = text.split_at(count);
    *text = rest;
    Some(taken)
}

fn skip(text: &mut &str, expected: char) -> Option<()> {
    *text = text.strip_prefix(expected)?;
    Some(())
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn date(text: &str) -> Option<[i64; 3]> {
    let mut rest = text;
    let year = number(digits(&mut rest, 4, 4)?)?;
    skip(&mut rest, '-')?;
    let month = number(digits(&mut rest, 1, 2)?)?;
    skip(&mut rest, '-')?;
    let day = number(digits(&mut rest, 1, 2)?)?;
    (rest.is_empty() && month <= 12 && day <= 31).then_some([year, month, day])
}

fn moment(text: &str) -> Option<Moment> {
    let mut rest = text;
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    rest = rest.strip_prefix('-').unwrap_or(rest);
    let year = sign * number(digits(&mut rest, 4, 4)?)?;
    skip(&mut rest, '-')?;
    let month = number(digits(&mut rest, 1, 2)?)?;
    skip(&mut rest, '-')?;
    let day = number(digits(&mut rest, 1, 2)?)?;
    rest = match rest.strip_prefix(['T', 't']) {
        Some(rest) => rest,
        None => {
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return None;
            }
            trimmed
        }
    };
    let hour = number(digits(&mut rest, 1, 2)?)?;
    skip(&mut rest, ':')?;
    let minute = number(digits(&mut rest, 2, 2)?)?;
    skip(&mut rest, ':')?;
    let second = number(digits(&mut rest, 2, 2)?)?;
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        fraction = digits(&mut rest, 0, usize::MAX)?;
    }
    let zone = zone(rest.trim_start())?;
    Some(Moment { date: [year, month, day], time: [hour, minute, second], fraction: fraction.to_owned(), zone })
}

fn zone(text: &str) -> Option<Zone> {
    let mut rest = text;
    let sign = match rest.chars().next() {
        None => return Some(Zone::None),
        Some('Z') if rest.len() == 1 => return Some(Zone::Utc),
        Some('+') => 1,
        Some('-') => -1,
        _ => return None,
    };
    rest = &rest[1..];
    let hours = number(digits(&mut rest, 1, 2)?)?;
    rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = if rest.is_empty() { 0 } else { number(digits(&mut rest, 2, 2)?)? };
    rest.is_empty().then_some(Zone::Offset(sign * (hours * 3600 + minutes * 60)))
}

/// Numbers of base 60: `12:30:45`, `1:30.5`.
fn sexagesimal(text: &str) -> Option<Scalar> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let parts: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let first =
        parts[0].starts_with(|c: char| c.is_ascii_digit()) && parts[0].bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let rest = parts[1..].iter().all(|part| match part.as_bytes() {
        [digit] | [b'0'..=b'5', digit] => digit.is_ascii_digit(),
        _ => false,
    });
    let tail = fraction.is_none_or(|fraction| fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_'));
    if !(first && rest && tail) {
        return None;
    }
    let negative = text.starts_with('-');
    let mut total = 0.0;
    for (place, part) in parts.iter().enumerate() {
        let mut value: f64 = part.replace('_', "").parse().ok()?;
        if place + 1 == parts.len()
            && let Some(fraction) = fraction
        {
            value = format!("{part}.{}0", fraction.replace('_', "")).parse().ok()?;
        }
        let value = if place == 0 && negative { -value } else { value };
        total += value * 60_f64.powi(2 - place as i32);
    }
    Some(if fraction.is_some() { Scalar::Float(total) } else { Scalar::Int(BigInt::from(total as i64)) })
}

fn float(text: &str) -> Option<Scalar> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, rest) = unsigned.split_once('.')?;
    let starts = whole.is_empty() || whole.starts_with(|c: char| c.is_ascii_digit());
    if !starts || !whole.bytes().all(|b| b.is_ascii_digit() || b == b'_' || b == b',') {
        return None;
    }
    let end = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, exponent) = rest.split_at(end);
    if !exponent.is_empty() {
        let power = exponent.strip_prefix(['e', 'E'])?.strip_prefix(['-', '+'])?;
        if power.is_empty() || !power.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    if whole.is_empty() && fraction.is_empty() && exponent.is_empty() {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let whole = whole.replace(['_', ','], "");
    format!("{sign}0{whole}.{fraction}0{exponent}").parse().ok().map(Scalar::Float)
}

fn integer(text: &str) -> Option<Scalar> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |digits: &str, allowed: &str| !digits.is_empty() && digits.chars().all(|c| allowed.contains(c));
    let (digits, radix) = if let Some(digits) = unsigned.strip_prefix("0b") {
        (all(digits, "01_").then_some(digits)?, 2)
    } else if let Some(digits) = unsigned.strip_prefix("0x") {
        (all(digits, "0123456789abcdefABCDEF_").then_some(digits)?, 16)
    } else if unsigned == "0" {
        ("0", 10)
    } else if let Some(digits) = unsigned.strip_prefix('0') {
        (all(digits, "01234567_").then_some(digits)?, 8)
    } else {
        if !is_grouped(unsigned) {
            return None;
        }
        (unsigned, 10)
    };
    let plain = digits.replace(['_', ','], "");
    let value = BigInt::parse_bytes(plain.as_bytes(), radix)?;
    Some(Scalar::Int(if negative { -value } else { value }))
}

/// Digits with single separators between them.
fn is_grouped(text: &str) -> bool {
    let bytes = text.as_bytes();
    let separator = |b: u8| b == b',' || b == b'_';
    !bytes.is_empty()
        && matches!(bytes[0], b'1'..=b'9')
        && bytes.iter().all(|b| b.is_ascii_digit() || separator(*b))
        && bytes.last().is_some_and(u8::is_ascii_digit)
        && bytes.windows(2).all(|pair| !(separator(pair[0]) && separator(pair[1])))
}
