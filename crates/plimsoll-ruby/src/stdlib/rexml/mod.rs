//! REXML: documents, elements, attributes, text and XPath.

mod attributes;
mod element;
mod elements;
mod entities;
mod nodes;
mod parse;
mod tree;
mod write;

use std::rc::Rc;

use tree::{Content, Data, Forest, Id, Place};
use write::Pretty;

use crate::args::Args;
use crate::class::{AllocFn, Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RObject, Value};
use crate::xpath::{self, Found};

/// The node that an object stands for.
struct Handle(Id);

/// Defines the module and its classes.
pub(super) fn init(vm: &Interp) {
    vm.set_extension(Rc::new(Forest::default()));
    let rexml = vm.define_module(&vm.c.object, "REXML");
    rexml.constants.borrow_mut().insert(Sym::new("VERSION"), Value::str("3.2.5"));
    let runtime_error = vm.class_named("RuntimeError");
    let parse_exception = vm.define_class(&rexml, "ParseException", &runtime_error);
    vm.define(&parse_exception, PARSE_EXCEPTION);
    vm.define_class(&rexml, "UndefinedNamespaceException", &parse_exception);
    nodes::init(vm, &rexml);
    element::init(vm, &rexml);
    elements::init(vm, &rexml);
    attributes::init(vm, &rexml);
    let xpath = vm.define_class(&rexml, "XPath", &vm.c.object);
    vm.define_singleton(&xpath, XPATH);
    let formatters = vm.define_module(&rexml, "Formatters");
    let default = vm.define_class(&formatters, "Default", &vm.c.object);
    vm.define(&default, DEFAULT);
    let pretty = vm.define_class(&formatters, "Pretty", &default);
    vm.define(&pretty, PRETTY);
}

const PARSE_EXCEPTION: &[Def] = &[
    def("line", 0, 0, |_, r, _| Ok(super::ivar(r, "@line")), "The line"),
    def("position", 0, 0, |_, r, _| Ok(super::ivar(r, "@position")), "The place, in bytes"),
    def("continued_exception", 0, 0, |_, _, _| Ok(Value::Nil), "nil"),
];

const XPATH: &[Def] = &[
    def("first", 1, 4, |vm, _, a| Ok(matched(vm, a)?.into_iter().next().into()), "The first that a path finds"),
    def("match", 1, 4, |vm, _, a| Ok(Value::array(matched(vm, a)?)), "All that a path finds"),
    def("each", 1, 4, each, "Yields all that a path finds"),
];

const DEFAULT: &[Def] = &[
    private_def("initialize", 0, 1, |_, _, _| Ok(Value::Nil), "Takes nothing of use"),
    def("write", 2, 2, |vm, _, a| output(vm, &a[1], &plain_text(vm, node(vm, &a[0])?)?), "Writes a node as it is"),
];

const PRETTY: &[Def] = &[
    private_def("initialize", 0, 2, initialize_pretty, "Takes the number of columns"),
    def("compact", 0, 0, |_, r, _| Ok(super::ivar(r, "@compact")), "Whether short text stays on a line"),
    def("compact=", 1, 1, |_, r, a| set(r, "@compact", a), "Sets whether short text stays on a line"),
    def("width", 0, 0, |_, r, _| Ok(super::ivar(r, "@width")), "Columns of a line"),
    def("width=", 1, 1, |_, r, a| set(r, "@width", a), "Sets the columns of a line"),
    def("write", 2, 2, write_pretty, "Writes a node indented"),
];

fn set(receiver: &Value, name: &str, args: Args<'_>) -> Res {
    super::set_ivar(receiver, name, args[0].clone());
    Ok(args[0].clone())
}

fn initialize_pretty(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let columns = args.get(0).map_or(Ok(2), |columns| vm.to_int(columns))?;
    for (name, value) in [("@indentation", columns.into()), ("@width", Value::Int(80)), ("@compact", false.into())] {
        super::set_ivar(receiver, name, value);
    }
    Ok(Value::Nil)
}

fn write_pretty(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let number = |name: &str| -> Res<usize> { Ok(vm.to_int(&super::ivar(receiver, name))?.clamp(0, 10_000) as usize) };
    let compact = super::ivar(receiver, "@compact").truthy();
    let style = Pretty { indentation: number("@indentation")?, compact, width: number("@width")? };
    output(vm, &args[1], &pretty_text(vm, node(vm, &args[0])?, style)?)
}

fn output(vm: &Interp, to: &Value, text: &str) -> Res {
    vm.call(to, known::SHL, &[Value::str(text)])
}

fn forest(vm: &Interp) -> Rc<Forest> {
    vm.extension().expect("REXML sets it")
}

/// The node of an object.
fn node(vm: &Interp, value: &Value) -> Res<Id> {
    match value.native::<Handle>() {
        Some(handle) => Ok(handle.0),
        None => Err(vm.type_error(format!("{} is no node of a document", vm.inspect(value)?.lossy()))),
    }
}

/// The object of a node.
fn object(vm: &Interp, id: Id) -> Value {
    let forest = forest(vm);
    if let Some(known) = forest.object(id) {
        return Value::Obj(known);
    }
    let class = forest.read(id, |data| match data {
        Data::Document => "Document",
        Data::Element { .. } => "Element",
        Data::Attribute { .. } => "Attribute",
        Data::Text { .. } => "Text",
        Data::Cdata(_) => "CData",
        Data::Comment(_) => "Comment",
        Data::Instruction { .. } => "Instruction",
        Data::Declaration { .. } => "XMLDecl",
        Data::DocType { .. } => "DocType",
    });
    let object = RObject::with_native(vm.class_named(&format!("REXML::{class}")), Handle(id));
    forest.set_object(id, &object);
    Value::Obj(object)
}

fn objects(vm: &Interp, ids: Vec<Id>) -> Vec<Value> {
    ids.into_iter().map(|id| object(vm, id)).collect()
}

/// The object of a node, nil without one.
fn optional(vm: &Interp, id: Option<Id>) -> Value {
    id.map(|id| object(vm, id)).into()
}

/// Makes an object of a class with a node of its own.
fn allocated(vm: &Interp, class: &Rc<RClass>, data: Data) -> Res {
    let forest = forest(vm);
    let id = forest.add(data);
    let object = RObject::with_native(Rc::clone(class), Handle(id));
    forest.set_object(id, &object);
    Ok(Value::Obj(object))
}

/// Defines a class of nodes.
fn define(
    vm: &Interp,
    rexml: &Rc<RClass>,
    name: &str,
    parent: &str,
    alloc: AllocFn,
    methods: &[&'static [Def]],
) -> Rc<RClass> {
    let class = vm.define_class(rexml, name, &vm.class_named(parent));
    vm.set_alloc(&class, alloc);
    for table in methods {
        vm.define(&class, table);
    }
    class
}

fn plain_text(vm: &Interp, id: Id) -> Res<String> {
    let mut text = String::new();
    write::plain(vm, &forest(vm), id, 0, &mut text)?;
    Ok(text)
}

fn pretty_text(vm: &Interp, id: Id, style: Pretty) -> Res<String> {
    let mut text = String::new();
    write::indented(vm, &forest(vm), id, style, 0, &mut text)?;
    Ok(text)
}

fn bad_path(vm: &Interp, path: &str, why: &str) -> Unwind {
    vm.raise(&vm.class_named("REXML::ParseException"), format!("{why}: <{path}>"))
}

/// What a path finds from a node: nodes, or one value.
fn find(vm: &Interp, from: Id, path: &str, namespaces: &[(String, String)]) -> Res<Vec<Value>> {
    let forest = forest(vm);
    let place = |id: Id| Place { forest: &forest, id };
    let found = xpath::evaluate(place(forest.top(from)), place(from), path, namespaces);
    let found = found.map_err(|why| bad_path(vm, path, &why))?;
    Ok(match found {
        Found::Items(items) => {
            let ids = items.iter().map(|item| item.id).collect();
            objects(vm, ids)
        }
        Found::Integer(number) => vec![Value::Int(number)],
        Found::Float(number) => vec![Value::Float(number)],
        Found::Text(text) => vec![Value::str(text)],
        Found::Bool(value) => vec![value.into()],
    })
}

fn matched(vm: &Interp, args: Args<'_>) -> Res<Vec<Value>> {
    if args[0].native::<Handle>().is_none() {
        return Err(vm.no_method(&args[0], Sym::new("root_node"), Args::default(), crate::CallStyle::Explicit, None));
    }
    let path = match args.get(1) {
        Some(path) if !path.is_nil() => vm.to_s(path)?.lossy(),
        _ => "*".to_owned(),
    };
    let mut namespaces = Vec::new();
    if let Some(Value::Hash(given)) = args.get(2) {
        for (prefix, uri) in given.entries() {
            namespaces.push((vm.to_s(&prefix)?.lossy(), vm.to_s(&uri)?.lossy()));
        }
    }
    find(vm, node(vm, &args[0])?, &path, &namespaces)
}

fn each(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let found = matched(vm, args)?;
    let block = args.need_block(vm)?;
    for value in &found {
        vm.call_block(block, std::slice::from_ref(value))?;
    }
    Ok(Value::array(found))
}
