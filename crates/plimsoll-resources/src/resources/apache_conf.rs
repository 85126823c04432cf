//! `apache_conf`: the configuration of Apache.
//!
//! ```ruby
//! describe apache_conf do
//!   its('ServerTokens') { should cmp 'Prod' }
//!   its('Listen') { should include '443' }
//! end
//! ```
//!
//! Every setting is an Array of its values. As in CINC, `Include` and `IncludeOptional` are followed where `ServerRoot` is
//! set, and variables are not expanded.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};
use plimsoll_target::{FileError, FileKind};
use regex::bytes::Regex;

use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options, Pair};
use crate::content;
use crate::declare::ResourceDef;
use crate::facts::find::{self, Wanted};
use crate::give;
use crate::text;

struct Apache {
    path: Option<Vec<u8>>,
    content: Vec<u8>,
    params: Rc<RHash>,
}

pub(crate) const APACHE_CONF: ResourceDef = ResourceDef {
    name: "apache_conf",
    class: "ApacheConf",
    doc: "The configuration of Apache.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, setting, "The values of a setting."),
    def("params", 0, -1, params, "All settings, or what is below these keys."),
    def(
        "content",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(of(vm, this)?.content.clone())),
        "The text of all files, without comments.",
    ),
    def("conf_dir", 0, 0, conf_dir, "The values of `ServerRoot`; nil when it is not set."),
    def("conf_path", 0, 0, |vm, this, _| Ok(give::text(of(vm, this)?.path.as_deref())), "Its path."),
    def("resource_id", 0, 0, resource_id, "Its path."),
    def("to_s", 0, 0, to_s, "Its title."),
];

const USUAL: [&str; 2] = ["/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf"];

/// What Ruby's pattern `['"]*(value)['"]*` leaves of a value: a quote at its end goes, except where blanks follow it.
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?-u)["|'](?:\\.|[^"'\\])*["|']"#).expect("a fixed pattern"));

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut path = give::text_arg(vm, args, 0)?;
    for usual in USUAL {
        let is_absent = matches!(
            Backend::of(vm).stat(usual.as_bytes(), true)?,
            Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop)
        );
        if path.is_none() && !is_absent {
            path = Some(usual.as_bytes().to_vec());
        }
    }
    let mut apache = Apache { path: path.clone(), content: Vec::new(), params: RHash::new() };
    let result = load(vm, &path.unwrap_or_default(), &mut apache);
    base::set_state(vm, this, apache)?;
    result.map(|()| Value::Nil)
}

fn load(vm: &Interp, path: &[u8], apache: &mut Apache) -> Res<()> {
    content::read(vm, path, false)?;
    let mut known: Vec<Vec<u8>> = Vec::new();
    let mut waiting = std::collections::VecDeque::from([path.to_vec()]);
    while let Some(path) = waiting.pop_front() {
        if known.contains(&path) {
            continue;
        }
        let text = content::read(vm, &path, true)?;
        known.push(path);
        let options = Options { multiple_values: true, ..Options::new(&assignment) };
        let params = config_text::parse(vm, &text, &options)?;
        for (key, values) in params.entries() {
            let Value::Array(new) = &values else { continue };
            let all = match vm.hash_get(&apache.params, &key)? {
                Some(Value::Array(old)) => Value::array([old.to_vec(), new.to_vec()].concat()),
                _ => values.clone(),
            };
            vm.hash_set(&apache.params, key, all)?;
        }
        let kept = text.split_inclusive(|b| *b == b'\n').filter(|line| !text::strip(line).starts_with(b"#"));
        apache.content.extend(kept.flatten());
        waiting.extend(includes(vm, &apache.params, &params)?);
    }
    Ok(())
}

/// A word and the rest of the line, quotes around it taken off.
fn assignment(line: &[u8]) -> Res<Option<Pair>> {
    let Some(mut pair) = config_text::word_and_rest(line)? else { return Ok(None) };
    let Some(Value::Str(value)) = pair.values.first() else { return Ok(Some(pair)) };
    let given = value.to_vec();
    let is_quote = |b: &u8| matches!(b, b'"' | b'\'');
    let ends_in_blank = line.last().is_some_and(text::is_space);
    let start = given.iter().position(|b| !is_quote(b)).unwrap_or(given.len());
    let end = given.iter().rposition(|b| !is_quote(b)).map_or(start, |at| at + 1);
    let plain = if ends_in_blank { &given[start..] } else { &given[start..end.max(start)] };
    let inner = QUOTED.find(plain).map(|found| &plain[found.start() + 1..found.end() - 1]);
    pair.values = vec![Value::bytes(inner.unwrap_or(plain))];
    Ok(Some(pair))
}

fn conf_dir(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    server_root(vm, &of(vm, this)?.params)
}

fn server_root(vm: &Interp, params: &RHash) -> Res {
    Ok(match vm.hash_get(params, &Value::str("ServerRoot"))? {
        Some(root) => root,
        None => vm.hash_get(params, &Value::str("serverroot"))?.unwrap_or_default(),
    })
}

/// The files that a file includes.
fn includes(vm: &Interp, all: &RHash, params: &RHash) -> Res<Vec<Vec<u8>>> {
    let Value::Array(root) = server_root(vm, all)? else { return Ok(Vec::new()) };
    let Some(root) = root.get(0) else { return Ok(Vec::new()) };
    let root = vm.to_s(&root)?.to_vec();
    let mut files = Vec::new();
    for name in ["Include", "IncludeOptional"] {
        let Some(Value::Array(patterns)) = vm.hash_get(params, &Value::str(name))? else { continue };
        for pattern in patterns.to_vec() {
            let pattern = vm.to_s(&pattern)?.to_vec();
            let pattern = if pattern.starts_with(b"/") { pattern } else { find::join(&root, &pattern) };
            for kind in [FileKind::File, FileKind::Symlink] {
                let wanted = Wanted { kind: Some(kind), depth: Some(1) };
                files.extend(find::find(vm, &pattern, wanted)?);
            }
        }
    }
    Ok(files)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Apache>> {
    base::state::<Apache>(vm, this)
}

fn setting(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    vm.hash_fetch(&of(vm, this)?.params, &Value::Str(vm.to_s(&args[0])?))
}

fn params(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut found = Value::Hash(Rc::clone(&of(vm, this)?.params));
    for key in args.values {
        if !found.is_nil() {
            found = vm.send(&found, "[]", std::slice::from_ref(key))?;
        }
    }
    Ok(found)
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes(of(vm, this)?.path.clone().unwrap_or_else(|| b"apache_conf".to_vec())))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let path = of(vm, this)?.path.clone().unwrap_or_default();
    Ok(Value::bytes([b"Apache Config ".as_slice(), &path].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::{Audit, why};

    #[test]
    fn a_present_file_is_read_with_what_it_includes_below_the_server_root() {
        let text = "ServerRoot \"/etc/httpd\"\nListen 80\nListen 443\n# c\nInclude conf.d/*.conf\nServerTokens Prod\n";
        let target = MemoryTarget::new()
            .file("/etc/httpd/conf/httpd.conf", text)
            .file("/etc/httpd/conf.d/a.conf", "Listen 8443\nHeader always set X-Frame-Options \"SAMEORIGIN\"\n");
        let audit = Audit::debian(target);
        let conf = audit.the("apache_conf");
        assert_eq!(audit.get(&conf, "Listen"), r#"["80", "443", "8443"]"#);
        assert_eq!(audit.get(&conf, "ServerTokens"), r#"["Prod"]"#);
        assert_eq!(audit.get(&conf, "nothing"), "nil");
        assert_eq!(audit.get(&conf, "conf_dir"), r#"["/etc/httpd"]"#);
        assert_eq!(audit.get(&conf, "to_s"), r#""Apache Config /etc/httpd/conf/httpd.conf""#);
    }

    #[test]
    fn without_a_server_root_nothing_is_included() {
        let target = MemoryTarget::new()
            .file("/etc/apache2/apache2.conf", "IncludeOptional mods/*.load\nTimeout 300\n")
            .file("/etc/apache2/mods/x.load", "LoadModule x y\n");
        let audit = Audit::debian(target);
        let conf = audit.the("apache_conf");
        assert_eq!((audit.get(&conf, "Timeout"), audit.get(&conf, "LoadModule")), (r#"["300"]"#.into(), "nil".into()));
    }

    #[test]
    fn an_absent_file_skips() {
        assert_eq!(why(MemoryTarget::new(), "apache_conf", &[]), "skipped: Can't find file: ");
        assert_eq!(why(MemoryTarget::new(), "apache_conf", &["/x.conf"]), "skipped: Can't find file: /x.conf");
    }

    #[test]
    fn malformed_lines_are_settings_without_values() {
        let text = "Listen\n\"Timeout 5\nServerTokens   'Prod' \n<Directory />\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/apache2/apache2.conf", text));
        let conf = audit.the("apache_conf");
        assert_eq!((audit.get(&conf, "Listen"), audit.get(&conf, "Timeout")), ("[]".into(), "nil".into()));
        assert_eq!(audit.get(&conf, "ServerTokens"), r#"["Prod'"]"#);
    }

    #[test]
    fn what_is_unreadable_skips_or_fails() {
        let path = "/etc/apache2/apache2.conf";
        let denied = MemoryTarget::new().file(path, "Listen 80\n");
        assert_eq!(why(denied.clone().denied(path), "apache_conf", &[]), format!("skipped: Can't read file: {path}"));
        let shut = why(denied.denied("/etc/apache2"), "apache_conf", &[]);
        assert_eq!(shut, format!("skipped: Can't read file: {path}: permission denied"));
        let text = "ServerRoot /etc/httpd\nInclude conf.d/*.conf\n";
        let included = MemoryTarget::new().file(path, text).file("/etc/httpd/conf.d/a.conf", "Listen 80\n");
        let unread = included.clone().denied("/etc/httpd/conf.d/a.conf");
        assert_eq!(why(unread, "apache_conf", &[]), "skipped: Can't read file: /etc/httpd/conf.d/a.conf");
        let unlisted = why(included.denied("/etc/httpd/conf.d"), "apache_conf", &[]);
        assert_eq!(unlisted, "failed: Can't look for files in /etc/httpd/conf.d: permission denied");
    }
}
