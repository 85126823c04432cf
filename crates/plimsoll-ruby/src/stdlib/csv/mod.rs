//! CSV.

mod convert;
mod options;
mod reader;
mod row;
mod table;
mod write;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use options::Options;
use reader::Record;

use crate::args::Args;
use crate::class::{Def, MethodBody, Visibility, def, private_def};
use crate::core::enumerable::block_or_enumerator;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RArray, RObject, Value};

/// A CSV object: what it reads, and where its lines go.
#[derive(Default)]
struct Csv {
    io: RefCell<Value>,
    options: RefCell<Rc<Options>>,
    /// The records not read yet; `None` before the first is asked for.
    records: RefCell<Option<VecDeque<Record>>>,
    headers: RefCell<Option<Vec<Value>>>,
    line: Cell<usize>,
    headers_written: Cell<bool>,
}

/// Defines the class, and its methods on String and Array.
pub(super) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "CSV", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Csv::default()).into()));
    vm.define(&class, METHODS);
    vm.define_singleton(&class, FUNCTIONS);
    let runtime_error = vm.class_named("RuntimeError");
    let malformed = vm.define_class(&class, "MalformedCSVError", &runtime_error);
    vm.define(&malformed, MALFORMED);
    row::init(vm, &class);
    table::init(vm, &class);
    for (class, def) in [(&vm.c.array, &TO_CSV), (&vm.c.string, &PARSE_CSV)] {
        vm.add_method(class, Sym::new(def.name), Visibility::Public, MethodBody::Native(def));
    }
}

const TO_CSV: Def = def("to_csv", 0, -1, line_of, "A line of CSV");
const PARSE_CSV: Def = def("parse_csv", 0, -1, first_line, "The fields of a line of CSV");

const MALFORMED: &[Def] = &[
    def("line_number", 0, 0, |_, r, _| Ok(super::ivar(r, "@line_number")), "The line"),
    def("lineno", 0, 0, |_, r, _| Ok(super::ivar(r, "@line_number")), "The line"),
];

const FUNCTIONS: &[Def] = &[
    def("parse", 1, -1, parse, "The records of a text"),
    def("parse_line", 1, -1, |vm, _, a| first_line(vm, &a[0], rest(a)), "The first record of a text"),
    def("generate", 0, -1, generate, "The text that a block writes"),
    def("generate_line", 1, -1, |vm, _, a| line_of(vm, &a[0], rest(a)), "A line of fields"),
    def("read", 1, -1, |vm, _, a| read_file(vm, a), "The records of a file of the profile"),
    def("readlines", 1, -1, |vm, _, a| read_file(vm, a), "The records of a file of the profile"),
    def("table", 1, -1, table_of_file, "A file of the profile as a table"),
    def("foreach", 1, -1, foreach, "Yields the records of a file of the profile"),
    def("open", 1, -1, |vm, _, _| Err(vm.unsupported("CSV.open")), "Refused"),
];

const METHODS: &[Def] = &[
    private_def("initialize", 1, -1, initialize, "Takes a text or IO, and options"),
    def("each", 0, 0, each, "Yields the records"),
    def("read", 0, 0, |vm, r, _| read_all(vm, r), "All other records"),
    def("readlines", 0, 0, |vm, r, _| read_all(vm, r), "All other records"),
    def("shift", 0, 0, |vm, r, _| Ok(next(vm, r)?.into()), "The next record"),
    def("gets", 0, 0, |vm, r, _| Ok(next(vm, r)?.into()), "The next record"),
    def("readline", 0, 0, |vm, r, _| Ok(next(vm, r)?.into()), "The next record"),
    def("eof?", 0, 0, at_end, "Whether all records are read"),
    def("eof", 0, 0, at_end, "Whether all records are read"),
    def("rewind", 0, 0, rewind, "Begins again"),
    def("headers", 0, 0, headers, "The headers; true before they are read, nil without"),
    def("lineno", 0, 0, |_, r, _| Ok(this(r).line.get().into()), "The line read last"),
    def("<<", 1, 1, add, "Writes a record"),
    def("add_row", 1, 1, add, "Writes a record"),
    def("puts", 1, 1, add, "Writes a record"),
    def("string", 0, 0, string, "The text written"),
    def("to_io", 0, 0, |_, r, _| Ok(this(r).io.borrow().clone()), "What is read or written"),
];

fn this(receiver: &Value) -> &Csv {
    receiver.native().expect("a method of CSV runs on CSV objects alone")
}

/// The arguments without the first.
fn rest(args: Args<'_>) -> Args<'_> {
    Args { values: &args.values[1..], ..args }
}

/// The error of a text that is no CSV.
fn malformed(vm: &Interp, what: &str, line: usize) -> Unwind {
    let message = format!("{what} in line {line}.");
    let error = vm.exception(&vm.class_named("CSV::MalformedCSVError"), Value::from(message));
    error.head.set_ivar(Sym::new("@line_number"), line.into());
    vm.raise_object(error)
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let csv = this(receiver);
    let io = match &args[0] {
        text @ Value::Str(_) => vm.new_instance(&vm.class_named("StringIO"), Args::new(std::slice::from_ref(text)))?,
        other => other.clone(),
    };
    *csv.io.borrow_mut() = io;
    *csv.options.borrow_mut() = Rc::new(Options::of(vm, args.split_keywords().1)?);
    Ok(Value::Nil)
}

fn new_csv(vm: &Interp, values: &[Value], args: Args<'_>) -> Res {
    let mut all = values.to_vec();
    if let Some(keywords) = args.split_keywords().1 {
        all.push(Value::Hash(Rc::clone(keywords)));
    }
    let call = Args { values: &all, keywords: args.keywords, block: None };
    vm.new_instance(&vm.class_named("CSV"), call)
}

fn options(receiver: &Value) -> Rc<Options> {
    Rc::clone(&this(receiver).options.borrow())
}

/// Reads everything there is, when the first record is asked for.
fn fill(vm: &Interp, receiver: &Value) -> Res<()> {
    let csv = this(receiver);
    if csv.records.borrow().is_some() {
        return Ok(());
    }
    let io = csv.io.borrow().clone();
    let text = vm.send(&io, "read", &[])?;
    let text = vm.to_str(&text)?.to_vec();
    let records = reader::read(vm, &text, &options(receiver))?;
    *csv.records.borrow_mut() = Some(records.into());
    Ok(())
}

fn take(vm: &Interp, receiver: &Value) -> Res<Option<Record>> {
    fill(vm, receiver)?;
    vm.tick()?;
    let record = this(receiver).records.borrow_mut().as_mut().and_then(VecDeque::pop_front);
    match record {
        Some(record) => {
            this(receiver).line.set(record.line);
            match &record.broken {
                Some(what) => Err(malformed(vm, what, record.line)),
                None => Ok(Some(record)),
            }
        }
        None => Ok(None),
    }
}

/// The headers, read off the first record where they are to be.
fn ready(vm: &Interp, receiver: &Value) -> Res<Option<Value>> {
    let options = options(receiver);
    let csv = this(receiver);
    if csv.headers.borrow().is_some() {
        return Ok(None);
    }
    let (names, from_text) = match &options.headers {
        options::Headers::None => return Ok(None),
        options::Headers::First => match take(vm, receiver)? {
            Some(record) => (record.values(), true),
            None => return Ok(None),
        },
        options::Headers::Given(names) => (names.clone(), false),
    };
    let mut headers = Vec::with_capacity(names.len());
    for name in &names {
        let header = convert::header(vm, &options, name)?;
        if let (Value::Str(_), Some(head)) = (&header, header.head()) {
            head.freeze();
        }
        headers.push(header);
    }
    *csv.headers.borrow_mut() = Some(headers.clone());
    if from_text && options.return_headers {
        return Ok(Some(row::made(vm, &headers, names, true)));
    }
    Ok(None)
}

/// The next record, as an Array or a Row.
fn next(vm: &Interp, receiver: &Value) -> Res<Option<Value>> {
    if let Some(header_row) = ready(vm, receiver)? {
        return Ok(Some(header_row));
    }
    let options = options(receiver);
    let Some(record) = take(vm, receiver)? else { return Ok(None) };
    let headers = this(receiver).headers.borrow().clone();
    let mut fields = Vec::new();
    for (at, field) in record.values().into_iter().enumerate() {
        let header = headers.as_ref().and_then(|headers| headers.get(at)).cloned().unwrap_or_default();
        fields.push(convert::field(vm, &options, field, at, record.line, &header)?);
    }
    Ok(Some(match headers {
        Some(headers) => row::made(vm, &headers, fields, false),
        None => Value::array(fields),
    }))
}

fn all(vm: &Interp, receiver: &Value) -> Res<Vec<Value>> {
    let mut records = Vec::new();
    while let Some(record) = next(vm, receiver)? {
        crate::core::enumerable::push(vm, &mut records, record)?;
    }
    Ok(records)
}

fn read_all(vm: &Interp, receiver: &Value) -> Res {
    let records = all(vm, receiver)?;
    let headers = this(receiver).headers.borrow().clone();
    let has_headers = !matches!(options(receiver).headers, options::Headers::None);
    Ok(if has_headers { table::made(vm, records, headers.unwrap_or_default()) } else { Value::array(records) })
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each");
    while let Some(record) = next(vm, receiver)? {
        vm.call_block(block, &[record])?;
    }
    Ok(receiver.clone())
}

fn at_end(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    fill(vm, receiver)?;
    Ok(this(receiver).records.borrow().as_ref().is_none_or(VecDeque::is_empty).into())
}

fn rewind(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let csv = this(receiver);
    csv.records.borrow_mut().take();
    csv.headers.borrow_mut().take();
    csv.line.set(0);
    let io = csv.io.borrow().clone();
    vm.send(&io, "rewind", &[])
}

fn headers(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let known = this(receiver).headers.borrow().clone();
    Ok(match (known, &options(receiver).headers) {
        (Some(headers), _) => Value::array(headers),
        (None, options::Headers::None) => Value::Nil,
        (None, _) => Value::Bool(true),
    })
}

fn parse(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let csv = new_csv(vm, &args.values[..1], rest(args))?;
    match args.block {
        Some(_) => each(vm, &csv, Args::default().with_block(args.block)),
        None => read_all(vm, &csv),
    }
}

fn first_line(vm: &Interp, text: &Value, args: Args<'_>) -> Res {
    let csv = new_csv(vm, std::slice::from_ref(text), args)?;
    Ok(next(vm, &csv)?.into())
}

fn line_of(vm: &Interp, fields: &Value, args: Args<'_>) -> Res {
    let options = Options::of(vm, args.split_keywords().1)?;
    let fields = match row::fields(fields) {
        Some(fields) => fields,
        None => vm.to_array(fields)?.to_vec(),
    };
    Ok(Value::bytes(write::line(vm, &fields, &options)?))
}

fn generate(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    let (positional, _) = args.split_keywords();
    let text = match positional.first() {
        Some(Value::Str(text)) => Value::bytes(text.to_vec()),
        _ => Value::str(""),
    };
    let csv = new_csv(vm, &[text], args)?;
    let io = this(&csv).io.borrow().clone();
    vm.send(&io, "seek", &[Value::Int(0), Value::Int(2)])?;
    write_headers(vm, &csv)?;
    vm.call_block(block, std::slice::from_ref(&csv))?;
    string(vm, &csv, Args::default())
}

fn write_headers(vm: &Interp, receiver: &Value) -> Res<()> {
    let options = options(receiver);
    let csv = this(receiver);
    if let options::Headers::Given(names) = &options.headers {
        csv.headers.borrow_mut().get_or_insert_with(|| names.clone());
        if options.write_headers && !csv.headers_written.replace(true) {
            put(vm, receiver, names)?;
        }
    }
    Ok(())
}

fn put(vm: &Interp, receiver: &Value, fields: &[Value]) -> Res<()> {
    let line = Value::bytes(write::line(vm, fields, &options(receiver))?);
    let io = this(receiver).io.borrow().clone();
    vm.call(&io, known::SHL, &[line]).map(drop)
}

fn add(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    write_headers(vm, receiver)?;
    let headers = this(receiver).headers.borrow().clone();
    let fields = match &args[0] {
        Value::Hash(hash) => {
            let headers = match headers {
                Some(headers) => headers,
                None => {
                    let keys = hash.keys();
                    *this(receiver).headers.borrow_mut() = Some(keys.clone());
                    keys
                }
            };
            let mut fields = Vec::with_capacity(headers.len());
            for header in &headers {
                fields.push(vm.hash_fetch(hash, header)?);
            }
            fields
        }
        other => match row::fields(other) {
            Some(fields) => fields,
            None => vm.to_array(other)?.to_vec(),
        },
    };
    put(vm, receiver, &fields)?;
    this(receiver).line.set(this(receiver).line.get() + 1);
    Ok(receiver.clone())
}

fn string(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let io = this(receiver).io.borrow().clone();
    vm.send(&io, "string", &[])
}

fn file_text(vm: &Interp, path: &Value) -> Res {
    let path = vm.to_str(path)?.to_vec();
    match vm.host.read_file(&path) {
        Some(content) => Ok(Value::bytes(content)),
        None => {
            let path = String::from_utf8_lossy(&path).into_owned();
            Err(vm.error("Errno::ENOENT", format!("No such file or directory @ rb_sysopen - {path}")))
        }
    }
}

fn read_file(vm: &Interp, args: Args<'_>) -> Res {
    let text = file_text(vm, &args[0])?;
    read_all(vm, &new_csv(vm, &[text], rest(args))?)
}

fn table_of_file(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = file_text(vm, &args[0])?;
    let keywords = vm.hash_from([
        (Value::sym("headers"), Value::Bool(true)),
        (Value::sym("converters"), Value::sym("numeric")),
        (Value::sym("header_converters"), Value::sym("symbol")),
    ])?;
    if let Some(given) = args.split_keywords().1 {
        for (key, value) in given.entries() {
            vm.hash_set(&keywords, key, value)?;
        }
    }
    let values = [Value::Hash(keywords)];
    read_all(vm, &new_csv(vm, &[text], Args { values: &values, keywords: true, block: None })?)
}

fn foreach(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    if args.block.is_none() {
        return Ok(crate::core::enumerator::of(vm, own, "foreach", args, None));
    }
    let text = file_text(vm, &args[0])?;
    let csv = new_csv(vm, &[text], rest(args))?;
    each(vm, &csv, Args::default().with_block(args.block))
}

/// The elements of an Array, for those that take a list.
fn elements(array: &RArray) -> Vec<Value> {
    array.to_vec()
}
