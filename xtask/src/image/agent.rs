//! The agent's image: this program, static, and nothing else.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::archive;
use crate::e2e::plimsoll::project;

/// As large as the compressed image may be: nodes pull it while a scan waits.
const LARGEST: u64 = 10 << 20;

/// The user that images without a word of their own are given to: not root, and nobody's account.
const USER: &str = "65532:65532";

/// Builds the program and writes its image.
pub(crate) fn build(name: &str, archive: &Path) -> Result<()> {
    let target = format!("{}-unknown-linux-musl", env::consts::ARCH);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--profile", "image", "--package", "plimsoll", "--target", &target]);
    command.args(["--message-format", "json-render-diagnostics"]);
    let output = command.current_dir(project()).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    ensure!(
        output.status.success(),
        "plimsoll does not build for {target}; that takes `rustup target add {target}` and musl-tools"
    );
    let program = crate::e2e::plimsoll::executable(&output.stdout)?;
    write(name, &program, archive)?;
    let size = fs::metadata(archive)?.len();
    ensure!(size <= LARGEST, "the image has {size} bytes, and {LARGEST} are allowed");
    Ok(())
}

/// Writes the image of a static program.
pub(super) fn write(name: &str, program: &Path, archive: &Path) -> Result<()> {
    let root = tempfile::tempdir()?;
    fs::copy(program, root.path().join("plimsoll")).with_context(|| format!("no program {}", program.display()))?;
    reset(root.path())?;
    archive::write_as(name, root.path(), &["/plimsoll"], USER, archive)
}

/// One time for all files: the same program gives the same image.
fn reset(root: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    for path in [&root.join("plimsoll"), root] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
        fs::File::open(path)?.set_modified(std::time::UNIX_EPOCH)?;
    }
    Ok(())
}
