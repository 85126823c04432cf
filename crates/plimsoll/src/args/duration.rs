//! Lengths of time as kubectl writes them: `30`, `1.5`, `90s`, `1m30s`.

use std::time::Duration;

/// "No limit" on the command line. Far enough to be never, and near enough for clocks to reckon with.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// Reads a length of time; a bare number is seconds.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no length of time; write seconds (30) or 500ms, 30s, 2m, 1m30s");
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|_| wrong());
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(end);
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = tail;
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total) }
}

/// As [`parse`], with 0 for "no limit" as kubectl has it.
pub(super) fn parse_limit(text: &str) -> Result<Duration, String> {
    parse(text).map(|time| if time.is_zero() { NEVER } else { time.min(NEVER) })
}

/// As [`parse`], for what must take some time.
pub(crate) fn parse_positive(text: &str) -> Result<Duration, String> {
    match parse(text)? {
        Duration::ZERO => Err("it must be longer than 0".to_owned()),
        time => Ok(time.min(NEVER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_units() {
        let cases =
            [("30", 30_000), ("1.5", 1500), ("90s", 90_000), ("1m30s", 90_000), ("2h", 7_200_000), ("250ms", 250)];
        for (text, milliseconds) in cases {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "soon", "-1", "1d", "s", "1m30", "1e400", "99999999999999999999h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn zero_is_no_limit_or_no_length() {
        assert_eq!(parse_limit("0"), Ok(NEVER));
        assert!(parse_positive("0s").is_err());
        assert_eq!(parse_positive("5"), Ok(Duration::from_secs(5)));
    }
}
