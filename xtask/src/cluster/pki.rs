//! The cluster's certificates. Keys live as long as the cluster: `down` removes them.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// A certificate authority.
pub(crate) struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, both PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Result<Self> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = distinguished_name("", name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate()?;
        let certificate = parameters.self_signed(&key)?.pem();
        Ok(Self { certificate, issuer: Issuer::new(parameters, key) })
    }

    /// The authority's own certificate, PEM.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A client: Kubernetes takes the organization for its group and the name for its user.
    pub(crate) fn client(&self, organization: &str, name: &str) -> Result<Identity> {
        self.issue(CertificateParams::default(), organization, name, &[ExtendedKeyUsagePurpose::ClientAuth])
    }

    /// A server on this machine. Servers may be clients too, as etcd's gateway to itself is.
    pub(crate) fn server(&self, name: &str) -> Result<Identity> {
        let parameters = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        self.issue(parameters, "", name, &[ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth])
    }

    fn issue(
        &self,
        mut parameters: CertificateParams,
        organization: &str,
        name: &str,
        usages: &[ExtendedKeyUsagePurpose],
    ) -> Result<Identity> {
        parameters.distinguished_name = distinguished_name(organization, name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = usages.to_vec();
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?.pem();
        Ok(Identity { certificate, key: key.serialize_pem() })
    }
}

impl Identity {
    /// Writes `NAME.crt` and `NAME.key`.
    pub(crate) fn write(&self, directory: &Path, name: &str) -> Result<()> {
        write_private(&directory.join(format!("{name}.crt")), &self.certificate)?;
        write_private(&directory.join(format!("{name}.key")), &self.key)
    }
}

/// The key that signs service account tokens: `NAME.key`, and `NAME.pub` to check them.
pub(crate) fn signing_key(directory: &Path, name: &str) -> Result<()> {
    let key = KeyPair::generate()?;
    write_private(&directory.join(format!("{name}.key")), &key.serialize_pem())?;
    write_private(&directory.join(format!("{name}.pub")), &key.public_key_pem())
}

/// Writes a new file that only its owner may read.
pub(crate) fn write_private(path: &Path, content: &str) -> Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(std::io::Write::write_all(&mut file, content.as_bytes())?)
}

fn distinguished_name(organization: &str, name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    if !organization.is_empty() {
        distinguished.push(DnType::OrganizationName, organization);
    }
    distinguished.push(DnType::CommonName, name);
    distinguished
}
