//! Pathname: paths as objects. What is asked of files is answered from the profile's own.

use super::{ivar, set_ivar};
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::core::enumerable::block_or_enumerator;
use crate::core::kernel;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// Defines the class, and the function of its name.
pub(super) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Pathname", &vm.c.object);
    for methods in [METHODS, PATHS, OF_FILE, REFUSED] {
        vm.define(&class, methods);
    }
    vm.define_singleton(&class, FUNCTIONS);
    kernel::functions(vm, KERNEL);
    class.constants.borrow_mut().insert(Sym::new("SEPARATOR_LIST"), Value::str("/"));
    class.constants.borrow_mut().insert(Sym::new("TO_PATH"), Value::sym("to_path"));
}

const KERNEL: &[Def] = &[private_def("Pathname", 1, 1, pathname, "A Pathname of a path")];

const FUNCTIONS: &[Def] = &[
    def("glob", 1, -1, glob, "The profile's files that fit a pattern"),
    def("pwd", 0, 0, |vm, _, _| made(vm, b"/"), "The root: there is no other working directory"),
    def("getwd", 0, 0, |vm, _, _| made(vm, b"/"), "The root: there is no other working directory"),
];

const METHODS: &[Def] = &[
    private_def("initialize", 1, 1, initialize, "Takes a path"),
    def("to_s", 0, 0, |_, r, _| Ok(Value::bytes(path(r))), "The path"),
    def("to_path", 0, 0, |_, r, _| Ok(Value::bytes(path(r))), "The path"),
    def("inspect", 0, 0, inspect, "Its class and path"),
    def("==", 1, 1, equals, "Whether the paths are equal"),
    def("===", 1, 1, equals, "Whether the paths are equal"),
    def("eql?", 1, 1, equals, "Whether the paths are equal"),
    def("<=>", 1, 1, compare, "Compares two paths, part by part"),
    def("hash", 0, 0, |vm, r, _| vm.call(&ivar(r, PATH), known::HASH, &[]), "A hash code of the path"),
    def("freeze", 0, 0, freeze, "Freezes it"),
];

const PATHS: &[Def] = &[
    def("+", 1, 1, plus, "A path below this one"),
    def("/", 1, 1, plus, "A path below this one"),
    def("join", 0, -1, join, "A path below this one"),
    def("parent", 0, 0, |vm, r, _| alike(vm, r, &added(&path(r), b"..")), "The directory it is in"),
    def(
        "root?",
        0,
        0,
        |_, r, _| Ok((path(r).starts_with(b"/") && chop(&path(r)).is_none()).into()),
        "Whether it is the root",
    ),
    def("absolute?", 0, 0, |_, r, _| Ok(path(r).starts_with(b"/").into()), "Whether it starts at the root"),
    def("relative?", 0, 0, |_, r, _| Ok((!path(r).starts_with(b"/")).into()), "Whether it does not start at the root"),
    def("cleanpath", 0, 1, cleanpath, "The path without needless parts"),
    def("relative_path_from", 1, 1, relative_path_from, "The way from another path to this one"),
    def("each_filename", 0, 0, each_filename, "Yields the parts"),
    def("ascend", 0, 0, ascend, "Yields the path and those it is in"),
    def("descend", 0, 0, descend, "Yields the paths it is in, outermost first, and itself"),
    def("sub", 1, 2, sub, "The path with a part replaced"),
    def("sub_ext", 1, 1, sub_ext, "The path with another extension"),
    def("basename", 0, 1, |vm, r, a| of_file_path(vm, r, "basename", a), "The last part"),
    def("dirname", 0, 0, |vm, r, a| of_file_path(vm, r, "dirname", a), "All but the last part"),
    def("expand_path", 0, 1, |vm, r, a| of_file_path(vm, r, "expand_path", a), "The absolute path"),
    def("split", 0, 0, split, "All but the last part, and the last part"),
    def("extname", 0, 0, |vm, r, a| of_file(vm, r, "extname", a), "The extension"),
    def("fnmatch", 1, 2, fnmatch, "Whether it fits a shell pattern"),
    def("fnmatch?", 1, 2, fnmatch, "Whether it fits a shell pattern"),
];

const OF_FILE: &[Def] = &[
    def("exist?", 0, 0, |vm, r, a| of_file(vm, r, "exist?", a), "Whether the profile has it"),
    def("file?", 0, 0, |vm, r, a| of_file(vm, r, "file?", a), "Whether it is a file of the profile"),
    def("directory?", 0, 0, |vm, r, a| of_file(vm, r, "directory?", a), "Whether it is a directory of the profile"),
    def("readable?", 0, 0, |vm, r, a| of_file(vm, r, "readable?", a), "Whether it is a file of the profile"),
    def("size", 0, 0, |vm, r, a| of_file(vm, r, "size", a), "Bytes of a file of the profile"),
    def("read", 0, -1, |vm, r, a| of_file(vm, r, "read", a), "A file of the profile, whole"),
    def("binread", 0, -1, |vm, r, a| of_file(vm, r, "binread", a), "A file of the profile, whole"),
    def("readlines", 0, -1, |vm, r, a| of_file(vm, r, "readlines", a), "The lines of a file of the profile"),
    def("each_line", 0, -1, |vm, r, a| of_file(vm, r, "foreach", a), "Yields the lines of a file of the profile"),
    def("children", 0, 1, children, "What stands in a directory of the profile"),
    def("each_child", 0, 1, each_child, "Yields what stands in a directory of the profile"),
    def("entries", 0, 0, entries, "The names in a directory of the profile"),
    def("glob", 1, 2, glob_below, "The profile's files below it that fit a pattern"),
];

/// What would touch the scanning machine.
macro_rules! refused {
    ($($name:literal),+) => {
        &[$(def($name, 0, -1, |vm, _, _| Err(vm.unsupported(concat!("Pathname#", $name))), "Refused")),+]
    };
}

const REFUSED: &[Def] = refused!(
    "write",
    "binwrite",
    "open",
    "opendir",
    "mkdir",
    "mkpath",
    "rmdir",
    "rmtree",
    "delete",
    "unlink",
    "rename",
    "chmod",
    "chown",
    "lchmod",
    "lchown",
    "utime",
    "truncate",
    "symlink?",
    "readlink",
    "make_link",
    "make_symlink",
    "realpath",
    "realdirpath",
    "stat",
    "lstat",
    "atime",
    "mtime",
    "ctime",
    "birthtime",
    "owned?",
    "writable?",
    "executable?",
    "find",
    "mountpoint?",
    "sysopen"
);

/// Where the path is kept.
const PATH: &str = "@path";

fn path(receiver: &Value) -> Vec<u8> {
    match ivar(receiver, PATH) {
        Value::Str(path) => path.to_vec(),
        _ => Vec::new(),
    }
}

fn is_pathname(vm: &Interp, value: &Value) -> bool {
    vm.is_a(value, &vm.class_named("Pathname"))
}

/// A Pathname of these bytes.
fn made(vm: &Interp, path: &[u8]) -> Res {
    vm.new_instance(&vm.class_named("Pathname"), Args::new(&[Value::bytes(path)]))
}

/// A path of the receiver's class.
fn alike(vm: &Interp, receiver: &Value, path: &[u8]) -> Res {
    vm.new_instance(&vm.real_class_of(receiver), Args::new(&[Value::bytes(path)]))
}

fn pathname(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    if is_pathname(vm, &args[0]) {
        return Ok(args[0].clone());
    }
    vm.new_instance(&vm.class_named("Pathname"), args)
}

/// The bytes of a path given as a String, a Pathname or by `to_path`.
fn given(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    match vm.call_if_responds(value, Sym::new("to_path"), &[])? {
        Some(path) => Ok(vm.to_str(&path)?.to_vec()),
        None => Ok(vm.to_str(value)?.to_vec()),
    }
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let path = given(vm, &args[0])?;
    if path.contains(&0) {
        return Err(vm.argument_error("pathname contains null byte"));
    }
    set_ivar(receiver, PATH, Value::bytes(path));
    Ok(Value::Nil)
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    Ok(Value::bytes([b"#<", class.as_bytes(), b":", &path(receiver), b">"].concat()))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((is_pathname(vm, &args[0]) && path(receiver) == path(&args[0])).into())
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !is_pathname(vm, &args[0]) {
        return Ok(Value::Nil);
    }
    // A slash sorts before everything else.
    let key = |path: Vec<u8>| path.into_iter().map(|b| if b == b'/' { 0 } else { b }).collect::<Vec<_>>();
    Ok(Value::Int(key(path(receiver)).cmp(&key(path(&args[0]))) as i64))
}

fn freeze(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    for value in [receiver, &ivar(receiver, PATH)] {
        if let Some(head) = value.head() {
            head.freeze();
        }
    }
    Ok(receiver.clone())
}

/// A path without its last part, and where that part is; `None` at the root and of nothing.
fn chop(path: &[u8]) -> Option<(usize, &[u8])> {
    let end = path.iter().rposition(|b| *b != b'/')? + 1;
    let start = path[..end].iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    Some((start, &path[start..end]))
}

/// The parts of a path.
fn parts(path: &[u8]) -> Vec<&[u8]> {
    path.split(|b| *b == b'/').filter(|part| !part.is_empty()).collect()
}

/// `second` as seen from `first`.
fn added(first: &[u8], second: &[u8]) -> Vec<u8> {
    if second.starts_with(b"/") {
        return second.to_vec();
    }
    let mut rest = second;
    // Takes a leading part off what is to be added.
    let take = |rest: &mut &[u8], part: &[u8]| -> bool {
        let own = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
        let matches = &rest[..own] == part;
        if matches {
            let after = rest[own..].iter().position(|b| *b != b'/').map_or(rest.len(), |skip| own + skip);
            *rest = &rest[after..];
        }
        matches
    };
    let mut prefix = first;
    loop {
        while take(&mut rest, b".") {}
        let Some((start, base)) = chop(prefix) else { break };
        let before = &prefix[..start];
        if base == b"." {
            prefix = before;
            continue;
        }
        let climbs = rest == b".." || rest.starts_with(b"../");
        if base == b".." || !climbs {
            prefix = &prefix[..start + base.len()];
            break;
        }
        take(&mut rest, b"..");
        prefix = before;
    }
    if chop(prefix).is_some() {
        return if rest.is_empty() { prefix.to_vec() } else { [prefix, b"/", rest].concat() };
    }
    let is_root = prefix.starts_with(b"/");
    if is_root {
        while take(&mut rest, b"..") || take(&mut rest, b".") {}
    }
    match (is_root, rest.is_empty()) {
        (true, true) => b"/".to_vec(),
        (false, true) => b".".to_vec(),
        (_, false) => [prefix, rest].concat(),
    }
}

fn plus(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = given(vm, &args[0])?;
    alike(vm, receiver, &added(&path(receiver), &other))
}

fn join(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some((last, before)) = args.values.split_last() else { return Ok(receiver.clone()) };
    let mut joined = given(vm, last)?;
    for value in before.iter().rev() {
        if joined.starts_with(b"/") {
            break;
        }
        joined = added(&given(vm, value)?, &joined);
    }
    if !joined.starts_with(b"/") {
        joined = added(&path(receiver), &joined);
    }
    alike(vm, receiver, &joined)
}

/// A path without `.`, `..` and double slashes.
fn clean(path: &[u8]) -> Vec<u8> {
    let absolute = path.starts_with(b"/");
    let mut names: Vec<&[u8]> = Vec::new();
    for part in parts(path) {
        match part {
            b"." => {}
            b".." => match names.last() {
                Some(last) if *last != b".." => drop(names.pop()),
                _ if absolute => {}
                _ => names.push(part),
            },
            part => names.push(part),
        }
    }
    let joined = names.join(&b'/');
    match (absolute, joined.is_empty()) {
        (true, _) => [b"/", &joined[..]].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// The same, parts before `..` kept: they may be symbolic links.
fn clean_with_links(path: &[u8]) -> Vec<u8> {
    let absolute = path.starts_with(b"/");
    let mut names: Vec<&[u8]> = parts(path).into_iter().filter(|part| *part != b".").collect();
    if absolute {
        let leading = names.iter().take_while(|name| **name == b"..").count();
        names.drain(..leading);
    }
    let prefix: &[u8] = if absolute { b"/" } else { b"" };
    let Some(last) = names.last().copied() else {
        return if absolute { b"/".to_vec() } else { b".".to_vec() };
    };
    let ends_in_dot = chop(path).is_some_and(|(_, base)| base == b".");
    if last != b".." && ends_in_dot {
        names.push(b".");
    }
    let mut result = [prefix, &names.join(&b'/')[..]].concat();
    if !matches!(names.last(), Some(&b"." | &b"..")) && path.ends_with(b"/") {
        result.push(b'/');
    }
    result
}

fn cleanpath(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let path = path(receiver);
    let cleaned = if args.or_nil(0).truthy() { clean_with_links(&path) } else { clean(&path) };
    alike(vm, receiver, &cleaned)
}

fn relative_path_from(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let base_given = pathname(vm, receiver, args)?;
    let (own, base) = (clean(&path(receiver)), clean(&path(&base_given)));
    if own.starts_with(b"/") != base.starts_with(b"/") {
        let prefix = if own.starts_with(b"/") { "/" } else { "" };
        let shown = vm.inspect(&ivar(&base_given, PATH))?.lossy();
        return Err(vm.argument_error(format!("different prefix: {prefix:?} and {shown}")));
    }
    let names = |path: &[u8]| -> Vec<Vec<u8>> {
        parts(path).into_iter().filter(|part| *part != b".").map(<[u8]>::to_vec).collect()
    };
    let (own, base) = (names(&own), names(&base));
    let common = own.iter().zip(&base).take_while(|(a, b)| a == b).count();
    if base[common..].iter().any(|name| name == b"..") {
        let shown = vm.inspect(&ivar(&base_given, PATH))?.lossy();
        return Err(vm.argument_error(format!("base_directory has ..: {shown}")));
    }
    let up = std::iter::repeat_n(b"..".to_vec(), base.len() - common);
    let way: Vec<Vec<u8>> = up.chain(own[common..].iter().cloned()).collect();
    let way = if way.is_empty() { b".".to_vec() } else { way.join(&b'/') };
    made(vm, &way)
}

fn each_filename(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_filename");
    for part in parts(&path(receiver)) {
        vm.call_block(block, &[Value::bytes(part)])?;
    }
    Ok(Value::Nil)
}

/// The path and those it is in, innermost first.
fn upwards(vm: &Interp, receiver: &Value) -> Res<Vec<Value>> {
    let whole = path(receiver);
    let mut rest = &whole[..];
    let mut all = vec![receiver.clone()];
    while let Some((start, _)) = chop(rest) {
        rest = &rest[..start];
        if rest.is_empty() {
            break;
        }
        let end = rest.iter().rposition(|b| *b != b'/').map_or(1, |at| at + 1);
        all.push(alike(vm, receiver, &rest[..end])?);
    }
    Ok(all)
}

fn ascend(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "ascend");
    for each in upwards(vm, receiver)? {
        vm.call_block(block, &[each])?;
    }
    Ok(Value::Nil)
}

fn descend(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "descend");
    for each in upwards(vm, receiver)?.into_iter().rev() {
        vm.call_block(block, &[each])?;
    }
    Ok(Value::Nil)
}

fn sub(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = vm.call_with(&Value::bytes(path(receiver)), Sym::new("sub"), args, crate::CallStyle::Implicit)?;
    alike(vm, receiver, &vm.to_str(&text)?.to_vec())
}

fn sub_ext(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let extension = of_file(vm, receiver, "extname", Args::default())?;
    let extension = vm.to_str(&extension)?.to_vec();
    let path = path(receiver);
    let stem = path.strip_suffix(&extension[..]).unwrap_or(&path);
    alike(vm, receiver, &[stem, &vm.to_str(&args[0])?.bytes()].concat())
}

fn file_class(vm: &Interp, name: &str) -> Value {
    Value::Class(vm.class_named(name))
}

/// What File says of the path.
fn of_file(vm: &Interp, receiver: &Value, method: &str, args: Args<'_>) -> Res {
    let mut values = vec![Value::bytes(path(receiver))];
    values.extend_from_slice(args.values);
    let call = Args { values: &values, ..args };
    vm.call_with(&file_class(vm, "File"), Sym::new(method), call, crate::CallStyle::Implicit)
}

/// The same, as a path.
fn of_file_path(vm: &Interp, receiver: &Value, method: &str, args: Args<'_>) -> Res {
    let found = of_file(vm, receiver, method, args)?;
    alike(vm, receiver, &vm.to_str(&found)?.to_vec())
}

fn split(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let pair = [
        of_file_path(vm, receiver, "dirname", Args::default()),
        of_file_path(vm, receiver, "basename", Args::default()),
    ];
    Ok(Value::array(pair.into_iter().collect::<Res<Vec<_>>>()?))
}

fn fnmatch(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut values = vec![args[0].clone(), Value::bytes(path(receiver))];
    values.extend_from_slice(&args.values[1..]);
    vm.send(&file_class(vm, "File"), "fnmatch", &values)
}

fn names(vm: &Interp, receiver: &Value, method: &str) -> Res<Vec<Vec<u8>>> {
    let found = vm.send(&file_class(vm, "Dir"), method, &[Value::bytes(path(receiver))])?;
    vm.to_array(&found)?.to_vec().iter().map(|name| Ok(vm.to_str(name)?.to_vec())).collect()
}

fn children(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let whole = args.get(0).is_none_or(Value::truthy);
    let own = path(receiver);
    let mut all = Vec::new();
    for name in names(vm, receiver, "children")? {
        let full = if whole && own != b"." { added(&own, &name) } else { name };
        all.push(alike(vm, receiver, &full)?);
    }
    Ok(Value::array(all))
}

fn each_child(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let all = children(vm, receiver, args)?;
    vm.call_with(&all, known::EACH, Args::default().with_block(args.block), crate::CallStyle::Implicit)
}

fn entries(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let names = names(vm, receiver, "entries")?;
    Ok(Value::array(names.iter().map(|name| alike(vm, receiver, name)).collect::<Res<Vec<_>>>()?))
}

/// The Pathnames of what `Dir.glob` finds, yielded to a block if there is one.
fn found(vm: &Interp, patterns: &[Value], args: Args<'_>) -> Res {
    let files = vm.send(&file_class(vm, "Dir"), "glob", patterns)?;
    let mut all = Vec::new();
    for file in vm.to_array(&files)?.to_vec() {
        all.push(made(vm, &vm.to_str(&file)?.to_vec())?);
    }
    let Some(block) = args.block else { return Ok(Value::array(all)) };
    for each in all {
        vm.call_block(block, &[each])?;
    }
    Ok(Value::Nil)
}

fn glob(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    found(vm, &args.values[..1], args)
}

fn glob_below(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let pattern = added(&path(receiver), &given(vm, &args[0])?);
    found(vm, &[Value::bytes(pattern)], args)
}
