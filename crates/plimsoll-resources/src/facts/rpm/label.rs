//! Names of packages as `rpm -q` takes them: NAME, NAME-VERSION, NAME-VERSION-RELEASE, each with `.ARCH` or without; a
//! version may have its epoch before it, and patterns in it.

use super::{Package, Rpm};
use crate::facts::find;

impl Rpm {
    /// The packages that a label means, in the order of the database.
    pub(crate) fn find(&self, label: &[u8]) -> Vec<&Package> {
        let found = self.find_for(label, None);
        match label.iter().rposition(|byte| *byte == b'.') {
            Some(dot) if found.is_empty() => self.find_for(&label[..dot], Some(&label[dot + 1..])),
            _ => found,
        }
    }

    fn find_for(&self, label: &[u8], arch: Option<&[u8]>) -> Vec<&Package> {
        let of_arch = |package: &&Package| arch.is_none_or(|arch| package.arch == arch);
        let found: Vec<&Package> = self.named(label).filter(of_arch).collect();
        let Some((name, last)) = cut(label).filter(|_| found.is_empty()) else { return found };
        let found: Vec<&Package> =
            self.named(name).filter(of_arch).filter(|package| is_version(package, last)).collect();
        let Some((name, version)) = cut(name).filter(|_| found.is_empty()) else { return found };
        let fits = |package: &&Package| is_version(package, version) && find::matches(last, &package.release);
        self.named(name).filter(of_arch).filter(fits).collect()
    }
}

/// The parts before and after the last dash.
fn cut(label: &[u8]) -> Option<(&[u8], &[u8])> {
    let dash = label.iter().rposition(|byte| *byte == b'-')?;
    Some((&label[..dash], &label[dash + 1..]))
}

/// A package without an epoch has the epoch 0.
fn is_version(package: &Package, wanted: &[u8]) -> bool {
    match wanted.iter().position(|byte| *byte == b':') {
        Some(colon) => {
            let epoch = package.epoch.unwrap_or(0).to_string();
            epoch.as_bytes() == &wanted[..colon] && find::matches(&wanted[colon + 1..], &package.version)
        }
        None => find::matches(wanted, &package.version),
    }
}
