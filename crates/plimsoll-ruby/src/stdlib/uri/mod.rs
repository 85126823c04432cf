//! URI: parsing, joining and writing.

mod encode;
mod merge;
mod parse;

use std::rc::Rc;

use super::{ivar, set_ivar};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::kernel;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RHash, Value};

/// The schemes that have classes of their own: class, scheme, default port.
const SCHEMES: &[(&str, &str, i64)] = &[
    ("FTP", "ftp", 21),
    ("File", "file", 0),
    ("HTTP", "http", 80),
    ("LDAP", "ldap", 389),
    ("MailTo", "mailto", 0),
    ("WS", "ws", 80),
    ("HTTPS", "https", 443),
    ("LDAPS", "ldaps", 636),
    ("WSS", "wss", 443),
];

/// Defines the module.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "URI");
    vm.define_singleton(&module, FUNCTIONS);
    vm.define_singleton(&module, encode::FUNCTIONS);
    let error = vm.define_class(&module, "Error", &Rc::clone(&vm.c.standard_error));
    for name in ["InvalidURIError", "InvalidComponentError", "BadURIError"] {
        vm.define_class(&module, name, &error);
    }
    let generic = vm.define_class(&module, "Generic", &vm.c.object);
    vm.set_alloc(&generic, |vm, class| Ok(vm.object(class).into()));
    vm.define(&generic, METHODS);
    vm.define_singleton(&generic, CLASS_METHODS);
    for (name, _, _) in SCHEMES {
        let parent = match *name {
            "HTTPS" => vm.class_named("URI::HTTP"),
            "LDAPS" => vm.class_named("URI::LDAP"),
            "WSS" => vm.class_named("URI::WS"),
            _ => Rc::clone(&generic),
        };
        vm.define_class(&module, name, &parent);
    }
    vm.define(&vm.class_named("URI::HTTP"), HTTP);
    vm.define(&vm.class_named("URI::MailTo"), MAILTO);
    encode::init(vm, &module);
    kernel::functions(vm, KERNEL);
    module.constants.borrow_mut().insert(Sym::new("VERSION"), Value::str("0.11.0"));
}

const FUNCTIONS: &[Def] = &[
    def("parse", 1, 1, |vm, _, a| parse::parse(vm, &a[0]), "The URI of a text"),
    def("split", 1, 1, parse::split, "The components of a text"),
    def("join", 0, -1, merge::join, "Texts merged one after the other"),
    def("scheme_list", 0, 0, scheme_list, "The schemes that have classes"),
    def("regexp", 0, 1, parse::regexp, "A pattern of URIs in text"),
    def("extract", 1, 2, parse::extract, "The URIs in a text"),
];

const KERNEL: &[Def] = &[private_def("URI", 1, 1, |vm, _, a| uri(vm, &a[0]), "The URI of a text; itself for a URI")];

const CLASS_METHODS: &[Def] = &[
    def("build", 1, 1, build, "A URI of components"),
    def(
        "default_port",
        0,
        0,
        |vm, class, _| Ok(default_port(&vm.to_class(class)?)),
        "The port that goes without saying",
    ),
    def("component", 0, 0, |_, _, _| Ok(components()), "The names of the components"),
];

const HTTP: &[Def] = &[
    def("request_uri", 0, 0, request_uri, "Path and query, as a request has them"),
    def("authority", 0, 0, |vm, r, _| authority(vm, r), "Host, and the port where it does not go without saying"),
    def("origin", 0, 0, origin, "Scheme, host, and the port where it does not go without saying"),
];

const MAILTO: &[Def] = &[
    def("to", 0, 0, |_, r, _| Ok(mail_parts(r).0), "The address"),
    def("headers", 0, 0, |_, r, _| Ok(mail_parts(r).1), "The headers"),
];

/// Instance methods.
const METHODS: &[Def] = &[
    def("scheme", 0, 0, |_, r, _| Ok(ivar(r, "@scheme")), "The scheme"),
    def("userinfo", 0, 0, |_, r, _| Ok(userinfo(r)), "User and password"),
    def("user", 0, 0, |_, r, _| Ok(ivar(r, "@user")), "The user"),
    def("password", 0, 0, |_, r, _| Ok(ivar(r, "@password")), "The password"),
    def("host", 0, 0, |_, r, _| Ok(ivar(r, "@host")), "The host"),
    def("hostname", 0, 0, hostname, "The host without brackets"),
    def("port", 0, 0, |_, r, _| Ok(ivar(r, "@port")), "The port"),
    def("registry", 0, 0, |_, _, _| Ok(Value::Nil), "nil"),
    def("path", 0, 0, |_, r, _| Ok(ivar(r, "@path")), "The path"),
    def("query", 0, 0, |_, r, _| Ok(ivar(r, "@query")), "The query"),
    def("opaque", 0, 0, |_, r, _| Ok(ivar(r, "@opaque")), "What is there in place of host and path"),
    def("fragment", 0, 0, |_, r, _| Ok(ivar(r, "@fragment")), "The fragment"),
    def("scheme=", 1, 1, |vm, r, a| set_component(vm, r, "@scheme", &a[0]), "Sets the scheme"),
    def("userinfo=", 1, 1, |vm, r, a| set_userinfo(vm, r, &a[0]), "Sets user and password"),
    def("user=", 1, 1, |vm, r, a| set_component(vm, r, "@user", &a[0]), "Sets the user"),
    def("password=", 1, 1, |vm, r, a| set_component(vm, r, "@password", &a[0]), "Sets the password"),
    def("host=", 1, 1, |vm, r, a| set_component(vm, r, "@host", &a[0]), "Sets the host"),
    def("hostname=", 1, 1, |vm, r, a| set_component(vm, r, "@host", &a[0]), "Sets the host"),
    def("port=", 1, 1, |vm, r, a| set_component(vm, r, "@port", &a[0]), "Sets the port"),
    def("path=", 1, 1, |vm, r, a| set_component(vm, r, "@path", &a[0]), "Sets the path"),
    def("query=", 1, 1, |vm, r, a| set_component(vm, r, "@query", &a[0]), "Sets the query"),
    def("fragment=", 1, 1, |vm, r, a| set_component(vm, r, "@fragment", &a[0]), "Sets the fragment"),
    def(
        "opaque=",
        1,
        1,
        |vm, r, a| set_component(vm, r, "@opaque", &a[0]),
        "Sets what is there in place of host and path",
    ),
    def("default_port", 0, 0, |vm, r, _| Ok(default_port(&vm.real_class_of(r))), "The port that goes without saying"),
    def("component", 0, 0, |_, _, _| Ok(components()), "The names of the components"),
    def("component_ary", 0, 0, |_, r, _| Ok(component_values(r)), "The components"),
    def("select", 0, -1, select, "The components of these names"),
    def("absolute?", 0, 0, |_, r, _| Ok((!ivar(r, "@scheme").is_nil()).into()), "Whether it has a scheme"),
    def("absolute", 0, 0, |_, r, _| Ok((!ivar(r, "@scheme").is_nil()).into()), "Whether it has a scheme"),
    def("relative?", 0, 0, |_, r, _| Ok(ivar(r, "@scheme").is_nil().into()), "Whether it has no scheme"),
    def("hierarchical?", 0, 0, |_, r, _| Ok(ivar(r, "@opaque").is_nil().into()), "Whether it has a path"),
    def("normalize", 0, 0, normalize, "The same with host and scheme in lower case, and a path"),
    def("normalize!", 0, 0, |vm, r, _| normalize_in_place(vm, r), "Writes host and scheme in lower case"),
    def("merge", 1, 1, merge::merge, "Another reference, as it is meant from here"),
    def("+", 1, 1, merge::merge, "Another reference, as it is meant from here"),
    def("==", 1, 1, equals, "Whether both are the same when normalised"),
    def("eql?", 1, 1, eql, "Whether all components are equal"),
    def("hash", 0, 0, |vm, r, _| vm.call(&component_values(r), known::HASH, &[]), "A hash code"),
    def("to_s", 0, 0, |vm, r, _| Ok(Value::from(text(vm, r)?)), "Its text"),
    def("inspect", 0, 0, inspect, "Its class and text"),
];

fn components() -> Value {
    let names = ["scheme", "userinfo", "host", "port", "path", "query", "fragment"];
    Value::array(names.into_iter().map(Value::sym).collect())
}

fn component_values(receiver: &Value) -> Value {
    let rest = ["@host", "@port", "@path", "@query", "@fragment"];
    let mut values = vec![ivar(receiver, "@scheme"), userinfo(receiver)];
    values.extend(rest.into_iter().map(|name| ivar(receiver, name)));
    Value::array(values)
}

/// The text of a component; `None` for nil.
fn component(receiver: &Value, name: &str) -> Option<String> {
    match ivar(receiver, name) {
        Value::Str(text) => Some(text.lossy()),
        Value::Int(int) => Some(int.to_string()),
        _ => None,
    }
}

/// The error of a component that can't be.
fn bad_component(vm: &Interp, text: String) -> Unwind {
    vm.error("URI::InvalidComponentError", text)
}

fn default_port(class: &Rc<RClass>) -> Value {
    let name = class.name();
    let known = SCHEMES.iter().find(|(own, _, _)| name == format!("URI::{own}"));
    known.filter(|(_, _, port)| *port != 0).map(|(_, _, port)| *port).into()
}

fn scheme_list(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let list = RHash::new();
    for (name, scheme, _) in SCHEMES {
        let class = Value::Class(vm.class_named(&format!("URI::{name}")));
        vm.hash_set(&list, Value::str(scheme.to_ascii_uppercase()), class)?;
    }
    Ok(Value::Hash(list))
}

/// Whether a value is a URI.
fn is_uri(vm: &Interp, value: &Value) -> bool {
    matches!(value, Value::Obj(_)) && vm.is_a(value, &vm.class_named("URI::Generic"))
}

/// The URI that a value is or that its text means.
fn uri(vm: &Interp, value: &Value) -> Res {
    if is_uri(vm, value) {
        return Ok(value.clone());
    }
    if matches!(value, Value::Str(_)) || vm.responds(value, known::TO_STR)? {
        return parse::parse(vm, value);
    }
    Err(vm.argument_error("bad argument (expected URI object or URI string)"))
}

fn userinfo(receiver: &Value) -> Value {
    match (component(receiver, "@user"), component(receiver, "@password")) {
        (None, None) => Value::Nil,
        (user, None) => user.map(Value::from).into(),
        (user, Some(password)) => Value::from(format!("{}:{password}", user.unwrap_or_default())),
    }
}

fn set_userinfo(vm: &Interp, receiver: &Value, value: &Value) -> Res {
    let (user, password) = match value {
        Value::Nil => (Value::Nil, Value::Nil),
        value => {
            let text = vm.to_str(value)?.lossy();
            match text.split_once(':') {
                Some((user, password)) => (Value::str(user), Value::str(password)),
                None => (Value::from(text), Value::Nil),
            }
        }
    };
    set_ivar(receiver, "@user", user);
    set_ivar(receiver, "@password", password);
    Ok(value.clone())
}

fn set_component(vm: &Interp, receiver: &Value, name: &str, value: &Value) -> Res {
    vm.check_frozen(receiver)?;
    if value.is_nil() {
        set_ivar(receiver, name, Value::Nil);
        return Ok(Value::Nil);
    }
    let text = vm.to_s(value)?.lossy();
    let stored = match name {
        "@port" => match text.parse::<i64>() {
            Ok(port) => Value::Int(port),
            Err(_) => {
                let shown = vm.inspect(value)?.lossy();
                return Err(bad_component(vm, format!("bad component(expected port component): {shown}")));
            }
        },
        "@host" if !parse::is_host(&text) => {
            return Err(bad_component(vm, format!("bad component(expected host component): {text}")));
        }
        "@path"
            if !parse::is_path(&text)
                || (!ivar(receiver, "@scheme").is_nil() && !text.is_empty() && !text.starts_with('/')) =>
        {
            return Err(bad_component(vm, format!("bad component(expected absolute path component): {text}")));
        }
        "@scheme" => {
            if !parse::is_scheme(&text) {
                return Err(bad_component(vm, format!("bad component(expected scheme component): {text}")));
            }
            Value::from(text.to_ascii_lowercase())
        }
        _ => Value::from(text),
    };
    set_ivar(receiver, name, stored);
    Ok(value.clone())
}

fn build(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(class)?;
    let object: Value = vm.object(&class).into();
    let own = SCHEMES.iter().find(|(name, _, _)| class.name() == format!("URI::{name}"));
    if let Some((_, scheme, _)) = own {
        set_ivar(&object, "@scheme", Value::str(scheme));
    }
    set_ivar(&object, "@path", Value::str(""));
    set_ivar(&object, "@port", default_port(&class));
    let names = ["scheme", "userinfo", "host", "port", "path", "query", "fragment", "opaque"];
    let given: Vec<(&str, Value)> = match &args[0] {
        Value::Hash(hash) => {
            let mut given = Vec::new();
            for name in names {
                given.extend(vm.hash_sym(hash, name)?.map(|value| (name, value)));
            }
            given
        }
        other => {
            // A list leaves the scheme out where the class says it.
            let names = if own.is_some() { &names[1..] } else { &names[..] };
            names.iter().copied().zip(vm.to_array(other)?.to_vec()).collect()
        }
    };
    for (name, value) in given {
        if value.is_nil() {
            continue;
        }
        match name {
            "userinfo" => set_userinfo(vm, &object, &value)?,
            name => set_component(vm, &object, &format!("@{name}"), &value)?,
        };
    }
    Ok(object)
}

fn hostname(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let host = component(receiver, "@host");
    Ok(host.map(|host| host.trim_start_matches('[').trim_end_matches(']').to_owned()).into())
}

fn shown_port(vm: &Interp, receiver: &Value) -> Option<String> {
    let port = component(receiver, "@port")?;
    let default = default_port(&vm.real_class_of(receiver));
    (!matches!(default, Value::Int(default) if default.to_string() == port)).then_some(port)
}

fn authority(vm: &Interp, receiver: &Value) -> Res {
    let host = component(receiver, "@host").unwrap_or_default();
    let port = shown_port(vm, receiver).map_or_else(String::new, |port| format!(":{port}"));
    Ok(Value::from(format!("{host}{port}")))
}

fn origin(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let scheme = component(receiver, "@scheme").unwrap_or_default();
    let authority = vm.to_s(&authority(vm, receiver)?)?.lossy();
    Ok(Value::from(format!("{scheme}://{authority}")))
}

fn request_uri(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let Some(path) = component(receiver, "@path") else { return Ok(Value::Nil) };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let query = component(receiver, "@query").map_or_else(String::new, |query| format!("?{query}"));
    Ok(Value::from(format!("{slash}{path}{query}")))
}

fn mail_parts(receiver: &Value) -> (Value, Value) {
    let opaque = component(receiver, "@opaque").unwrap_or_default();
    let (to, headers) = opaque.split_once('?').unwrap_or((&opaque, ""));
    let header = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Value::array(vec![Value::str(name), Value::str(value)])
    };
    let headers = headers.split('&').filter(|text| !text.is_empty()).map(header).collect();
    (Value::str(to), Value::array(headers))
}

/// The text of a URI.
fn text(vm: &Interp, receiver: &Value) -> Res<String> {
    let mut out = String::new();
    let scheme = component(receiver, "@scheme");
    if let Some(scheme) = &scheme {
        out.push_str(scheme);
        out.push(':');
    }
    if let Some(opaque) = component(receiver, "@opaque") {
        out.push_str(&opaque);
    } else {
        let host = component(receiver, "@host");
        if host.is_some() || matches!(scheme.as_deref(), Some("file" | "postgres")) {
            out.push_str("//");
        }
        if let Value::Str(userinfo) = userinfo(receiver) {
            out.push_str(&userinfo.lossy());
            out.push('@');
        }
        if let Some(host) = &host {
            out.push_str(host);
        }
        if let Some(port) = shown_port(vm, receiver) {
            out.push(':');
            out.push_str(&port);
        }
        let path = component(receiver, "@path").unwrap_or_default();
        if host.as_ref().is_some_and(|host| !host.is_empty()) && !path.is_empty() && !path.starts_with('/') {
            out.push('/');
        }
        out.push_str(&path);
        if let Some(query) = component(receiver, "@query") {
            out.push('?');
            out.push_str(&query);
        }
    }
    if let Some(fragment) = component(receiver, "@fragment") {
        out.push('#');
        out.push_str(&fragment);
    }
    Ok(out)
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    Ok(Value::from(format!("#<{class} {}>", text(vm, receiver)?)))
}

fn select(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let class = Value::Class(vm.real_class_of(receiver));
    let components = vm.to_array(&vm.send(&class, "component", &[])?)?.to_vec();
    let mut values = Vec::new();
    for name in args.values {
        if !components.iter().any(|component| component.same(name)) {
            let names: Vec<String> =
                components.iter().map(|name| vm.to_s(name).map(|name| name.lossy())).collect::<Res<_>>()?;
            let class = vm.real_class_of(receiver).name();
            return Err(vm.argument_error(format!("expected of components of {class} ({})", names.join(", "))));
        }
        values.push(vm.call(receiver, vm.to_name(name)?, &[])?);
    }
    Ok(Value::array(values))
}

fn normalize(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let copy = vm.call(receiver, known::DUP, &[])?;
    normalize_in_place(vm, &copy)?;
    Ok(copy)
}

fn normalize_in_place(_: &Interp, receiver: &Value) -> Res {
    if component(receiver, "@path").is_some_and(|path| path.is_empty()) && component(receiver, "@host").is_some() {
        set_ivar(receiver, "@path", Value::str("/"));
    }
    for name in ["@scheme", "@host"] {
        if let Some(text) = component(receiver, name) {
            set_ivar(receiver, name, Value::from(text.to_ascii_lowercase()));
        }
    }
    Ok(Value::Nil)
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !Rc::ptr_eq(&vm.real_class_of(receiver), &vm.real_class_of(&args[0])) {
        return Ok(false.into());
    }
    let (a, b) = (normalize(vm, receiver, Args::default())?, normalize(vm, &args[0], Args::default())?);
    Ok((text(vm, &a)? == text(vm, &b)?).into())
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !Rc::ptr_eq(&vm.real_class_of(receiver), &vm.real_class_of(&args[0])) {
        return Ok(false.into());
    }
    vm.call(&component_values(receiver), known::EQL, &[component_values(&args[0])])
}

/// A new URI of the class of its scheme.
fn made(vm: &Interp, scheme: Option<&str>) -> Value {
    let lower = scheme.map(str::to_ascii_lowercase);
    let known = SCHEMES.iter().find(|(_, own, _)| lower.as_deref() == Some(*own));
    let class = vm.class_named(known.map_or("URI::Generic".to_owned(), |(name, _, _)| format!("URI::{name}")).as_str());
    let object: Value = vm.object(&class).into();
    set_ivar(&object, "@scheme", lower.map(Value::from).into());
    for name in ["@user", "@password", "@host"] {
        set_ivar(&object, name, Value::Nil);
    }
    set_ivar(&object, "@port", default_port(&class));
    for name in ["@path", "@query", "@opaque", "@fragment"] {
        set_ivar(&object, name, Value::Nil);
    }
    object
}

/// A constant of the module.
fn constant(module: &Rc<RClass>, name: &str, value: Value) {
    module.constants.borrow_mut().insert(Sym::new(name), value);
}
