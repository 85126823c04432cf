//! One comparison for each subject: what the tool says, what the resource says.

use std::collections::BTreeMap;
use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};

use plimsoll_ruby::Value;

use crate::answers::Answers;
use crate::place::Place;

/// Finds differences between tool and resource.
#[derive(Clone, Copy)]
pub(crate) struct Comparison {
    /// Whether the place has the tool.
    pub(crate) tool: fn(&Place) -> Result<(), String>,
    /// What differs, or what could not be compared.
    pub(crate) differences: fn(&Place, &Answers) -> Result<(), String>,
}

const DPKG: (&str, Comparison) = ("packages", Comparison { tool: |place| place.has("dpkg-query"), differences: dpkg });
const USERS: (&str, Comparison) = ("users", Comparison { tool: |place| place.has("id"), differences: users });
const FILES: (&str, Comparison) = ("files", Comparison { tool: |place| place.has("stat"), differences: files });
const PROCESS: (&str, Comparison) = ("processes", Comparison { tool: |place| place.has("ps"), differences: processes });
const PORTS: (&str, Comparison) = ("ports", Comparison { tool: |place| place.has("ss"), differences: ports });
const MOUNTS: (&str, Comparison) = ("mounts", Comparison { tool: |place| place.has("findmnt"), differences: mounts });

pub(crate) const ALL: &[(&str, Comparison)] = &[DPKG, USERS, FILES, PROCESS, PORTS, MOUNTS];
pub(crate) const FILES_AND_USERS: &[(&str, Comparison)] = &[USERS, FILES];
pub(crate) const RPM: &[(&str, Comparison)] = &[("packages", Comparison { tool: |_| Ok(()), differences: rpm })];

/// Fails with what differs; nothing compared is a failure too.
fn equal(pairs: Vec<(String, String, String)>) -> Result<(), String> {
    if pairs.is_empty() {
        return Err("there is nothing to compare".into());
    }
    let differing: Vec<String> = pairs
        .iter()
        .filter(|(_, tool, resource)| tool != resource)
        .map(|(what, tool, resource)| format!("{what}: the tool says {tool:?}, the resource {resource:?}"))
        .collect();
    if differing.is_empty() { Ok(()) } else { Err(differing.join("\n")) }
}

fn dpkg(place: &Place, answers: &Answers) -> Result<(), String> {
    let format = "${db:Status-Abbrev}|${Package}|${Version}|${Architecture}";
    let listed = place.run(&format!("dpkg-query -W -f='{format}\\n'"))?;
    let mut tool = Vec::new();
    let mut versions: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for line in listed.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let [status, name, version, arch] = fields[..] else { return Err(format!("dpkg-query wrote {line:?}")) };
        let is_installed = status.as_bytes()[1] == b'i';
        let status = if is_installed { "installed" } else { status.trim() };
        let upstream = version.rsplit(':').next().unwrap_or_default();
        tool.push(format!("{status} {name} {upstream} {arch}"));
        versions.entry(name.to_owned()).or_default().push((version.to_owned(), is_installed));
    }
    tool.sort();
    let packages = answers.resource("packages", Value::str(""))?;
    let column = |name| answers.list(&packages, name);
    let (statuses, names) = (column("statuses")?, column("names")?);
    // `statuses` tells each one once: which they are is compared, not whose.
    let (version_numbers, archs) = (column("versions")?, column("architectures")?);
    let mut told = Vec::new();
    for ((name, version), arch) in names.iter().zip(&version_numbers).zip(&archs) {
        told.push(format!("{name} {version} {arch}"));
    }
    told.sort();
    let mut without_status: Vec<String> =
        tool.iter().filter_map(|line| line.split_once(' ')).map(|(_, rest)| rest.to_owned()).collect();
    without_status.sort();
    let mut pairs = vec![("all packages".to_owned(), without_status.join("\n"), told.join("\n"))];
    let distinct: std::collections::BTreeSet<&str> =
        tool.iter().filter_map(|line| line.split_once(' ')).map(|(status, _)| status).collect();
    let mut statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
    statuses.sort_unstable();
    statuses.dedup();
    pairs.push(("statuses".into(), distinct.into_iter().collect::<Vec<_>>().join(","), statuses.join(",")));
    for (name, known) in versions.iter().filter(|(_, known)| known.len() == 1) {
        let package = answers.resource("package", Value::str(name))?;
        let told = format!("{} {}", answers.text(&package, "version")?, answers.text(&package, "installed?")?);
        pairs.push((name.clone(), format!("{} {}", known[0].0, known[0].1), told));
    }
    equal(pairs)
}

fn rpm(place: &Place, answers: &Answers) -> Result<(), String> {
    let database = place.root().join("var/lib/rpm");
    // rpm writes beside what it reads: it gets a copy.
    let copy = tempfile::tempdir().map_err(|error| error.to_string())?;
    std::fs::copy(database.join("rpmdb.sqlite"), copy.path().join("rpmdb.sqlite"))
        .map_err(|error| error.to_string())?;
    let output = Command::new("rpm")
        .args(["-qa", "--qf", "%{NAME} %{VERSION}-%{RELEASE} %{ARCH}\n", "--dbpath"])
        .arg(copy.path())
        .output()
        .map_err(|error| error.to_string())?;
    let tool = String::from_utf8_lossy(&output.stdout).into_owned();
    let packages = answers.resource("packages", Value::str(""))?;
    let column = |name| answers.list(&packages, name);
    let rows = column("names")?.into_iter().zip(column("versions")?).zip(column("architectures")?);
    let told: Vec<String> = rows.map(|((name, version), arch)| format!("{name} {version} {arch}\n")).collect();
    equal(vec![("all packages".into(), tool, told.concat())])
}

fn users(place: &Place, answers: &Answers) -> Result<(), String> {
    let passwd = place.run("cat /etc/passwd")?;
    let mut pairs = Vec::new();
    for line in passwd.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, _, _, _, home, shell] = fields[..] else { continue };
        let ids = place.run(&format!("id -u {name}; id -g {name}; id -gn {name}; id -Gn {name}"))?;
        let tool = format!("{} {home} {shell}", ids.lines().collect::<Vec<_>>().join(" "));
        let user = answers.resource("user", Value::str(name))?;
        let text = |property| answers.text(&user, property);
        let told = [text("uid")?, text("gid")?, text("group")?, answers.list(&user, "groups")?.join(" ")];
        pairs.push((name.to_owned(), tool, format!("{} {} {}", told.join(" "), text("home")?, text("shell")?)));
    }
    // One that is not there.
    let nobody = answers.resource("user", Value::str("there-is-no-such-user"))?;
    pairs.push(("nobody of this name".into(), "false".into(), answers.text(&nobody, "exists?")?));
    equal(pairs)
}

/// Mode, owner, group, size and time of everything in some directories.
fn files(place: &Place, answers: &Answers) -> Result<(), String> {
    let mut pairs = Vec::new();
    let mut paths = Vec::new();
    for directory in ["/", "/bin", "/etc", "/tmp", "/home", "/var", "/usr/bin", "/etc/pam.d"] {
        let Ok(entries) = place.target().list(directory.as_bytes()).map_err(|error| error.to_string())? else {
            continue;
        };
        let name = |name: &[u8]| format!("{}/{}", directory.trim_end_matches('/'), String::from_utf8_lossy(name));
        // Some of a large directory is enough.
        paths.extend(entries.iter().take(150).map(|entry| name(&entry.name)));
    }
    paths.extend(["/dev/null".to_owned(), "/tmp".to_owned()].into_iter().filter(|path| place.has_file(path)));
    paths.sort();
    paths.dedup();
    for path in paths.iter().filter(|path| !path.contains('\'') && !path.starts_with("/tmp/.") && *path != "/proc") {
        // Below /proc each process sees itself.
        let link = place.run(&format!("test -L '{path}' && readlink -f '{path}'"));
        if link.as_ref().is_ok_and(|link| link.starts_with("/proc/")) {
            continue;
        }
        // What ends or grows meanwhile can't be compared.
        let Ok(tool) = place.run(&format!("stat -L -c '%a %U %G %s %Y' '{path}'")) else { continue };
        let file = answers.resource("file", Value::str(path))?;
        let text = |property| answers.text(&file, property);
        let mode = text("mode")?.parse::<u32>().map_err(|error| format!("{path} has no mode: {error}"))?;
        let told = format!("{mode:o} {} {} {} {}", text("owner")?, text("group")?, text("size")?, text("mtime")?);
        if place.run(&format!("stat -L -c '%a %U %G %s %Y' '{path}'")).as_ref() != Ok(&tool) {
            continue;
        }
        pairs.push((path.clone(), tool.trim().to_owned(), told));
        if let Ok(link) = link {
            pairs.push((format!("{path} leads to"), link.trim().to_owned(), text("link_path")?));
        }
    }
    equal(pairs)
}

impl Place {
    fn has_file(&self, path: &str) -> bool {
        self.target().stat(path.as_bytes(), true).is_ok_and(|stat| stat.is_ok())
    }
}

/// A process that ends with the comparison.
struct Sleeper(Child);

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn processes(place: &Place, answers: &Answers) -> Result<(), String> {
    let child = Command::new("sleep").arg("612.25").stdin(Stdio::null()).spawn().map_err(|error| error.to_string())?;
    let sleeper = Sleeper(child);
    let pid = sleeper.0.id();
    // It has become sleep when its command line says so.
    let path = format!("/proc/{pid}/cmdline");
    let start = std::time::Instant::now();
    while !std::fs::read(&path).is_ok_and(|line| line.starts_with(b"sleep\0")) {
        if start.elapsed().as_secs() > 20 {
            return Err("sleep did not start".into());
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let found = answers.resource("processes", Value::str("sleep 612.25"))?;
    let pids = answers.list(&found, "pids")?;
    let Some(at) = pids.iter().position(|found| *found == pid.to_string()) else {
        return Err(format!("process {pid} is not among {pids:?}"));
    };
    let column = |name: &str| answers.list(&found, name).map(|list| list.get(at).cloned().unwrap_or_default());
    let tool = place.run(&format!("ps -o user:32=,tty=,time=,vsz=,args= -p {pid}"))?;
    let told = [column("users")?, column("tty")?, column("time")?, column("vsz")?, column("commands")?];
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    equal(vec![(format!("process {pid}"), words(&tool), words(&told.join(" ")))])
}

fn ports(place: &Place, answers: &Answers) -> Result<(), String> {
    let io = |error: std::io::Error| error.to_string();
    let tcp = TcpListener::bind("127.0.0.1:0").map_err(io)?;
    let udp = UdpSocket::bind("127.0.0.1:0").map_err(io)?;
    let mut ports = vec![tcp.local_addr().map_err(io)?.port(), udp.local_addr().map_err(io)?.port()];
    let tcp6 = TcpListener::bind("[::1]:0");
    if let Ok(tcp6) = &tcp6 {
        ports.push(tcp6.local_addr().map_err(io)?.port());
    }
    let mut pairs = Vec::new();
    for port in ports {
        let listed = place.run("ss -lntuH")?;
        let mut tool: Vec<String> = listed.lines().filter_map(|line| listening(line, port)).collect();
        tool.sort();
        let found = answers.resource("port", Value::Int(i64::from(port)))?;
        let mut told: Vec<String> = answers
            .list(&found, "protocols")?
            .into_iter()
            .zip(answers.list(&found, "addresses")?)
            .map(|(protocol, address)| format!("{protocol} {address}"))
            .collect();
        told.sort();
        pairs.push((format!("port {port}"), tool.join(","), told.join(",")));
        let own = std::process::id().to_string();
        pairs.push((format!("who listens on {port}"), own, answers.text(&found, "pids")?));
    }
    drop((tcp, udp, tcp6));
    equal(pairs)
}

/// Protocol and address of a line of `ss`, if it is about this port.
fn listening(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (address, number) = fields.get(4)?.rsplit_once(':')?;
    if number != port.to_string() {
        return None;
    }
    let is_v6 = address.starts_with('[');
    Some(format!("{}{} {}", fields[0], if is_v6 { "6" } else { "" }, address.trim_matches(['[', ']'])))
}

fn mounts(place: &Place, answers: &Answers) -> Result<(), String> {
    let listed = place.run("findmnt --noheadings --raw --output TARGET,SOURCE,FSTYPE,OPTIONS")?;
    let mut of_target: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
    for line in listed.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        of_target.entry(fields[0]).or_default().push(fields);
    }
    let mut pairs = Vec::new();
    // Of several mounts at one place each tool shows another; a name that is escaped is not the name.
    let plain = of_target.into_iter().filter(|(target, mounts)| mounts.len() == 1 && !target.contains('\\'));
    for (target, mounts) in plain {
        let [_, source, kind, options] = mounts[0][..] else { continue };
        // A part of a file system that is mounted: findmnt adds which.
        let source = source.split('[').next().unwrap_or_default();
        let mount = answers.resource("mount", Value::str(target))?;
        let text = |property| answers.text(&mount, property);
        let set = |options: &str| options.split(',').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        let tool = format!("true {source} {kind} {:?}", set(options));
        let told = format!("{} {} {} {:?}", text("mounted?")?, text("device")?, text("type")?, set(&text("options")?));
        pairs.push((target.to_owned(), tool, told));
    }
    equal(pairs)
}
