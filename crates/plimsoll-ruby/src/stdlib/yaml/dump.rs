//! Dumping: Ruby values as nodes.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::emit::{Layout, Node, Scalar, Style, emit};
use super::scalar::{Scalar as Meaning, read};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Data, Encoding, RObject, RString, Value};

/// The YAML text of a value.
pub(super) fn dump(vm: &Interp, value: &Value, layout: Layout) -> Res<Vec<u8>> {
    let mut shared = Shared { vm, seen: FxHashSet::default(), ids: FxHashMap::default() };
    shared.look(value)?;
    let mut dumper = Dumper { vm, layout, ids: shared.ids, written: FxHashSet::default() };
    let node = dumper.node(value)?;
    Ok(emit(&node, layout).into_bytes())
}

/// The identity of what is written once and referred to afterwards.
fn identity(value: &Value) -> Option<usize> {
    match value {
        Value::Array(array) => Some(Rc::as_ptr(array) as usize),
        Value::Hash(hash) => Some(Rc::as_ptr(hash) as usize),
        Value::Range(range) => Some(Rc::as_ptr(range) as usize),
        Value::Obj(object) if !matches!(object.data, Data::Big(_)) => Some(Rc::as_ptr(object) as usize),
        _ => None,
    }
}

/// The values inside a value.
fn parts(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(array) => array.to_vec(),
        Value::Hash(hash) => hash.entries().into_iter().flat_map(|(key, value)| [key, value]).collect(),
        Value::Range(range) => vec![range.begin.clone(), range.end.clone()],
        Value::Obj(object) => object.head.ivars().into_iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

/// Finds what occurs more than once.
struct Shared<'a> {
    vm: &'a Interp,
    seen: FxHashSet<usize>,
    ids: FxHashMap<usize, usize>,
}

impl Shared<'_> {
    fn look(&mut self, value: &Value) -> Res<()> {
        let Some(id) = identity(value) else { return Ok(()) };
        self.vm.tick()?;
        self.vm.check_stack()?;
        if !self.seen.insert(id) {
            let next = self.ids.len() + 1;
            self.ids.entry(id).or_insert(next);
            return Ok(());
        }
        parts(value).iter().try_for_each(|part| self.look(part))
    }
}

struct Dumper<'a> {
    vm: &'a Interp,
    layout: Layout,
    ids: FxHashMap<usize, usize>,
    written: FxHashSet<usize>,
}

fn plain(text: impl Into<String>) -> Node {
    Node::Scalar(Scalar::plain(text, Style::Plain))
}

fn tagged(text: impl Into<String>, tag: &str, style: Style) -> Node {
    Node::Scalar(Scalar {
        text: text.into(),
        tag: Some(tag.to_owned()),
        plain: false,
        quoted: false,
        style,
        anchor: None,
    })
}

impl Dumper<'_> {
    fn node(&mut self, value: &Value) -> Res<Node> {
        self.vm.tick()?;
        let mut anchor = None;
        if let Some(id) = identity(value) {
            anchor = self.ids.get(&id).copied();
            if let Some(known) = anchor.filter(|_| !self.written.insert(id)) {
                return Ok(Node::Alias(known));
            }
        }
        let mut node = self.fresh(value)?;
        match &mut node {
            Node::Scalar(scalar) => scalar.anchor = anchor,
            Node::Sequence { anchor: own, .. } | Node::Mapping { anchor: own, .. } => *own = anchor,
            Node::Alias(_) => {}
        }
        Ok(node)
    }

    fn fresh(&mut self, value: &Value) -> Res<Node> {
        let vm = self.vm;
        let class = vm.real_class_of(value);
        Ok(match value {
            Value::Nil => Node::Scalar(Scalar {
                text: String::new(),
                tag: Some("tag:yaml.org,2002:null".to_owned()),
                plain: true,
                quoted: false,
                style: Style::Plain,
                anchor: None,
            }),
            Value::Bool(bool) => plain(bool.to_string()),
            Value::Int(int) => plain(int.to_string()),
            Value::Float(float) => plain(if float.is_nan() {
                ".nan".to_owned()
            } else if float.is_infinite() {
                if *float > 0.0 { ".inf".to_owned() } else { "-.inf".to_owned() }
            } else {
                crate::core::float_text(*float)
            }),
            Value::Sym(name) if name.bytes().is_empty() => tagged("", "!ruby/symbol", Style::Plain),
            Value::Sym(name) => plain(format!(":{name}")),
            Value::Str(text) => self.string(text, &class.name())?,
            Value::Array(array) => {
                let tag = (!Rc::ptr_eq(&class, &vm.c.array)).then(|| format!("!ruby/array:{}", class.name()));
                let items = array.to_vec().iter().map(|item| self.node(item)).collect::<Res<Vec<_>>>()?;
                Node::Sequence { tag, anchor: None, items }
            }
            Value::Hash(hash) => {
                let tag = (!Rc::ptr_eq(&class, &vm.c.hash)).then(|| format!("!ruby/hash:{}", class.name()));
                self.mapping(tag, hash.entries())?
            }
            Value::Range(range) => {
                let entries = [
                    (Value::str("begin"), range.begin.clone()),
                    (Value::str("end"), range.end.clone()),
                    (Value::str("excl"), range.exclusive.into()),
                ];
                self.mapping(Some("!ruby/range".to_owned()), entries.to_vec())?
            }
            Value::Class(module) => {
                let Some(name) = module.own_name() else {
                    let shown = module.name();
                    return Err(vm.type_error(format!("can't dump anonymous class: {shown}")));
                };
                tagged(&*name, if module.is_module { "!ruby/module" } else { "!ruby/class" }, Style::Single)
            }
            Value::Proc(_) => self.mapping(Some(format!("!ruby/object:{}", class.name())), Vec::new())?,
            Value::Obj(object) => self.object(value, object, &class.name())?,
        })
    }

    fn mapping(&mut self, tag: Option<String>, entries: Vec<(Value, Value)>) -> Res<Node> {
        let mut pairs = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.node(&key)?;
            pairs.push((key, self.node(&value)?));
        }
        Ok(Node::Mapping { tag, anchor: None, pairs })
    }

    fn string(&self, text: &RString, class: &str) -> Res<Node> {
        let own = (class != "String").then(|| format!("!ruby/string:{class}"));
        let bytes = text.to_utf8();
        let is_text = std::str::from_utf8(&bytes).is_ok();
        if (text.encoding() == Encoding::Binary && !bytes.is_ascii()) || !is_text {
            let mut packed = Vec::new();
            crate::core::string::pack::encode_base64(&bytes, None, &mut packed);
            return Ok(tagged(String::from_utf8_lossy(&packed).into_owned(), "!binary", Style::Literal));
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if text == "<<" {
            return Ok(tagged(text, "tag:yaml.org,2002:str", Style::Single));
        }
        let style = self.style(&text);
        Ok(match own {
            Some(tag) => tagged(text, &tag, style),
            None => Node::Scalar(Scalar::plain(text, style)),
        })
    }

    fn style(&self, text: &str) -> Style {
        let inner_break = text.find('\n').is_some_and(|at| at + 1 < text.len());
        if inner_break {
            return Style::Literal;
        }
        if matches!(text, "y" | "Y" | "n" | "N") {
            return Style::Double;
        }
        if self.layout.fold.is_some_and(|width| text.chars().count() > width) {
            return Style::Folded;
        }
        // Judged line by line, as Ruby's `^` and `$` do.
        let odd = |line: &str| {
            let mut chars = line.chars();
            chars.next().is_some_and(|c| !(c.is_alphanumeric() || c == '_')) && !chars.any(|c| c == '"')
        };
        if text.split('\n').any(odd) || text == "\n" {
            return Style::Double;
        }
        let octal_like = text.strip_prefix('0').is_some_and(|rest| {
            let rest = rest.trim_start_matches(|c: char| ('0'..='7').contains(&c));
            rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        });
        if read(text) != Meaning::Text || octal_like { Style::Single } else { Style::Plain }
    }

    fn object(&mut self, value: &Value, object: &Rc<RObject>, class: &str) -> Res<Node> {
        let vm = self.vm;
        if let Data::Big(big) = &object.data {
            return Ok(plain(big.to_string()));
        }
        let text = |method: &str, args: &[Value]| -> Res<String> {
            let text = vm.send(value, method, args)?;
            Ok(vm.to_s(&text)?.lossy())
        };
        match class {
            "Date" => return Ok(plain(text("strftime", &[Value::str("%Y-%m-%d")])?)),
            "Time" => {
                let utc = vm.send(value, "utc?", &[])?.truthy();
                let format = if utc { "%Y-%m-%d %H:%M:%S.%9N Z" } else { "%Y-%m-%d %H:%M:%S.%9N %:z" };
                return Ok(plain(text("strftime", &[Value::str(format)])?));
            }
            "Regexp" => return Ok(tagged(text("inspect", &[])?, "!ruby/regexp", Style::Plain)),
            "Rational" => {
                let entries = ["denominator", "numerator"];
                let mut pairs = Vec::new();
                for name in entries {
                    pairs.push((Value::str(name), vm.send(value, name, &[])?));
                }
                return self.mapping(Some("!ruby/object:Rational".to_owned()), pairs);
            }
            _ => {}
        }
        if vm.is_a(value, &vm.class_named("Struct")) {
            let fields = vm.to_hash(&vm.send(value, "to_h", &[])?)?;
            let name = if object.head.class().is_some_and(|class| class.real().own_name().is_some()) {
                format!(":{class}")
            } else {
                String::new()
            };
            return self.mapping(Some(format!("!ruby/struct{name}")), names(&fields.entries()));
        }
        if vm.is_a(value, &vm.class_named("OpenStruct")) {
            let fields = vm.to_hash(&vm.send(value, "to_h", &[])?)?;
            return self.mapping(Some(format!("!ruby/object:{class}")), names(&fields.entries()));
        }
        let shown = |name: Sym| {
            let name = name.text().into_owned();
            match name.strip_prefix('@') {
                Some(name) => Some(name.to_owned()),
                // A Set's elements, the one hidden variable that Psych knows by its name.
                None => (name == "hash").then_some(name),
            }
        };
        let fields =
            object.head.ivars().into_iter().filter_map(|(name, value)| Some((Value::from(shown(name)?), value)));
        let tag = if class == "Object" { "!ruby/object".to_owned() } else { format!("!ruby/object:{class}") };
        self.mapping(Some(tag), fields.collect())
    }
}

/// The same entries below Strings.
fn names(entries: &[(Value, Value)]) -> Vec<(Value, Value)> {
    let name = |key: &Value| match key {
        Value::Sym(name) => Value::str(name.text()),
        other => other.clone(),
    };
    entries.iter().map(|(key, value)| (name(key), value.clone())).collect()
}
