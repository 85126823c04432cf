//! `nginx_conf` and `nginx`: the configuration and the build of nginx.
//!
//! ```ruby
//! describe nginx_conf.http.servers do
//!   its('length') { should eq 1 }
//! end
//! nginx_conf.servers.each do |server|
//!   describe server do
//!     its('listen') { should include '443' }
//!   end
//! end
//! ```
//!
//! `include` is followed. Values are nested Arrays; a directive asked for by name is flattened. As in CINC, a file with a
//! statement that its grammar does not know (`'' close;` in a map) has no params at all.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RArray, RClass, RHash, RObject, Res, Unwind, Value, def};
use regex::bytes::Regex;

use super::command;
use crate::base;
use crate::content;
use crate::declare::{Given, ResourceDef};
use crate::facts::find::{self, Wanted};
use crate::facts::nginx::{self, Statement, Word};
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::mash;
use crate::text;

pub(crate) const NGINX_CONF: ResourceDef = ResourceDef {
    name: "nginx_conf",
    class: "NginxConf",
    doc: "The configuration of nginx.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(parts),
    parts: &[
        Given { by: "http", methods: HTTP_METHODS },
        Given { by: "http.entries", methods: ENTRY_METHODS },
        Given { by: "servers", methods: SERVER_METHODS },
        Given { by: "locations", methods: LOCATION_METHODS },
    ],
    ..ResourceDef::EMPTY
};

pub(crate) const NGINX: ResourceDef = ResourceDef {
    name: "nginx",
    class: "Nginx",
    doc: "How nginx was built.",
    new: Some((0, 1, new_build)),
    methods: BUILD_METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, params, "All of it as a Hash."),
    def(
        "contents",
        0,
        0,
        |vm, this, _| Ok(Value::Hash(Rc::clone(&of(vm, this)?.contents))),
        "The files that were read so far, by their paths.",
    ),
    def("http", 0, 0, http, "Its http sections."),
    def("servers", 0, 0, |vm, this, _| vm.send(&http(vm, this, Args::default())?, "servers", &[]), "All servers."),
    def(
        "locations",
        0,
        0,
        |vm, this, _| vm.send(&http(vm, this, Args::default())?, "locations", &[]),
        "All locations.",
    ),
    def("method_missing", 1, 1, directive, "The values of a directive at the top."),
    def("resource_id", 0, 0, |vm, this, _| Ok(of(vm, this)?.path.clone()), "Its path."),
    def("to_s", 0, 0, to_s, "Its title."),
];

struct Conf {
    path: Value,
    /// The files that were read so far, by their paths.
    contents: Rc<RHash>,
    params: OnceCell<Rc<RHash>>,
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Conf>> {
    base::state::<Conf>(vm, this)
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = args.get(0).filter(|path| path.truthy()).cloned().unwrap_or_else(|| Value::str("/etc/nginx/nginx.conf"));
    let contents = RHash::new();
    base::set_state(vm, this, Conf { path: path.clone(), contents: Rc::clone(&contents), params: OnceCell::new() })?;
    read(vm, &contents, &vm.to_s(&path)?.to_vec())?;
    Ok(Value::Nil)
}

/// A file, which is among the contents from here on.
fn read(vm: &Interp, contents: &Rc<RHash>, path: &[u8]) -> Res<Vec<u8>> {
    let content = content::read(vm, path, true)?;
    vm.hash_set(contents, Value::bytes(path), Value::bytes(content.clone()))?;
    Ok(content)
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let path = vm.to_s(&of(vm, this)?.path)?;
    Ok(Value::bytes([b"nginx_conf ".as_slice(), &path.bytes()].concat()))
}

fn params(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let conf = of(vm, this)?;
    if let Some(known) = conf.params.get() {
        return Ok(Value::Hash(Rc::clone(known)));
    }
    let path = vm.to_s(&conf.path)?.to_vec();
    let params = match load(vm, &conf.contents, &path, 0) {
        Ok(params) => params,
        Err(unwind) => {
            let message = standard_error(vm, unwind)?;
            vm.send(this, "skip_resource", &[message])?;
            RHash::new()
        }
    };
    Ok(Value::Hash(Rc::clone(conf.params.get_or_init(|| params))))
}

/// The message of an exception; anything else goes on.
fn standard_error(vm: &Interp, unwind: Unwind) -> Res {
    match unwind.exception() {
        Some(exception) => vm.send(&Value::Obj(Rc::clone(exception)), "message", &[]),
        None => Err(unwind),
    }
}

/// How deep files may include each other.
const DEEPEST: usize = 20;

fn load(vm: &Interp, contents: &Rc<RHash>, path: &[u8], depth: usize) -> Res<Rc<RHash>> {
    let refused = || vm.error("RuntimeError", format!("Cannot parse NginX config in {}.", text::lossy(path)));
    let content = read(vm, contents, path).map_err(|unwind| match unwind.exception() {
        Some(_) => refused(),
        None => unwind,
    })?;
    if depth > DEEPEST {
        return Err(refused());
    }
    let says_nothing = |line: &[u8]| line.is_empty() || text::strip(line).starts_with(b"#");
    if content.split(|b| *b == b'\n').all(says_nothing) {
        return Ok(RHash::new());
    }
    let statements = nginx::parse(&content).ok_or_else(refused)?;
    let group = group(vm, &[], &statements)?;
    let directory = path.iter().rposition(|b| *b == b'/').map_or(b"/".as_slice(), |at| &path[..at.max(1)]);
    match resolve(vm, contents, &Value::Hash(group), directory, depth) {
        Ok(Value::Hash(params)) => Ok(params),
        Ok(_) => Ok(RHash::new()),
        Err(unwind) if unwind.exception().is_some() => Err(refused()),
        Err(unwind) => Err(unwind),
    }
}

fn words(vm: &Interp, words: &[Word]) -> Res {
    if words.is_empty() {
        return Ok(Value::str(""));
    }
    let mut values = Vec::new();
    for word in words {
        values.push(match word {
            Word::Text(text) => Value::bytes(text.clone()),
            Word::Nothing => Value::Hash(give::symbol_hash(vm, [("value", Value::array(Vec::new()))])?),
        });
    }
    Ok(Value::array(values))
}

/// A section as a Hash: what stands behind its name under `_`, each directive an Array of what it is given each time.
fn group(vm: &Interp, args: &[Word], body: &[Statement]) -> Res<Rc<RHash>> {
    let group = RHash::new();
    if !args.is_empty() {
        vm.hash_set(&group, Value::str("_"), words(vm, args)?)?;
    }
    let add = |key: &[u8], value: Value| -> Res<()> {
        let key = Value::bytes(key);
        match vm.hash_get(&group, &key)? {
            Some(Value::Array(list)) => list.push(value),
            _ => vm.hash_set(&group, key, Value::array(vec![value]))?,
        }
        Ok(())
    };
    for statement in body {
        if let Statement::Assignment(key, values) = statement {
            add(key, words(vm, values)?)?;
        }
    }
    for statement in body {
        if let Statement::Section(key, args, body) = statement {
            add(key, Value::Hash(self::group(vm, args, body)?))?;
        }
    }
    Ok(group)
}

/// Follows `include`, everywhere below.
fn resolve(vm: &Interp, contents: &Rc<RHash>, data: &Value, directory: &[u8], depth: usize) -> Res {
    match data {
        Value::Array(list) => {
            let resolved = list.to_vec().into_iter().map(|item| resolve(vm, contents, &item, directory, depth));
            Ok(resolved.collect::<Res<Vec<Value>>>()?.into())
        }
        Value::Hash(hash) => {
            if let Some(patterns) = vm.hash_delete(hash, &Value::str("include"))? {
                let mut paths = Vec::new();
                for pattern in flat(&patterns) {
                    let pattern = vm.to_s(&pattern)?.to_vec();
                    let pattern = if pattern.starts_with(b"/") { pattern } else { find::join(directory, &pattern) };
                    paths.extend(find::find(vm, &pattern, Wanted::default())?);
                }
                for path in paths {
                    let included = load(vm, contents, &path, depth + 1)?;
                    merge(vm, hash, &included)?;
                }
            }
            let resolved = RHash::new();
            for (key, value) in hash.entries() {
                vm.hash_set(&resolved, key, resolve(vm, contents, &value, directory, depth)?)?;
            }
            Ok(Value::Hash(resolved))
        }
        other => Ok(other.clone()),
    }
}

fn merge(vm: &Interp, into: &RHash, from: &RHash) -> Res<()> {
    for (key, value) in from.entries() {
        let merged = match (vm.hash_get(into, &key)?, &value) {
            (Some(Value::Array(a)), Value::Array(b)) => Value::array([a.to_vec(), b.to_vec()].concat()),
            (Some(Value::Hash(a)), Value::Hash(b)) => {
                merge(vm, &a, b)?;
                Value::Hash(a)
            }
            _ => value,
        };
        vm.hash_set(into, key, merged)?;
    }
    Ok(())
}

/// The elements of nested Arrays.
fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.to_vec().iter().flat_map(flat).collect(),
        other => vec![other.clone()],
    }
}

fn is_conversion(name: &[u8]) -> bool {
    name.starts_with(b"to_")
}

fn directive(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    if is_conversion(name.bytes()) {
        return Err(vm.no_method(this, name, Args::default(), CallStyle::Explicit, None));
    }
    let params = vm.to_hash(&params(vm, this, Args::default())?)?;
    match vm.hash_get(&params, &Value::bytes(name.bytes()))? {
        None | Some(Value::Nil) => Ok(Value::Nil),
        Some(Value::Array(list)) => Ok(flat(&Value::Array(list)).into()),
        Some(other) => vm.send(&other, "flatten", &[]),
    }
}

fn responds(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok((!is_conversion(vm.to_name(&args[0])?.bytes())).into())
}

// ---- http, server and location: parts with the part around them

/// A part of the configuration.
struct Part {
    params: Value,
    parent: Value,
    inner: OnceCell<Value>,
}

const HTTP_METHODS: &[Def] = &[
    def("entries", 0, 0, |vm, this, _| Ok(part(vm, this)?.params.clone()), "The http sections."),
    def("servers", 0, 0, |vm, this, _| collected(vm, &part(vm, this)?.params, "servers"), "All servers."),
    def("locations", 0, 0, |vm, this, _| collected(vm, &vm.send(this, "servers", &[])?, "locations"), "All locations."),
    def("to_s", 0, 0, |vm, this, _| below(vm, this, ", http entries"), "Its title."),
    def("inspect", 0, 0, |vm, this, _| below(vm, this, ", http entries"), "Its title."),
];

const ENTRY_METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| Ok(part(vm, this)?.params.clone()), "All of it as a Hash."),
    def("parent", 0, 0, |vm, this, _| Ok(part(vm, this)?.parent.clone()), "What it stands in."),
    def("locations", 0, 0, |vm, this, _| collected(vm, &vm.send(this, "servers", &[])?, "locations"), "All locations."),
    def("method_missing", 1, 1, part_directive, "The values of a directive."),
    def("to_s", 0, 0, |vm, this, _| below(vm, this, ", http entry"), "Its title."),
    def("inspect", 0, 0, |vm, this, _| below(vm, this, ", http entry"), "Its title."),
];

const SERVER_METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| Ok(part(vm, this)?.params.clone()), "All of it as a Hash."),
    def("parent", 0, 0, |vm, this, _| Ok(part(vm, this)?.parent.clone()), "What it stands in."),
    def("method_missing", 1, 1, part_directive, "The values of a directive."),
    def("to_s", 0, 0, server_to_s, "Its title."),
    def("inspect", 0, 0, server_to_s, "Its title."),
];

const LOCATION_METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| Ok(part(vm, this)?.params.clone()), "All of it as a Hash."),
    def("parent", 0, 0, |vm, this, _| Ok(part(vm, this)?.parent.clone()), "What it stands in."),
    def("to_s", 0, 0, location_to_s, "Its title."),
    def("inspect", 0, 0, location_to_s, "Its title."),
];

fn parts(vm: &Interp, conf: &Rc<RClass>) {
    base::add_answer(vm, conf, "respond_to_missing?", responds);
    let namespace = vm.class_named("Inspec::Resources");
    let class = |name: &str, methods: &'static [Def]| {
        let class = vm.define_class(&namespace, name, &vm.c.object);
        vm.define(&class, methods);
        class
    };
    class("NginxConfHttp", HTTP_METHODS);
    class("NginxConfLocation", LOCATION_METHODS);
    let entry = class("NginxConfHttpEntry", ENTRY_METHODS);
    let server = class("NginxConfServer", SERVER_METHODS);
    for class in [&entry, &server] {
        base::add_answer(vm, class, "respond_to_missing?", responds);
    }
    let servers = |vm: &Interp, this: &Value| table(vm, this, "server", "NginxConfServer");
    Columns::new(Key::Str).given_by("http.entries").column("servers", "server").install(vm, &entry, servers);
    let locations = |vm: &Interp, this: &Value| table(vm, this, "location", "NginxConfLocation");
    Columns::new(Key::Str).given_by("servers").column("locations", "location").install(vm, &server, locations);
}

fn part<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Part> {
    this.native::<Part>().ok_or_else(|| vm.type_error("not a part of an nginx configuration"))
}

fn make(vm: &Interp, class: &str, params: Value, parent: &Value) -> Value {
    let class = vm.class_named(&format!("Inspec::Resources::{class}"));
    RObject::with_native(class, Part { params, parent: parent.clone(), inner: OnceCell::new() }).into()
}

fn http(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let params = vm.to_hash(&params(vm, this, Args::default())?)?;
    let sections = match vm.hash_get(&params, &Value::str("http"))? {
        Some(Value::Array(sections)) => sections.to_vec(),
        _ => Vec::new(),
    };
    let entries = sections.into_iter().map(|section| make(vm, "NginxConfHttpEntry", section, this)).collect();
    Ok(make(vm, "NginxConfHttp", Value::array(entries), this))
}

/// The sections of a part, each as an object under the section's name.
fn table(vm: &Interp, this: &Value, name: &'static str, class: &str) -> Res {
    let own = part(vm, this)?;
    if let Some(known) = own.inner.get() {
        return Ok(known.clone());
    }
    let sections = match &own.params {
        Value::Hash(params) => vm.hash_get(params, &Value::str(name))?,
        _ => None,
    };
    let mut rows = Vec::new();
    if let Some(Value::Array(sections)) = sections {
        for section in sections.to_vec() {
            let object = make(vm, class, section, this);
            rows.push(Value::Hash(give::string_hash(vm, [(name, object)])?));
        }
    }
    Ok(own.inner.get_or_init(|| Value::array(rows)).clone())
}

/// What each of several objects gives, in one Array.
fn collected(vm: &Interp, objects: &Value, method: &str) -> Res {
    let all = RArray::new(Vec::new());
    for object in vm.to_array(objects)?.to_vec() {
        for found in flat(&vm.send(&object, method, &[])?) {
            all.push(found);
        }
    }
    Ok(all.into())
}

fn part_directive(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    if is_conversion(name.bytes()) {
        return Err(vm.no_method(this, name, Args::default(), CallStyle::Explicit, None));
    }
    let value = match &part(vm, this)?.params {
        Value::Hash(params) => vm.hash_get(params, &Value::bytes(name.bytes()))?,
        _ => None,
    };
    match value.filter(Value::truthy) {
        None => Ok(Value::array(Vec::new())),
        Some(Value::Array(list)) => Ok(flat(&Value::Array(list)).into()),
        Some(other) => vm.send(&other, "flatten", &[]),
    }
}

fn below(vm: &Interp, this: &Value, title: &str) -> Res {
    let parent = vm.to_s(&part(vm, this)?.parent)?;
    Ok(Value::bytes([&parent.bytes(), title.as_bytes()].concat()))
}

/// The first value of a directive of a part.
fn first(vm: &Interp, part: &Part, name: &str) -> Res<Option<Vec<u8>>> {
    let Value::Hash(params) = &part.params else { return Ok(None) };
    let Some(value) = vm.hash_get(params, &Value::str(name))? else { return Ok(None) };
    match flat(&value).first() {
        Some(first) if !first.is_nil() => Ok(Some(vm.to_s(first)?.to_vec())),
        _ => Ok(None),
    }
}

/// `nginx_conf PATH, server NAME:PORT`
fn server_to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let own = part(vm, this)?;
    let conf = part(vm, &own.parent)?.parent.clone();
    let mut title = [&vm.to_s(&conf)?.bytes(), b", server ".as_slice()].concat();
    if let Some(name) = first(vm, own, "server_name")? {
        title.extend(name);
        if let Some(port) = first(vm, own, "listen")? {
            title.push(b':');
            title.extend(port);
        }
    }
    Ok(Value::bytes(title))
}

/// `nginx_conf PATH, location "…"`
fn location_to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let own = part(vm, this)?;
    let conf = part(vm, &part(vm, &own.parent)?.parent)?.parent.clone();
    let mut words = Vec::new();
    if let Value::Hash(params) = &own.params
        && let Some(given) = vm.hash_get(params, &Value::str("_"))?
    {
        for word in flat(&given) {
            words.push(vm.to_s(&word)?.to_vec());
        }
    }
    let shown = vm.inspect(&Value::bytes(words.join(&b' ')))?.to_vec();
    Ok(Value::bytes([&vm.to_s(&conf)?.bytes(), b", location ".as_slice(), &shown].concat()))
}

// ---- nginx: how it was built

struct Build {
    path: Value,
    printed: Vec<u8>,
}

const BUILD_METHODS: &[Def] = &[
    def("version", 0, 0, |vm, this, _| found(vm, this, &VERSION), "Its version."),
    def("service", 0, 0, |_, _, _| Ok(Value::str("nginx")), "Its service."),
    def("prefix", 0, 0, |vm, this, _| path_option(vm, this, "--prefix="), "Where it is installed."),
    def("sbin_path", 0, 0, |vm, this, _| path_option(vm, this, "--sbin-path="), "Its program."),
    def("modules_path", 0, 0, |vm, this, _| path_option(vm, this, "--modules-path="), "Its modules."),
    def("error_log_path", 0, 0, |vm, this, _| path_option(vm, this, "--error-log-path="), "Its error log."),
    def("http_log_path", 0, 0, |vm, this, _| path_option(vm, this, "--http-log-path="), "Its access log."),
    def("lock_path", 0, 0, |vm, this, _| path_option(vm, this, "--lock-path="), "Its lock."),
    def(
        "http_client_body_temp_path",
        0,
        0,
        |vm, this, _| path_option(vm, this, "--http-client-body-temp-path="),
        "As its name says.",
    ),
    def(
        "http_proxy_temp_path",
        0,
        0,
        |vm, this, _| path_option(vm, this, "--http-proxy-temp-path="),
        "As its name says.",
    ),
    def(
        "http_fastcgi_temp_path",
        0,
        0,
        |vm, this, _| path_option(vm, this, "--http-fastcgi-temp-path="),
        "As its name says.",
    ),
    def(
        "http_uwsgi_temp_path",
        0,
        0,
        |vm, this, _| path_option(vm, this, "--http-uwsgi-temp-path="),
        "As its name says.",
    ),
    def(
        "http_scgi_temp_path",
        0,
        0,
        |vm, this, _| path_option(vm, this, "--http-scgi-temp-path="),
        "As its name says.",
    ),
    def("modules", 0, 0, modules, "The modules it was built with."),
    def(
        "openssl_version",
        0,
        0,
        |vm, this, _| named(vm, this, &OPENSSL, &["version", "date"]),
        "The OpenSSL it was built with.",
    ),
    def(
        "compiler_info",
        0,
        0,
        |vm, this, _| named(vm, this, &COMPILER, &["compiler", "version", "date"]),
        "Its compiler.",
    ),
    def("support_info", 0, 0, support, "What is enabled."),
    def("params", 0, 0, build_params, "Its paths as a Hash."),
    def("bin_dir", 0, 0, |_, _, _| Ok(Value::Nil), "Nothing."),
    def(
        "nginx_path",
        0,
        0,
        |vm, this, _| Ok(build(vm, this)?.map_or(Value::Nil, |build| build.path.clone())),
        "Its program.",
    ),
    def(
        "resource_id",
        0,
        0,
        |vm, this, _| Ok(build(vm, this)?.map_or_else(|| Value::str("nginx"), |build| build.path.clone())),
        "Its program.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Nginx Environment")), "Its title."),
];

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a fixed pattern"));
    };
}

pattern!(VERSION, r"(?-u)nginx version: nginx/(\S+)\s");
pattern!(MODULE, r"(?-u)--with-(\S+)_module");
pattern!(OPENSSL, r"(?-u)built with OpenSSL\s(\S+)\s(\d+\s\S+\s\d{4})");
pattern!(COMPILER, r"(?-u)built by (\S+)\s(\S+)\s(\S+)");
pattern!(SUPPORT, r"(?-u)(.*\S+) support enabled");

fn new_build(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = args.get(0).cloned().unwrap_or_else(|| Value::str("/usr/sbin/nginx"));
    let name = vm.to_s(&path)?.to_vec();
    let skip = |why: &str| vm.send(this, "skip_resource", &[Value::str(why)]);
    if !command::exists(vm, &name)? {
        return skip("The `nginx` binary not found in the path provided.");
    }
    let output = command::run(vm, &[&name[..], b" -V 2>&1"].concat())?;
    if output.exit_status != 0 {
        return skip("Error using the command nginx -V");
    }
    base::set_state(vm, this, Build { path, printed: output.stdout })
}

fn build(vm: &Interp, this: &Value) -> Res<Option<Rc<Build>>> {
    Ok(base::resource_data(vm, this)?.state::<Build>())
}

fn found(vm: &Interp, this: &Value, pattern: &Regex) -> Res {
    let Some(build) = build(vm, this)? else { return Ok(Value::Nil) };
    Ok(give::text(pattern.captures(&build.printed).map(|found| found[1].to_vec())))
}

/// The value of an option, up to the next blank.
fn path_option(vm: &Interp, this: &Value, option: &str) -> Res {
    let Some(build) = build(vm, this)? else { return Ok(Value::Nil) };
    let Some(at) = text::find(&build.printed, option.as_bytes()) else { return Ok(Value::Nil) };
    let rest = &build.printed[at + option.len()..];
    let end = rest.iter().position(text::is_space).filter(|end| *end > 0);
    Ok(give::text(end.map(|end| &rest[..end])))
}

fn modules(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let Some(build) = build(vm, this)? else { return Ok(Value::Nil) };
    Ok(give::texts(MODULE.captures_iter(&build.printed).map(|found| found[1].to_vec())))
}

fn named(vm: &Interp, this: &Value, pattern: &Regex, names: &[&str]) -> Res {
    let Some(build) = build(vm, this)? else { return Ok(Value::Nil) };
    let found = pattern.captures(&build.printed);
    let info = mash::new(vm);
    for (at, name) in names.iter().enumerate() {
        let value = found.as_ref().map(|found| found[at + 1].to_vec());
        vm.hash_set(&info, Value::str(name), give::text(value))?;
    }
    Ok(Value::Hash(info))
}

fn support(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let Some(build) = build(vm, this)? else { return Ok(Value::Nil) };
    let found: Vec<Vec<u8>> = SUPPORT.captures_iter(&build.printed).map(|found| found[1].to_vec()).collect();
    Ok(if found.is_empty() { Value::Nil } else { Value::bytes(found.join(&b' ')) })
}

fn build_params(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let names = [
        "prefix",
        "service",
        "version",
        "sbin_path",
        "modules_path",
        "error_log_path",
        "http_log_path",
        "lock_path",
        "http_client_body_temp_path",
        "http_proxy_temp_path",
        "http_fastcgi_temp_path",
        "http_uwsgi_temp_path",
        "http_scgi_temp_path",
    ];
    let mut params = Vec::new();
    for name in names {
        params.push((name, vm.send(this, name, &[])?));
    }
    Ok(give::symbol_hash(vm, params)?.into())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const CONF: &str = "user www-data;\ninclude mods/*.conf;\nhttp {\n  include sites/*;\n  gzip on;\n}\n";
    const SITE: &str = "server {\n  listen 80;\n  listen 443 ssl;\n  server_name a.example b.example;\n  location / {\n    root /srv;\n  }\n}\n";

    fn audit() -> Audit {
        let target = MemoryTarget::new()
            .file("/etc/nginx/nginx.conf", CONF)
            .file("/etc/nginx/mods/a.conf", "load_module a.so;\n")
            .file("/etc/nginx/sites/default", SITE);
        Audit::debian(target)
    }

    #[test]
    fn a_present_file_is_read_with_what_it_includes() {
        let audit = audit();
        let conf = audit.the("nginx_conf");
        assert_eq!(audit.get(&conf, "user"), r#"["www-data"]"#);
        assert_eq!(audit.get(&conf, "load_module"), r#"["a.so"]"#);
        assert_eq!(audit.get(&conf, "nothing"), "nil");
        assert_eq!(audit.get(&conf, "to_s"), r#""nginx_conf /etc/nginx/nginx.conf""#);
        let Value::Array(servers) = audit.vm.send(&conf, "servers", &[]).unwrap() else { panic!("an Array") };
        let server = servers.get(0).unwrap();
        assert_eq!(audit.get(&server, "listen"), r#"["80", "443", "ssl"]"#);
        assert_eq!(audit.get(&server, "to_s"), r#""nginx_conf /etc/nginx/nginx.conf, server a.example:80""#);
        assert_eq!(audit.get(&server, "nothing"), "[]");
        let locations = audit.get(&conf, "locations");
        assert_eq!(locations, r#"[nginx_conf /etc/nginx/nginx.conf, location "/"]"#);
        let http = audit.vm.send(&conf, "http", &[]).unwrap();
        assert_eq!(audit.get(&http, "to_s"), r#""nginx_conf /etc/nginx/nginx.conf, http entries""#);
    }

    #[test]
    fn a_malformed_file_has_no_params_and_an_absent_or_unreadable_one_skips() {
        let target = MemoryTarget::new().file("/etc/nginx/nginx.conf", "map $a $b {\n  '' close;\n}\n");
        let audit = Audit::debian(target);
        let conf = audit.the("nginx_conf");
        assert_eq!(audit.get(&conf, "params"), "{}");
        assert_eq!(audit.why(&conf), "skipped: Cannot parse NginX config in /etc/nginx/nginx.conf.");
        let none = audit.on("nginx_conf", "/none");
        assert_eq!(audit.why(&none), "skipped: Can't find file: /none");
        let denied =
            Audit::debian(MemoryTarget::new().file("/etc/nginx/nginx.conf", CONF).denied("/etc/nginx/nginx.conf"));
        assert_eq!(denied.why(&denied.the("nginx_conf")), "skipped: Can't read file: /etc/nginx/nginx.conf");
        let included = MemoryTarget::new().file("/etc/nginx/nginx.conf", CONF).file("/etc/nginx/sites/default", SITE);
        for path in ["/etc/nginx/sites", "/etc/nginx/sites/default"] {
            let hidden = Audit::debian(included.clone().denied(path));
            let conf = hidden.the("nginx_conf");
            assert_eq!(hidden.get(&conf, "params"), "{}");
            assert_eq!(hidden.why(&conf), "skipped: Cannot parse NginX config in /etc/nginx/nginx.conf.");
        }
    }

    #[test]
    fn a_present_nginx_tells_how_it_was_built_and_an_absent_one_skips() {
        let printed = "nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.8 7 Feb 2023\nTLS SNI support enabled\n\
            configure arguments: --prefix=/usr/share/nginx --with-http_ssl_module --with-threads\n";
        let target = MemoryTarget::new().command("sh -c 'type \"/usr/sbin/nginx\"'", "", "", 0).command(
            "/usr/sbin/nginx -V 2>&1",
            printed,
            "",
            0,
        );
        let audit = Audit::debian(target);
        let nginx = audit.the("nginx");
        assert_eq!(audit.get(&nginx, "version"), r#""1.22.1""#);
        assert_eq!(audit.get(&nginx, "prefix"), r#""/usr/share/nginx""#);
        assert_eq!(audit.get(&nginx, "modules"), r#"["http_ssl"]"#);
        assert_eq!(audit.get(&nginx, "support_info"), r#""TLS SNI""#);
        assert_eq!(audit.get(&nginx, "openssl_version"), r#"{"version" => "3.0.8", "date" => "7 Feb 2023"}"#);
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("nginx")), "skipped: The `nginx` binary not found in the path provided.");
    }

    #[test]
    fn of_a_malformed_nginx_nothing_is_known_and_an_unreadable_one_skips() {
        let found = || MemoryTarget::new().command("sh -c 'type \"/usr/sbin/nginx\"'", "", "", 0);
        let audit = Audit::debian(found().command("/usr/sbin/nginx -V 2>&1", "oops --prefix=\n", "", 0));
        let nginx = audit.the("nginx");
        assert_eq!((audit.get(&nginx, "version"), audit.get(&nginx, "modules")), ("nil".into(), "[]".into()));
        assert_eq!((audit.get(&nginx, "prefix"), audit.get(&nginx, "support_info")), ("nil".into(), "nil".into()));
        let denied = Audit::debian(found().command("/usr/sbin/nginx -V 2>&1", "Permission denied\n", "", 126));
        assert_eq!(denied.why(&denied.the("nginx")), "skipped: Error using the command nginx -V");
    }
}
