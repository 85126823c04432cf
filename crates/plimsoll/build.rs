//! Puts the example profile into the binary, so that the demo needs nothing beside it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const PROFILE: &str = "../../examples/profiles/container-baseline";

fn main() -> io::Result<()> {
    let variable = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(name));
    let profile = variable("CARGO_MANIFEST_DIR")?.join(PROFILE).canonicalize()?;
    println!("cargo::rerun-if-changed={}", profile.display());
    let mut list = String::from("&[\n");
    files(&profile, "", &mut list)?;
    list.push_str("]\n");
    fs::write(variable("OUT_DIR")?.join("container_baseline.rs"), list)
}

/// Writes the entries of a directory as `("path/in/the/profile", include_bytes!("/path/here"))`.
fn files(directory: &Path, prefix: &str, list: &mut String) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type()?.is_dir() {
            files(&path, &format!("{prefix}{name}/"), list)?;
        } else {
            let path = path.to_str().ok_or_else(|| io::Error::other("the project's path is not UTF-8"))?;
            writeln!(list, "    ({:?}, include_bytes!({path:?}).as_slice()),", format!("{prefix}{name}"))
                .map_err(io::Error::other)?;
        }
    }
    Ok(())
}
