//! `kernel_parameters`: all settings of the kernel, as `sysctl -a` lists them.
//!
//! ```ruby
//! describe kernel_parameters.where(parameter: /^net\.ipv4\.conf\..*\.accept_redirects$/) do
//!   its('values') { should all eq 0 }
//! end
//! describe kernel_parameters do
//!   its('parameters') { should include 'kernel.randomize_va_space' }
//! end
//! ```
//!
//! Read from the files below `/proc/sys`; those that may not be read are left out, as sysctl leaves them out. Where there
//! is no such directory `sysctl -a` is asked. A value is the Integer that its text
//! begins with, 0 where it begins with none; a setting of several lines has a row for each.

use std::rc::Rc;

use plimsoll_ruby::{Def, Interp, RClass, Res, Value, def};
use plimsoll_target::{Answer, FileError, FileKind, Request};

use crate::backend::Backend;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

pub(crate) const KERNEL_PARAMETERS: ResourceDef = ResourceDef {
    name: "kernel_parameters",
    class: "KernelParameters",
    doc: "All settings of the kernel.",
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[def("to_s", 0, 0, |_, _, _| Ok(Value::str("Kernel Parameters")), "Its title.")];

const ROOT: &[u8] = b"/proc/sys";

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("parameters", "parameter")
        .column("values", "value")
        .property("exists?", "Whether there is one.", |vm, table, _| vm.send(table, "exist?", &[]))
        .install(vm, class, |vm, _| rows(vm));
}

fn rows(vm: &Interp) -> Res {
    let backend = Backend::of(vm);
    let listing = match backend.list(ROOT)? {
        Ok(_) => from_files(&backend)?,
        Err(FileError::NotFound | FileError::NotADirectory) => from_sysctl(vm)?,
        Err(error) => doubt::taken_for(vm, &format!("Can't read kernel parameters: /proc/sys: {error}"), Vec::new())?,
    };
    let row = |line: &[u8]| {
        let mut parts = line.split(|b| *b == b'=');
        let name = parts.next().map(text::strip).unwrap_or_default();
        let value = parts.next().map_or(0, |part| text::to_i(text::strip(part)));
        let fields = [("parameter", Value::bytes(name)), ("value", value.into())];
        Ok(Value::Hash(give::string_hash(vm, fields)?))
    };
    Ok(Value::array(text::lines(&listing).into_iter().map(row).collect::<Res<Vec<_>>>()?))
}

fn from_sysctl(vm: &Interp) -> Res<Vec<u8>> {
    match Backend::of(vm).run(b"/sbin/sysctl -a")? {
        Ok(output) if output.exit_status == 0 => Ok(output.stdout),
        Ok(output) => unreadable(vm, &text::lossy(text::strip(&output.stderr)), output.stdout),
        Err(error) => unreadable(vm, &error.to_string(), Vec::new()),
    }
}

fn unreadable(vm: &Interp, why: &str, printed: Vec<u8>) -> Res<Vec<u8>> {
    let why = format!("Can't read kernel parameters: there is no /proc/sys, and /sbin/sysctl -a says: {why}");
    doubt::taken_for(vm, &why, printed)
}

/// What `sysctl -a` prints: `name = value`, a line for each line of a value.
fn from_files(backend: &Backend) -> Res<Vec<u8>> {
    let mut files = Vec::new();
    let mut directories = vec![ROOT.to_vec()];
    while !directories.is_empty() {
        let questions: Vec<Request> = directories.iter().map(|path| Request::List { path: path.clone() }).collect();
        let answers = backend.ask(&questions)?;
        let mut below = Vec::new();
        for (directory, answer) in directories.iter().zip(answers) {
            let Answer::Entries(Ok(entries)) = answer else { continue };
            for entry in entries {
                let path = [&directory[..], b"/", &entry.name].concat();
                match entry.kind {
                    FileKind::Directory => below.push(path),
                    FileKind::File => files.push(path),
                    _ => {}
                }
            }
        }
        directories = below;
    }
    files.sort();
    let questions: Vec<Request> = files.iter().map(|path| Request::Read { path: path.clone() }).collect();
    let mut listing = Vec::new();
    for (path, answer) in files.iter().zip(backend.ask(&questions)?) {
        let Answer::Content(Ok(content)) = answer else { continue };
        let content = content.strip_suffix(b"\n").unwrap_or(&content);
        for line in content.split(|b| *b == b'\n') {
            listing.extend(name_of(path));
            listing.extend_from_slice(b" = ");
            listing.extend_from_slice(line);
            listing.push(b'\n');
        }
    }
    Ok(listing)
}

/// A path as the name of a parameter: slashes are dots, and dots slashes.
fn name_of(path: &[u8]) -> Vec<u8> {
    let swap = |byte: &u8| match byte {
        b'/' => b'.',
        b'.' => b'/',
        other => *other,
    };
    path[ROOT.len() + 1..].iter().map(swap).collect()
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn told(audit: &Audit) -> (String, String) {
        let all = audit.the("kernel_parameters");
        (audit.get(&all, "parameters"), audit.get(&all, "values"))
    }

    #[test]
    fn present_parameters_are_read_and_single_unreadable_ones_left_out() {
        let target = MemoryTarget::new()
            .file("/proc/sys/net/ipv4/conf/eth0.7/rp_filter", "2\n")
            .file("/proc/sys/kernel/printk", "4\t4\t1\t7\n")
            .file("/proc/sys/kernel/core_pattern", "|/bin/core=7\n")
            .file("/proc/sys/dev/cdrom/info", "a\n9 b\n")
            .file("/proc/sys/vm/secret", "1\n")
            .denied("/proc/sys/vm/secret")
            .denied("/proc/sys/fs");
        let audit = Audit::debian(target);
        let names = r#"["dev.cdrom.info", "dev.cdrom.info", "kernel.core_pattern", "kernel.printk", "net.ipv4.conf.eth0/7.rp_filter"]"#;
        assert_eq!(told(&audit), (names.into(), "[0, 9, 0, 4, 2]".into()));
        let all = audit.the("kernel_parameters");
        let where_ = audit.vm.hash_from([(Value::sym("parameter"), Value::str("kernel.printk"))]).unwrap();
        let chosen = audit.vm.send(&all, "where", &[where_.into()]).unwrap();
        assert_eq!((audit.get(&chosen, "values"), audit.get(&chosen, "exist?")), ("[4]".into(), "true".into()));
        assert_eq!(audit.get(&chosen, "to_s"), r#""Kernel Parameters with parameter == \"kernel.printk\"""#);
    }

    #[test]
    fn an_unreadable_tree_fails() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/sys/kernel/x", "1\n").denied("/proc/sys"));
        let told = audit.get(&audit.the("kernel_parameters"), "exist?");
        assert!(told.ends_with("Can't read kernel parameters: /proc/sys: permission denied"), "{told}");
    }

    #[test]
    fn malformed_lines_of_sysctl_are_0() {
        let printed = "kernel.x = 1\nkernel.y =\nmalformed\n";
        let audit = Audit::debian(MemoryTarget::new().command("/sbin/sysctl -a", printed, "", 0));
        assert_eq!(audit.get(&audit.the("kernel_parameters"), "count"), "3");
        assert_eq!(told(&audit), (r#"["kernel.x", "kernel.y", "malformed"]"#.into(), "[1, 0, 0]".into()));
    }

    #[test]
    fn where_everything_is_absent_it_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        let (names, _) = told(&audit);
        assert!(names.contains("Can't read kernel parameters: there is no /proc/sys"), "{names}");
        let exists = audit.get(&audit.the("kernel_parameters"), "exist?");
        assert!(exists.starts_with("!Inspec::Exceptions::Unanswered: "), "{exists}");
    }
}
