//! Days, months and clocks: what Time and Date have in common.

use std::fmt::Write;

/// Days from 4713-11-24 BC (the chronological Julian day 0) to 1970-01-01.
pub(crate) const EPOCH: i64 = 2_440_588;
/// The first day of the Gregorian calendar in Italy.
pub(crate) const ITALY: i64 = 2_299_161;

/// English names of months.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// English names of days, Sunday first.
pub(crate) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The Julian day of a date of the Gregorian calendar.
pub(crate) fn gregorian_day(year: i64, month: i64, day: i64) -> i64 {
    let shifted = year - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468 + EPOCH
}

/// The Julian day of a date of the Julian calendar.
fn julian_day(year: i64, month: i64, day: i64) -> i64 {
    let shifted = year - i64::from(month <= 2);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    shifted.div_euclid(4) * 1461 + shifted.rem_euclid(4) * 365 + of_year - 719_470 + EPOCH
}

/// Year, month and day of the Gregorian calendar.
pub(crate) fn gregorian_date(day: i64) -> (i64, i64, i64) {
    let days = day - EPOCH + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month_and_day(era * 400 + year_of_era, of_year)
}

fn julian_date(day: i64) -> (i64, i64, i64) {
    let days = day - EPOCH + 719_470;
    let cycle = days.div_euclid(1461);
    let of_cycle = days.rem_euclid(1461);
    let year_of_cycle = (of_cycle - of_cycle / 1460) / 365;
    month_and_day(cycle * 4 + year_of_cycle, of_cycle - 365 * year_of_cycle)
}

/// A day counted from the first of March, as a date.
fn month_and_day(year: i64, of_year: i64) -> (i64, i64, i64) {
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + i64::from(month <= 2), month, day)
}

/// Year, month and day, Julian before the reform.
pub(crate) fn civil_date(day: i64) -> (i64, i64, i64) {
    if day < ITALY { julian_date(day) } else { gregorian_date(day) }
}

/// The Julian day of a date, Julian before the reform; `None` for a date that does not exist. Month and day may be below zero:
/// they count from the end.
pub(crate) fn civil_day(year: i64, month: i64, day: i64) -> Option<i64> {
    let month = if month < 0 { month + 13 } else { month };
    if !(1..=12).contains(&month) {
        return None;
    }
    let day = if day < 0 {
        let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let last = reformed_day(next_year, next_month, 1) - 1;
        let (_, found, of_month) = civil_date(last + day + 1);
        if found != month {
            return None;
        }
        of_month
    } else {
        day
    };
    let number = reformed_day(year, month, day);
    (civil_date(number) == (year, month, day)).then_some(number)
}

fn reformed_day(year: i64, month: i64, day: i64) -> i64 {
    let gregorian = gregorian_day(year, month, day);
    if gregorian < ITALY { julian_day(year, month, day) } else { gregorian }
}

/// Whether a year of the Gregorian calendar has 366 days.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The weekday of a Julian day, Sunday being 0.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 1).rem_euclid(7)
}

/// The ISO year and week of a day.
pub(crate) fn iso_week(day: i64) -> (i64, i64) {
    let thursday = day - (weekday(day) + 6) % 7 + 3;
    let (year, _, _) = civil_date(thursday);
    (year, (thursday - reformed_day(year, 1, 1)) / 7 + 1)
}

/// The Julian day of a day of an ISO week; `None` for one that does not exist.
pub(crate) fn iso_day(year: i64, week: i64, weekday: i64) -> Option<i64> {
    let weekday = if weekday < 0 { weekday + 8 } else { weekday };
    let fourth = reformed_day(year, 1, 4);
    let first_monday = fourth - (self::weekday(fourth) + 6) % 7;
    let week = if week < 0 {
        let (_, last) = iso_week(reformed_day(year, 12, 28));
        last + week + 1
    } else {
        week
    };
    let day = first_monday + (week - 1) * 7 + weekday - 1;
    ((1..=7).contains(&weekday) && iso_week(day) == (year, week)).then_some(day)
}

/// The day of the year, from 1.
pub(crate) fn day_of_year(day: i64) -> i64 {
    let (year, _, _) = civil_date(day);
    day - reformed_day(year, 1, 1) + 1
}

/// The Julian day of a day of the year; `None` for one that does not exist.
pub(crate) fn ordinal_day(year: i64, of_year: i64) -> Option<i64> {
    let first = reformed_day(year, 1, 1);
    let next = reformed_day(year + 1, 1, 1);
    let day = if of_year < 0 { next + of_year } else { first + of_year - 1 };
    (first..next).contains(&day).then_some(day)
}

/// A point of a calendar and a clock, as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Julian day.
    pub(crate) day: i64,
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) mday: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    /// Nanoseconds of the second.
    pub(crate) nanos: i64,
    /// Seconds east of UTC.
    pub(crate) offset: i64,
    /// What `%Z` gives.
    pub(crate) zone: String,
    /// Whether it is UTC itself, not merely as far from it.
    pub(crate) utc: bool,
    /// Seconds since the epoch.
    pub(crate) epoch: i64,
    /// Whether it is a Date's: some directives are known to Date alone.
    pub(crate) of_date: bool,
}

/// A padding that a directive asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pad {
    Default,
    None,
    Zero,
    Blank,
}

/// One directive of a format: what stands between `%` and its letter.
struct Directive {
    pad: Pad,
    upper: bool,
    swap: bool,
    colons: usize,
    width: Option<usize>,
}

/// `strftime`: the widest field is bounded by the caller through `most`.
pub(crate) fn strftime(shown: &Shown, format: &[u8], most: usize) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(format.len() * 2);
    let mut at = 0;
    while let Some(&byte) = format.get(at) {
        at += 1;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let start = at - 1;
        let mut d = Directive { pad: Pad::Default, upper: false, swap: false, colons: 0, width: None };
        let letter = loop {
            let Some(&byte) = format.get(at) else { break None };
            at += 1;
            match byte {
                b'-' => d.pad = Pad::None,
                b'0' if d.width.is_none() => d.pad = Pad::Zero,
                b'_' => d.pad = Pad::Blank,
                b'^' => d.upper = true,
                b'#' => d.swap = true,
                b':' => d.colons += 1,
                b'0'..=b'9' => {
                    let width = d.width.unwrap_or(0).saturating_mul(10).saturating_add(usize::from(byte - b'0'));
                    if width > most {
                        return Err("result too large");
                    }
                    d.width = Some(width);
                }
                b'E' if matches!(format.get(at), Some(b'c' | b'C' | b'x' | b'X' | b'y' | b'Y')) => {}
                b'O' if matches!(
                    format.get(at),
                    Some(
                        b'd' | b'e'
                            | b'H'
                            | b'k'
                            | b'I'
                            | b'l'
                            | b'm'
                            | b'M'
                            | b'S'
                            | b'u'
                            | b'U'
                            | b'V'
                            | b'w'
                            | b'W'
                            | b'y'
                    )
                ) => {}
                letter => break Some(letter),
            }
        };
        let written = letter.is_some_and(|letter| directive(shown, letter, &d, &mut out, most));
        if !written {
            out.extend_from_slice(&format[start..at]);
        }
        if out.len() > most {
            return Err("result too large");
        }
    }
    Ok(out)
}

fn number(out: &mut Vec<u8>, d: &Directive, value: i64, width: usize, default: Pad) {
    let pad = if d.pad == Pad::Default { default } else { d.pad };
    let width = d.width.unwrap_or(width);
    let text = match pad {
        Pad::None => value.to_string(),
        Pad::Blank => format!("{value:>width$}"),
        _ if value < 0 => format!("-{:0>1$}", value.unsigned_abs(), width.saturating_sub(1)),
        _ => format!("{value:0>width$}"),
    };
    out.extend(text.into_bytes());
}

fn text(out: &mut Vec<u8>, d: &Directive, text: &str, swapped: impl Fn(&str) -> String) {
    let text = if d.swap { swapped(text) } else { text.to_owned() };
    let text = if d.upper { text.to_uppercase() } else { text };
    let width = if d.pad == Pad::None { 0 } else { d.width.unwrap_or(0) };
    let filler = if d.pad == Pad::Zero { b'0' } else { b' ' };
    out.extend(std::iter::repeat_n(filler, width.saturating_sub(text.len())));
    out.extend(text.into_bytes());
}

/// Writes one directive; false for a letter that means none.
fn directive(t: &Shown, letter: u8, d: &Directive, out: &mut Vec<u8>, most: usize) -> bool {
    let upper = |text: &str| text.to_uppercase();
    let composed = |format: &str, out: &mut Vec<u8>| {
        let inner = strftime(t, format.as_bytes(), most).unwrap_or_default();
        text(out, d, &String::from_utf8_lossy(&inner), upper);
    };
    if d.colons > 0 && letter != b'z' {
        return false;
    }
    match letter {
        b'Y' => number(out, d, t.year, if t.year < 0 { 5 } else { 4 }, Pad::Zero),
        b'C' => number(out, d, t.year.div_euclid(100), 2, Pad::Zero),
        b'y' => number(out, d, t.year.rem_euclid(100), 2, Pad::Zero),
        b'm' => number(out, d, t.month, 2, Pad::Zero),
        b'B' => text(out, d, MONTHS[t.month as usize - 1], upper),
        b'b' | b'h' => text(out, d, &MONTHS[t.month as usize - 1][..3], upper),
        b'd' => number(out, d, t.mday, 2, Pad::Zero),
        b'e' => number(out, d, t.mday, 2, Pad::Blank),
        b'j' => number(out, d, yday(t), 3, Pad::Zero),
        b'H' => number(out, d, t.hour, 2, Pad::Zero),
        b'k' => number(out, d, t.hour, 2, Pad::Blank),
        b'I' => number(out, d, (t.hour + 11) % 12 + 1, 2, Pad::Zero),
        b'l' => number(out, d, (t.hour + 11) % 12 + 1, 2, Pad::Blank),
        b'M' => number(out, d, t.minute, 2, Pad::Zero),
        b'S' => number(out, d, t.second, 2, Pad::Zero),
        b'L' | b'N' => {
            let width = d.width.filter(|w| *w > 0).unwrap_or(if letter == b'L' { 3 } else { 9 });
            let digits = format!("{:09}", t.nanos);
            out.extend(digits.bytes().chain(std::iter::repeat(b'0')).take(width));
        }
        b'z' => return zone_offset(t, d, out),
        b'Z' => text(out, d, &t.zone, str::to_lowercase),
        b'A' => text(out, d, DAYS[weekday(t.day) as usize], upper),
        b'a' => text(out, d, &DAYS[weekday(t.day) as usize][..3], upper),
        b'p' => text(out, d, if t.hour < 12 { "AM" } else { "PM" }, str::to_lowercase),
        b'P' => text(out, d, if t.hour < 12 { "am" } else { "pm" }, upper),
        b'u' => number(out, d, (weekday(t.day) + 6) % 7 + 1, 1, Pad::Zero),
        b'w' => number(out, d, weekday(t.day), 1, Pad::Zero),
        b'G' => number(out, d, iso_week(t.day).0, 4, Pad::Zero),
        b'g' => number(out, d, iso_week(t.day).0.rem_euclid(100), 2, Pad::Zero),
        b'V' => number(out, d, iso_week(t.day).1, 2, Pad::Zero),
        b'U' => number(out, d, (yday(t) + 6 - weekday(t.day)) / 7, 2, Pad::Zero),
        b'W' => number(out, d, (yday(t) + 6 - (weekday(t.day) + 6) % 7) / 7, 2, Pad::Zero),
        b's' => number(out, d, t.epoch, 1, Pad::Zero),
        b'Q' if t.of_date => number(out, d, t.epoch * 1000 + t.nanos / 1_000_000, 1, Pad::Zero),
        b'n' => text(out, d, "\n", upper),
        b't' => text(out, d, "\t", upper),
        b'%' => text(out, d, "%", upper),
        b'c' => composed("%a %b %e %H:%M:%S %Y", out),
        b'D' | b'x' => composed("%m/%d/%y", out),
        b'F' => composed("%Y-%m-%d", out),
        b'v' => composed("%e-%^b-%Y", out),
        b'X' | b'T' => composed("%H:%M:%S", out),
        b'r' => composed("%I:%M:%S %p", out),
        b'R' => composed("%H:%M", out),
        b'+' if t.of_date => composed("%a %b %e %H:%M:%S %Z %Y", out),
        _ => return false,
    }
    true
}

fn yday(t: &Shown) -> i64 {
    t.day - if t.day < ITALY { reformed_day(t.year, 1, 1) } else { gregorian_day(t.year, 1, 1) } + 1
}

fn zone_offset(t: &Shown, d: &Directive, out: &mut Vec<u8>) -> bool {
    let minus = t.offset < 0 || (t.utc && d.pad == Pad::None && !t.of_date);
    let sign = if minus { '-' } else { '+' };
    let total = t.offset.abs();
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    let mut rest = String::new();
    let written = match d.colons {
        0 => write!(rest, "{minutes:02}"),
        1 => write!(rest, ":{minutes:02}"),
        2 => write!(rest, ":{minutes:02}:{seconds:02}"),
        3 => match (minutes, seconds) {
            (0, 0) => Ok(()),
            (_, 0) => write!(rest, ":{minutes:02}"),
            _ => write!(rest, ":{minutes:02}:{seconds:02}"),
        },
        _ => return false,
    };
    let width = d.width.unwrap_or(0).saturating_sub(rest.len() + 1).max(2);
    let text = match d.pad {
        Pad::None if t.of_date => format!("{sign}{hours}{rest}"),
        Pad::Blank => format!("{:>1$}{rest}", format!("{sign}{hours}"), width + 1),
        _ => format!("{sign}{hours:0>width$}{rest}"),
    };
    out.extend(text.into_bytes());
    written.is_ok()
}
