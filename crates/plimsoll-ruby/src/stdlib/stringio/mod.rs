//! StringIO: a String read and written like a file.

mod lines;
mod read;
mod write;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::core::encoding;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RObject, RString, Value};

/// The state of a StringIO; copies of one share it.
struct Stream {
    string: RefCell<Option<Rc<RString>>>,
    /// In bytes.
    position: Cell<usize>,
    line: Cell<i64>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    /// Whether it was opened for reading, and for writing.
    opened: Cell<(bool, bool)>,
    append: Cell<bool>,
    /// As `set_encoding` said.
    encoding: Cell<Option<Encoding>>,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            string: RefCell::new(Some(RString::new(Vec::new(), Encoding::Utf8))),
            position: Cell::new(0),
            line: Cell::new(0),
            readable: Cell::new(true),
            writable: Cell::new(true),
            opened: Cell::new((true, true)),
            append: Cell::new(false),
            encoding: Cell::new(None),
        }
    }
}

/// What an object holds: its stream, which it may share.
#[derive(Default)]
struct Handle(RefCell<Rc<Stream>>);

/// Defines the class.
pub(super) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "StringIO", &vm.c.object);
    let io = vm.class_named("IO");
    vm.include(&class, &vm.c.enumerable);
    for (name, methods) in [("generic_readable", read::GENERIC), ("generic_writable", write::GENERIC)] {
        // CRuby gives these modules names that no program can write.
        let module = vm.new_module(Some(&format!("IO::{name}")));
        io.constants.borrow_mut().insert(Sym::new(name), Value::Class(Rc::clone(&module)));
        vm.define(&module, methods);
        vm.include(&class, &module);
    }
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Handle::default()).into()));
    for methods in [METHODS, lines::METHODS, read::METHODS, write::METHODS] {
        vm.define(&class, methods);
    }
    vm.define_singleton(&class, FUNCTIONS);
    class.constants.borrow_mut().insert(Sym::new("VERSION"), Value::str("3.0.1.2"));
}

const FUNCTIONS: &[Def] =
    &[def("open", 0, -1, open, "A new stream; with a block its value, the stream let go of after")];

const METHODS: &[Def] = &[
    private_def("initialize", 0, -1, initialize, "Takes a String and a mode"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Shares the stream of another"),
    def("reopen", 0, -1, reopen, "Begins anew with a String and a mode, or shares another's stream"),
    def("string", 0, 0, |_, r, _| Ok(this(r).string.borrow().clone().into()), "The String"),
    def("string=", 1, 1, set_string, "Begins anew with a String"),
    def("pos", 0, 0, |_, r, _| Ok(this(r).position.get().into()), "The place, in bytes"),
    def("tell", 0, 0, |_, r, _| Ok(this(r).position.get().into()), "The place, in bytes"),
    def("pos=", 1, 1, set_position, "Goes to a place"),
    def("rewind", 0, 0, rewind, "Goes to the start"),
    def("seek", 1, 2, seek, "Goes to a place, counted from the start, from here or from the end"),
    def("lineno", 0, 0, |_, r, _| Ok(Value::Int(this(r).line.get())), "Lines read"),
    def("lineno=", 1, 1, set_line, "Sets the number of lines read"),
    def("eof", 0, 0, at_end, "Whether everything is read"),
    def("eof?", 0, 0, at_end, "Whether everything is read"),
    def("close", 0, 0, close, "Ends reading and writing"),
    def("close_read", 0, 0, close_read, "Ends reading"),
    def("close_write", 0, 0, close_write, "Ends writing"),
    def(
        "closed?",
        0,
        0,
        |_, r, _| Ok((!this(r).readable.get() && !this(r).writable.get()).into()),
        "Whether it is closed",
    ),
    def("closed_read?", 0, 0, |_, r, _| Ok((!this(r).readable.get()).into()), "Whether it can't be read"),
    def("closed_write?", 0, 0, |_, r, _| Ok((!this(r).writable.get()).into()), "Whether it can't be written"),
    def("size", 0, 0, size, "Bytes of the String"),
    def("length", 0, 0, size, "Bytes of the String"),
    def("binmode", 0, 0, binmode, "Reads and writes bytes"),
    def("external_encoding", 0, 0, external_encoding, "The encoding of what is read"),
    def("internal_encoding", 0, 0, |_, _, _| Ok(Value::Nil), "nil: nothing is converted"),
    def("set_encoding", 1, -1, set_encoding, "Sets the encoding of what is read"),
    def("set_encoding_by_bom", 0, 0, set_encoding_by_bom, "Skips a byte order mark and takes its encoding"),
    def("sync", 0, 0, |_, _, _| Ok(Value::Bool(true)), "true"),
    def("sync=", 1, 1, |_, _, a| Ok(a[0].clone()), "Nothing is buffered"),
    def("flush", 0, 0, |_, r, _| Ok(r.clone()), "Nothing is buffered"),
    def("fsync", 0, 0, |_, _, _| Ok(Value::Int(0)), "Nothing is buffered"),
    def("isatty", 0, 0, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("tty?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("pid", 0, 0, |_, _, _| Ok(Value::Nil), "nil"),
    def("fileno", 0, 0, |_, _, _| Ok(Value::Nil), "nil"),
    def("fcntl", 0, -1, fcntl, "Refused"),
];

/// What a stream may do, as `"r+"` and `File::RDWR` say.
#[derive(Clone, Copy)]
struct Mode {
    read: bool,
    write: bool,
    append: bool,
    truncate: bool,
}

impl Mode {
    const BOTH: Self = Self { read: true, write: true, append: false, truncate: false };
    const READ: Self = Self { write: false, ..Self::BOTH };

    fn of(vm: &Interp, value: &Value) -> Res<Self> {
        if let Value::Int(flags) = value {
            let (read, write) = (flags & 3 != 1, flags & 3 != 0);
            return Ok(Self { read, write, append: flags & 1024 != 0, truncate: flags & 512 != 0 });
        }
        let text = vm.to_str(value)?.lossy();
        let letters = text.split(':').next().unwrap_or_default();
        let both = letters.contains('+');
        let rest = letters.get(1..).unwrap_or_default();
        let first = letters.chars().next();
        if !matches!(first, Some('r' | 'w' | 'a')) || !rest.chars().all(|c| matches!(c, 'b' | 't' | '+' | 'x')) {
            return Err(vm.argument_error(format!("invalid access mode {text}")));
        }
        Ok(match first {
            Some('w') => Self { read: both, write: true, append: false, truncate: true },
            Some('a') => Self { read: both, write: true, append: true, truncate: false },
            _ => Self { read: true, write: both, append: false, truncate: false },
        })
    }
}

fn this(receiver: &Value) -> Rc<Stream> {
    let handle: &Handle = receiver.native().expect("a method of StringIO runs on its objects alone");
    Rc::clone(&handle.0.borrow())
}

impl Stream {
    /// The String; an error after the stream has been let go of.
    fn content(&self, vm: &Interp) -> Res<Rc<RString>> {
        self.string.borrow().clone().ok_or_else(|| vm.error("IOError", "not opened for reading"))
    }

    fn encoding(&self) -> Encoding {
        let own = self.string.borrow().as_ref().map_or(Encoding::Utf8, |string| string.encoding());
        self.encoding.get().unwrap_or(own)
    }

    fn check_readable(&self, vm: &Interp) -> Res<Rc<RString>> {
        if self.readable.get() { self.content(vm) } else { Err(vm.error("IOError", "not opened for reading")) }
    }

    fn check_writable(&self, vm: &Interp) -> Res<Rc<RString>> {
        if !self.writable.get() {
            return Err(vm.error("IOError", "not opened for writing"));
        }
        let string = self.content(vm)?;
        if string.head.is_frozen() { Err(vm.error("IOError", "not modifiable string")) } else { Ok(string) }
    }

    /// The bytes from the place on.
    fn rest(&self, string: &RString) -> Vec<u8> {
        string.bytes().get(self.position.get()..).map(<[u8]>::to_vec).unwrap_or_default()
    }

    fn advance(&self, bytes: usize) {
        self.position.set(self.position.get() + bytes);
    }
}

/// The error at the end of the text.
fn end_of_file(vm: &Interp) -> Unwind {
    vm.error("EOFError", "end of file reached")
}

/// Begins anew: string and mode of a call.
fn start(vm: &Interp, stream: &Stream, args: Args<'_>) -> Res<()> {
    let (values, keywords) = args.split_keywords();
    if values.len() > 2 {
        return Err(vm.arity_error(values.len(), 0, 2));
    }
    let string = match values.first() {
        Some(string) => vm.to_str(string)?,
        None => RString::new(Vec::new(), Encoding::Utf8),
    };
    let frozen = string.head.is_frozen();
    let given = match (values.get(1), keywords) {
        (Some(mode), _) => Some(mode.clone()),
        (None, Some(keywords)) => vm.hash_sym(keywords, "mode")?,
        (None, None) => None,
    };
    let mode = match given {
        Some(mode) if !mode.is_nil() => Mode::of(vm, &mode)?,
        _ if frozen => Mode::READ,
        _ => Mode::BOTH,
    };
    if frozen && mode.write {
        let class = vm.class_named("Errno::EACCES");
        return match vm.new_instance(&class, Args::default())? {
            Value::Obj(error) => Err(vm.raise_object(error)),
            _ => unreachable!("exceptions are objects"),
        };
    }
    if mode.truncate {
        string.replace(Vec::new());
    }
    stream.readable.set(mode.read);
    stream.writable.set(mode.write);
    stream.opened.set((mode.read, mode.write));
    stream.append.set(mode.append);
    stream.position.set(0);
    stream.line.set(0);
    stream.encoding.set(None);
    *stream.string.borrow_mut() = Some(string);
    Ok(())
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    start(vm, &this(receiver), args)?;
    Ok(Value::Nil)
}

fn share(receiver: &Value, other: &Value) {
    let handle: &Handle = receiver.native().expect("a method of StringIO runs on its objects alone");
    *handle.0.borrow_mut() = this(other);
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = if args[0].native::<Handle>().is_some() {
        args[0].clone()
    } else {
        vm.call_if_responds(&args[0], Sym::new("to_strio"), &[])?
            .ok_or_else(|| vm.no_conversion(&args[0], "StringIO"))?
    };
    share(receiver, &other);
    Ok(receiver.clone())
}

fn reopen(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if let [only] = args.values
        && !matches!(only, Value::Str(_))
    {
        return initialize_copy(vm, receiver, args);
    }
    start(vm, &this(receiver), args)?;
    Ok(receiver.clone())
}

fn open(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let stream =
        vm.call_with(class, crate::symbol::known::NEW, Args { block: None, ..args }, crate::CallStyle::Implicit)?;
    let Some(block) = args.block else { return Ok(stream) };
    let result = vm.call_block(block, std::slice::from_ref(&stream));
    let state = this(&stream);
    state.string.borrow_mut().take();
    state.readable.set(false);
    state.writable.set(false);
    result
}

fn set_string(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = vm.to_str(&args[0])?;
    let stream = this(receiver);
    stream.readable.set(true);
    stream.writable.set(!string.head.is_frozen());
    stream.opened.set((true, !string.head.is_frozen()));
    stream.append.set(false);
    stream.position.set(0);
    stream.line.set(0);
    *stream.string.borrow_mut() = Some(Rc::clone(&string));
    Ok(string.into())
}

fn invalid(vm: &Interp, about: Option<&str>) -> Unwind {
    match about {
        Some(about) => vm.system_error("EINVAL", about),
        None => vm.error("Errno::EINVAL", "Invalid argument"),
    }
}

fn set_position(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let to = vm.to_int(&args[0])?;
    let to = usize::try_from(to).map_err(|_| invalid(vm, None))?;
    this(receiver).position.set(to);
    Ok(args[0].clone())
}

fn rewind(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    this(receiver).position.set(0);
    this(receiver).line.set(0);
    Ok(Value::Int(0))
}

fn seek(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let stream = this(receiver);
    let amount = vm.to_int(&args[0])?;
    let whence = args.get(1).map_or(Ok(0), |whence| vm.to_int(whence))?;
    if !stream.readable.get() && !stream.writable.get() {
        return Err(vm.error("IOError", "closed stream"));
    }
    let base = match whence {
        0 => 0,
        1 => stream.position.get(),
        2 => stream.content(vm)?.len(),
        _ => return Err(invalid(vm, Some("invalid whence"))),
    };
    let to = (base as i64).checked_add(amount).and_then(|to| usize::try_from(to).ok());
    stream.position.set(to.ok_or_else(|| invalid(vm, None))?);
    Ok(Value::Int(0))
}

fn set_line(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    this(receiver).line.set(vm.to_int(&args[0])?);
    Ok(args[0].clone())
}

fn at_end(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let stream = this(receiver);
    let string = stream.check_readable(vm)?;
    Ok((stream.position.get() >= string.len()).into())
}

fn close(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    this(receiver).readable.set(false);
    this(receiver).writable.set(false);
    Ok(Value::Nil)
}

fn close_read(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    this(receiver).readable.set(false);
    if !this(receiver).opened.get().0 {
        return Err(vm.error("IOError", "closing non-duplex IO for reading"));
    }
    Ok(Value::Nil)
}

fn close_write(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    this(receiver).writable.set(false);
    if !this(receiver).opened.get().1 {
        return Err(vm.error("IOError", "closing non-duplex IO for writing"));
    }
    Ok(Value::Nil)
}

fn size(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver).string.borrow().clone();
    match string {
        Some(string) => Ok(string.len().into()),
        None => Err(vm.error("IOError", "not opened")),
    }
}

fn binmode(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    encode(&this(receiver), Encoding::Binary);
    Ok(receiver.clone())
}

/// Sets the encoding of the stream, and of a String that may be written.
fn encode(stream: &Stream, encoding: Encoding) {
    stream.encoding.set(Some(encoding));
    if stream.writable.get()
        && let Some(string) = stream.string.borrow().as_ref()
        && !string.head.is_frozen()
    {
        string.set_encoding(encoding);
    }
}

fn external_encoding(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(encoding::value(vm, this(receiver).encoding()))
}

fn set_encoding(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let encoding = match &args[0] {
        Value::Nil => Encoding::Utf8,
        Value::Str(names) => {
            let names = names.lossy();
            encoding::of(vm, &Value::str(names.split(':').next().unwrap_or_default()))?
        }
        other => encoding::of(vm, other)?,
    };
    encode(&this(receiver), encoding);
    Ok(receiver.clone())
}

fn set_encoding_by_bom(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let stream = this(receiver);
    let marked = stream.content(vm)?.bytes().starts_with(b"\xef\xbb\xbf");
    if !marked {
        return Ok(Value::Nil);
    }
    stream.position.set(3);
    encode(&stream, Encoding::Utf8);
    Ok(encoding::value(vm, Encoding::Utf8))
}

fn fcntl(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Err(vm.error("NotImplementedError", "fcntl() function is unimplemented on this machine"))
}
