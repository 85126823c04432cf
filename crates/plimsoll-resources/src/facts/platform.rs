//! Which distribution a target is, told as InSpec tells it.

use std::rc::Rc;

use plimsoll_ruby::Res;
use plimsoll_target::{Answer, Command, FileKind, PlatformOverride, Request};

use super::os_release::{Lsb, OsRelease};
use crate::backend::Backend;
use crate::text;

/// A platform: its name, the families it belongs to from near to far, its release and architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Platform {
    pub name: String,
    /// The nearest first: `debian`, `linux`, `unix`, `os`.
    pub families: Vec<String>,
    pub release: Option<String>,
    pub arch: Option<String>,
}

impl Platform {
    /// The platform of the target, detected once.
    pub(crate) fn of(backend: &Backend) -> Res<Rc<Self>> {
        backend.fact(detect)
    }

    /// The nearest family.
    pub(crate) fn family(&self) -> &str {
        self.families.first().map_or("", String::as_str)
    }

    pub(crate) fn in_family(&self, family: &str) -> bool {
        self.families.iter().any(|known| known == family)
    }

    /// Whether it is called so or belongs to a family called so.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name || self.in_family(name)
    }

    fn new(name: &str, family: &str, release: Option<String>) -> Self {
        let mut families = vec![family.to_owned()];
        if family != "linux" {
            families.push("linux".into());
        }
        families.extend(["unix".into(), "os".into()]);
        Self { name: name.to_lowercase().replace(' ', "_"), families, release, arch: None }
    }
}

/// The files that tell distributions apart.
const FILES: &[&str] = &[
    "/etc/debian_version",
    "/etc/os-release",
    "/etc/lsb-release",
    "/usr/bin/lsb-release",
    "/etc/redhat-release",
    "/etc/system-release",
    "/etc/oracle-release",
    "/etc/enterprise-release",
    "/etc/parallels-release",
    "/etc/SuSE-release",
    "/etc/arch-release",
    "/etc/alpine-release",
    "/etc/gentoo-release",
    "/etc/slackware-version",
    "/etc/exherbo-release",
    "/etc/coreos/update.conf",
    "/etc/issue",
    "/usr/lib/os-release",
    "/proc/sys/kernel/arch",
    "/proc/sys/kernel/osrelease",
];

/// Programs whose loader tells the architecture where nothing else does.
const LOADERS: &[(&str, &str)] = &[
    ("/lib64/ld-linux-x86-64.so.2", "x86_64"),
    ("/lib/ld-musl-x86_64.so.1", "x86_64"),
    ("/lib/ld-linux-aarch64.so.1", "aarch64"),
    ("/lib/ld-musl-aarch64.so.1", "aarch64"),
    ("/lib/ld-linux-armhf.so.3", "armv7l"),
    ("/lib/ld-musl-armhf.so.1", "armv7l"),
    ("/lib64/ld64.so.2", "ppc64le"),
    ("/lib/ld64.so.1", "s390x"),
];

/// What was read of [`FILES`], and what `uname` said.
struct Clues {
    contents: Vec<Option<Vec<u8>>>,
    raspi_config: bool,
    machine: Option<String>,
    kernel: Option<String>,
}

impl Clues {
    /// Everything in one round trip.
    fn gather(backend: &Backend) -> Res<Self> {
        let mut requests: Vec<Request> =
            FILES.iter().map(|path| Request::Read { path: path.as_bytes().to_vec() }).collect();
        requests.push(Request::Stat { path: b"/usr/bin/raspi-config".to_vec(), follow: true });
        requests.push(Request::Run(Command::new("uname -m")));
        requests.push(Request::Run(Command::new("uname -r")));
        let mut clues = Self { contents: Vec::new(), raspi_config: false, machine: None, kernel: None };
        let mut printed = Vec::new();
        for answer in backend.ask(&requests)? {
            match answer {
                Answer::Content(content) => clues.contents.push(content.ok()),
                Answer::Stat(stat) => clues.raspi_config = stat.is_ok_and(|stat| stat.kind == FileKind::File),
                Answer::Run(result) => {
                    let output = result.ok().filter(|output| output.exit_status == 0);
                    let text = output.map(|output| text::lossy(text::strip(&output.stdout)));
                    printed.push(text.filter(|text| !text.is_empty()));
                }
                Answer::Entries(_) => {}
            }
        }
        clues.kernel = printed.pop().flatten().or_else(|| clues.line("/proc/sys/kernel/osrelease"));
        clues.machine = printed.pop().flatten().or_else(|| clues.line("/proc/sys/kernel/arch"));
        Ok(clues)
    }

    fn content(&self, path: &str) -> Option<&[u8]> {
        let at = FILES.iter().position(|known| *known == path)?;
        self.contents.get(at)?.as_deref()
    }

    fn line(&self, path: &str) -> Option<String> {
        self.content(path).map(|content| text::lossy(text::strip(content))).filter(|line| !line.is_empty())
    }

    fn has(&self, path: &str) -> bool {
        self.content(path).is_some()
    }

    fn os_release(&self) -> Option<OsRelease> {
        self.content("/etc/os-release").map(OsRelease::parse)
    }

    fn lsb(&self) -> Lsb {
        match (self.content("/etc/lsb-release"), self.content("/usr/bin/lsb-release")) {
            (Some(content), _) => Lsb::parse(content),
            (None, Some(content)) => Lsb::parse_printed(content),
            (None, None) => Lsb::default(),
        }
    }
}

fn detect(backend: &Backend) -> Res<Platform> {
    if let Some(given) = backend.target().platform() {
        return given_platform(backend, given);
    }
    let clues = Clues::gather(backend)?;
    let mut platform = distribution(&clues);
    platform.arch = match clues.machine {
        Some(machine) => Some(machine),
        None => loader_arch(backend)?,
    };
    Ok(platform)
}

/// The architecture of the program loader.
fn loader_arch(backend: &Backend) -> Res<Option<String>> {
    let stat = |(path, _): &(&str, &str)| Request::Stat { path: path.as_bytes().to_vec(), follow: true };
    let answers = backend.ask(&LOADERS.iter().map(stat).collect::<Vec<_>>())?;
    let found = answers.iter().position(|answer| matches!(answer, Answer::Stat(Ok(_))));
    Ok(found.map(|at| LOADERS[at].1.to_owned()))
}

fn given_platform(backend: &Backend, given: PlatformOverride) -> Res<Platform> {
    let family = given.family.unwrap_or_else(|| usual_family(&given.name).to_owned());
    let mut platform = Platform::new(&given.name, &family, given.release);
    platform.arch = match given.arch {
        Some(arch) => Some(arch),
        None => {
            let output = backend.output_of("uname -m")?;
            output.map(|output| text::lossy(text::strip(&output.stdout))).filter(|arch| !arch.is_empty())
        }
    };
    Ok(platform)
}

/// The family of a platform whose name is all that is known.
fn usual_family(name: &str) -> &'static str {
    match name {
        "debian" | "ubuntu" | "linuxmint" | "kali" | "raspbian" => "debian",
        "redhat" | "centos" | "rocky" | "almalinux" | "oracle" | "amazon" | "scientific" | "cloudlinux" => "redhat",
        "fedora" => "fedora",
        "suse" | "opensuse" => "suse",
        _ => "linux",
    }
}

fn distribution(clues: &Clues) -> Platform {
    debian(clues)
        .or_else(|| fedora(clues))
        .or_else(|| redhat(clues))
        .or_else(|| suse(clues))
        .or_else(|| independent(clues))
        .unwrap_or_else(|| generic(clues))
}

fn debian(clues: &Clues) -> Option<Platform> {
    let version = clues.content("/etc/debian_version")?;
    let (lsb, release) = (clues.lsb(), clues.os_release());
    for (name, word) in [("ubuntu", "ubuntu"), ("linuxmint", "linuxmint")] {
        if lsb.is(word) {
            return Some(Platform::new(name, "debian", lsb.release));
        }
    }
    if let Some(release) = &release
        && release.get("ID") == Some("kali")
    {
        return Some(Platform::new("kali", "debian", release.get("VERSION").map(str::to_owned)));
    }
    let version = text::lossy(text::chomp(version));
    let raspbian = release.is_some_and(|release| release.says("NAME", "raspbian")) || clues.raspi_config;
    Some(Platform::new(if raspbian { "raspbian" } else { "debian" }, "debian", Some(version)))
}

fn fedora(clues: &Clues) -> Option<Platform> {
    let release = clues.os_release()?;
    let is_fedora = release.says("NAME", "fedora");
    is_fedora.then(|| Platform::new("fedora", "fedora", release.get("VERSION_ID").map(str::to_owned)))
}

fn redhat(clues: &Clues) -> Option<Platform> {
    let lsb = clues.lsb();
    let release = clues.os_release();
    let version_in = |path: &str| clues.content(path).and_then(redhat_version);
    if lsb.is("centos") {
        return Some(Platform::new("centos", "redhat", lsb.release));
    }
    if release.as_ref().is_some_and(|release| release.says("NAME", "centos")) {
        return Some(Platform::new("centos", "redhat", version_in("/etc/redhat-release")));
    }
    for path in ["/etc/oracle-release", "/etc/enterprise-release"] {
        if clues.has(path) {
            return Some(Platform::new("oracle", "redhat", version_in(path)));
        }
    }
    for name in ["scientific", "xenserver"] {
        if lsb.is(name) {
            return Some(Platform::new(name, "redhat", lsb.release));
        }
    }
    if let Some(content) = clues.content("/etc/parallels-release") {
        return Some(Platform::new(&redhat_name(content), "redhat", dotted_number(content)));
    }
    if let Some(release) = release.filter(|release| release.says("ID_LIKE", "wrlinux")) {
        return Some(Platform::new("wrlinux", "redhat", release.get("VERSION").map(str::to_owned)));
    }
    let rules = [
        ("amazon", "/etc/system-release", "amazon", "amazon"),
        ("cloudlinux", "/etc/redhat-release", "cloudlinux", "cloudlinux"),
        ("redhat", "/etc/redhat-release", "redhat", ""),
    ];
    for (name, path, lsb_word, content_word) in rules {
        if lsb.is(lsb_word) {
            return Some(Platform::new(name, "redhat", lsb.release));
        }
        if let Some(content) = clues.content(path).filter(|content| !content.is_empty())
            && (content_word.is_empty() || text::contains_ignore_case(content, content_word.as_bytes()))
        {
            return Some(Platform::new(&redhat_name(content), "redhat", redhat_version(content)));
        }
    }
    None
}

/// The first word of a release file, `redhat` for Red Hat's own.
fn redhat_name(content: &[u8]) -> String {
    if content.len() >= 7 && content[..7].eq_ignore_ascii_case(b"red hat") {
        return "redhat".into();
    }
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let start = content.iter().position(is_word).unwrap_or(content.len());
    let word: Vec<u8> = content[start..].iter().copied().take_while(is_word).collect();
    text::lossy(&word).to_lowercase()
}

/// The version in a release file.
fn redhat_version(content: &[u8]) -> Option<String> {
    let numerals = |from: &[u8]| {
        let numeral: Vec<u8> = from.iter().copied().take_while(|b| b.is_ascii_digit() || *b == b'.').collect();
        (!numeral.is_empty()).then(|| text::lossy(&numeral))
    };
    let lower = content.to_ascii_lowercase();
    if let Some(at) = text::find(&lower, b" (rawhide)") {
        let start = lower[..at].iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |at| at + 1);
        return Some(text::lossy(&lower[start..at + " (rawhide)".len()]));
    }
    let after = |word: &[u8]| text::find(&lower, word).and_then(|at| numerals(&content[at + word.len()..]));
    if text::find(&lower, b"amazon linux").is_some() {
        let start = content.iter().position(|b| b.is_ascii_digit() || *b == b'.')?;
        return numerals(&content[start..]);
    }
    if text::find(&lower, b"derived from ").is_some() {
        return after(b"linux ").or_else(|| after(b"release "));
    }
    after(b"release ")
}

fn suse(clues: &Clues) -> Option<Platform> {
    let release = clues.os_release();
    let old = clues.content("/etc/SuSE-release");
    let version = match (&release, old) {
        (Some(release), _) if release.says("ID_LIKE", "suse") => release.get("VERSION").map(str::to_owned),
        (_, Some(content)) => old_suse_version(content),
        _ => return None,
    };
    let name = release.as_ref().and_then(|release| release.get("NAME")).unwrap_or("").to_lowercase();
    let old_says = |word: &str| old.is_some_and(|content| text::contains_ignore_case(content, word.as_bytes()));
    if name.starts_with("opensuse") || old_says("opensuse") {
        return Some(Platform::new("opensuse", "suse", version));
    }
    (name.starts_with("sles") || old_says("suse")).then(|| Platform::new("suse", "suse", version))
}

fn old_suse_version(content: &[u8]) -> Option<String> {
    let value = |key: &[u8]| {
        let line = content.split(|b| *b == b'\n').find(|line| line.starts_with(key))?;
        let at = line.iter().position(|b| *b == b'=')?;
        Some(text::lossy(text::strip(&line[at + 1..])))
    };
    match (value(b"VERSION"), value(b"PATCHLEVEL")) {
        (Some(version), Some(level)) => Some(format!("{version}.{level}")),
        (version, _) => version,
    }
}

fn independent(clues: &Clues) -> Option<Platform> {
    let linux = |name: &str, release: Option<String>| Some(Platform::new(name, "linux", release));
    let numerals = |content: &[u8]| {
        let kept: Vec<u8> = content.iter().copied().filter(|b| b.is_ascii_digit() || *b == b'.').collect();
        text::lossy(&kept)
    };
    // A rolling release is as new as its kernel: that is what CINC gives.
    if clues.has("/etc/arch-release") {
        return linux("arch", clues.kernel.clone());
    }
    for (name, path) in [("slackware", "/etc/slackware-version"), ("gentoo", "/etc/gentoo-release")] {
        if let Some(content) = clues.content(path) {
            return linux(name, Some(numerals(content)));
        }
    }
    if clues.has("/etc/exherbo-release") {
        return linux("exherbo", clues.kernel.clone());
    }
    if let Some(content) = clues.content("/etc/alpine-release") {
        return linux("alpine", Some(text::lossy(text::strip(content))));
    }
    if clues.has("/etc/coreos/update.conf") {
        return linux("coreos", clues.lsb().release);
    }
    let issue = clues.content("/etc/issue")?;
    if text::find(issue, b"Poky").is_some() {
        return Some(Platform::new("yocto", "yocto", dotted_number(issue)));
    }
    let release = clues.os_release()?;
    let is_balena = text::find(issue, b"balenaOS").is_some() && release.says("NAME", "balenaos");
    is_balena.then(|| Platform::new("balenaos", "yocto", release.get("META_BALENA_VERSION").map(str::to_owned)))
}

/// The first number with a point in it.
fn dotted_number(content: &[u8]) -> Option<String> {
    let parts = content.split(|b| !b.is_ascii_digit() && *b != b'.');
    parts.map(|part| text::lossy(part).trim_matches('.').to_owned()).find(|part| part.contains('.'))
}

/// A distribution that CINC has no name for keeps the name it gives itself.
fn generic(clues: &Clues) -> Platform {
    let release = clues.os_release().or_else(|| clues.content("/usr/lib/os-release").map(OsRelease::parse));
    let id = release.as_ref().and_then(|release| release.get("ID"));
    let version = release.as_ref().and_then(|release| release.get("VERSION_ID")).map(str::to_owned);
    Platform::new(id.unwrap_or("linux"), "linux", version)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_target::MemoryTarget;
    use serde_json::{Value, json};

    use super::*;

    fn detect(target: MemoryTarget) -> Platform {
        (*Platform::of(&Backend::new(Arc::new(target))).unwrap()).clone()
    }

    /// What CINC's detection (train 3.12.13) told of the same files. Where it has no name for a distribution, the one that the
    /// distribution gives itself is `ours`.
    #[test]
    fn names_distributions_as_cinc_does() {
        let table: Vec<Value> = serde_json::from_str(include_str!("testdata/platforms.json")).unwrap();
        assert!(table.len() > 70);
        for case in &table {
            let mut target = MemoryTarget::new();
            for (path, content) in case["files"].as_object().unwrap() {
                target = target.file(path, content.as_str().unwrap());
            }
            for (at, line) in ["uname -m", "uname -r"].iter().enumerate() {
                target = target.command(line, format!("{}\n", case["uname"][at].as_str().unwrap()), "", 0);
            }
            let told = detect(target);
            let mut expected = case["expected"].clone();
            for (key, value) in case["ours"].as_object().into_iter().flatten() {
                expected[key] = value.clone();
            }
            let told = json!({
                "name": told.name, "families": told.families, "release": told.release, "arch": told.arch
            });
            assert_eq!(told, expected, "{}", case["about"]);
        }
    }

    #[test]
    fn knows_families_and_architecture() {
        let target = MemoryTarget::new().file("/etc/debian_version", "12\n").command("uname -m", "x86_64\n", "", 0);
        let platform = detect(target);
        assert_eq!(platform.families, ["debian", "linux", "unix", "os"]);
        assert_eq!(platform.arch.as_deref(), Some("x86_64"));
        let bare = MemoryTarget::new().without_shell("none").file("/lib/ld-musl-aarch64.so.1", "");
        assert_eq!(detect(bare).arch.as_deref(), Some("aarch64"));
    }

    #[test]
    fn a_given_platform_replaces_detection() {
        let given = PlatformOverride { name: "rocky".into(), family: None, release: Some("9.1".into()), arch: None };
        let platform = detect(MemoryTarget::new().file("/etc/debian_version", "12\n").with_platform(given));
        assert_eq!((platform.name.as_str(), platform.family()), ("rocky", "redhat"));
    }
}
