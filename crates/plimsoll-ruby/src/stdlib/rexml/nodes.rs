//! What all nodes can do; text, comments, instructions and declarations.

use std::rc::Rc;

use super::{
    Content, Data, Forest, Handle, Id, allocated, define, entities, forest, node, object, objects, optional, output,
};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::enumerable::block_or_enumerator;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp, rexml: &Rc<RClass>) {
    let node = vm.define_module(rexml, "Node");
    vm.define(&node, NODE);
    let child = vm.define_class(rexml, "Child", &vm.c.object);
    vm.include(&child, &node);
    let parent = vm.define_class(rexml, "Parent", &child);
    vm.include(&parent, &vm.c.enumerable);
    vm.define(&parent, PARENT);
    let blank =
        |vm: &Interp, class: &Rc<RClass>| allocated(vm, class, Data::Text { string: String::new(), raw: false });
    let text = define(vm, rexml, "Text", "REXML::Child", blank, &[TEXT]);
    vm.include(&text, &vm.c.comparable);
    vm.define_singleton(&text, TEXT_FUNCTIONS);
    let cdata = |vm: &Interp, class: &Rc<RClass>| allocated(vm, class, Data::Cdata(String::new()));
    define(vm, rexml, "CData", "REXML::Text", cdata, &[]);
    let comment = |vm: &Interp, class: &Rc<RClass>| allocated(vm, class, Data::Comment(String::new()));
    define(vm, rexml, "Comment", "REXML::Child", comment, &[COMMENT]);
    let instruction = |vm: &Interp, class: &Rc<RClass>| {
        allocated(vm, class, Data::Instruction { target: String::new(), content: None })
    };
    define(vm, rexml, "Instruction", "REXML::Child", instruction, &[INSTRUCTION]);
    let declaration = |vm: &Interp, class: &Rc<RClass>| {
        allocated(vm, class, Data::Declaration { version: "1.0".to_owned(), encoding: None, standalone: None })
    };
    define(vm, rexml, "XMLDecl", "REXML::Child", declaration, &[DECLARATION]);
    let doctype = vm.define_class(rexml, "DocType", &parent);
    vm.define(&doctype, DOCTYPE);
}

const NODE: &[Def] = &[
    def("parent", 0, 0, |vm, r, _| Ok(optional(vm, forest(vm).parent(node(vm, r)?))), "What it is in"),
    def("document", 0, 0, document, "The document"),
    def("next_sibling", 0, 0, |vm, r, _| sibling(vm, r, 1), "What comes after it"),
    def("next_sibling_node", 0, 0, |vm, r, _| sibling(vm, r, 1), "What comes after it"),
    def("previous_sibling", 0, 0, |vm, r, _| sibling(vm, r, -1), "What comes before it"),
    def("previous_sibling_node", 0, 0, |vm, r, _| sibling(vm, r, -1), "What comes before it"),
    def("remove", 0, 0, remove, "Takes it out"),
    def("replace_with", 1, 1, replace_with, "Puts another in its place"),
    def(
        "parent?",
        0,
        0,
        |vm, r, _| Ok(vm.is_a(r, &vm.class_named("REXML::Parent")).into()),
        "Whether it can have children",
    ),
    def("node_type", 0, 0, node_type, "What it is, as a Symbol"),
    def("to_s", 0, 1, to_s, "It as XML"),
    def("write", 0, 4, write, "Writes it as XML"),
    def("inspect", 0, 0, inspect, "It in short"),
    def("each_recursive", 0, 0, each_recursive, "Yields all elements in it"),
    def("clone", 0, 0, |vm, r, _| Ok(object(vm, forest(vm).copied(node(vm, r)?))), "A copy without what is in it"),
    def("deep_clone", 0, 0, |vm, r, _| Ok(object(vm, forest(vm).deep_copied(node(vm, r)?))), "A copy"),
];

const PARENT: &[Def] = &[
    def("each", 0, 0, each, "Yields the children"),
    def("each_child", 0, 0, each, "Yields the children"),
    def("children", 0, 0, |vm, r, _| children(vm, r), "The children"),
    def("to_a", 0, 0, |vm, r, _| children(vm, r), "The children"),
    def("size", 0, 0, |vm, r, _| Ok(forest(vm).children(node(vm, r)?).len().into()), "Number of children"),
    def("length", 0, 0, |vm, r, _| Ok(forest(vm).children(node(vm, r)?).len().into()), "Number of children"),
    def("index", 1, 1, |vm, r, a| vm.send(&children(vm, r)?, "index", a.values), "The place of a child"),
    def("add", 1, 1, add, "Adds a child"),
    def("<<", 1, 1, add, "Adds a child"),
    def("push", 1, 1, add, "Adds a child"),
    def("unshift", 1, 1, |vm, r, a| insert(vm, r, 0, &a[0]), "Adds a child as the first"),
    def("delete", 1, 1, delete, "Takes a child out"),
    def("insert_before", 2, 2, |vm, r, a| insert_beside(vm, r, a, 0), "Adds a child before another"),
    def("insert_after", 2, 2, |vm, r, a| insert_beside(vm, r, a, 1), "Adds a child after another"),
];

const TEXT: &[Def] = &[
    private_def("initialize", 1, -1, initialize_text, "Takes a text"),
    def("value", 0, 0, |vm, r, _| Ok(Value::from(forest(vm).value(node(vm, r)?))), "The text without entities"),
    def("value=", 1, 1, set_value, "Sets the text"),
    def("to_s", 0, 0, |vm, r, _| Ok(Value::from(forest(vm).written(node(vm, r)?))), "The text with entities"),
    def("<<", 1, 1, append, "Adds text"),
    def("empty?", 0, 0, |vm, r, _| Ok(string_of(vm, r)?.is_empty().into()), "Whether there is no text"),
    def("<=>", 1, 1, compare, "Compares two texts"),
    def("raw", 0, 0, |vm, r, _| Ok(is_raw(vm, r)?.into()), "Whether it is kept as it is written"),
    def(
        "inspect",
        0,
        0,
        |vm, r, _| Ok(vm.inspect(&Value::from(string_of(vm, r)?))?.into()),
        "The text, as inspect shows texts",
    ),
];

const TEXT_FUNCTIONS: &[Def] = &[
    def(
        "normalize",
        1,
        3,
        |vm, _, a| Ok(Value::from(entities::written(&vm.to_s(&a[0])?.lossy()))),
        "Text with entities",
    ),
    def(
        "unnormalize",
        1,
        4,
        |vm, _, a| Ok(Value::from(entities::meant(&vm.to_s(&a[0])?.lossy(), &[]))),
        "Text without entities",
    ),
];

const COMMENT: &[Def] = &[
    private_def("initialize", 1, 2, initialize_text, "Takes a text"),
    def("string", 0, 0, |vm, r, _| Ok(Value::from(string_of(vm, r)?)), "The text"),
    def("to_s", 0, 0, |vm, r, _| Ok(Value::from(string_of(vm, r)?)), "The text"),
];

const INSTRUCTION: &[Def] = &[
    private_def("initialize", 1, 2, initialize_instruction, "Takes a target and what it is told"),
    def("target", 0, 0, |vm, r, _| Ok(Value::from(forest(vm).name(node(vm, r)?))), "Whom it is for"),
    def("content", 0, 0, content, "What it says"),
];

const DECLARATION: &[Def] = &[
    private_def("initialize", 0, 3, initialize_declaration, "Takes a version, an encoding and whether it stands alone"),
    def("version", 0, 0, |vm, r, _| declared(vm, r, 0), "The version"),
    def("encoding", 0, 0, |vm, r, _| declared(vm, r, 1), "The encoding"),
    def("standalone", 0, 0, |vm, r, _| declared(vm, r, 2), "Whether it stands alone"),
    def("stand_alone?", 0, 0, |vm, r, _| declared(vm, r, 2), "Whether it stands alone"),
];

const DOCTYPE: &[Def] =
    &[def("name", 0, 0, |vm, r, _| Ok(Value::from(forest(vm).name(node(vm, r)?))), "The root's name")];

/// The way to an element, as XPath.
pub(super) fn path_of(forest: &Forest, id: Id) -> String {
    let Some(parent) = forest.parent(id) else {
        return if forest.is_element(id) { forest.name(id) } else { String::new() };
    };
    let name = forest.name(id);
    let alike: Vec<Id> = forest
        .children(parent)
        .into_iter()
        .filter(|own| forest.is_element(*own) && forest.name(*own) == name)
        .collect();
    let place = match alike.iter().position(|own| *own == id) {
        Some(at) if alike.len() > 1 => format!("[{}]", at + 1),
        _ => String::new(),
    };
    format!("{}/{name}{place}", path_of(forest, parent))
}

fn document(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let forest = forest(vm);
    let top = forest.top(node(vm, receiver)?);
    let is_document = forest.read(top, |data| matches!(data, Data::Document));
    Ok(optional(vm, is_document.then_some(top)))
}

fn sibling(vm: &Interp, receiver: &Value, step: isize) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let all = forest.parent(id).map(|parent| forest.children(parent)).unwrap_or_default();
    let at = all.iter().position(|own| *own == id).and_then(|at| at.checked_add_signed(step));
    Ok(optional(vm, at.and_then(|at| all.get(at).copied())))
}

fn remove(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    forest(vm).remove(node(vm, receiver)?);
    Ok(receiver.clone())
}

fn replace_with(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let new = child_of(vm, &args[0])?;
    if let Some(parent) = forest.parent(id) {
        let at = forest.children(parent).iter().position(|own| *own == id).unwrap_or(usize::MAX);
        forest.remove(id);
        forest.insert(parent, at, new);
    }
    Ok(receiver.clone())
}

fn node_type(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let name = forest(vm).read(node(vm, receiver)?, |data| match data {
        Data::Document => "document",
        Data::Element { .. } => "element",
        Data::Attribute { .. } => "attribute",
        Data::Text { .. } | Data::Cdata(_) => "text",
        Data::Comment(_) => "comment",
        Data::Instruction { .. } => "processing_instruction",
        Data::Declaration { .. } => "xmldecl",
        Data::DocType { .. } => "doctype",
    });
    Ok(Value::sym(name))
}

/// The text of a node, indented where columns are given.
pub(super) fn text_of(vm: &Interp, id: Id, indent: Option<&Value>) -> Res<String> {
    match indent {
        Some(indent) if !indent.is_nil() && vm.to_int(indent)? >= 0 => {
            let indentation = vm.to_int(indent)?.min(1_000) as usize;
            super::pretty_text(vm, id, super::Pretty { indentation, compact: false, width: 80 })
        }
        _ => super::plain_text(vm, id),
    }
}

fn to_s(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(Value::from(text_of(vm, node(vm, receiver)?, args.get(0))?))
}

fn write(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (values, keywords) = args.split_keywords();
    let of = |name: &str| keywords.map_or(Ok(None), |keywords| vm.hash_sym(keywords, name));
    let to = match (values.first(), of("output")?) {
        (Some(to), _) => to.clone(),
        (None, Some(to)) => to,
        (None, None) => vm.global(Sym::new("$stdout"))?,
    };
    let indent = match (values.get(1), of("indent")?) {
        (Some(indent), _) => Some(indent.clone()),
        (None, indent) => indent,
    };
    output(vm, &to, &text_of(vm, node(vm, receiver)?, indent.as_ref())?)
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let text = match forest.data(id) {
        Data::Document | Data::Element { .. } => {
            let name = if forest.is_element(id) { forest.name(id) } else { "UNDEFINED".to_owned() };
            let mut attributes = String::new();
            for own in forest.attributes(id) {
                attributes.push(' ');
                attributes.push_str(&super::write::attribute(&forest, own));
            }
            let end = if forest.children(id).is_empty() { "/>" } else { "> ... </>" };
            format!("<{name}{attributes}{end}")
        }
        Data::Attribute { .. } => super::write::attribute(&forest, id),
        Data::Instruction { target, .. } => format!("<?p-i {target} ...?>"),
        Data::Declaration { .. } => "<?xml ... ?>".to_owned(),
        _ => super::plain_text(vm, id)?,
    };
    Ok(Value::from(text))
}

fn each_recursive(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_recursive");
    let forest = forest(vm);
    let elements =
        |id: Id| forest.children(id).into_iter().rev().filter(|id| forest.is_element(*id)).collect::<Vec<_>>();
    let mut open = elements(node(vm, receiver)?);
    while let Some(id) = open.pop() {
        vm.call_block(block, &[object(vm, id)])?;
        open.extend(elements(id));
    }
    Ok(receiver.clone())
}

fn children(vm: &Interp, receiver: &Value) -> Res {
    let ids = forest(vm).children(node(vm, receiver)?);
    Ok(Value::array(objects(vm, ids)))
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each");
    for id in forest(vm).children(node(vm, receiver)?) {
        vm.call_block(block, &[object(vm, id)])?;
    }
    Ok(receiver.clone())
}

/// A node that is to be put below another: one, or a String as text.
fn child_of(vm: &Interp, value: &Value) -> Res<Id> {
    match value {
        Value::Str(text) => Ok(forest(vm).add(Data::Text { string: text.lossy(), raw: false })),
        other => node(vm, other),
    }
}

fn insert(vm: &Interp, receiver: &Value, at: usize, value: &Value) -> Res {
    let (forest, parent, child) = (forest(vm), node(vm, receiver)?, child_of(vm, value)?);
    let loops = std::iter::successors(Some(parent), |id| forest.parent(*id)).any(|id| id == child);
    if loops {
        return Err(vm.argument_error("a node can't be put into itself"));
    }
    forest.insert(parent, at, child);
    Ok(object(vm, child))
}

pub(super) fn add(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    insert(vm, receiver, usize::MAX, &args[0])
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (forest, id) = (forest(vm), node(vm, &args[0])?);
    if forest.parent(id) != Some(node(vm, receiver)?) {
        return Ok(Value::Nil);
    }
    forest.remove(id);
    Ok(args[0].clone())
}

fn insert_beside(vm: &Interp, receiver: &Value, args: Args<'_>, after: usize) -> Res {
    let (forest, own) = (forest(vm), node(vm, receiver)?);
    let beside = match &args[0] {
        Value::Str(path) => match super::find(vm, own, &path.lossy(), &[])?.first() {
            Some(found) => node(vm, found)?,
            None => return Ok(receiver.clone()),
        },
        other => node(vm, other)?,
    };
    if let Some(parent) = forest.parent(beside) {
        let at = forest.children(parent).iter().position(|id| *id == beside).unwrap_or(0);
        insert(vm, &object(vm, parent), at + after, &args[1])?;
    }
    Ok(receiver.clone())
}

fn string_of(vm: &Interp, receiver: &Value) -> Res<String> {
    Ok(match forest(vm).data(node(vm, receiver)?) {
        Data::Text { string, .. } | Data::Cdata(string) | Data::Comment(string) => string,
        _ => String::new(),
    })
}

fn is_raw(vm: &Interp, receiver: &Value) -> Res<bool> {
    Ok(forest(vm).read(node(vm, receiver)?, |data| matches!(data, Data::Text { raw: true, .. } | Data::Cdata(_))))
}

fn set_string(vm: &Interp, receiver: &Value, new: String) -> Res<()> {
    forest(vm).change(node(vm, receiver)?, |data| match data {
        Data::Text { string, .. } | Data::Cdata(string) | Data::Comment(string) => *string = new,
        _ => {}
    });
    Ok(())
}

fn initialize_text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (string, raw) = if args[0].native::<Handle>().is_some() {
        (string_of(vm, &args[0])?, is_raw(vm, &args[0])?)
    } else {
        (vm.to_str(&args[0])?.lossy(), args.or_nil(3).truthy())
    };
    set_string(vm, receiver, string)?;
    forest(vm).change(node(vm, receiver)?, |data| {
        if let Data::Text { raw: own, .. } = data {
            *own = raw;
        }
    });
    Ok(Value::Nil)
}

fn set_value(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let new = vm.to_str(&args[0])?.lossy();
    forest(vm).change(node(vm, receiver)?, |data| match data {
        Data::Text { string, raw } => (*string, *raw) = (new, false),
        Data::Cdata(string) => *string = new,
        _ => {}
    });
    Ok(args[0].clone())
}

fn append(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut string = string_of(vm, receiver)?;
    string.push_str(&vm.to_str(&args[0])?.lossy());
    set_string(vm, receiver, string)?;
    Ok(receiver.clone())
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = vm.to_s(&args[0])?.lossy();
    Ok(Value::Int(forest(vm).written(node(vm, receiver)?).cmp(&other) as i64))
}

fn initialize_instruction(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_str(&args[0])?.lossy();
    let told = match args.get(1) {
        Some(told) if !told.is_nil() => Some(vm.to_str(told)?.lossy()),
        _ => None,
    };
    forest(vm).change(node(vm, receiver)?, |data| *data = Data::Instruction { target: name, content: told });
    Ok(Value::Nil)
}

fn content(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    match forest(vm).data(node(vm, receiver)?) {
        Data::Instruction { content, .. } => Ok(content.into()),
        _ => Ok(Value::Nil),
    }
}

fn initialize_declaration(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = |at: usize| -> Res<Option<String>> {
        match args.get(at) {
            Some(value) if !value.is_nil() => Ok(Some(vm.to_s(value)?.lossy())),
            _ => Ok(None),
        }
    };
    let version = text(0)?.unwrap_or_else(|| "1.0".to_owned());
    let new = Data::Declaration { version, encoding: text(1)?, standalone: text(2)? };
    forest(vm).change(node(vm, receiver)?, |data| *data = new);
    Ok(Value::Nil)
}

/// Version, encoding, standalone.
fn declared(vm: &Interp, receiver: &Value, which: usize) -> Res {
    let Data::Declaration { version, encoding, standalone } = forest(vm).data(node(vm, receiver)?) else {
        return Ok(Value::Nil);
    };
    Ok(match which {
        0 => Value::from(version),
        1 => Value::from(encoding.unwrap_or_else(|| "UTF-8".to_owned())),
        _ => standalone.into(),
    })
}

/// An attribute's value as it is given to an element: with entities.
pub(super) fn attribute_value(vm: &Interp, value: &Value) -> Res<Content> {
    Ok(Content::Written(entities::written(&vm.to_s(value)?.lossy())))
}
