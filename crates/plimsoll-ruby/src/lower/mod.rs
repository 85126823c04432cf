//! From Prism's tree to the owned IR.

mod assignment;
mod calls;
mod control;
mod definitions;
mod literals;
mod parameters;
mod patterns;
mod scope;
mod syntax_error;

use std::sync::atomic::{AtomicU32, Ordering};

use ruby_prism as prism;
use ruby_prism::Node as Prism;

pub use syntax_error::SyntaxError;

use crate::eval::on_big_stack;
use crate::ir::{Kind, Label, Node, Program, Target};
use crate::limits::Limits;
use crate::symbol::Sym;
use crate::value::Encoding;
use scope::{Scope, ScopeKind};

/// How a file asks a proc for the variables around it.
const BINDING: &[u8] = b".binding";

/// What lowering gives: something lowered, or why the file is refused.
type Low<T> = Result<T, Box<SyntaxError>>;

/// The `as_…` conversion of a node whose kind has been matched.
macro_rules! node {
    ($node:expr, $as:ident) => {
        $node.$as().expect("its kind was matched")
    };
}
pub(crate) use node;

/// How many links a chain `a.b.c…` or `a + b + c…` may have, as a multiple of the nesting limit: chains are long where
/// nesting is not, but they too are walked recursively.
const CHAIN: usize = 4;

/// Parses and lowers a source file. `predefined` variables take the first slots.
pub(crate) fn program(source: &[u8], file: &str, predefined: &[Sym], label: &str, limits: &Limits) -> Low<Program> {
    if source.len() > limits.source {
        let message = format!("the file has {} bytes, more than the limit of {}", source.len(), limits.source);
        return Err(Box::new(SyntaxError::plain(file, 1, message)));
    }
    // Prism and the lowering recurse as deep as the source nests.
    on_big_stack(|| {
        let options = prism::Options::default().filepath(&file.replace('\0', "")).partial_script(false);
        let locals = predefined.iter().map(|name| name.bytes().to_vec()).collect();
        let options = match predefined {
            [] => options,
            _ => options.scope(prism::Scope::default().locals(locals)),
        };
        let options = options.build();
        let parsed = prism::parse_with_options(source, &options);
        if let Some(error) = parsed.errors().next() {
            return Err(Box::new(SyntaxError::from_diagnostic(source, file, &error)));
        }
        let mut lowerer = Lowerer::new(source, file, limits, parsed.frozen_string_literals());
        lowerer.encoding = source_encoding(source);
        let root = parsed.node();
        lowerer.whole(&node!(root, as_program_node), predefined, Sym::new(label))
    })
}

/// Everything that is wrong with a source file's syntax, in the order of its lines.
pub(crate) fn problems(source: &[u8], file: &str) -> Vec<SyntaxError> {
    on_big_stack(|| {
        let parsed = prism::parse(source);
        let mut found: Vec<SyntaxError> =
            parsed.errors().map(|error| SyntaxError::from_diagnostic(source, file, &error)).collect();
        found.sort_by_key(|error| (error.line, error.column));
        // What follows from an error on its own line would only repeat it.
        found.dedup_by_key(|error| error.line);
        found
    })
}

/// Whether a text could be the beginning of a program: all that is wrong with it is that it ends.
pub(crate) fn is_incomplete(source: &[u8]) -> bool {
    /// What Prism says where something that was begun is not ended.
    const OPEN: [&str; 3] = ["unterminated", "unexpected end-of-input", "to end with"];
    on_big_stack(|| {
        let parsed = prism::parse(source);
        let messages = || parsed.errors().map(|error| String::from_utf8_lossy(error.message()).into_owned());
        let unclosed = |message: &str| message.contains("to close") || message.contains("matching");
        let is_open = |message: &String| {
            OPEN.iter().any(|open| message.contains(open)) || (message.starts_with("expected") && unclosed(message))
        };
        // What is expected at the end is told apart from its missing; what stands there and should not is another matter.
        messages().any(|message| is_open(&message))
            && messages().all(|message| is_open(&message) || message.starts_with("expected"))
    })
}

/// The state of lowering one file.
struct Lowerer<'s> {
    source: &'s [u8],
    file: Sym,
    file_name: &'s str,
    scopes: Vec<Scope>,
    depth: usize,
    chain: usize,
    nesting: usize,
    frozen_strings: bool,
    /// Whether the file may ask a proc for its `binding`.
    asks_procs: bool,
    encoding: Encoding,
}

/// The encoding of the literals of a file, as its magic comment says: `# encoding: binary`.
fn source_encoding(source: &[u8]) -> Encoding {
    let comments = source.split(|&byte| byte == b'\n').take(2).take_while(|line| line.starts_with(b"#"));
    for line in comments {
        let line = String::from_utf8_lossy(line).to_ascii_lowercase();
        let Some((_, value)) = line.split_once("coding") else { continue };
        let Some(value) = value.strip_prefix([':', '=']) else { continue };
        let end = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
        return match value.trim_start().split(end).next() {
            Some("binary" | "ascii-8bit") => Encoding::Binary,
            Some("us-ascii" | "ascii") => Encoding::UsAscii,
            _ => Encoding::Utf8,
        };
    }
    Encoding::Utf8
}

impl<'s> Lowerer<'s> {
    fn new(source: &'s [u8], file: &'s str, limits: &Limits, frozen_strings: bool) -> Self {
        Self {
            source,
            file: Sym::new(file),
            file_name: file,
            scopes: Vec::new(),
            depth: 0,
            chain: 0,
            nesting: limits.nesting,
            frozen_strings,
            asks_procs: source.windows(BINDING.len()).any(|window| window == BINDING),
            encoding: Encoding::Utf8,
        }
    }

    fn whole(&mut self, program: &prism::ProgramNode<'_>, predefined: &[Sym], label: Sym) -> Low<Program> {
        let mut names = predefined.to_vec();
        names.extend(program.locals().iter().map(sym).filter(|name| !predefined.contains(name)));
        self.scopes.push(Scope::new(ScopeKind::Top, names, Label { base: label, blocks: 0 }));
        let body = self.statements(&program.statements())?;
        let scope = self.scopes.pop().expect("pushed above");
        Ok(Program { file: self.file, body, names: scope.names })
    }

    /// Lowers an expression.
    fn node(&mut self, node: &Prism<'_>) -> Low<Node> {
        self.depth += 1;
        if self.depth > self.nesting {
            return Err(self.refuse(node, format!("the code nests deeper than the limit of {}", self.nesting)));
        }
        let result = self.expression(node);
        self.depth -= 1;
        result
    }

    /// Lowers the left end of a chain, which does not count as nesting.
    fn chain(&mut self, node: &Prism<'_>) -> Low<Node> {
        self.chain += 1;
        if self.chain > self.nesting * CHAIN {
            return Err(self.refuse(node, format!("the chain has more than {} links", self.nesting * CHAIN)));
        }
        let result = self.expression(node);
        self.chain -= 1;
        result
    }

    fn boxed(&mut self, node: &Prism<'_>) -> Low<Box<Node>> {
        Ok(Box::new(self.node(node)?))
    }

    fn optional(&mut self, node: Option<&Prism<'_>>, line: u32) -> Low<Node> {
        node.map_or_else(|| Ok(Node::nil(line)), |node| self.node(node))
    }

    fn body(&mut self, statements: Option<&prism::StatementsNode<'_>>, line: u32) -> Low<Node> {
        statements.map_or_else(|| Ok(Node::nil(line)), |statements| self.statements(statements))
    }

    fn statements(&mut self, statements: &prism::StatementsNode<'_>) -> Low<Node> {
        let body = statements.body();
        if body.len() == 1
            && let Some(only) = body.first()
        {
            return self.node(&only);
        }
        let nodes = self.nodes(&body)?;
        let line = nodes.first().map_or(0, |first| first.line);
        Ok(Node::new(line, Kind::Seq(nodes)))
    }

    fn nodes(&mut self, list: &prism::NodeList<'_>) -> Low<Box<[Node]>> {
        list.iter().map(|node| self.node(&node)).collect()
    }

    fn expression(&mut self, node: &Prism<'_>) -> Low<Node> {
        let line = line_of(&node.location());
        let kind = match node {
            Prism::NilNode { .. } => Kind::Nil,
            Prism::TrueNode { .. } => Kind::True,
            Prism::FalseNode { .. } => Kind::False,
            Prism::SelfNode { .. } => Kind::SelfValue,
            Prism::IntegerNode { .. }
            | Prism::FloatNode { .. }
            | Prism::RationalNode { .. }
            | Prism::ImaginaryNode { .. }
            | Prism::StringNode { .. }
            | Prism::InterpolatedStringNode { .. }
            | Prism::SymbolNode { .. }
            | Prism::InterpolatedSymbolNode { .. }
            | Prism::XStringNode { .. }
            | Prism::InterpolatedXStringNode { .. }
            | Prism::RegularExpressionNode { .. }
            | Prism::InterpolatedRegularExpressionNode { .. }
            | Prism::MatchLastLineNode { .. }
            | Prism::InterpolatedMatchLastLineNode { .. }
            | Prism::ArrayNode { .. }
            | Prism::HashNode { .. }
            | Prism::KeywordHashNode { .. }
            | Prism::RangeNode { .. }
            | Prism::SourceFileNode { .. }
            | Prism::SourceLineNode { .. }
            | Prism::SourceEncodingNode { .. } => self.literal(node, line)?,

            Prism::LocalVariableReadNode { .. } => {
                self.read_local(sym(node!(node, as_local_variable_read_node).name()))
            }
            Prism::ItLocalVariableReadNode { .. } => self.read_local(Sym::new("it")),
            Prism::InstanceVariableReadNode { .. } => {
                Kind::Ivar(sym(node!(node, as_instance_variable_read_node).name()))
            }
            Prism::ClassVariableReadNode { .. } => Kind::Cvar(sym(node!(node, as_class_variable_read_node).name())),
            Prism::GlobalVariableReadNode { .. } => Kind::Global(sym(node!(node, as_global_variable_read_node).name())),
            Prism::BackReferenceReadNode { .. } => Kind::Global(sym(node!(node, as_back_reference_read_node).name())),
            Prism::NumberedReferenceReadNode { .. } => {
                Kind::NthMatch(node!(node, as_numbered_reference_read_node).number())
            }
            Prism::ConstantReadNode { .. } => Kind::Const(sym(node!(node, as_constant_read_node).name())),
            Prism::ConstantPathNode { .. } => {
                let path = node!(node, as_constant_path_node);
                let scope = path.parent().map(|parent| self.chain(&parent)).transpose()?.map(Box::new);
                Kind::ConstPath(scope, path_name(path.name()))
            }

            Prism::CallNode { .. } => return self.call(&node!(node, as_call_node)),
            Prism::SuperNode { .. } => self.super_call(&node!(node, as_super_node))?,
            Prism::ForwardingSuperNode { .. } => self.implicit_super(&node!(node, as_forwarding_super_node))?,
            Prism::YieldNode { .. } => {
                let arguments = node!(node, as_yield_node).arguments();
                Kind::Yield(Box::new(self.arguments(arguments.as_ref())?))
            }
            Prism::LambdaNode { .. } => self.lambda(&node!(node, as_lambda_node))?,

            Prism::ParenthesesNode { .. } => {
                let inner = node!(node, as_parentheses_node).body();
                return self.optional(inner.as_ref(), line);
            }
            Prism::StatementsNode { .. } => return self.statements(&node!(node, as_statements_node)),
            Prism::EmbeddedStatementsNode { .. } => {
                let inner = node!(node, as_embedded_statements_node).statements();
                return self.body(inner.as_ref(), line);
            }
            Prism::EmbeddedVariableNode { .. } => {
                return self.node(&node!(node, as_embedded_variable_node).variable());
            }
            Prism::ImplicitNode { .. } => return self.node(&node!(node, as_implicit_node).value()),
            Prism::ShareableConstantNode { .. } => {
                return self.node(&node!(node, as_shareable_constant_node).write());
            }
            Prism::BeginNode { .. } => return self.begin(&node!(node, as_begin_node)),

            Prism::DefNode { .. }
            | Prism::ClassNode { .. }
            | Prism::ModuleNode { .. }
            | Prism::SingletonClassNode { .. }
            | Prism::AliasMethodNode { .. }
            | Prism::AliasGlobalVariableNode { .. }
            | Prism::UndefNode { .. } => self.definition(node, line)?,

            Prism::AndNode { .. }
            | Prism::OrNode { .. }
            | Prism::IfNode { .. }
            | Prism::UnlessNode { .. }
            | Prism::ElseNode { .. }
            | Prism::WhileNode { .. }
            | Prism::UntilNode { .. }
            | Prism::ForNode { .. }
            | Prism::CaseNode { .. }
            | Prism::CaseMatchNode { .. }
            | Prism::MatchRequiredNode { .. }
            | Prism::MatchPredicateNode { .. }
            | Prism::RescueModifierNode { .. }
            | Prism::ReturnNode { .. }
            | Prism::BreakNode { .. }
            | Prism::NextNode { .. }
            | Prism::RedoNode { .. }
            | Prism::RetryNode { .. }
            | Prism::DefinedNode { .. }
            | Prism::FlipFlopNode { .. }
            | Prism::PreExecutionNode { .. }
            | Prism::PostExecutionNode { .. } => self.control(node, line)?,

            _ => match self.assignment(node)? {
                Some(kind) => kind,
                None => return Err(self.refuse(node, "this form is not supported".to_owned())),
            },
        };
        Ok(Node::new(line, kind))
    }

    /// A source position that is refused.
    #[allow(clippy::unnecessary_box_returns)] // what `Low` carries: errors are boxed to keep results small
    fn refuse(&self, node: &Prism<'_>, message: String) -> Box<SyntaxError> {
        Box::new(SyntaxError::at(self.source, self.file_name, &node.location(), message))
    }

    fn read_local(&mut self, name: Sym) -> Kind {
        let slot = self.slot(name);
        if slot.depth == 0 { Kind::Local(slot.index) } else { Kind::OuterLocal(slot) }
    }

    fn local_target(&mut self, name: Sym) -> Target {
        Target::Local(self.slot(name))
    }
}

/// A number that identifies one literal in this process.
fn next_site() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn sym(id: prism::ConstantId<'_>) -> Sym {
    Sym::from_bytes(id.as_slice())
}

fn path_name(id: Option<prism::ConstantId<'_>>) -> Sym {
    id.map_or_else(|| Sym::new(""), sym)
}

fn line_of(location: &prism::Location<'_>) -> u32 {
    location.start_line().max(0) as u32
}
