//! Date: days of the calendar.

mod datetime;

use std::rc::Rc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

pub(crate) use datetime::datetime;

use super::arithmetic::{self, Number};
use super::calendar::{self, Shown};
use super::enumerable::block_or_enumerator;
use super::rational::{self, Ratio};
use super::time::parse::{self, Parsed};
use super::time::{self, Moment, Zone};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RObject, RString, Value};

/// Defines both classes.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Date", &vm.c.object);
    vm.include(&class, &vm.c.comparable);
    vm.define_class(&class, "Error", &vm.class_named("ArgumentError"));
    vm.set_alloc(&class, |_, class| Ok(made(class, RDate { day: -1, of_day: 0, offset: 0 })));
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
    let names = |names: &[&str], length: usize, blank_first: bool| {
        let texts = names.iter().map(|name| Value::str(&name[..length.min(name.len())]));
        let blank = blank_first.then_some(Value::Nil);
        let array = Value::array(blank.into_iter().chain(texts).collect());
        if let Some(head) = array.head() {
            head.freeze();
        }
        array
    };
    let constants = [
        ("MONTHNAMES", names(&calendar::MONTHS, 20, true)),
        ("ABBR_MONTHNAMES", names(&calendar::MONTHS, 3, true)),
        ("DAYNAMES", names(&calendar::DAYS, 20, false)),
        ("ABBR_DAYNAMES", names(&calendar::DAYS, 3, false)),
        ("ITALY", Value::Int(calendar::ITALY)),
        ("ENGLAND", Value::Int(2_361_222)),
        ("JULIAN", Value::Float(f64::INFINITY)),
        ("GREGORIAN", Value::Float(f64::NEG_INFINITY)),
    ];
    for (name, value) in constants {
        class.constants.borrow_mut().insert(Sym::new(name), value);
    }
    datetime::init(vm, &class);
}

const SINGLETON: &[Def] = &[
    def("_load", 1, 1, |vm, _, _| Err(vm.unsupported("Date._load")), "Refused: Marshal's own"),
    def(
        "civil",
        0,
        4,
        |vm, r, a| vm.call_with(r, known::NEW, a, crate::dispatch::CallStyle::Implicit),
        "A day by year, month and day",
    ),
    def("jd", 0, 2, jd_of, "A day by its Julian day number"),
    def("ordinal", 0, 3, ordinal, "A day by year and day of the year"),
    def("commercial", 0, 4, commercial, "A day by ISO year, week and weekday"),
    def("today", 0, 1, today, "The host's day"),
    def("parse", 0, 4, parse_method, "The day that a text names"),
    def("strptime", 0, 3, strptime_method, "The day that a text names in a format"),
    def("iso8601", 0, 3, parse_method, "The day that a text names"),
    def("xmlschema", 0, 3, parse_method, "The day that a text names"),
    def("rfc3339", 0, 3, parse_method, "The day that a text names"),
    def("rfc2822", 0, 3, parse_method, "The day that a text names"),
    def("rfc822", 0, 3, parse_method, "The day that a text names"),
    def("httpdate", 0, 3, parse_method, "The day that a text names"),
    def("jisx0301", 0, 3, parse_method, "The day that a text names"),
    def("_parse", 1, 3, raw_parse, "What a text says of a date and a time"),
    def("_iso8601", 1, 2, raw_parse, "What a text says of a date and a time"),
    def("_xmlschema", 1, 2, raw_parse, "What a text says of a date and a time"),
    def("_rfc3339", 1, 2, raw_parse, "What a text says of a date and a time"),
    def("_rfc2822", 1, 2, raw_parse, "What a text says of a date and a time"),
    def("_rfc822", 1, 2, raw_parse, "What a text says of a date and a time"),
    def("_httpdate", 1, 2, raw_parse, "What a text says of a date and a time"),
    def("_jisx0301", 1, 2, raw_parse, "What a text says of a date and a time"),
    def("_strptime", 1, 2, raw_strptime, "What a text says in a format"),
    def("valid_date?", 3, 4, valid_civil, "Whether year, month and day name a day"),
    def("valid_civil?", 3, 4, valid_civil, "Whether year, month and day name a day"),
    def("valid_ordinal?", 2, 3, valid_ordinal, "Whether year and day of the year name a day"),
    def("valid_commercial?", 3, 4, valid_commercial, "Whether ISO year, week and weekday name a day"),
    def("valid_jd?", 1, 2, |_, _, a| Ok(arithmetic::number(&a[0]).is_some().into()), "Whether a Julian day number"),
    def("leap?", 1, 1, |vm, _, a| Ok(calendar::is_leap(vm.to_int(&a[0])?).into()), "Whether a year has 366 days"),
    def(
        "gregorian_leap?",
        1,
        1,
        |vm, _, a| Ok(calendar::is_leap(vm.to_int(&a[0])?).into()),
        "Whether a year has 366 days",
    ),
    def("julian_leap?", 1, 1, |vm, _, a| Ok((vm.to_int(&a[0])? % 4 == 0).into()), "Whether a year has 366 days"),
];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("marshal_dump", 0, 0, |vm, _, _| Err(vm.unsupported("Date#marshal_dump")), "Refused: Marshal's own"),
    def("marshal_load", 1, 1, |vm, _, _| Err(vm.unsupported("Date#marshal_load")), "Refused: Marshal's own"),
    private_def("initialize", 0, 4, initialize, "Takes year, month and day"),
    private_def("initialize_copy", 1, 1, |_, r, _| Ok(r.clone()), "Days do not change"),
    def("year", 0, 0, |_, r, _| Ok(Value::Int(civil(r).0)), "Year"),
    def("month", 0, 0, |_, r, _| Ok(Value::Int(civil(r).1)), "Month from 1"),
    def("mon", 0, 0, |_, r, _| Ok(Value::Int(civil(r).1)), "Month from 1"),
    def("day", 0, 0, |_, r, _| Ok(Value::Int(civil(r).2)), "Day of the month"),
    def("mday", 0, 0, |_, r, _| Ok(Value::Int(civil(r).2)), "Day of the month"),
    def("wday", 0, 0, |_, r, _| Ok(Value::Int(calendar::weekday(this(r).day))), "Day of the week from Sunday, 0"),
    def("yday", 0, 0, |_, r, _| Ok(Value::Int(calendar::day_of_year(this(r).day))), "Day of the year from 1"),
    def("cwyear", 0, 0, |_, r, _| Ok(Value::Int(calendar::iso_week(this(r).day).0)), "ISO year"),
    def("cweek", 0, 0, |_, r, _| Ok(Value::Int(calendar::iso_week(this(r).day).1)), "ISO week"),
    def(
        "cwday",
        0,
        0,
        |_, r, _| Ok(Value::Int((calendar::weekday(this(r).day) + 6) % 7 + 1)),
        "ISO day of the week, Monday being 1",
    ),
    def("jd", 0, 0, |_, r, _| Ok(Value::Int(this(r).day)), "Julian day number"),
    def("mjd", 0, 0, |_, r, _| Ok(Value::Int(this(r).day - 2_400_001)), "Modified Julian day number"),
    def("ld", 0, 0, |_, r, _| Ok(Value::Int(this(r).day - 2_299_160)), "Days since the reform of the calendar"),
    def("ajd", 0, 0, ajd, "Astronomical Julian day number"),
    def("amjd", 0, 0, amjd, "Astronomical modified Julian day number"),
    def("day_fraction", 0, 0, day_fraction, "How much of the day has passed"),
    def("start", 0, 0, |_, _, _| Ok(Value::Float(calendar::ITALY as f64)), "The day of the reform of the calendar"),
    def("julian?", 0, 0, |_, r, _| Ok((this(r).day < calendar::ITALY).into()), "Whether of the Julian calendar"),
    def("gregorian?", 0, 0, |_, r, _| Ok((this(r).day >= calendar::ITALY).into()), "Whether of the Gregorian calendar"),
    def("leap?", 0, 0, leap, "Whether its year has 366 days"),
    def("sunday?", 0, 0, |_, r, _| Ok(is_day(r, 0)), "Whether a Sunday"),
    def("monday?", 0, 0, |_, r, _| Ok(is_day(r, 1)), "Whether a Monday"),
    def("tuesday?", 0, 0, |_, r, _| Ok(is_day(r, 2)), "Whether a Tuesday"),
    def("wednesday?", 0, 0, |_, r, _| Ok(is_day(r, 3)), "Whether a Wednesday"),
    def("thursday?", 0, 0, |_, r, _| Ok(is_day(r, 4)), "Whether a Thursday"),
    def("friday?", 0, 0, |_, r, _| Ok(is_day(r, 5)), "Whether a Friday"),
    def("saturday?", 0, 0, |_, r, _| Ok(is_day(r, 6)), "Whether a Saturday"),
    def("+", 1, 1, |vm, r, a| shifted(vm, r, &a[0], 1), "So many days later"),
    def("-", 1, 1, minus, "So many days earlier, or the days between two"),
    def(">>", 1, 1, |vm, r, a| months_later(vm, r, &a[0], 1), "So many months later"),
    def("<<", 1, 1, |vm, r, a| months_later(vm, r, &a[0], -1), "So many months earlier"),
    def("next_day", 0, 1, |vm, r, a| shifted(vm, r, &count(a), 1), "So many days later, or one"),
    def("prev_day", 0, 1, |vm, r, a| shifted(vm, r, &count(a), -1), "So many days earlier, or one"),
    def("next_month", 0, 1, |vm, r, a| months_later(vm, r, &count(a), 1), "So many months later, or one"),
    def("prev_month", 0, 1, |vm, r, a| months_later(vm, r, &count(a), -1), "So many months earlier, or one"),
    def("next_year", 0, 1, |vm, r, a| months_later(vm, r, &count(a), 12), "So many years later, or one"),
    def("prev_year", 0, 1, |vm, r, a| months_later(vm, r, &count(a), -12), "So many years earlier, or one"),
    def("next", 0, 0, |vm, r, _| shifted(vm, r, &Value::Int(1), 1), "The next day"),
    def("succ", 0, 0, |vm, r, _| shifted(vm, r, &Value::Int(1), 1), "The next day"),
    def("<=>", 1, 1, compare, "-1, 0 or 1; nil for what is no day"),
    def(
        "==",
        1,
        1,
        |vm, r, a| Ok(matches!(compare(vm, r, a)?, Value::Int(0)).into()),
        "Whether both are the same point in time",
    ),
    def("===", 1, 1, same_day, "Whether both are on the same day"),
    def("eql?", 1, 1, |_, r, a| Ok(of(&a[0]).is_some_and(|other| other.point() == this(r).point()).into()), "Same day"),
    def("hash", 0, 0, hash, "A hash code"),
    def("step", 1, 2, step, "Yields days at a distance, up to another"),
    def("upto", 1, 1, |vm, r, a| count_days(vm, r, a, "upto", 1), "Yields days up to another"),
    def("downto", 1, 1, |vm, r, a| count_days(vm, r, a, "downto", -1), "Yields days down to another"),
    def("strftime", 0, 1, strftime, "By a format"),
    def("to_s", 0, 0, |vm, r, _| written(vm, r, "%Y-%m-%d"), "`2024-05-06`"),
    def("iso8601", 0, 0, |vm, r, _| written(vm, r, "%Y-%m-%d"), "`2024-05-06`"),
    def("xmlschema", 0, 0, |vm, r, _| written(vm, r, "%Y-%m-%d"), "`2024-05-06`"),
    def("rfc3339", 0, 0, |vm, r, _| written(vm, r, "%Y-%m-%dT%H:%M:%S%:z"), "`2024-05-06T00:00:00+00:00`"),
    def("rfc2822", 0, 0, |vm, r, _| written(vm, r, "%a, %-d %b %Y %T %z"), "`Mon, 6 May 2024 00:00:00 +0000`"),
    def("rfc822", 0, 0, |vm, r, _| written(vm, r, "%a, %-d %b %Y %T %z"), "`Mon, 6 May 2024 00:00:00 +0000`"),
    def("httpdate", 0, 0, |vm, r, _| written(vm, r, "%a, %d %b %Y %T GMT"), "`Mon, 06 May 2024 00:00:00 GMT`"),
    def("asctime", 0, 0, |vm, r, _| written(vm, r, "%a %b %e %H:%M:%S %Y"), "`Mon May  6 00:00:00 2024`"),
    def("ctime", 0, 0, |vm, r, _| written(vm, r, "%a %b %e %H:%M:%S %Y"), "`Mon May  6 00:00:00 2024`"),
    def("jisx0301", 0, 0, |vm, r, _| written(vm, r, &japanese_layout(&this(r))), "`R06.05.06`"),
    def("infinite?", 0, 0, |_, _, _| Ok(false.into()), "Whether endless: no day is"),
    def("new_start", 0, 1, |vm, _, _| Err(vm.unsupported("another day of reform")), "Refused: other days of reform"),
    def("italy", 0, 0, |_, r, _| Ok(r.clone()), "Itself: the reform of Italy is what counts here"),
    def("england", 0, 0, |vm, _, _| Err(vm.unsupported("another day of reform")), "Refused: other days of reform"),
    def("julian", 0, 0, |vm, _, _| Err(vm.unsupported("another day of reform")), "Refused: other days of reform"),
    def("gregorian", 0, 0, gregorian, "Itself, where its day is of the Gregorian calendar"),
    def("inspect", 0, 0, inspect, "The day with its numbers"),
    def("to_date", 0, 0, |vm, r, _| Ok(of_day(vm, this(r).day)), "The day alone"),
    def("to_datetime", 0, 0, |vm, r, _| Ok(datetime(vm, this(r).day, this(r).of_day, this(r).offset)), "As a DateTime"),
    def("to_time", 0, 0, to_time, "As a local Time"),
];

const DAY: i64 = 86_400 * 1_000_000_000;

/// What a Date or DateTime carries: a day and, for a DateTime, a time of that day, both as seen at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RDate {
    /// Julian day.
    pub(crate) day: i64,
    /// Nanoseconds of the day.
    pub(crate) of_day: i64,
    /// Seconds east of UTC.
    pub(crate) offset: i64,
}

impl RDate {
    /// Nanoseconds since the beginning of Julian day 0, in UTC.
    pub(crate) fn point(&self) -> i128 {
        i128::from(self.day) * i128::from(DAY) + i128::from(self.of_day) - i128::from(self.offset) * 1_000_000_000
    }

    /// The day and time of day of a point, seen at an offset.
    pub(crate) fn at(point: i128, offset: i64) -> Self {
        let local = point + i128::from(offset) * 1_000_000_000;
        Self { day: local.div_euclid(i128::from(DAY)) as i64, of_day: local.rem_euclid(i128::from(DAY)) as i64, offset }
    }

    pub(crate) fn shown(&self) -> Shown {
        let (year, month, mday) = calendar::civil_date(self.day);
        let seconds = self.of_day / 1_000_000_000;
        let sign = if self.offset < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", self.offset.abs() / 3600, self.offset.abs() / 60 % 60);
        Shown {
            day: self.day,
            year,
            month,
            mday,
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            nanos: self.of_day % 1_000_000_000,
            offset: self.offset,
            zone,
            utc: false,
            epoch: (self.day - calendar::EPOCH) * 86_400 + seconds - self.offset,
            of_date: true,
        }
    }
}

/// The date that a value is.
pub(crate) fn of(value: &Value) -> Option<RDate> {
    match value {
        Value::Obj(object) => object.native::<std::cell::Cell<RDate>>().map(std::cell::Cell::get),
        _ => None,
    }
}

fn this(receiver: &Value) -> RDate {
    of(receiver).expect("a method of Date runs on dates alone")
}

fn made(class: &Rc<RClass>, date: RDate) -> Value {
    Value::Obj(RObject::with_native(Rc::clone(class), std::cell::Cell::new(date)))
}

/// A Date of a Julian day.
pub(crate) fn of_day(vm: &Interp, day: i64) -> Value {
    made(&vm.class_named("Date"), RDate { day, of_day: 0, offset: 0 })
}

fn class_of(vm: &Interp, receiver: &Value) -> Rc<RClass> {
    match receiver {
        Value::Class(class) => Rc::clone(class),
        other => vm.real_class_of(other),
    }
}

fn on_class(vm: &Interp, receiver: &Value, day: i64) -> Value {
    made(&class_of(vm, receiver), RDate { day, of_day: 0, offset: 0 })
}

fn invalid(vm: &Interp) -> Unwind {
    vm.error("Date::Error", "invalid date")
}

fn civil(receiver: &Value) -> (i64, i64, i64) {
    calendar::civil_date(this(receiver).day)
}

fn is_day(receiver: &Value, day: i64) -> Value {
    (calendar::weekday(this(receiver).day) == day).into()
}

fn count(args: Args<'_>) -> Value {
    args.get(0).cloned().unwrap_or(Value::Int(1))
}

fn integer(vm: &Interp, args: &[Value], at: usize, default: i64) -> Res<i64> {
    match args.get(at) {
        Some(value) if arithmetic::number(value).is_some() => vm.to_int(value),
        Some(_) => {
            const NAMES: [&str; 3] = ["year", "month", "day"];
            Err(vm.type_error(format!("invalid {} (not numeric)", NAMES[at.min(2)])))
        }
        None => Ok(default),
    }
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (year, month) = (integer(vm, args.values, 0, -4712)?, integer(vm, args.values, 1, 1)?);
    let mday = integer(vm, args.values, 2, 1)?;
    let day = calendar::civil_day(year, month, mday).ok_or_else(|| invalid(vm))?;
    set(receiver, RDate { day, of_day: 0, offset: 0 });
    Ok(Value::Nil)
}

fn set(receiver: &Value, date: RDate) {
    if let Some(own) = receiver.native::<std::cell::Cell<RDate>>() {
        own.set(date);
    }
}

fn jd_of(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let day = integer(vm, args.values, 0, 0)?;
    Ok(on_class(vm, receiver, day))
}

fn ordinal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (year, of_year) = (integer(vm, args.values, 0, -4712)?, integer(vm, args.values, 1, 1)?);
    let day = calendar::ordinal_day(year, of_year).ok_or_else(|| invalid(vm))?;
    Ok(on_class(vm, receiver, day))
}

fn commercial(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (year, week) = (integer(vm, args.values, 0, -4712)?, integer(vm, args.values, 1, 1)?);
    let weekday = integer(vm, args.values, 2, 1)?;
    let day = calendar::iso_day(year, week, weekday).ok_or_else(|| invalid(vm))?;
    Ok(on_class(vm, receiver, day))
}

fn today(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let shown = time::show(vm, &Moment { nanos: time::clock(vm), zone: Zone::Local });
    Ok(on_class(vm, receiver, shown.day))
}

fn text_argument(vm: &Interp, args: Args<'_>, at: usize, default: &str) -> Res<String> {
    const LONGEST: usize = 128;
    let Some(value) = args.get(at).filter(|_| args.split_keywords().0.len() > at) else {
        return Ok(default.to_owned());
    };
    let text = match value {
        Value::Sym(name) => name.text().into_owned(),
        other => vm.to_str(other)?.lossy(),
    };
    if text.len() > LONGEST && at == 0 {
        return Err(vm.argument_error(format!("string length ({}) exceeds the limit {LONGEST}", text.len())));
    }
    Ok(text)
}

/// The day that parsed parts name, what is missing taken from today.
pub(super) fn completed_day(vm: &Interp, parsed: &Parsed) -> Option<i64> {
    let today = || time::show(vm, &Moment { nanos: time::clock(vm), zone: Zone::Local });
    if let Some(day) = parsed.jd {
        return Some(day);
    }
    if let Some((seconds, _)) = parsed.epoch {
        return Some((seconds + parsed.offset.unwrap_or(0)).div_euclid(86_400) + calendar::EPOCH);
    }
    if let Some(of_year) = parsed.yday
        && parsed.month.is_none()
    {
        return calendar::ordinal_day(parsed.year.unwrap_or_else(|| today().year), of_year);
    }
    if parsed.month.is_some() || parsed.mday.is_some() || (parsed.year.is_some() && parsed.cweek.is_none()) {
        let weeks = parsed.sunday_week.or(parsed.monday_week);
        if let (Some(week), Some(year), None, None) = (weeks, parsed.year, parsed.month, parsed.mday) {
            return day_of_week(year, week, parsed, parsed.monday_week.is_some());
        }
        let (year, month) = (
            parsed.year.unwrap_or_else(|| today().year),
            parsed.month.unwrap_or_else(|| if parsed.year.is_some() { 1 } else { today().month }),
        );
        return calendar::civil_day(year, month, parsed.mday.unwrap_or(1));
    }
    if parsed.cweek.is_some() || parsed.cwday.is_some() {
        let (year, week) = calendar::iso_week(today().day);
        let weekday = parsed.cwday.or(parsed.wday.map(|day| if day == 0 { 7 } else { day })).unwrap_or(1);
        return calendar::iso_day(parsed.cwyear.unwrap_or(year), parsed.cweek.unwrap_or(week), weekday);
    }
    if let Some(weekday) = parsed.wday {
        let today = today().day;
        return Some(today - calendar::weekday(today) + weekday);
    }
    None
}

fn day_of_week(year: i64, week: i64, parsed: &Parsed, monday: bool) -> Option<i64> {
    let first = calendar::civil_day(year, 1, 1)?;
    let shift = i64::from(monday);
    let weekday = parsed.wday.or(parsed.cwday.map(|day| day % 7)).unwrap_or(shift);
    let from_start = (weekday - shift).rem_euclid(7);
    let first_weekday = (calendar::weekday(first) - shift).rem_euclid(7);
    Some(first - first_weekday + if first_weekday == 0 { week - 1 } else { week } * 7 + from_start)
}

fn parse_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = text_argument(vm, args, 0, "-4712-01-01")?;
    let complete = args.get(1).is_none_or(Value::truthy);
    let parsed = parse::parse(&text, complete);
    let day = completed_day(vm, &parsed).filter(|_| parsed.has_date()).ok_or_else(|| invalid(vm))?;
    Ok(on_class(vm, receiver, day))
}

fn strptime_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (text, layout) = (text_argument(vm, args, 0, "-4712-01-01")?, text_argument(vm, args, 1, "%F")?);
    let parsed = parse::strptime(&text, &layout);
    let day = parsed.as_ref().and_then(|parsed| completed_day(vm, parsed));
    let day = day.ok_or_else(|| vm.error("Date::Error", "invalid date"))?;
    Ok(on_class(vm, receiver, day))
}

fn raw(vm: &Interp, parsed: &Parsed) -> Res {
    let mut entries = Vec::new();
    if let Some(wday) = parsed.wday {
        entries.push((Value::sym("wday"), Value::Int(wday)));
    }
    if let Some(zone) = &parsed.zone {
        entries.push((Value::sym("zone"), Value::str(zone)));
    }
    for (name, value) in [("hour", parsed.hour), ("min", parsed.minute), ("sec", parsed.second)] {
        if let Some(value) = value {
            entries.push((Value::sym(name), Value::Int(value)));
        }
    }
    if let Some(fraction) = parsed.fraction {
        let value = rational::make(vm, BigInt::from(fraction), BigInt::from(1_000_000_000));
        entries.push((Value::sym("sec_fraction"), value));
    }
    let numbers = [
        ("year", parsed.year),
        ("mon", parsed.month),
        ("mday", parsed.mday),
        ("yday", parsed.yday),
        ("cwyear", parsed.cwyear),
        ("cweek", parsed.cweek),
        ("cwday", parsed.cwday),
        ("offset", parsed.offset),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            entries.push((Value::sym(name), Value::Int(value)));
        }
    }
    if let Some((seconds, _)) = parsed.epoch {
        entries.push((Value::sym("seconds"), Value::Int(seconds)));
    }
    if let Some(leftover) = &parsed.leftover {
        entries.push((Value::sym("leftover"), Value::str(leftover)));
    }
    vm.hash_from(entries).map(Value::Hash)
}

fn raw_parse(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = text_argument(vm, args, 0, "")?;
    raw(vm, &parse::parse(&text, args.get(1).is_none_or(Value::truthy)))
}

fn raw_strptime(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (text, layout) = (text_argument(vm, args, 0, "")?, text_argument(vm, args, 1, "%F")?);
    match parse::strptime(&text, &layout) {
        Some(parsed) => raw(vm, &parsed),
        None => Ok(Value::Nil),
    }
}

/// Integers out of arguments; `None` when one is no number.
fn numbers(vm: &Interp, args: &[Value]) -> Res<Option<Vec<i64>>> {
    if args.iter().any(|value| arithmetic::number(value).is_none()) {
        return Ok(None);
    }
    args.iter().map(|value| vm.to_int(value)).collect::<Res<Vec<i64>>>().map(Some)
}

fn valid_civil(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(numbers(vm, &args.values[..3])?.is_some_and(|n| calendar::civil_day(n[0], n[1], n[2]).is_some()).into())
}

fn valid_ordinal(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(numbers(vm, &args.values[..2])?.is_some_and(|n| calendar::ordinal_day(n[0], n[1]).is_some()).into())
}

fn valid_commercial(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(numbers(vm, &args.values[..3])?.is_some_and(|n| calendar::iso_day(n[0], n[1], n[2]).is_some()).into())
}

fn days(vm: &Interp, nanos: i128) -> Value {
    rational::make(vm, BigInt::from(nanos), BigInt::from(DAY))
}

fn ajd(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(days(vm, this(receiver).point() - i128::from(DAY / 2)))
}

fn amjd(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(days(vm, this(receiver).point() - i128::from(DAY) * 2_400_001))
}

fn day_fraction(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    if class_of(vm, receiver).name() == "Date" && this(receiver).of_day == 0 {
        return Ok(Value::Int(0));
    }
    Ok(days(vm, i128::from(this(receiver).of_day)))
}

fn leap(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let date = this(receiver);
    let (year, _, _) = calendar::civil_date(date.day);
    Ok(if date.day < calendar::ITALY { year % 4 == 0 } else { calendar::is_leap(year) }.into())
}

/// A number of days as nanoseconds.
fn day_nanos(vm: &Interp, value: &Value) -> Res<i128> {
    let exact = match arithmetic::number(value) {
        Some(Number::Int(days)) => return Ok(i128::from(days) * i128::from(DAY)),
        Some(Number::Float(float)) => Ratio::from_f(float),
        Some(Number::Ratio(ratio)) => Some(ratio),
        Some(Number::Big(_)) | None => None,
    };
    let Some(exact) = exact else { return Err(vm.type_error("expected numeric")) };
    let nanos: BigInt = (exact.numer() * BigInt::from(DAY) * 2_i32 + exact.denom()).div_floor(&(exact.denom() * 2_i32));
    nanos.to_i128().ok_or_else(|| vm.error("RangeError", "date out of range"))
}

fn shifted(vm: &Interp, receiver: &Value, by: &Value, sign: i128) -> Res {
    let date = this(receiver);
    let nanos = day_nanos(vm, by)?;
    Ok(made(&class_of(vm, receiver), RDate::at(date.point() + sign * nanos, date.offset)))
}

fn minus(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match of(&args[0]) {
        Some(other) => Ok(days(vm, this(receiver).point() - other.point())),
        None => shifted(vm, receiver, &args[0], -1),
    }
}

/// How far in years a date may be moved: what is further has no use, and its day may not fit.
const FURTHEST: i64 = 1_000_000_000_000;

/// The date a number of months later, times `unit` (12 for years, negative for earlier).
fn months_later(vm: &Interp, receiver: &Value, count: &Value, unit: i64) -> Res {
    let date = this(receiver);
    let (year, month, mday) = calendar::civil_date(date.day);
    let months = vm.to_int(count)?.checked_mul(unit).filter(|months| (months / 12).abs() < FURTHEST);
    let months = months.ok_or_else(|| vm.error("RangeError", "date out of range"))?;
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    // A day that the month does not have becomes its last one.
    let day = (1..=mday).rev().find_map(|mday| calendar::civil_day(year, month, mday)).ok_or_else(|| invalid(vm))?;
    Ok(made(&class_of(vm, receiver), RDate { day, ..date }))
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let point = this(receiver).point();
    if let Some(other) = of(&args[0]) {
        return Ok(Value::Int(point.cmp(&other.point()) as i64));
    }
    match arithmetic::number(&args[0]) {
        Some(number) => {
            let own = days(vm, point - i128::from(DAY / 2));
            let order = arithmetic::number(&own).and_then(|own| arithmetic::compare(&own, &number));
            Ok(order.map_or(Value::Nil, |order| Value::Int(order as i64)))
        }
        None => Ok(Value::Nil),
    }
}

fn same_day(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match of(&args[0]) {
        Some(other) => {
            let local = RDate::at(other.point(), this(receiver).offset);
            Ok((local.day == this(receiver).day).into())
        }
        None => Ok(matches!(compare(vm, receiver, args)?, Value::Int(0)).into()),
    }
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let code = vm.hash_code(&vm.integer(BigInt::from(this(receiver).point())))?;
    Ok(Value::Int(code as i64 >> 1))
}

fn step(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "step");
    let by = args.get(1).cloned().unwrap_or(Value::Int(1));
    let nanos = day_nanos(vm, &by)?;
    if nanos == 0 {
        return Err(vm.argument_error("step can't be 0"));
    }
    let mut at = receiver.clone();
    loop {
        vm.tick()?;
        let order = vm.compare_strictly(&at, &args[0])?;
        let beyond = if nanos > 0 { order == std::cmp::Ordering::Greater } else { order == std::cmp::Ordering::Less };
        if beyond {
            return Ok(receiver.clone());
        }
        vm.call_block(block, &[at.clone()])?;
        at = shifted(vm, &at, &by, 1)?;
    }
}

fn count_days(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str, by: i64) -> Res {
    if args.block.is_none() {
        return Ok(super::enumerator::of(vm, receiver, name, args, None));
    }
    step(vm, receiver, Args { values: &[args[0].clone(), Value::Int(by)], ..args })
}

fn format(vm: &Interp, receiver: &Value, layout: &[u8]) -> Res<Vec<u8>> {
    calendar::strftime(&this(receiver).shown(), layout, vm.limits.string).map_err(|_| {
        vm.error("Errno::ERANGE", format!("Numerical result out of range - {}", String::from_utf8_lossy(layout)))
    })
}

fn written(vm: &Interp, receiver: &Value, layout: &str) -> Res {
    Ok(Value::Str(RString::new(format(vm, receiver, layout.as_bytes())?, Encoding::UsAscii)))
}

/// The layout of a day by the years of Japanese emperors.
pub(super) fn japanese_layout(date: &RDate) -> String {
    const ERAS: [(i64, char, i64); 5] = [
        (2_458_605, 'R', 2018),
        (2_447_535, 'H', 1988),
        (2_424_875, 'S', 1925),
        (2_419_614, 'T', 1911),
        (2_405_160, 'M', 1867),
    ];
    let (year, _, _) = calendar::civil_date(date.day);
    match ERAS.iter().find(|(first, _, _)| date.day >= *first) {
        Some((_, letter, before)) => format!("{letter}{:02}.%m.%d", year - before),
        None => "%Y-%m-%d".to_owned(),
    }
}

fn gregorian(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    if this(receiver).day < calendar::ITALY {
        return Err(vm.unsupported("another day of reform"));
    }
    Ok(receiver.clone())
}

fn strftime(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(layout) = args.get(0) else { return written(vm, receiver, "%F") };
    let layout = vm.to_str(layout)?;
    Ok(Value::Str(RString::new(format(vm, receiver, &layout.to_vec())?, layout.encoding())))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let date = this(receiver);
    let class = class_of(vm, receiver).name();
    let text = vm.send(receiver, "to_s", &[])?;
    let utc = RDate::at(date.point(), 0);
    let (seconds, nanos) = (utc.of_day / 1_000_000_000, utc.of_day % 1_000_000_000);
    Ok(Value::str(format!(
        "#<{class}: {} (({}j,{seconds}s,{nanos}n),{:+}s,{}j)>",
        vm.to_s(&text)?.lossy(),
        utc.day,
        date.offset,
        calendar::ITALY
    )))
}

fn to_time(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    // The calendar's day, at midnight of the local zone.
    let (year, month, mday) = calendar::civil_date(this(receiver).day);
    let days = calendar::gregorian_day(year, month, mday) - calendar::EPOCH;
    let offset = i64::from(vm.host.utc_offset());
    let nanos = i128::from(days * 86_400 - offset) * 1_000_000_000;
    Ok(time::value(vm, Moment { nanos, zone: Zone::Local }))
}
