//! XPath 1.0 over a parsed XML document, with the liberties that REXML takes: a name without a prefix means the default
//! namespace of the element it is compared with.

use roxmltree::{Attribute, Document, Node};

use self::parse::{Axis, Compare, Expr, Step, Test};

mod parse;

/// A part of a document.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    /// The document, an element, text, a comment or a processing instruction.
    Node(Node<'a, 'a>),
    /// An attribute and its element.
    Attribute(Node<'a, 'a>, Attribute<'a, 'a>),
}

/// What a path or expression gives.
pub(crate) enum Found<'a> {
    /// Parts of the document, in its order.
    Items(Vec<Item<'a>>),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A truth value.
    Bool(bool),
}

/// How many nodes one evaluation may look at: paths such as `//*//*//*` grow fast.
const MOST_VISITS: usize = 5_000_000;

/// Evaluates a path from the document's root; the error says what is wrong with it.
pub(crate) fn evaluate<'a>(document: &'a Document<'a>, path: &str) -> Result<Found<'a>, String> {
    let expression = parse::parse(path)?;
    let root = Item::Node(document.root());
    let mut evaluation = Evaluation { root, visits: 0 };
    evaluation.value(&expression, &Context { item: root, position: 1, size: 1 })
}

impl<'a> Item<'a> {
    /// All text in it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Attribute(_, attribute) => attribute.value().to_owned(),
            Self::Node(node) if node.is_text() || node.is_comment() => node.text().unwrap_or_default().to_owned(),
            Self::Node(node) => node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect(),
        }
    }

    /// Identity, in document order.
    fn key(&self) -> (usize, usize) {
        match self {
            Self::Node(node) => (node.id().get_usize(), 0),
            Self::Attribute(owner, attribute) => {
                let at = owner.attributes().position(|other| other == *attribute).unwrap_or_default();
                (owner.id().get_usize(), at + 1)
            }
        }
    }

    fn local_name(&self) -> &'a str {
        match self {
            Self::Node(node) => node.tag_name().name(),
            Self::Attribute(_, attribute) => attribute.name(),
        }
    }

    fn namespace(&self) -> Option<&'a str> {
        match self {
            Self::Node(node) => node.tag_name().namespace(),
            Self::Attribute(_, attribute) => attribute.namespace(),
        }
    }

    /// The name as it is written, with its prefix.
    fn name(&self) -> String {
        let (owner, namespace) = match self {
            Self::Node(node) => (node, node.tag_name().namespace()),
            Self::Attribute(owner, attribute) => (owner, attribute.namespace()),
        };
        match namespace.and_then(|uri| owner.lookup_prefix(uri)) {
            Some(prefix) => format!("{prefix}:{}", self.local_name()),
            None => self.local_name().to_owned(),
        }
    }

    /// What a prefix means where the item is.
    fn namespace_of(&self, prefix: Option<&str>) -> Option<&'a str> {
        match (self, prefix) {
            (Self::Node(node), prefix) => node.lookup_namespace_uri(prefix),
            (Self::Attribute(owner, _), Some(prefix)) => owner.lookup_namespace_uri(Some(prefix)),
            // An attribute without a prefix is in no namespace.
            (Self::Attribute(..), None) => None,
        }
    }
}

impl Found<'_> {
    fn bool(&self) -> bool {
        match self {
            Self::Items(items) => !items.is_empty(),
            Self::Integer(number) => *number != 0,
            Self::Float(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Bool(value) => *value,
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Integer(number) => *number as f64,
            Self::Float(number) => *number,
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Items(_) | Self::Text(_) => number(&self.text()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Items(items) => items.first().map(Item::text).unwrap_or_default(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
            Self::Float(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Bool(value) => value.to_string(),
        }
    }
}

fn number(text: &str) -> f64 {
    text.trim().parse().unwrap_or(f64::NAN)
}

struct Context<'a> {
    item: Item<'a>,
    position: usize,
    size: usize,
}

struct Evaluation<'a> {
    root: Item<'a>,
    visits: usize,
}

impl<'a> Evaluation<'a> {
    fn value(&mut self, expression: &Expr, context: &Context<'a>) -> Result<Found<'a>, String> {
        Ok(match expression {
            Expr::Or(a, b) => Found::Bool(self.value(a, context)?.bool() || self.value(b, context)?.bool()),
            Expr::And(a, b) => Found::Bool(self.value(a, context)?.bool() && self.value(b, context)?.bool()),
            Expr::Compare(compare, a, b) => {
                let (a, b) = (self.value(a, context)?, self.value(b, context)?);
                Found::Bool(holds(*compare, &a, &b))
            }
            Expr::Arithmetic(operator, a, b) => {
                let (a, b) = (self.value(a, context)?.number(), self.value(b, context)?.number());
                Found::Float(match operator {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    '/' => a / b,
                    _ => a % b,
                })
            }
            Expr::Negate(a) => Found::Float(-self.value(a, context)?.number()),
            Expr::Union(a, b) => {
                let mut items = self.items(a, context)?;
                items.extend(self.items(b, context)?);
                Found::Items(ordered(items))
            }
            Expr::Integer(number) => Found::Integer(*number),
            Expr::Float(number) => Found::Float(*number),
            Expr::Text(text) => Found::Text(text.clone()),
            Expr::Call(name, arguments) => self.call(name, arguments, context)?,
            Expr::Path { absolute, steps } => {
                let start = if *absolute { self.root } else { context.item };
                Found::Items(self.walk(vec![start], steps)?)
            }
            Expr::Filter { of, predicates, steps } => {
                let found = self.value(of, context)?;
                if predicates.is_empty() && steps.is_empty() {
                    return Ok(found);
                }
                let Found::Items(mut items) = found else {
                    return Err("only nodes can be filtered".into());
                };
                for predicate in predicates {
                    items = self.filter(items, predicate)?;
                }
                Found::Items(self.walk(items, steps)?)
            }
        })
    }

    fn items(&mut self, expression: &Expr, context: &Context<'a>) -> Result<Vec<Item<'a>>, String> {
        match self.value(expression, context)? {
            Found::Items(items) => Ok(items),
            _ => Err("nodes are expected on both sides of |".into()),
        }
    }

    fn walk(&mut self, start: Vec<Item<'a>>, steps: &[Step]) -> Result<Vec<Item<'a>>, String> {
        let mut items = start;
        for step in steps {
            let mut next = Vec::new();
            for item in items {
                let mut found = Vec::new();
                for candidate in along(item, step.axis) {
                    self.visits += 1;
                    if self.visits > MOST_VISITS {
                        return Err("the path visits too many nodes".into());
                    }
                    if fits(&candidate, step) {
                        found.push(candidate);
                    }
                }
                for predicate in &step.predicates {
                    found = self.filter(found, predicate)?;
                }
                next.extend(found);
            }
            items = ordered(next);
        }
        Ok(items)
    }

    fn filter(&mut self, items: Vec<Item<'a>>, predicate: &Expr) -> Result<Vec<Item<'a>>, String> {
        let size = items.len();
        let mut kept = Vec::new();
        for (at, item) in items.into_iter().enumerate() {
            let position = at + 1;
            let is_kept = match self.value(predicate, &Context { item, position, size })? {
                Found::Integer(wanted) => wanted == position as i64,
                Found::Float(wanted) => wanted == position as f64,
                other => other.bool(),
            };
            if is_kept {
                kept.push(item);
            }
        }
        Ok(kept)
    }

    fn call(&mut self, name: &str, arguments: &[Expr], context: &Context<'a>) -> Result<Found<'a>, String> {
        let mut values = Vec::new();
        for argument in arguments {
            values.push(self.value(argument, context)?);
        }
        let own = || Found::Items(vec![context.item]);
        let text = |at: usize| values.get(at).map_or_else(|| own().text(), Found::text);
        let first = || match values.first() {
            None => Some(context.item),
            Some(Found::Items(items)) => items.first().copied(),
            Some(_) => None,
        };
        let needs = |count: usize| {
            if values.len() < count { Err(format!("{name}() needs {count} arguments")) } else { Ok(()) }
        };
        Ok(match name {
            "position" => Found::Integer(context.position as i64),
            "last" => Found::Integer(context.size as i64),
            "true" => Found::Bool(true),
            "false" => Found::Bool(false),
            "count" => match values.first() {
                Some(Found::Items(items)) => Found::Integer(items.len() as i64),
                _ => return Err("count() needs nodes".into()),
            },
            "sum" => match values.first() {
                Some(Found::Items(items)) => Found::Float(items.iter().map(|item| number(&item.text())).sum()),
                _ => return Err("sum() needs nodes".into()),
            },
            "name" => Found::Text(first().map(|item| item.name()).unwrap_or_default()),
            "local-name" => Found::Text(first().map(|item| item.local_name().to_owned()).unwrap_or_default()),
            "namespace-uri" => {
                Found::Text(first().and_then(|item| item.namespace()).map(str::to_owned).unwrap_or_default())
            }
            "string" => Found::Text(text(0)),
            "string-length" => Found::Integer(text(0).chars().count() as i64),
            "normalize-space" => Found::Text(text(0).split_whitespace().collect::<Vec<_>>().join(" ")),
            "number" => Found::Float(values.first().map_or_else(|| own().number(), Found::number)),
            "boolean" => Found::Bool(values.first().is_some_and(Found::bool)),
            "not" => Found::Bool(!values.first().is_some_and(Found::bool)),
            "floor" => Found::Integer(values.first().map_or(0.0, Found::number).floor() as i64),
            "ceiling" => Found::Integer(values.first().map_or(0.0, Found::number).ceil() as i64),
            "round" => Found::Integer((values.first().map_or(0.0, Found::number) + 0.5).floor() as i64),
            "concat" => Found::Text(values.iter().map(Found::text).collect()),
            "contains" => needs(2).map(|()| Found::Bool(text(0).contains(&text(1))))?,
            "starts-with" => needs(2).map(|()| Found::Bool(text(0).starts_with(&text(1))))?,
            "substring-before" => {
                needs(2)?;
                Found::Text(text(0).split_once(&text(1)).map_or_else(String::new, |(before, _)| before.to_owned()))
            }
            "substring-after" => {
                needs(2)?;
                Found::Text(text(0).split_once(&text(1)).map_or_else(String::new, |(_, after)| after.to_owned()))
            }
            "substring" => {
                needs(2)?;
                let start = values[1].number().round() as i64;
                let end = values.get(2).map_or(i64::MAX, |count| start.saturating_add(count.number().round() as i64));
                let inside = |at: usize| (start..end).contains(&(at as i64 + 1));
                Found::Text(text(0).chars().enumerate().filter(|(at, _)| inside(*at)).map(|(_, c)| c).collect())
            }
            "translate" => {
                needs(3)?;
                let (from, to): (Vec<char>, Vec<char>) = (text(1).chars().collect(), text(2).chars().collect());
                let translated = |c: char| match from.iter().position(|other| *other == c) {
                    Some(at) => to.get(at).copied(),
                    None => Some(c),
                };
                Found::Text(text(0).chars().filter_map(translated).collect())
            }
            other => return Err(format!("{other}() is not known")),
        })
    }
}

/// Each item once, in document order.
fn ordered(mut items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    items.sort_by_cached_key(Item::key);
    items.dedup_by_key(|item| item.key());
    items
}

/// What lies along an axis, the nearest first.
fn along<'a>(item: Item<'a>, axis: Axis) -> Vec<Item<'a>> {
    let node = match item {
        Item::Node(node) => node,
        Item::Attribute(owner, _) => {
            return match axis {
                Axis::Itself | Axis::DescendantOrItself => vec![item],
                Axis::Parent => vec![Item::Node(owner)],
                Axis::Ancestor => owner.ancestors().map(Item::Node).collect(),
                Axis::AncestorOrItself => std::iter::once(item).chain(owner.ancestors().map(Item::Node)).collect(),
                _ => Vec::new(),
            };
        }
    };
    let nodes: Vec<Node<'a, 'a>> = match axis {
        Axis::Itself => vec![node],
        Axis::Child => node.children().collect(),
        Axis::Parent => node.parent().into_iter().collect(),
        Axis::Descendant => node.descendants().skip(1).collect(),
        Axis::DescendantOrItself => node.descendants().collect(),
        Axis::Ancestor => node.ancestors().skip(1).collect(),
        Axis::AncestorOrItself => node.ancestors().collect(),
        Axis::FollowingSibling => node.next_siblings().skip(1).collect(),
        Axis::PrecedingSibling => node.prev_siblings().skip(1).collect(),
        Axis::Following => {
            let after = node.ancestors().flat_map(|above| above.next_siblings().skip(1));
            after.flat_map(|sibling| sibling.descendants()).collect()
        }
        Axis::Preceding => {
            let before = node.ancestors().flat_map(|above| above.prev_siblings().skip(1));
            before.flat_map(|sibling| sibling.descendants().collect::<Vec<_>>().into_iter().rev()).collect()
        }
        Axis::Attribute => return node.attributes().map(|attribute| Item::Attribute(node, attribute)).collect(),
    };
    nodes.into_iter().map(Item::Node).collect()
}

fn fits(item: &Item<'_>, step: &Step) -> bool {
    // Names mean elements, on the attribute axis attributes.
    let is_named = match item {
        Item::Node(node) => node.is_element(),
        Item::Attribute(..) => true,
    };
    match (&step.test, item) {
        (Test::Node, _) => true,
        (Test::Text, Item::Node(node)) => node.is_text(),
        (Test::Comment, Item::Node(node)) => node.is_comment(),
        (Test::Instruction, Item::Node(node)) => node.is_pi(),
        (Test::Text | Test::Comment | Test::Instruction, Item::Attribute(..)) => false,
        (Test::Any, _) => is_named,
        (Test::AnyOf(prefix), item) => is_named && item.namespace() == item.namespace_of(Some(prefix)),
        (Test::Name(prefix, name), item) => {
            is_named && item.local_name() == name && item.namespace() == item.namespace_of(prefix.as_deref())
        }
    }
}

/// Nodes compare if any of them does.
fn holds(compare: Compare, a: &Found<'_>, b: &Found<'_>) -> bool {
    match (a, b) {
        (Found::Items(a), b) if !matches!(b, Found::Bool(_)) => {
            a.iter().any(|item| holds(compare, &Found::Text(item.text()), b))
        }
        (a, Found::Items(b)) if !matches!(a, Found::Bool(_)) => {
            b.iter().any(|item| holds(compare, a, &Found::Text(item.text())))
        }
        _ => match compare {
            Compare::Equal => is_equal(a, b),
            Compare::NotEqual => !is_equal(a, b),
            Compare::Less => a.number() < b.number(),
            Compare::LessOrEqual => a.number() <= b.number(),
            Compare::Greater => a.number() > b.number(),
            Compare::GreaterOrEqual => a.number() >= b.number(),
        },
    }
}

fn is_equal(a: &Found<'_>, b: &Found<'_>) -> bool {
    match (a, b) {
        (Found::Bool(_), _) | (_, Found::Bool(_)) => a.bool() == b.bool(),
        (Found::Text(a), Found::Text(b)) => a == b,
        _ => a.number() == b.number(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<Server port='8005' a='x &lt; y'><!-- c --><S name='q'>t1<b/>t2 &amp; B</S><e/><e n='2'/>\
        <ns:x xmlns:ns='urn:n' ns:k='v'><ns:y>7</ns:y></ns:x><d xmlns='urn:d'><f>ff</f></d><w>  s  p </w></Server>";

    fn show(path: &str) -> String {
        let document = Document::parse(TEXT).unwrap();
        match evaluate(&document, path) {
            Ok(Found::Items(items)) => items.iter().map(Item::text).collect::<Vec<_>>().join("|"),
            Ok(other) => other.text(),
            Err(error) => format!("!{error}"),
        }
    }

    #[test]
    fn walks_paths() {
        for (path, expected) in [
            ("/Server/@port", "8005"),
            ("Server/attribute::port", "8005"),
            ("//@a", "x < y"),
            ("//S", "t1t2 & B"),
            ("//S/text()", "t1|t2 & B"),
            ("//S[@name='q']/@name", "q"),
            ("//S[@name!='q']", ""),
            ("//ns:y", "7"),
            ("//y", ""),
            ("//f", "ff"),
            ("//d/f", "ff"),
            ("//@ns:k", "v"),
            ("//@k", ""),
            ("//b/parent::S/@name", "q"),
            ("//b/../@name", "q"),
            ("//e[2]/@n", "2"),
            ("//e[last()]/@n", "2"),
            ("(//e)[position()=2]/@n", "2"),
            ("//*[@name or @port]/@port", "8005"),
            ("//e/following-sibling::f", ""),
            ("//w/preceding-sibling::S/@name", "q"),
            ("//comment()", " c "),
            ("//S/@name | //@port", "8005|q"),
            ("//*[local-name()='y']", "7"),
            ("//*[starts-with(name(),'ns:')]/@ns:k", "v"),
            ("/server", ""),
        ] {
            assert_eq!(show(path), expected, "{path}");
        }
    }

    #[test]
    fn evaluates_expressions() {
        for (path, expected) in [
            ("count(//e)", "2"),
            ("count(//none)", "0"),
            ("contains(//S, 't1')", "true"),
            ("not(//none)", "true"),
            ("1 + 2 * 3", "7"),
            ("7 mod 4 - 1", "2"),
            ("3 div 2", "1.5"),
            ("//ns:y > 5 and //ns:y <= 7", "true"),
            ("//e/@n = 2", "true"),
            ("normalize-space(//w)", "s p"),
            ("translate('abc','bc','B')", "aB"),
            ("substring('12345', 2, 3)", "234"),
            ("substring-after('a=b', '=')", "b"),
            ("concat('a', name(/*))", "aServer"),
            ("string-length('abc')", "3"),
            ("-(1)", "-1"),
            ("'lit'", "lit"),
        ] {
            assert_eq!(show(path), expected, "{path}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for path in ["//S[", "//S[@name='q", "nothing(1)", "1 +", "a b", "count(1)", "!"] {
            assert!(show(path).starts_with('!'), "{path}: {}", show(path));
        }
        let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
        assert_eq!(show(&deep), "!the path is nested too deeply");
    }
}
