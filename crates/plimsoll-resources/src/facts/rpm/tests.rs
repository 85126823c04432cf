//! The databases in `testdata` were written by rpm 4.18 (`Packages` by Berkeley DB's `db_load` from the same headers, since
//! no rpm writes that kind any more); what is expected is what `rpm -qa` and `rpm -q` said of them. One package was removed
//! again, one has a header of many pages.

use std::io::Read;

use flate2::read::GzDecoder;
use plimsoll_target::MemoryTarget;

use super::*;
use crate::testing::Audit;

fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/src/facts/rpm/testdata/{name}.gz", env!("CARGO_MANIFEST_DIR"));
    let mut content = Vec::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut content).unwrap();
    content
}

/// Every kind of database: its file and the name it goes by.
fn databases() -> Vec<(Kind, Vec<u8>)> {
    vec![
        (Kind::Sqlite, file("rpmdb.sqlite")),
        (Kind::Ndb, file("Packages.db")),
        (Kind::Bdb, file("Packages")),
        (Kind::Bdb, file("Packages.big-endian")),
    ]
}

/// `rpm -qa --qf '%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH}\n'`
const LISTED: [&str; 9] = [
    "openssl-libs 1:3.0.7-24.el9 x86_64",
    "openssl 1:3.0.7-24.el9 x86_64",
    "kernel-core (none):5.14.1-70.el9 x86_64",
    "kernel-core (none):5.14.0-362.el9 x86_64",
    "glibc (none):2.34-83.el9 x86_64",
    "bash (none):5.1.8-6.el9_1 x86_64",
    "tzdata (none):2023c-1.el9 noarch",
    "many-files (none):2.0~rc1-3 noarch",
    "glibc (none):2.34-83.el9 i686",
];

fn shown(package: &Package) -> String {
    let epoch = package.epoch.map_or("(none)".to_owned(), |epoch| epoch.to_string());
    let [name, version, release, arch] =
        [&package.name, &package.version, &package.release, &package.arch].map(|field| text::lossy(field));
    format!("{name} {epoch}:{version}-{release} {arch}")
}

fn listed(kind: Kind, content: &[u8], log: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut found = Vec::new();
    let visit = |blob: &[u8]| {
        found.push(shown(&header::parse(blob)?));
        Ok(())
    };
    match kind {
        Kind::Sqlite => sqlite::each(content, log, visit)?,
        Kind::Ndb => ndb::each(content, visit)?,
        Kind::Bdb => bdb::each(content, visit)?,
    }
    Ok(found)
}

#[test]
fn each_kind_lists_what_rpm_lists() {
    for (kind, content) in databases() {
        let mut expected = LISTED;
        if kind == Kind::Bdb {
            // Bucket by bucket.
            expected = [1, 3, 5, 7, 8, 0, 2, 4, 6].map(|at| LISTED[at]);
        }
        assert_eq!(listed(kind, &content, b"").unwrap(), expected, "{kind:?}");
    }
}

#[test]
fn what_was_committed_to_the_log_counts() {
    let (content, log) = (file("rpmdb.sqlite"), file("rpmdb.sqlite-wal"));
    let mut expected = LISTED[1..].to_vec();
    expected.push("gone (none):1-1 noarch");
    assert_eq!(listed(Kind::Sqlite, &content, &log).unwrap(), expected);
    // Its last frame is the last commit: without all of it, only what was committed before counts.
    assert_eq!(listed(Kind::Sqlite, &content, &log[..log.len() - 1]).unwrap(), LISTED[1..]);
    assert_eq!(listed(Kind::Sqlite, &content, &log[..100]).unwrap(), LISTED);
    let mut left_from_before = log.clone();
    left_from_before[16] ^= 1;
    assert_eq!(listed(Kind::Sqlite, &content, &left_from_before).unwrap(), LISTED);
    let mut rubbish = log;
    rubbish.extend([0xa5; 10_000]);
    assert_eq!(listed(Kind::Sqlite, &content, &rubbish).unwrap(), expected);
}

#[test]
fn a_database_that_is_cut_off_is_an_error() {
    for (kind, content) in databases() {
        for length in (0..content.len()).step_by(97).chain([content.len() - 1]) {
            assert!(listed(kind, &content[..length], b"").is_err(), "{kind:?} of {length} bytes");
        }
    }
}

#[test]
fn a_changed_byte_never_panics_and_never_runs_on() {
    for (kind, content) in databases() {
        let mut content = content;
        for at in (0..content.len()).step_by(1009).chain(0..160) {
            let before = content[at];
            for change in [0, 0xff, before ^ 1, before.wrapping_add(1)] {
                content[at] = change;
                if let Ok(found) = listed(kind, &content, b"") {
                    assert!(found.len() < 1000);
                }
            }
            content[at] = before;
        }
    }
}

#[test]
fn labels_mean_what_rpm_takes_them_for() {
    let target = MemoryTarget::new().file("/var/lib/rpm/rpmdb.sqlite", file("rpmdb.sqlite"));
    let audit = Audit::of(target);
    let rpm = Rpm::at(&audit.vm, None).unwrap();
    let found = |label: &str| -> Vec<String> { rpm.find(label.as_bytes()).into_iter().map(shown).collect() };
    assert_eq!(found("kernel-core"), [LISTED[2], LISTED[3]]);
    assert_eq!(found("glibc.i686"), [LISTED[8]]);
    for label in ["openssl", "openssl-3.0.7", "openssl-1:3.0.7", "openssl-1:3.0.7-24.el9.x86_64", "openssl-3.*-24.el9"]
    {
        assert_eq!(found(label), [LISTED[1]], "{label}");
    }
    assert_eq!(found("bash-0:5.1.8"), [LISTED[5]]);
    for label in ["kern*", "openssl-2:3.0.7", "openssl-0:3.0.7", "bash.noarch", "BASH", "ssl", "", "bash-", "-"] {
        assert!(found(label).is_empty(), "{label}");
    }
}

#[test]
fn every_usual_directory_is_looked_in() {
    for directory in DIRECTORIES {
        for (kind, content) in databases() {
            let audit = Audit::of(MemoryTarget::new().file(format!("{directory}/{}", kind.file()), content));
            assert!(Rpm::is_there(&Backend::of(&audit.vm)).unwrap());
            assert_eq!(Rpm::at(&audit.vm, None).unwrap().packages.len(), 9, "{directory} {kind:?}");
        }
    }
}

const QUERY: &str = "rpm -qa --queryformat '%{NAME}  %{VERSION}-%{RELEASE}  %{ARCH}\\n'";

fn outcome(target: MemoryTarget) -> Result<usize, String> {
    let audit = Audit::of(target);
    Rpm::at(&audit.vm, None).map(|rpm| rpm.packages.len()).map_err(|unwind| audit.message(&unwind))
}

#[test]
fn what_cannot_be_told_is_an_error_and_never_an_empty_list() {
    let path = "/var/lib/rpm/rpmdb.sqlite";
    let cut = || file("rpmdb.sqlite")[..8192].to_vec();
    let told = outcome(MemoryTarget::new().file(path, cut())).unwrap_err();
    assert!(told.contains("/var/lib/rpm/rpmdb.sqlite can't be read: it is cut off: 2 of 73 pages are there"), "{told}");
    assert!(told.contains("rpm was asked: exit status 127"), "{told}");
    let denied = outcome(MemoryTarget::new().file(path, "").denied(path)).unwrap_err();
    assert!(denied.contains("rpmdb.sqlite can't be read: permission denied"), "{denied}");
    let none = outcome(MemoryTarget::new()).unwrap_err();
    assert!(none.contains("there is no package database"), "{none}");
    let open = MemoryTarget::new().file(path, file("rpmdb.sqlite")).file(format!("{path}-journal"), "\u{d9}journal");
    assert!(outcome(open).unwrap_err().contains("a change of it has not ended"));
    // rpm lists nothing where it finds no database, and a part of one that is not whole.
    let empty = outcome(MemoryTarget::new().command(QUERY, "", "", 0)).unwrap_err();
    assert!(empty.contains("it lists nothing"), "{empty}");
    let part = MemoryTarget::new().file(path, cut()).command(QUERY, "a  1-1  noarch\n", "error: malformed\n", 0);
    assert!(outcome(part).unwrap_err().contains("error: malformed"));
}

#[test]
fn rpm_is_asked_where_the_database_cannot_be_read() {
    let target = MemoryTarget::new().file("/var/lib/rpm/Packages", "of another kind").command(
        QUERY,
        "bash  5.1.8-6.el9_1  x86_64\ngpg-pubkey  fd431d51-4ae0493b  (none)\n",
        "",
        0,
    );
    assert_eq!(outcome(target), Ok(2));
}
