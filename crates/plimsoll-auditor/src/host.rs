//! What a profile's code may see of the outside.

use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plimsoll_ruby::{Host, Stream};

use crate::profile::ProfileFiles;

/// The host of an audit: a clock, and the files of the profiles themselves.
pub(crate) struct AuditHost {
    profiles: Vec<Rc<ProfileFiles>>,
    /// Where printed text goes; to the log without one.
    printer: Option<Rc<Printer>>,
}

/// Takes what a program prints.
pub type Printer = dyn Fn(&[u8]);

impl AuditHost {
    pub(crate) fn new(profiles: Vec<Rc<ProfileFiles>>) -> Self {
        Self { profiles, printer: None }
    }

    /// The same for somebody who reads what is printed.
    pub(crate) fn printing(profiles: Vec<Rc<ProfileFiles>>, printer: Rc<Printer>) -> Self {
        Self { profiles, printer: Some(printer) }
    }
}

impl Host for AuditHost {
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn print(&self, _: Stream, text: &[u8]) {
        if let Some(printer) = &self.printer {
            return printer(text);
        }
        // What a profile prints is no result; it is there for whoever debugs the profile.
        tracing::info!(target: "profile", "{}", String::from_utf8_lossy(text).trim_end());
    }

    fn read_file(&self, path: &[u8]) -> Option<Vec<u8>> {
        let path = std::str::from_utf8(path).ok()?;
        self.profiles.iter().find_map(|files| {
            let name = files.names().find(|name| files.display(name) == path)?;
            files.get(name).map(<[u8]>::to_vec)
        })
    }

    fn files(&self) -> Vec<Vec<u8>> {
        self.profiles
            .iter()
            .flat_map(|files| files.names().map(|name| files.display(name).into_bytes()).collect::<Vec<_>>())
            .collect()
    }

    fn provides(&self, name: &str) -> bool {
        // Core resources and InSpec's own helpers are here without being loaded.
        name.starts_with("inspec/")
            || ABSENT.contains(&name)
            || matches!(name, "inspec" | "rspec" | "rspec/expectations" | "train")
    }
}

/// Libraries that Ruby, or CINC's package, has everywhere and that are not here. Requiring one succeeds; what it defines is unknown where it
/// is used, so that one control fails and not a whole profile for the sake of a line at its top.
const ABSENT: [&str; 13] = [
    "etc",
    "fileutils",
    "logger",
    "net/http",
    "open-uri",
    "open3",
    "openssl",
    "pry",
    "resolv",
    "socket",
    "tempfile",
    "tmpdir",
    "zlib",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_what_is_required_in_vain() {
        let page = include_str!("../../../docs/ruby.md");
        let (_, listed) = page.split_once("<!-- absent libraries -->\n").expect("the page has the list");
        let (listed, _) = listed.split_once("<!-- end -->").expect("the list ends");
        assert_eq!(listed.split('`').skip(1).step_by(2).collect::<Vec<_>>(), ABSENT);
        let host = AuditHost::new(Vec::new());
        assert!(ABSENT.iter().all(|name| host.provides(name)) && !host.provides("nokogiri"));
    }
}
