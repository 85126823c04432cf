//! `docker`: the containers, images, plugins and services of a Docker host.
//!
//! ```ruby
//! describe docker.containers.where { status.start_with?('Up') } do
//!   its('images') { should_not include 'u12:latest' }
//! end
//! describe docker.version do
//!   its('Server.Version') { should cmp >= '20' }
//! end
//! describe docker.object('web') do
//!   its(%w(HostConfig Privileged)) { should eq false }
//! end
//! ```
//!
//! What the `docker` command of the target prints; without it there is nothing, and where it can't tell (no daemon, no right
//! to ask it) the test fails.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RClass, RHash, RObject, RProc, Res, Sym, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::filter_table::{Columns, Key};
use crate::json_text;
use crate::mash;
use crate::text;
use crate::tool;

pub(crate) const DOCKER: ResourceDef = ResourceDef {
    name: "docker",
    class: "Docker",
    doc: "A Docker host.",
    methods: METHODS,
    setup: Some(tables),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("containers", 0, 0, |vm, _, _| table(vm, Kind::Container), "The containers, those that have ended too."),
    def("images", 0, 0, |vm, _, _| table(vm, Kind::Image), "The images."),
    def("plugins", 0, 0, |vm, _, _| table(vm, Kind::Plugin), "The plugins."),
    def("services", 0, 0, |vm, _, _| table(vm, Kind::Service), "The services of a swarm."),
    def("version", 0, 0, |vm, _, _| told(vm, b"docker version --format '{{ json . }}'"), "The versions."),
    def("info", 0, 0, |vm, _, _| told(vm, b"docker info --format '{{ json . }}'"), "The host's settings."),
    def("object", 1, 1, |vm, _, args| object(vm, &vm.to_s(&args[0])?.to_vec()), "All about a container or an image."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Docker Host")), "Its title."),
];

/// What a Docker host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Container,
    Image,
    Plugin,
    Service,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Container => "DockerContainerFilter",
            Self::Image => "DockerImageFilter",
            Self::Plugin => "DockerPluginFilter",
            Self::Service => "DockerServiceFilter",
        }
    }
}

/// The rows of a table, which are all it has.
struct Rows(Value);

fn tables(vm: &Interp, _: &Rc<RClass>) {
    let install = |kind: Kind, columns: Columns| {
        let class = vm.define_class(&vm.class_named("Inspec::Resources"), kind.class(), &vm.c.object);
        columns.install(vm, &class, |vm, this| {
            this.native::<Rows>().map(|rows| rows.0.clone()).ok_or_else(|| vm.type_error("not a table of docker"))
        });
    };
    let exists = |columns: Columns| {
        columns.property("exists?", "Whether there is one.", |vm, table, _| {
            Ok((vm.to_int(&vm.send(table, "count", &[])?)? > 0).into())
        })
    };
    let containers = exists(Columns::new(Key::Str).given_by("containers"))
        .column("commands", "command")
        .column("ids", "id")
        .column("images", "image")
        .simple("labels", "labels")
        .column("local_volumes", "localvolumes")
        .column("mounts", "mounts")
        .column("names", "names")
        .column("networks", "networks")
        .column("ports", "ports")
        .column("running_for", "runningfor")
        .column("sizes", "size")
        .column("status", "status")
        .property("running?", "Whether one runs; `running?` gives those that run, as a table.", those_up);
    install(Kind::Container, containers);
    let images = exists(Columns::new(Key::Str).given_by("images"))
        .column("ids", "id")
        .column("repositories", "repository")
        .column("tags", "tag")
        .column("sizes", "size")
        .column("digests", "digest")
        .column("created", "createdat")
        .column("created_since", "createdsize");
    install(Kind::Image, images);
    let plugins = Columns::new(Key::Str)
        .given_by("plugins")
        .column("ids", "id")
        .column("names", "name")
        .column("versions", "version")
        .column("enabled", "enabled");
    install(Kind::Plugin, plugins);
    let services = exists(Columns::new(Key::Str).given_by("services"))
        .column("ids", "id")
        .column("names", "name")
        .column("modes", "mode")
        .column("replicas", "replicas")
        .column("images", "image")
        .column("ports", "ports");
    install(Kind::Service, services);
}

/// The containers that run: InSpec gives a table here, which profiles ask further.
pub(super) fn those_up(vm: &Interp, table: &Value, _: Option<&Value>) -> Res {
    let block = RProc::native(|vm, row, _| Ok(is_up(&vm.send(row, "status", &[])?).into()));
    let args = Args::default().with_block(Some(&block));
    vm.call_with(table, Sym::new("where"), args, CallStyle::Explicit)
}

/// Whether a container's status tells that it runs.
pub(super) fn is_up(status: &Value) -> bool {
    matches!(status, Value::Str(text) if text.bytes().to_ascii_lowercase().starts_with(b"up"))
}

fn table(vm: &Interp, kind: Kind) -> Res {
    let rows = rows(vm, kind)?.into_iter().map(Value::Hash).collect();
    let class = vm.class_named(&format!("Inspec::Resources::{}", kind.class()));
    Ok(RObject::with_native(class, Rows(Value::array(rows))).into())
}

pub(super) const IMAGES: &str = r#"docker images -a --no-trunc --format '{ "id": {{json .ID}}, "repository": {{json .Repository}}, "tag": {{json .Tag}}, "size": {{json .Size}}, "digest": {{json .Digest}}, "createdat": {{json .CreatedAt}}, "createdsize": {{json .CreatedSince}} }'"#;
pub(super) const PLUGINS: &str = r#"docker plugin ls --format '{"id": {{json .ID}}, "name": "{{ with split .Name ":"}}{{index . 0}}{{end}}", "version": "{{ with split .Name ":"}}{{index . 1}}{{end}}", "enabled": {{json .Enabled}} }'"#;

/// What the host has of a kind.
pub(super) fn rows(vm: &Interp, kind: Kind) -> Res<Vec<Rc<RHash>>> {
    let line = match kind {
        Kind::Container => {
            let mut fields = vec![
                "Command",
                "CreatedAt",
                "ID",
                "Image",
                "Labels",
                "Mounts",
                "Names",
                "Ports",
                "RunningFor",
                "Size",
                "Status",
            ];
            if knows_networks(vm)? {
                fields.extend(["Networks", "LocalVolumes"]);
            }
            return listed(vm, &fields, "ps -a --no-trunc");
        }
        Kind::Service => return listed(vm, &["ID", "Name", "Mode", "Replicas", "Image", "Ports"], "service ls"),
        Kind::Image => IMAGES,
        Kind::Plugin => PLUGINS,
    };
    objects(vm, line)
}

/// What a listing prints: one JSON object a line. Without docker there is nothing; what docker can't tell, and what can't be
/// read, is no empty list.
fn objects(vm: &Interp, line: &str) -> Res<Vec<Rc<RHash>>> {
    let output = command::run(vm, line.as_bytes())?;
    let nothing = |why: &[u8]| {
        let (start, why) = (line.split(" --").next().unwrap_or_default(), text::lossy(text::strip(why)));
        doubt::taken_for(vm, &format!("Can't tell what `{start}` lists: {why}"), Vec::new())
    };
    match output.exit_status {
        0 => {}
        tool::NOT_FOUND => return Ok(Vec::new()),
        _ => return nothing(&output.stderr),
    }
    let mut rows = Vec::new();
    for line in text::lines(&output.stdout) {
        match json_text::parse(vm, line)? {
            Ok(Value::Hash(row)) => rows.push(row),
            Ok(_) => return nothing(b"a line is no object"),
            Err(error) => return nothing(error.as_bytes()),
        }
    }
    Ok(rows)
}

/// Docker tells networks and volumes of containers since 1.13.
fn knows_networks(vm: &Interp) -> Res<bool> {
    let version = told(vm, b"docker version --format '{{ json . }}'")?;
    let client = vm.send(&version, "dig", &[Value::str("Client"), Value::str("Version")])?;
    let Value::Str(client) = client else { return Ok(false) };
    let client = client.to_vec();
    let mut parts = client.split(|b| *b == b'.').map(text::to_i);
    Ok((parts.next(), parts.next()) >= (Some(1), Some(13)))
}

/// A listing whose fields are asked for one by one: keys in lower case, the name without links, labels as an Array.
fn listed(vm: &Interp, fields: &[&str], listing: &str) -> Res<Vec<Rc<RHash>>> {
    let format: Vec<String> = fields.iter().map(|field| format!("\"{field}\": {{{{json .{field}}}}}")).collect();
    let line = format!("docker {listing} --format '{{{}}}'", format.join(", "));
    let mut rows = Vec::new();
    for object in objects(vm, &line)? {
        let row = RHash::new();
        for (name, value) in object.entries() {
            vm.hash_set(&row, Value::bytes(vm.to_s(&name)?.bytes().to_ascii_lowercase()), value)?;
        }
        for field in fields {
            let name = Value::str(field.to_ascii_lowercase());
            if vm.hash_get(&row, &name)?.is_none() {
                vm.hash_set(&row, name, Value::Nil)?;
            }
        }
        let parts = |name: &str| -> Res<Vec<Vec<u8>>> {
            Ok(match vm.hash_get(&row, &Value::str(name))? {
                Some(Value::Str(text)) => text::split(&text.bytes(), b',').into_iter().map(<[u8]>::to_vec).collect(),
                _ => Vec::new(),
            })
        };
        // The name of a linked container stands before or after the links, which have slashes.
        if let Some(name) = parts("names")?.into_iter().find(|name| !name.contains(&b'/')) {
            vm.hash_set(&row, Value::str("names"), Value::bytes(name))?;
        }
        vm.hash_set(&row, Value::str("labels"), crate::give::texts(parts("labels")?))?;
        rows.push(row);
    }
    Ok(rows)
}

/// What a command prints as JSON; nothing when it fails.
fn told(vm: &Interp, line: &[u8]) -> Res {
    let output = tool::ask(vm, line)?;
    let told = if output.exit_status == 0 { json_text::parse(vm, &output.stdout)?.ok() } else { None };
    mash_of(vm, told)
}

/// What `docker inspect` says of an object.
pub(super) fn object(vm: &Interp, id: &[u8]) -> Res {
    let output = tool::ask(vm, &[b"docker inspect ".as_slice(), id].concat())?;
    let told = json_text::parse(vm, &output.stdout)?.ok().map(|told| match told {
        Value::Array(list) => list.get(0).unwrap_or_default(),
        other => other,
    });
    mash_of(vm, told)
}

fn mash_of(vm: &Interp, told: Option<Value>) -> Res {
    match told {
        Some(Value::Hash(hash)) => mash::deep(vm, &hash),
        _ => Ok(Value::Hash(mash::new(vm))),
    }
}

/// The error of an object that has no such value.
pub(super) fn no_value(vm: &Interp, keys: &str) -> plimsoll_ruby::Unwind {
    base::failed(vm, &format!("{keys} is not a valid key for your image or has nil value."))
}

#[cfg(test)]
pub(super) mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    pub(in crate::resources) const VERSION: &str = "docker version --format '{{ json . }}'";
    pub(in crate::resources) const CONTAINERS: &str = r#"docker ps -a --no-trunc --format '{"Command": {{json .Command}}, "CreatedAt": {{json .CreatedAt}}, "ID": {{json .ID}}, "Image": {{json .Image}}, "Labels": {{json .Labels}}, "Mounts": {{json .Mounts}}, "Names": {{json .Names}}, "Ports": {{json .Ports}}, "RunningFor": {{json .RunningFor}}, "Size": {{json .Size}}, "Status": {{json .Status}}, "Networks": {{json .Networks}}, "LocalVolumes": {{json .LocalVolumes}}}'"#;

    pub(in crate::resources) fn host() -> MemoryTarget {
        let containers = "{\"Command\": \"\\\"/app -x\\\"\", \"ID\": \"e2c52a18\", \"Image\": \"repo:5000/team/app:1.2\", \
            \"Labels\": \"a=1,b=2\", \"Names\": \"web/alias,web\", \"Ports\": \"\", \"Status\": \"Up 2 days\"}\n\
            {\"Command\": \"\\\"sh\\\"\", \"ID\": \"ffff\", \"Image\": \"alpine\", \"Labels\": \"\", \"Names\": \"old\", \
            \"Status\": \"Exited (0)\"}\n";
        MemoryTarget::new()
            .command(VERSION, "{\"Client\": {\"Version\": \"24.0.7\"}, \"Server\": {\"Version\": \"24.0.6\"}}\n", "", 0)
            .command(CONTAINERS, containers, "", 0)
    }

    #[test]
    fn a_present_host_lists_containers() {
        let audit = Audit::debian(host());
        let docker = audit.the("docker");
        let containers = audit.vm.send(&docker, "containers", &[]).unwrap();
        assert_eq!(audit.get(&containers, "names"), r#"["web", "old"]"#);
        assert_eq!(audit.get(&containers, "labels"), r#"["a=1", "b=2"]"#);
        let running = audit.vm.send(&containers, "running?", &[]).unwrap();
        assert_eq!(audit.get(&running, "names"), r#"["web"]"#);
        assert_eq!(audit.get(&containers, "count"), "2");
        let version = audit.vm.send(&docker, "version", &[]).unwrap();
        let server = audit.vm.send(&version, "Server", &[]).unwrap();
        assert_eq!(audit.get(&server, "Version"), r#""24.0.6""#);
    }

    #[test]
    fn with_an_absent_docker_there_is_nothing() {
        let audit = Audit::debian(MemoryTarget::new());
        let docker = audit.the("docker");
        for table in ["containers", "images", "plugins", "services"] {
            let table = audit.vm.send(&docker, table, &[]).unwrap();
            assert_eq!((audit.get(&table, "ids"), audit.get(&table, "exist?")), ("[]".into(), "false".into()));
        }
        let version = audit.vm.send(&docker, "version", &[]).unwrap();
        assert_eq!(audit.get(&version, "Server"), "nil");
    }

    #[test]
    fn malformed_and_unreadable_lists_fail() {
        let malformed = MemoryTarget::new().command(super::IMAGES, "{\"id\": \"sha256:1\"}\noops\n", "", 0);
        let audit = Audit::debian(malformed.command(super::PLUGINS, "[]\n", "", 0));
        let docker = audit.the("docker");
        assert!(audit.get(&docker, "images").contains("Unanswered: Can't tell what `docker images -a` lists: "));
        assert!(audit.get(&docker, "plugins").ends_with("`docker plugin ls` lists: a line is no object"));
        let error = "Got permission denied while trying to connect to the Docker daemon socket";
        let audit = Audit::debian(MemoryTarget::new().otherwise("", error, 1));
        let docker = audit.the("docker");
        for question in ["containers", "images", "plugins", "services", "version", "info"] {
            let told = audit.get(&docker, question);
            assert!(told.starts_with("!Inspec::Exceptions::Unanswered: ") && told.ends_with(error), "{told}");
        }
        let down = Audit::debian(MemoryTarget::new().otherwise("", "Cannot connect to the Docker daemon.\n", 1));
        let told = down.get(&down.the("docker"), "images");
        assert!(
            told.ends_with("Can't tell what `docker images -a` lists: Cannot connect to the Docker daemon."),
            "{told}"
        );
    }
}
