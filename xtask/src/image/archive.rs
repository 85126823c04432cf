//! Image archives: a directory tree as the only layer of an OCI image layout, in one tar file that containerd, kind, k3d,
//! minikube and Docker load.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Writes the tree below `root` as an image that starts `entrypoint` as root.
pub(crate) fn write(name: &str, root: &Path, entrypoint: &[&str], archive: &Path) -> Result<()> {
    write_as(name, root, entrypoint, "", archive)
}

/// The same as another user: `UID:GID`.
pub(crate) fn write_as(name: &str, root: &Path, entrypoint: &[&str], user: &str, archive: &Path) -> Result<()> {
    let mut layer = Layer::pack(root).with_context(|| format!("cannot pack {}", root.display()))?;
    let config = json!({
        "architecture": super::architecture()?,
        "os": "linux",
        "config": {
            "Entrypoint": entrypoint,
            "User": user,
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        },
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", layer.content)]},
    })
    .to_string();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.oci.image.config.v1+json", &hash(config.as_bytes()), config.len() as u64),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &layer.packed, layer.size)],
    })
    .to_string();
    let mut entry =
        descriptor("application/vnd.oci.image.manifest.v1+json", &hash(manifest.as_bytes()), manifest.len() as u64);
    // OCI has no place for a whole name; this is where containerd looks for it.
    entry["annotations"] = json!({"io.containerd.image.name": name});
    let index = json!({"schemaVersion": 2, "manifests": [entry]}).to_string();
    // Docker's own list of contents: what Docker before 25, and so minikube, looks for.
    let docker = json!([{
        "Config": blob(&hash(config.as_bytes())),
        "RepoTags": [name],
        "Layers": [blob(&layer.packed)],
    }])
    .to_string();

    let mut tar = tar::Builder::new(File::create(archive)?);
    append(&mut tar, "oci-layout", json!({"imageLayoutVersion": "1.0.0"}).to_string().as_bytes())?;
    append(&mut tar, "index.json", index.as_bytes())?;
    append(&mut tar, "manifest.json", docker.as_bytes())?;
    append(&mut tar, &blob(&hash(config.as_bytes())), config.as_bytes())?;
    append(&mut tar, &blob(&hash(manifest.as_bytes())), manifest.as_bytes())?;
    layer.file.seek(SeekFrom::Start(0))?;
    append_from(&mut tar, &blob(&layer.packed), layer.size, &layer.file)?;
    tar.into_inner()?.sync_all()?;
    Ok(())
}

/// A packed tree.
struct Layer {
    file: File,
    size: u64,
    /// Hash of the tar.
    content: String,
    /// Hash of the compressed tar.
    packed: String,
}

impl Layer {
    fn pack(root: &Path) -> Result<Self> {
        let packed = Hashing::new(tempfile::tempfile()?);
        let content = Hashing::new(GzEncoder::new(packed, Compression::default()));
        let mut tar = tar::Builder::new(content);
        tar.follow_symlinks(false);
        tar.append_dir_all(".", root)?;
        let (compressor, content) = tar.into_inner()?.finish();
        let (mut file, packed) = compressor.finish()?.finish();
        let size = file.stream_position()?;
        Ok(Self { file, size, content, packed })
    }
}

/// Passes on what is written to it, and hashes it.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    fn finish(self) -> (W, String) {
        (self.inner, format!("{:x}", self.hash.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn descriptor(media_type: &str, hash: &str, size: u64) -> Value {
    json!({"mediaType": media_type, "digest": format!("sha256:{hash}"), "size": size})
}

fn blob(hash: &str) -> String {
    format!("blobs/sha256/{hash}")
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn append(tar: &mut tar::Builder<File>, name: &str, bytes: &[u8]) -> Result<()> {
    append_from(tar, name, bytes.len() as u64, bytes)
}

fn append_from(tar: &mut tar::Builder<File>, name: &str, size: u64, content: impl Read) -> Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    Ok(tar.append_data(&mut header, name, content)?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_blob_is_what_its_name_says() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("file"), "content").unwrap();
        std::os::unix::fs::symlink("file", root.path().join("link")).unwrap();
        let archive = tempfile::NamedTempFile::new().unwrap();
        write("plimsoll.test/x:1", root.path(), &["/file"], archive.path()).unwrap();

        let mut files = HashMap::new();
        for entry in tar::Archive::new(File::open(archive.path()).unwrap()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            files.insert(entry.path().unwrap().display().to_string(), content);
        }
        for (name, content) in files.iter().filter(|(name, _)| name.starts_with("blobs/")) {
            assert_eq!(name, &blob(&hash(content)));
        }
        let read = |name: &str| -> Value { serde_json::from_slice(&files[name]).unwrap() };
        let digest = |value: &Value| blob(value["digest"].as_str().unwrap().trim_start_matches("sha256:"));
        let manifest = read(&digest(&read("index.json")["manifests"][0]));
        let layer = &files[&digest(&manifest["layers"][0])];
        assert_eq!(manifest["layers"][0]["size"], layer.len());
        let mut content = Vec::new();
        flate2::read::GzDecoder::new(layer.as_slice()).read_to_end(&mut content).unwrap();
        let config = read(&digest(&manifest["config"]));
        assert_eq!(config["rootfs"]["diff_ids"][0], format!("sha256:{}", hash(&content)));
        let mut tree = tar::Archive::new(content.as_slice());
        let links: Vec<_> = tree
            .entries()
            .unwrap()
            .filter_map(|entry| Some(entry.unwrap().link_name().unwrap()?.display().to_string()))
            .collect();
        assert_eq!(links, ["file"]);
    }
}
