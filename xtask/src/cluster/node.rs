//! The running cluster: starting it, asking it, removing it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::components::{self, Component, NAMES, NODE, Names};
use super::{build, init, kernel, packages, processes};
use crate::home::Home;
use crate::image::Image;

/// The path of a Unix socket has at most 107 bytes; ours are the directory's plus this much.
const LONGEST_SOCKET: usize = 60;

/// How long a component may be missing while the cluster starts.
const START: Duration = Duration::from_secs(5);

/// The name of the first process's log.
const INIT: &str = "init";

/// The cluster of one cache directory, running or not.
pub(crate) struct Node {
    cache: PathBuf,
    directory: PathBuf,
    kubernetes: PathBuf,
    id: String,
    subnet: u8,
}

impl Node {
    pub(crate) fn new(home: &Home) -> Result<Self> {
        let directory = home.join("cluster");
        let path = directory.as_os_str().as_encoded_bytes();
        if path.len() > 107 - LONGEST_SOCKET {
            bail!("{} is too long for the sockets below it: set PLIMSOLL_CACHE to a shorter path", directory.display());
        }
        if let Some(private) = init::PRIVATE.iter().find(|private| directory.starts_with(private)) {
            bail!("the cluster sees a {private} of its own: set PLIMSOLL_CACHE to a directory elsewhere");
        }
        let hash = Sha256::digest(path);
        let id = format!("plimsoll-{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2]);
        Ok(Self { cache: home.join(""), directory, kubernetes: build::directory(home), id, subnet: hash[3] })
    }

    /// The administrator's kubeconfig.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.directory.join("kubeconfig")
    }

    /// A kubectl of the cluster's version.
    pub(crate) fn kubectl(&self) -> PathBuf {
        self.kubernetes.join("kubectl")
    }

    /// Each component, with its process if it runs.
    pub(crate) fn components(&self) -> Vec<(&'static str, Option<i32>)> {
        let running = processes::find(&self.directory).unwrap_or_default();
        let pid_of = |name| running.iter().find(|p| p.name == name).map(|p| p.pid.as_raw_nonzero().get());
        NAMES.into_iter().map(|name| (name, pid_of(name))).collect()
    }

    /// Whether everything runs, the node takes pods, and pods can be created in the default namespace.
    pub(crate) fn is_ready(&self) -> bool {
        self.components().iter().all(|(_, process)| process.is_some()) && self.answers()
    }

    /// Starts every component and waits until the cluster is ready.
    pub(crate) fn start(&self) -> Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        kernel::save_settings(&self.settings())?;
        let log = fs::File::create(self.log(INIT))?;
        init::start(&self.cache, (processes::MARK, &self.directory), log)?;
        self.wait("containerd answers", Duration::from_secs(30), || self.ctr(&["version"]).is_ok())?;
        self.import(&self.kubernetes.join("pause.tar"))?;
        self.wait("the node is ready", Duration::from_secs(120), || self.answers())
    }

    /// Writes the components' configuration; says what to start.
    pub(crate) fn configure(&self) -> Result<Vec<Component>> {
        let names = Names { directory: &self.directory, id: &self.id, subnet: self.subnet };
        components::configure(&names, &self.kubernetes)
    }

    /// Where the cluster runs.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where a component writes what it has to say.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.log"))
    }

    /// Makes an image known to the cluster, unless this very archive is what it was given last.
    pub(crate) fn load(&self, image: Image, archive: &Path) -> Result<()> {
        let given = format!("{} {:?}", archive.display(), fs::metadata(archive)?.modified()?);
        let loaded = self.directory.join("loaded");
        fs::create_dir_all(&loaded)?;
        let note = loaded.join(image.name().replace('/', "-"));
        if fs::read_to_string(&note).is_ok_and(|noted| noted == given) {
            return Ok(());
        }
        self.import(archive).with_context(|| format!("cannot load {}", image.name()))?;
        Ok(fs::write(note, given)?)
    }

    fn import(&self, archive: &Path) -> Result<()> {
        let snapshotter = components::snapshotter(&self.directory)?;
        let archive = archive.to_string_lossy();
        self.ctr(&["images", "import", "--snapshotter", snapshotter, &archive])
            .with_context(|| format!("cannot import {archive}"))
    }

    /// Stops every process and removes everything the cluster made, whatever state it is in.
    pub(crate) fn remove(&self) -> Result<()> {
        processes::end(&self.directory)?;
        kernel::remove_control_groups(&self.containers())?;
        kernel::restore_settings(&self.settings())?;
        if self.directory.exists() {
            fs::remove_dir_all(&self.directory)
                .with_context(|| format!("cannot remove {}", self.directory.display()))?;
        }
        Ok(())
    }

    /// Every container that containerd has records of, also of those it could not finish.
    fn containers(&self) -> BTreeSet<String> {
        let records = [
            "root/io.containerd.grpc.v1.cri/sandboxes",
            "root/io.containerd.grpc.v1.cri/containers",
            "state/io.containerd.runtime.v2.task/k8s.io",
        ];
        records
            .into_iter()
            .flat_map(|directory| fs::read_dir(self.directory.join("containerd").join(directory)))
            .flatten()
            .flatten()
            .filter_map(|record| record.file_name().into_string().ok())
            .collect()
    }

    fn settings(&self) -> PathBuf {
        self.directory.join("settings")
    }

    fn answers(&self) -> bool {
        let node = format!("node/{NODE}");
        let ready = r#"-o=jsonpath={.items[0].status.conditions[?(@.type=="Ready")].status}"#;
        Command::new(self.kubectl())
            .arg(format!("--kubeconfig={}", self.kubeconfig().display()))
            .args(["--request-timeout=5s", "--namespace=default", "get", &node, "serviceaccount/default", ready])
            .stderr(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success() && output.stdout == b"True")
    }

    fn ctr(&self, arguments: &[&str]) -> Result<()> {
        let program = packages::find("ctr").context("ctr (of containerd) is not installed")?;
        let output = Command::new(program)
            .arg("--address")
            .arg(self.directory.join("containerd.sock"))
            .args(["--namespace", "k8s.io"])
            .args(arguments)
            .output()?;
        if !output.status.success() {
            bail!("ctr {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    /// Waits for a condition, but not for one that can't come: a component that ended for good is the reason to report.
    fn wait(&self, what: &str, limit: Duration, condition: impl Fn() -> bool) -> Result<()> {
        let start = Instant::now();
        let mut complete = start;
        while !condition() {
            let missing = self.components().into_iter().find(|(_, process)| process.is_none());
            if missing.is_none() {
                complete = Instant::now();
            }
            if let Some((name, _)) = missing.filter(|_| complete.elapsed() > START) {
                let said = [INIT, name].map(|name| end_of(&self.log(name))).join("\n");
                bail!("{name} does not run; the last it said:\n{said}");
            }
            if start.elapsed() > limit {
                let logs = self.directory.join("*.log");
                bail!("waited {} s until {what}, in vain; see {}", limit.as_secs(), logs.display());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

fn end_of(log: &Path) -> String {
    let log = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
