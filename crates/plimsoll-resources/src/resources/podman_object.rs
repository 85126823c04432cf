//! `podman_container`, `podman_image`, `podman_network`, `podman_pod` and `podman_volume`: one of what a Podman host has.
//!
//! ```ruby
//! describe podman_container('web') do
//!   it { should be_running }
//!   its('image') { should eq 'docker.io/library/nginx:latest' }
//! end
//! describe podman_image('docker.io/library/busybox') do
//!   it { should exist }
//!   its('repo_tags') { should include 'docker.io/library/busybox:latest' }
//! end
//! describe podman_volume('data') do
//!   its('driver') { should eq 'local' }
//! end
//! ```
//!
//! A container is found by name or `id: '…'`, of which the beginning is enough; an image by `REPOSITORY:TAG` (`latest` when
//! there is no tag), `repo:` and `tag:`, or `id:`; the others by name or id. All but a container fail where Podman does
//! not run. A property of what is not there is nil.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};

use super::docker_object::Reference;
use super::{command, docker, podman};
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt::{self, Once};
use crate::give;
use crate::json_text;
use crate::text;

/// Which container is meant.
struct Container {
    name: Option<Vec<u8>>,
    id: Option<Vec<u8>>,
    found: Once<Vec<Rc<RHash>>>,
}

pub(crate) const CONTAINER: ResourceDef = ResourceDef {
    name: "podman_container",
    class: "PodmanContainer",
    doc: "A container of a Podman host.",
    new: Some((0, 1, new_container)),
    methods: CONTAINER_METHODS,
    ..ResourceDef::EMPTY
};

const CONTAINER_METHODS: &[Def] = &[
    def(
        "exist?",
        0,
        0,
        |vm, this, _| Ok((!container(vm, this)?.found(vm)?.is_empty()).into()),
        "Whether there is one.",
    ),
    def("running?", 0, 0, is_running, "Whether it runs."),
    def("id", 0, 0, |vm, this, _| one(vm, this, "id"), "Its id."),
    def("status", 0, 0, |vm, this, _| one(vm, this, "status"), "Its status: `Up 2 days`."),
    def("labels", 0, 0, labels, "Its labels: a list with a Hash."),
    def("ports", 0, 0, |vm, this, _| one(vm, this, "ports"), "Its ports, as text."),
    def("command", 0, 0, |vm, this, _| one(vm, this, "command"), "What it runs."),
    def("image", 0, 0, |vm, this, _| one(vm, this, "image"), "Its image."),
    def("resource_id", 0, 0, container_id, "Its id."),
    def("to_s", 0, 0, container_title, "Its title."),
];

fn new_container(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let (name, id) = match args.get(0) {
        Some(Value::Hash(_)) => (give::text_option(vm, args, 0, "name")?, give::text_option(vm, args, 0, "id")?),
        _ => (give::text_arg(vm, args, 0)?, None),
    };
    base::set_state(vm, this, Container { name, id, found: Once::default() })
}

fn container(vm: &Interp, this: &Value) -> Res<Rc<Container>> {
    base::state::<Container>(vm, this)
}

impl Container {
    fn found(&self, vm: &Interp) -> Res<&[Rc<RHash>]> {
        let found = self.found.get(vm, || {
            let mut found = Vec::new();
            for row in podman::rows(vm, &podman::CONTAINERS)? {
                let named = field(vm, &row, "names")? == self.name;
                let by_id = match (field(vm, &row, "id")?, &self.id) {
                    (Some(id), Some(wanted)) => id.starts_with(wanted),
                    _ => false,
                };
                if named || by_id {
                    found.push(row);
                }
            }
            Ok(found)
        })?;
        Ok(found)
    }
}

/// A field of a row as text.
fn field(vm: &Interp, row: &RHash, name: &str) -> Res<Option<Vec<u8>>> {
    Ok(match vm.hash_get(row, &Value::str(name))? {
        Some(Value::Str(text)) => Some(text.to_vec()),
        _ => None,
    })
}

/// A field, if exactly one is meant.
fn one(vm: &Interp, this: &Value, name: &str) -> Res {
    match container(vm, this)?.found(vm)? {
        [row] => Ok(vm.hash_get(row, &Value::str(name))?.unwrap_or_default()),
        _ => Ok(Value::Nil),
    }
}

fn is_running(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let is_one = container(vm, this)?.found(vm)?.len() == 1;
    Ok(if is_one { docker::is_up(&one(vm, this, "status")?).into() } else { Value::Nil })
}

fn labels(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let mut labels = Vec::new();
    for row in container(vm, this)?.found(vm)? {
        labels.extend(vm.hash_get(row, &Value::str("labels"))?);
    }
    let labels = vm.send(&Value::array(labels), "flatten", &[])?;
    vm.send(&vm.send(&labels, "uniq", &[])?, "compact", &[])
}

fn container_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let container = container(vm, this)?;
    let found = match container.found(vm)?.first() {
        Some(row) => field(vm, row, "id")?,
        None => None,
    };
    let id = found.or_else(|| container.id.clone()).or_else(|| container.name.clone());
    Ok(Value::bytes(id.unwrap_or_default()))
}

fn container_title(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let container = container(vm, this)?;
    let name = container.name.as_ref().or(container.id.as_ref()).cloned().unwrap_or_default();
    Ok(Value::bytes([b"Podman Container ".as_slice(), &name].concat()))
}

/// What `podman … inspect` says of an object.
struct Inspected {
    /// What it was asked for.
    given: Value,
    /// The id of reports.
    id: Vec<u8>,
    info: Value,
}

/// How a kind of objects is inspected.
struct Kind {
    subcommand: &'static str,
    /// What errors call it.
    called: &'static str,
    /// What Podman says when there is no such object.
    missing: &'static str,
    /// Properties, and what Podman calls them.
    fields: &'static [(&'static str, &'static str)],
}

macro_rules! properties {
    ($fields:ident, $methods:ident, [$(($name:literal, $field:literal, $doc:literal)),+ $(,)?], [$($more:expr),* $(,)?]) => {
        const $fields: &[(&str, &str)] = &[$(($name, $field)),+];
        const $methods: &[Def] = &[$(def($name, 0, 0, |vm, this, _| told(vm, this, $name), $doc)),+, $($more),*];
    };
}

properties!(
    IMAGE_FIELDS,
    IMAGE_METHODS,
    [
        ("id", "ID", "Its id."),
        ("repo_tags", "RepoTags", "Its names with tags."),
        ("size", "Size", "Its size in bytes."),
        ("digest", "Digest", "Its digest."),
        ("created_at", "Created", "When it was made."),
        ("version", "Version", "The version of what built it."),
        ("names_history", "NamesHistory", "Its earlier names."),
        ("repo_digests", "RepoDigests", "Its names with digests."),
        ("architecture", "Architecture", "The architecture it is for."),
        ("os", "Os", "The system it is for."),
        ("virtual_size", "VirtualSize", "Its size in bytes with the layers below."),
    ],
    [
        def("exist?", 0, 0, exists, "Whether there is one."),
        def("opts", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.given.clone()), "What it was asked for."),
        def("image_info", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.info.clone()), "All that is told of it."),
        def("resource_id", 0, 0, |vm, this, _| title(vm, this, ""), "Its id or name."),
        def("to_s", 0, 0, |vm, this, _| title(vm, this, "podman_image "), "Its title."),
    ]
);

properties!(
    NETWORK_FIELDS,
    NETWORK_METHODS,
    [
        ("id", "ID", "Its id."),
        ("name", "Name", "Its name."),
        ("driver", "Driver", "Its driver."),
        ("labels", "Labels", "Its labels."),
        ("options", "Options", "The options of its driver."),
        ("ipam_options", "IPAMOptions", "How addresses are given."),
        ("internal", "Internal", "Whether it is closed to the outside."),
        ("created", "Created", "When it was made."),
        ("ipv6_enabled", "IPv6Enabled", "Whether it has IPv6."),
        ("dns_enabled", "DNSEnabled", "Whether it has names."),
        ("network_interface", "NetworkInterface", "Its interface on the host."),
        ("subnets", "Subnets", "Its subnets."),
    ],
    [
        def("exist?", 0, 0, exists, "Whether there is one."),
        def("network_info", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.info.clone()), "All that is told of it."),
        def("param", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.given.clone()), "What it was asked for."),
        def("resource_id", 0, 0, |vm, this, _| network_title(vm, this, ""), "Its id."),
        def("to_s", 0, 0, |vm, this, _| network_title(vm, this, "podman_network "), "Its title."),
    ]
);

properties!(
    POD_FIELDS,
    POD_METHODS,
    [
        ("id", "ID", "Its id."),
        ("name", "Name", "Its name."),
        ("created_at", "Created", "When it was made."),
        ("create_command", "CreateCommand", "The command that made it."),
        ("state", "State", "Its state."),
        ("hostname", "Hostname", "Its host name."),
        ("create_cgroup", "CreateCgroup", "Whether it has a control group."),
        ("cgroup_parent", "CgroupParent", "The control group above."),
        ("cgroup_path", "CgroupPath", "Its control group."),
        ("create_infra", "CreateInfra", "Whether it has an infra container."),
        ("infra_container_id", "InfraContainerID", "The id of that."),
        ("infra_config", "InfraConfig", "The settings of that."),
        ("shared_namespaces", "SharedNamespaces", "The namespaces that its containers share."),
        ("num_containers", "NumContainers", "How many containers it has."),
        ("containers", "Containers", "Its containers."),
    ],
    [
        def("exist?", 0, 0, exists, "Whether there is one."),
        def("pod_info", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.info.clone()), "All that is told of it."),
        def("pod_id", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.given.clone()), "What it was asked for."),
        def("resource_id", 0, 0, |vm, this, _| title(vm, this, ""), "What it was asked for."),
        def("to_s", 0, 0, |vm, this, _| title(vm, this, "Podman Pod "), "Its title."),
    ]
);

properties!(
    VOLUME_FIELDS,
    VOLUME_METHODS,
    [
        ("name", "Name", "Its name."),
        ("driver", "Driver", "Its driver."),
        ("mountpoint", "Mountpoint", "Where the host has it."),
        ("created_at", "CreatedAt", "When it was made."),
        ("labels", "Labels", "Its labels."),
        ("scope", "Scope", "Its scope."),
        ("options", "Options", "The options of its driver."),
        ("mount_count", "MountCount", "How often it is mounted."),
        ("needs_copy_up", "NeedsCopyUp", "Whether it is to be filled at first use."),
        ("needs_chown", "NeedsChown", "Whether it gets its owner at first use."),
    ],
    [
        def("exist?", 0, 0, exists, "Whether there is one."),
        def("volume_info", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.info.clone()), "All that is told of it."),
        def("volume_name", 0, 0, |vm, this, _| Ok(inspected(vm, this)?.given.clone()), "What it was asked for."),
        def("resource_id", 0, 0, |vm, this, _| title(vm, this, ""), "What it was asked for."),
        def("to_s", 0, 0, |vm, this, _| title(vm, this, "podman_volume "), "Its title."),
    ]
);

const IMAGES: Kind =
    Kind { subcommand: "image", called: "image", missing: "failed to find image", fields: IMAGE_FIELDS };
const NETWORKS: Kind =
    Kind { subcommand: "network", called: "network", missing: "network not found", fields: NETWORK_FIELDS };
const PODS: Kind = Kind { subcommand: "pod", called: "pod", missing: "no pod with name or ID", fields: POD_FIELDS };
const VOLUMES: Kind =
    Kind { subcommand: "volume", called: "volume", missing: "inspecting object: no such", fields: VOLUME_FIELDS };

pub(crate) const IMAGE: ResourceDef = ResourceDef {
    name: "podman_image",
    class: "PodmanImage",
    doc: "An image of a Podman host.",
    new: Some((1, 1, new_image)),
    methods: IMAGE_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const NETWORK: ResourceDef = ResourceDef {
    name: "podman_network",
    class: "PodmanNetwork",
    doc: "A network of a Podman host.",
    new: Some((1, 1, |vm, this, args| new(vm, this, &args[0], &NETWORKS))),
    methods: NETWORK_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const POD: ResourceDef = ResourceDef {
    name: "podman_pod",
    class: "PodmanPod",
    doc: "A pod of a Podman host.",
    new: Some((1, 1, |vm, this, args| new(vm, this, &args[0], &PODS))),
    methods: POD_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const VOLUME: ResourceDef = ResourceDef {
    name: "podman_volume",
    class: "PodmanVolume",
    doc: "A volume of a Podman host.",
    new: Some((1, 1, |vm, this, args| new(vm, this, &args[0], &VOLUMES))),
    methods: VOLUME_METHODS,
    ..ResourceDef::EMPTY
};

fn new(vm: &Interp, this: &Value, given: &Value, kind: &Kind) -> Res {
    let name = vm.to_s(given)?.to_vec();
    keep(vm, this, given.clone(), name.clone(), &name, kind)
}

fn new_image(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let (image, id, repository, tag) = match &args[0] {
        Value::Hash(_) => {
            let option = |name: &str| give::text_option(vm, args, 0, name);
            (option("image")?, option("id")?, option("repo")?, option("tag")?)
        }
        image => (Some(vm.to_s(image)?.to_vec()), None, None, None),
    };
    let (repository, tag) = match image.as_deref().map(Reference::of) {
        Some(reference) => (reference.repository, reference.tag),
        None => (repository, tag),
    };
    let tag = tag.unwrap_or_else(|| b"latest".to_vec());
    let image = repository.as_ref().map(|repository| [&repository[..], b":", &tag].concat());
    if let Value::Hash(options) = &args[0] {
        // CINC completes the options that it was given, which reports show.
        for (name, value) in [("repo", repository.as_ref()), ("tag", Some(&tag)), ("image", image.as_ref())] {
            if let Some(value) = value {
                vm.hash_set(options, Value::sym(name), Value::bytes(value.clone()))?;
            }
        }
    }
    let Some(asked) = id.clone().or_else(|| image.clone()) else {
        return Err(base::failed(vm, "Give the image's name, `repo:` or `id:`."));
    };
    keep(vm, this, args[0].clone(), asked.clone(), &asked, &IMAGES)
}

fn keep(vm: &Interp, this: &Value, given: Value, id: Vec<u8>, asked: &[u8], kind: &Kind) -> Res {
    match inspect(vm, asked, kind) {
        Ok(info) => base::set_state(vm, this, Inspected { given, id, info }),
        Err(unwind) => {
            base::set_state(vm, this, Inspected { given, id, info: Value::Nil })?;
            Err(unwind)
        }
    }
}

fn inspect(vm: &Interp, asked: &[u8], kind: &Kind) -> Res {
    if command::run(vm, b"podman version")?.exit_status != 0 {
        return Err(base::failed(vm, "Podman is not running. Please make sure it is installed and running."));
    }
    let asked = text::lossy(asked);
    let output = command::run(vm, line(&asked, kind).as_bytes())?;
    if output.exit_status == 0 {
        let told = json_text::parse(vm, &output.stdout)?;
        return told.map_err(|error| doubt::unanswered(vm, &format!("Can't read what podman prints: {error}")));
    }
    if text::find(&output.stderr, kind.missing.as_bytes()).is_some() {
        return Ok(vm.hash_from([])?.into());
    }
    let (called, error) = (kind.called, text::lossy(&output.stderr));
    let message = format!("Unable to retrieve podman {called} information for {asked}.\nError message: {error}");
    Err(base::failed(vm, &message))
}

fn line(asked: &str, kind: &Kind) -> String {
    let fields: Vec<String> =
        kind.fields.iter().map(|(name, field)| format!("\"{name}\": {{{{json .{field}}}}}")).collect();
    format!("podman {} inspect {asked} --format '{{{}}}'", kind.subcommand, fields.join(", "))
}

fn inspected(vm: &Interp, this: &Value) -> Res<Rc<Inspected>> {
    base::state::<Inspected>(vm, this)
}

fn told(vm: &Interp, this: &Value, name: &str) -> Res {
    vm.send(&inspected(vm, this)?.info, "[]", &[Value::str(name)])
}

fn exists(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok((!vm.send(&inspected(vm, this)?.info, "empty?", &[])?.truthy()).into())
}

fn title(vm: &Interp, this: &Value, title: &str) -> Res {
    Ok(Value::bytes([title.as_bytes(), &inspected(vm, this)?.id].concat()))
}

/// A network is known by the id that Podman tells.
fn network_title(vm: &Interp, this: &Value, start: &str) -> Res {
    let network = inspected(vm, this)?;
    let id = match &network.info {
        Value::Hash(info) => vm.hash_get(info, &Value::str("id"))?.filter(Value::truthy),
        _ => None,
    };
    match id {
        Some(id) => Ok(Value::bytes([start.as_bytes(), &vm.to_s(&id)?.bytes()].concat())),
        None => title(vm, this, start),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn running() -> MemoryTarget {
        MemoryTarget::new().command("podman version", "", "", 0)
    }

    #[test]
    fn a_present_container_is_told_of_and_an_absent_one_is_not_there() {
        let listing = podman::tests::line(&podman::CONTAINERS);
        let audit = Audit::debian(running().command(listing, podman::tests::LISTED, "", 0));
        let web = audit.on("podman_container", "web");
        assert_eq!((audit.get(&web, "exist?"), audit.get(&web, "running?")), ("true".into(), "true".into()));
        assert_eq!(
            (audit.get(&web, "image"), audit.get(&web, "ports")),
            (r#""nginx:1.25""#.into(), r#""80/tcp""#.into())
        );
        assert_eq!(
            (audit.get(&web, "labels"), audit.get(&web, "command")),
            (r#"[{"a" => "1"}]"#.into(), r#""nginx""#.into())
        );
        assert_eq!(
            (audit.get(&web, "resource_id"), audit.get(&web, "to_s")),
            (r#""591270d8""#.into(), r#""Podman Container web""#.into())
        );
        let id = audit.vm.hash_from([(Value::sym("id"), Value::str("ff"))]).unwrap();
        let old = audit.make("podman_container", &[id.into()]).unwrap();
        assert_eq!(
            (audit.get(&old, "running?"), audit.get(&old, "to_s")),
            ("false".into(), r#""Podman Container ff""#.into())
        );
        let gone = audit.on("podman_container", "gone");
        assert_eq!((audit.get(&gone, "exist?"), audit.get(&gone, "status")), ("false".into(), "nil".into()));
        assert_eq!(audit.get(&gone, "resource_id"), r#""gone""#);
    }

    #[test]
    fn present_absent_malformed_and_unreadable_images_are_told_apart() {
        let target = running()
            .command(
                line("busybox:latest", &IMAGES),
                r#"{"id": "3c19", "repo_tags": ["busybox:latest"], "size": 1636053}"#,
                "",
                0,
            )
            .command(line("host:5000/a:1", &IMAGES), "", "Error: gone: failed to find image host:5000/a:1", 125)
            .command(line("x:latest", &IMAGES), "", "storage is locked", 125)
            .command(line("3c19", &IMAGES), "malformed", "", 0);
        let audit = Audit::debian(target);
        let image = audit.on("podman_image", "busybox");
        assert_eq!(
            (audit.get(&image, "size"), audit.get(&image, "repo_tags")),
            ("1636053".into(), r#"["busybox:latest"]"#.into())
        );
        assert_eq!(
            (audit.get(&image, "exist?"), audit.get(&image, "to_s")),
            ("true".into(), r#""podman_image busybox:latest""#.into())
        );
        let gone = audit.on("podman_image", "host:5000/a:1");
        assert_eq!((audit.get(&gone, "exist?"), audit.get(&gone, "id")), ("false".into(), "nil".into()));
        let locked = audit.why(&audit.on("podman_image", "x"));
        assert_eq!(
            locked,
            "failed: Unable to retrieve podman image information for x:latest.\nError message: storage is locked"
        );
        let id = audit.vm.hash_from([(Value::sym("id"), Value::str("3c19"))]).unwrap();
        let odd = audit.make("podman_image", &[id.into()]).unwrap();
        assert!(audit.why(&odd).starts_with("failed: Can't read what podman prints: "));
    }

    #[test]
    fn present_networks_pods_and_volumes_are_told_of() {
        let target = running()
            .command(line("net", &NETWORKS), r#"{"id": "abc", "dns_enabled": true}"#, "", 0)
            .command(line("none", &NETWORKS), "", "unable to find: network not found", 125)
            .command(line("p", &PODS), r#"{"id": "95ca", "num_containers": 2}"#, "", 0)
            .command(line("data", &VOLUMES), r#"{"name": "data", "labels": {}, "needs_chown": true}"#, "", 0);
        let audit = Audit::debian(target);
        let network = audit.on("podman_network", "net");
        assert_eq!(
            (audit.get(&network, "dns_enabled"), audit.get(&network, "to_s")),
            ("true".into(), r#""podman_network abc""#.into())
        );
        let none = audit.on("podman_network", "none");
        assert_eq!(
            (audit.get(&none, "exist?"), audit.get(&none, "to_s")),
            ("false".into(), r#""podman_network none""#.into())
        );
        let pod = audit.on("podman_pod", "p");
        assert_eq!((audit.get(&pod, "num_containers"), audit.get(&pod, "resource_id")), ("2".into(), r#""p""#.into()));
        let volume = audit.on("podman_volume", "data");
        assert_eq!(
            (audit.get(&volume, "needs_chown"), audit.get(&volume, "to_s")),
            ("true".into(), r#""podman_volume data""#.into())
        );
    }

    #[test]
    fn with_an_absent_podman_they_fail() {
        let audit = Audit::debian(MemoryTarget::new());
        let why = "failed: Podman is not running. Please make sure it is installed and running.";
        for name in ["podman_image", "podman_network", "podman_pod", "podman_volume"] {
            assert_eq!(audit.why(&audit.on(name, "x")), why);
        }
        assert_eq!(audit.get(&audit.on("podman_container", "x"), "exist?"), "false");
    }

    #[test]
    fn absent_malformed_and_unreadable_objects_are_told_apart() {
        for (name, kind) in [("podman_network", &NETWORKS), ("podman_pod", &PODS), ("podman_volume", &VOLUMES)] {
            let target = running()
                .command(line("gone", kind), "", format!("Error: {}\n", kind.missing), 125)
                .command(line("odd", kind), "oops", "", 0)
                .command(line("no", kind), "", "database is locked", 125);
            let audit = Audit::debian(target);
            let gone = audit.on(name, "gone");
            assert_eq!((audit.why(&gone), audit.get(&gone, "exist?")), ("fine".into(), "false".into()));
            assert!(audit.why(&audit.on(name, "odd")).starts_with("failed: Can't read what podman prints: "));
            let called = kind.called;
            let locked =
                format!("Unable to retrieve podman {called} information for no.\nError message: database is locked");
            assert_eq!(audit.why(&audit.on(name, "no")), format!("failed: {locked}"));
        }
    }

    #[test]
    fn a_malformed_or_unreadable_list_of_containers_fails() {
        let listing = podman::tests::line(&podman::CONTAINERS);
        for (printed, error, status) in [("oops\n", "", 0), ("", "database is locked", 125)] {
            let audit = Audit::debian(running().command(&listing, printed, error, status));
            let told = audit.get(&audit.on("podman_container", "web"), "exist?");
            assert!(told.contains("Unanswered: Can't tell what `podman ps -a --no-trunc --size` lists: "), "{told}");
        }
    }
}
