//! Digests by which an image names its parts.

use std::io::{self, Read};

use sha2::{Sha256, Sha512};

use super::error::ImageError;

/// A digest as an image writes it: `sha256:HEX` or `sha512:HEX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digest {
    algorithm: Algorithm,
    hex: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Digest {
    /// `None` where it is no digest or one of an algorithm that is not known here.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        let (algorithm, length) = match algorithm {
            "sha256" => (Algorithm::Sha256, 64),
            "sha512" => (Algorithm::Sha512, 128),
            _ => return None,
        };
        let hexadecimal = hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        hexadecimal.then(|| Self { algorithm, hex: hex.to_owned() })
    }

    /// The file of an OCI layout that has this digest.
    pub(super) fn blob_name(&self) -> String {
        format!("blobs/{}/{}", self.algorithm(), self.hex)
    }

    /// Reads `content` to its end and compares; the outer error is one of reading.
    pub(super) fn verify(&self, name: &str, content: impl Read) -> io::Result<Result<(), ImageError>> {
        let found = match self.algorithm {
            Algorithm::Sha256 => hash::<Sha256>(content)?,
            Algorithm::Sha512 => hash::<Sha512>(content)?,
        };
        if found == self.hex {
            return Ok(Ok(()));
        }
        let found = format!("{}:{found}", self.algorithm());
        Ok(Err(ImageError::Digest { name: name.to_owned(), expected: self.to_string(), found }))
    }

    fn algorithm(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.algorithm(), self.hex)
    }
}

fn hash<D: sha2::Digest>(mut content: impl Read) -> io::Result<String> {
    use std::fmt::Write as _;

    let mut hash = D::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}"); // a String takes everything
        hex
    }))
}
