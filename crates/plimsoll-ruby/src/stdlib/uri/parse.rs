//! Taking a text apart, as RFC 3986 says.

use super::{made, set_userinfo};
use crate::args::Args;
use crate::interp::Interp;
use crate::stdlib::set_ivar;
use crate::symbol::known;
use crate::unwind::{Res, Unwind};
use crate::value::Value;

/// The components of a text.
#[derive(Default)]
struct Parts {
    scheme: Option<String>,
    userinfo: Option<String>,
    host: Option<String>,
    port: Option<String>,
    path: Option<String>,
    opaque: Option<String>,
    query: Option<String>,
    fragment: Option<String>,
}

fn is_pchar(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&b)
}

/// Whether a text has only characters of a kind and percent escapes.
fn fits(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = bytes.get(at + 1..at + 3);
            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                return false;
            }
            at += 3;
        } else if allowed(bytes[at]) {
            at += 1;
        } else {
            return false;
        }
    }
    true
}

/// Whether a text can be a scheme.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Whether a text can be a host.
pub(super) fn is_host(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').is_some_and(|inner| {
            inner.contains(':') && inner.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.')
        }),
        None => fits(text, |b| is_pchar(b) && b != b':' && b != b'@'),
    }
}

/// Whether a text can be a path.
pub(super) fn is_path(text: &str) -> bool {
    fits(text, |b| is_pchar(b) || b == b'/')
}

fn take_apart(text: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    let (rest, fragment) = match text.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (text, None),
    };
    if let Some(fragment) = fragment {
        if !fits(fragment, |b| is_pchar(b) || b == b'/' || b == b'?') {
            return None;
        }
        parts.fragment = Some(fragment.to_owned());
    }
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (rest, None),
    };
    let query = query.map(|query| query.chars().filter(|c| *c != '\n').collect::<String>().replace(' ', "%20"));
    let colon = rest.find([':', '/']).filter(|at| rest.as_bytes()[*at] == b':');
    let rest = match colon {
        Some(at) if is_scheme(&rest[..at]) => {
            parts.scheme = Some(rest[..at].to_owned());
            &rest[at + 1..]
        }
        Some(_) => return None,
        None => rest,
    };
    if let Some(after) = rest.strip_prefix("//") {
        let end = after.find('/').unwrap_or(after.len());
        let (authority, path) = after.split_at(end);
        take_authority(&mut parts, authority)?;
        parts.path = Some(is_path(path).then(|| path.to_owned())?);
    } else if parts.scheme.is_some() && !rest.is_empty() && !rest.starts_with('/') {
        if !is_path(rest) {
            return None;
        }
        parts.opaque = Some(match query {
            Some(query) => format!("{rest}?{query}"),
            None => rest.to_owned(),
        });
        return Some(parts);
    } else {
        parts.path = Some(is_path(rest).then(|| rest.to_owned())?);
    }
    parts.query = query;
    Some(parts)
}

fn take_authority(parts: &mut Parts, authority: &str) -> Option<()> {
    let (userinfo, rest) = match authority.rsplit_once('@') {
        Some((userinfo, rest)) => (Some(userinfo), rest),
        None => (None, authority),
    };
    if let Some(userinfo) = userinfo {
        if !fits(userinfo, |b| is_pchar(b) && b != b'@') {
            return None;
        }
        parts.userinfo = Some(userinfo.to_owned());
    }
    let (host, port) = match rest.rfind(':').filter(|at| !rest[*at..].contains(']')) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    if !is_host(host) || port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    parts.host = Some(host.to_owned());
    parts.port = port.filter(|port| !port.is_empty()).map(str::to_owned);
    Some(())
}

fn invalid(vm: &Interp, value: &Value) -> Unwind {
    match vm.inspect(value) {
        Ok(shown) => vm.error("URI::InvalidURIError", format!("bad URI(is not URI?): {}", shown.lossy())),
        Err(unwind) => unwind,
    }
}

fn parts(vm: &Interp, value: &Value) -> Res<Parts> {
    let text = match value {
        Value::Str(text) => std::rc::Rc::clone(text),
        other if vm.responds(other, known::TO_STR)? => vm.to_str(other)?,
        other => return Err(invalid(vm, other)),
    };
    if !text.is_ascii() {
        let dumped = vm.send(&Value::Str(text), "dump", &[])?;
        let shown = vm.to_s(&dumped)?.lossy();
        return Err(vm.error("URI::InvalidURIError", format!("URI must be ascii only {shown}")));
    }
    take_apart(&text.lossy()).ok_or_else(|| invalid(vm, value))
}

/// The URI of a text.
pub(super) fn parse(vm: &Interp, value: &Value) -> Res {
    let parts = parts(vm, value)?;
    let object = made(vm, parts.scheme.as_deref());
    // An empty host counts as one only where there may be none: in `file:///…`.
    let file = parts.scheme.as_deref().is_some_and(|scheme| scheme.eq_ignore_ascii_case("file"));
    let host = if file { Some(parts.host.unwrap_or_default()) } else { parts.host.filter(|host| !host.is_empty()) };
    if let Some(userinfo) = parts.userinfo {
        set_userinfo(vm, &object, &Value::from(userinfo))?;
    }
    set_ivar(&object, "@host", host.map(Value::from).into());
    if let Some(port) = parts.port.and_then(|port| port.parse::<i64>().ok()) {
        set_ivar(&object, "@port", Value::Int(port));
    }
    let texts =
        [("@path", parts.path), ("@query", parts.query), ("@opaque", parts.opaque), ("@fragment", parts.fragment)];
    for (name, text) in texts {
        set_ivar(&object, name, text.map(Value::from).into());
    }
    Ok(object)
}

/// The components of a text, in a fixed order.
pub(super) fn split(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let parts = parts(vm, &args[0])?;
    let list = [
        parts.scheme,
        parts.userinfo,
        parts.host,
        parts.port,
        None,
        parts.path,
        parts.opaque,
        parts.query,
        parts.fragment,
    ];
    Ok(Value::array(list.into_iter().map(Value::from).collect()))
}

fn schemes(vm: &Interp, value: Option<&Value>) -> Res<Option<Vec<String>>> {
    let Some(value) = value.filter(|value| !value.is_nil()) else { return Ok(None) };
    let list = match vm.try_array(value)? {
        Some(list) => list.to_vec(),
        None => vec![value.clone()],
    };
    let mut schemes = Vec::new();
    for scheme in list {
        schemes.push(vm.to_s(&scheme)?.lossy());
    }
    Ok(Some(schemes))
}

/// A pattern of absolute URIs, of these schemes if they are given.
pub(super) fn regexp(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let scheme = match schemes(vm, args.get(0))? {
        Some(schemes) => format!("(?:{})", schemes.join("|")),
        None => "[a-zA-Z][a-zA-Z0-9+.\\-]*".to_owned(),
    };
    let body = "(?:[a-zA-Z0-9\\-_.!~*'();/?:@&=+$,\\[\\]]|%[a-fA-F0-9]{2})";
    let source = format!("({scheme}):({body}+)(?:#({body}*))?");
    vm.send(&Value::Class(vm.class_named("Regexp")), "new", &[Value::from(source)])
}

/// The URIs in a text.
pub(super) fn extract(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let pattern = regexp(vm, own, Args::new(&args.values[1..]))?;
    let found = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let into = std::rc::Rc::clone(&found);
    let each = crate::value::RProc::native(move |vm, _, args| {
        let text = args.or_nil(0);
        into.borrow_mut().push(text);
        vm.tick()?;
        Ok(Value::str(""))
    });
    let call = Args::new(std::slice::from_ref(&pattern)).with_block(Some(&each));
    vm.call_with(&args[0], crate::symbol::Sym::new("gsub"), call, crate::dispatch::CallStyle::Implicit)?;
    let found = Value::array(found.take());
    match args.block {
        None => Ok(found),
        Some(block) => {
            for text in vm.to_array(&found)?.to_vec() {
                vm.call_block(block, &[text])?;
            }
            Ok(Value::Nil)
        }
    }
}
