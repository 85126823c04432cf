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
    pub(super) fn find(archive: &Archive, wanted: &[String]) -> Result<Self, ImageError> {
        if archive.has("oci-layout") && archive.has("index.json") {
            return oci(archive, wanted);
        }
        if archive.has("manifest.json") {
            return docker(archive, wanted);
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
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

impl Platform {
    /// Whether it is the same but for the variant.
    fn is_like(&self, other: &Self) -> bool {
        (&self.os, &self.architecture) == (&other.os, &other.architecture)
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl Descriptor {
    fn is_index(&self) -> bool {
        self.media_type.ends_with(".image.index.v1+json") || self.media_type.ends_with(".manifest.list.v2+json")
    }

    /// A statement about an image, which lies beside it in the index.
    fn is_attestation(&self) -> bool {
        self.annotations.as_ref().is_some_and(|all| all.contains_key("vnd.docker.reference.type"))
    }

    /// What tools call it: containerd and Docker by its whole name, others by its tag.
    fn names(&self) -> impl Iterator<Item = String> {
        let keys = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];
        keys.into_iter().filter_map(|key| self.annotations.as_ref()?.get(key).cloned())
    }

    fn digest(&self, named_by: &str) -> Result<Digest, ImageError> {
        Digest::parse(&self.digest).ok_or_else(|| ImageError::Document {
            name: named_by.to_owned(),
            reason: format!("{:?} is no sha256 or sha512 digest", self.digest),
        })
    }
}

fn oci(archive: &Archive, wanted: &[String]) -> Result<Image, ImageError> {
    let index: Index = parse("index.json", &archive.blob("index.json", "an OCI layout")?.document("index.json")?)?;
    let mut manifests = Vec::new();
    collect(archive, "index.json", index, &[], MAX_DEPTH, &mut manifests)?;
    let (named_by, chosen) = choose(manifests, wanted)?.what;
    let (name, blob) = archive.verified(&chosen.digest(&named_by)?, &named_by)?;
    let manifest: Manifest = parse(&name, &blob.document(&name)?)?;
    let layers = manifest.layers.iter().map(|layer| {
        let (name, blob) = archive.verified(&layer.digest(&name)?, &name)?;
        Ok(Layer::new(name, blob))
    });
    Ok(Image { id: manifest.config.digest(&name)?.to_string(), layers: layers.collect::<Result<_, _>>()? })
}

/// The manifests that an index names, those of the indexes in it too, each with the name of what names it. What an index is
/// called in the one above it, its images are called too.
fn collect(
    archive: &Archive,
    name: &str,
    index: Index,
    called: &[String],
    depth: usize,
    manifests: &mut Vec<Candidate<(String, Descriptor)>>,
) -> Result<(), ImageError> {
    for entry in index.manifests {
        if manifests.len() >= MAX_MANIFESTS || (entry.is_index() && depth == 0) {
            let reason = format!("it leads to more than {MAX_MANIFESTS} manifests, or through {MAX_DEPTH} indexes");
            return Err(ImageError::Document { name: name.to_owned(), reason });
        }
        let names: Vec<String> = called.iter().cloned().chain(entry.names()).collect();
        if entry.is_index() {
            let (inner, blob) = archive.verified(&entry.digest(name)?, name)?;
            collect(archive, &inner, parse(&inner, &blob.document(&inner)?)?, &names, depth - 1, manifests)?;
        } else if let Some(known) = manifests.iter_mut().find(|known| known.digest == entry.digest) {
            known.names.extend(names);
        } else if !entry.is_attestation() {
            let (digest, platform) = (entry.digest.clone(), entry.platform.clone());
            manifests.push(Candidate { names, platform, digest, what: (name.to_owned(), entry) });
        }
    }
    Ok(())
}

/// An image of several that an archive holds.
struct Candidate<T> {
    names: Vec<String>,
    platform: Option<Platform>,
    digest: String,
    what: T,
}

impl<T> Candidate<T> {
    fn is(&self, wanted: &str) -> bool {
        let named = |name: &String| {
            let short = name.strip_prefix("docker.io/").unwrap_or(name);
            let short = short.strip_prefix("library/").unwrap_or(short);
            [name.as_str(), short].iter().any(|name| *name == wanted || name.strip_suffix(":latest") == Some(wanted))
        };
        let platform = self.platform.as_ref().is_some_and(|platform| platform.to_string() == wanted);
        // As people write digests: whole, or their first letters.
        let hex = self.digest.split_once(':').map_or("", |(_, hex)| hex);
        let digest = self.digest == wanted || (wanted.len() >= 7 && hex.starts_with(wanted));
        platform || digest || self.names.iter().any(named)
    }
}

impl<T> std::fmt::Display for Candidate<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let platform = self.platform.as_ref().map_or_else(|| "no platform".to_owned(), Platform::to_string);
        match &self.names[..] {
            [] => write!(f, "{} ({platform})", self.digest),
            names => write!(f, "{} ({platform}, {})", names.join(", "), self.digest),
        }
    }
}

/// One a line.
fn listed<T>(all: &[Candidate<T>]) -> String {
    all.iter().flat_map(|one| ["\n  ".to_owned(), one.to_string()]).collect()
}

/// The one that is wanted; of several the one for this machine's platform.
fn choose<T>(all: Vec<Candidate<T>>, wanted: &[String]) -> Result<Candidate<T>, ImageError> {
    let everything = listed(&all);
    if all.is_empty() {
        return Err(ImageError::Choice("the archive names no image".into()));
    }
    let mut left: Vec<_> = all.into_iter().filter(|one| wanted.iter().all(|wanted| one.is(wanted))).collect();
    let here = Platform { os: "linux".into(), architecture: architecture().into(), variant: None };
    let fits = |one: &Candidate<T>| one.platform.as_ref().is_some_and(|platform| platform.is_like(&here));
    if left.iter().filter(|one| fits(one)).count() == 1 {
        left.retain(fits);
    }
    if left.is_empty() {
        let wanted = wanted.join("#");
        return Err(ImageError::Choice(format!("the archive holds no image {wanted}; it holds{everything}")));
    }
    if left.len() > 1 {
        return Err(ImageError::Choice(format!(
            "the archive holds {} images and not exactly one for {here}; choose by name, platform or digest, as in \
             image:FILE#NAME or image:FILE#NAME#linux/arm64:{}",
            left.len(),
            listed(&left)
        )));
    }
    Ok(left.remove(0))
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
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct DockerConfig {
    rootfs: DockerRoot,
    #[serde(flatten)]
    platform: Platform,
}

#[derive(Deserialize)]
struct DockerRoot {
    diff_ids: Vec<String>,
}

fn docker(archive: &Archive, wanted: &[String]) -> Result<Image, ImageError> {
    let list = "manifest.json";
    let images: Vec<DockerImage> = parse(list, &archive.blob(list, "a Docker archive")?.document(list)?)?;
    let candidates = images.into_iter().take(MAX_MANIFESTS).map(|image| {
        let config = archive.blob(&image.config, list)?.document(&image.config)?;
        let digest = format!("sha256:{:x}", Sha256::digest(&config));
        let config: DockerConfig = parse(&image.config, &config)?;
        let platform = Some(config.platform.clone()).filter(|platform| !platform.os.is_empty());
        Ok(Candidate { names: image.repo_tags.clone().unwrap_or_default(), platform, digest, what: (image, config) })
    });
    let chosen = choose(candidates.collect::<Result<_, ImageError>>()?, wanted)?;
    let (image, config) = chosen.what;
    let diffs = config.rootfs.diff_ids;
    if diffs.len() != image.layers.len() {
        let reason = format!("it has digests for {} layers, but manifest.json has {}", diffs.len(), image.layers.len());
        return Err(ImageError::Document { name: image.config, reason });
    }
    let layers = image.layers.iter().zip(&diffs).map(|(name, diff)| {
        let layer = Layer::new(name.clone(), archive.blob(name, list)?);
        let digest = Digest::parse(diff).ok_or_else(|| ImageError::Document {
            name: image.config.clone(),
            reason: format!("{diff:?} is no sha256 or sha512 digest"),
        })?;
        layer.verify(&digest)?;
        Ok(layer)
    });
    Ok(Image { layers: layers.collect::<Result<_, _>>()?, id: chosen.digest })
}

fn parse<T: DeserializeOwned>(name: &str, document: &[u8]) -> Result<T, ImageError> {
    serde_json::from_slice(document)
        .map_err(|error| ImageError::Document { name: name.to_owned(), reason: error.to_string() })
}
