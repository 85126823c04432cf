//! Certificates, told in OpenSSL's words.

use super::der::{self, Der};

/// A distinguished name: short names of attributes, and their values.
pub(crate) type Name = Vec<(String, Vec<u8>)>;

/// A certificate.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// All of it, encoded.
    pub der: Vec<u8>,
    /// Counted from 0: version 3 is 2.
    pub version: i64,
    /// The serial number's bytes, the highest first.
    pub serial: Vec<u8>,
    pub signature_algorithm: String,
    pub issuer: Name,
    pub subject: Name,
    /// Seconds since 1970.
    pub not_before: i64,
    pub not_after: i64,
    pub key: PublicKey,
    /// Names and texts.
    pub extensions: Vec<(String, String)>,
}

/// The key in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// The algorithm's short name: `rsaEncryption`, `id-ecPublicKey` …
    pub algorithm: String,
    /// The bytes of an RSA key's modulus.
    pub modulus: Option<Vec<u8>>,
    /// The encoded key with its algorithm.
    pub der: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate in PEM or DER.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let is_certificate = |label: &str| matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE");
        let bytes = match der::pem(text, is_certificate) {
            Some((_, _, bytes)) => bytes,
            None => text.to_vec(),
        };
        Self::from_der(&bytes)
    }

    fn from_der(bytes: &[u8]) -> Option<Self> {
        let (certificate, _) = der::read(bytes).filter(|(der, _)| der.tag == 0x30)?;
        let outer = certificate.parts();
        let mut fields = outer.first()?.parts().into_iter().peekable();
        let version = match fields.peek()? {
            der if der.tag == 0xa0 => i64::from(*fields.next()?.parts().first()?.content.last()?),
            _ => 0,
        };
        let serial = fields.next().filter(|der| der.tag == 0x02)?.unsigned().to_vec();
        fields.next()?;
        let issuer = name(&fields.next()?);
        let validity = fields.next()?.parts();
        let subject = name(&fields.next()?);
        let key = fields.next()?;
        let extensions = fields.find(|der| der.tag == 0xa3).and_then(|der| der.parts().first().map(Der::parts));
        Some(Self {
            der: certificate.raw.to_vec(),
            version,
            serial,
            signature_algorithm: algorithm_name(&outer.get(1)?.parts().first()?.oid()),
            issuer,
            subject,
            not_before: time(validity.first()?)?,
            not_after: time(validity.get(1)?)?,
            key: PublicKey::from_spki(&key)?,
            extensions: extensions.unwrap_or_default().iter().filter_map(extension).collect(),
        })
    }
}

impl PublicKey {
    /// From the encoded SubjectPublicKeyInfo.
    pub(crate) fn from_spki(spki: &Der<'_>) -> Option<Self> {
        let parts = spki.parts();
        let algorithm = key_algorithm(&parts.first()?.parts().first()?.oid());
        let modulus = (algorithm == "rsaEncryption").then(|| {
            let (key, _) = der::read(parts.get(1)?.bits())?;
            Some(key.parts().first()?.unsigned().to_vec())
        });
        Some(Self { algorithm, modulus: modulus.flatten(), der: spki.raw.to_vec() })
    }
}

/// A name on one line: `/C=CH/O=Example/CN=host`.
pub(crate) fn one_line(name: &[(String, Vec<u8>)]) -> String {
    name.iter().flat_map(|(key, value)| ["/".to_owned(), key.clone(), "=".to_owned(), printable(value)]).collect()
}

/// Bytes outside printable ASCII are written `\xNN`.
fn printable(value: &[u8]) -> String {
    let shown = |byte: &u8| match byte {
        0x20..0x7f => char::from(*byte).to_string(),
        other => format!("\\x{other:02X}"),
    };
    value.iter().map(shown).collect()
}

fn name(der: &Der<'_>) -> Name {
    let attributes = der.parts().into_iter().flat_map(|set| set.parts());
    let attribute = |attribute: Der<'_>| {
        let parts = attribute.parts();
        let value = parts.get(1)?;
        // A BMPString holds two bytes a character.
        let value = if value.tag == 0x1e {
            let units: Vec<u16> = value.content.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect();
            String::from_utf16_lossy(&units).into_bytes()
        } else {
            value.content.to_vec()
        };
        Some((attribute_name(&parts.first()?.oid()), value))
    };
    attributes.filter_map(attribute).collect()
}

fn attribute_name(oid: &str) -> String {
    let name = match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.13" => "description",
        "2.5.4.15" => "businessCategory",
        "2.5.4.17" => "postalCode",
        "2.5.4.41" => "name",
        "2.5.4.42" => "GN",
        "2.5.4.43" => "initials",
        "2.5.4.46" => "dnQualifier",
        "2.5.4.65" => "pseudonym",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "1.3.6.1.4.1.311.60.2.1.1" => "jurisdictionL",
        "1.3.6.1.4.1.311.60.2.1.2" => "jurisdictionST",
        "1.3.6.1.4.1.311.60.2.1.3" => "jurisdictionC",
        other => other,
    };
    name.to_owned()
}

fn algorithm_name(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
        "1.2.840.10040.4.3" => "dsaWithSHA1",
        "2.16.840.1.101.3.4.3.2" => "dsa_with_SHA256",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.1" => "ecdsa-with-SHA224",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "ED25519",
        "1.3.101.113" => "ED448",
        other => other,
    };
    name.to_owned()
}

fn key_algorithm(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.1" => "rsaEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.10045.2.1" => "id-ecPublicKey",
        "1.2.840.10040.4.1" => "dsaEncryption",
        "1.3.101.112" => "ED25519",
        "1.3.101.113" => "ED448",
        other => other,
    };
    name.to_owned()
}

/// UTCTime or GeneralizedTime in seconds since 1970.
fn time(der: &Der<'_>) -> Option<i64> {
    let text = std::str::from_utf8(der.content).ok()?;
    let (year, rest) = if der.tag == 0x17 {
        let short: i64 = text.get(..2)?.parse().ok()?;
        (if short < 50 { 2000 + short } else { 1900 + short }, text.get(2..)?)
    } else {
        (text.get(..4)?.parse().ok()?, text.get(4..)?)
    };
    let field = |at: usize| rest.get(at..at + 2).and_then(|digits| digits.parse::<i64>().ok());
    let seconds = field(8).unwrap_or(0);
    Some(days_since_epoch(year, field(0)?, field(2)?) * 86_400 + field(4)? * 3600 + field(6)? * 60 + seconds)
}

/// The civil calendar's day number, 1970-01-01 being 0.
pub(crate) fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// An extension's name and its text.
fn extension(der: &Der<'_>) -> Option<(String, String)> {
    let parts = der.parts();
    let oid = parts.first()?.oid();
    let critical = parts.get(1).is_some_and(|part| part.tag == 0x01 && part.content != [0]);
    let value = parts.last()?.content;
    let (name, text) = described(&oid, value);
    let text = text.unwrap_or_else(|| colons(value));
    Some((name.to_owned(), if critical { format!("critical, {text}") } else { text }))
}

fn described<'o>(oid: &'o str, value: &[u8]) -> (&'o str, Option<String>) {
    let inner = der::read(value).map(|(der, _)| der);
    let Some(inner) = inner else { return (extension_name(oid), None) };
    let text = match oid {
        "2.5.29.14" => Some(colons(inner.content)),
        "2.5.29.15" => Some(key_usage(&inner)),
        "2.5.29.17" | "2.5.29.18" => Some(general_names(&inner.parts())),
        "2.5.29.19" => Some(basic_constraints(&inner)),
        "2.5.29.31" => Some(distribution_points(&inner)),
        "2.5.29.32" => Some(policies(&inner)),
        "2.5.29.35" => Some(authority_key(&inner)),
        "2.5.29.37" => Some(purposes(&inner)),
        "1.3.6.1.5.5.7.1.1" => Some(authority_access(&inner)),
        "2.16.840.1.113730.1.13" => Some(String::from_utf8_lossy(inner.content).into_owned()),
        _ => None,
    };
    (extension_name(oid), text)
}

fn extension_name(oid: &str) -> &str {
    match oid {
        "2.5.29.14" => "subjectKeyIdentifier",
        "2.5.29.15" => "keyUsage",
        "2.5.29.16" => "privateKeyUsagePeriod",
        "2.5.29.17" => "subjectAltName",
        "2.5.29.18" => "issuerAltName",
        "2.5.29.19" => "basicConstraints",
        "2.5.29.28" => "issuingDistributionPoint",
        "2.5.29.30" => "nameConstraints",
        "2.5.29.31" => "crlDistributionPoints",
        "2.5.29.32" => "certificatePolicies",
        "2.5.29.33" => "policyMappings",
        "2.5.29.35" => "authorityKeyIdentifier",
        "2.5.29.36" => "policyConstraints",
        "2.5.29.37" => "extendedKeyUsage",
        "2.5.29.54" => "inhibitAnyPolicy",
        "1.3.6.1.5.5.7.1.1" => "authorityInfoAccess",
        "1.3.6.1.5.5.7.1.24" => "tlsfeature",
        "1.3.6.1.5.5.7.48.1.5" => "noCheck",
        "1.3.6.1.4.1.11129.2.4.2" => "ct_precert_scts",
        "2.16.840.1.113730.1.1" => "nsCertType",
        "2.16.840.1.113730.1.13" => "nsComment",
        other => other,
    }
}

/// Bytes as `AB:CD:EF`.
pub(crate) fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn key_usage(der: &Der<'_>) -> String {
    const NAMES: [&str; 9] = [
        "Digital Signature",
        "Non Repudiation",
        "Key Encipherment",
        "Data Encipherment",
        "Key Agreement",
        "Certificate Sign",
        "CRL Sign",
        "Encipher Only",
        "Decipher Only",
    ];
    let bits = der.bits();
    let is_set = |at: usize| bits.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    let names = NAMES.iter().enumerate().filter(|(at, _)| is_set(*at)).map(|(_, name)| *name);
    names.collect::<Vec<_>>().join(", ")
}

fn basic_constraints(der: &Der<'_>) -> String {
    let parts = der.parts();
    let is_authority = parts.iter().any(|part| part.tag == 0x01 && part.content != [0]);
    let depth = parts.iter().find(|part| part.tag == 0x02);
    let depth = depth.map(|depth| depth.content.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)));
    let authority = if is_authority { "CA:TRUE" } else { "CA:FALSE" };
    depth.map_or_else(|| authority.to_owned(), |depth| format!("{authority}, pathlen:{depth}"))
}

fn purposes(der: &Der<'_>) -> String {
    let purpose = |part: &Der<'_>| {
        let oid = part.oid();
        let name = match oid.as_str() {
            "1.3.6.1.5.5.7.3.1" => "TLS Web Server Authentication",
            "1.3.6.1.5.5.7.3.2" => "TLS Web Client Authentication",
            "1.3.6.1.5.5.7.3.3" => "Code Signing",
            "1.3.6.1.5.5.7.3.4" => "E-mail Protection",
            "1.3.6.1.5.5.7.3.8" => "Time Stamping",
            "1.3.6.1.5.5.7.3.9" => "OCSP Signing",
            "1.3.6.1.4.1.311.10.3.3" => "Microsoft Server Gated Crypto",
            "2.16.840.1.113730.4.1" => "Netscape Server Gated Crypto",
            "2.5.29.37.0" => "Any Extended Key Usage",
            other => other,
        };
        name.to_owned()
    };
    der.parts().iter().map(purpose).collect::<Vec<_>>().join(", ")
}

fn general_name(der: &Der<'_>) -> String {
    let text = || String::from_utf8_lossy(der.content).into_owned();
    match der.tag {
        0x81 => format!("email:{}", text()),
        0x82 => format!("DNS:{}", text()),
        0x86 => format!("URI:{}", text()),
        0x87 => match der.content {
            [a, b, c, d] => format!("IP Address:{a}.{b}.{c}.{d}"),
            bytes if bytes.len() == 16 => {
                let groups = bytes.chunks(2).map(|pair| format!("{:X}", u16::from_be_bytes([pair[0], pair[1]])));
                format!("IP Address:{}", groups.collect::<Vec<_>>().join(":"))
            }
            _ => "IP Address:<invalid>".into(),
        },
        0x88 => format!("Registered ID:{}", der.oid()),
        0xa4 => {
            let name = der.parts().first().map(name).unwrap_or_default();
            let parts: Vec<String> = name.iter().map(|(key, value)| format!("{key} = {}", printable(value))).collect();
            format!("DirName:{}", parts.join(", "))
        }
        0xa0 => "othername:<unsupported>".into(),
        _ => "<unsupported>".into(),
    }
}

fn general_names(parts: &[Der<'_>]) -> String {
    parts.iter().map(general_name).collect::<Vec<_>>().join(", ")
}

fn authority_key(der: &Der<'_>) -> String {
    let parts = der.parts();
    let mut lines = Vec::new();
    let alone = parts.len() == 1;
    for part in &parts {
        match part.tag {
            0x80 if alone => lines.push(colons(part.content)),
            0x80 => lines.push(format!("keyid:{}", colons(part.content))),
            0xa1 => lines.push(general_names(&part.parts())),
            0x82 => lines.push(format!("serial:{}", colons(part.content))),
            _ => {}
        }
    }
    lines.join("\n")
}

fn authority_access(der: &Der<'_>) -> String {
    let access = |part: &Der<'_>| {
        let parts = part.parts();
        let oid = parts.first()?.oid();
        let method = match oid.as_str() {
            "1.3.6.1.5.5.7.48.1" => "OCSP",
            "1.3.6.1.5.5.7.48.2" => "CA Issuers",
            other => other,
        };
        Some(format!("{method} - {}", general_name(parts.get(1)?)))
    };
    der.parts().iter().filter_map(access).collect::<Vec<_>>().join("\n")
}

fn distribution_points(der: &Der<'_>) -> String {
    let point = |part: &Der<'_>| {
        let names = part.parts().into_iter().find(|part| part.tag == 0xa0)?.parts();
        let names = names.first().filter(|part| part.tag == 0xa0)?.parts();
        let names: Vec<String> = names.iter().map(|name| format!("  {}", general_name(name))).collect();
        Some(format!("Full Name:\n{}", names.join("\n")))
    };
    der.parts().iter().filter_map(point).collect::<Vec<_>>().join("\n")
}

fn policies(der: &Der<'_>) -> String {
    let policy = |part: &Der<'_>| {
        let parts = part.parts();
        let mut text = format!("Policy: {}", parts.first()?.oid());
        for qualifier in parts.get(1).map(Der::parts).unwrap_or_default() {
            let parts = qualifier.parts();
            if parts.first().is_some_and(|oid| oid.oid() == "1.3.6.1.5.5.7.2.1")
                && let Some(place) = parts.get(1)
            {
                text.push_str(&format!("\n  CPS: {}", String::from_utf8_lossy(place.content)));
            }
        }
        Some(text)
    };
    der.parts().iter().filter_map(policy).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_names_are_read() {
        let utc = Der { tag: 0x17, content: b"160101000000Z", raw: &[] };
        assert_eq!(time(&utc), Some(1_451_606_400));
        let general = Der { tag: 0x18, content: b"20500101000000Z", raw: &[] };
        assert_eq!(time(&general), Some(2_524_608_000));
        let name = [("C".to_owned(), b"CH".to_vec()), ("CN".to_owned(), "ä".as_bytes().to_vec())];
        assert_eq!(one_line(&name), "/C=CH/CN=\\xC3\\xA4");
        assert!(Certificate::parse(b"garbage").is_none());
    }

    #[test]
    fn extensions_are_told_in_openssl_words() {
        let usage = Der { tag: 3, content: &[5, 0xa0], raw: &[] };
        assert_eq!(key_usage(&usage), "Digital Signature, Key Encipherment");
        let constraints = der::write(0x30, &[&der::write(1, &[&[0xff]]), &der::write(2, &[&[3]])]);
        let (constraints, _) = der::read(&constraints).unwrap();
        assert_eq!(basic_constraints(&constraints), "CA:TRUE, pathlen:3");
        let names = der::write(0x30, &[&der::write(0x82, &[b"a.example"]), &der::write(0x87, &[&[10, 0, 0, 1]])]);
        let (names, _) = der::read(&names).unwrap();
        assert_eq!(general_names(&names.parts()), "DNS:a.example, IP Address:10.0.0.1");
    }
}
