//! Archives as tools write them, and as nobody should.

use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

use super::{ImageError, ImageTarget};
use crate::{FileError, FileKind, RunError, Target};

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar, put together without the checks of a well-behaved writer.
#[derive(Default)]
struct Tape(Vec<u8>);

impl Tape {
    fn entry(self, name: &str, kind: EntryType, to: &str, content: &[u8]) -> Self {
        self.with(name, kind, to, content, |_| {})
    }

    fn with(mut self, name: &str, kind: EntryType, to: &str, content: &[u8], more: impl FnOnce(&mut Header)) -> Self {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..to.len()].copy_from_slice(to.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(if kind.is_dir() { 0o755 } else { 0o644 });
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        more(&mut header);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(name, EntryType::Regular, "", content.as_ref())
    }

    fn dir(self, name: &str) -> Self {
        self.entry(name, EntryType::Directory, "", b"")
    }

    fn link(self, name: &str, to: &str) -> Self {
        self.entry(name, EntryType::Symlink, to, b"")
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}

/// An OCI layout of these layers, each packed as it is to lie there.
struct Oci {
    files: Vec<(String, Vec<u8>)>,
    manifests: Vec<Value>,
}

impl Oci {
    fn new() -> Self {
        Self { files: Vec::new(), manifests: Vec::new() }
    }

    fn blob(&mut self, bytes: Vec<u8>, media_type: &str) -> Value {
        let entry = json!({"mediaType": media_type, "digest": format!("sha256:{}", hash(&bytes)), "size": bytes.len()});
        self.files.push((format!("blobs/sha256/{}", hash(&bytes)), bytes));
        entry
    }

    fn image(mut self, platform: Option<(&str, &str)>, layers: &[Vec<u8>]) -> Self {
        let config = self.blob(b"{}".to_vec(), "application/vnd.oci.image.config.v1+json");
        let layers: Vec<_> =
            layers.iter().map(|layer| self.blob(layer.clone(), "application/vnd.oci.image.layer.v1.tar")).collect();
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers}).to_string().into_bytes();
        let mut entry = self.blob(manifest, "application/vnd.oci.image.manifest.v1+json");
        if let Some((os, architecture)) = platform {
            entry["platform"] = json!({"os": os, "architecture": architecture});
        }
        self.manifests.push(entry);
        self
    }

    /// Puts the index into an index.
    fn nested(mut self) -> Self {
        let index = json!({"schemaVersion": 2, "manifests": self.manifests}).to_string().into_bytes();
        self.manifests = vec![self.blob(index, "application/vnd.oci.image.index.v1+json")];
        self
    }

    fn archive(&self) -> Vec<u8> {
        let index = json!({"schemaVersion": 2, "manifests": self.manifests}).to_string();
        let start = Tape::default().file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#).file("index.json", index);
        self.files
            .iter()
            .fold(start, |tape, (name, bytes)| tape.with(name, EntryType::Regular, "", bytes, |_| {}))
            .end()
    }

    fn open(&self) -> Result<ImageTarget, ImageError> {
        open(&self.archive())
    }
}

fn open(archive: &[u8]) -> Result<ImageTarget, ImageError> {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("image.tar");
    std::fs::write(&path, archive).unwrap();
    ImageTarget::open(&path, &[])
}

/// The image of these layers, in an OCI layout and compressed.
fn image(layers: Vec<Tape>) -> Result<ImageTarget, ImageError> {
    let layers: Vec<_> = layers.into_iter().map(|layer| gzip(&layer.end())).collect();
    Oci::new().image(None, &layers).open()
}

/// What opening says; it has to fail.
fn refusal(result: Result<ImageTarget, ImageError>) -> String {
    match result {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    }
}

fn read(target: &ImageTarget, path: &str) -> Result<String, FileError> {
    target.read(path.as_bytes()).unwrap().map(|content| String::from_utf8(content).unwrap())
}

fn names(target: &ImageTarget, path: &str) -> Vec<String> {
    let entries = target.list(path.as_bytes()).unwrap().unwrap();
    entries.into_iter().map(|entry| String::from_utf8(entry.name).unwrap()).collect()
}

#[test]
fn files_are_the_images_own() {
    let layer = Tape::default()
        .dir("./")
        .dir("./etc/")
        .with("./etc/shadow", EntryType::Regular, "", b"root:*::\n", |header| {
            header.set_mode(0o4640);
            header.set_uid(7);
            header.set_gid(42);
        })
        .link("etc/alias", "/etc/shadow")
        .entry("dev/null", EntryType::Char, "", b"")
        .entry("etc/again", EntryType::Link, "etc/shadow", b"")
        .with("sparse", EntryType::GNUSparse, "", b"end!", |header| {
            let gnu = header.as_gnu_mut().unwrap();
            gnu.realsize.copy_from_slice(b"00000001004\0");
            gnu.sparse[0].offset.copy_from_slice(b"00000001000\0");
            gnu.sparse[0].numbytes.copy_from_slice(b"00000000004\0");
        })
        .file("after", "it");
    let target = image(vec![layer]).unwrap();
    let shadow = target.stat(b"/etc/shadow", false).unwrap().unwrap();
    assert_eq!((shadow.mode, shadow.uid, shadow.gid, shadow.size), (0o4640, 7, 42, 9));
    assert_eq!((shadow.kind, shadow.mtime), (FileKind::File, 1_700_000_000));
    assert_eq!(target.stat(b"/etc/alias", false).unwrap().unwrap().link.unwrap(), b"/etc/shadow");
    assert_eq!(target.stat(b"/etc/again", false).unwrap().unwrap(), shadow);
    assert_eq!(read(&target, "/etc/alias").unwrap(), "root:*::\n");
    assert_eq!(target.stat(b"/dev/null", false).unwrap().unwrap().kind, FileKind::CharacterDevice);
    assert!(matches!(read(&target, "/dev/null"), Err(FileError::Other(_))));
    assert_eq!(read(&target, "/sparse").unwrap(), "\0".repeat(512) + "end!");
    assert_eq!(read(&target, "/after").unwrap(), "it");
    assert_eq!(read(&target, "/etc"), Err(FileError::IsADirectory));
    assert_eq!(names(&target, "/etc"), ["again", "alias", "shadow"]);
    assert_eq!(target.info().channel, "image");
    let answer = target.run(b"true").unwrap();
    assert_eq!(answer, Err(RunError::Unavailable("an image archive is not running".into())));
}

#[test]
fn layers_cover_what_is_below_them() {
    let lower = Tape::default()
        .file("etc/gone", "1")
        .file("etc/kept", "1")
        .file("opaque/lower", "1")
        .file("opaque/deep/lower", "1")
        .file("usr/lib/libc", "1")
        .link("lib", "usr/lib")
        .link("lib64", "usr/lib")
        .file("tree/below", "1")
        .file("data", "lower")
        .entry("hard", EntryType::Link, "data", b"");
    let upper = Tape::default()
        .file("etc/.wh.gone", "")
        .file("etc/.wh.never", "")
        .file("etc/.wh..wh.plnk", "")
        .file("opaque/upper", "2")
        .file("opaque/.wh..wh..opq", "")
        .file("lib/libm", "2")
        .dir("lib64")
        .file("lib64/ld", "2")
        .file("tree", "now a file")
        .file("data", "twice")
        .file("data", "upper")
        .file(".wh.back", "")
        .file("back", "2");
    let target = image(vec![lower, upper]).unwrap();
    assert_eq!(names(&target, "/etc"), ["kept"]);
    assert_eq!(names(&target, "/opaque"), ["upper"]);
    assert_eq!(names(&target, "/usr/lib"), ["libc", "libm"], "written through the link to its directory");
    assert_eq!(names(&target, "/lib64"), ["ld"], "a directory takes the place of a link");
    assert_eq!(read(&target, "/tree").unwrap(), "now a file");
    assert_eq!(read(&target, "/tree/below"), Err(FileError::NotADirectory));
    assert_eq!(read(&target, "/data").unwrap(), "upper");
    assert_eq!(read(&target, "/hard").unwrap(), "lower");
    assert_eq!(read(&target, "/back").unwrap(), "2", "a layer takes away only what is below it");
}

#[test]
fn what_a_layer_takes_away_is_what_is_below_it_and_nothing_else() {
    let lower = Tape::default()
        .file("one", "shared")
        .entry("two", EntryType::Link, "one", b"")
        .file("tree/a/b", "1")
        .file("opaque/x", "1")
        .dir("empty")
        .link("way", "tree");
    let middle = Tape::default()
        .file(".wh.one", "")
        .entry("three", EntryType::Link, "two", b"")
        .file(".wh.tree", "")
        .file("way2", "")
        .file("opaque/.wh..wh..opq", "")
        .file("opaque/y", "2");
    let upper = Tape::default()
        .with("two", EntryType::Regular, "", b"anew", |header| header.set_mode(0o600))
        .file("tree/c", "3")
        .file("opaque/.wh.y", "")
        .file(".wh..wh..opq.not", "no mark at all");
    let target = image(vec![lower, middle, upper]).unwrap();
    assert_eq!(read(&target, "/one"), Err(FileError::NotFound));
    assert_eq!(read(&target, "/two").unwrap(), "anew", "a new file is no other name of the old one");
    assert_eq!(read(&target, "/three").unwrap(), "shared", "a name that stays keeps its file, across layers");
    assert_eq!(target.stat(b"/three", false).unwrap().unwrap().mode, 0o644);
    assert_eq!(names(&target, "/tree"), ["c"], "a directory that was taken away comes back empty");
    assert_eq!(names(&target, "/way"), ["c"]);
    assert_eq!(names(&target, "/opaque"), [""; 0]);
    assert_eq!(names(&target, "/empty"), [""; 0]);
    let root = image(vec![Tape::default().file("old", "1"), Tape::default().file(".wh..wh..opq", "").file("new", "2")]);
    assert_eq!(names(&root.unwrap(), "/"), ["new"]);
}

#[test]
fn layers_are_unpacked_however_they_are_packed() {
    let tape = |name: &str| Tape::default().file(name, name.repeat(1000)).end();
    let zstd = |bytes: Vec<u8>| {
        ruzstd::encoding::compress_to_vec(bytes.as_slice(), ruzstd::encoding::CompressionLevel::Fastest)
    };
    let target = Oci::new().image(None, &[tape("plain"), gzip(&tape("gzip")), zstd(tape("zstd"))]).open().unwrap();
    for name in ["plain", "gzip", "zstd"] {
        assert_eq!(read(&target, &format!("/{name}")).unwrap(), name.repeat(1000));
    }
    let cut = zstd(tape("cut"));
    let message = refusal(Oci::new().image(None, &[cut[..cut.len() - 9].to_vec()]).open());
    assert!(message.contains("cannot use layer"), "{message}");
}

#[test]
fn an_image_is_chosen_by_name_platform_or_digest() {
    let here = super::manifest::architecture();
    let layer = |text: &str| [Tape::default().file("name", text).end()];
    let named = |mut oci: Oci, name: &str| {
        let last = oci.manifests.last_mut().unwrap();
        last["annotations"] = json!({"io.containerd.image.name": name});
        oci
    };
    let oci = named(Oci::new().image(Some(("linux", here)), &layer("web")), "docker.io/library/web:1");
    let oci = named(oci.image(Some(("linux", here)), &layer("shop")), "registry.example/shop:latest");
    let oci = named(oci.image(Some(("linux", "z80")), &layer("small")), "registry.example/shop:latest");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("all.tar");
    std::fs::write(&path, oci.archive()).unwrap();
    let open = |wanted: &[&str]| {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        ImageTarget::open(&path, &wanted)
    };
    let digest = oci.manifests[2]["digest"].as_str().unwrap();
    for (wanted, expected) in [
        (&["web:1"][..], "web"),
        (&["docker.io/library/web:1"], "web"),
        (&["registry.example/shop"], "shop"),
        (&["registry.example/shop:latest", "linux/z80"], "small"),
        (&["linux/z80"], "small"),
        (&[digest], "small"),
        (&[&digest[7..19]], "small"),
    ] {
        assert_eq!(read(&open(wanted).unwrap(), "/name").unwrap(), expected, "{wanted:?}");
    }
    assert!(open(&["web:1"]).unwrap().info().uri.ends_with("all.tar#web:1"));
    let none = refusal(open(&["web:2"]));
    assert!(none.contains("holds no image web:2; it holds\n  docker.io/library/web:1 (linux/"), "{none}");
    let several = refusal(open(&[]));
    assert!(several.contains("3 images and not exactly one") && several.contains("image:FILE#NAME"), "{several}");
    assert!(several.contains("registry.example/shop:latest (linux/z80, sha256:"), "{several}");
}

#[test]
fn a_layout_in_a_directory_is_an_image_too() {
    let oci = Oci::new().image(None, &[gzip(&Tape::default().file("name", "inside").end())]);
    let directory = tempfile::tempdir().unwrap();
    tar::Archive::new(oci.archive().as_slice()).unpack(directory.path()).unwrap();
    let open = || ImageTarget::open(directory.path(), &[]);
    assert_eq!(read(&open().unwrap(), "/name").unwrap(), "inside");
    // Nothing outside of the directory is read, whatever lies in it.
    let index = directory.path().join("index.json");
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), std::fs::read(&index).unwrap()).unwrap();
    std::fs::remove_file(&index).unwrap();
    std::os::unix::fs::symlink(outside.path(), &index).unwrap();
    assert!(refusal(open()).contains("is no image archive"));
}

#[test]
fn large_contents_are_read_when_they_are_asked_for() {
    let large: String = "0123456789abcdef".repeat(100_000);
    let layer = || Tape::default().file("first", "1").file("large", &large).file("last", "2");
    for packed in [layer().end(), gzip(&layer().end())] {
        let target = Oci::new().image(None, &[packed]).open().unwrap();
        assert!(read(&target, "/large").unwrap() == large);
        assert_eq!(read(&target, "/last").unwrap(), "2");
    }
}

#[test]
fn links_stay_inside_and_end() {
    let layer =
        Tape::default().file("etc/passwd", "inside").link("out", "../../../etc/passwd").link("a", "b").link("b", "a");
    let target = image(vec![layer]).unwrap();
    assert_eq!(read(&target, "/out").unwrap(), "inside");
    assert_eq!(read(&target, "/../etc/passwd").unwrap(), "inside");
    assert_eq!(read(&target, "/a"), Err(FileError::Loop));
}

#[test]
fn the_image_for_this_machine_is_taken() {
    let here = super::manifest::architecture();
    let layer = |text: &str| [Tape::default().file("name", text).end()];
    let both =
        || Oci::new().image(Some(("linux", here)), &layer("here")).image(Some(("linux", "z80")), &layer("there"));
    assert_eq!(read(&both().open().unwrap(), "/name").unwrap(), "here");
    assert_eq!(read(&both().nested().open().unwrap(), "/name").unwrap(), "here");
    let foreign = Oci::new().image(Some(("linux", "z80")), &layer("alone"));
    assert_eq!(read(&foreign.open().unwrap(), "/name").unwrap(), "alone");
    let none = foreign.image(Some(("linux", "6502")), &layer("other"));
    let message = refusal(none.open());
    assert!(message.contains("linux/z80") && message.contains("linux/6502"), "{message}");
}

/// An archive of `docker save` before version 25; the second layer is a link to the first's file.
fn docker(layer: &[u8], diff: &str) -> Vec<u8> {
    docker_of(&["x:1"], layer, diff)
}

/// The same with an image for each of these names.
fn docker_of(names: &[&str], layer: &[u8], diff: &str) -> Vec<u8> {
    let config = json!({"rootfs": {"type": "layers", "diff_ids": [diff, diff]}}).to_string();
    let layers = ["one/layer.tar", "two/layer.tar"];
    let images = names.iter().map(|name| json!({"Config": "c.json", "RepoTags": [name], "Layers": layers}));
    let manifest: Value = images.collect();
    Tape::default()
        .file("c.json", config)
        .file("one/layer.tar", layer)
        .link("two/layer.tar", "../one/layer.tar")
        .file("manifest.json", manifest.to_string())
        .end()
}

#[test]
fn docker_archives_are_images_too() {
    let layer = Tape::default().file("etc/motd", "Welcome").end();
    let digest = format!("sha256:{}", hash(&layer));
    assert_eq!(read(&open(&docker(&layer, &digest)).unwrap(), "/etc/motd").unwrap(), "Welcome");
    assert_eq!(read(&open(&docker(&gzip(&layer), &digest)).unwrap(), "/etc/motd").unwrap(), "Welcome");
    let several = docker_of(&["x:1", "y:1"], &layer, &digest);
    let message = refusal(open(&several));
    assert!(message.contains("2 images") && message.contains("y:1 (no platform"), "{message}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("several.tar");
    std::fs::write(&path, several).unwrap();
    assert!(ImageTarget::open(&path, &["y:1".to_owned()]).is_ok());
    let message = refusal(open(&docker(&layer, &format!("sha256:{}", hash(b"other")))));
    assert!(message.contains("one/layer.tar does not match its digest"), "{message}");
}

#[test]
fn what_is_not_whole_is_refused() {
    let layer = gzip(&Tape::default().file("name", "x".repeat(5000)).end());
    let mut oci = Oci::new().image(None, std::slice::from_ref(&layer));
    let whole = oci.archive();
    let blob = format!("blobs/sha256/{}", hash(&layer));

    // The last blob's last block and the two that end a tar can be missing without anyone's missing them.
    for end in (0..whole.len() - 3 * 512).step_by(97) {
        assert!(open(&whole[..end]).is_err(), "cut to {end} of {} bytes", whole.len());
    }
    let message = refusal(open(&whole[..1600]));
    assert!(message.contains("it ends within index.json"), "{message}");

    let position = oci.files.iter().position(|(name, _)| *name == blob).unwrap();
    oci.files[position].1.push(0);
    let message = refusal(oci.open());
    assert!(message.contains(&blob) && message.contains("does not match its digest"), "{message}");
    oci.files.remove(position);
    let message = refusal(oci.open());
    assert!(message.contains(&format!("has no {blob}")), "{message}");

    let cut = layer[..layer.len() - 12].to_vec();
    let message = refusal(Oci::new().image(None, std::slice::from_ref(&cut)).open());
    assert!(message.contains(&hash(&cut)) && message.contains("cannot use layer"), "{message}");
}

#[test]
fn hostile_layers_are_refused() {
    let plain = |tape: Tape| refusal(image(vec![tape]));
    let cases = [
        (Tape::default().file("../../etc/passwd", ""), "leads out of the image"),
        (Tape::default().file("a/../../b", ""), "leads out of the image"),
        (Tape::default().entry("x", EntryType::Link, "../../etc/shadow", b""), "leads out of the image"),
        (Tape::default().entry("x", EntryType::Link, "none", b""), "/x: it is a hard link to /none: no such file"),
        (Tape::default().dir("d").entry("x", EntryType::Link, "d", b""), "is a directory"),
        (Tape::default().link("a", "a").file("a/x", ""), "too many levels of symbolic links"),
        (Tape::default().file("a", "").file("a/x", ""), "not a directory"),
        (Tape::default().file("./", "x").file(".wh.", ""), ".wh."),
        (Tape::default().link("/", "x"), "the place of the root directory"),
        (Tape::default().entry("x", EntryType::new(b'?'), "", b""), "is not known"),
        (Tape::default().with("x", EntryType::Regular, "", b"x", |header| header.set_size(100_000)), "ends after"),
        (
            Tape::default().with("x", EntryType::Regular, "", b"x", |header| header.set_size(u64::MAX / 2)),
            "cannot use layer",
        ),
        (
            Tape::default().with("x", EntryType::Regular, "", b"x", |header| header.set_size(u64::MAX)),
            "cannot use layer",
        ),
        (
            Tape::default().entry("x", EntryType::GNULongName, "", &vec![b'x'; 3 << 20]).file("x", ""),
            "a header is larger",
        ),
        (Tape(b"not a tar ".repeat(100)), "cannot use layer"),
    ];
    for (tape, expected) in cases {
        let message = plain(tape);
        assert!(message.contains(expected), "{message:?} is not about {expected:?}");
    }
    let zstd = refusal(Oci::new().image(None, &[vec![0x28, 0xb5, 0x2f, 0xfd, 0]]).open());
    assert!(zstd.contains("cannot use layer"), "{zstd}");
}

#[test]
fn what_is_no_image_says_what_would_be() {
    assert!(refusal(open(&Tape::default().file("x", "").end())).contains("docker save"));
    assert!(refusal(open(&gzip(b"x"))).contains("gunzip"));
    assert!(refusal(open(b"text")).contains("image.tar"));
    let secret = "root:$6$secret:19000:0:99999:7:::\n".repeat(40);
    let message = refusal(open(secret.as_bytes()));
    assert!(message.contains("it is no tar archive") && !message.contains("secret"), "{message}");
    let damaged = [Tape::default().file("x", "").0, secret.into_bytes()].concat();
    let message = refusal(open(&damaged));
    assert!(message.contains("a header in it is damaged") && !message.contains("secret"), "{message}");
    assert!(refusal(ImageTarget::open("/nowhere.tar".as_ref(), &[])).contains("/nowhere.tar"));
    assert!(refusal(ImageTarget::open("/".as_ref(), &[])).contains("docker save"));
    assert!(refusal(ImageTarget::open("/dev/null".as_ref(), &[])).contains("neither a file nor a directory"));
    let broken = Tape::default().file("oci-layout", "{}").file("index.json", "{").end();
    assert!(refusal(open(&broken)).contains("index.json"));
    let outside =
        Tape::default().file("oci-layout", "{}").file("index.json", r#"{"manifests":[{"digest":"sha256:../x"}]}"#);
    assert!(refusal(open(&outside.end())).contains("digest"));
}
