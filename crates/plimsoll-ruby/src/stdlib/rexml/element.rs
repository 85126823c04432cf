//! Element and Document.

use std::rc::Rc;

use super::{
    Data, Handle, Id, allocated, attributes, define, elements, find, forest, node, nodes, object, objects, optional,
    parse,
};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp, rexml: &Rc<RClass>) {
    let namespace = vm.define_module(rexml, "Namespace");
    vm.define(&namespace, NAMESPACE);
    let blank = |vm: &Interp, class: &Rc<RClass>| {
        allocated(vm, class, Data::Element { name: "UNDEFINED".to_owned(), attributes: Vec::new() })
    };
    let element = define(vm, rexml, "Element", "REXML::Parent", blank, &[ELEMENT]);
    vm.include(&element, &namespace);
    define(vm, rexml, "Document", "REXML::Element", |vm, class| allocated(vm, class, Data::Document), &[DOCUMENT]);
}

const NAMESPACE: &[Def] = &[
    def("name", 0, 0, |vm, r, _| part(vm, r, |_, local| local.to_owned()), "The name without its prefix"),
    def("local_name", 0, 0, |vm, r, _| part(vm, r, |_, local| local.to_owned()), "The name without its prefix"),
    def("prefix", 0, 0, |vm, r, _| part(vm, r, |prefix, _| prefix.to_owned()), "The prefix"),
    def("expanded_name", 0, 0, |vm, r, _| Ok(Value::from(forest(vm).name(node(vm, r)?))), "The name with its prefix"),
    def(
        "fully_expanded_name",
        0,
        0,
        |vm, r, _| Ok(Value::from(forest(vm).name(node(vm, r)?))),
        "The name with its prefix",
    ),
    def("name=", 1, 1, set_name, "Sets the name"),
];

const ELEMENT: &[Def] = &[
    private_def("initialize", 0, 3, initialize, "Takes a name, and what it is put into"),
    def("elements", 0, 0, |vm, r, _| Ok(elements::of(vm, node(vm, r)?)), "The elements in it"),
    def("attributes", 0, 0, |vm, r, _| Ok(attributes::of(vm, node(vm, r)?)), "Its attributes"),
    def("[]", 1, 1, at, "A child by number, or an attribute's value by name"),
    def("attribute", 1, 2, attribute, "An attribute by name"),
    def(
        "has_attributes?",
        0,
        0,
        |vm, r, _| Ok((!forest(vm).attributes(node(vm, r)?).is_empty()).into()),
        "Whether it has any",
    ),
    def("add_attribute", 1, 2, add_attribute, "Gives it an attribute"),
    def("add_attributes", 1, 1, add_attributes, "Gives it several attributes"),
    def("delete_attribute", 1, 1, delete_attribute, "Takes an attribute away"),
    def(
        "get_elements",
        1,
        1,
        |vm, r, a| Ok(Value::array(elements::of_path(vm, node(vm, r)?, a.get(0))?)),
        "The elements of a path",
    ),
    def("each_element", 0, 1, each_element, "Yields the elements in it, or those of a path"),
    def("each_element_with_attribute", 1, 4, each_with_attribute, "Yields the elements with an attribute"),
    def("each_element_with_text", 0, 3, each_with_text, "Yields the elements with a text"),
    def("add_element", 0, 2, add_element, "Adds an element"),
    def(
        "delete_element",
        1,
        1,
        |vm, r, a| vm.send(&elements::of(vm, node(vm, r)?), "delete", a.values),
        "Takes an element out",
    ),
    def("next_element", 0, 0, |vm, r, _| beside(vm, r, false), "The element after it"),
    def("previous_element", 0, 0, |vm, r, _| beside(vm, r, true), "The element before it"),
    def(
        "has_elements?",
        0,
        0,
        |vm, r, _| Ok((!elements::own(vm, node(vm, r)?).is_empty()).into()),
        "Whether there are elements in it",
    ),
    def("has_text?", 0, 0, |vm, r, _| Ok(first_text(vm, node(vm, r)?).is_some().into()), "Whether there is text in it"),
    def("text", 0, 1, text, "The first text in it; nil when there is none"),
    def("text=", 1, 1, set_text, "Sets the first text in it"),
    def("get_text", 0, 1, get_text, "The first text node in it"),
    def("add_text", 1, 1, add_text, "Adds text"),
    def(
        "texts",
        0,
        0,
        |vm, r, _| kinds(vm, r, |data| matches!(data, Data::Text { .. } | Data::Cdata(_))),
        "The texts in it",
    ),
    def("cdatas", 0, 0, |vm, r, _| kinds(vm, r, |data| matches!(data, Data::Cdata(_))), "The CDATA sections in it"),
    def("comments", 0, 0, |vm, r, _| kinds(vm, r, |data| matches!(data, Data::Comment(_))), "The comments in it"),
    def(
        "instructions",
        0,
        0,
        |vm, r, _| kinds(vm, r, |data| matches!(data, Data::Instruction { .. })),
        "The instructions in it",
    ),
    def("xpath", 0, 0, |vm, r, _| Ok(Value::from(nodes::path_of(&forest(vm), node(vm, r)?))), "The way to it"),
    def("root", 0, 0, root, "The outermost element"),
    def("root_node", 0, 0, |vm, r, _| Ok(object(vm, forest(vm).top(node(vm, r)?))), "What everything is in"),
    def("namespace", 0, 1, namespace, "What its prefix, or another, means here"),
    def("namespaces", 0, 0, namespaces, "The prefixes known here, and what they mean"),
    def("prefixes", 0, 0, prefixes, "The prefixes known here"),
    def("add_namespace", 1, 2, add_namespace, "Declares a prefix"),
    def("whitespace", 0, 0, |_, _, _| Ok(Value::Bool(true)), "true: white space is kept"),
    def("raw", 0, 0, |_, _, _| Ok(Value::Nil), "nil"),
];

const DOCUMENT: &[Def] = &[
    private_def("initialize", 0, 2, initialize_document, "Takes a text, or an IO to read"),
    def("add_element", 0, 2, add_root, "Adds the root"),
    def("doctype", 0, 0, |vm, r, _| one_of(vm, r, |data| matches!(data, Data::DocType { .. })), "The document type"),
    def("xml_decl", 0, 0, xml_decl, "The XML declaration"),
    def("version", 0, 0, |vm, r, a| vm.send(&xml_decl(vm, r, a)?, "version", &[]), "The version of XML"),
    def("encoding", 0, 0, |vm, r, a| vm.send(&xml_decl(vm, r, a)?, "encoding", &[]), "The encoding"),
    def("stand_alone?", 0, 0, |vm, r, a| vm.send(&xml_decl(vm, r, a)?, "standalone", &[]), "Whether it stands alone"),
];

fn part(vm: &Interp, receiver: &Value, pick: fn(&str, &str) -> String) -> Res {
    let name = forest(vm).name(node(vm, receiver)?);
    let (prefix, local) = super::tree::split_name(&name);
    Ok(Value::from(pick(prefix, local)))
}

fn set_name(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let new = vm.to_s(&args[0])?.lossy();
    forest(vm).change(node(vm, receiver)?, |data| match data {
        Data::Element { name, .. } | Data::Attribute { name, .. } => *name = new,
        _ => {}
    });
    Ok(args[0].clone())
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let id = node(vm, receiver)?;
    if let Some(first) = args.get(0) {
        let name = match first.native::<Handle>() {
            Some(other) => forest(vm).name(other.0),
            None => vm.to_s(first)?.lossy(),
        };
        forest(vm).change(id, |data| *data = Data::Element { name, attributes: Vec::new() });
    }
    if let Some(parent) = args.get(1).filter(|parent| !parent.is_nil()) {
        forest(vm).append(node(vm, parent)?, id);
    }
    Ok(Value::Nil)
}

fn initialize_document(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let source = args.or_nil(0);
    let text = match &source {
        Value::Nil => return Ok(Value::Nil),
        Value::Str(text) => text.lossy(),
        io if vm.responds(io, Sym::new("read"))? => {
            let text = vm.send(io, "read", &[])?;
            vm.to_s(&text)?.lossy()
        }
        other => {
            let class = vm.real_class_of(other).name();
            let why = format!(
                "{class} is not a valid input stream.  It must walk \nlike either a String, an IO, or a Source."
            );
            return Err(vm.error("RuntimeError", why));
        }
    };
    let id = node(vm, receiver)?;
    let text = text.trim_start_matches('\u{feff}');
    parse::read(vm, &forest(vm), id, text)?;
    if let Some(Value::Hash(context)) = args.get(1)
        && vm.hash_sym(context, "ignore_whitespace_nodes")?.is_some_and(|which| which.truthy())
    {
        drop_blanks(vm, id)?;
    }
    Ok(Value::Nil)
}

/// Takes out texts of nothing but white space.
fn drop_blanks(vm: &Interp, id: Id) -> Res<()> {
    let forest = forest(vm);
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        vm.tick()?;
        for child in forest.children(id) {
            let blank =
                forest.read(child, |data| matches!(data, Data::Text { string, .. } if string.trim().is_empty()));
            if blank {
                forest.remove(child);
            }
            open.push(child);
        }
    }
    Ok(())
}

fn at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let id = node(vm, receiver)?;
    match &args[0] {
        Value::Str(_) | Value::Sym(_) => {
            let name = vm.to_s(&args[0])?.lossy();
            let found = attributes::named(vm, id, &name);
            found.map_or(Ok(Value::Nil), |id| vm.send(&object(vm, id), "value", &[]))
        }
        place => vm.send(&Value::array(objects(vm, forest(vm).children(id))), "[]", std::slice::from_ref(place)),
    }
}

fn attribute(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_s(&args[0])?.lossy();
    Ok(optional(vm, attributes::named(vm, node(vm, receiver)?, &name)))
}

fn add_attribute(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let id = node(vm, receiver)?;
    let (name, value) = match args[0].native::<Handle>() {
        Some(own) => (forest(vm).name(own.0), args[0].clone()),
        None => (vm.to_s(&args[0])?.lossy(), args.or_nil(1)),
    };
    attributes::assign(vm, id, &name, &value)?;
    Ok(value)
}

fn add_attributes(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let id = node(vm, receiver)?;
    let pairs = match &args[0] {
        Value::Hash(hash) => hash.entries(),
        other => {
            let mut pairs = Vec::new();
            for pair in vm.to_array(other)?.to_vec() {
                pairs.push(crate::core::enumerable::hash_of_pair(vm, &pair, None)?);
            }
            pairs
        }
    };
    for (name, value) in pairs {
        attributes::assign(vm, id, &vm.to_s(&name)?.lossy(), &value)?;
    }
    Ok(args[0].clone())
}

fn delete_attribute(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let id = node(vm, receiver)?;
    let found = attributes::named(vm, id, &vm.to_s(&args[0])?.lossy());
    if let Some(own) = found {
        forest(vm).delete_attribute(id, own);
    }
    Ok(optional(vm, found))
}

fn each_element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.call_with(&elements::of(vm, node(vm, receiver)?), crate::symbol::known::EACH, args, crate::CallStyle::Implicit)
}

/// Yields the elements, directly in it or of a path, for which `fits` holds.
fn each_fitting(
    vm: &Interp,
    receiver: &Value,
    args: Args<'_>,
    path: Option<&Value>,
    fits: impl Fn(&Value) -> Res<bool>,
) -> Res {
    let block = args.need_block(vm)?;
    let most = args.get(1).map_or(Ok(0), |most| vm.to_int(most))?;
    let mut found = Vec::new();
    for value in elements::of_path(vm, node(vm, receiver)?, path)? {
        if fits(&value)? && (most == 0 || (found.len() as i64) < most) {
            found.push(value);
        }
    }
    for value in &found {
        vm.call_block(block, std::slice::from_ref(value))?;
    }
    Ok(Value::array(found))
}

fn each_with_attribute(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_s(&args[0])?.lossy();
    let wanted = args.or_nil(1);
    let rest = Args { values: args.values.get(1..).unwrap_or_default(), ..args };
    each_fitting(vm, receiver, rest, args.get(3), |value| {
        let Some(found) = attributes::named(vm, node(vm, value)?, &name) else { return Ok(false) };
        Ok(wanted.is_nil() || vm.to_s(&wanted)?.lossy() == forest(vm).value(found))
    })
}

fn each_with_text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let wanted = args.or_nil(0);
    each_fitting(vm, receiver, args, args.get(2), |value| {
        let Some(found) = first_text(vm, node(vm, value)?) else { return Ok(false) };
        Ok(wanted.is_nil() || vm.to_s(&wanted)?.lossy() == forest(vm).value(found))
    })
}

fn add_element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let id = elements::add_to(vm, node(vm, receiver)?, args.get(0))?;
    let new = object(vm, id);
    if let Some(values) = args.get(1).filter(|values| !values.is_nil()) {
        add_attributes(vm, &new, Args::new(std::slice::from_ref(values)))?;
    }
    Ok(new)
}

fn add_root(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !elements::own(vm, node(vm, receiver)?).is_empty() {
        return Err(vm.error("RuntimeError", "attempted adding second root element to document"));
    }
    add_element(vm, receiver, args)
}

fn beside(vm: &Interp, receiver: &Value, before: bool) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let all = forest.parent(id).map(|parent| elements::own(vm, parent)).unwrap_or_default();
    let at = all.iter().position(|own| *own == id);
    let wanted = at.and_then(|at| if before { at.checked_sub(1) } else { Some(at + 1) });
    Ok(optional(vm, wanted.and_then(|at| all.get(at).copied())))
}

fn first_text(vm: &Interp, id: Id) -> Option<Id> {
    let forest = forest(vm);
    forest.children(id).into_iter().find(|id| forest.is_text(*id))
}

/// The element that a path finds from another, itself without a path.
fn element_of(vm: &Interp, receiver: &Value, path: Option<&Value>) -> Res<Option<Id>> {
    let id = node(vm, receiver)?;
    match path {
        Some(path) if !path.is_nil() => {
            let found = find(vm, id, &vm.to_s(path)?.lossy(), &[])?;
            Ok(found.first().and_then(|value| value.native::<Handle>()).map(|handle| handle.0))
        }
        _ => Ok(Some(id)),
    }
}

fn text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = element_of(vm, receiver, args.get(0))?.and_then(|id| first_text(vm, id));
    Ok(found.map(|id| forest(vm).value(id)).into())
}

fn get_text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = element_of(vm, receiver, args.get(0))?.and_then(|id| first_text(vm, id));
    Ok(optional(vm, found))
}

fn set_text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let old = first_text(vm, id);
    let at = old.and_then(|old| forest.children(id).iter().position(|own| *own == old));
    if let Some(old) = old {
        forest.remove(old);
    }
    if !args[0].is_nil() {
        let new = match args[0].native::<Handle>() {
            Some(own) => own.0,
            None => forest.add(Data::Text { string: vm.to_s(&args[0])?.lossy(), raw: false }),
        };
        forest.insert(id, at.unwrap_or(usize::MAX), new);
    }
    Ok(receiver.clone())
}

fn add_text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let string = vm.to_s(&args[0])?.lossy();
    let last = forest.children(id).last().copied();
    let merged = last.is_some_and(|last| {
        forest.change(last, |data| match data {
            Data::Text { string: own, .. } => {
                own.push_str(&string);
                true
            }
            _ => false,
        })
    });
    if !merged {
        let new = forest.add(Data::Text { string, raw: false });
        forest.append(id, new);
    }
    Ok(receiver.clone())
}

fn kinds(vm: &Interp, receiver: &Value, wanted: fn(&Data) -> bool) -> Res {
    let forest = forest(vm);
    let all = forest.children(node(vm, receiver)?).into_iter().filter(|id| forest.read(*id, wanted)).collect();
    Ok(Value::array(objects(vm, all)))
}

fn one_of(vm: &Interp, receiver: &Value, wanted: fn(&Data) -> bool) -> Res {
    let forest = forest(vm);
    let found = forest.children(node(vm, receiver)?).into_iter().find(|id| forest.read(*id, wanted));
    Ok(optional(vm, found))
}

fn xml_decl(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    match one_of(vm, receiver, |data| matches!(data, Data::Declaration { .. }))? {
        Value::Nil => vm.new_instance(&vm.class_named("REXML::XMLDecl"), Args::default()),
        found => Ok(found),
    }
}

fn root(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let top = forest.top(id);
    if forest.is_element(top) {
        return Ok(object(vm, top));
    }
    Ok(optional(vm, elements::own(vm, top).first().copied()))
}

fn namespace(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let prefix = match args.get(0) {
        Some(prefix) if !prefix.is_nil() => vm.to_s(prefix)?.lossy(),
        _ => super::tree::split_name(&forest.name(id)).0.to_owned(),
    };
    let found = forest.namespace(id, prefix.strip_prefix("xmlns:").unwrap_or(&prefix));
    Ok(found.or_else(|| prefix.is_empty().then(String::new)).into())
}

/// The prefixes declared here and outside, the outermost first, with what they mean.
fn declared(vm: &Interp, receiver: &Value) -> Res<Vec<(String, String)>> {
    let (forest, id) = (forest(vm), node(vm, receiver)?);
    let mut all: Vec<(String, String)> = Vec::new();
    let mut way: Vec<Id> = std::iter::successors(Some(id), |id| forest.parent(*id)).collect();
    way.reverse();
    for own in way.into_iter().flat_map(|id| forest.attributes(id)) {
        let name = forest.name(own);
        let prefix = if name == "xmlns" { "xmlns" } else { name.strip_prefix("xmlns:").unwrap_or_default() };
        if !prefix.is_empty() {
            all.retain(|(known, _)| known != prefix);
            all.push((prefix.to_owned(), forest.value(own)));
        }
    }
    Ok(all)
}

fn namespaces(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let all = declared(vm, receiver)?.into_iter().map(|(prefix, uri)| (Value::from(prefix), Value::from(uri)));
    Ok(Value::Hash(vm.hash_from(all)?))
}

fn prefixes(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(declared(vm, receiver)?.into_iter().map(|(prefix, _)| Value::from(prefix)).collect()))
}

fn add_namespace(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let first = vm.to_s(&args[0])?.lossy();
    let (name, uri) = match args.get(1) {
        Some(uri) => (format!("xmlns:{}", first.strip_prefix("xmlns:").unwrap_or(&first)), uri.clone()),
        None => ("xmlns".to_owned(), args[0].clone()),
    };
    attributes::assign(vm, node(vm, receiver)?, &name, &uri)?;
    Ok(receiver.clone())
}
