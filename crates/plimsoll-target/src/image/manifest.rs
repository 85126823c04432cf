//! Which image an archive holds, and of which layers it consists.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::archive::Archive;
use super::digest::Digest;
use super::error::ImageError;
use super::layer::Layer;

/// How deep indexes may stand in indexes.
const MAX_DEPTH: usize = 4;
/// How many manifests an archive may name.
const MAX_MANIFESTS: usize = 1000;

/// An image: its id (the digest of its configuration) and its layers, the lowest first, all verified.
pub(super) struct Image {
    pub(super) id: String,
    pub(super) layers: Vec<Layer>,
}

impl Image {
    /// The image of an OCI layout or, where the archive is none, of what `docker save` once wrote.
    pub(super) fn find(archive: &Archive) -> Result<Self, ImageError> {
        if archive.has("oci-layout") && archive.has("index.json") {
            return oci(archive);
        }
        if archive.has("manifest.json") {
            return docker(archive);
        }
        let reason = "it holds neither oci-layout and index.json nor manifest.json; write one by `docker save`, \
                      `podman save` or `skopeo copy … oci-archive:FILE`";
        Err(ImageError::NotAnImage { file: archive.path().to_owned(), reason: reason.to_owned() })
    }
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    platform: Option<Platform>,
    #[serde(default)]
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

impl Descriptor {
    fn is_index(&self) -> bool {
        self.media_type.ends_with(".image.index.v1+json") || self.media_type.ends_with(".manifest.list.v2+json")
    }

    /// A statement about an image, which lies beside it in the index.
    fn is_attestation(&self) -> bool {
        self.annotations.as_ref().is_some_and(|all| all.contains_key("vnd.docker.reference.type"))
    }

    fn digest(&self, named_by: &str) -> Result<Digest, ImageError> {
        Digest::parse(&self.digest).ok_or_else(|| ImageError::Document {
            name: named_by.to_owned(),
            reason: format!("{:?} is no sha256 or sha512 digest", self.digest),
        })
    }
}

fn oci(archive: &Archive) -> Result<Image, ImageError> {
    let index: Index = parse("index.json", &archive.blob("index.json", "an OCI layout")?.document("index.json")?)?;
    let mut manifests = Vec::new();
    collect(archive, "index.json", index, MAX_DEPTH, &mut manifests)?;
    let (named_by, chosen) = choose(manifests)?;
    let (name, blob) = archive.verified(&chosen.digest(&named_by)?, &named_by)?;
    let manifest: Manifest = parse(&name, &blob.document(&name)?)?;
    let layers = manifest.layers.iter().map(|layer| {
        let (name, blob) = archive.verified(&layer.digest(&name)?, &name)?;
        Layer::new(name, blob)
    });
    Ok(Image { id: manifest.config.digest(&name)?.to_string(), layers: layers.collect::<Result<_, _>>()? })
}

/// The manifests that an index names, those of the indexes in it too, each with the name of what names it.
fn collect(
    archive: &Archive,
    name: &str,
    index: Index,
    depth: usize,
    manifests: &mut Vec<(String, Descriptor)>,
) -> Result<(), ImageError> {
    for entry in index.manifests {
        if manifests.len() >= MAX_MANIFESTS || (entry.is_index() && depth == 0) {
            let reason = format!("it leads to more than {MAX_MANIFESTS} manifests, or through {MAX_DEPTH} indexes");
            return Err(ImageError::Document { name: name.to_owned(), reason });
        }
        if entry.is_index() {
            let (inner, blob) = archive.verified(&entry.digest(name)?, name)?;
            collect(archive, &inner, parse(&inner, &blob.document(&inner)?)?, depth - 1, manifests)?;
        } else if !entry.is_attestation() && !manifests.iter().any(|(_, known)| known.digest == entry.digest) {
            manifests.push((name.to_owned(), entry));
        }
    }
    Ok(())
}

/// The one for this machine's platform, else the only one.
fn choose(mut manifests: Vec<(String, Descriptor)>) -> Result<(String, Descriptor), ImageError> {
    let here = Platform { os: "linux".into(), architecture: architecture().into() };
    let fits = |entry: &(String, Descriptor)| entry.1.platform.as_ref() == Some(&here);
    if manifests.iter().filter(|entry| fits(entry)).count() == 1 {
        manifests.retain(fits);
    }
    if manifests.len() > 1 {
        let found: Vec<_> = manifests.iter().map(|(_, entry)| describe(entry)).collect();
        return Err(ImageError::Choice(format!(
            "the archive holds {} images and not exactly one for {}: {}; save the one that is meant alone",
            manifests.len(),
            describe_platform(&here),
            found.join(", ")
        )));
    }
    manifests.pop().ok_or_else(|| ImageError::Choice("the archive's index names no image".into()))
}

fn describe(entry: &Descriptor) -> String {
    let platform = entry.platform.as_ref().map_or_else(|| "no platform".to_owned(), describe_platform);
    format!("{} ({platform})", entry.digest)
}

fn describe_platform(platform: &Platform) -> String {
    format!("{}/{}", platform.os, platform.architecture)
}

/// This machine's architecture by the name that images give it.
pub(super) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        "x86" => "386",
        other => other,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerImage {
    config: String,
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct DockerConfig {
    rootfs: DockerRoot,
}

#[derive(Deserialize)]
struct DockerRoot {
    diff_ids: Vec<String>,
}

fn docker(archive: &Archive) -> Result<Image, ImageError> {
    let list = "manifest.json";
    let mut images: Vec<DockerImage> = parse(list, &archive.blob(list, "a Docker archive")?.document(list)?)?;
    if images.len() > 1 {
        let count = images.len();
        return Err(ImageError::Choice(format!("the archive holds {count} images; save the one that is meant alone")));
    }
    let image = images.pop().ok_or_else(|| ImageError::Choice("the archive's manifest.json names no image".into()))?;
    let config = archive.blob(&image.config, list)?.document(&image.config)?;
    let diffs = parse::<DockerConfig>(&image.config, &config)?.rootfs.diff_ids;
    if diffs.len() != image.layers.len() {
        let reason = format!("it has digests for {} layers, but manifest.json has {}", diffs.len(), image.layers.len());
        return Err(ImageError::Document { name: image.config, reason });
    }
    let layers = image.layers.iter().zip(&diffs).map(|(name, diff)| {
        let layer = Layer::new(name.clone(), archive.blob(name, list)?)?;
        let digest = Digest::parse(diff).ok_or_else(|| ImageError::Document {
            name: image.config.clone(),
            reason: format!("{diff:?} is no sha256 or sha512 digest"),
        })?;
        layer.verify(&digest)?;
        Ok(layer)
    });
    Ok(Image { layers: layers.collect::<Result<_, _>>()?, id: format!("sha256:{:x}", Sha256::digest(&config)) })
}

fn parse<T: DeserializeOwned>(name: &str, document: &[u8]) -> Result<T, ImageError> {
    serde_json::from_slice(document)
        .map_err(|error| ImageError::Document { name: name.to_owned(), reason: error.to_string() })
}
