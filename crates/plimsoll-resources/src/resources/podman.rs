//! `podman`: the containers, images, networks, pods and volumes of a Podman host.
//!
//! ```ruby
//! describe podman.containers.where { status.start_with?('Up') } do
//!   its('images') { should_not include 'docker.io/library/ubuntu:latest' }
//! end
//! describe podman.version do
//!   its('Client.Version') { should cmp >= '4' }
//! end
//! describe podman.object('web') do
//!   its('State.Running') { should eq true }
//! end
//! ```
//!
//! What the `podman` command of the target prints; without it there are no containers, images and networks, and the rest
//! is an error. Where podman can't tell, the test fails.

use std::rc::Rc;

use plimsoll_ruby::{Def, Interp, RClass, RHash, RObject, Res, Value, def};

use super::{command, docker};
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::filter_table::{Columns, Key};
use crate::json_text;
use crate::mash;
use crate::text;
use crate::tool;

pub(crate) const PODMAN: ResourceDef = ResourceDef {
    name: "podman",
    class: "Podman",
    doc: "A Podman host.",
    methods: METHODS,
    setup: Some(tables),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("containers", 0, 0, |vm, _, _| table(vm, &CONTAINERS), "The containers, those that have ended too."),
    def("images", 0, 0, |vm, _, _| table(vm, &IMAGES), "The images."),
    def("networks", 0, 0, |vm, _, _| table(vm, &NETWORKS), "The networks."),
    def("pods", 0, 0, |vm, _, _| table(vm, &PODS), "The pods."),
    def("volumes", 0, 0, |vm, _, _| table(vm, &VOLUMES), "The volumes."),
    def("version", 0, 0, |vm, _, _| told(vm, "version --format json"), "The versions."),
    def("info", 0, 0, |vm, _, _| told(vm, "info --format json"), "The host's settings."),
    def("object", 1, 1, |vm, _, args| object(vm, &vm.to_s(&args[0])?.lossy()), "All about a container, image or pod."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Podman")), "Its title."),
];

/// A kind of things that a host has.
pub(super) struct Kind {
    class: &'static str,
    /// The property of `podman` that lists them.
    property: &'static str,
    title: &'static str,
    /// The command that lists them, without `podman` and its format.
    listing: &'static str,
    /// The fields that are asked for; without any the command gives them all, as one document.
    fields: &'static [&'static str],
    /// The columns of the table, and the keys of its rows.
    columns: &'static [(&'static str, &'static str)],
}

pub(super) const CONTAINERS: Kind = Kind {
    class: "PodmanContainerFilter",
    property: "containers",
    title: "Podman Containers",
    listing: "ps -a --no-trunc --size",
    fields: &[
        "ID",
        "Image",
        "ImageID",
        "Command",
        "CreatedAt",
        "RunningFor",
        "Status",
        "Pod",
        "Ports",
        "Size",
        "Names",
        "Networks",
        "Labels",
        "Mounts",
    ],
    columns: &[
        ("commands", "command"),
        ("ids", "id"),
        ("created_at", "createdat"),
        ("images", "image"),
        ("names", "names"),
        ("status", "status"),
        ("image_ids", "image_id"),
        ("mounts", "mounts"),
        ("networks", "networks"),
        ("pods", "pod"),
        ("ports", "ports"),
        ("sizes", "size"),
        ("running_for", "running_for"),
    ],
};

const IMAGES: Kind = Kind {
    class: "PodmanImageFilter",
    property: "images",
    title: "Podman Images",
    listing: "images -a --no-trunc",
    fields: &["ID", "Repository", "Tag", "Size", "Digest", "CreatedAt", "CreatedSince", "History"],
    columns: &[
        ("ids", "id"),
        ("repositories", "repository"),
        ("tags", "tag"),
        ("sizes", "size"),
        ("digests", "digest"),
        ("created_at", "createdat"),
        ("created_since", "createdsince"),
        ("history", "history"),
    ],
};

const NETWORKS: Kind = Kind {
    class: "PodmanNetworkFilter",
    property: "networks",
    title: "Podman Networks",
    listing: "network ls --no-trunc",
    fields: &[
        "ID",
        "Name",
        "Driver",
        "Labels",
        "Options",
        "IPAMOptions",
        "Created",
        "Internal",
        "IPv6Enabled",
        "DNSEnabled",
        "NetworkInterface",
        "Subnets",
    ],
    columns: &[
        ("ids", "id"),
        ("names", "name"),
        ("drivers", "driver"),
        ("network_interfaces", "networkinterface"),
        ("created", "created"),
        ("subnets", "subnets"),
        ("ipv6_enabled", "ipv6enabled"),
        ("internal", "internal"),
        ("dns_enabled", "dnsenabled"),
        ("ipam_options", "ipamoptions"),
        ("options", "options"),
        ("labels", "labels"),
    ],
};

const PODS: Kind = Kind {
    class: "PodmanPodFilter",
    property: "pods",
    title: "Podman Pods",
    listing: "pod ps --no-trunc --format json",
    fields: &[],
    columns: &[
        ("ids", "id"),
        ("cgroups", "cgroup"),
        ("containers", "containers"),
        ("created", "created"),
        ("infraids", "infraid"),
        ("names", "name"),
        ("namespaces", "namespace"),
        ("networks", "networks"),
        ("status", "status"),
        ("labels", "labels"),
    ],
};

const VOLUMES: Kind = Kind {
    class: "PodmanVolumeFilter",
    property: "volumes",
    title: "Podman Volumes",
    listing: "volume ls --format json",
    fields: &[],
    columns: &[
        ("names", "name"),
        ("drivers", "driver"),
        ("mountpoints", "mountpoint"),
        ("createdat", "createdat"),
        ("labels", "labels"),
        ("scopes", "scope"),
        ("options", "options"),
        ("mountcount", "mountcount"),
        ("needscopyup", "needscopyup"),
        ("needschown", "needschown"),
    ],
};

/// The rows of a table, and its title.
struct Table {
    rows: Value,
    title: &'static str,
}

const TABLE_METHODS: &[Def] = &[
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::str(of(vm, this)?.title)), "Its title."),
    def("to_s", 0, 0, |vm, this, _| Ok(Value::str(of(vm, this)?.title)), "Its title."),
];

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Table> {
    this.native::<Table>().ok_or_else(|| vm.type_error("not a table of podman"))
}

fn tables(vm: &Interp, _: &Rc<RClass>) {
    for kind in [&CONTAINERS, &IMAGES, &NETWORKS, &PODS, &VOLUMES] {
        let class = vm.define_class(&vm.class_named("Inspec::Resources"), kind.class, &vm.c.object);
        let named = |columns: Columns, (name, field): &(&'static str, &'static str)| columns.column(name, field);
        let columns = Columns::new(Key::Str).given_by(kind.property).property(
            "exists?",
            "Whether there is one.",
            |vm, table, _| vm.send(table, "exist?", &[]),
        );
        let mut columns = kind.columns.iter().fold(columns, named);
        if kind.class == CONTAINERS.class {
            columns = columns.simple("labels", "labels").property(
                "running?",
                "Whether one runs; `running?` gives those that run, as a table.",
                docker::those_up,
            );
        }
        columns.install(vm, &class, |vm, this| Ok(of(vm, this)?.rows.clone()));
        vm.define(&class, TABLE_METHODS);
    }
}

fn table(vm: &Interp, kind: &Kind) -> Res {
    let rows = rows(vm, kind)?.into_iter().map(Value::Hash).collect();
    let class = vm.class_named(&format!("Inspec::Resources::{}", kind.class));
    Ok(RObject::with_native(class, Table { rows: Value::array(rows), title: kind.title }).into())
}

/// What the host has of a kind.
pub(super) fn rows(vm: &Interp, kind: &Kind) -> Res<Vec<Rc<RHash>>> {
    if kind.fields.is_empty() {
        return document(vm, kind.listing);
    }
    let format: Vec<String> = kind.fields.iter().map(|field| format!("\"{field}\": {{{{json .{field}}}}}")).collect();
    let line = format!("podman {} --format '{{{}}}'", kind.listing, format.join(", "));
    let output = command::run(vm, line.as_bytes())?;
    let nothing = |why: &[u8]| {
        let why = text::lossy(text::strip(why));
        doubt::taken_for(vm, &format!("Can't tell what `podman {}` lists: {why}", kind.listing), Vec::new())
    };
    match output.exit_status {
        0 => {}
        // Without podman it has nothing. What podman can't tell, and what can't be read, is no empty list.
        tool::NOT_FOUND => return Ok(Vec::new()),
        _ => return nothing(&output.stderr),
    }
    let mut rows = Vec::new();
    for line in text::lines(&output.stdout) {
        let told = match json_text::parse(vm, line)? {
            Ok(Value::Hash(told)) => told,
            Ok(_) => return nothing(b"a line is no object"),
            Err(error) => return nothing(error.as_bytes()),
        };
        let row = lower_keys(vm, &told)?;
        for field in kind.fields {
            let key = Value::str(field.to_ascii_lowercase());
            if vm.hash_get(&row, &key)?.is_none() {
                vm.hash_set(&row, key, Value::Nil)?;
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The rows of a listing that is one JSON document.
fn document(vm: &Interp, listing: &str) -> Res<Vec<Rc<RHash>>> {
    let printed = run(vm, listing)?;
    let failed = |why: &str| base::failed(vm, &format!("Unable to parse command JSON output: {why}"));
    let told = json_text::parse(vm, &printed)?.map_err(|error| failed(&error))?;
    let Value::Array(list) = told else { return Err(failed("it is no list")) };
    let row = |entry: &Value| match entry {
        Value::Hash(entry) => lower_keys(vm, entry),
        _ => Err(failed("an entry is no object")),
    };
    list.to_vec().iter().map(row).collect()
}

fn lower_keys(vm: &Interp, told: &RHash) -> Res<Rc<RHash>> {
    let row = RHash::new();
    for (name, value) in told.entries() {
        vm.hash_set(&row, Value::bytes(vm.to_s(&name)?.bytes().to_ascii_lowercase()), value)?;
    }
    Ok(row)
}

/// What a subcommand prints; its complaint is an error.
fn run(vm: &Interp, subcommand: &str) -> Res<Vec<u8>> {
    let output = command::run(vm, format!("podman {subcommand}").as_bytes())?;
    if output.stderr.is_empty() {
        return Ok(output.stdout);
    }
    let error = text::lossy(&output.stderr);
    Err(vm.error("RuntimeError", format!("Error while running command 'podman {subcommand}' : {error}")))
}

/// What a subcommand prints as JSON; nothing when it prints something else.
fn told(vm: &Interp, subcommand: &str) -> Res {
    match json_text::parse(vm, &run(vm, subcommand)?)? {
        Ok(Value::Hash(hash)) => mash::deep(vm, &hash),
        _ => Ok(Value::Hash(mash::new(vm))),
    }
}

fn object(vm: &Interp, id: &str) -> Res {
    let told = json_text::parse(vm, &run(vm, &format!("inspect {id} --format json"))?)?;
    let told = match told {
        Ok(Value::Array(list)) => list.get(0).unwrap_or_default(),
        Ok(other) => other,
        Err(_) => Value::Nil,
    };
    match told {
        Value::Hash(hash) => mash::deep(vm, &hash),
        _ => Ok(Value::Hash(mash::new(vm))),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    pub(in crate::resources) fn line(kind: &Kind) -> String {
        let format: Vec<String> = kind.fields.iter().map(|f| format!("\"{f}\": {{{{json .{f}}}}}")).collect();
        format!("podman {} --format '{{{}}}'", kind.listing, format.join(", "))
    }

    pub(in crate::resources) const LISTED: &str = "{\"ID\": \"591270d8\", \"Image\": \"nginx:1.25\", \"Names\": \"web\", \
        \"Status\": \"Up 2 days\", \"Labels\": {\"a\": \"1\"}, \"Ports\": \"80/tcp\", \"Command\": \"nginx\"}\n\
        {\"ID\": \"ffff\", \"Image\": \"alpine\", \"Names\": \"old\", \"Status\": \"Exited (0)\"}\n";

    fn table_of(audit: &Audit, name: &str) -> Value {
        audit.vm.send(&audit.the("podman"), name, &[]).unwrap()
    }

    #[test]
    fn a_present_host_lists_what_it_has() {
        let target = MemoryTarget::new()
            .command(line(&CONTAINERS), LISTED, "", 0)
            .command(
                "podman pod ps --no-trunc --format json",
                r#"[{"Id": "95ca", "Name": "p", "Status": "Running"}]"#,
                "",
                0,
            )
            .command("podman volume ls --format json", "[]", "", 0);
        let audit = Audit::debian(target);
        let containers = table_of(&audit, "containers");
        assert_eq!(
            (audit.get(&containers, "names"), audit.get(&containers, "running?")),
            (r#"["web", "old"]"#.into(), "Podman Containers with status".into())
        );
        assert_eq!(audit.get(&containers, "labels"), r#"[{"a" => "1"}]"#);
        assert_eq!(
            (audit.get(&containers, "sizes"), audit.get(&containers, "to_s")),
            ("[nil, nil]".into(), r#""Podman Containers""#.into())
        );
        assert_eq!(audit.get(&table_of(&audit, "pods"), "ids"), r#"["95ca"]"#);
        assert_eq!(audit.get(&audit.the("podman"), "to_s"), r#""Podman""#);
        assert_eq!(audit.get(&table_of(&audit, "volumes"), "exist?"), "false");
    }

    #[test]
    fn tells_of_the_host_and_its_objects() {
        let target = MemoryTarget::new()
            .command("podman version --format json", r#"{"Client": {"Version": "4.1.0"}}"#, "", 0)
            .command("podman info --format json", "", "cannot connect", 125)
            .command("podman inspect web --format json", r#"[{"State": {"Running": true}}]"#, "", 0);
        let audit = Audit::debian(target);
        let podman = audit.the("podman");
        let version = audit.vm.send(&podman, "version", &[]).unwrap();
        assert_eq!(audit.get(&audit.vm.send(&version, "Client", &[]).unwrap(), "Version"), r#""4.1.0""#);
        let web = audit.vm.send(&podman, "object", &[Value::str("web")]).unwrap();
        assert_eq!(audit.get(&audit.vm.send(&web, "State", &[]).unwrap(), "Running"), "true");
        let info = audit.get(&podman, "info");
        assert_eq!(info, "!RuntimeError: Error while running command 'podman info --format json' : cannot connect");
    }

    #[test]
    fn malformed_and_unreadable_lists_fail() {
        let target = MemoryTarget::new()
            .command(line(&IMAGES), "oops\n", "", 0)
            .command(line(&NETWORKS), "7\n", "", 0)
            .command(line(&CONTAINERS), "", "Error: unable to connect to Podman socket\n", 125)
            .command("podman volume ls --format json", "no JSON", "", 0)
            .command("podman pod ps --no-trunc --format json", "{}", "", 0);
        let audit = Audit::debian(target);
        let podman = audit.the("podman");
        for (question, told) in [
            ("images", "Unanswered: Can't tell what `podman images -a --no-trunc` lists: "),
            ("networks", "`podman network ls --no-trunc` lists: a line is no object"),
            ("containers", "`podman ps -a --no-trunc --size` lists: Error: unable to connect to Podman socket"),
            ("volumes", "ResourceFailed: Unable to parse command JSON output: "),
            ("pods", "ResourceFailed: Unable to parse command JSON output: it is no list"),
        ] {
            let answer = audit.get(&podman, question);
            assert!(answer.contains(told), "{answer}");
        }
    }

    #[test]
    fn with_an_absent_podman_there_is_nothing() {
        let audit = Audit::debian(MemoryTarget::new());
        for name in ["containers", "images", "networks"] {
            let table = table_of(&audit, name);
            assert_eq!((audit.get(&table, "ids"), audit.get(&table, "exist?")), ("[]".into(), "false".into()));
        }
        let podman = audit.the("podman");
        assert!(audit.get(&podman, "pods").starts_with("!RuntimeError: Error while running command"));
    }
}
