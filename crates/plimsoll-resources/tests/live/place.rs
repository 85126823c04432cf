//! The places that are compared, made where this machine can make them.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use flate2::read::GzDecoder;
use plimsoll_target::{RootfsTarget, Target};

/// A live system, or a directory that holds one.
pub(crate) struct Place {
    target: Arc<dyn Target>,
    /// Where its root is on this machine.
    directory: Option<Directory>,
}

/// A directory that goes away with what is mounted in it.
struct Directory {
    path: tempfile::TempDir,
    proc_is_mounted: bool,
}

impl Drop for Directory {
    fn drop(&mut self) {
        if self.proc_is_mounted {
            let unmounted = Command::new("umount").arg(self.path.path().join("proc")).status();
            // Nothing may be removed below a mount.
            assert!(
                unmounted.is_ok_and(|status| status.success()),
                "proc is still mounted in {}",
                self.path.path().display()
            );
        }
    }
}

impl Place {
    pub(crate) fn of(target: Arc<dyn Target>) -> Self {
        Self { target, directory: None }
    }

    fn in_directory(directory: Directory) -> Result<Self, String> {
        let target = RootfsTarget::open(directory.path.path()).map_err(|error| error.to_string())?;
        Ok(Self { target: Arc::new(target), directory: Some(directory) })
    }

    pub(crate) fn target(&self) -> Arc<dyn Target> {
        Arc::clone(&self.target)
    }

    /// Where its root is on this machine, `/` for the machine itself.
    pub(crate) fn root(&self) -> &Path {
        self.directory.as_ref().map_or(Path::new("/"), |directory| directory.path.path())
    }

    /// What a command prints there.
    pub(crate) fn run(&self, line: &str) -> Result<String, String> {
        let output = self.target.run(line.as_bytes()).map_err(|error| error.to_string())?;
        let output = output.map_err(|error| format!("{line}: {error}"))?;
        if output.exit_status != 0 {
            return Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub(crate) fn has(&self, tool: &str) -> Result<(), String> {
        self.run(&format!("command -v {tool}")).map(|_| ()).map_err(|_| format!("it has no {tool}"))
    }
}

fn directory() -> Result<Directory, String> {
    let path = tempfile::tempdir().map_err(|error| error.to_string())?;
    std::fs::set_permissions(path.path(), PermissionsExt::from_mode(0o755)).map_err(|error| error.to_string())?;
    Ok(Directory { path, proc_is_mounted: false })
}

/// Runs a program on this machine.
fn make(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).trim().chars().take(200).collect::<String>();
    if output.status.success() { Ok(()) } else { Err(format!("{program} failed: {}", said())) }
}

/// A root with a static busybox, accounts and files of every kind and mode.
pub(crate) fn busybox() -> Result<Place, String> {
    let busybox = Path::new("/bin/busybox");
    if !busybox.exists() {
        return Err("there is no /bin/busybox".into());
    }
    let directory = directory()?;
    let root = directory.path.path();
    let io = |error: std::io::Error| error.to_string();
    for name in ["bin", "etc", "tmp", "home/a", "var/mail"] {
        std::fs::create_dir_all(root.join(name)).map_err(io)?;
    }
    std::fs::copy(busybox, root.join("bin/busybox")).map_err(io)?;
    for applet in ["sh", "stat", "id", "readlink", "ls", "cat", "test"] {
        symlink("busybox", root.join("bin").join(applet)).map_err(io)?;
    }
    std::fs::write(root.join("etc/alpine-release"), "3.19.1\n").map_err(io)?;
    let passwd = "root:x:0:0:root:/root:/bin/ash\na:x:1000:1000:A,,,:/home/a:/bin/sh\nbroken\nn:x:65534:65534::/:\n";
    std::fs::write(root.join("etc/passwd"), passwd).map_err(io)?;
    let group = "root:x:0:root\nwheel:x:10:root,a\na:x:1000:\nbroken:x\nnogroup:x:65534:\n";
    std::fs::write(root.join("etc/group"), group).map_err(io)?;
    for (name, mode) in [
        ("tmp/setuid", 0o4755),
        ("tmp/setgid", 0o2711),
        ("tmp/all", 0o7777),
        ("tmp/none", 0),
        ("tmp/with a blank", 0o640),
    ] {
        std::fs::write(root.join(name), name).map_err(io)?;
        std::fs::set_permissions(root.join(name), PermissionsExt::from_mode(mode)).map_err(io)?;
    }
    std::fs::set_permissions(root.join("tmp"), PermissionsExt::from_mode(0o1777)).map_err(io)?;
    std::fs::set_permissions(root.join("var/mail"), PermissionsExt::from_mode(0o2775)).map_err(io)?;
    symlink("/tmp/setuid", root.join("tmp/link")).map_err(io)?;
    // Another owner, where this process may give files away.
    let _ = std::os::unix::fs::chown(root.join("tmp/setgid"), Some(1000), Some(10));
    let place = Place::in_directory(directory)?;
    place.run("true").map_err(|error| format!("nothing runs in a directory here: {error}"))?;
    Ok(place)
}

/// Whether a Debian is to be made.
pub(crate) fn is_debian_wanted() -> bool {
    std::env::var_os("PLIMSOLL_DEBOOTSTRAP").is_some()
}

/// A minimal Debian, with the tools that are compared.
pub(crate) fn debian() -> Result<Place, String> {
    if !is_debian_wanted() {
        return Err("PLIMSOLL_DEBOOTSTRAP is not set".into());
    }
    let mut directory = directory()?;
    let path = directory.path.path().to_owned();
    let root = path.to_str().ok_or("the directory has no name in UTF-8")?;
    let arguments =
        ["--variant=minbase", "--include=iproute2,procps", "bookworm", root, "http://deb.debian.org/debian"];
    make("debootstrap", &arguments)?;
    make("mount", &["-t", "proc", "proc", &format!("{root}/proc")])?;
    directory.proc_is_mounted = true;
    Place::in_directory(directory)
}

/// A root with a database that rpm wrote.
pub(crate) fn rpm() -> Result<Place, String> {
    make("rpm", &["--version"]).map_err(|_| "there is no rpm here")?;
    let directory = directory()?;
    let root = directory.path.path();
    let io = |error: std::io::Error| error.to_string();
    std::fs::create_dir_all(root.join("var/lib/rpm")).map_err(io)?;
    std::fs::create_dir_all(root.join("etc")).map_err(io)?;
    std::fs::write(root.join("etc/redhat-release"), "Rocky Linux release 9.3 (Blue Onyx)\n").map_err(io)?;
    let database = include_bytes!("../../src/facts/rpm/testdata/rpmdb.sqlite.gz");
    let mut file = std::fs::File::create(root.join("var/lib/rpm/rpmdb.sqlite")).map_err(io)?;
    std::io::copy(&mut GzDecoder::new(database.as_slice()), &mut file).map_err(io)?;
    Place::in_directory(directory)
}
