//! `file` and `directory`: what is at a path.
//!
//! Asks for the file's metadata and content, without running anything there; only `immutable?` runs `lsattr`.
//!
//! ```ruby
//! describe file('/etc/shadow') do
//!   it { should be_file }
//!   it { should be_owned_by 'root' }
//!   it { should_not be_more_permissive_than('0640') }
//!   it { should_not be_readable.by('others') }
//!   it { should be_readable.by_user('backup') }
//!   its('group') { should be_in %w{root shadow} }
//! end
//! ```
//!
//! A symbolic link is followed: `mode`, `owner`, `size` and `content` are those of what it leads to. What may not be
//! looked at raises an error; it is not taken for missing.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::{FileError, FileKind, Output, Stat};
use sha2::Digest;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::account::Accounts;
use crate::give;
use crate::inspec;
use crate::text;
use crate::{json_text, yaml_text};

/// The path as the profile gave it.
struct File {
    given: Value,
    path: Vec<u8>,
    /// Whether a link is followed; `source` does not.
    follow: bool,
}

pub(crate) const FILE: ResourceDef = ResourceDef {
    name: "file",
    class: "FileResource",
    doc: "A file, directory, link, device, pipe or socket.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const DIRECTORY: ResourceDef = ResourceDef {
    name: "directory",
    class: "Directory",
    parent: Some("FileResource"),
    doc: "A directory: a file that exists only where it is a directory.",
    new: None,
    methods: DIRECTORY_METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exist?", 0, 0, |vm, this, _| Ok(stat(vm, this)?.is_some().into()), "Whether something is there."),
    def("file?", 0, 0, |vm, this, _| is_kind(vm, this, FileKind::File), "Whether it is a regular file."),
    def("directory?", 0, 0, |vm, this, _| is_kind(vm, this, FileKind::Directory), "Whether it is a directory."),
    def("block_device?", 0, 0, |vm, this, _| is_kind(vm, this, FileKind::BlockDevice), "Whether it is a block device."),
    def(
        "character_device?",
        0,
        0,
        |vm, this, _| is_kind(vm, this, FileKind::CharacterDevice),
        "Whether it is a character device.",
    ),
    def("pipe?", 0, 0, |vm, this, _| is_kind(vm, this, FileKind::Pipe), "Whether it is a named pipe."),
    def("socket?", 0, 0, |vm, this, _| is_kind(vm, this, FileKind::Socket), "Whether it is a socket."),
    def("symlink?", 0, 0, |vm, this, _| Ok(is_link(vm, this)?.into()), "Whether it is a symbolic link."),
    def("type", 0, 0, kind, "Its type as a Symbol: :file, :directory, :symlink …"),
    def("mode", 0, 0, |vm, this, _| Ok(stat(vm, this)?.map(|s| i64::from(s.mode)).into()), "Its permission bits."),
    def("mode?", 1, 1, |vm, this, args| same(vm, this, "mode", args), "Whether its mode is this Integer."),
    def("uid", 0, 0, |vm, this, _| Ok(stat(vm, this)?.map(|s| i64::from(s.uid)).into()), "Its owner's number."),
    def("gid", 0, 0, |vm, this, _| Ok(stat(vm, this)?.map(|s| i64::from(s.gid)).into()), "Its group's number."),
    def("owner", 0, 0, owner, "Its owner's name, UNKNOWN where none has the number."),
    def("owned_by?", 1, 1, |vm, this, args| same(vm, this, "owner", args), "Whether this is its owner."),
    def("group", 0, 0, group, "Its group's name, UNKNOWN where none has the number."),
    def("grouped_into?", 1, 1, |vm, this, args| same(vm, this, "group", args), "Whether this is its group."),
    def("size", 0, 0, |vm, this, _| Ok(stat(vm, this)?.map(|s| s.size as i64).into()), "Its size in bytes."),
    def(
        "mtime",
        0,
        0,
        |vm, this, _| Ok(stat(vm, this)?.map(|s| s.mtime).into()),
        "When it was last changed, in seconds.",
    ),
    def("selinux_label", 0, 0, |vm, this, _| Ok(stat(vm, this)?.and_then(|s| s.selinux).into()), "Its SELinux label."),
    def("content", 0, 0, content, "Its content; nil when there is none."),
    def("content_as_json", 0, 0, content_as_json, "Its content, read as JSON."),
    def("content_as_yaml", 0, 0, content_as_yaml, "Its content, read as YAML."),
    def("md5sum", 0, 0, md5sum, "The MD5 sum of its content."),
    def("sha256sum", 0, 0, sha256sum, "The SHA-256 sum of its content."),
    def("path", 0, 0, path, "Its path; for a link where it leads."),
    def("source_path", 0, 0, |vm, this, _| Ok(of(vm, this)?.given.clone()), "The path that was asked for."),
    def("source", 0, 0, source, "The link itself."),
    def("file", 0, 0, |_, this, _| Ok(this.clone()), "Itself."),
    def("basename", 0, 2, basename, "The last part of its path."),
    def("link_path", 0, 0, link_path, "Where a link leads in the end."),
    def("shallow_link_path", 0, 0, shallow_link_path, "What a link says."),
    def("linked_to?", 1, 1, |vm, this, args| same(vm, this, "link_path", args), "Whether the link leads there."),
    def(
        "readable?",
        2,
        2,
        |vm, this, args| allowed(vm, this, "r", args),
        "Whether it may be read; `.by('owner')`, `'group'`, `'others'`, or `.by_user('NAME')`.",
    ),
    def("writable?", 2, 2, |vm, this, args| allowed(vm, this, "w", args), "Whether it may be written, likewise."),
    def("executable?", 2, 2, |vm, this, args| allowed(vm, this, "x", args), "Whether it may be executed, likewise."),
    def(
        "allowed?",
        1,
        2,
        allowed_with_options,
        "Whether `'read'`, `'write'` or `'execute'` is allowed; with `by:` or `by_user:`.",
    ),
    def("suid", 0, 0, |vm, this, _| bit(vm, this, 0o4000), "Whether the setuid bit is set."),
    def("setuid?", 0, 0, |vm, this, _| bit(vm, this, 0o4000), "Whether the setuid bit is set."),
    def("sgid", 0, 0, |vm, this, _| bit(vm, this, 0o2000), "Whether the setgid bit is set."),
    def("setgid?", 0, 0, |vm, this, _| bit(vm, this, 0o2000), "Whether the setgid bit is set."),
    def("sticky", 0, 0, |vm, this, _| bit(vm, this, 0o1000), "Whether the sticky bit is set."),
    def("sticky?", 0, 0, |vm, this, _| bit(vm, this, 0o1000), "Whether the sticky bit is set."),
    def(
        "more_permissive_than?",
        0,
        1,
        more_permissive_than,
        "Whether the mode allows more than this one, as in '0640'.",
    ),
    def("mounted?", 0, 2, is_mounted, "Whether something is mounted there."),
    def("mounted", 0, 0, mounted, "What `mount` prints of it: the file of a `mount` is asked for it."),
    def("immutable?", 0, 0, immutable, "Whether it has the immutable flag."),
    def("product_version", 0, 0, |_, _, _| Ok(Value::Nil), "Only Windows has it."),
    def("file_version", 0, 0, |_, _, _| Ok(Value::Nil), "Only Windows has it."),
    def("version?", 1, 1, |_, _, args| Ok(args[0].is_nil().into()), "Only Windows has it."),
    def("user_permissions", 0, 0, user_permissions, "Only Windows has it."),
    def("inherited?", 0, 0, inherited, "Only Windows has it."),
    def("contain", 0, -1, contain, "Not supported."),
    def("mount_options", 0, 0, |_, _, _| Ok(Value::Nil), "Not supported."),
    def("resource_id", 0, 0, path, "Its path."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "File "), "Its title."),
];

const DIRECTORY_METHODS: &[Def] = &[
    def("exist?", 0, 0, |vm, this, _| is_kind(vm, this, FileKind::Directory), "Whether there is a directory."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "Directory "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    open(vm, this, &args[0])
}

/// `initialize` of resources that are a file at a path of their own.
pub(super) fn open(vm: &Interp, this: &Value, path: &Value) -> Res {
    base::set_state(vm, this, file_at(vm, path, true)?)
}

/// The path that was asked for.
pub(super) fn given_path(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(of(vm, this)?.path.clone())
}

fn file_at(vm: &Interp, given: &Value, follow: bool) -> Res<File> {
    let text = if given.is_nil() { Vec::new() } else { vm.to_s(given)?.to_vec() };
    let given = if given.is_nil() { Value::str("") } else { given.clone() };
    Ok(File { given, path: absolute(text), follow })
}

/// A relative path starts at the root: that is where commands are run.
fn absolute(path: Vec<u8>) -> Vec<u8> {
    if path.starts_with(b"/") || path.is_empty() { path } else { [b"/".as_slice(), &path].concat() }
}

fn of(vm: &Interp, this: &Value) -> Res<std::rc::Rc<File>> {
    base::state::<File>(vm, this)
}

fn titled(vm: &Interp, this: &Value, title: &str) -> Res {
    let path = vm.to_s(&of(vm, this)?.given)?;
    Ok(Value::bytes([title.as_bytes(), &path.bytes()].concat()))
}

/// What a question about a file says; `None` when nothing is there. What can't be told is an error.
fn found<T>(vm: &Interp, file: &File, result: Result<T, FileError>) -> Res<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => Ok(None),
        Err(error) => Err(unreadable(vm, file, &error)),
    }
}

fn unreadable(vm: &Interp, file: &File, error: &FileError) -> plimsoll_ruby::Unwind {
    doubt::unanswered(vm, &format!("Can't read file: {}: {error}", text::lossy(&file.path)))
}

fn stat(vm: &Interp, this: &Value) -> Res<Option<Stat>> {
    let file = of(vm, this)?;
    stat_of(vm, &file, file.follow)
}

fn stat_of(vm: &Interp, file: &File, follow: bool) -> Res<Option<Stat>> {
    if file.path.is_empty() {
        return Ok(None);
    }
    found(vm, file, Backend::of(vm).stat(&file.path, follow)?)
}

fn link_stat(vm: &Interp, this: &Value) -> Res<Option<Stat>> {
    let file = of(vm, this)?;
    Ok(stat_of(vm, &file, false)?.filter(|stat| stat.kind == FileKind::Symlink))
}

fn is_link(vm: &Interp, this: &Value) -> Res<bool> {
    Ok(link_stat(vm, this)?.is_some())
}

fn is_kind(vm: &Interp, this: &Value, kind: FileKind) -> Res {
    Ok(stat(vm, this)?.is_some_and(|stat| stat.kind == kind).into())
}

fn kind(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = |stat: Stat| match stat.kind {
        FileKind::File => "file",
        FileKind::Directory => "directory",
        FileKind::Symlink => "symlink",
        FileKind::BlockDevice => "block_device",
        FileKind::CharacterDevice => "character_device",
        FileKind::Pipe => "pipe",
        FileKind::Socket => "socket",
        FileKind::Unknown => "unknown",
    };
    Ok(stat(vm, this)?.map_or(Value::Nil, |stat| Value::sym(name(stat))))
}

fn owner(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let Some(stat) = stat(vm, this)? else { return Ok(Value::Nil) };
    let accounts = Accounts::told(vm)?;
    Ok(Value::bytes(accounts.user_name(stat.uid).unwrap_or(b"UNKNOWN")))
}

fn group(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let Some(stat) = stat(vm, this)? else { return Ok(Value::Nil) };
    let accounts = Accounts::told(vm)?;
    Ok(Value::bytes(accounts.group_name(stat.gid).unwrap_or(b"UNKNOWN")))
}

fn same(vm: &Interp, this: &Value, property: &str, args: Args<'_>) -> Res {
    let value = vm.send(this, property, &[])?;
    Ok(vm.equal(&value, &args[0])?.into())
}

fn bit(vm: &Interp, this: &Value, bit: u32) -> Res {
    match stat(vm, this)? {
        Some(stat) => Ok((stat.mode & bit != 0).into()),
        // As CINC has it: `nil & bit`.
        None => vm.send(&Value::Nil, "&", &[Value::Int(i64::from(bit))]),
    }
}

/// The bytes of a file that has some; `None` for a missing one, a directory and what has no content.
fn bytes(vm: &Interp, this: &Value) -> Res<Option<Vec<u8>>> {
    let file = of(vm, this)?;
    if file.path.is_empty() {
        return Ok(None);
    }
    match Backend::of(vm).read(&file.path)? {
        Err(FileError::IsADirectory) => Ok(None),
        Err(FileError::Other(why)) => match stat_of(vm, &file, true)? {
            Some(stat) if stat.kind == FileKind::File => Err(unreadable(vm, &file, &FileError::Other(why))),
            Some(stat) if stat.kind == FileKind::CharacterDevice => Ok(Some(Vec::new())),
            _ => Ok(None),
        },
        other => found(vm, &file, other),
    }
}

fn content(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(give::text(bytes(vm, this)?))
}

fn content_as_json(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let content = bytes(vm, this)?.unwrap_or_default();
    let parsed = json_text::parse(vm, &content)?;
    parsed.map_err(|error| base::failed(vm, &format!("Unable to parse the given JSON file: {error}")))
}

fn content_as_yaml(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let content = bytes(vm, this)?.unwrap_or_default();
    let parsed = yaml_text::parse(vm, &content)?;
    parsed.map_err(|error| base::failed(vm, &format!("Unable to parse the given YAML file: {error}")))
}

fn md5sum(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(bytes(vm, this)?.map(|content| text::hex(&md5::Md5::digest(content))).into())
}

fn sha256sum(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(bytes(vm, this)?.map(|content| text::hex(&sha2::Sha256::digest(content))).into())
}

fn path(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let file = of(vm, this)?;
    if file.follow && is_link(vm, this)? { resolved(vm, &file) } else { Ok(file.given.clone()) }
}

fn link_path(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    if is_link(vm, this)? { path(vm, this, Args::default()) } else { Ok(Value::Nil) }
}

fn shallow_link_path(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(give::text(link_stat(vm, this)?.and_then(|stat| stat.link)))
}

/// Where a path leads when all links are followed, as `readlink -f` tells it; "" when it leads nowhere.
fn resolved(vm: &Interp, file: &File) -> Res {
    const MOST: usize = 40;
    let backend = Backend::of(vm);
    let mut done: Vec<Vec<u8>> = Vec::new();
    let mut rest: Vec<Vec<u8>> = parts(&file.path);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part == b".." {
            done.pop();
            continue;
        }
        done.push(part);
        let here = joined(&done);
        match backend.stat(&here, false)? {
            Ok(stat) if stat.kind == FileKind::Symlink => {
                links += 1;
                if links > MOST {
                    return Ok(Value::str(""));
                }
                let to = stat.link.unwrap_or_default();
                if to.starts_with(b"/") {
                    done.clear();
                } else {
                    drop(done.pop());
                }
                rest.extend(parts(&to));
            }
            Ok(_) => {}
            // The last part alone may be missing.
            Err(FileError::NotFound) if rest.is_empty() => {}
            Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => return Ok(Value::str("")),
            Err(error) => return Err(unreadable(vm, file, &error)),
        }
    }
    Ok(Value::bytes(joined(&done)))
}

/// The parts of a path, the last one first.
fn parts(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|b| *b == b'/').filter(|part| !part.is_empty() && *part != b".");
    let mut parts: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
    parts.reverse();
    parts
}

fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    if parts.is_empty() {
        return b"/".to_vec();
    }
    parts.iter().flat_map(|part| [b"/".as_slice(), part].concat()).collect()
}

fn source(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let file = of(vm, this)?;
    let link = inspec::resource_with(vm, "file", std::slice::from_ref(&file.given))?;
    // A resource of its own whose state does not follow links.
    let class = vm.class_of(&link);
    let alloc = class.allocator().expect("resources inherit a way to be made");
    let link = alloc(vm, &class)?;
    base::set_state(vm, &link, file_at(vm, &file.given, false)?)?;
    Ok(link)
}

fn basename(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    if args.get(0).is_some_and(|suffix| !suffix.is_nil()) {
        return Err(vm.error("RuntimeError", "Not yet supported: Suffix in file.basename"));
    }
    let path = vm.to_s(&path(vm, this, Args::default())?)?.to_vec();
    let mut name = path.as_slice();
    while let Some(shorter) = name.strip_suffix(b"/")
        && !shorter.is_empty()
    {
        name = shorter;
    }
    let start = name.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    Ok(Value::bytes(if start == name.len() { name } else { &name[start..] }))
}

fn allowed_with_options(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let flag = match &*vm.to_s(&args[0])?.bytes() {
        b"read" => "r",
        b"write" => "w",
        b"execute" => "x",
        _ => return Err(vm.error("RuntimeError", "Invalid access_type provided")),
    };
    let by = give::option(vm, args, 1, "by")?.unwrap_or_default();
    let by_user = give::option(vm, args, 1, "by_user")?.unwrap_or_default();
    allowed(vm, this, flag, Args::new(&[by, by_user]))
}

/// Whether a class of users (`owner`, `group`, `others`, any) or one user has a permission.
fn allowed(vm: &Interp, this: &Value, flag: &str, args: Args<'_>) -> Res {
    let Some(stat) = stat(vm, this)? else { return Ok(false.into()) };
    let user = give::text_arg(vm, args, 1)?;
    if let Some(user) = user.as_deref().filter(|user| !user.is_empty()) {
        return allowed_to_user(vm, this, flag, user);
    }
    let class = give::text_arg(vm, args, 0)?.unwrap_or_default();
    let of_class = match class.as_slice() {
        b"" if user.is_none() => 0o777,
        b"all" => 0o777,
        b"owner" => 0o700,
        b"group" => 0o070,
        b"other" | b"others" => 0o007,
        _ => return Err(vm.error("RuntimeError", "Invalid usergroup/owner provided")),
    };
    Ok((stat.mode & of_class & flag_mask(flag) != 0).into())
}

fn flag_mask(flag: &str) -> u32 {
    match flag {
        "r" => 0o444,
        "w" => 0o222,
        _ => 0o111,
    }
}

/// Asks `su`, as CINC does; where there is no `su`, the modes on the way to the file tell it.
fn allowed_to_user(vm: &Interp, this: &Value, flag: &str, user: &[u8]) -> Res {
    let file = of(vm, this)?;
    let backend = Backend::of(vm);
    let given = vm.to_s(&file.given)?.to_vec();
    let line = [b"su -s /bin/sh -c \"test -".as_slice(), flag.as_bytes(), b" ", &given, b"\" ", user].concat();
    match backend.run(&line)? {
        Ok(output) if output.exit_status != 127 => Ok((output.exit_status == 0).into()),
        _ => modes_allow(vm, &file, flag, user),
    }
}

fn modes_allow(vm: &Interp, file: &File, flag: &str, user: &[u8]) -> Res {
    let backend = Backend::of(vm);
    let accounts = Accounts::told(vm)?;
    let Some(account) = accounts.user(user) else { return Ok(false.into()) };
    let (uid, gids) = (account.uid(), accounts.groups_of(account));
    let granted = |stat: &Stat, flag: &str| {
        let class = match () {
            () if uid == Some(0) && (flag != "x" || stat.kind == FileKind::Directory) => return true,
            () if uid == Some(0) => 0o777,
            () if uid == Some(stat.uid) => 0o700,
            () if gids.contains(&stat.gid) => 0o070,
            () => 0o007,
        };
        stat.mode & class & flag_mask(flag) != 0
    };
    let way = vm.to_s(&resolved(vm, file)?)?.to_vec();
    let mut here: Vec<Vec<u8>> = Vec::new();
    let mut rest = parts(&way);
    loop {
        let last = rest.is_empty();
        let Some(stat) = found(vm, file, backend.stat(&joined(&here), true)?)? else { return Ok(false.into()) };
        if last {
            return Ok(granted(&stat, flag).into());
        }
        if !granted(&stat, "x") {
            return Ok(false.into());
        }
        here.extend(rest.pop());
    }
}

fn more_permissive_than(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let Some(stat) = stat(vm, this)? else { return Ok(Value::Nil) };
    let allowed = match args.get(0) {
        None | Some(Value::Nil) => {
            let text = "You must provide a value for the `maximum allowable permission` for the file.";
            return Err(vm.argument_error(text));
        }
        Some(Value::Str(allowed)) => allowed.to_vec(),
        Some(other) => {
            let class = vm.real_class_of(other).name();
            let text = "You must provide the `maximum permission target` as a `String`, you provided: ";
            return Err(vm.argument_error(format!("{text}{class}")));
        }
    };
    let is_octal = |b: &u8| (b'0'..=b'7').contains(b);
    if !allowed.windows(3).any(|three| three.iter().all(is_octal)) {
        let text = "The value of the `maximum permission target` should be a valid file mode in 4-digit octal format: \
                    for example, `0644` or `0777`";
        return Err(vm.argument_error(text));
    }
    let digits: Vec<u8> = allowed.iter().copied().take_while(is_octal).collect();
    let allowed = digits.iter().fold(0_u32, |mode, digit| mode.wrapping_mul(8).wrapping_add(u32::from(digit - b'0')));
    Ok(((0o777 ^ allowed) & stat.mode != 0).into())
}

fn is_mounted(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    if args.get(0).is_some_and(|options| !options.is_nil()) {
        return Err(vm.unsupported("be_mounted.with and be_mounted.only_with (use the mount resource)"));
    }
    let path = vm.to_s(&path(vm, this, Args::default())?)?.to_vec();
    Ok((!super::mount::lines(vm, &path)?.is_empty()).into())
}

fn mounted(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let path = vm.to_s(&path(vm, this, Args::default())?)?.to_vec();
    let lines = super::mount::lines(vm, &path)?;
    let exit_status = i32::from(lines.is_empty());
    let stdout = lines.into_iter().flat_map(|line| [line, b"\n".to_vec()].concat()).collect();
    let output = Output { stdout, stderr: Vec::new(), exit_status };
    super::command::result_object(vm, &super::mount::question(&path), Ok(output))
}

fn immutable(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let path = vm.to_s(&path(vm, this, Args::default())?)?.to_vec();
    let mut tool = None;
    for candidate in ["/usr/sbin/lsattr", "/sbin/lsattr", "/usr/bin/lsattr", "/bin/lsattr", "lsattr"] {
        if super::command::exists(vm, candidate.as_bytes())? {
            tool = Some(candidate);
            break;
        }
    }
    let Some(tool) = tool else { return Err(base::failed(vm, "Could not find `lsattr`")) };
    let line = [tool.as_bytes(), b" ", &path].concat();
    let output = super::command::run(vm, &line)?;
    if output.exit_status != 0 {
        let text = format!("Executing {} failed: {}", text::lossy(&line), text::lossy(&output.stderr));
        return Err(base::failed(vm, &text));
    }
    let flags = text::strip(&output.stdout);
    let is_set = flags.get(4) == Some(&b'i') && flags.get(20) == Some(&b' ');
    Ok(if is_set { Value::Int(0) } else { Value::Nil })
}

fn user_permissions(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    if stat(vm, this)?.is_none() {
        return Ok(vm.hash_from([])?.into());
    }
    vm.send(this, "skip_resource", &[Value::str("`user_permissions` is not supported on your OS yet.")])
}

fn inherited(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    if stat(vm, this)?.is_none() {
        return Ok(false.into());
    }
    vm.send(this, "skip_resource", &[Value::str("`inherited?` is not supported on your OS yet.")])
}

fn contain(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Err(vm.error("RuntimeError", "Contain is not supported. Please use standard RSpec matchers."))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::{FileKind, MemoryTarget};

    use super::*;
    use crate::testing::Audit;

    fn target() -> MemoryTarget {
        MemoryTarget::new()
            .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/srv:/bin/sh\n")
            .file("/etc/group", "root:x:0:\nweb:x:33:\nadm:x:4:web\n")
            .file_with("/etc/shadow", "root:*:::::::\n", 0o640, 0, 4)
            .file_with("/srv/app/run", "#!", 0o4755, 33, 99)
            .mtime("/srv/app/run", 1_700_000_000)
            .link("/srv/link", "app/run")
            .link("/srv/gone", "/nowhere/at/all")
            .link("/srv/loop", "loop")
            .file("/srv/secret/key", "k")
            .denied("/srv/secret")
            .file("/srv/closed", "c")
            .denied("/srv/closed")
            .special("/dev/sda", FileKind::BlockDevice)
    }

    #[test]
    fn what_is_present_is_told_of() {
        let audit = Audit::debian(target());
        let run = audit.on("file", "/srv/app/run");
        for (property, expected) in [
            ("to_s", r#""File /srv/app/run""#),
            ("exist?", "true"),
            ("file?", "true"),
            ("directory?", "false"),
            ("type", ":file"),
            ("mode", "2541"),
            ("owner", r#""web""#),
            ("group", r#""UNKNOWN""#),
            ("uid", "33"),
            ("gid", "99"),
            ("size", "2"),
            ("mtime", "1700000000"),
            ("setuid?", "true"),
            ("sticky?", "false"),
            ("content", r##""#!""##),
            ("basename", r#""run""#),
            ("path", r#""/srv/app/run""#),
            ("resource_id", r#""/srv/app/run""#),
            ("link_path", "nil"),
        ] {
            assert_eq!(audit.get(&run, property), expected, "{property}");
        }
        let sum = "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
        let empty = Audit::debian(MemoryTarget::new().file("/empty", ""));
        assert_eq!(empty.get(&empty.on("file", "/empty"), "sha256sum"), sum);
        assert_eq!(empty.get(&empty.on("file", "/empty"), "md5sum"), "\"d41d8cd98f00b204e9800998ecf8427e\"");
        assert_eq!(empty.get(&empty.on("file", "/empty"), "content"), r#""""#);
        assert_eq!(audit.get(&audit.on("file", "/dev/sda"), "block_device?"), "true");
    }

    #[test]
    fn follows_links() {
        let audit = Audit::debian(target());
        let link = audit.on("file", "/srv/link");
        assert_eq!(audit.get(&link, "symlink?"), "true");
        assert_eq!(audit.get(&link, "link_path"), r#""/srv/app/run""#);
        assert_eq!(audit.get(&link, "path"), r#""/srv/app/run""#);
        assert_eq!(audit.get(&link, "shallow_link_path"), r#""app/run""#);
        assert_eq!(audit.get(&link, "owner"), r#""web""#);
        assert_eq!(audit.get(&link, "to_s"), r#""File /srv/link""#);
        let source = audit.vm.send(&link, "source", &[]).unwrap();
        assert_eq!(audit.get(&source, "type"), ":symlink");
        for path in ["/srv/gone", "/srv/loop"] {
            let link = audit.on("file", path);
            assert_eq!(audit.get(&link, "exist?"), "false");
            assert_eq!(audit.get(&link, "symlink?"), "true");
            assert_eq!(audit.get(&link, "link_path"), r#""""#);
            assert_eq!(audit.get(&link, "content"), "nil");
        }
    }

    #[test]
    fn an_absent_file_has_no_properties() {
        let audit = Audit::debian(target());
        let none = audit.on("file", "/none");
        for property in ["mode", "owner", "content", "type", "size", "md5sum"] {
            assert_eq!(audit.get(&none, property), "nil", "{property}");
        }
        assert_eq!(audit.get(&none, "exist?"), "false");
        assert_eq!(audit.ask(&none, "readable?", &[Value::Nil, Value::Nil]), "false");
        assert_eq!(audit.ask(&none, "more_permissive_than?", &[Value::str("0640")]), "nil");
        let nothing = audit.make("file", &[Value::Nil]).unwrap();
        assert_eq!(audit.get(&nothing, "exist?"), "false");
    }

    #[test]
    fn what_is_unreadable_is_not_absent() {
        let audit = Audit::debian(target());
        let hidden = audit.get(&audit.on("file", "/srv/secret/key"), "exist?");
        assert!(hidden.starts_with("!Inspec::Exceptions::Unanswered: Can't read file: /srv/secret/key"), "{hidden}");
        let closed = audit.on("file", "/srv/closed");
        assert_eq!(audit.get(&closed, "exist?"), "true");
        let below = audit.get(&audit.on("directory", "/srv/secret/sub"), "exist?");
        assert!(below.ends_with("Can't read file: /srv/secret/sub: permission denied"), "{below}");
        let told = audit.get(&closed, "content");
        assert_eq!(told, "!Inspec::Exceptions::Unanswered: Can't read file: /srv/closed: permission denied");
        assert!(audit.get(&closed, "sha256sum").contains("permission denied"));
    }

    #[test]
    fn judges_permissions() {
        let audit = Audit::debian(target());
        let shadow = audit.on("file", "/etc/shadow");
        let by = |flag: &str, class: &str, user: Value| {
            let class = if class.is_empty() { Value::Nil } else { Value::str(class) };
            audit.ask(&shadow, flag, &[class, user])
        };
        assert_eq!(by("readable?", "", Value::Nil), "true");
        assert_eq!(by("readable?", "others", Value::Nil), "false");
        assert_eq!(by("readable?", "group", Value::Nil), "true");
        assert_eq!(by("writable?", "group", Value::Nil), "false");
        assert_eq!(by("readable?", "nobody", Value::Nil), "!RuntimeError: Invalid usergroup/owner provided");
        // No su in this target: the modes tell.
        assert_eq!(by("readable?", "", Value::str("web")), "true");
        assert_eq!(by("writable?", "", Value::str("web")), "false");
        assert_eq!(by("writable?", "", Value::str("root")), "true");
        let than = |mode: &str| audit.ask(&shadow, "more_permissive_than?", &[Value::str(mode)]);
        assert_eq!((than("0640").as_str(), than("0600").as_str()), ("false", "true"));
        assert!(than("x").starts_with("!ArgumentError: The value of"));
        assert_eq!(audit.ask(&shadow, "owned_by?", &[Value::str("root")]), "true");
    }

    #[test]
    fn asks_su_where_there_is_one() {
        let line = "su -s /bin/sh -c \"test -r /etc/shadow\" web";
        let audit = Audit::debian(target().command(line, "", "", 1));
        let shadow = audit.on("file", "/etc/shadow");
        assert_eq!(audit.ask(&shadow, "readable?", &[Value::Nil, Value::str("web")]), "false");
    }

    #[test]
    fn an_owner_whose_name_cannot_be_read_is_not_unknown() {
        let files = || MemoryTarget::new().file_with("/etc/app", "", 0o640, 7, 7);
        let bare = Audit::debian(files());
        assert_eq!(bare.get(&bare.on("file", "/etc/app"), "owner"), r#""UNKNOWN""#);
        let passwd = files().file("/etc/passwd", "app:x:7:7:::\n").denied("/etc/passwd");
        let denied = Audit::debian(passwd.file("/etc/group", "app:x:7:\n").denied("/etc/group"));
        for property in ["owner", "group"] {
            let told = denied.get(&denied.on("file", "/etc/app"), property);
            assert!(told.contains("Can't read /etc/passwd: permission denied"), "{told}");
        }
    }

    #[test]
    fn a_directory_is_present_only_as_one_and_else_absent() {
        let audit = Audit::debian(target());
        assert_eq!(audit.get(&audit.on("directory", "/srv"), "exist?"), "true");
        let file = audit.on("directory", "/etc/shadow");
        assert_eq!((audit.get(&file, "exist?"), audit.get(&file, "file?")), ("false".into(), "true".into()));
        assert_eq!(audit.get(&file, "to_s"), r#""Directory /etc/shadow""#);
    }

    #[test]
    fn malformed_content_fails_where_it_is_read_as_something() {
        let target = MemoryTarget::new().file("/odd", [0xff, b'{', b'\n']).link("/way", "odd/more").file("/d", "x");
        let audit = Audit::debian(target.command("sh -c 'type \"/usr/sbin/lsattr\"'", "", "", 0).command(
            "/usr/sbin/lsattr /odd",
            "?",
            "",
            0,
        ));
        let odd = audit.on("file", "/odd");
        assert_eq!(audit.get(&odd, "content"), "\"\u{fffd}{\\n\"");
        assert!(audit.get(&odd, "content_as_json").contains("Unable to parse the given JSON file: "));
        assert_eq!(audit.get(&odd, "immutable?"), "nil");
        // A way through what is no directory leads to nothing.
        assert_eq!(audit.get(&audit.on("file", "/way"), "exist?"), "false");
        assert_eq!(audit.get(&audit.on("directory", "/d/sub"), "exist?"), "false");
    }
}
