//! Profiles in archives.

use std::collections::BTreeMap;
use std::io::{Error, Read, Result};

use flate2::read::GzDecoder;

/// The files of a gzipped tar archive by their paths; links and devices are left out. At most `largest` bytes.
pub(super) fn tar_gz(bytes: &[u8], largest: u64) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut left = largest;
    for entry in tar::Archive::new(GzDecoder::new(bytes)).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
        let mut content = Vec::new();
        (&mut entry).take(left + 1).read_to_end(&mut content)?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or_else(|| Error::other(format!("it is larger than {} MiB", largest >> 20)))?;
        files.insert(path, content);
    }
    Ok(files)
}
