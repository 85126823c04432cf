//! An audit in one archive, for an agent that has none of its files.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::audit::Audit;
use crate::error::AuditError;
use crate::input::GivenInputs;
use crate::profile::{Packed, Shelf, Source};
use crate::waiver::{WaivedControls, Waivers};

/// The first entry of the archive: everything but the contents of files.
#[derive(Serialize, Deserialize)]
struct Label {
    profiles: Vec<PathBuf>,
    /// The profiles and all they depend on. Their files follow in the archive, in this order.
    packed: Vec<Listed>,
    inputs: GivenInputs,
    waivers: Waivers,
    controls: Vec<String>,
    tags: Vec<String>,
    waived: WaivedControls,
    enhanced_outcomes: bool,
    diffs: bool,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    /// The path it is asked for by.
    path: PathBuf,
    given: PathBuf,
    root: PathBuf,
    files: Vec<String>,
}

const LABEL: &str = "audit.json";

/// More than this is no audit.
const LARGEST: u64 = 256 << 20;

impl Audit {
    /// Everything this audit reads, in one compressed archive. Inputs are in it in the clear: it is as secret as they are.
    pub fn pack(&self) -> Result<Vec<u8>, AuditError> {
        let mut packed = BTreeMap::new();
        for (path, source) in self.profiles.iter().zip(self.sources()?) {
            collect(path.clone(), &source, &mut packed);
        }
        let listed = packed.iter().map(|(path, packed)| Listed {
            path: path.clone(),
            given: packed.given.clone(),
            root: packed.root.clone(),
            files: packed.files.keys().cloned().collect(),
        });
        let label = Label {
            profiles: self.profiles.clone(),
            packed: listed.collect(),
            inputs: self.inputs.clone(),
            waivers: self.waivers.clone(),
            controls: self.controls.clone(),
            tags: self.tags.clone(),
            waived: self.waived,
            enhanced_outcomes: self.enhanced_outcomes,
            diffs: self.diffs,
        };
        let failed = |error: std::io::Error| AuditError::Internal(format!("cannot pack the profiles: {error}"));
        let label = serde_json::to_vec(&label).map_err(|error| failed(error.into()))?;
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        append(&mut archive, LABEL, &label).map_err(failed)?;
        // Numbers for names: a file's own name may be one that archives have no place for.
        for (number, content) in packed.values().flat_map(|packed| packed.files.values()).enumerate() {
            append(&mut archive, &number.to_string(), content).map_err(failed)?;
        }
        archive.into_inner().and_then(GzEncoder::finish).map_err(failed)
    }

    /// Reads what [`Audit::pack`] wrote. Limits are this side's own.
    pub fn unpack(bytes: &[u8]) -> Result<Self, AuditError> {
        read(bytes).map_err(|error| AuditError::Usage(format!("this is no audit of this version: {error}")))
    }
}

fn collect(path: PathBuf, source: &Source, packed: &mut BTreeMap<PathBuf, Packed>) {
    for dependency in &source.dependencies {
        collect(dependency.path.clone(), &dependency.source, packed);
    }
    packed.insert(path, source.files.packed());
}

fn append(archive: &mut tar::Builder<impl std::io::Write>, name: &str, content: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    archive.append_data(&mut header, name, content)
}

fn read(bytes: &[u8]) -> std::io::Result<Audit> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes).take(LARGEST));
    let mut contents = archive.entries()?.map(|entry| {
        let mut content = Vec::new();
        entry?.read_to_end(&mut content)?;
        Ok::<_, std::io::Error>(content)
    });
    let mut next = || contents.next().unwrap_or_else(|| Err(std::io::Error::other("it ends too early")));
    let label: Label = serde_json::from_slice(&next()?)?;
    let mut packed = BTreeMap::new();
    for Listed { path, given, root, files } in label.packed {
        let files = files.into_iter().map(|name| Ok((name, next()?))).collect::<std::io::Result<_>>()?;
        packed.insert(path, Packed { given, root, files });
    }
    Ok(Audit {
        profiles: label.profiles,
        shelf: Shelf::Packed(packed),
        inputs: label.inputs,
        waivers: label.waivers,
        controls: label.controls,
        tags: label.tags,
        waived: label.waived,
        enhanced_outcomes: label.enhanced_outcomes,
        diffs: label.diffs,
        ..Audit::default()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use plimsoll_target::MemoryTarget;

    use super::*;

    /// A profile that includes another, takes an input, reads a file of its own, and has a waived control.
    fn audit(directory: &std::path::Path) -> Audit {
        let write = |path: &str, text: &str| {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("base/inspec.yml", "name: base\nversion: 1.0.0\n");
        write("base/controls/b.rb", "control('base-1') { describe(1) { it { should eq 1 } } }\n");
        write(
            "web/inspec.yml",
            "name: web\nversion: 1.0.0\ndepends: [{name: base, path: ../base}]\ninputs: [{name: n, value: 0}]\n",
        );
        write("web/files/name", "carried");
        write(
            "web/controls/w.rb",
            "include_controls 'base'\ncontrol('web-1') { describe(inspec.profile.file('name')) { it { should eq 'carried' } } }\n\
             control('web-2') { describe(input('n')) { it { should eq 7 } } }\n\
             control('web-3') { describe(file('/etc/x')) { it { should exist } } }\n\
             control('web-4') { describe(1) { it { should eq 2 } } }\n",
        );
        write("waivers.yml", "web-4:\n  justification: known\n  run: false\n");
        let mut audit = Audit { profiles: vec![directory.join("web")], ..Audit::default() };
        audit.inputs.add_pair("n=7").unwrap();
        audit.waivers.read_file(&directory.join("waivers.yml")).unwrap();
        audit
    }

    #[test]
    fn an_unpacked_audit_says_what_the_packed_one_would_have() {
        let directory = tempfile::tempdir().unwrap();
        let audit = audit(directory.path());
        let run = |audit: &Audit| {
            let mut report = audit.run(Arc::new(MemoryTarget::new().file("/etc/x", "")), &mut |_| {}).unwrap();
            report.statistics.duration = None;
            for result in report.profiles.iter_mut().flat_map(|p| &mut p.controls).flat_map(|c| &mut c.results) {
                result.run_time = None;
                result.start_time = String::new();
            }
            serde_json::to_string_pretty(&report).unwrap()
        };
        let expected = run(&audit);
        let packed = audit.pack().unwrap();
        directory.close().unwrap();
        let unpacked = Audit::unpack(&packed).unwrap();
        unpacked.check().unwrap();
        assert_eq!(run(&unpacked), expected);
        assert!(expected.contains("base-1") && expected.contains("web-4"), "{expected}");
    }

    #[test]
    fn what_is_no_archive_or_a_part_of_one_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let packed = audit(directory.path()).pack().unwrap();
        for bytes in [&b"no archive"[..], &packed[..packed.len() / 2]] {
            assert!(Audit::unpack(bytes).unwrap_err().to_string().contains("no audit of this version"));
        }
    }
}
