//! DateTime: a Date with a time of day and an offset.

use std::rc::Rc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use super::{DAY, RDate, class_of, completed_day, integer, invalid, made, of, set, text_argument, this, written};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::arithmetic::{self, Number};
use crate::core::calendar;
use crate::core::rational::{self, Ratio};
use crate::core::time::parse::{self, Parsed};
use crate::core::time::{self, Moment, Zone};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp, date: &Rc<RClass>) {
    let class = vm.define_class(&vm.c.object, "DateTime", date);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
}

const SINGLETON: &[Def] = &[
    def(
        "civil",
        0,
        8,
        |vm, r, a| vm.call_with(r, known::NEW, a, crate::dispatch::CallStyle::Implicit),
        "By year, month, day and time",
    ),
    def("now", 0, 1, now, "The time of the host's clock"),
    def("parse", 0, 4, parse_method, "The time that a text names"),
    def("iso8601", 0, 4, parse_method, "The time that a text names"),
    def("xmlschema", 0, 4, parse_method, "The time that a text names"),
    def("rfc3339", 0, 4, parse_method, "The time that a text names"),
    def("rfc2822", 0, 4, parse_method, "The time that a text names"),
    def("httpdate", 0, 4, parse_method, "The time that a text names"),
    def("rfc822", 0, 4, parse_method, "The time that a text names"),
    def("jisx0301", 0, 4, parse_method, "The time that a text names"),
    def("strptime", 0, 3, strptime_method, "The time that a text names in a format"),
];

/// Instance methods.
const METHODS: &[Def] = &[
    private_def("initialize", 0, 8, initialize, "Takes year, month, day, hour, minute, second and offset"),
    def("hour", 0, 0, |_, r, _| Ok(Value::Int(this(r).shown().hour)), "Hour"),
    def("minute", 0, 0, |_, r, _| Ok(Value::Int(this(r).shown().minute)), "Minute"),
    def("min", 0, 0, |_, r, _| Ok(Value::Int(this(r).shown().minute)), "Minute"),
    def("second", 0, 0, |_, r, _| Ok(Value::Int(this(r).shown().second)), "Second"),
    def("sec", 0, 0, |_, r, _| Ok(Value::Int(this(r).shown().second)), "Second"),
    def("sec_fraction", 0, 0, sec_fraction, "The fraction of the second"),
    def("second_fraction", 0, 0, sec_fraction, "The fraction of the second"),
    def("offset", 0, 0, offset, "The offset from UTC in days"),
    def("zone", 0, 0, |_, r, _| Ok(Value::str(this(r).shown().zone)), "`+02:00`"),
    def("new_offset", 0, 1, new_offset, "The same time at another offset"),
    def("to_s", 0, 0, |vm, r, _| written(vm, r, "%Y-%m-%dT%H:%M:%S%:z"), "`2024-05-06T07:08:09+02:00`"),
    def("iso8601", 0, 1, iso8601, "`2024-05-06T07:08:09+02:00`"),
    def("xmlschema", 0, 1, iso8601, "`2024-05-06T07:08:09+02:00`"),
    def("rfc3339", 0, 1, iso8601, "`2024-05-06T07:08:09+02:00`"),
    def("jisx0301", 0, 1, jisx0301, "`R06.05.06T07:08:09+02:00`"),
    def("strftime", 0, 1, strftime, "By a format"),
    def("to_datetime", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_time", 0, 0, to_time, "As a Time at the same offset"),
];

/// A DateTime of a Julian day, nanoseconds of the day and an offset.
pub(crate) fn datetime(vm: &Interp, day: i64, of_day: i64, offset: i64) -> Value {
    made(&vm.class_named("DateTime"), RDate { day, of_day, offset })
}

/// An offset given as text or as a fraction of a day.
fn offset_of(vm: &Interp, value: &Value) -> Res<i64> {
    if let Value::Str(text) = value {
        return Ok(parse::zone_offset(&text.lossy()).unwrap_or(0));
    }
    let ratio = match arithmetic::number(value) {
        Some(Number::Int(days)) => Some(Ratio::whole(BigInt::from(days))),
        Some(Number::Ratio(ratio)) => Some(ratio),
        Some(Number::Float(float)) => Ratio::from_f(float),
        _ => None,
    };
    let Some(ratio) = ratio else { return Err(vm.type_error("invalid offset")) };
    let seconds = ratio.mul(&Ratio::whole(BigInt::from(86_400)));
    let seconds: BigInt = (seconds.numer() * 2_i32 + seconds.denom()).div_floor(&(seconds.denom() * 2_i32));
    seconds.to_i64().filter(|s| s.abs() <= 86_400).ok_or_else(|| invalid(vm))
}

/// Seconds, perhaps with a fraction, as nanoseconds.
fn second_nanos(vm: &Interp, value: Option<&Value>) -> Res<i64> {
    let ratio = match value.map(arithmetic::number) {
        None => return Ok(0),
        Some(Some(Number::Int(seconds))) => return Ok(seconds * 1_000_000_000),
        Some(Some(Number::Ratio(ratio))) => Some(ratio),
        Some(Some(Number::Float(float))) => Ratio::from_f(float),
        _ => None,
    };
    let Some(ratio) = ratio else { return Err(vm.type_error("invalid second (not numeric)")) };
    let nanos = (ratio.numer() * BigInt::from(1_000_000_000)).div_floor(ratio.denom());
    nanos.to_i64().ok_or_else(|| invalid(vm))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let part = |at: usize, default: i64| integer(vm, args.values, at, default);
    let day = calendar::civil_day(part(0, -4712)?, part(1, 1)?, part(2, 1)?).ok_or_else(|| invalid(vm))?;
    let from_end = |value: i64, whole: i64| if value < 0 { value + whole } else { value };
    let (hour, minute) = (from_end(part(3, 0)?, 24), from_end(part(4, 0)?, 60));
    let second = from_end(second_nanos(vm, args.get(5))?, 60_000_000_000);
    let offset = match args.get(6) {
        Some(value) => offset_of(vm, value)?,
        None => 0,
    };
    let valid = (0..=24).contains(&hour) && (0..60).contains(&minute) && (0..60_000_000_000).contains(&second);
    if !valid || (hour == 24 && (minute > 0 || second > 0)) {
        return Err(invalid(vm));
    }
    let of_day = (hour * 3600 + minute * 60) * 1_000_000_000 + second;
    set(receiver, RDate { day: day + of_day / DAY, of_day: of_day % DAY, offset });
    Ok(Value::Nil)
}

fn now(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let point = time::clock(vm) + i128::from(calendar::EPOCH) * i128::from(DAY);
    Ok(made(&class_of(vm, receiver), RDate::at(point, i64::from(vm.host.utc_offset()))))
}

fn assembled(vm: &Interp, receiver: &Value, parsed: &Parsed) -> Res {
    let offset = parsed.offset.unwrap_or(0);
    if let Some((seconds, nanos)) = parsed.epoch {
        let point = i128::from(seconds) * 1_000_000_000 + i128::from(nanos + parsed.fraction.unwrap_or(0));
        let point = point + i128::from(calendar::EPOCH) * i128::from(DAY);
        return Ok(made(&class_of(vm, receiver), RDate::at(point, offset)));
    }
    let day = if parsed.has_date() {
        completed_day(vm, parsed)
    } else {
        Some(time::show(vm, &Moment { nanos: time::clock(vm), zone: Zone::Local }).day)
    };
    let day = day.filter(|_| !parsed.is_empty()).ok_or_else(|| invalid(vm))?;
    let clock = [parsed.hour.unwrap_or(0), parsed.minute.unwrap_or(0), parsed.second.unwrap_or(0).min(59)];
    if clock[0] > 24 || clock[1] > 59 {
        return Err(invalid(vm));
    }
    let of_day = (clock[0] * 3600 + clock[1] * 60 + clock[2]) * 1_000_000_000 + parsed.fraction.unwrap_or(0);
    Ok(made(&class_of(vm, receiver), RDate { day: day + of_day / DAY, of_day: of_day % DAY, offset }))
}

fn parse_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = text_argument(vm, args, 0, "-4712-01-01T00:00:00+00:00")?;
    let parsed = parse::parse(&text, args.get(1).is_none_or(Value::truthy));
    assembled(vm, receiver, &parsed)
}

fn strptime_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = text_argument(vm, args, 0, "-4712-01-01T00:00:00+00:00")?;
    let layout = text_argument(vm, args, 1, "%FT%T%z")?;
    match parse::strptime(&text, &layout) {
        Some(parsed) => assembled(vm, receiver, &parsed),
        None => Err(invalid(vm)),
    }
}

fn sec_fraction(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let nanos = this(receiver).of_day % 1_000_000_000;
    Ok(rational::make(vm, BigInt::from(nanos), BigInt::from(1_000_000_000)))
}

fn offset(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(rational::make(vm, BigInt::from(this(receiver).offset), BigInt::from(86_400)))
}

fn new_offset(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let offset = match args.get(0) {
        Some(value) => offset_of(vm, value)?,
        None => 0,
    };
    let date = of(receiver).unwrap_or(this(receiver));
    Ok(made(&class_of(vm, receiver), RDate::at(date.point(), offset)))
}

fn iso8601(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let digits = match args.get(0) {
        Some(value) => vm.to_int(value)?.clamp(0, 100),
        None => 0,
    };
    let fraction = if digits > 0 { format!(".%{digits}N") } else { String::new() };
    written(vm, receiver, &format!("%Y-%m-%dT%H:%M:%S{fraction}%:z"))
}

fn jisx0301(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let time = vm.to_s(&iso8601(vm, receiver, args)?)?.lossy();
    let of_day = time.split_once('T').map_or("", |(_, time)| time);
    let day = vm.to_s(&written(vm, receiver, &super::japanese_layout(&this(receiver)))?)?.lossy();
    Ok(Value::str(format!("{day}T{of_day}")))
}

fn strftime(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match args.get(0) {
        Some(_) => super::strftime(vm, receiver, args),
        None => written(vm, receiver, "%FT%T%:z"),
    }
}

fn to_time(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let date = this(receiver);
    let nanos = date.point() - i128::from(calendar::EPOCH) * i128::from(DAY);
    Ok(time::value(vm, Moment { nanos, zone: Zone::Fixed(date.offset, None) }))
}
