//! XPath 1.0 over any tree of XML, with the liberties that REXML takes: a name without a prefix means the default
//! namespace of the element it is compared with.

use self::parse::{Axis, Compare, Expr, Step, Test};

mod parse;

/// What a part of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The document itself.
    Root,
    /// An element.
    Element,
    /// Text.
    Text,
    /// A comment.
    Comment,
    /// A processing instruction.
    Instruction,
    /// An attribute.
    Attribute,
    /// Something that no path finds.
    Other,
}

/// A part of a document, as paths see it.
pub trait Item: Copy {
    /// Identity, in document order.
    type Key: Ord;

    /// Its place in the document.
    fn key(&self) -> Self::Key;

    /// What it is.
    fn kind(&self) -> Kind;

    /// All text in it.
    fn text(&self) -> String;

    /// Its name without a prefix.
    fn local_name(&self) -> String;

    /// Its name as it is written, with its prefix.
    fn name(&self) -> String;

    /// The namespace it is in.
    fn namespace(&self) -> Option<String>;

    /// What a prefix means where it is; no prefix means the default namespace.
    fn namespace_of(&self, prefix: Option<&str>) -> Option<String>;

    /// What it is in: for an attribute its element.
    fn parent(&self) -> Option<Self>;

    /// What is in it, attributes aside.
    fn children(&self) -> Vec<Self>;

    /// Its attributes.
    fn attributes(&self) -> Vec<Self>;
}

/// What a path or expression gives.
#[derive(Debug)]
pub enum Found<T> {
    /// Parts of the document, in its order.
    Items(Vec<T>),
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

/// Evaluates a path from `item` of the document `root`; `namespaces` are prefixes and what they mean, before what they mean
/// in the document. The error says what is wrong with the path.
pub fn evaluate<T: Item>(root: T, item: T, path: &str, namespaces: &[(String, String)]) -> Result<Found<T>, String> {
    let expression = parse::parse(path)?;
    let mut evaluation = Evaluation { root, namespaces, visits: 0 };
    evaluation.value(&expression, &Context { item, position: 1, size: 1 })
}

impl<T: Item> Found<T> {
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

    /// Its text, as `string()` gives it.
    pub fn text(&self) -> String {
        match self {
            Self::Items(items) => items.first().map(T::text).unwrap_or_default(),
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

struct Context<T> {
    item: T,
    position: usize,
    size: usize,
}

struct Evaluation<'a, T> {
    root: T,
    namespaces: &'a [(String, String)],
    visits: usize,
}

impl<T: Item> Evaluation<'_, T> {
    fn value(&mut self, expression: &Expr, context: &Context<T>) -> Result<Found<T>, String> {
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

    fn items(&mut self, expression: &Expr, context: &Context<T>) -> Result<Vec<T>, String> {
        match self.value(expression, context)? {
            Found::Items(items) => Ok(items),
            _ => Err("nodes are expected on both sides of |".into()),
        }
    }

    fn walk(&mut self, start: Vec<T>, steps: &[Step]) -> Result<Vec<T>, String> {
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
                    if self.fits(candidate, step) {
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

    fn filter(&mut self, items: Vec<T>, predicate: &Expr) -> Result<Vec<T>, String> {
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

    fn call(&mut self, name: &str, arguments: &[Expr], context: &Context<T>) -> Result<Found<T>, String> {
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
            "local-name" => Found::Text(first().map(|item| item.local_name()).unwrap_or_default()),
            "namespace-uri" => Found::Text(first().and_then(|item| item.namespace()).unwrap_or_default()),
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
fn ordered<T: Item>(mut items: Vec<T>) -> Vec<T> {
    items.sort_by_cached_key(T::key);
    items.dedup_by_key(|item| item.key());
    items
}

/// The item and all that is in it, in document order.
fn with_descendants<T: Item>(item: T) -> Vec<T> {
    let mut all = Vec::new();
    let mut open = vec![item];
    while let Some(next) = open.pop() {
        all.push(next);
        open.extend(next.children().into_iter().rev());
    }
    all
}

/// What the item is in, the nearest first.
fn ancestors<T: Item>(item: T) -> impl Iterator<Item = T> {
    std::iter::successors(item.parent(), T::parent)
}

/// What comes before and after the item in its parent, in document order.
fn siblings<T: Item>(item: T) -> (Vec<T>, Vec<T>) {
    let all = item.parent().map(|parent| parent.children()).unwrap_or_default();
    let own = item.key();
    match all.iter().position(|other| other.key() == own) {
        Some(at) => (all[..at].to_vec(), all[at + 1..].to_vec()),
        None => (Vec::new(), Vec::new()),
    }
}

/// What lies along an axis, the nearest first.
fn along<T: Item>(item: T, axis: Axis) -> Vec<T> {
    let is_attribute = item.kind() == Kind::Attribute;
    let itself_and_above = || std::iter::once(item).chain(ancestors(item));
    match axis {
        Axis::Itself => vec![item],
        Axis::Parent => item.parent().into_iter().collect(),
        Axis::Ancestor => ancestors(item).collect(),
        Axis::AncestorOrItself => itself_and_above().collect(),
        Axis::DescendantOrItself if is_attribute => vec![item],
        _ if is_attribute => Vec::new(),
        Axis::Child => item.children(),
        Axis::Descendant => with_descendants(item).split_off(1),
        Axis::DescendantOrItself => with_descendants(item),
        Axis::FollowingSibling => siblings(item).1,
        Axis::PrecedingSibling => siblings(item).0.into_iter().rev().collect(),
        Axis::Following => {
            let after = itself_and_above().flat_map(|above| siblings(above).1);
            after.flat_map(with_descendants).collect()
        }
        Axis::Preceding => {
            let before = itself_and_above().flat_map(|above| siblings(above).0.into_iter().rev());
            before.flat_map(|sibling| with_descendants(sibling).into_iter().rev()).collect()
        }
        Axis::Attribute => item.attributes(),
    }
}

impl<T: Item> Evaluation<'_, T> {
    fn fits(&self, item: T, step: &Step) -> bool {
        let kind = item.kind();
        // Names mean elements, on the attribute axis attributes.
        let is_named = matches!(kind, Kind::Element | Kind::Attribute);
        let meaning = |prefix: Option<&str>| {
            let given = self.namespaces.iter().find(|(name, _)| Some(name.as_str()) == prefix);
            given.map(|(_, uri)| uri.clone()).or_else(|| item.namespace_of(prefix))
        };
        match &step.test {
            Test::Node => true,
            Test::Text => kind == Kind::Text,
            Test::Comment => kind == Kind::Comment,
            Test::Instruction => kind == Kind::Instruction,
            Test::Any => is_named,
            Test::AnyOf(prefix) => is_named && item.namespace() == meaning(Some(prefix)),
            Test::Name(prefix, name) => {
                is_named && item.local_name() == *name && item.namespace() == meaning(prefix.as_deref())
            }
        }
    }
}

/// Nodes compare if any of them does.
fn holds<T: Item>(compare: Compare, a: &Found<T>, b: &Found<T>) -> bool {
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

fn is_equal<T: Item>(a: &Found<T>, b: &Found<T>) -> bool {
    match (a, b) {
        (Found::Bool(_), _) | (_, Found::Bool(_)) => a.bool() == b.bool(),
        (Found::Text(a), Found::Text(b)) => a == b,
        _ => a.number() == b.number(),
    }
}
