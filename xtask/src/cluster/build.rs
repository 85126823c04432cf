//! Building Kubernetes: one program with all components, from the Go modules that the Kubernetes project publishes.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::packages;
use crate::home::Home;
use crate::image;

/// The image of every pod's first container.
pub(crate) const PAUSE_IMAGE: &str = "plimsoll.test/pause:1";

const MINOR: &str = "34";
const PATCH: &str = "4";
const MAIN: &str = include_str!("../../cluster/main.go");
const LINKS: [&str; 5] = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kubectl"];

/// The Go that builds this Kubernetes where the machine's own is too old to fetch a newer one by itself.
const GO: &str = "1.24.13";

/// Builds the components' programs and the pause image, unless they are there.
pub(crate) fn kubernetes(home: &Home) -> Result<()> {
    let finished = directory(home);
    if finished.is_dir() {
        return Ok(());
    }
    let building = finished.with_extension("building");
    if building.exists() {
        fs::remove_dir_all(&building)?; // an interrupted build
    }
    fs::create_dir_all(&building)?;
    println!(
        "building Kubernetes {} (once; about 6 minutes on two cores, half a minute if Go has built it before)",
        version()
    );
    compile(&building)?;
    for name in LINKS {
        symlink("kubernetes", building.join(name))?;
    }
    image::pause::build(PAUSE_IMAGE, &building.join("pause.tar"))?;
    // Whoever sees the final name sees all of it.
    fs::rename(&building, &finished)?;
    Ok(())
}

/// Where a build of exactly these sources is kept.
pub(crate) fn directory(home: &Home) -> PathBuf {
    let sources = [MAIN, include_str!("../../cluster/pause.c"), include_str!("build.rs")];
    let hash = Sha256::digest(sources.concat());
    home.join("kubernetes").join(format!("{}-{:02x}{:02x}{:02x}{:02x}", version(), hash[0], hash[1], hash[2], hash[3]))
}

fn version() -> String {
    format!("v1.{MINOR}.{PATCH}")
}

fn compile(directory: &Path) -> Result<()> {
    let go = go()?;
    let source = directory.join("source");
    fs::create_dir(&source)?;
    fs::write(source.join("main.go"), MAIN)?;
    fs::write(source.join("go.mod"), module(&go, &source)?)?;
    run(&mut command(&go, &source, &["mod", "tidy"]))?;
    // Without this the server calls itself v0.0.0-master, which clients that compare versions don't understand.
    let package = "k8s.io/component-base/version";
    let flags =
        format!("-s -w -X {package}.gitVersion={} -X {package}.gitMajor=1 -X {package}.gitMinor={MINOR}", version());
    run(&mut command(&go, &source, &["build", "-trimpath", "-ldflags", &flags, "-o", "../kubernetes", "."]))
}

/// Our module file. Kubernetes' own replaces its sister modules (k8s.io/api and thirty more) by directories of its source
/// tree, which a module that depends on it does not have: name their published versions instead.
fn module(go: &Path, directory: &Path) -> Result<String> {
    let published = download(go, directory, &format!("k8s.io/kubernetes@{}", version()), "GoMod")?;
    let original = fs::read_to_string(published)?;
    let mut module = format!(
        "module plimsoll.test/kubernetes\n\ngo 1.24.0\n\ngodebug default=go1.24\n\nrequire k8s.io/kubernetes {}\n",
        version()
    );
    for line in original.lines() {
        if let Some((name, _)) = line.trim().split_once(" => ./staging/") {
            writeln!(module, "replace {name} => {name} v0.{MINOR}.{PATCH}")?;
        }
    }
    Ok(module)
}

/// A Go that can build Kubernetes. From 1.21 on the go command fetches the version a module asks for; before, we do.
fn go() -> Result<PathBuf> {
    let own = packages::find("go").context("go is not installed")?;
    let output = Command::new(&own).args(["env", "GOVERSION"]).output().context("cannot run go")?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let minor = version.strip_prefix("go1.").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    if minor.is_some_and(|minor| minor >= 21) {
        return Ok(own);
    }
    println!("this machine's {version} can't build Kubernetes: fetching go{GO} from the Go module proxy");
    let architecture = image::architecture()?;
    let module = format!("golang.org/toolchain@v0.0.1-go{GO}.linux-{architecture}");
    let root = PathBuf::from(download(&own, Path::new("/"), &module, "Dir")?);
    // Modules hold no executables and no go.mod of their own below the first: the go command, where it knows of
    // toolchains, puts both right after a download just like this.
    allow_execution(&root.join("bin"))?;
    allow_execution(&root.join("pkg/tool"))?;
    for directory in ["src", "src/cmd"] {
        let kept = root.join(directory).join("_go.mod");
        let wanted = root.join(directory).join("go.mod");
        if kept.exists() && !wanted.exists() {
            fs::set_permissions(root.join(directory), fs::Permissions::from_mode(0o755))?;
            fs::copy(kept, wanted)?;
        }
    }
    Ok(root.join("bin/go"))
}

/// Downloads a module, its sum checked by the go command, and returns one field of what go says about it.
fn download(go: &Path, directory: &Path, module: &str, field: &str) -> Result<String> {
    let output = command(go, directory, &["mod", "download", "-json", module]).output().context("cannot run go")?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    match answer[field].as_str() {
        Some(value) => Ok(value.to_owned()),
        None => bail!(
            "cannot download {module}: {}{}",
            answer["Error"].as_str().unwrap_or_default(),
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

fn allow_execution(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            allow_execution(&entry.path())?;
        } else {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

fn command(go: &Path, directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(go);
    // The sources are not under version control; no workspace, flag or root of the user's has a say in this build.
    command
        .env_remove("GOROOT")
        .args(arguments)
        .current_dir(directory)
        .env("GOFLAGS", "-buildvcs=false")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "0");
    if std::env::var_os("HOME").is_none() {
        command.env("HOME", "/root");
    }
    command
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        bail!("go {} failed: {}\n{}", arguments.join(" "), output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
