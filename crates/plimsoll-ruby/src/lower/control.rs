//! Control flow.

use ruby_prism as prism;
use ruby_prism::Node as Prism;

use super::{Low, Lowerer, line_of, node};
use crate::dispatch::CallStyle;
use crate::ir::{
    ArgList, Begin, BlockArg, Branch, Call, Case, CaseIn, If, InBranch, Kind, Node, Param, Params, Rescue, While,
};
use crate::symbol::known;
use crate::value::Encoding;

impl Lowerer<'_> {
    /// `defined?`: what an expression is called by its form alone, before lowering gives it another.
    fn defined(&mut self, value: &Prism<'_>) -> Low<Kind> {
        Ok(match word(value) {
            Some(word) => Kind::Str(word.as_bytes().into(), Encoding::Utf8, true),
            None => Kind::Defined(self.boxed(value)?),
        })
    }

    pub(super) fn control(&mut self, node: &Prism<'_>, line: u32) -> Low<Kind> {
        Ok(match node {
            Prism::AndNode { .. } => {
                let and = node!(node, as_and_node);
                Kind::And(Box::new((self.chain(&and.left())?, self.node(&and.right())?)))
            }
            Prism::OrNode { .. } => {
                let or = node!(node, as_or_node);
                Kind::Or(Box::new((self.chain(&or.left())?, self.node(&or.right())?)))
            }
            Prism::IfNode { .. } => {
                let branch = node!(node, as_if_node);
                let condition = self.node(&branch.predicate())?;
                let then = self.body(branch.statements().as_ref(), line)?;
                let otherwise = match branch.subsequent() {
                    Some(next) => self.chain(&next)?,
                    None => Node::nil(line),
                };
                Kind::If(Box::new(If { condition, then, otherwise }))
            }
            Prism::UnlessNode { .. } => {
                let branch = node!(node, as_unless_node);
                let condition = self.node(&branch.predicate())?;
                let otherwise = self.body(branch.statements().as_ref(), line)?;
                let then = self.else_body(branch.else_clause().as_ref(), line)?;
                Kind::If(Box::new(If { condition, then, otherwise }))
            }
            Prism::ElseNode { .. } => {
                let body = node!(node, as_else_node).statements();
                return Ok(self.body(body.as_ref(), line)?.kind);
            }
            Prism::WhileNode { .. } => {
                let looped = node!(node, as_while_node);
                self.while_loop(
                    &looped.predicate(),
                    looped.statements().as_ref(),
                    false,
                    looped.is_begin_modifier(),
                    line,
                )?
            }
            Prism::UntilNode { .. } => {
                let looped = node!(node, as_until_node);
                self.while_loop(
                    &looped.predicate(),
                    looped.statements().as_ref(),
                    true,
                    looped.is_begin_modifier(),
                    line,
                )?
            }
            Prism::ForNode { .. } => self.for_loop(&node!(node, as_for_node), line)?,
            Prism::CaseNode { .. } => self.case(&node!(node, as_case_node), line)?,
            Prism::CaseMatchNode { .. } => self.case_in(&node!(node, as_case_match_node), line)?,
            Prism::MatchRequiredNode { .. } => {
                let matched = node!(node, as_match_required_node);
                Kind::Match(Box::new((self.node(&matched.value())?, self.pattern(&matched.pattern())?)), true)
            }
            Prism::MatchPredicateNode { .. } => {
                let matched = node!(node, as_match_predicate_node);
                Kind::Match(Box::new((self.node(&matched.value())?, self.pattern(&matched.pattern())?)), false)
            }
            Prism::RescueModifierNode { .. } => {
                let rescue = node!(node, as_rescue_modifier_node);
                let body = self.node(&rescue.expression())?;
                let otherwise = self.node(&rescue.rescue_expression())?;
                let clause = Rescue { classes: Box::default(), target: None, body: otherwise, line };
                Kind::Begin(Box::new(Begin { body, rescues: Box::new([clause]), otherwise: None, ensure: None }))
            }
            Prism::ReturnNode { .. } => {
                Kind::Return(self.exit_value(node!(node, as_return_node).arguments().as_ref(), line)?)
            }
            Prism::BreakNode { .. } => {
                let value = self.exit_value(node!(node, as_break_node).arguments().as_ref(), line)?;
                let scope = self.scope();
                if scope.loops > 0 {
                    Kind::LoopBreak(value)
                } else {
                    scope.breaks = true;
                    Kind::Break(value)
                }
            }
            Prism::NextNode { .. } => {
                Kind::Next(self.exit_value(node!(node, as_next_node).arguments().as_ref(), line)?)
            }
            Prism::RedoNode { .. } => Kind::Redo,
            Prism::RetryNode { .. } => Kind::Retry,
            Prism::DefinedNode { .. } => self.defined(&node!(node, as_defined_node).value())?,
            Prism::FlipFlopNode { .. } => Kind::Refused("a flip-flop"),
            Prism::PreExecutionNode { .. } => Kind::Refused("BEGIN"),
            _ => Kind::Refused("END"),
        })
    }

    fn else_body(&mut self, clause: Option<&prism::ElseNode<'_>>, line: u32) -> Low<Node> {
        match clause.and_then(prism::ElseNode::statements) {
            Some(statements) => self.statements(&statements),
            None => Ok(Node::nil(line)),
        }
    }

    /// What `return`, `break` or `next` takes along: several values make an array.
    fn exit_value(&mut self, arguments: Option<&prism::ArgumentsNode<'_>>, line: u32) -> Low<Box<Node>> {
        let node = match arguments.map(|arguments| self.elements(&arguments.arguments())).transpose()? {
            None => Node::nil(line),
            Some(ArgList::Plain(nodes)) if nodes.len() == 1 => nodes.into_iter().next().expect("its length was asked"),
            Some(list) => Node::new(line, Kind::Array(Box::new(list))),
        };
        Ok(Box::new(node))
    }

    fn while_loop(
        &mut self,
        predicate: &Prism<'_>,
        statements: Option<&prism::StatementsNode<'_>>,
        negated: bool,
        body_first: bool,
        line: u32,
    ) -> Low<Kind> {
        self.scope().loops += 1;
        let condition = self.node(predicate)?;
        let body = self.body(statements, line)?;
        self.scope().loops -= 1;
        Ok(Kind::While(Box::new(While { condition, negated, body_first, body })))
    }

    /// `for` is a call of `each` with a block that has no variables of its own.
    fn for_loop(&mut self, looped: &prism::ForNode<'_>, line: u32) -> Low<Kind> {
        let collection = self.node(&looped.collection())?;
        self.push_block(Vec::new(), None);
        let index = looped.index();
        let required = match index.as_multi_target_node() {
            Some(multi) if multi.rest().is_none() => {
                let targets = multi.lefts().iter().map(|target| Ok(Param::Target(Box::new(self.target(&target)?))));
                targets.collect::<Low<Box<[Param]>>>()?
            }
            _ => Box::new([Param::Target(Box::new(self.target(&index)?))]),
        };
        let body = self.body(looped.statements().as_ref(), line)?;
        let block = self.pop_block(Params { required, ..Params::default() }, body, &looped.location());
        Ok(Kind::Call(Box::new(Call {
            receiver: Some(collection),
            name: known::EACH,
            style: CallStyle::Explicit,
            args: ArgList::none(),
            block: BlockArg::Literal(block.into()),
            safe: false,
            assigns: false,
        })))
    }

    fn case(&mut self, case: &prism::CaseNode<'_>, line: u32) -> Low<Kind> {
        let subject = case.predicate().map(|subject| self.node(&subject)).transpose()?;
        let mut branches = Vec::new();
        for condition in &case.conditions() {
            let when = node!(condition, as_when_node);
            let conditions = self.args(&when.conditions())?;
            let body = self.body(when.statements().as_ref(), line_of(&when.location()))?;
            branches.push(Branch { conditions, body });
        }
        let otherwise = self.else_body(case.else_clause().as_ref(), line)?;
        Ok(Kind::Case(Box::new(Case { subject, branches: branches.into(), otherwise })))
    }

    fn case_in(&mut self, case: &prism::CaseMatchNode<'_>, line: u32) -> Low<Kind> {
        let subject = self.optional(case.predicate().as_ref(), line)?;
        let mut branches = Vec::new();
        for condition in &case.conditions() {
            let clause = node!(condition, as_in_node);
            let pattern = self.pattern(&clause.pattern())?;
            let body = self.body(clause.statements().as_ref(), line_of(&clause.location()))?;
            branches.push(InBranch { pattern, body });
        }
        let otherwise = match case.else_clause() {
            Some(clause) => Some(self.else_body(Some(&clause), line)?),
            None => None,
        };
        Ok(Kind::CaseIn(Box::new(CaseIn { subject, branches: branches.into(), otherwise })))
    }

    pub(super) fn begin(&mut self, begin: &prism::BeginNode<'_>) -> Low<Node> {
        let line = line_of(&begin.location());
        let body = self.body(begin.statements().as_ref(), line)?;
        let mut rescues = Vec::new();
        let mut next = begin.rescue_clause();
        while let Some(clause) = next {
            rescues.push(Rescue {
                classes: self.args(&clause.exceptions())?,
                target: clause.reference().map(|target| self.target(&target)).transpose()?,
                line: line_of(&clause.location()),
                body: self.body(clause.statements().as_ref(), line)?,
            });
            next = clause.subsequent();
        }
        let otherwise = match begin.else_clause() {
            Some(clause) => Some(self.else_body(Some(&clause), line)?),
            None => None,
        };
        let ensure = match begin.ensure_clause().and_then(|clause| clause.statements()) {
            Some(statements) => Some(self.statements(&statements)?),
            None => None,
        };
        if rescues.is_empty() && otherwise.is_none() && ensure.is_none() {
            return Ok(body);
        }
        Ok(Node::new(line, Kind::Begin(Box::new(Begin { body, rescues: rescues.into(), otherwise, ensure }))))
    }
}

/// Replaces an exit that is the last thing a body does by its value: leaving by a value is cheaper than unwinding.
pub(super) fn strip_tail(node: &mut Node, is_exit: fn(&Kind) -> bool) {
    match &mut node.kind {
        kind if is_exit(kind) => {
            let (Kind::Return(value) | Kind::Next(value)) = std::mem::replace(kind, Kind::Nil) else {
                unreachable!("only these are asked for")
            };
            *node = *value;
            strip_tail(node, is_exit);
        }
        Kind::Seq(nodes) => {
            if let Some(last) = nodes.last_mut() {
                strip_tail(last, is_exit);
            }
        }
        Kind::If(branch) => {
            strip_tail(&mut branch.then, is_exit);
            strip_tail(&mut branch.otherwise, is_exit);
        }
        Kind::Case(case) => {
            case.branches.iter_mut().for_each(|branch| strip_tail(&mut branch.body, is_exit));
            strip_tail(&mut case.otherwise, is_exit);
        }
        _ => {}
    }
}

/// What `defined?` calls assignments with an operator and other forms that lowering takes apart.
fn word(value: &Prism<'_>) -> Option<&'static str> {
    Some(match value {
        Prism::LocalVariableOrWriteNode { .. }
        | Prism::LocalVariableAndWriteNode { .. }
        | Prism::LocalVariableOperatorWriteNode { .. }
        | Prism::InstanceVariableOrWriteNode { .. }
        | Prism::InstanceVariableAndWriteNode { .. }
        | Prism::InstanceVariableOperatorWriteNode { .. }
        | Prism::GlobalVariableOrWriteNode { .. }
        | Prism::GlobalVariableAndWriteNode { .. }
        | Prism::GlobalVariableOperatorWriteNode { .. } => "assignment",
        Prism::ConstantPathOrWriteNode { .. }
        | Prism::ConstantPathAndWriteNode { .. }
        | Prism::ConstantPathOperatorWriteNode { .. }
        | Prism::SourceEncodingNode { .. }
        | Prism::ForNode { .. } => "expression",
        _ => return None,
    })
}
