//! File, Dir and ENV: paths as text, and the profile's own files. The scanning machine's files are out of reach.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RHash, RString, Value};

pub(crate) fn init(vm: &Interp) {
    let object = Rc::clone(&vm.c.object);
    let io = vm.class_named("IO");
    vm.include(&io, &vm.c.enumerable);
    let file = vm.define_class(&object, "File", &io);
    vm.define_singleton(&file, PATHS);
    vm.define_singleton(&file, FILES);
    vm.define_singleton(&io, REFUSED);
    let mut constants = file.constants.borrow_mut();
    constants.insert(Sym::new("SEPARATOR"), Value::str("/"));
    constants.insert(Sym::new("Separator"), Value::str("/"));
    constants.insert(Sym::new("ALT_SEPARATOR"), Value::Nil);
    constants.insert(Sym::new("PATH_SEPARATOR"), Value::str(":"));
    for (name, value) in [("FNM_PATHNAME", 2), ("FNM_DOTMATCH", 4), ("FNM_CASEFOLD", 8), ("FNM_EXTGLOB", 16)] {
        constants.insert(Sym::new(name), Value::Int(value));
    }
    drop(constants);
    let flags = vm.define_module(&file, "Constants");
    for (name, value) in FLAGS {
        for holder in [&flags, &io] {
            holder.constants.borrow_mut().insert(Sym::new(name), Value::Int(*value));
        }
    }
    let dir = vm.define_class(&object, "Dir", &object);
    vm.define_singleton(&dir, DIR);
    let env = Value::Obj(vm.object(&object));
    let singleton = vm.singleton_class(&env).expect("objects have singleton classes");
    vm.define(&singleton, ENV);
    object.constants.borrow_mut().insert(Sym::new("ENV"), env);
}

/// How streams are opened, and from where they are sought.
const FLAGS: &[(&str, i64)] = &[
    ("RDONLY", 0),
    ("WRONLY", 1),
    ("RDWR", 2),
    ("CREAT", 64),
    ("EXCL", 128),
    ("TRUNC", 512),
    ("APPEND", 1024),
    ("SEEK_SET", 0),
    ("SEEK_CUR", 1),
    ("SEEK_END", 2),
];

const PATHS: &[Def] = &[
    def("join", 0, -1, join, "Joins parts of a path by single slashes."),
    def("basename", 1, 2, basename, "The last part of a path, perhaps without a suffix."),
    def("dirname", 1, 2, dirname, "A path without its last part."),
    def("extname", 1, 1, extname, "The extension of the last part, with its dot."),
    def("split", 1, 1, split, "Directory and last part."),
    def("expand_path", 1, 2, expand_path, "An absolute path without `.` and `..`."),
    def("absolute_path", 1, 2, expand_path, "An absolute path without `.` and `..`."),
    def("absolute_path?", 1, 1, is_absolute, "Whether a path starts at the root."),
    def("fnmatch", 2, 3, fnmatch, "Whether a path fits a shell pattern."),
    def("fnmatch?", 2, 3, fnmatch, "Whether a path fits a shell pattern."),
    def("path", 1, 1, |vm, _, args| Ok(Value::Str(path(vm, &args[0])?)), "The path as text."),
];

const FILES: &[Def] = &[
    def("exist?", 1, 1, |vm, _, args| Ok(exists(vm, &args[0])?.is_some().into()), "Whether the profile has it."),
    def("exists?", 1, 1, |vm, _, args| Ok(exists(vm, &args[0])?.is_some().into()), "Whether the profile has it."),
    def(
        "file?",
        1,
        1,
        |vm, _, args| Ok((exists(vm, &args[0])? == Some(Kind::File)).into()),
        "Whether it is a file of the profile.",
    ),
    def(
        "directory?",
        1,
        1,
        |vm, _, args| Ok((exists(vm, &args[0])? == Some(Kind::Directory)).into()),
        "Whether it is a directory of the profile.",
    ),
    def(
        "readable?",
        1,
        1,
        |vm, _, args| Ok((exists(vm, &args[0])? == Some(Kind::File)).into()),
        "Whether it is a file of the profile.",
    ),
    def("size", 1, 1, |vm, _, args| Ok(content(vm, &args[0])?.len().into()), "Its size in bytes."),
    def("read", 1, -1, |vm, _, args| Ok(Value::bytes(content(vm, &args[0])?)), "A file of the profile, whole."),
    def("binread", 1, 1, |vm, _, args| Ok(Value::bytes(content(vm, &args[0])?)), "A file of the profile, whole."),
    def("readlines", 1, -1, readlines, "The lines of a file of the profile."),
    def("foreach", 1, -1, readlines, "The lines of a file of the profile."),
];

const REFUSED: &[Def] = &[
    def("open", 0, -1, refuse_file, "Refused."),
    def("new", 0, -1, refuse_file, "Refused."),
    def("write", 0, -1, refuse_file, "Refused."),
    def("binwrite", 0, -1, refuse_file, "Refused."),
    def("delete", 0, -1, refuse_file, "Refused."),
    def("unlink", 0, -1, refuse_file, "Refused."),
    def("rename", 0, -1, refuse_file, "Refused."),
    def("symlink", 0, -1, refuse_file, "Refused."),
    def("chmod", 0, -1, refuse_file, "Refused."),
    def("chown", 0, -1, refuse_file, "Refused."),
    def("stat", 0, -1, refuse_file, "Refused."),
    def("lstat", 0, -1, refuse_file, "Refused."),
    def("popen", 0, -1, refuse_file, "Refused."),
    def("pipe", 0, -1, refuse_file, "Refused."),
];

const DIR: &[Def] = &[
    def(
        "exist?",
        1,
        1,
        |vm, _, args| Ok((exists(vm, &args[0])? == Some(Kind::Directory)).into()),
        "Whether the profile has it.",
    ),
    def("glob", 1, -1, glob, "The profile's files that fit a pattern."),
    def("[]", 1, -1, glob, "The profile's files that fit a pattern."),
    def("entries", 1, 1, |vm, _, args| children(vm, &args[0], true), "What stands in a directory of the profile."),
    def("children", 1, 1, |vm, _, args| children(vm, &args[0], false), "What stands in a directory of the profile."),
    def("pwd", 0, 0, |_, _, _| Ok(Value::str("/")), "The root: there is no other working directory."),
    def("mkdir", 0, -1, refuse_file, "Refused."),
    def("rmdir", 0, -1, refuse_file, "Refused."),
    def("chdir", 0, -1, refuse_file, "Refused."),
];

const ENV: &[Def] = &[
    def("[]", 1, 1, env, "A variable the host lets through."),
    def("fetch", 1, 2, env_fetch, "The same, or a default."),
    def("key?", 1, 1, |vm, this, args| Ok((!env(vm, this, args)?.is_nil()).into()), "Whether it is there."),
    def("include?", 1, 1, |vm, this, args| Ok((!env(vm, this, args)?.is_nil()).into()), "Whether it is there."),
    def("to_h", 0, 0, |_, _, _| Ok(Value::Hash(RHash::new())), "Nothing: variables are asked for by name."),
    def("[]=", 2, 2, |vm, _, _| Err(vm.unsupported("changing the environment")), "Refused."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("ENV")), "ENV"),
    def("inspect", 0, 0, |_, _, _| Ok(Value::str("ENV")), "ENV"),
];

/// A path given as a String or by `to_path`.
pub(crate) fn path(vm: &Interp, value: &Value) -> Res<Rc<RString>> {
    match vm.call_if_responds(value, Sym::new("to_path"), &[])? {
        Some(path) => vm.to_str(&path),
        None => vm.to_str(value),
    }
}

fn join(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let mut joined: Option<Vec<u8>> = None;
    append(vm, args.values, &mut joined)?;
    Ok(Value::bytes(joined.unwrap_or_default()))
}

fn append(vm: &Interp, parts: &[Value], joined: &mut Option<Vec<u8>>) -> Res<()> {
    for part in parts {
        if let Value::Array(nested) = part {
            let nested = nested.to_vec();
            let inner = vm.guard("File.join", nested.as_ptr() as usize, 0, || append(vm, &nested, joined));
            inner.unwrap_or_else(|| Err(vm.argument_error("recursive array")))?;
            continue;
        }
        let part = path(vm, part)?.to_vec();
        match joined {
            None => *joined = Some(part),
            Some(text) => {
                match (text.ends_with(b"/"), part.starts_with(b"/")) {
                    (true, true) => while text.pop_if(|b| *b == b'/').is_some() {},
                    (false, false) => text.push(b'/'),
                    _ => {}
                }
                text.extend_from_slice(&part);
            }
        }
    }
    Ok(())
}

fn without_trailing_slashes(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    &path[..end]
}

fn last_part(path: &[u8]) -> &[u8] {
    if !path.is_empty() && path.iter().all(|b| *b == b'/') {
        return b"/";
    }
    let path = without_trailing_slashes(path);
    &path[path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1)..]
}

fn basename(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let whole = path(vm, &args[0])?.to_vec();
    let last = last_part(&whole);
    let Some(suffix) = args.get(1) else { return Ok(Value::bytes(last)) };
    let suffix = vm.to_str(suffix)?.to_vec();
    let cut = if suffix == b".*" {
        extension(last).len()
    } else if last.ends_with(&suffix) {
        suffix.len()
    } else {
        0
    };
    let kept = if cut < last.len() { last.len() - cut } else { last.len() };
    Ok(Value::bytes(&last[..kept]))
}

fn directory(path: &[u8]) -> &[u8] {
    let trimmed = without_trailing_slashes(path);
    match trimmed.iter().rposition(|b| *b == b'/') {
        None if trimmed.is_empty() && path.starts_with(b"/") => b"/",
        None => b".",
        Some(at) => match without_trailing_slashes(&trimmed[..at]) {
            b"" => b"/",
            // Several slashes at the start are one.
            directory => &directory[directory.iter().take_while(|b| **b == b'/').count().saturating_sub(1)..],
        },
    }
}

fn dirname(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let mut whole = path(vm, &args[0])?.to_vec();
    let levels = args.get(1).map_or(Ok(1), |levels| vm.to_int(levels))?;
    if levels < 0 {
        return Err(vm.argument_error(format!("negative level: {levels}")));
    }
    for _ in 0..levels.min(4096) {
        whole = directory(&whole).to_vec();
    }
    Ok(Value::bytes(whole))
}

/// `.rb` of `a.rb`, `.` of `a.`; nothing of `.profile` and `a`.
fn extension(last: &[u8]) -> &[u8] {
    let start = last.iter().position(|b| *b != b'.').unwrap_or(last.len());
    match last[start..].iter().rposition(|b| *b == b'.') {
        Some(at) => &last[start + at..],
        None => b"",
    }
}

fn extname(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let whole = path(vm, &args[0])?.to_vec();
    Ok(Value::bytes(extension(last_part(&whole))))
}

fn split(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let whole = path(vm, &args[0])?.to_vec();
    Ok(Value::array(vec![Value::bytes(directory(&whole)), Value::bytes(last_part(&whole))]))
}

/// An absolute path without `.` and `..`; relative ones stand below `base`.
fn absolute(path: &[u8], base: &[u8]) -> Vec<u8> {
    let whole = if path.starts_with(b"/") { path.to_vec() } else { [base, b"/", path].concat() };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in whole.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    [b"/", &parts.join(&b'/')[..]].concat()
}

fn expand_path(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let whole = path(vm, &args[0])?.to_vec();
    if whole.starts_with(b"~") {
        return Err(vm.unsupported("the home directory of the scanning machine"));
    }
    let base = match args.get(1) {
        Some(base) if !base.is_nil() => absolute(&path(vm, base)?.to_vec(), b"/"),
        _ => b"/".to_vec(),
    };
    Ok(Value::bytes(absolute(&whole, &base)))
}

fn is_absolute(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(path(vm, &args[0])?.bytes().starts_with(b"/").into())
}

#[derive(PartialEq, Eq)]
enum Kind {
    File,
    Directory,
}

fn exists(vm: &Interp, value: &Value) -> Res<Option<Kind>> {
    let name = path(vm, value)?.to_vec();
    if vm.host.read_file(&name).is_some() {
        return Ok(Some(Kind::File));
    }
    let prefix = [without_trailing_slashes(&name), b"/"].concat();
    Ok(vm.host.files().iter().any(|file| file.starts_with(&prefix)).then_some(Kind::Directory))
}

fn content(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let name = path(vm, value)?;
    match vm.host.read_file(&name.bytes()) {
        Some(content) => Ok(content),
        None => Err(vm.error("Errno::ENOENT", format!("No such file or directory @ rb_sysopen - {}", name.lossy()))),
    }
}

fn readlines(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = Value::bytes(content(vm, &args[0])?);
    let chomp = args.keyword("chomp").is_some_and(|chomp| chomp.truthy());
    let lines = vm.call(&text, Sym::new("lines"), &[])?;
    let lines = if chomp {
        let each: Res<Vec<Value>> =
            vm.collect(&lines)?.iter().map(|line| vm.call(line, Sym::new("chomp"), &[])).collect();
        Value::array(each?)
    } else {
        lines
    };
    match args.block {
        None => Ok(lines),
        Some(block) => {
            for line in vm.collect(&lines)? {
                vm.call_block(block, &[line])?;
            }
            Ok(Value::Nil)
        }
    }
}

fn children(vm: &Interp, value: &Value, dots: bool) -> Res {
    let name = path(vm, value)?;
    let prefix = [without_trailing_slashes(&name.bytes()), b"/"].concat();
    let mut names: Vec<Vec<u8>> = Vec::new();
    for file in vm.host.files() {
        if let Some(rest) = file.strip_prefix(&prefix[..]) {
            let first = rest.split(|b| *b == b'/').next().unwrap_or_default().to_vec();
            if !first.is_empty() && !names.contains(&first) {
                names.push(first);
            }
        }
    }
    if names.is_empty() {
        let text = format!("No such file or directory @ dir_initialize - {}", name.lossy());
        return Err(vm.error("Errno::ENOENT", text));
    }
    names.sort();
    let dots = if dots { vec![Value::str("."), Value::str("..")] } else { Vec::new() };
    Ok(Value::array(dots.into_iter().chain(names.into_iter().map(Value::bytes)).collect()))
}

fn glob(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (patterns, _) = args.split_keywords();
    let mut found = Vec::new();
    let mut files = vm.host.files();
    files.sort();
    for pattern in patterns {
        let each = match pattern {
            Value::Array(several) => several.to_vec(),
            one => vec![one.clone()],
        };
        for pattern in each {
            let pattern = path(vm, &pattern)?.to_vec();
            for pattern in braces(vm, &pattern)? {
                let fits = files.iter().filter(|file| matches(&pattern, file, Mode::PATHS));
                found.extend(fits.map(|file| Value::bytes(file.clone())));
            }
        }
    }
    match args.block {
        None => Ok(Value::array(found)),
        Some(block) => {
            for file in found {
                vm.call_block(block, &[file])?;
            }
            Ok(Value::Nil)
        }
    }
}

/// `a{b,c}` as `ab` and `ac`.
fn braces(vm: &Interp, pattern: &[u8]) -> Res<Vec<Vec<u8>>> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_vec()];
    while let Some(pattern) = open.pop() {
        vm.tick()?;
        vm.reserve_elements(done.len() + open.len())?;
        let found = pattern.iter().position(|b| *b == b'{');
        let end = found.and_then(|at| pattern[at..].iter().position(|b| *b == b'}').map(|end| at + end));
        let (Some(start), Some(end)) = (found, end) else {
            done.push(pattern);
            continue;
        };
        let choices: Vec<Vec<u8>> = pattern[start + 1..end].split(|b| *b == b',').map(<[u8]>::to_vec).collect();
        for choice in choices.into_iter().rev() {
            open.push([&pattern[..start], &choice, &pattern[end + 1..]].concat());
        }
    }
    Ok(done)
}

/// How a shell pattern is read.
#[derive(Clone, Copy)]
struct Mode {
    /// Whether wildcards stop at slashes, and `**/` crosses them.
    paths: bool,
    /// Whether wildcards match a leading dot.
    dots: bool,
    /// Whether letter case is ignored.
    fold: bool,
}

impl Mode {
    const PATHS: Self = Self { paths: true, dots: false, fold: false };
}

fn fnmatch(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let pattern = vm.to_str(&args[0])?.to_vec();
    let name = path(vm, &args[1])?.to_vec();
    let flags = args.get(2).map_or(Ok(0), |flags| vm.to_int(flags))?;
    let mode = Mode { paths: flags & 2 != 0, dots: flags & 4 != 0, fold: flags & 8 != 0 };
    let patterns = if flags & 16 != 0 { braces(vm, &pattern)? } else { vec![pattern] };
    Ok(patterns.iter().any(|pattern| matches(pattern, &name, mode)).into())
}

/// Whether a name fits a shell pattern, in time proportional to the product of their lengths.
fn matches(pattern: &[u8], name: &[u8], mode: Mode) -> bool {
    // `reachable[i]`: the pattern's rest fits the name from position i on; filled from the pattern's end.
    let mut tokens = tokenize(pattern, mode);
    let mut reachable = vec![false; name.len() + 1];
    reachable[name.len()] = true;
    while let Some(token) = tokens.pop() {
        let mut next = vec![false; name.len() + 1];
        for at in (0..=name.len()).rev() {
            let starts = at == 0 || (mode.paths && name[at - 1] == b'/');
            let hidden = starts && name.get(at) == Some(&b'.') && !mode.dots;
            let blocked = |byte: u8| mode.paths && byte == b'/';
            next[at] = match &token {
                Token::Deep => {
                    // Nothing, or this component (unless hidden) and more.
                    reachable[at]
                        || (starts && !hidden && {
                            let slash = name[at..].iter().position(|b| *b == b'/').map(|off| at + off + 1);
                            slash.is_some_and(|after| next[after])
                        })
                }
                Token::Star => !hidden && (reachable[at] || (at < name.len() && !blocked(name[at]) && next[at + 1])),
                Token::Any => at < name.len() && !blocked(name[at]) && !hidden && reachable[at + 1],
                Token::Byte(byte) => at < name.len() && same(name[at], *byte, mode) && reachable[at + 1],
                Token::Set(set, negated) => {
                    at < name.len()
                        && !blocked(name[at])
                        && !hidden
                        && (set.iter().any(|(low, high)| in_range(name[at], *low, *high, mode)) != *negated)
                        && reachable[at + 1]
                }
            };
        }
        reachable = next;
    }
    reachable[0]
}

fn same(a: u8, b: u8, mode: Mode) -> bool {
    a == b || (mode.fold && a.eq_ignore_ascii_case(&b))
}

fn in_range(byte: u8, low: u8, high: u8, mode: Mode) -> bool {
    let within = |byte: u8| (low..=high).contains(&byte);
    within(byte) || (mode.fold && (within(byte.to_ascii_lowercase()) || within(byte.to_ascii_uppercase())))
}

enum Token {
    /// `**/`
    Deep,
    Star,
    Any,
    Byte(u8),
    /// `[a-z]`, `[^a-z]`
    Set(Vec<(u8, u8)>, bool),
}

fn tokenize(pattern: &[u8], mode: Mode) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        let component_start = at == 0 || pattern[at - 1] == b'/';
        match pattern[at] {
            b'*' if mode.paths && component_start && pattern[at..].starts_with(b"**/") => {
                tokens.push(Token::Deep);
                at += 3;
                continue;
            }
            b'*' => tokens.push(Token::Star),
            b'?' => tokens.push(Token::Any),
            b'\\' if at + 1 < pattern.len() => {
                at += 1;
                tokens.push(Token::Byte(pattern[at]));
            }
            b'[' => match bracket(&pattern[at + 1..]) {
                Some((token, used)) => {
                    tokens.push(token);
                    at += used;
                }
                None => tokens.push(Token::Byte(b'[')),
            },
            byte => tokens.push(Token::Byte(byte)),
        }
        at += 1;
    }
    tokens
}

/// The set after `[`, and how many bytes it takes with its `]`.
fn bracket(rest: &[u8]) -> Option<(Token, usize)> {
    let end = rest.iter().skip(1).position(|b| *b == b']')? + 1;
    let negated = matches!(rest[0], b'!' | b'^');
    let members = &rest[usize::from(negated)..end];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < members.len() {
        if at + 2 < members.len() && members[at + 1] == b'-' {
            ranges.push((members[at], members[at + 2]));
            at += 3;
        } else {
            ranges.push((members[at], members[at]));
            at += 1;
        }
    }
    Some((Token::Set(ranges, negated), end + 1))
}

fn refuse_file(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Err(vm.unsupported("access to the scanning machine's files; the target's are read with file('/path').content"))
}

fn env(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let name = vm.to_str(&args[0])?.to_vec();
    Ok(vm.host.env(&name).map(Value::bytes).into())
}

fn env_fetch(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let found = env(vm, this, Args::new(&args.values[..1]))?;
    if !found.is_nil() {
        return Ok(found);
    }
    match (args.block, args.get(1)) {
        (Some(block), _) => vm.call_block(block, &args.values[..1]),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => {
            let name = vm.call(&args[0], known::INSPECT, &[])?;
            Err(vm.error("KeyError", format!("key not found: {}", vm.to_s(&name)?.lossy())))
        }
    }
}
