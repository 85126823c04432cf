//! The generated files of the samples: accounts, packages, configuration, and what is wrong with the poor one.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{SampleError, SampleKind};
use crate::runtime::DEFAULT_PATH;

/// Directories with their modes, in the order in which they are made.
const DIRECTORIES: &[(&str, u32)] = &[
    ("dev", 0o755),
    ("etc", 0o755),
    ("etc/ssl", 0o755),
    ("home", 0o755),
    ("opt", 0o755),
    ("proc", 0o755),
    ("root", 0o700),
    ("run", 0o755),
    ("srv", 0o755),
    ("sys", 0o755),
    ("tmp", 0o1777),
    ("usr/bin", 0o755),
    ("usr/lib", 0o755),
    ("usr/lib64", 0o755),
    ("usr/local/bin", 0o755),
    ("usr/local/sbin", 0o755),
    ("usr/sbin", 0o755),
    ("var/lib/dpkg", 0o755),
    ("var/log", 0o755),
    ("var/tmp", 0o1777),
];

/// Devices that the container gets from this machine; empty files where nothing can be mounted.
pub(super) const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];

/// Make the empty tree: directories and links between them.
pub(super) fn lay_out(root: &Path) -> Result<(), SampleError> {
    set_mode(root, 0o755)?;
    for (path, mode) in DIRECTORIES {
        let path = root.join(path);
        fs::create_dir_all(&path).map_err(SampleError::file(&path))?;
        set_mode(&path, *mode)?;
    }
    for (link, target) in [("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib"), ("lib64", "usr/lib64")] {
        let link = root.join(link);
        symlink(target, &link).map_err(SampleError::file(&link))?;
    }
    for device in DEVICES {
        put(root, &format!("dev/{device}"), 0o644, "")?;
    }
    Ok(())
}

/// Write the files of one kind.
pub(super) fn write(kind: SampleKind, root: &Path) -> Result<(), SampleError> {
    put(root, "etc/hosts", 0o644, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")?;
    put(root, "etc/resolv.conf", 0o644, "search default.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\n")?;
    put(root, "etc/nsswitch.conf", 0o644, "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")?;
    match kind {
        SampleKind::Web => web(root),
        SampleKind::Legacy => legacy(root),
    }
}

/// The environment of the container's first process and of everything that is executed in it.
pub(super) fn environment(kind: SampleKind) -> Vec<(&'static str, String)> {
    match kind {
        SampleKind::Web => {
            vec![("PATH", DEFAULT_PATH.to_owned()), ("HOSTNAME", "web".to_owned()), ("HOME", "/root".to_owned())]
        }
        SampleKind::Legacy => vec![
            ("PATH", format!("/opt/bin:{DEFAULT_PATH}")),
            ("HOSTNAME", "legacy".to_owned()),
            ("DB_HOST", "db.internal".to_owned()),
            ("DB_PASSWORD", "sample".to_owned()),
        ],
    }
}

/// The container's first process.
pub(super) fn first_process(kind: SampleKind) -> &'static str {
    match kind {
        SampleKind::Web => "/usr/local/bin/web-server",
        SampleKind::Legacy => "/usr/local/bin/start-all",
    }
}

/// A program that does nothing for as long as the container lives, and reaps what dies in it.
const WAIT: &str = "while :; do sleep 3600 & wait $!; done\n";

fn web(root: &Path) -> Result<(), SampleError> {
    put(root, "etc/os-release", 0o644, &os_release("12", "bookworm"))?;
    put(root, "etc/debian_version", 0o644, "12.8\n")?;
    put(root, "etc/hostname", 0o644, "web\n")?;
    put(
        root,
        "etc/passwd",
        0o644,
        "root:x:0:0:root:/root:/bin/sh\n\
         daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
         bin:x:2:2:bin:/bin:/usr/sbin/nologin\n\
         www-data:x:33:33:www-data:/srv/www:/usr/sbin/nologin\n\
         nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    )?;
    put(
        root,
        "etc/group",
        0o644,
        "root:x:0:\ndaemon:x:1:\nbin:x:2:\nshadow:x:42:\nwww-data:x:33:\nnogroup:x:65534:\n",
    )?;
    let locked = ["root", "daemon", "bin", "www-data", "nobody"].map(|name| format!("{name}:*:19700:0:99999:7:::\n"));
    put(root, "etc/shadow", 0o640, &locked.concat())?;
    put(root, "etc/gshadow", 0o640, "root:*::\nwww-data:!::\n")?;
    put(root, "etc/login.defs", 0o644, "UMASK\t\t022\nPASS_MAX_DAYS\t90\nPASS_MIN_DAYS\t1\nENCRYPT_METHOD YESCRYPT\n")?;
    let packages = [
        ("base-files", "12.4+deb12u8", "Debian base system miscellaneous files"),
        ("ca-certificates", "20230311", "Common CA certificates"),
        ("libc6", "2.36-9+deb12u9", "GNU C Library: Shared libraries"),
        ("nginx-light", "1.22.1-9", "nginx web/proxy server (basic version)"),
        ("tzdata", "2024a-0+deb12u1", "time zone and daylight-saving time data"),
    ];
    put(root, "var/lib/dpkg/status", 0o644, &dpkg_status(&packages))?;
    put(root, "etc/nginx/nginx.conf", 0o644, "user www-data;\nhttp { server { listen 8080; root /srv/www; } }\n")?;
    put(root, "srv/www/index.html", 0o644, "<!doctype html>\n<title>Sample</title>\n")?;
    put(root, "usr/local/bin/web-server", 0o755, &format!("#!/bin/sh\n# Stands in for a web server.\n{WAIT}"))
}

fn legacy(root: &Path) -> Result<(), SampleError> {
    put(root, "etc/os-release", 0o644, &os_release("9", "stretch"))?;
    put(root, "etc/debian_version", 0o644, "9.13\n")?;
    put(root, "etc/hostname", 0o644, "legacy\n")?;
    put(
        root,
        "etc/passwd",
        0o644,
        "root:x:0:0:root:/root:/bin/sh\n\
         daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
         games:x:5:60:games:/usr/games:/bin/sh\n\
         toor:x:0:0:second root:/root:/bin/sh\n\
         guest:x:1001:1001::/home/guest:/bin/sh\n\
         nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    )?;
    put(root, "etc/group", 0o644, "root:x:0:guest\ndaemon:x:1:\ngames:x:60:\nguest:x:1001:\nnogroup:x:65534:\n")?;
    put(
        root,
        "etc/shadow",
        0o644,
        "root:$1$sample$notarealhashnotarealhas:17000:0:99999:7:::\n\
         daemon:*:17000:0:99999:7:::\n\
         games:*:17000:0:99999:7:::\n\
         toor:$1$sample$notarealhashnotarealhas:17000:0:99999:7:::\n\
         guest::17000:0:99999:7:::\n\
         nobody:*:17000:0:99999:7:::\n",
    )?;
    put(root, "etc/login.defs", 0o644, "UMASK\t\t000\nPASS_MAX_DAYS\t99999\nENCRYPT_METHOD MD5\n")?;
    let packages = [
        ("base-files", "9.9+deb9u13", "Debian base system miscellaneous files"),
        ("gcc", "4:6.3.0-4", "GNU C compiler"),
        ("libc6", "2.24-11+deb9u4", "GNU C Library: Shared libraries"),
        ("openssh-server", "1:7.4p1-10+deb9u7", "secure shell (SSH) server, for secure access from remote machines"),
        ("sudo", "1.8.19p1-2.1+deb9u3", "Provide limited super user privileges to specific users"),
        ("telnetd", "0.17-41", "basic telnet server"),
    ];
    put(root, "var/lib/dpkg/status", 0o644, &dpkg_status(&packages))?;
    put(root, "etc/ssh/sshd_config", 0o644, "Port 22\nPermitRootLogin yes\nPasswordAuthentication yes\n")?;
    put(root, "etc/app.conf", 0o666, "debug = true\n")?;
    put(root, "var/spool/drop/.keep", 0o644, "")?;
    set_mode(&root.join("var/spool/drop"), 0o777)?;
    put(root, "opt/bin/.keep", 0o644, "")?;
    set_mode(&root.join("opt/bin"), 0o777)?;
    // The heads of these files are what an audit looks for; what follows opens nothing.
    let key = format!("-----BEGIN {0} KEY-----\nbm90IGEga2V5\n-----END {0} KEY-----\n", "PRIVATE");
    put(root, "etc/ssl/private/server.key", 0o644, &key)?;
    put(root, "root/.git-credentials", 0o600, "https://sample:sample@git.example.test\n")?;
    put(root, "root/.docker/config.json", 0o600, "{\"auths\":{\"registry.example.test\":{\"auth\":\"c2FtcGxl\"}}}\n")?;
    let shell = root.join("usr/bin/sh");
    let copy = root.join("usr/local/bin/rootsh");
    fs::copy(&shell, &copy).map_err(SampleError::file(&shell))?;
    set_mode(&copy, 0o4755)?;
    put(root, "usr/sbin/sshd", 0o755, &format!("#!/bin/sh\n# Stands in for an ssh server.\n{WAIT}"))?;
    put(root, "usr/local/bin/start-all", 0o755, &format!("#!/bin/sh\n/usr/sbin/sshd -D &\n{WAIT}"))
}

fn os_release(version: &str, codename: &str) -> String {
    format!(
        "PRETTY_NAME=\"Debian GNU/Linux {version} ({codename})\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"{version}\"\n\
         VERSION=\"{version} ({codename})\"\nVERSION_CODENAME={codename}\nID=debian\n\
         HOME_URL=\"https://www.debian.org/\"\n"
    )
}

fn dpkg_status(packages: &[(&str, &str, &str)]) -> String {
    let paragraph = |(name, version, description): &(&str, &str, &str)| {
        format!(
            "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: misc\nInstalled-Size: 100\n\
             Maintainer: Sample <sample@example.test>\nArchitecture: amd64\nVersion: {version}\n\
             Description: {description}\n\n"
        )
    };
    packages.iter().map(paragraph).collect()
}

fn put(root: &Path, path: &str, mode: u32, content: &str) -> Result<(), SampleError> {
    let path = root.join(path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(SampleError::file(parent))?;
    }
    fs::write(&path, content).map_err(SampleError::file(&path))?;
    set_mode(&path, mode)
}

/// Modes are set, not asked for: the umask has no say in a sample.
fn set_mode(path: &Path, mode: u32) -> Result<(), SampleError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(SampleError::file(path))
}
