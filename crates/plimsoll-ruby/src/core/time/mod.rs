//! Time: a point in time, seen from a zone.

pub(crate) mod parse;

use std::cell::RefCell;
use std::rc::Rc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use self::parse::Parsed;
use super::arithmetic::{self, Half, Number, Rounding};
use super::calendar::{self, Shown};
use super::rational::{self, Ratio};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RObject, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Time", &vm.c.object);
    vm.include(&class, &vm.c.comparable);
    vm.set_alloc(&class, |_, class| Ok(Value::Obj(RObject::with_native(Rc::clone(class), RTime::default()))));
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
}

const SINGLETON: &[Def] = &[
    def("now", 0, 1, now, "The time of the host's clock"),
    def("at", 1, 4, at, "The time so many seconds after the epoch"),
    def("mktime", 1, 10, local_by_parts, "A local time by year, month, day, hour, minute, second"),
    def("local", 1, 10, local_by_parts, "A local time by year, month, day, hour, minute, second"),
    def("gm", 1, 10, utc_by_parts, "A time in UTC by year, month, day, hour, minute, second"),
    def("utc", 1, 10, utc_by_parts, "A time in UTC by year, month, day, hour, minute, second"),
    def("parse", 1, 2, parse_method, "The time that a text names, what is missing taken from now"),
    def("strptime", 2, 3, strptime_method, "The time that a text names in a format"),
    def("iso8601", 1, 1, iso8601_of, "The time that a text names as in XML Schema"),
    def("xmlschema", 1, 1, iso8601_of, "The time that a text names as in XML Schema"),
    def("rfc2822", 1, 1, from_text, "The time that a text names as in mails"),
    def("rfc822", 1, 1, from_text, "The time that a text names as in mails"),
    def("httpdate", 1, 1, from_httpdate, "The time that a text names as in HTTP"),
    def("zone_offset", 1, 2, zone_offset_of, "The offset of a zone's name in seconds"),
];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 0, 8, initialize, "Takes year, month, day, hour, minute, second and zone"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over another time"),
    def("+", 1, 1, add, "So many seconds later"),
    def("-", 1, 1, subtract, "So many seconds earlier, or the seconds between two times"),
    def("<=>", 1, 1, compare, "-1, 0 or 1; nil for what is no time"),
    def("==", 1, 1, equal, "Whether both are the same point in time"),
    def("eql?", 1, 1, |_, r, a| Ok(of(&a[0]).is_some_and(|other| other.nanos == this(r).nanos).into()), "Same time"),
    def("hash", 0, 0, |vm, r, _| Ok(Value::Int(vm.hash_code(&nanos_value(vm, r))? as i64 >> 1)), "A hash code"),
    def("year", 0, 0, |vm, r, _| Ok(Value::Int(shown(vm, r).year)), "Year"),
    def("month", 0, 0, month, "Month from 1"),
    def("mon", 0, 0, month, "Month from 1"),
    def("day", 0, 0, day, "Day of the month"),
    def("mday", 0, 0, day, "Day of the month"),
    def("hour", 0, 0, |vm, r, _| Ok(Value::Int(shown(vm, r).hour)), "Hour"),
    def("min", 0, 0, |vm, r, _| Ok(Value::Int(shown(vm, r).minute)), "Minute"),
    def("sec", 0, 0, |vm, r, _| Ok(Value::Int(shown(vm, r).second)), "Second"),
    def("usec", 0, 0, usec, "Microseconds of the second"),
    def("tv_usec", 0, 0, usec, "Microseconds of the second"),
    def("nsec", 0, 0, nsec, "Nanoseconds of the second"),
    def("tv_nsec", 0, 0, nsec, "Nanoseconds of the second"),
    def("subsec", 0, 0, subsec, "The fraction of the second"),
    def("wday", 0, 0, |vm, r, _| Ok(Value::Int(calendar::weekday(shown(vm, r).day))), "Day of the week from Sunday, 0"),
    def("yday", 0, 0, yday, "Day of the year from 1"),
    def("zone", 0, 0, zone, "Name of the zone"),
    def("utc_offset", 0, 0, utc_offset, "Seconds east of UTC"),
    def("gmt_offset", 0, 0, utc_offset, "Seconds east of UTC"),
    def("gmtoff", 0, 0, utc_offset, "Seconds east of UTC"),
    def("utc?", 0, 0, is_utc, "Whether in UTC"),
    def("gmt?", 0, 0, is_utc, "Whether in UTC"),
    def("isdst", 0, 0, is_summer_time, "Whether summer time: the host's zone has none"),
    def("dst?", 0, 0, is_summer_time, "Whether summer time: the host's zone has none"),
    def("sunday?", 0, 0, |vm, r, _| Ok(is_day(vm, r, 0)), "Whether a Sunday"),
    def("monday?", 0, 0, |vm, r, _| Ok(is_day(vm, r, 1)), "Whether a Monday"),
    def("tuesday?", 0, 0, |vm, r, _| Ok(is_day(vm, r, 2)), "Whether a Tuesday"),
    def("wednesday?", 0, 0, |vm, r, _| Ok(is_day(vm, r, 3)), "Whether a Wednesday"),
    def("thursday?", 0, 0, |vm, r, _| Ok(is_day(vm, r, 4)), "Whether a Thursday"),
    def("friday?", 0, 0, |vm, r, _| Ok(is_day(vm, r, 5)), "Whether a Friday"),
    def("saturday?", 0, 0, |vm, r, _| Ok(is_day(vm, r, 6)), "Whether a Saturday"),
    def("to_i", 0, 0, seconds, "Seconds since the epoch"),
    def("tv_sec", 0, 0, seconds, "Seconds since the epoch"),
    def("to_f", 0, 0, |_, r, _| Ok(Value::Float(ratio(this(r).nanos).to_f())), "Seconds since the epoch as a Float"),
    def(
        "to_r",
        0,
        0,
        |vm, r, _| Ok(rational::value(vm, ratio(this(r).nanos))),
        "Seconds since the epoch as a Rational",
    ),
    def("to_a", 0, 0, to_a, "Second, minute, hour, day, month, year, weekday, yearday, summer time, zone"),
    def("to_s", 0, 0, to_s, "`2024-05-06 07:08:09 +0200`"),
    def("inspect", 0, 0, inspect, "The same with the fraction of the second"),
    def("ctime", 0, 0, ctime, "`Mon May  6 07:08:09 2024`"),
    def("asctime", 0, 0, ctime, "`Mon May  6 07:08:09 2024`"),
    def("strftime", 1, 1, strftime, "By a format"),
    def("utc", 0, 0, become_utc, "Becomes the same time in UTC"),
    def("gmtime", 0, 0, become_utc, "Becomes the same time in UTC"),
    def("localtime", 0, 1, localtime, "Becomes the same time in the local zone, or another"),
    def("getutc", 0, 0, in_utc, "The same time in UTC"),
    def("getgm", 0, 0, in_utc, "The same time in UTC"),
    def("getlocal", 0, 1, getlocal, "The same time in the local zone, or another"),
    def("round", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Round(Half::Up)), "To a number of digits of the second"),
    def("floor", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Floor), "Down to a number of digits of the second"),
    def("ceil", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Ceil), "Up to a number of digits of the second"),
    def("iso8601", 0, 1, iso8601, "`2024-05-06T07:08:09+02:00`"),
    def("xmlschema", 0, 1, iso8601, "`2024-05-06T07:08:09+02:00`"),
    def("rfc2822", 0, 0, rfc2822, "`Mon, 06 May 2024 07:08:09 +0200`"),
    def("rfc822", 0, 0, rfc2822, "`Mon, 06 May 2024 07:08:09 +0200`"),
    def("httpdate", 0, 0, httpdate, "`Mon, 06 May 2024 05:08:09 GMT`"),
    def("to_time", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_date", 0, 0, |vm, r, _| Ok(super::date::of_day(vm, shown(vm, r).day)), "The day"),
    def("to_datetime", 0, 0, to_datetime, "As a DateTime"),
];

const SECOND: i128 = 1_000_000_000;

/// Where a time is seen from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Zone {
    /// UTC itself.
    Utc,
    /// The host's zone.
    Local,
    /// So many seconds east of UTC, perhaps with a name.
    Fixed(i64, Option<String>),
}

/// A point in time and where it is seen from.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// Nanoseconds since the epoch.
    pub(crate) nanos: i128,
    pub(crate) zone: Zone,
}

/// What a Time carries.
struct RTime(RefCell<Moment>);

impl Default for RTime {
    fn default() -> Self {
        Self(RefCell::new(Moment { nanos: 0, zone: Zone::Local }))
    }
}

/// The time that a value is.
pub(crate) fn of(value: &Value) -> Option<Moment> {
    Some(value.native::<RTime>()?.0.borrow().clone())
}

fn this(receiver: &Value) -> Moment {
    of(receiver).expect("a method of Time runs on times alone")
}

/// A Time value.
pub(crate) fn value(vm: &Interp, moment: Moment) -> Value {
    made(&vm.class_named("Time"), moment)
}

fn made(class: &Rc<RClass>, moment: Moment) -> Value {
    Value::Obj(RObject::with_native(Rc::clone(class), RTime(RefCell::new(moment))))
}

fn class_of(vm: &Interp, receiver: &Value) -> Rc<RClass> {
    match receiver {
        Value::Class(class) => Rc::clone(class),
        _ => vm.class_named("Time"),
    }
}

pub(crate) fn offset(vm: &Interp, zone: &Zone) -> i64 {
    match zone {
        Zone::Utc => 0,
        Zone::Local => i64::from(vm.host.utc_offset()),
        Zone::Fixed(offset, _) => *offset,
    }
}

/// The host's clock.
pub(crate) fn clock(vm: &Interp) -> i128 {
    vm.host.now().as_nanos() as i128
}

/// A moment as calendar and clock show it.
pub(crate) fn show(vm: &Interp, moment: &Moment) -> Shown {
    let offset = offset(vm, &moment.zone);
    let epoch = moment.nanos.div_euclid(SECOND) as i64;
    let local = epoch + offset;
    let (day, of_day) = (local.div_euclid(86_400) + calendar::EPOCH, local.rem_euclid(86_400));
    let (year, month, mday) = calendar::gregorian_date(day);
    let zone = match &moment.zone {
        Zone::Utc => "UTC".to_owned(),
        Zone::Local if offset == 0 => "UTC".to_owned(),
        Zone::Local => local_zone(offset),
        Zone::Fixed(_, name) => name.clone().unwrap_or_default(),
    };
    Shown {
        day,
        year,
        month,
        mday,
        hour: of_day / 3600,
        minute: of_day / 60 % 60,
        second: of_day % 60,
        nanos: moment.nanos.rem_euclid(SECOND) as i64,
        offset,
        zone,
        utc: moment.zone == Zone::Utc,
        epoch,
        of_date: false,
    }
}

/// A zone of which only the offset is known, as the zone database names such: `+02`, `-0330`.
fn local_zone(offset: i64) -> String {
    let (sign, total) = (if offset < 0 { '-' } else { '+' }, offset.abs());
    match total / 60 % 60 {
        0 => format!("{sign}{:02}", total / 3600),
        minutes => format!("{sign}{:02}{minutes:02}", total / 3600),
    }
}

fn shown(vm: &Interp, receiver: &Value) -> Shown {
    show(vm, &this(receiver))
}

fn ratio(nanos: i128) -> Ratio {
    Ratio::new(BigInt::from(nanos), BigInt::from(SECOND)).expect("a second has nanoseconds")
}

fn nanos_value(vm: &Interp, receiver: &Value) -> Value {
    vm.integer(BigInt::from(this(receiver).nanos))
}

fn inexact(vm: &Interp, value: &Value) -> Unwind {
    vm.type_error(format!("can't convert {} into an exact number", vm.real_class_of(value).name()))
}

/// A number of seconds as nanoseconds, rounded down.
fn seconds_to_nanos(vm: &Interp, value: &Value) -> Res<i128> {
    let exact = match arithmetic::number(value) {
        Some(Number::Int(seconds)) => return Ok(i128::from(seconds) * SECOND),
        Some(Number::Float(float)) => {
            Ratio::from_f(float).ok_or_else(|| vm.error("FloatDomainError", super::float_text(float)))?
        }
        Some(Number::Ratio(ratio)) => ratio,
        Some(Number::Big(big)) => Ratio::whole(big),
        None => match value {
            Value::Str(_) | Value::Nil => {
                return Err(inexact(vm, value));
            }
            other => match vm.call_if_responds(other, Sym::new("to_r"), &[])? {
                Some(converted) => match converted.native::<Ratio>() {
                    Some(ratio) => ratio.clone(),
                    None => return Err(inexact(vm, other)),
                },
                None => match vm.call_if_responds(other, known::TO_INT, &[])? {
                    Some(whole) => match arithmetic::big(&whole) {
                        Some(big) => Ratio::whole(big),
                        None => return Err(inexact(vm, other)),
                    },
                    None => return Err(inexact(vm, other)),
                },
            },
        },
    };
    let nanos = (exact.numer() * BigInt::from(SECOND)).div_floor(exact.denom());
    nanos.to_i128().ok_or_else(|| vm.error("RangeError", "time out of range"))
}

/// The zone that `in:` or a last argument names.
fn zone_of(vm: &Interp, value: &Value) -> Res<Zone> {
    let Value::Str(name) = value else {
        if matches!(value, Value::Int(_)) || arithmetic::number(value).is_some() {
            let offset = vm.to_int(value)?;
            return if offset.abs() < 86_400 {
                Ok(Zone::Fixed(offset, None))
            } else {
                Err(vm.argument_error("utc_offset out of range"))
            };
        }
        if let Some(text @ Value::Str(_)) = vm.call_if_responds(value, known::TO_STR, &[])? {
            return zone_of(vm, &text);
        }
        let exact = match vm.call_if_responds(value, Sym::new("to_r"), &[])? {
            Some(exact) => Some(exact),
            None => vm.call_if_responds(value, known::TO_INT, &[])?,
        };
        return match exact {
            Some(exact) if arithmetic::number(&exact).is_some() => zone_of(vm, &exact),
            _ => Err(inexact(vm, value)),
        };
    };
    let name = name.lossy();
    let military = |c: u8| -> Option<i64> {
        Some(match c {
            b'A'..=b'I' => i64::from(c - b'A') + 1,
            b'K'..=b'M' => i64::from(c - b'K') + 10,
            b'N'..=b'Y' => -(i64::from(c - b'N') + 1),
            _ => return None,
        })
    };
    match name.as_bytes() {
        b"UTC" | b"Z" | b"-00:00" => return Ok(Zone::Utc),
        [letter] => {
            if let Some(hours) = military(*letter) {
                return Ok(Zone::Fixed(hours * 3600, None));
            }
        }
        [b'+' | b'-', rest @ ..] => {
            let digits: Vec<i64> = rest.iter().filter(|b| b.is_ascii_digit()).map(|b| i64::from(b - b'0')).collect();
            let layout: String = rest.iter().map(|b| if b.is_ascii_digit() { '9' } else { char::from(*b) }).collect();
            if matches!(&*layout, "99" | "9999" | "99:99" | "99:99:99" | "999999") {
                let pair =
                    |at: usize| digits.get(at).copied().unwrap_or(0) * 10 + digits.get(at + 1).copied().unwrap_or(0);
                let (hours, minutes, seconds) = (pair(0), pair(2), pair(4));
                if minutes >= 60 {
                    return Err(unknown_offset(vm, &name));
                }
                if hours < 24 && seconds < 60 {
                    let total = hours * 3600 + minutes * 60 + seconds;
                    return Ok(Zone::Fixed(if name.starts_with('-') { -total } else { total }, None));
                }
                return Err(vm.argument_error("utc_offset out of range"));
            }
        }
        _ => {}
    }
    Err(unknown_offset(vm, &name))
}

fn unknown_offset(vm: &Interp, name: &str) -> Unwind {
    vm.argument_error(format!(
        "\"+HH:MM\", \"-HH:MM\", \"UTC\" or \"A\"..\"I\",\"K\"..\"Z\" expected for utc_offset: {name}"
    ))
}

fn zone_keyword(vm: &Interp, args: Args<'_>) -> Res<Option<Zone>> {
    match args.keyword("in").filter(|v| !v.is_nil()) {
        Some(value) => zone_of(vm, &value).map(Some),
        None => Ok(None),
    }
}

fn now(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let zone = zone_keyword(vm, args)?.unwrap_or(Zone::Local);
    Ok(made(&class_of(vm, receiver), Moment { nanos: clock(vm), zone }))
}

fn at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let zone = zone_keyword(vm, args)?;
    let (positional, _) = args.split_keywords();
    if let Some(other) = positional.first().and_then(of) {
        return Ok(made(&class_of(vm, receiver), Moment { nanos: other.nanos, zone: zone.unwrap_or(other.zone) }));
    }
    let Some(first) = positional.first() else { return Err(vm.arity_error(0, 1, 3)) };
    let mut nanos = seconds_to_nanos(vm, first)?;
    if let Some(fraction) = positional.get(1) {
        let scale: i128 = match positional.get(2) {
            None => 1_000,
            Some(Value::Sym(unit)) => match unit.bytes() {
                b"millisecond" => 1_000_000,
                b"usec" | b"microsecond" => 1_000,
                b"nsec" | b"nanosecond" => 1,
                _ => return Err(vm.argument_error(format!("unexpected unit: {unit}"))),
            },
            Some(other) => return Err(vm.argument_error(format!("unexpected unit: {}", vm.to_s(other)?.lossy()))),
        };
        nanos += seconds_to_nanos(vm, fraction)?.div_euclid(SECOND / scale);
    }
    Ok(made(&class_of(vm, receiver), Moment { nanos, zone: zone.unwrap_or(Zone::Local) }))
}

fn out_of_range(vm: &Interp) -> Unwind {
    vm.argument_error("argument out of range")
}

/// A month by number or name.
fn month_of(vm: &Interp, value: &Value) -> Res<i64> {
    let text = match value {
        Value::Obj(_) => vm.call_if_responds(value, known::TO_STR, &[])?,
        _ => None,
    };
    let value = text.as_ref().unwrap_or(value);
    if let Value::Str(name) = value {
        let name = name.lossy();
        if let Some(at) = calendar::MONTHS.iter().position(|month| month[..3].eq_ignore_ascii_case(&name)) {
            return Ok(at as i64 + 1);
        }
    }
    part(vm, value)
}

/// A part of a date given as number or text.
fn part(vm: &Interp, value: &Value) -> Res<i64> {
    match value {
        Value::Str(text) => match super::string::parse_integer(&text.to_vec(), 10, true).and_then(|n| n.to_i64()) {
            Some(number) => Ok(number),
            None => Err(vm.argument_error(format!("invalid value for Integer(): {}", vm.inspect(value)?.lossy()))),
        },
        other => vm.to_int(other),
    }
}

/// The nanoseconds since the epoch of a date and a clock in UTC.
fn from_parts(vm: &Interp, parts: &[Value]) -> Res<i128> {
    let given = |at: usize| parts.get(at).filter(|value| !value.is_nil());
    let number = |at: usize, default: i64| given(at).map_or(Ok(default), |value| part(vm, value));
    if parts.first().is_some_and(Value::is_nil) {
        return Err(vm.type_error("no implicit conversion of nil into Integer"));
    }
    let year = number(0, 1970)?;
    let month = given(1).map_or(Ok(1), |value| month_of(vm, value))?;
    let (day, hour, minute) = (number(2, 1)?, number(3, 0)?, number(4, 0)?);
    let second = match given(5) {
        None => 0,
        Some(text @ Value::Str(_)) => i128::from(part(vm, text)?) * SECOND,
        Some(value) => seconds_to_nanos(vm, value)?,
    };
    // What does not fit CRuby's fields is told apart from what a calendar does not have.
    let fits =
        (0..16).contains(&month) && (0..32).contains(&day) && (0..32).contains(&hour) && (0..64).contains(&minute);
    if !fits || !(0..64 * SECOND).contains(&second) {
        return Err(out_of_range(vm));
    }
    let whole_day = hour == 24;
    let checks = [
        ("mon", (1..=12).contains(&month)),
        ("mday", day >= 1),
        ("hour", hour <= 24),
        ("min", minute < if whole_day { 1 } else { 60 }),
        ("sec", second < if whole_day { 1 } else { 61 * SECOND }),
    ];
    if let Some((name, _)) = checks.iter().find(|(_, holds)| !holds) {
        return Err(vm.argument_error(format!("{name} out of range")));
    }
    // The 31st of a shorter month is a day of the next one.
    let days = calendar::gregorian_day(year, month, 1) + day - 1 - calendar::EPOCH;
    Ok((i128::from(days) * 86_400 + i128::from(hour * 3600 + minute * 60)) * SECOND + second)
}

fn local_by_parts(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    by_parts(vm, class, args, false)
}

fn utc_by_parts(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    by_parts(vm, class, args, true)
}

fn month(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(shown(vm, receiver).month))
}

fn day(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(shown(vm, receiver).mday))
}

fn usec(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(shown(vm, receiver).nanos / 1000))
}

fn nsec(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(shown(vm, receiver).nanos))
}

fn utc_offset(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(offset(vm, &this(receiver).zone)))
}

fn is_utc(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok((this(receiver).zone == Zone::Utc).into())
}

fn is_summer_time(_: &Interp, _: &Value, _: Args<'_>) -> Res {
    Ok(false.into())
}

fn become_utc(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    moved(vm, receiver, Zone::Utc)
}

fn in_utc(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(value(vm, Moment { zone: Zone::Utc, ..this(receiver) }))
}

fn ctime(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    written(vm, receiver, "%a %b %e %H:%M:%S %Y")
}

fn by_parts(vm: &Interp, receiver: &Value, args: Args<'_>, utc: bool) -> Res {
    let (mut parts, _) = args.split_keywords();
    let reordered;
    if parts.len() == 10 {
        // As `to_a` gives them.
        reordered = [5, 4, 3, 2, 1, 0].map(|at: usize| parts[at].clone());
        parts = &reordered;
    }
    let mut nanos = from_parts(vm, &parts[..parts.len().min(6)])?;
    if let Some(micros) = parts.get(6).filter(|v| !v.is_nil()) {
        let micros = match micros {
            Value::Str(_) => i128::from(part(vm, micros)?) * SECOND,
            other => seconds_to_nanos(vm, other)?,
        };
        if !(0..1_000_000 * SECOND).contains(&micros) {
            return Err(vm.argument_error("subsecx out of range"));
        }
        // They take the place of the second's own fraction.
        nanos = nanos.div_euclid(SECOND) * SECOND + micros / 1_000_000;
    }
    let zone = if utc { Zone::Utc } else { Zone::Local };
    nanos -= i128::from(offset(vm, &zone)) * SECOND;
    Ok(made(&class_of(vm, receiver), Moment { nanos, zone }))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    let keyword = zone_keyword(vm, args)?;
    let given = match positional.get(6).filter(|v| !v.is_nil()) {
        Some(_) if keyword.is_some() => {
            return Err(vm.argument_error("timezone argument given as positional and keyword arguments"));
        }
        Some(value) => Some(zone_of(vm, value)?),
        None => keyword,
    };
    let zone = given.unwrap_or(Zone::Local);
    let nanos = if positional.is_empty() {
        clock(vm)
    } else {
        from_parts(vm, &positional[..positional.len().min(6)])? - i128::from(offset(vm, &zone)) * SECOND
    };
    set(receiver, Moment { nanos, zone });
    Ok(Value::Nil)
}

fn set(receiver: &Value, moment: Moment) {
    if let Some(own) = receiver.native::<RTime>() {
        *own.0.borrow_mut() = moment;
    }
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match of(&args[0]) {
        Some(moment) => set(receiver, moment),
        None => return Err(vm.type_error("wrong argument class")),
    }
    Ok(receiver.clone())
}

fn add(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if of(&args[0]).is_some() {
        return Err(vm.type_error("time + time?"));
    }
    let this = this(receiver);
    Ok(value(vm, Moment { nanos: this.nanos + seconds_to_nanos(vm, &args[0])?, ..this }))
}

fn subtract(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let this = this(receiver);
    if let Some(other) = of(&args[0]) {
        return Ok(Value::Float(ratio(this.nanos - other.nanos).to_f()));
    }
    Ok(value(vm, Moment { nanos: this.nanos - seconds_to_nanos(vm, &args[0])?, ..this }))
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if let Some(other) = of(&args[0]) {
        return Ok(Value::Int(this(receiver).nanos.cmp(&other.nanos) as i64));
    }
    if !matches!(args[0], Value::Obj(_)) || !vm.responds(&args[0], known::CMP)? {
        return Ok(Value::Nil);
    }
    let address = receiver.head().map_or(0, |head| std::ptr::from_ref(head) as usize);
    let reversed = vm.guard("Time#<=>", address, 0, || vm.call(&args[0], known::CMP, std::slice::from_ref(receiver)));
    match reversed.unwrap_or(Ok(Value::Nil))? {
        Value::Int(order) => Ok(Value::Int(-order.signum())),
        _ => Ok(Value::Nil),
    }
}

fn equal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(matches!(compare(vm, receiver, args)?, Value::Int(0)).into())
}

fn subsec(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let nanos = this(receiver).nanos.rem_euclid(SECOND);
    Ok(if nanos == 0 { Value::Int(0) } else { rational::value(vm, ratio(nanos)) })
}

fn yday(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let shown = shown(vm, receiver);
    Ok(Value::Int(shown.day - calendar::gregorian_day(shown.year, 1, 1) + 1))
}

fn zone(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    match this(receiver).zone {
        Zone::Fixed(_, None) => Ok(Value::Nil),
        _ => Ok(Value::Str(RString::new(shown(vm, receiver).zone.into_bytes(), Encoding::UsAscii))),
    }
}

fn is_day(vm: &Interp, receiver: &Value, day: i64) -> Value {
    (calendar::weekday(shown(vm, receiver).day) == day).into()
}

fn seconds(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(vm.integer(BigInt::from(this(receiver).nanos.div_euclid(SECOND))))
}

fn to_a(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let s = shown(vm, receiver);
    let numbers = [s.second, s.minute, s.hour, s.mday, s.month, s.year, calendar::weekday(s.day)];
    let mut parts: Vec<Value> = numbers.into_iter().map(Value::Int).collect();
    parts.push(yday(vm, receiver, args)?);
    parts.push(Value::Bool(false));
    parts.push(zone(vm, receiver, args)?);
    Ok(Value::array(parts))
}

fn format(vm: &Interp, shown: &Shown, format: &[u8]) -> Res<Vec<u8>> {
    calendar::strftime(shown, format, vm.limits.string).map_err(|_| {
        vm.error("Errno::ERANGE", format!("Numerical result out of range - {}", String::from_utf8_lossy(format)))
    })
}

fn written(vm: &Interp, receiver: &Value, layout: &str) -> Res {
    let bytes = format(vm, &shown(vm, receiver), layout.as_bytes())?;
    Ok(Value::Str(RString::new(bytes, Encoding::UsAscii)))
}

fn zone_layout(receiver: &Value) -> &'static str {
    if this(receiver).zone == Zone::Utc { "UTC" } else { "%z" }
}

fn to_s(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    written(vm, receiver, &format!("%Y-%m-%d %H:%M:%S {}", zone_layout(receiver)))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let nanos = this(receiver).nanos.rem_euclid(SECOND);
    let fraction = if nanos == 0 { String::new() } else { format!(".{nanos:09}").trim_end_matches('0').to_owned() };
    written(vm, receiver, &format!("%Y-%m-%d %H:%M:%S{fraction} {}", zone_layout(receiver)))
}

fn strftime(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let layout = vm.to_str(&args[0])?;
    let bytes = format(vm, &shown(vm, receiver), &layout.to_vec())?;
    Ok(Value::Str(RString::new(bytes, layout.encoding())))
}

fn moved(vm: &Interp, receiver: &Value, zone: Zone) -> Res {
    vm.check_frozen(receiver)?;
    set(receiver, Moment { zone, ..this(receiver) });
    Ok(receiver.clone())
}

fn wanted_zone(vm: &Interp, args: Args<'_>) -> Res<Zone> {
    match args.get(0).filter(|v| !v.is_nil()) {
        Some(value) => zone_of(vm, value),
        None => Ok(Zone::Local),
    }
}

fn localtime(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let zone = wanted_zone(vm, args)?;
    moved(vm, receiver, zone)
}

fn getlocal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let zone = wanted_zone(vm, args)?;
    Ok(value(vm, Moment { zone, ..this(receiver) }))
}

fn rounded(vm: &Interp, receiver: &Value, args: Args<'_>, how: Rounding) -> Res {
    let digits = match args.get(0) {
        Some(value) => vm.to_int(value)?,
        None => 0,
    };
    if digits < 0 {
        return Err(vm.argument_error("negative ndigits given"));
    }
    let unit = 10_i128.pow(9 - digits.min(9) as u32);
    let this = this(receiver);
    let nanos = how.to_multiple(&BigInt::from(this.nanos), &BigInt::from(unit)).to_i128().unwrap_or(this.nanos);
    Ok(value(vm, Moment { nanos, ..this }))
}

fn iso8601(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let digits = match args.get(0) {
        Some(value) => vm.to_int(value)?.clamp(0, 100),
        None => 0,
    };
    let fraction = if digits > 0 { format!(".%{digits}N") } else { String::new() };
    let zone = if this(receiver).zone == Zone::Utc { "Z" } else { "%:z" };
    written(vm, receiver, &format!("%Y-%m-%dT%H:%M:%S{fraction}{zone}"))
}

fn rfc2822(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let zone = if this(receiver).zone == Zone::Utc { "-0000" } else { "%z" };
    written(vm, receiver, &format!("%a, %d %b %Y %H:%M:%S {zone}"))
}

fn httpdate(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let utc = Moment { zone: Zone::Utc, ..this(receiver) };
    let bytes = format(vm, &show(vm, &utc), b"%a, %d %b %Y %H:%M:%S GMT")?;
    Ok(Value::Str(RString::new(bytes, Encoding::UsAscii)))
}

fn to_datetime(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let shown = shown(vm, receiver);
    let of_day = (shown.hour * 3600 + shown.minute * 60 + shown.second) * SECOND as i64 + shown.nanos;
    Ok(super::date::datetime(vm, shown.day, of_day, shown.offset))
}

/// The zone that a parsed text names: UTC where it says so, else a fixed offset.
fn parsed_zone(parsed: &Parsed) -> Zone {
    let Some(offset) = parsed.offset else { return Zone::Local };
    let name = parsed.zone.as_deref().unwrap_or("").to_ascii_uppercase();
    match &*name {
        "Z" | "UTC" | "-00:00" | "-0000" | "-00" => Zone::Utc,
        _ => Zone::Fixed(offset, None),
    }
}

fn assembled(vm: &Interp, receiver: &Value, parsed: &Parsed, today: &Shown) -> Res {
    let zone = parsed_zone(parsed);
    // Parts larger than the largest one given come from today, smaller ones are the first.
    let (year, month, mday) = match (parsed.year, parsed.month, parsed.mday) {
        _ if parsed.yday.is_some() => {
            let year = parsed.year.unwrap_or(today.year);
            let day = calendar::ordinal_day(year, parsed.yday.unwrap_or(1)).ok_or_else(|| out_of_range(vm))?;
            calendar::gregorian_date(day)
        }
        (None, None, None) => match parsed.cweek {
            Some(week) => {
                let year = parsed.cwyear.unwrap_or(today.year);
                let day = calendar::iso_day(year, week, parsed.cwday.unwrap_or(1)).ok_or_else(|| out_of_range(vm))?;
                calendar::gregorian_date(day)
            }
            None => (today.year, today.month, today.mday),
        },
        (Some(year), month, day) => (year, month.unwrap_or(1), day.unwrap_or(1)),
        (None, Some(month), day) => (today.year, month, day.unwrap_or(1)),
        (None, None, Some(day)) => (today.year, today.month, day),
    };
    let parts = [year, month, mday, parsed.hour.unwrap_or(0), parsed.minute.unwrap_or(0), parsed.second.unwrap_or(0)];
    let parts: Vec<Value> = parts.into_iter().map(Value::Int).collect();
    let nanos = from_parts(vm, &parts)? + i128::from(parsed.fraction.unwrap_or(0));
    let nanos = nanos - i128::from(offset(vm, &zone)) * SECOND;
    Ok(made(&class_of(vm, receiver), Moment { nanos, zone }))
}

fn parse_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = vm.to_str(&args[0])?.lossy();
    let mut parsed = parse::parse(&text, true);
    // Weeks mean nothing to `Time.parse`.
    parsed.cweek = None;
    let has_any = parsed.year.is_some()
        || parsed.month.is_some()
        || parsed.mday.is_some()
        || parsed.yday.is_some()
        || parsed.hour.is_some();
    if !has_any {
        let shown = vm.inspect(&args[0])?.lossy();
        return Err(vm.argument_error(format!("no time information in {shown}")));
    }
    let today = match args.get(1).and_then(of) {
        Some(moment) => show(vm, &moment),
        None => show(vm, &Moment { nanos: clock(vm), zone: parsed_zone(&parsed) }),
    };
    assembled(vm, receiver, &parsed, &today)
}

fn strptime_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (text, layout) = (vm.to_str(&args[0])?.lossy(), vm.to_str(&args[1])?.lossy());
    let Some(parsed) = parse::strptime(&text, &layout) else {
        let (text, layout) = (vm.inspect(&args[0])?.lossy(), vm.inspect(&args[1])?.lossy());
        return Err(vm.argument_error(format!(
            "invalid date or strptime format - `{}' `{}'",
            text.trim_matches('"'),
            layout.trim_matches('"')
        )));
    };
    if let Some((seconds, fraction)) = parsed.epoch {
        let fraction = fraction + parsed.fraction.unwrap_or(0);
        let zone = parsed.offset.map_or(Zone::Local, |offset| Zone::Fixed(offset, None));
        let nanos = i128::from(seconds) * SECOND + i128::from(fraction);
        return Ok(made(&class_of(vm, receiver), Moment { nanos, zone }));
    }
    let today = show(vm, &Moment { nanos: clock(vm), zone: parsed_zone(&parsed) });
    assembled(vm, receiver, &parsed, &today)
}

fn iso8601_of(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = vm.to_str(&args[0])?.lossy();
    let trimmed = text.trim();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let parsed = parse::parse(trimmed, false);
    let complete = parsed.year.is_some() && parsed.month.is_some() && parsed.mday.is_some();
    if digits < 4 || !complete {
        return Err(vm.argument_error(format!("invalid xmlschema format: {}", vm.inspect(&args[0])?.lossy())));
    }
    let today = show(vm, &Moment { nanos: clock(vm), zone: Zone::Local });
    assembled(vm, receiver, &parsed, &today)
}

fn from_text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = vm.to_str(&args[0])?.lossy();
    let parsed = parse::parse(&text, true);
    if parsed.year.is_none() || parsed.month.is_none() || parsed.mday.is_none() || parsed.hour.is_none() {
        return Err(vm.argument_error(format!("not RFC 2616 compliant date: {}", vm.inspect(&args[0])?.lossy())));
    }
    let today = show(vm, &Moment { nanos: clock(vm), zone: Zone::Local });
    assembled(vm, receiver, &parsed, &today)
}

fn from_httpdate(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let time = from_text(vm, receiver, args)?;
    moved(vm, &time, Zone::Utc)
}

fn zone_offset_of(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let name = vm.to_str(&args[0])?.lossy();
    Ok(parse::zone_offset(&name).map_or(Value::Nil, Value::Int))
}
