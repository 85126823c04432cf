//! Calls, their arguments and blocks.

use std::sync::Arc;

use ruby_prism as prism;
use ruby_prism::Node as Prism;

use super::scope::SuperArg;
use super::{Low, Lowerer, line_of, node, sym};
use crate::dispatch::CallStyle;
use crate::ir::{Arg, ArgList, Binary, Block, BlockArg, Call, Kind, Node, Operator, Pair, Params, Super};
use crate::symbol::{Sym, known};

impl Lowerer<'_> {
    pub(super) fn call(&mut self, call: &prism::CallNode<'_>) -> Low<Node> {
        let line = line_of(&call.message_loc().unwrap_or_else(|| call.location()));
        let receiver = call.receiver().map(|receiver| self.chain(&receiver)).transpose()?;
        let name = sym(call.name());
        let arguments = call.arguments();
        let args = self.arguments(arguments.as_ref())?;
        let block = self.call_block(call.block().as_ref(), arguments.as_ref())?;
        let plain = matches!(block, BlockArg::None) && !call.is_safe_navigation();
        let kind = match (receiver, args) {
            (Some(receiver), ArgList::Plain(args)) if plain && args.is_empty() && name == known::NOT => {
                Kind::Not(Box::new(receiver))
            }
            (Some(left), ArgList::Plain(args)) if plain && args.len() == 1 && operator(name).is_some() => {
                let right = args.into_iter().next().expect("its length was asked");
                operator_call(name, left, right)
            }
            (receiver, args) => {
                let asks = receiver.is_none() && plain && matches!(name.bytes(), b"binding" | b"local_variables");
                let call = Call {
                    receiver,
                    name,
                    style: style(call.is_variable_call(), call.is_ignore_visibility()),
                    args,
                    block,
                    safe: call.is_safe_navigation(),
                    assigns: call.is_attribute_write(),
                };
                if asks { Kind::Visible(Box::new((call, self.visible()))) } else { Kind::Call(Box::new(call)) }
            }
        };
        Ok(Node::new(line, kind))
    }

    pub(super) fn super_call(&mut self, call: &prism::SuperNode<'_>) -> Low<Kind> {
        let arguments = call.arguments();
        let args = self.arguments(arguments.as_ref())?;
        let block = self.call_block(call.block().as_ref(), arguments.as_ref())?;
        Ok(Kind::Super(Box::new(Super { args, block, implicit: false })))
    }

    pub(super) fn implicit_super(&mut self, call: &prism::ForwardingSuperNode<'_>) -> Low<Kind> {
        let line = line_of(&call.location());
        let passed = self.method_scope().map(|scope| scope.super_args.clone());
        let implicit = passed.is_none();
        let args = self.super_args(&passed.unwrap_or_default(), line);
        let block = match call.block() {
            Some(block) => BlockArg::Literal(self.block(&block)?),
            None => BlockArg::None,
        };
        Ok(Kind::Super(Box::new(Super { args, block, implicit })))
    }

    fn super_args(&mut self, passed: &[SuperArg], line: u32) -> ArgList {
        let mut args = Vec::new();
        let mut keywords = Vec::new();
        for arg in passed {
            match *arg {
                SuperArg::Value(name) => args.push(Arg::Value(Node::new(line, self.read_local(name)))),
                SuperArg::Splat(name) => args.push(Arg::Splat(Node::new(line, self.read_local(name)))),
                SuperArg::Keyword(name) => {
                    let value = Node::new(line, self.read_local(name));
                    keywords.push(Pair::Entry(Node::new(line, Kind::Sym(name)), value));
                }
                SuperArg::KeywordSplat(name) => keywords.push(Pair::Splat(Node::new(line, self.read_local(name)))),
            }
        }
        if !keywords.is_empty() {
            args.push(Arg::Keywords(keywords.into()));
        }
        arg_list(args)
    }

    /// The arguments of a call.
    pub(super) fn arguments(&mut self, arguments: Option<&prism::ArgumentsNode<'_>>) -> Low<ArgList> {
        match arguments {
            Some(arguments) => self.arg_nodes(&arguments.arguments(), true),
            None => Ok(ArgList::none()),
        }
    }

    /// The elements of an array literal.
    pub(super) fn elements(&mut self, elements: &prism::NodeList<'_>) -> Low<ArgList> {
        self.arg_nodes(elements, false)
    }

    fn arg_nodes(&mut self, list: &prism::NodeList<'_>, keywords: bool) -> Low<ArgList> {
        let mut args = Vec::with_capacity(list.len());
        for node in list {
            let line = line_of(&node.location());
            match node {
                Prism::SplatNode { .. } => {
                    let value = match node!(node, as_splat_node).expression() {
                        Some(value) => self.node(&value)?,
                        None => Node::new(line, self.read_local(Sym::new("*"))),
                    };
                    args.push(Arg::Splat(value));
                }
                Prism::KeywordHashNode { .. } if keywords => {
                    args.push(Arg::Keywords(self.pairs(&node!(node, as_keyword_hash_node).elements())?));
                }
                Prism::ForwardingArgumentsNode { .. } => {
                    args.push(Arg::Splat(Node::new(line, self.read_local(Sym::new("*")))));
                    let rest = Node::new(line, self.read_local(Sym::new("**")));
                    args.push(Arg::Keywords(Box::new([Pair::Splat(rest)])));
                }
                _ => args.push(Arg::Value(self.node(&node)?)),
            }
        }
        Ok(arg_list(args))
    }

    /// One argument list as a list of arguments: conditions of `when` and `rescue`.
    pub(super) fn args(&mut self, list: &prism::NodeList<'_>) -> Low<Box<[Arg]>> {
        Ok(match self.arg_nodes(list, false)? {
            ArgList::Plain(nodes) => nodes.into_iter().map(Arg::Value).collect(),
            ArgList::Mixed(args) => args,
        })
    }

    fn call_block(&mut self, block: Option<&Prism<'_>>, arguments: Option<&prism::ArgumentsNode<'_>>) -> Low<BlockArg> {
        match block {
            Some(Prism::BlockNode { .. }) => {
                Ok(BlockArg::Literal(self.block(&node!(block.expect("matched"), as_block_node))?))
            }
            Some(Prism::BlockArgumentNode { .. }) => {
                match node!(block.expect("matched"), as_block_argument_node).expression() {
                    Some(expression) => Ok(BlockArg::Pass(self.node(&expression)?)),
                    None => Ok(BlockArg::Forward(self.slot(Sym::new("&")))),
                }
            }
            _ if arguments.is_some_and(prism::ArgumentsNode::is_contains_forwarding) => {
                Ok(BlockArg::Forward(self.slot(Sym::new("&"))))
            }
            _ => Ok(BlockArg::None),
        }
    }

    fn block(&mut self, block: &prism::BlockNode<'_>) -> Low<Arc<Block>> {
        self.block_code(&block.locals(), block.parameters().as_ref(), block.body().as_ref(), &block.location())
    }

    pub(super) fn lambda(&mut self, lambda: &prism::LambdaNode<'_>) -> Low<Kind> {
        let (parameters, body) = (lambda.parameters(), lambda.body());
        let block = self.block_code(&lambda.locals(), parameters.as_ref(), body.as_ref(), &lambda.location())?;
        Ok(Kind::Lambda(block))
    }

    fn block_code(
        &mut self,
        locals: &prism::ConstantList<'_>,
        parameters: Option<&Prism<'_>>,
        body: Option<&Prism<'_>>,
        location: &prism::Location<'_>,
    ) -> Low<Arc<Block>> {
        let mut names: Vec<Sym> = locals.iter().map(sym).collect();
        if let Some(Prism::ItParametersNode { .. }) = parameters {
            names.push(Sym::new("it"));
        }
        self.push_block(names, parameters);
        let params = self.block_params(parameters)?;
        let mut body = self.optional(body, line_of(location))?;
        super::control::strip_tail(&mut body, |kind| matches!(kind, Kind::Next(_)));
        Ok(Arc::new(self.pop_block(params, body, location)))
    }

    /// A block of what `finish` lowers within its scope.
    pub(super) fn pop_block(&mut self, params: Params, body: Node, location: &prism::Location<'_>) -> Block {
        let scope = self.scopes.pop().expect("pushed before");
        Block {
            visible: if self.asks_procs { self.visible() } else { Box::default() },
            params,
            body,
            names: scope.names.into(),
            label: scope.label,
            file: self.file,
            line: line_of(location),
            span: (location.start(), location.end()),
            breaks: scope.breaks,
        }
    }
}

fn style(variable: bool, ignores_visibility: bool) -> CallStyle {
    match (variable, ignores_visibility) {
        (true, _) => CallStyle::Variable,
        (false, true) => CallStyle::Implicit,
        (false, false) => CallStyle::Explicit,
    }
}

fn arg_list(args: Vec<Arg>) -> ArgList {
    if !args.iter().all(|arg| matches!(arg, Arg::Value(_))) {
        return ArgList::Mixed(args.into());
    }
    let nodes = args.into_iter().filter_map(|arg| match arg {
        Arg::Value(node) => Some(node),
        Arg::Splat(_) | Arg::Keywords(_) => None,
    });
    ArgList::Plain(nodes.collect())
}

/// `left.name(right)`
pub(super) fn operator_call(name: Sym, left: Node, right: Node) -> Kind {
    match operator(name) {
        Some(op) => Kind::Binary(Box::new(Binary::new(op, name, left, right))),
        None => Kind::Call(Box::new(Call {
            receiver: Some(left),
            name,
            style: CallStyle::Explicit,
            args: ArgList::Plain(Box::new([right])),
            block: BlockArg::None,
            safe: false,
            assigns: false,
        })),
    }
}

fn operator(name: Sym) -> Option<Operator> {
    Some(match name {
        known::PLUS => Operator::Add,
        known::MINUS => Operator::Sub,
        known::MUL => Operator::Mul,
        known::DIV => Operator::Div,
        known::MOD => Operator::Mod,
        known::LT => Operator::Lt,
        known::LE => Operator::Le,
        known::GT => Operator::Gt,
        known::GE => Operator::Ge,
        known::EQ => Operator::Eq,
        known::NEQ => Operator::Ne,
        known::AND => Operator::And,
        known::OR => Operator::Or,
        known::AREF => Operator::Index,
        known::SHL => Operator::Shl,
        _ => return None,
    })
}
