//! A thousand questions about packages, over databases of six hundred.
//!
//! `rpmdb.sqlite.gz` holds headers of four tags each, named and numbered as the packages of the texts here are.

use std::io::Read;
use std::rc::Rc;
use std::sync::Arc;

use flate2::read::GzDecoder;
use plimsoll_resources::{Backend, ResourceSet, backend_object, create, install, set_backend_object};
use plimsoll_ruby::{Args, Interp, Limits, NoHost, Sym, Value};
use plimsoll_target::{Cached, MemoryTarget};

const PACKAGES: usize = 600;
const QUESTIONS: usize = 1000;

fn main() {
    divan::main();
}

fn debian() -> MemoryTarget {
    let package = |at| {
        format!("Package: package-{at}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.{at}.0-1\n\n")
    };
    let status = (0..PACKAGES).map(package).collect::<Vec<_>>().concat();
    MemoryTarget::new().file("/etc/debian_version", "12.5\n").file("/var/lib/dpkg/status", status)
}

fn alpine() -> MemoryTarget {
    let package = |at| format!("P:package-{at}\nV:1.{at}.0-r1\nA:x86_64\nT:A library with number {at}\n\n");
    let installed = (0..PACKAGES).map(package).collect::<Vec<_>>().concat();
    MemoryTarget::new().file("/etc/alpine-release", "3.19.1\n").file("/lib/apk/db/installed", installed)
}

fn redhat() -> MemoryTarget {
    let mut database = Vec::new();
    GzDecoder::new(include_bytes!("rpmdb.sqlite.gz").as_slice()).read_to_end(&mut database).expect("it is whole");
    let release = "Red Hat Enterprise Linux release 9.3 (Plow)\n";
    MemoryTarget::new().file("/etc/redhat-release", release).file("/var/lib/rpm/rpmdb.sqlite", database)
}

struct Audit {
    vm: Rc<Interp>,
    set: Rc<ResourceSet>,
}

impl Audit {
    fn of(target: MemoryTarget) -> Self {
        let vm = Interp::new(Rc::new(NoHost), Limits::default());
        let set = install(&vm, Backend::new(Arc::new(Cached::new(target))));
        let object = backend_object(&vm, &set, Value::Nil);
        set_backend_object(&vm, object);
        Self { vm, set }
    }

    /// `package(NAME).installed?`
    fn is_installed(&self, name: &str) -> bool {
        let class = self.set.get(Sym::new("package")).expect("there is such a resource");
        let arguments = [Value::str(name)];
        let package = create(&self.vm, &class, Sym::new("package"), Args::new(&arguments)).expect("it is made");
        self.vm.send(&package, "installed?", &[]).expect("it answers").truthy()
    }

    /// Asks for packages that are there and for some that are not.
    fn ask_all(&self, names: &[String]) {
        let installed = names.iter().filter(|name| self.is_installed(name)).count();
        assert_eq!(installed, PACKAGES);
    }
}

fn after_the_first(bencher: divan::Bencher<'_, '_>, target: MemoryTarget) {
    let names: Vec<String> = (0..QUESTIONS).map(|at| format!("package-{at}")).collect();
    let audit = Audit::of(target);
    assert!(audit.is_installed("package-1"));
    bencher.bench_local(|| audit.ask_all(&names));
}

#[divan::bench]
fn dpkg(bencher: divan::Bencher<'_, '_>) {
    after_the_first(bencher, debian());
}

#[divan::bench]
fn apk(bencher: divan::Bencher<'_, '_>) {
    after_the_first(bencher, alpine());
}

#[divan::bench]
fn rpm(bencher: divan::Bencher<'_, '_>) {
    after_the_first(bencher, redhat());
}

/// The first question reads the database.
#[divan::bench]
fn first_of_rpm(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(|| Audit::of(redhat())).bench_local_values(|audit| assert!(audit.is_installed("package-1")));
}
