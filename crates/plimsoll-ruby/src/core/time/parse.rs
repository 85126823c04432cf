//! Dates and times as people and programs write them.

use crate::core::calendar::{DAYS, MONTHS};

/// What a text says of a date and a time; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) year: Option<i64>,
    pub(crate) month: Option<i64>,
    pub(crate) mday: Option<i64>,
    pub(crate) yday: Option<i64>,
    pub(crate) wday: Option<i64>,
    pub(crate) cwyear: Option<i64>,
    pub(crate) cweek: Option<i64>,
    pub(crate) cwday: Option<i64>,
    /// Weeks counted from the first Sunday, or the first Monday.
    pub(crate) sunday_week: Option<i64>,
    pub(crate) monday_week: Option<i64>,
    pub(crate) hour: Option<i64>,
    pub(crate) minute: Option<i64>,
    pub(crate) second: Option<i64>,
    /// Nanoseconds.
    pub(crate) fraction: Option<i64>,
    pub(crate) zone: Option<String>,
    /// Seconds east of UTC.
    pub(crate) offset: Option<i64>,
    /// Seconds since the epoch, with nanoseconds.
    pub(crate) epoch: Option<(i64, i64)>,
    /// Julian day.
    pub(crate) jd: Option<i64>,
    /// What `strptime` left over.
    pub(crate) leftover: Option<String>,
    century: Option<i64>,
    afternoon: Option<bool>,
}

impl Parsed {
    /// Whether it says anything of a date.
    pub(crate) fn has_date(&self) -> bool {
        let days =
            [self.year, self.month, self.mday, self.yday, self.cwyear, self.cweek, self.cwday, self.wday, self.jd];
        days.iter().any(Option::is_some) || self.sunday_week.is_some() || self.monday_week.is_some()
    }

    /// Whether it says nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_date()
            && self.hour.is_none()
            && self.epoch.is_none()
            && self.second.is_none()
            && self.minute.is_none()
    }
}

/// Offsets of zones that mails and logs name, in hours.
const ZONES: [(&str, f64); 32] = [
    ("utc", 0.0),
    ("gmt", 0.0),
    ("z", 0.0),
    ("ut", 0.0),
    ("est", -5.0),
    ("edt", -4.0),
    ("cst", -6.0),
    ("cdt", -5.0),
    ("mst", -7.0),
    ("mdt", -6.0),
    ("pst", -8.0),
    ("pdt", -7.0),
    ("akst", -9.0),
    ("akdt", -8.0),
    ("hst", -10.0),
    ("ast", -4.0),
    ("adt", -3.0),
    ("nst", -3.5),
    ("ndt", -2.5),
    ("wet", 0.0),
    ("west", 1.0),
    ("bst", 1.0),
    ("cet", 1.0),
    ("cest", 2.0),
    ("met", 1.0),
    ("mest", 2.0),
    ("eet", 2.0),
    ("eest", 3.0),
    ("msk", 3.0),
    ("ist", 5.5),
    ("jst", 9.0),
    ("kst", 9.0),
];

/// The offset that a zone's name or `+hh:mm` means, in seconds.
pub(crate) fn zone_offset(zone: &str) -> Option<i64> {
    let lower = zone.to_ascii_lowercase();
    let lower = lower.trim_end_matches(" standard time").trim_end_matches(" daylight time");
    if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == lower) {
        return Some((hours * 3600.0) as i64);
    }
    let rest = lower.trim_start_matches("gmt").trim_start_matches("utc");
    let (sign, digits) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
        (Some(digits), _) => (1, digits),
        (_, Some(digits)) => (-1, digits),
        _ => return None,
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let number = |text: &str| text.parse::<i64>().ok();
    let seconds = match parts[..] {
        [h, m, s] => number(h)? * 3600 + number(m)? * 60 + number(s)?,
        [h, m] => number(h)? * 3600 + number(m)? * 60,
        [one] => match one.len() {
            1 | 2 => number(one)? * 3600,
            3 => number(&one[..1])? * 3600 + number(&one[1..])? * 60,
            4 => number(&one[..2])? * 3600 + number(&one[2..])? * 60,
            6 => number(&one[..2])? * 3600 + number(&one[2..4])? * 60 + number(&one[4..])?,
            _ => return None,
        },
        _ => return None,
    };
    Some(sign * seconds)
}

fn month_number(word: &str) -> Option<i64> {
    let start: String = word.chars().take(3).flat_map(char::to_lowercase).collect();
    MONTHS.iter().position(|month| month[..3].eq_ignore_ascii_case(&start)).map(|at| at as i64 + 1)
}

fn day_number(word: &str) -> Option<i64> {
    let start: String = word.chars().take(3).flat_map(char::to_lowercase).collect();
    DAYS.iter().position(|day| day[..3].eq_ignore_ascii_case(&start)).map(|at| at as i64)
}

fn nanos(digits: &str) -> i64 {
    let digits: String = digits.chars().chain("000000000".chars()).take(9).collect();
    digits.parse().unwrap_or(0)
}

/// A pattern of this module with its text's match taken out: the same replacing by a blank that keeps one rule from reading what
/// another has read.
struct Text {
    text: String,
}

thread_local! {
    static RULES: Rules = Rules::new();
}

struct Rules {
    weekday: fancy_regex::Regex,
    time: fancy_regex::Regex,
    european: fancy_regex::Regex,
    american: fancy_regex::Regex,
    iso: fancy_regex::Regex,
    iso_week: fancy_regex::Regex,
    iso_ordinal: fancy_regex::Regex,
    slashes: fancy_regex::Regex,
    dots: fancy_regex::Regex,
    japanese: fancy_regex::Regex,
    digits: fancy_regex::Regex,
    month: fancy_regex::Regex,
    mday: fancy_regex::Regex,
}

impl Rules {
    fn new() -> Self {
        const ZONE: &str = r"(?:gmt|utc?)?[-+]\d+(?:[,.:]\d+(?::\d+)?)?|[a-z]+(?:\s+(?:standard|daylight)\s+time)?\b";
        const NAMES: &str = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
        let rule = |pattern: &str| {
            fancy_regex::RegexBuilder::new(pattern).case_insensitive(true).build().expect("a constant pattern")
        };
        Self {
            weekday: rule(r"\b(sun|mon|tue|wed|thu|fri|sat)[a-z]*\.?"),
            time: rule(&format!(
                r"(\d+\b\s*(?:h(?:ours?)?\b)|\d+\s*:\s*\d+(?:\s*:\s*\d+(?:[,.]\d*)?)?|\d+\s*(?=[ap]\.?m\b))(\s*[ap](?:m\b|\.m\.))?(?:\s*({ZONE}))?"
            )),
            european: rule(&format!(
                r"('?\d+)(?:st|nd|rd|th)?[^\-\d\s']*\s*{NAMES}[^\-\d\s']*(?:\s*(c(?:e|\.e\.)|bce|b\.c\.e\.|a(?:d|\.d\.)|b(?:c|\.c\.))?\s*('?-?\d+(?:(?:st|nd|rd|th)\b)?))?"
            )),
            american: rule(&format!(
                r"\b{NAMES}[^\-\d\s']*\s*('?\d+)(?:st|nd|rd|th)?[^\-\d\s']*(?:\s*,?\s*(c(?:e|\.e\.)|bce|b\.c\.e\.|a(?:d|\.d\.)|b(?:c|\.c\.))?\s*('?-?\d+))?"
            )),
            iso: rule(r"([-+]?\d{2,})-(\d+)(?:-(\d+))"),
            iso_week: rule(r"\b(\d{2}|\d{4})?-?w(\d{2})(?:-?(\d))?\b"),
            iso_ordinal: rule(r"\b(\d{4})-(\d{3})\b"),
            slashes: rule(
                r"('?-?\d+)/\s*('?\d+|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)(?:\D\s*('?-?\d+))?",
            ),
            japanese: rule(r"\b([mtshr])(\d+)\.(\d+)\.(\d+)"),
            dots: rule(
                r"('?-?\d+)\.\s*('?\d+|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.\s*('?-?\d+)",
            ),
            digits: rule(r"([-+]?)(\d{2,14})(?:\s*t?\s*(\d{2,6})?(?:[,.](\d*))?)?(z\b|[-+]\d{1,4}\b)?"),
            month: rule(&format!(r"\b{NAMES}\S*")),
            mday: rule(r"([-+]?\d+)(?:st|nd|rd|th)?\b"),
        }
    }
}

impl Text {
    /// The groups of the first match, which is then blanked out.
    fn take(&mut self, rule: &fancy_regex::Regex) -> Option<Vec<Option<String>>> {
        let (range, groups) = {
            let captures = rule.captures(&self.text).ok()??;
            let whole = captures.get(0)?;
            let groups = (0..captures.len()).map(|at| captures.get(at).map(|m| m.as_str().to_owned())).collect();
            (whole.range(), groups)
        };
        self.text.replace_range(range, " ");
        Some(groups)
    }
}

/// Reads a text the way `Date._parse` does: what it can find, in any order. `complete` turns two digits of a year into four.
pub(crate) fn parse(text: &str, complete: bool) -> Parsed {
    // Anything but letters, digits and the marks of dates and times separates.
    let text: String =
        text.chars().map(|c| if c.is_alphanumeric() || "-+',./:@[]".contains(c) { c } else { ' ' }).collect();
    let mut text = Text { text };
    let mut parsed = Parsed::default();
    RULES.with(|rules| {
        if let Some(groups) = text.take(&rules.weekday) {
            parsed.wday = groups[1].as_deref().and_then(day_number);
        }
        // The time goes first: its digits are no date's.
        if let Some(groups) = text.take(&rules.time) {
            read_time(&mut parsed, &groups);
        }
        read_date(&mut parsed, rules, &mut text, complete);
    });
    parsed
}

fn read_time(parsed: &mut Parsed, groups: &[Option<String>]) {
    let clock: String = groups[1].as_deref().unwrap_or("").chars().filter(|c| !c.is_whitespace()).collect();
    let clock = clock.trim_end_matches(|c: char| c.is_alphabetic());
    let mut parts = clock.split(':');
    let number = |text: Option<&str>| text.and_then(|t| t.parse::<i64>().ok());
    parsed.hour = number(parts.next());
    parsed.minute = number(parts.next());
    if let Some(seconds) = parts.next() {
        let (whole, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
        parsed.second = whole.parse().ok();
        if !fraction.is_empty() {
            parsed.fraction = Some(nanos(fraction));
        }
    }
    if let (Some(half), Some(hour)) = (groups[2].as_deref(), parsed.hour) {
        let afternoon = half.trim().to_ascii_lowercase().starts_with('p');
        parsed.hour = Some(hour % 12 + if afternoon { 12 } else { 0 });
    }
    if let Some(zone) = groups[3].as_deref() {
        parsed.offset = zone_offset(zone);
        parsed.zone = Some(zone.to_owned());
    }
}

fn read_date(parsed: &mut Parsed, rules: &Rules, text: &mut Text, complete: bool) {
    let some = |group: &Option<String>| group.clone().unwrap_or_default();
    if let Some(groups) = text.take(&rules.european) {
        let era = some(&groups[3]).to_ascii_lowercase().starts_with('b');
        set_date(parsed, groups[4].as_deref(), Some(&some(&groups[2])), Some(&some(&groups[1])), era, complete);
    } else if let Some(groups) = text.take(&rules.american) {
        let era = some(&groups[3]).to_ascii_lowercase().starts_with('b');
        set_date(parsed, groups[4].as_deref(), Some(&some(&groups[1])), Some(&some(&groups[2])), era, complete);
    } else if let Some(groups) = text.take(&rules.iso) {
        set_date(parsed, groups[1].as_deref(), groups[2].as_deref(), groups[3].as_deref(), false, complete);
    } else if let Some(groups) = text.take(&rules.iso_week) {
        parsed.cwyear = groups[1].as_deref().and_then(|y| y.parse().ok());
        parsed.cweek = groups[2].as_deref().and_then(|w| w.parse().ok());
        parsed.cwday = groups[3].as_deref().and_then(|d| d.parse().ok());
    } else if let Some(groups) = text.take(&rules.iso_ordinal) {
        parsed.year = groups[1].as_deref().and_then(|y| y.parse().ok());
        parsed.yday = groups[2].as_deref().and_then(|d| d.parse().ok());
    } else if let Some(groups) = text.take(&rules.japanese) {
        let before = match groups[1].as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("m") => 1867,
            Some("t") => 1911,
            Some("s") => 1925,
            Some("h") => 1988,
            _ => 2018,
        };
        let number = |at: usize| groups[at].as_deref().and_then(|digits| digits.parse::<i64>().ok());
        (parsed.year, parsed.month, parsed.mday) = (number(2).map(|year| year + before), number(3), number(4));
    } else if let Some(groups) = text.take(&rules.slashes) {
        set_date(parsed, groups[1].as_deref(), groups[2].as_deref(), groups[3].as_deref(), false, complete);
    } else if let Some(groups) = text.take(&rules.dots) {
        set_date(parsed, groups[1].as_deref(), groups[2].as_deref(), groups[3].as_deref(), false, complete);
    } else if let Some(groups) = text.take(&rules.month) {
        parsed.month = groups[1].as_deref().and_then(month_number);
    } else if let Some(groups) = text.take(&rules.digits) {
        read_digits(parsed, &groups, complete);
    } else if let Some(groups) = text.take(&rules.mday) {
        parsed.mday = groups[1].as_deref().and_then(|d| d.parse().ok());
    }
}

/// Year, month and day from three texts whose order their looks decide.
fn set_date(
    parsed: &mut Parsed,
    year: Option<&str>,
    month: Option<&str>,
    day: Option<&str>,
    before: bool,
    complete: bool,
) {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    // Three or more digits, or an apostrophe, mark a year.
    let is_year = |text: &str| text.starts_with('\'') || digits(text) > 2;
    let (mut year, mut month, mut day) = (year, month, day);
    if let (Some(first), Some(second), None) = (year, month, day)
        && !is_year(first)
    {
        (year, month, day) = (None, Some(first), Some(second));
    }
    if day.is_some_and(is_year) && !year.is_some_and(is_year) {
        std::mem::swap(&mut year, &mut day);
    }
    let number = |text: &str| {
        let text: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '-').collect();
        text.parse::<i64>().ok()
    };
    if let Some(text) = year
        && let Some(value) = number(text)
    {
        let abbreviated = digits(text) <= 2 && !text.starts_with('-') && !before;
        let value = if before { 1 - value } else { value };
        parsed.year = Some(if abbreviated && complete { century(value) } else { value });
    }
    parsed.month =
        month.and_then(|m| month_number(m).filter(|_| m.starts_with(char::is_alphabetic)).or_else(|| number(m)));
    parsed.mday = day.and_then(number);
}

fn century(year: i64) -> i64 {
    if year >= 69 { year + 1900 } else { year + 2000 }
}

/// Digits without separators: their number tells what they are.
fn read_digits(parsed: &mut Parsed, groups: &[Option<String>], complete: bool) {
    let digits = groups[2].clone().unwrap_or_default();
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i64>().ok());
    let year = |value: Option<i64>| value.map(|v| if complete { century(v) } else { v });
    match digits.len() {
        2 => parsed.mday = number(0..2),
        3 => parsed.yday = number(0..3),
        4 => (parsed.month, parsed.mday) = (number(0..2), number(2..4)),
        5 => (parsed.year, parsed.yday) = (year(number(0..2)), number(2..5)),
        6 => (parsed.year, parsed.month, parsed.mday) = (year(number(0..2)), number(2..4), number(4..6)),
        7 => (parsed.year, parsed.yday) = (number(0..4), number(4..7)),
        8 | 10 | 12 | 14 => {
            (parsed.year, parsed.month, parsed.mday) = (number(0..4), number(4..6), number(6..8));
            if digits.len() > 8 {
                (parsed.hour, parsed.minute, parsed.second) = (number(8..10), number(10..12), number(12..14));
            }
        }
        _ => return,
    }
    if let Some(clock) = groups[3].as_deref() {
        let part = |range: std::ops::Range<usize>| clock.get(range).and_then(|p| p.parse::<i64>().ok());
        (parsed.hour, parsed.minute, parsed.second) = (part(0..2), part(2..4), part(4..6));
    }
    if let Some(fraction) = groups[4].as_deref().filter(|f| !f.is_empty()) {
        parsed.fraction = Some(nanos(fraction));
    }
    if let Some(zone) = groups[5].as_deref() {
        parsed.offset = zone_offset(zone);
        parsed.zone = Some(zone.to_owned());
    }
}

/// Reads a text by a format; `None` where it does not fit.
pub(crate) fn strptime(text: &str, format: &str) -> Option<Parsed> {
    let mut parsed = Parsed::default();
    let rest = read_format(text, format, &mut parsed)?;
    if !rest.is_empty() {
        parsed.leftover = Some(rest.to_owned());
    }
    if let Some(century) = parsed.century {
        parsed.year = Some(parsed.year.unwrap_or(0).rem_euclid(100) + century * 100);
    }
    if let (Some(afternoon), Some(hour)) = (parsed.afternoon, parsed.hour) {
        parsed.hour = Some(hour % 12 + if afternoon { 12 } else { 0 });
    }
    Some(parsed)
}

fn read_format<'a>(text: &'a str, format: &str, parsed: &mut Parsed) -> Option<&'a str> {
    let mut rest = text;
    let mut directives = format.char_indices().peekable();
    while let Some((at, c)) = directives.next() {
        if c.is_whitespace() {
            rest = rest.trim_start();
            continue;
        }
        if c != '%' {
            rest = rest.strip_prefix(c)?;
            continue;
        }
        let mut letter = directives.next()?.1;
        while matches!(letter, '-' | '0' | '^' | '#' | '_' | ':' | 'E' | 'O') {
            letter = directives.next()?.1;
        }
        // Where digits follow at once, a number takes no more than its own.
        let next_is_digits = format[at..].chars().skip(2).take(2).collect::<String>();
        let adjacent = next_is_digits.starts_with('%')
            && next_is_digits[1..].starts_with(|c: char| "CDdeFGgHIjkLlMmNQRrSsTUuVvWwXxYy0123456789".contains(c))
            || next_is_digits.starts_with(|c: char| c.is_ascii_digit());
        rest = read_directive(rest, letter, adjacent, parsed)?;
    }
    Some(rest)
}

/// A number of at most so many digits, perhaps signed.
fn take_number(text: &str, most: usize, signed: bool) -> Option<(i64, &str)> {
    let sign_len = usize::from(signed && text.starts_with(['+', '-']));
    let len = text[sign_len..].bytes().take(most).take_while(u8::is_ascii_digit).count();
    if len == 0 {
        return None;
    }
    let (number, rest) = text.split_at(sign_len + len);
    Some((number.parse().ok()?, rest))
}

fn within(text: &str, most: usize, low: i64, high: i64) -> Option<(i64, &str)> {
    take_number(text, most, false).filter(|(value, _)| (low..=high).contains(value))
}

fn take_name<'a>(text: &'a str, names: &[&str]) -> Option<(i64, &'a str)> {
    let starts = |name: &str| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    for (at, name) in names.iter().enumerate() {
        if starts(name) {
            return Some((at as i64, &text[name.len()..]));
        }
    }
    names.iter().position(|name| starts(&name[..3])).map(|at| (at as i64, &text[3..]))
}

fn read_directive<'a>(text: &'a str, letter: char, adjacent: bool, parsed: &mut Parsed) -> Option<&'a str> {
    let blank = text.trim_start_matches(' ');
    let nested = |format: &str, parsed: &mut Parsed| read_format(text, format, parsed);
    Some(match letter {
        'Y' => {
            let (value, rest) = take_number(text, if adjacent { 4 } else { 18 }, true)?;
            parsed.year = Some(value);
            rest
        }
        'C' => {
            let (value, rest) = take_number(text, if adjacent { 2 } else { 18 }, true)?;
            parsed.century = Some(value);
            rest
        }
        'y' => {
            let (value, rest) = within(text, 2, 0, 99)?;
            parsed.year = Some(century(value));
            rest
        }
        'm' => {
            let (value, rest) = within(text, 2, 1, 12)?;
            parsed.month = Some(value);
            rest
        }
        'B' | 'b' | 'h' => {
            let (value, rest) = take_name(text, &MONTHS)?;
            parsed.month = Some(value + 1);
            rest
        }
        'd' | 'e' => {
            let (value, rest) = within(blank, 2, 1, 31)?;
            parsed.mday = Some(value);
            rest
        }
        'j' => {
            let (value, rest) = within(text, 3, 1, 366)?;
            parsed.yday = Some(value);
            rest
        }
        'A' | 'a' => {
            let (value, rest) = take_name(text, &DAYS)?;
            parsed.wday = Some(value);
            rest
        }
        'u' => {
            let (value, rest) = within(text, 1, 1, 7)?;
            parsed.cwday = Some(value);
            rest
        }
        'w' => {
            let (value, rest) = within(text, 1, 0, 6)?;
            parsed.wday = Some(value);
            rest
        }
        'G' => {
            let (value, rest) = take_number(text, if adjacent { 4 } else { 18 }, true)?;
            parsed.cwyear = Some(value);
            rest
        }
        'g' => {
            let (value, rest) = within(text, 2, 0, 99)?;
            parsed.cwyear = Some(century(value));
            rest
        }
        'V' => {
            let (value, rest) = within(text, 2, 1, 53)?;
            parsed.cweek = Some(value);
            rest
        }
        'U' => {
            let (value, rest) = within(text, 2, 0, 53)?;
            parsed.sunday_week = Some(value);
            rest
        }
        'W' => {
            let (value, rest) = within(text, 2, 0, 53)?;
            parsed.monday_week = Some(value);
            rest
        }
        'H' | 'k' => {
            let (value, rest) = within(blank, 2, 0, 24)?;
            parsed.hour = Some(value);
            rest
        }
        'I' | 'l' => {
            let (value, rest) = within(blank, 2, 1, 12)?;
            parsed.hour = Some(value);
            rest
        }
        'M' => {
            let (value, rest) = within(text, 2, 0, 59)?;
            parsed.minute = Some(value);
            rest
        }
        'S' => {
            let (value, rest) = within(text, 2, 0, 60)?;
            parsed.second = Some(value);
            rest
        }
        'L' | 'N' => {
            let most = match (adjacent, letter) {
                (true, 'L') => 3,
                (true, _) => 9,
                _ => 18,
            };
            let len = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
            if len == 0 {
                return None;
            }
            parsed.fraction = Some(nanos(&text[..len]));
            &text[len..]
        }
        'p' | 'P' => {
            let lower = text.to_ascii_lowercase();
            let afternoon = lower.starts_with('p');
            let len = if lower.starts_with("am") || lower.starts_with("pm") {
                2
            } else if lower.starts_with("a.m.") || lower.starts_with("p.m.") {
                4
            } else {
                return None;
            };
            parsed.afternoon = Some(afternoon);
            &text[len..]
        }
        'z' | 'Z' => {
            let offset = text.trim_start_matches(char::is_alphabetic);
            let prefix = text.len() - offset.len();
            let len = if offset.starts_with(['+', '-'])
                && matches!(text[..prefix].to_ascii_lowercase().as_str(), "" | "gmt" | "utc")
            {
                let digits = offset[1..].find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(offset.len() - 1);
                prefix + 1 + digits
            } else {
                prefix
            };
            let zone = &text[..len];
            if zone.is_empty() {
                return None;
            }
            parsed.offset = zone_offset(zone);
            parsed.zone = Some(zone.to_owned());
            &text[len..]
        }
        's' | 'Q' => {
            let (value, rest) = take_number(text, 18, true)?;
            parsed.epoch = Some(if letter == 's' {
                (value, 0)
            } else {
                (value.div_euclid(1000), value.rem_euclid(1000) * 1_000_000)
            });
            rest
        }
        'n' | 't' => text.trim_start(),
        '%' => text.strip_prefix('%')?,
        'F' => nested("%Y-%m-%d", parsed)?,
        'T' | 'X' => nested("%H:%M:%S", parsed)?,
        'R' => nested("%H:%M", parsed)?,
        'r' => nested("%I:%M:%S %p", parsed)?,
        'D' | 'x' => nested("%m/%d/%y", parsed)?,
        'c' => nested("%a %b %e %H:%M:%S %Y", parsed)?,
        'v' => nested("%e-%b-%Y", parsed)?,
        '+' => nested("%a %b %e %H:%M:%S %Z %Y", parsed)?,
        _ => return None,
    })
}
