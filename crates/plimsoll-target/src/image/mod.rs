//! A container image in an archive, audited without unpacking it to disk and without running anything of it.

mod archive;
mod digest;
mod error;
mod files;
mod layer;
mod manifest;
mod tape;
#[cfg(test)]
mod tests;
mod zstd;

use std::path::Path;

pub use error::ImageError;

use crate::tree::{MAX_FILE, not_readable};
use crate::{Answer, FileError, FileResult, Request, RunError, Target, TargetInfo, TransportError};
use archive::Archive;
use files::{Files, Is};
use layer::{Budget, Content, Layer};
use manifest::Image;

/// The files of an image as a container made of it would see them.
///
/// The archive is an OCI layout (a directory or a tar of it) or a Docker archive, its layers are tars, compressed by gzip or
/// zstd or not at all. All that is used is verified by its digest first. Owners, modes and times are the image's, whoever audits. An index of the merged layers
/// is held in memory with the content of files up to 1 MiB, 256 MiB together; other content is read from the archive when
/// it is asked for, which takes unpacking its layer again. Commands can't run.
pub struct ImageTarget {
    files: Files,
    layers: Vec<Layer>,
    info: TargetInfo,
}

impl ImageTarget {
    /// Opens the archive at `path`, verifies it, and merges the layers of one image: of those that `wanted` says (each a
    /// name, a platform as `linux/arm64`, or a digest) the one for this machine's architecture, or the only one.
    pub fn open(path: &Path, wanted: &[String]) -> Result<Self, ImageError> {
        let Image { id, layers } = Image::find(&Archive::open(path)?, wanted)?;
        let mut files = Files::new();
        let mut budget = Budget::new();
        for (number, layer) in layers.iter().enumerate() {
            let changes = layer.changes(&mut budget)?;
            files.apply(number, changes).map_err(|reason| layer.unusable(reason))?;
        }
        let info = TargetInfo { channel: "image".into(), uri: uri(path, wanted), id: Some(id) };
        Ok(Self { files, layers, info })
    }

    fn content(&self, path: &[u8]) -> FileResult<Vec<u8>> {
        let node = self.files.find(path, true)?;
        match &node.is {
            Is::Directory(_) => Err(FileError::IsADirectory),
            Is::File(_, _, size) if *size > MAX_FILE => Err(FileError::TooLarge(MAX_FILE)),
            Is::File(Content::Held(content), ..) => Ok(content.to_vec()),
            Is::File(Content::Entry(number), layer, _) => {
                self.layers[*layer].content(*number).map_err(|error| FileError::Other(error.to_string()))
            }
            Is::Symlink(_) | Is::Special(_) => Err(not_readable(node.kind())),
        }
    }
}

fn uri(path: &Path, wanted: &[String]) -> String {
    wanted.iter().fold(format!("image:{}", path.display()), |uri, wanted| uri + "#" + wanted)
}

impl Target for ImageTarget {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let answer = |request: &Request| match request {
            Request::Run(_) => Answer::Run(Err(RunError::Unavailable("an image archive is not running".into()))),
            Request::Stat { path, follow } => Answer::Stat(self.files.find(path, *follow).map(files::Node::stat)),
            Request::Read { path } => Answer::Content(self.content(path)),
            Request::List { path } => Answer::Entries(self.files.list(path)),
        };
        Ok(requests.iter().map(answer).collect())
    }

    fn info(&self) -> TargetInfo {
        self.info.clone()
    }
}
