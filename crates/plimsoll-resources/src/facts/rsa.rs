//! RSA keys in PEM.

use pkcs8::EncryptedPrivateKeyInfo;

use super::der::{self, Der};

/// An RSA key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RsaKey {
    pub modulus: Vec<u8>,
    pub exponent: Vec<u8>,
    /// The encoded private key (PKCS #1), when it is one.
    pub private: Option<Vec<u8>>,
}

/// Why a key can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// It is encrypted, and the passphrase is missing or wrong.
    Passphrase,
    /// It is none, or of a kind that is not known here.
    Unknown,
}

impl RsaKey {
    /// Reads a private or public key; PKCS #1, PKCS #8 (encrypted too) and SubjectPublicKeyInfo.
    pub(crate) fn parse(text: &[u8], passphrase: Option<&[u8]>) -> Result<Self, NoKey> {
        let is_key = |label: &str| label.ends_with("KEY");
        let (label, headers, bytes) = der::pem(text, is_key).ok_or(NoKey::Unknown)?;
        if headers.iter().any(|header| header.contains("ENCRYPTED")) {
            return Err(NoKey::Passphrase);
        }
        match label.as_str() {
            "RSA PRIVATE KEY" => Self::private(&bytes),
            "PRIVATE KEY" => Self::pkcs8(&bytes),
            "ENCRYPTED PRIVATE KEY" => {
                let info = EncryptedPrivateKeyInfo::try_from(bytes.as_slice()).map_err(|_| NoKey::Unknown)?;
                let passphrase = passphrase.ok_or(NoKey::Passphrase)?;
                let document = info.decrypt(passphrase).map_err(|_| NoKey::Passphrase)?;
                Self::pkcs8(document.as_bytes())
            }
            "RSA PUBLIC KEY" => Self::public(&bytes),
            "PUBLIC KEY" => {
                let (spki, _) = der::read(&bytes).ok_or(NoKey::Unknown)?;
                Self::public(spki.parts().get(1).map(Der::bits).ok_or(NoKey::Unknown)?)
            }
            _ => Err(NoKey::Unknown),
        }
    }

    fn pkcs8(bytes: &[u8]) -> Result<Self, NoKey> {
        let (info, _) = der::read(bytes).ok_or(NoKey::Unknown)?;
        let key = info.parts().into_iter().find(|part| part.tag == 0x04).ok_or(NoKey::Unknown)?;
        Self::private(key.content)
    }

    fn private(bytes: &[u8]) -> Result<Self, NoKey> {
        let numbers = numbers(bytes)?;
        let [_, modulus, exponent, ..] = numbers.as_slice() else { return Err(NoKey::Unknown) };
        Ok(Self { modulus: modulus.clone(), exponent: exponent.clone(), private: Some(bytes.to_vec()) })
    }

    fn public(bytes: &[u8]) -> Result<Self, NoKey> {
        let numbers = numbers(bytes)?;
        let [modulus, exponent] = numbers.as_slice() else { return Err(NoKey::Unknown) };
        Ok(Self { modulus: modulus.clone(), exponent: exponent.clone(), private: None })
    }

    /// The public half, as OpenSSL writes it.
    pub(crate) fn public_pem(&self) -> String {
        let number = |bytes: &[u8]| {
            let zero: &[u8] = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
            der::write(0x02, &[zero, bytes])
        };
        let key = der::write(0x30, &[&number(&self.modulus), &number(&self.exponent)]);
        let rsa_encryption = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        let algorithm = der::write(0x30, &[&der::write(0x06, &[&rsa_encryption]), &der::write(0x05, &[])]);
        der::to_pem("PUBLIC KEY", &der::write(0x30, &[&algorithm, &der::write(0x03, &[&[0], &key])]))
    }
}

/// The unsigned numbers of a sequence.
fn numbers(bytes: &[u8]) -> Result<Vec<Vec<u8>>, NoKey> {
    let (key, _) = der::read(bytes).filter(|(der, _)| der.tag == 0x30).ok_or(NoKey::Unknown)?;
    let parts = key.parts();
    let all_numbers = !parts.is_empty() && parts.iter().all(|part| part.tag == 0x02);
    if !all_numbers {
        return Err(NoKey::Unknown);
    }
    Ok(parts.iter().map(|part| part.unsigned().to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_keys_go_both_ways() {
        let key = RsaKey { modulus: vec![0x91; 128], exponent: vec![1, 0, 1], private: None };
        let pem = key.public_pem();
        assert_eq!(RsaKey::parse(pem.as_bytes(), None), Ok(key));
    }

    #[test]
    fn what_is_no_key_is_told() {
        assert_eq!(RsaKey::parse(b"x", None), Err(NoKey::Unknown));
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(RsaKey::parse(old.as_bytes(), Some(b"x")), Err(NoKey::Passphrase));
    }
}
