//! `cargo xtask image`: the images that tests run, made on this machine without a registry.

pub(crate) mod agent;
pub(crate) mod archive;
pub(crate) mod busybox;
pub(crate) mod debian;
pub(crate) mod pause;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::home::Home;

/// An image that end-to-end tests run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Image {
    /// A minimal Debian
    Debian,
    /// Busybox with a shell and accounts, and no package manager
    Busybox,
    /// One static program: no shell, no accounts, no other file
    Static,
    /// Plimsoll itself, for debug containers and sidecars
    Agent,
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// Which to build; all unless told
    images: Vec<Image>,
    /// Build again what is there
    #[arg(long)]
    rebuild: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let home = Home::locate()?;
    let _lock = home.lock()?;
    let chosen = if arguments.images.is_empty() { Image::value_variants() } else { &arguments.images };
    for image in chosen {
        if arguments.rebuild {
            let _ = fs::remove_file(image.path(&home));
        }
        println!("{}  {}", image.name(), image.archive(&home)?.display());
    }
    Ok(ExitCode::SUCCESS)
}

impl Image {
    /// The name that pods run it by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debian => "plimsoll.test/debian:1",
            Self::Busybox => "plimsoll.test/busybox:1",
            Self::Static => "plimsoll.test/static:1",
            Self::Agent => plimsoll_cluster::agent::IMAGE,
        }
    }

    /// The image's archive; built if it is not there.
    pub(crate) fn archive(self, home: &Home) -> Result<PathBuf> {
        let finished = self.path(home);
        // The agent's is as new as the program: cargo knows whether it is.
        if !finished.exists() || self == Self::Agent {
            let directory = home.join("images");
            fs::create_dir_all(&directory)?;
            let unfinished = tempfile::NamedTempFile::new_in(directory)?;
            self.build(unfinished.path()).with_context(|| format!("cannot build {}", self.name()))?;
            if !is_same(unfinished.path(), &finished)? {
                unfinished.persist(&finished)?;
            }
        }
        Ok(finished)
    }

    fn build(self, archive: &Path) -> Result<()> {
        match self {
            Self::Debian => debian::build(self.name(), archive),
            Self::Busybox => busybox::build(self.name(), archive),
            Self::Static => pause::build(self.name(), archive),
            Self::Agent => agent::build(self.name(), archive),
        }
    }

    /// An archive of the agent's image with this program in it, which is not asked for its size.
    pub(crate) fn archive_of_agent(program: &Path, directory: &Path) -> Result<PathBuf> {
        let archive = directory.join("agent.tar");
        agent::write(Self::Agent.name(), program, &archive)?;
        Ok(archive)
    }

    fn path(self, home: &Home) -> PathBuf {
        let name = self.name().replace(['/', ':'], "-");
        home.join("images").join(format!("{name}.tar"))
    }
}

/// Whether two files have the same content: a cluster that has an archive need not be given it again.
fn is_same(one: &Path, other: &Path) -> Result<bool> {
    Ok(other.exists() && fs::metadata(one)?.len() == fs::metadata(other)?.len() && fs::read(one)? == fs::read(other)?)
}

/// This machine's architecture, as Go and OCI name it.
pub(crate) fn architecture() -> Result<&'static str> {
    match env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => bail!("no images can be made for {other}"),
    }
}
