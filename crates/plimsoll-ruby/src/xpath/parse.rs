//! The grammar of XPath 1.0.

use std::str::Chars;

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    Or(Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Compare(Compare, Box<Expr>, Box<Expr>),
    /// `+`, `-`, `*`, `/` for `div`, `%` for `mod`.
    Arithmetic(char, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Union(Box<Expr>, Box<Expr>),
    Integer(i64),
    Float(f64),
    Text(String),
    Call(String, Vec<Expr>),
    Path {
        absolute: bool,
        steps: Vec<Step>,
    },
    /// An expression whose nodes are filtered, and where it goes on from them.
    Filter {
        of: Box<Expr>,
        predicates: Vec<Expr>,
        steps: Vec<Step>,
    },
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One step of a path.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) predicates: Vec<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Itself,
    Child,
    Parent,
    Descendant,
    DescendantOrItself,
    Ancestor,
    AncestorOrItself,
    FollowingSibling,
    PrecedingSibling,
    Following,
    Preceding,
    Attribute,
}

/// What a step takes of what lies along its axis.
#[derive(Debug)]
pub(super) enum Test {
    Node,
    Text,
    Comment,
    Instruction,
    /// `*`
    Any,
    /// `prefix:*`
    AnyOf(String),
    /// `prefix:name`
    Name(Option<String>, String),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    /// An operator or a mark: `//`, `::`, `!=` …
    Mark(&'static str),
}

/// The marks, longer ones before their beginnings.
const MARKS: [&str; 20] =
    ["//", "::", "!=", "<=", ">=", "..", "/", "@", "[", "]", "(", ")", ",", "|", "=", "<", ">", "+", "-", "*"];

/// How deep an expression may be nested.
const MOST_NESTED: usize = 100;

/// Parses an expression; the error says what is wrong.
pub(super) fn parse(path: &str) -> Result<Expr, String> {
    let tokens = tokens(path)?;
    if tokens.is_empty() {
        return Ok(Expr::Path { absolute: true, steps: Vec::new() });
    }
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let expression = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(token) => Err(format!("{} is not expected there", shown(Some(token)))),
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}')
}

fn tokens(path: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = path;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let length = if first == '"' || first == '\'' {
            let Some(end) = rest[1..].find(first) else { return Err("a text is not closed".into()) };
            tokens.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            let length = while_chars(rest.chars(), |c| c.is_ascii_digit() || c == '.');
            tokens.push(Token::Number(rest[..length].to_owned()));
            length
        } else if is_name_start(first) {
            let length = while_chars(rest.chars(), is_name);
            tokens.push(Token::Name(rest[..length].to_owned()));
            length
        } else if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            tokens.push(Token::Mark(mark));
            mark.len()
        } else if first == '.' || first == ':' {
            tokens.push(Token::Mark(if first == '.' { "." } else { ":" }));
            1
        } else {
            return Err(format!("{first:?} is not expected there"));
        };
        rest = &rest[length..];
    }
}

fn while_chars(chars: Chars<'_>, is_part: impl Fn(char) -> bool) -> usize {
    chars.take_while(|c| is_part(*c)).map(char::len_utf8).sum()
}

fn shown(token: Option<&Token>) -> String {
    match token {
        None => "the end".into(),
        Some(Token::Name(name)) => format!("`{name}`"),
        Some(Token::Text(text)) => format!("'{text}'"),
        Some(Token::Number(number)) => number.clone(),
        Some(Token::Mark(mark)) => format!("`{mark}`"),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn is_mark(&self, ahead: usize, mark: &str) -> bool {
        matches!(self.peek(ahead), Some(Token::Mark(found)) if *found == mark)
    }

    fn take_mark(&mut self, mark: &str) -> bool {
        let is_it = self.is_mark(0, mark);
        self.at += usize::from(is_it);
        is_it
    }

    fn need_mark(&mut self, mark: &str) -> Result<(), String> {
        if self.take_mark(mark) {
            return Ok(());
        }
        Err(format!("`{mark}` is expected instead of {}", shown(self.peek(0))))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(0), Some(Token::Name(name)) if name == word);
        self.at += usize::from(is_it);
        is_it
    }

    fn or(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err("the path is nested too deeply".into());
        }
        let mut left = self.and()?;
        while self.take_word("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut left = self.comparison()?;
        while self.take_word("and") {
            left = Expr::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let mut left = self.sum()?;
        loop {
            let compare = match self.peek(0) {
                Some(Token::Mark("=")) => Compare::Equal,
                Some(Token::Mark("!=")) => Compare::NotEqual,
                Some(Token::Mark("<")) => Compare::Less,
                Some(Token::Mark("<=")) => Compare::LessOrEqual,
                Some(Token::Mark(">")) => Compare::Greater,
                Some(Token::Mark(">=")) => Compare::GreaterOrEqual,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Compare(compare, Box::new(left), Box::new(self.sum()?));
        }
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek(0) {
                Some(Token::Mark("+")) => '+',
                Some(Token::Mark("-")) => '-',
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Arithmetic(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.negation()?;
        loop {
            let operator = match self.peek(0) {
                Some(Token::Mark("*")) => '*',
                Some(Token::Name(name)) if name == "div" => '/',
                Some(Token::Name(name)) if name == "mod" => '%',
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Arithmetic(operator, Box::new(left), Box::new(self.negation()?));
        }
    }

    fn negation(&mut self) -> Result<Expr, String> {
        let mut signs = 0;
        while self.take_mark("-") {
            signs += 1;
        }
        let value = self.union()?;
        Ok(match signs {
            0 => value,
            odd if odd % 2 == 1 => Expr::Negate(Box::new(value)),
            _ => Expr::Negate(Box::new(Expr::Negate(Box::new(value)))),
        })
    }

    fn union(&mut self) -> Result<Expr, String> {
        let mut left = self.path()?;
        while self.take_mark("|") {
            left = Expr::Union(Box::new(left), Box::new(self.path()?));
        }
        Ok(left)
    }

    fn path(&mut self) -> Result<Expr, String> {
        if let Some(primary) = self.primary()? {
            let mut predicates = Vec::new();
            while self.take_mark("[") {
                predicates.push(self.predicate()?);
            }
            let steps = if self.is_mark(0, "/") || self.is_mark(0, "//") { self.steps()? } else { Vec::new() };
            return Ok(Expr::Filter { of: Box::new(primary), predicates, steps });
        }
        if self.is_mark(0, "//") {
            return Ok(Expr::Path { absolute: true, steps: self.steps()? });
        }
        if self.take_mark("/") {
            let steps = if self.begins_step() { self.relative()? } else { Vec::new() };
            return Ok(Expr::Path { absolute: true, steps });
        }
        Ok(Expr::Path { absolute: false, steps: self.relative()? })
    }

    /// What is no path: a number, a text, a call, something in parentheses.
    fn primary(&mut self) -> Result<Option<Expr>, String> {
        let primary = match self.peek(0).cloned() {
            Some(Token::Number(number)) => match number.parse() {
                Ok(integer) => Expr::Integer(integer),
                Err(_) => Expr::Float(number.parse().map_err(|_| format!("{number} is no number"))?),
            },
            Some(Token::Text(text)) => Expr::Text(text),
            Some(Token::Mark("(")) => {
                self.at += 1;
                let inner = self.or()?;
                self.need_mark(")")?;
                return Ok(Some(inner));
            }
            Some(Token::Name(name)) if self.is_mark(1, "(") && !is_node_type(&name) => {
                self.at += 2;
                return Ok(Some(Expr::Call(name, self.arguments()?)));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(primary))
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, String> {
        let mut arguments = Vec::new();
        if self.take_mark(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.or()?);
            if !self.take_mark(",") {
                self.need_mark(")")?;
                return Ok(arguments);
            }
        }
    }

    fn predicate(&mut self) -> Result<Expr, String> {
        let predicate = self.or()?;
        self.need_mark("]")?;
        Ok(predicate)
    }

    fn begins_step(&self) -> bool {
        matches!(self.peek(0), Some(Token::Name(_) | Token::Mark("*" | "@" | "." | "..")))
    }

    /// Steps that begin with `/` or `//`.
    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            if self.take_mark("//") {
                steps.push(Step { axis: Axis::DescendantOrItself, test: Test::Node, predicates: Vec::new() });
            } else if !self.take_mark("/") || !self.begins_step() {
                // A slash at the end means nothing, as in REXML.
                return Ok(steps);
            }
            steps.push(self.step()?);
        }
    }

    fn relative(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = vec![self.step()?];
        steps.extend(self.steps()?);
        Ok(steps)
    }

    fn step(&mut self) -> Result<Step, String> {
        if self.take_mark(".") {
            return Ok(Step { axis: Axis::Itself, test: Test::Node, predicates: Vec::new() });
        }
        if self.take_mark("..") {
            return Ok(Step { axis: Axis::Parent, test: Test::Node, predicates: Vec::new() });
        }
        let axis = self.axis()?;
        let test = self.test()?;
        let mut predicates = Vec::new();
        while self.take_mark("[") {
            predicates.push(self.predicate()?);
        }
        Ok(Step { axis, test, predicates })
    }

    fn axis(&mut self) -> Result<Axis, String> {
        if self.take_mark("@") {
            return Ok(Axis::Attribute);
        }
        let name = match self.peek(0) {
            Some(Token::Name(name)) if self.is_mark(1, "::") => name.clone(),
            _ => return Ok(Axis::Child),
        };
        self.at += 2;
        Ok(match name.as_str() {
            "self" => Axis::Itself,
            "child" => Axis::Child,
            "parent" => Axis::Parent,
            "descendant" => Axis::Descendant,
            "descendant-or-self" => Axis::DescendantOrItself,
            "ancestor" => Axis::Ancestor,
            "ancestor-or-self" => Axis::AncestorOrItself,
            "following-sibling" => Axis::FollowingSibling,
            "preceding-sibling" => Axis::PrecedingSibling,
            "following" => Axis::Following,
            "preceding" => Axis::Preceding,
            "attribute" => Axis::Attribute,
            other => return Err(format!("the axis {other} is not known")),
        })
    }

    fn test(&mut self) -> Result<Test, String> {
        if self.take_mark("*") {
            return Ok(Test::Any);
        }
        let Some(Token::Name(name)) = self.peek(0).cloned() else {
            return Err(format!("a name is expected instead of {}", shown(self.peek(0))));
        };
        self.at += 1;
        if self.is_mark(0, "(") && is_node_type(&name) {
            self.at += 1;
            // A processing instruction's target.
            if matches!(self.peek(0), Some(Token::Text(_))) {
                self.at += 1;
            }
            self.need_mark(")")?;
            return Ok(match name.as_str() {
                "text" => Test::Text,
                "comment" => Test::Comment,
                "processing-instruction" => Test::Instruction,
                _ => Test::Node,
            });
        }
        if !self.take_mark(":") {
            return Ok(Test::Name(None, name));
        }
        if self.take_mark("*") {
            return Ok(Test::AnyOf(name));
        }
        match self.peek(0).cloned() {
            Some(Token::Name(local)) => {
                self.at += 1;
                Ok(Test::Name(Some(name), local))
            }
            other => Err(format!("a name is expected instead of {}", shown(other.as_ref()))),
        }
    }
}

fn is_node_type(name: &str) -> bool {
    matches!(name, "text" | "comment" | "node" | "processing-instruction")
}
