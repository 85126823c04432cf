//! The programs of this machine that go into every sample, with the libraries they need.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::SampleError;
use super::elf::{self, Program};

/// Without these there is nothing to audit with.
const NEEDED: &[&str] = &["sh", "cat", "env", "find", "ls", "sleep", "stat"];

/// What else a container usually has; what this machine lacks, its samples lack, too.
const WANTED: &[&str] = &[
    "[",
    "arch",
    "awk",
    "base64",
    "basename",
    "bash",
    "chmod",
    "chown",
    "cksum",
    "cmp",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "diff",
    "dirname",
    "dpkg-query",
    "du",
    "echo",
    "expr",
    "false",
    "free",
    "getent",
    "grep",
    "groups",
    "gzip",
    "head",
    "hostname",
    "id",
    "install",
    "ip",
    "join",
    "ln",
    "md5sum",
    "mkdir",
    "mktemp",
    "mount",
    "mv",
    "nl",
    "nproc",
    "od",
    "paste",
    "pgrep",
    "pidof",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sha256sum",
    "sha512sum",
    "sort",
    "split",
    "ss",
    "stty",
    "sum",
    "sysctl",
    "tac",
    "tail",
    "tar",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "tty",
    "uname",
    "uniq",
    "uptime",
    "wc",
    "who",
    "whoami",
    "xargs",
    "yes",
];

/// Where programs are looked for, whatever the caller's PATH says.
const DIRECTORIES: &[&str] = &["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin"];

/// What to copy and to link, found out once for all samples of this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Toolbox {
    /// Programs as they are called, with the file that they really are.
    programs: Vec<(String, PathBuf)>,
    /// Loaders and libraries; each is copied to the very path that programs look it up at.
    libraries: BTreeSet<PathBuf>,
}

impl Toolbox {
    /// Look this machine's tools up.
    pub(super) fn of_this_machine() -> Result<Self, SampleError> {
        static FOUND: Mutex<Option<Toolbox>> = Mutex::new(None);
        let mut found = FOUND.lock().expect("the toolbox is set in one step");
        if let Some(toolbox) = found.as_ref() {
            return Ok(toolbox.clone());
        }
        let mut toolbox = Toolbox::default();
        for name in NEEDED {
            if !toolbox.add(name)? {
                return Err(SampleError::MissingTool((*name).to_owned()));
            }
        }
        for name in WANTED {
            toolbox.add(name)?;
        }
        toolbox.add_name_services();
        Ok(found.insert(toolbox).clone())
    }

    /// Add a program; false when this machine has none of that name, or only a script.
    fn add(&mut self, name: &str) -> Result<bool, SampleError> {
        let places = DIRECTORIES.iter().map(|directory| Path::new(directory).join(name));
        let Some(file) = places.filter_map(|path| path.canonicalize().ok()).find(|path| path.is_file()) else {
            return Ok(false);
        };
        let known = self.programs.iter().any(|(_, other)| *other == file);
        if !known {
            match elf::inspect(&file) {
                // What may not be read can't be copied either.
                Err(_) | Ok(None) => return Ok(false),
                Ok(Some(Program::Static)) => {}
                Ok(Some(Program::Dynamic(loader))) => self.libraries.extend(libraries(&loader, &file)?),
            }
        }
        self.programs.push((name.to_owned(), file));
        Ok(true)
    }

    /// Older C libraries load the lookup of accounts at run time, so no program names it.
    fn add_name_services(&mut self) {
        let beside: Vec<PathBuf> = self
            .libraries
            .iter()
            .filter(|library| library.file_name().is_some_and(|name| name == "libc.so.6"))
            .map(|library| library.with_file_name("libnss_files.so.2"))
            .filter(|library| library.is_file())
            .collect();
        self.libraries.extend(beside);
    }

    /// Copy everything below a root directory.
    pub(super) fn copy_to(&self, root: &Path) -> Result<(), SampleError> {
        for library in &self.libraries {
            copy(library, &below(root, library))?;
        }
        for (name, file) in &self.programs {
            // A program that goes by several names is copied once, under its own.
            let own = file.file_name().unwrap_or_default();
            let copied = root.join("usr/bin").join(own);
            if !copied.exists() {
                copy(file, &copied)?;
            }
            let link = root.join("usr/bin").join(name);
            if own != name.as_str() && link.symlink_metadata().is_err() {
                symlink(own, &link).map_err(SampleError::file(&link))?;
            }
        }
        Ok(())
    }
}

fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn copy(from: &Path, to: &Path) -> Result<(), SampleError> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(SampleError::file(parent))?;
    }
    fs::copy(from, to).map_err(SampleError::file(from))?;
    // This machine's own setuid bits have no place in a sample.
    fs::set_permissions(to, Permissions::from_mode(0o755)).map_err(SampleError::file(to))
}

/// The loader and the libraries of a program, by asking the loader: it alone knows its search path.
fn libraries(loader: &Path, program: &Path) -> Result<BTreeSet<PathBuf>, SampleError> {
    let fail = |why: String| SampleError::Libraries(program.to_owned(), why);
    let output = Command::new(loader).arg("--list").arg(program).output().map_err(|error| fail(error.to_string()))?;
    if !output.status.success() {
        return Err(fail(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let mut libraries = listed(&String::from_utf8_lossy(&output.stdout));
    libraries.insert(loader.to_owned());
    Ok(libraries)
}

/// The paths of a loader's list: `name => /path (0x…)`, or the path alone.
fn listed(text: &str) -> BTreeSet<PathBuf> {
    let paths = text.lines().filter_map(|line| {
        let line = line.trim();
        let path = line.split_once(" => ").map_or(line, |(_, path)| path);
        let path = path.rsplit_once(" (").map_or(path, |(path, _)| path);
        path.starts_with('/').then(|| PathBuf::from(path))
    });
    paths.collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::listed;

    #[test]
    fn loaders_lists_are_read_in_both_forms() {
        let glibc = "\tlinux-vdso.so.1 (0x00007ff)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\
                     \t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        let expected = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"].map(PathBuf::from);
        assert!(listed(glibc).iter().eq(&expected));
        let musl = "\t/lib/ld-musl-x86_64.so.1 (0x7f)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f)\n";
        assert_eq!(listed(musl).len(), 1);
    }
}
