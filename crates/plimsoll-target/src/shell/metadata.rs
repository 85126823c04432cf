//! Reads what `stat` and `ls` say about files.

use crate::{FileKind, Stat};

/// A line of `stat -c '%f %u %g %s %Y'`, with or without ` %C`; the kind of the file, mode included, is hexadecimal.
pub(crate) fn parse_stat(line: &str) -> Option<Stat> {
    let mut fields = line.split(' ');
    let raw = u32::from_str_radix(fields.next()?, 16).ok()?;
    Some(Stat {
        kind: kind_of(raw),
        mode: raw & 0o7777,
        uid: fields.next()?.parse().ok()?,
        gid: fields.next()?.parse().ok()?,
        size: fields.next()?.parse().ok()?,
        mtime: fields.next()?.parse().ok()?,
        link: None,
        // `?` is GNU's "none", `C` is what a busybox without SELinux makes of the format.
        selinux: fields.next().filter(|label| label.contains(':')).map(str::to_owned),
    })
}

fn kind_of(raw: u32) -> FileKind {
    match raw & 0o170_000 {
        0o100_000 => FileKind::File,
        0o040_000 => FileKind::Directory,
        0o120_000 => FileKind::Symlink,
        0o060_000 => FileKind::BlockDevice,
        0o020_000 => FileKind::CharacterDevice,
        0o010_000 => FileKind::Pipe,
        0o140_000 => FileKind::Socket,
        _ => FileKind::Unknown,
    }
}

/// A line of `ls -lnd --full-time`: what is read where there is no `stat`.
pub(crate) fn parse_ls(line: &str) -> Option<Stat> {
    let mut fields = line.split_whitespace();
    let permissions = fields.next()?;
    let _links = fields.next()?;
    let uid = fields.next()?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    let size = fields.next()?;
    let size = if size.ends_with(',') {
        // A device has a major and a minor number instead.
        fields.next()?;
        0
    } else {
        size.parse().ok()?
    };
    let mtime = parse_time(fields.next()?, fields.next()?, fields.next()?)?;
    let (kind, mode) = parse_permissions(permissions)?;
    Some(Stat { kind, mode, uid, gid, size, mtime, link: None, selinux: None })
}

/// `drwxr-sr-t`, a further character for labels or access lists ignored.
fn parse_permissions(text: &str) -> Option<(FileKind, u32)> {
    let text = text.as_bytes();
    let kind = match text.first()? {
        b'-' => FileKind::File,
        b'd' => FileKind::Directory,
        b'l' => FileKind::Symlink,
        b'b' => FileKind::BlockDevice,
        b'c' => FileKind::CharacterDevice,
        b'p' => FileKind::Pipe,
        b's' => FileKind::Socket,
        _ => FileKind::Unknown,
    };
    let mut mode = 0;
    for (place, letter) in text.get(1..10)?.iter().enumerate() {
        let bit = 0o400 >> place;
        let special = [0o4000, 0o2000, 0o1000][place / 3];
        mode |= match letter {
            b'-' => 0,
            b'r' | b'w' | b'x' => bit,
            b's' | b't' => bit | special,
            b'S' | b'T' => special,
            _ => return None,
        };
    }
    Some((kind, mode))
}

/// `2026-11-21`, `13:31:49` with or without a fraction, and `+0000`, as seconds since the epoch.
fn parse_time(date: &str, time: &str, zone: &str) -> Option<i64> {
    let numbers = |text: &str, separator: char| -> Option<Vec<i64>> {
        text.split(separator).map(|number| number.parse().ok()).collect()
    };
    let [year, month, day] = numbers(date, '-')?.try_into().ok()?;
    let [hour, minute, second] = numbers(time.split('.').next()?, ':')?.try_into().ok()?;
    let offset: i64 = zone.parse().ok()?;
    let offset = (offset / 100) * 3600 + (offset % 100) * 60;
    Some(days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset)
}

/// Counts in years that begin with March, so that the leap day is a year's last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_lines() {
        let stat = parse_stat("89ed 0 42 43712 1700000000 system_u:object_r:bin_t:s0").unwrap();
        assert_eq!((stat.kind, stat.mode, stat.uid, stat.gid), (FileKind::File, 0o4755, 0, 42));
        assert_eq!((stat.size, stat.mtime), (43712, 1_700_000_000));
        assert_eq!(stat.selinux.as_deref(), Some("system_u:object_r:bin_t:s0"));
        assert_eq!(parse_stat("41ed 0 0 4096 1795267909 C").unwrap().selinux, None);
        assert_eq!(parse_stat("41ed 0 0 4096 1795267909 ?").unwrap().selinux, None);
        assert_eq!(parse_stat("stat: unknown option"), None);
        assert_eq!(parse_stat(""), None);
    }

    #[test]
    fn ls_lines_of_gnu_and_busybox() {
        let gnu = parse_ls("drwxrwxrwt+ 1 0 7 4096 2026-11-21 04:05:32.599823453 +0000 /tmp").unwrap();
        assert_eq!((gnu.kind, gnu.mode, gnu.gid, gnu.mtime), (FileKind::Directory, 0o1777, 7, 1_795_233_932));
        let busybox = parse_ls("-rwsr-S---    1 0        0             123 1970-01-02 01:00:00 +0100 /bin/x").unwrap();
        assert_eq!((busybox.kind, busybox.mode, busybox.size, busybox.mtime), (FileKind::File, 0o6740, 123, 86_400));
        let device =
            parse_ls("crw-rw-rw-    1 0        0           1,   3 2024-02-29 00:00:00 -0130 /dev/null").unwrap();
        assert_eq!((device.kind, device.size, device.mtime), (FileKind::CharacterDevice, 0, 1_709_170_200));
        assert_eq!(parse_ls("ls: unrecognized option: full-time"), None);
    }
}
