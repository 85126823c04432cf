//! `docker_container`, `docker_image`, `docker_plugin` and `docker_service`: one of what a Docker host has.
//!
//! ```ruby
//! describe docker_container('web') do
//!   it { should be_running }
//!   its('image') { should eq 'nginx:1.25' }
//!   it { should have_volume('/data', '/srv/web') }
//! end
//! describe docker_image('alpine:latest') do
//!   it { should exist }
//!   its(%w(Config User)) { should eq 'app' }
//! end
//! ```
//!
//! Found by name (an image by `REPOSITORY:TAG`, or by `repo:` and `tag:`), or by `id: '…'`, of which the beginning is enough. A
//! property of what is not there, or is there twice, is nil.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};

use super::docker::{self, Kind};
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt::Once;
use crate::give;
use crate::text;

/// Which one is meant.
struct Object {
    kind: Kind,
    name: Option<Vec<u8>>,
    id: Option<Vec<u8>>,
    image: Option<Vec<u8>>,
    repository: Option<Vec<u8>>,
    tag: Option<Vec<u8>>,
    found: Once<Vec<Rc<RHash>>>,
    inspected: Once<Value>,
}

pub(crate) const CONTAINER: ResourceDef = ResourceDef {
    name: "docker_container",
    class: "DockerContainer",
    doc: "A container of a Docker host.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, Kind::Container))),
    methods: CONTAINER_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const IMAGE: ResourceDef = ResourceDef {
    name: "docker_image",
    class: "DockerImage",
    doc: "An image of a Docker host.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, Kind::Image))),
    methods: IMAGE_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const PLUGIN: ResourceDef = ResourceDef {
    name: "docker_plugin",
    class: "DockerPlugin",
    doc: "A plugin of a Docker host.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, Kind::Plugin))),
    methods: PLUGIN_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const SERVICE: ResourceDef = ResourceDef {
    name: "docker_service",
    class: "DockerService",
    doc: "A service of a swarm.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, Kind::Service))),
    methods: SERVICE_METHODS,
    ..ResourceDef::EMPTY
};

const CONTAINER_METHODS: &[Def] = &[
    def("exist?", 0, 0, exists, "Whether there is one."),
    def("running?", 0, 0, is_running, "Whether it runs."),
    def("has_volume?", 2, 2, has_volume, "Whether a path of the host is mounted at a path of the container."),
    def("id", 0, 0, |vm, this, _| one(vm, this, "id"), "Its id."),
    def("status", 0, 0, |vm, this, _| one(vm, this, "status"), "Its status: `Up 2 days`."),
    def("labels", 0, 0, labels, "Its labels: `name=value`."),
    def("ports", 0, 0, |vm, this, _| one(vm, this, "ports"), "Its ports, as text."),
    def("command", 0, 0, command, "What it runs."),
    def("image", 0, 0, |vm, this, _| one(vm, this, "image"), "Its image."),
    def("repo", 0, 0, |vm, this, _| part_of_image(vm, this, |image| image.repository), "Its image without the tag."),
    def("tag", 0, 0, |vm, this, _| part_of_image(vm, this, |image| image.tag), "The tag of its image."),
    def("resource_id", 0, 0, resource_id, "Its id."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, "Docker Container "), "Its title."),
];

const IMAGE_METHODS: &[Def] = &[
    def("exist?", 0, 0, exists, "Whether there is one."),
    def("id", 0, 0, |vm, this, _| one(vm, this, "id"), "Its id."),
    def("image", 0, 0, image, "`REPOSITORY:TAG`"),
    def("repo", 0, 0, |vm, this, _| one(vm, this, "repository"), "Its repository."),
    def("tag", 0, 0, |vm, this, _| one(vm, this, "tag"), "Its tag."),
    def("inspection", 0, 0, |vm, this, _| inspected(vm, this), "What `docker inspect` says of it."),
    def("method_missing", 1, -1, below, "What `docker inspect` says below some keys."),
    def("resource_id", 0, 0, resource_id, "Its id."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, "Docker Image "), "Its title."),
];

const PLUGIN_METHODS: &[Def] = &[
    def("exist?", 0, 0, |vm, this, _| Ok((of(vm, this)?.found(vm)?.len() == 1).into()), "Whether there is one."),
    def("enabled?", 0, 0, is_enabled, "Whether it is enabled."),
    def("id", 0, 0, |vm, this, _| one(vm, this, "id"), "Its id."),
    def("version", 0, 0, |vm, this, _| one(vm, this, "version"), "Its version."),
    def("resource_id", 0, 0, resource_id, "Its id."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, "Docker plugin "), "Its title."),
];

const SERVICE_METHODS: &[Def] = &[
    def("exist?", 0, 0, exists, "Whether there is one."),
    def("id", 0, 0, |vm, this, _| one(vm, this, "id"), "Its id."),
    def("name", 0, 0, |vm, this, _| one(vm, this, "name"), "Its name."),
    def("image", 0, 0, |vm, this, _| one(vm, this, "image"), "Its image."),
    def("image_name", 0, 0, |vm, this, _| part_of_image(vm, this, |image| image.name), "The name of its image."),
    def("repo", 0, 0, |vm, this, _| part_of_image(vm, this, |image| image.repository), "Its image without the tag."),
    def("tag", 0, 0, |vm, this, _| part_of_image(vm, this, |image| image.tag), "The tag of its image."),
    def("mode", 0, 0, |vm, this, _| one(vm, this, "mode"), "`replicated` or `global`"),
    def("replicas", 0, 0, |vm, this, _| one(vm, this, "replicas"), "How many there are of how many: `3/3`."),
    def("ports", 0, 0, |vm, this, _| one(vm, this, "ports"), "Its ports, as text."),
    def("resource_id", 0, 0, resource_id, "Its id."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, "Docker Service "), "Its title."),
];

/// The parts of a reference to an image.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub repository: Option<Vec<u8>>,
    pub name: Option<Vec<u8>>,
    pub tag: Option<Vec<u8>>,
}

impl Reference {
    /// Takes `HOST:PORT/REPOSITORY:TAG` apart.
    pub(super) fn of(image: &[u8]) -> Self {
        let colons = image.split(|b| *b == b':').count() - 1;
        let first = |byte: u8| image.iter().position(|b| *b == byte);
        let below_host = |repository: &[u8]| repository.split(|b| *b == b'/').skip(1).collect::<Vec<_>>().concat();
        let has_port = colons == 2 || (colons == 1 && first(b':') < first(b'/'));
        let last = image.iter().rposition(|b| *b == b':');
        if has_port && colons == 1 {
            return Self { repository: Some(image.to_vec()), name: Some(below_host(image)), tag: None };
        }
        let (repository, tag) = match (last, first(b':')) {
            (Some(last), _) if has_port => (&image[..last], Some(&image[last + 1..])),
            (_, Some(first)) => {
                let tag = &image[first + 1..];
                let end = tag.iter().position(|b| *b == b':').unwrap_or(tag.len());
                (&image[..first], Some(&tag[..end]))
            }
            _ => (image, None),
        };
        let name = if has_port { below_host(repository) } else { repository.to_vec() };
        Self { repository: Some(repository.to_vec()), name: Some(name), tag: tag.map(<[u8]>::to_vec) }
    }
}

fn new(vm: &Interp, this: &Value, args: Args<'_>, kind: Kind) -> Res {
    let mut object = Object {
        kind,
        name: None,
        id: None,
        image: None,
        repository: None,
        tag: None,
        found: Once::default(),
        inspected: Once::default(),
    };
    match args.get(0) {
        Some(Value::Hash(_)) => {
            let option = |name: &str| give::text_option(vm, args, 0, name);
            (object.name, object.id, object.image) = (option("name")?, option("id")?, option("image")?);
            (object.repository, object.tag) = (option("repo")?, option("tag")?);
        }
        Some(name) if kind == Kind::Image => object.image = Some(vm.to_s(name)?.to_vec()),
        Some(name) => object.name = Some(vm.to_s(name)?.to_vec()),
        None => {}
    }
    if let Some(reference) = object.image.as_deref().map(Reference::of)
        && matches!(kind, Kind::Image | Kind::Service)
    {
        (object.repository, object.tag) = (reference.repository, reference.tag);
    }
    if kind == Kind::Image {
        let tag = object.tag.get_or_insert_with(|| b"latest".to_vec());
        if let Some(id) = object.id.as_mut().filter(|id| !id.contains(&b':')) {
            id.splice(..0, *b"sha256:");
        }
        if let Some(repository) = &object.repository {
            object.image = Some([&repository[..], b":", tag].concat());
        }
    }
    base::set_state(vm, this, object)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Object>> {
    base::state::<Object>(vm, this)
}

/// A field of a row as text.
fn field(vm: &Interp, row: &RHash, name: &str) -> Res<Option<Vec<u8>>> {
    Ok(match vm.hash_get(row, &Value::str(name))? {
        Some(Value::Str(text)) => Some(text.to_vec()),
        _ => None,
    })
}

impl Object {
    /// Those that are meant: one, unless the beginning of an id fits several.
    fn found(&self, vm: &Interp) -> Res<&[Rc<RHash>]> {
        let found = self.found.get(vm, || {
            let mut found = Vec::new();
            for row in docker::rows(vm, self.kind)? {
                if self.is(vm, &row)? {
                    found.push(row);
                }
            }
            Ok(found)
        })?;
        Ok(found)
    }

    fn is(&self, vm: &Interp, row: &RHash) -> Res<bool> {
        let is = |name: &str, wanted: &Option<Vec<u8>>| -> Res<bool> { Ok(field(vm, row, name)? == *wanted) };
        let named = match self.kind {
            Kind::Container => is("names", &self.name)?,
            Kind::Image => is("repository", &self.repository)? && is("tag", &self.tag)?,
            Kind::Plugin => is("name", &self.name)?,
            Kind::Service => is("name", &self.name)? || is("image", &self.image)?,
        };
        let id = field(vm, row, "id")?;
        let by_id = match (&id, &self.id) {
            (Some(id), Some(wanted)) if self.kind == Kind::Plugin => id == wanted,
            (Some(id), Some(wanted)) => id.starts_with(wanted),
            _ => false,
        };
        Ok(named || by_id)
    }
}

/// A field, if exactly one is meant.
fn one(vm: &Interp, this: &Value, name: &str) -> Res {
    match of(vm, this)?.found(vm)? {
        [row] => Ok(vm.hash_get(row, &Value::str(name))?.unwrap_or_default()),
        _ => Ok(Value::Nil),
    }
}

fn exists(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok((!of(vm, this)?.found(vm)?.is_empty()).into())
}

fn is_running(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let is_one = of(vm, this)?.found(vm)?.len() == 1;
    Ok(if is_one { docker::is_up(&one(vm, this, "status")?).into() } else { Value::Nil })
}

fn is_enabled(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    match of(vm, this)?.found(vm)?.first() {
        Some(row) => Ok(vm.hash_get(row, &Value::str("enabled"))?.unwrap_or_default()),
        None => Ok(Value::Nil),
    }
}

fn labels(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let mut labels: Vec<Value> = Vec::new();
    for row in of(vm, this)?.found(vm)? {
        if let Some(Value::Array(list)) = vm.hash_get(row, &Value::str("labels"))? {
            labels.extend(list.to_vec());
        }
    }
    vm.send(&Value::array(labels), "uniq", &[])
}

/// The command without the quotes that docker puts around it.
fn command(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let Value::Str(command) = one(vm, this, "command")? else { return Ok(Value::Nil) };
    let command = command.to_vec();
    Ok(Value::bytes(command.get(1..command.len().saturating_sub(1)).unwrap_or_default()))
}

fn part_of_image(vm: &Interp, this: &Value, part: fn(Reference) -> Option<Vec<u8>>) -> Res {
    match one(vm, this, "image")? {
        Value::Str(image) => Ok(give::text(part(Reference::of(&image.bytes())))),
        _ => Ok(Value::Nil),
    }
}

fn image(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    match of(vm, this)?.found(vm)? {
        [row] => {
            let part = |name: &str| -> Res<Vec<u8>> { Ok(field(vm, row, name)?.unwrap_or_default()) };
            Ok(Value::bytes([&part("repository")?[..], b":", &part("tag")?].concat()))
        }
        _ => Ok(Value::Nil),
    }
}

fn inspected(vm: &Interp, this: &Value) -> Res {
    let object = of(vm, this)?;
    let by = match object.kind {
        Kind::Image => object.image.as_ref(),
        _ => object.name.as_ref(),
    };
    let by = by.or(object.id.as_ref()).map_or(b"".as_slice(), Vec::as_slice);
    object.inspected.get(vm, || docker::object(vm, by)).cloned()
}

/// `its(['Config.Cmd'])` and `its(%w(Config Cmd))` are the same.
fn below(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let is_index = matches!(&args[0], Value::Sym(name) if name.bytes() == b"[]");
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for key in &args.values[usize::from(is_index)..] {
        let key = vm.to_s(key)?.to_vec();
        keys.extend(text::split(&key, b'.').into_iter().map(<[u8]>::to_vec));
    }
    let shown = text::lossy(&keys.join(&b'.'));
    let mut at = inspected(vm, this)?;
    for key in keys {
        at = match &at {
            Value::Hash(hash) => vm.hash_get(hash, &Value::bytes(key))?.unwrap_or_default(),
            _ => Value::Nil,
        };
    }
    if at.is_nil() { Err(docker::no_value(vm, &shown)) } else { Ok(at) }
}

fn has_volume(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let Value::Hash(told) = inspected(vm, this)? else { return Ok(false.into()) };
    let mounts = match vm.hash_get(&told, &Value::str("Mounts"))? {
        Some(Value::Array(mounts)) if !mounts.is_empty() => mounts.to_vec(),
        _ => return Err(base::failed(vm, "Could not find any mounted volumes for your container")),
    };
    for mount in mounts {
        let Value::Hash(mount) = mount else { continue };
        let is = |name: &str, wanted: &Value| -> Res<bool> {
            vm.equal(&vm.hash_get(&mount, &Value::str(name))?.unwrap_or_default(), wanted)
        };
        if is("Destination", &args[0])? && is("Source", &args[1])? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let object = of(vm, this)?;
    let found = match object.found(vm)?.first() {
        Some(row) => field(vm, row, "id")?,
        None => None,
    };
    let by_name = if object.kind == Kind::Image { &object.image } else { &object.name };
    let id = found.or_else(|| object.id.clone()).or_else(|| by_name.clone()).unwrap_or_default();
    Ok(Value::bytes(id))
}

fn title(vm: &Interp, this: &Value, title: &str) -> Res {
    let object = of(vm, this)?;
    let by_name = if object.kind == Kind::Image { &object.image } else { &object.name };
    let name = by_name.as_ref().or(object.id.as_ref()).map_or(b"".as_slice(), Vec::as_slice);
    Ok(Value::bytes([title.as_bytes(), name].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::resources::docker::tests::host;
    use crate::testing::Audit;

    #[test]
    fn a_present_container_is_told_of() {
        let target = host().command(
            "docker inspect web",
            r#"[{"Mounts": [{"Source": "/srv", "Destination": "/data"}]}]"#,
            "",
            0,
        );
        let audit = Audit::debian(target);
        let web = audit.on("docker_container", "web");
        assert_eq!((audit.get(&web, "exist?"), audit.get(&web, "running?")), ("true".into(), "true".into()));
        assert_eq!(audit.get(&web, "command"), r#""/app -x""#);
        assert_eq!(audit.get(&web, "repo"), r#""repo:5000/team/app""#);
        assert_eq!(audit.get(&web, "tag"), r#""1.2""#);
        assert_eq!(audit.get(&web, "resource_id"), r#""e2c52a18""#);
        let has = |at: &str| audit.ask(&web, "has_volume?", &[Value::str(at), Value::str("/srv")]);
        assert_eq!((has("/data"), has("/else")), ("true".into(), "false".into()));
        let by_id = audit.vm.hash_from([(Value::sym("id"), Value::str("ff"))]).unwrap();
        let old = audit.make("docker_container", &[by_id.into()]).unwrap();
        assert_eq!(audit.get(&old, "running?"), "false");
        assert_eq!(audit.get(&old, "to_s"), r#""Docker Container ff""#);
    }

    #[test]
    fn what_is_absent_has_no_properties() {
        let audit = Audit::debian(MemoryTarget::new());
        let none = audit.on("docker_container", "web");
        assert_eq!(audit.get(&none, "exist?"), "false");
        assert_eq!((audit.get(&none, "running?"), audit.get(&none, "image")), ("nil".into(), "nil".into()));
        let image = audit.on("docker_image", "alpine");
        assert_eq!(audit.get(&image, "to_s"), r#""Docker Image alpine:latest""#);
        let error = audit.ask(&image, "[]", &[Value::str("Config.User")]);
        assert!(error.ends_with("Config.User is not a valid key for your image or has nil value."), "{error}");
        for name in ["docker_plugin", "docker_service"] {
            assert_eq!(audit.get(&audit.on(name, "x"), "exist?"), "false");
        }
    }

    const SERVICES: &str = "docker service ls --format '{\"ID\": {{json .ID}}, \"Name\": {{json .Name}}, \"Mode\": {{json .Mode}}, \
        \"Replicas\": {{json .Replicas}}, \"Image\": {{json .Image}}, \"Ports\": {{json .Ports}}}'";

    #[test]
    fn present_images_plugins_and_services_are_told_of() {
        let target = host()
            .command(docker::IMAGES, "{\"id\": \"sha256:4a41\", \"repository\": \"alpine\", \"tag\": \"3\"}\n", "", 0)
            .command(
                docker::PLUGINS,
                "{\"id\": \"77aa\", \"name\": \"rexray\", \"version\": \"1\", \"enabled\": true}\n",
                "",
                0,
            )
            .command(
                SERVICES,
                "{\"ID\": \"88bb\", \"Name\": \"api\", \"Image\": \"h:5000/a:1\", \"Replicas\": \"3/3\"}\n",
                "",
                0,
            )
            .command("docker inspect alpine:3", r#"[{"Config": {"User": "app"}}]"#, "", 0);
        let audit = Audit::debian(target);
        let image = audit.on("docker_image", "alpine:3");
        assert_eq!(
            (audit.get(&image, "id"), audit.get(&image, "image")),
            (r#""sha256:4a41""#.into(), r#""alpine:3""#.into())
        );
        assert_eq!(audit.ask(&image, "[]", &[Value::str("Config"), Value::str("User")]), r#""app""#);
        assert_eq!(audit.get(&audit.with("docker_image", &[("id", "4a41")]), "exist?"), "true");
        let plugin = audit.on("docker_plugin", "rexray");
        assert_eq!((audit.get(&plugin, "enabled?"), audit.get(&plugin, "version")), ("true".into(), r#""1""#.into()));
        let service = audit.on("docker_service", "api");
        assert_eq!((audit.get(&service, "replicas"), audit.get(&service, "tag")), (r#""3/3""#.into(), r#""1""#.into()));
        assert_eq!(audit.get(&service, "to_s"), r#""Docker Service api""#);
    }

    #[test]
    fn what_is_malformed_or_unreadable_is_not_absent() {
        for (name, listing) in [
            ("docker_container", "docker ps -a"),
            ("docker_image", "docker images -a"),
            ("docker_plugin", "docker plugin ls"),
            ("docker_service", "docker service ls"),
        ] {
            let down = Audit::debian(MemoryTarget::new().otherwise("", "Cannot connect to the Docker daemon.", 1));
            let told = down.get(&down.on(name, "x"), "exist?");
            let failed = format!("!Inspec::Exceptions::Unanswered: Can't tell what `{listing}` lists:");
            assert_eq!(told, format!("{failed} Cannot connect to the Docker daemon."));
            let odd = Audit::debian(MemoryTarget::new().otherwise("oops\n", "", 0));
            assert!(odd.get(&odd.on(name, "x"), "exist?").starts_with(&failed));
        }
    }

    #[test]
    fn takes_references_apart() {
        let parts = |image: &str| {
            let reference = Reference::of(image.as_bytes());
            [reference.repository, reference.name, reference.tag]
                .map(|part| part.map_or("-".into(), |part| String::from_utf8(part).unwrap()))
                .join(" ")
        };
        assert_eq!(parts("localhost:5000/chef/inspec:1.46"), "localhost:5000/chef/inspec chefinspec 1.46");
        assert_eq!(parts("localhost:5000/inspec"), "localhost:5000/inspec inspec -");
        assert_eq!(parts("chef/inspec:1"), "chef/inspec chef/inspec 1");
        assert_eq!(parts("ubuntu"), "ubuntu ubuntu -");
        assert_eq!(parts("ubuntu:14.04"), "ubuntu ubuntu 14.04");
    }
}
