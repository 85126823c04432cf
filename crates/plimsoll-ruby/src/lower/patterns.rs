//! Patterns of `case … in`.

use ruby_prism as prism;
use ruby_prism::Node as Prism;

use super::{Low, Lowerer, node, sym};
use crate::ir::{ArrayPattern, FindPattern, HashPattern, HashRest, Kind, Node, Pattern, Target};
use crate::symbol::Sym;

impl Lowerer<'_> {
    pub(super) fn pattern(&mut self, node: &Prism<'_>) -> Low<Pattern> {
        Ok(match node {
            Prism::LocalVariableTargetNode { .. } => Pattern::Bind(self.target(node)?),
            Prism::ImplicitNode { .. } => return self.pattern(&node!(node, as_implicit_node).value()),
            Prism::ParenthesesNode { .. } => match node!(node, as_parentheses_node).body() {
                Some(inner) => return self.pattern(&inner),
                None => Pattern::Value(Node::nil(super::line_of(&node.location()))),
            },
            Prism::StatementsNode { .. } => match node!(node, as_statements_node).body().first() {
                Some(inner) => return self.pattern(&inner),
                None => Pattern::Value(Node::nil(super::line_of(&node.location()))),
            },
            Prism::PinnedVariableNode { .. } => {
                Pattern::Value(self.node(&node!(node, as_pinned_variable_node).variable())?)
            }
            Prism::PinnedExpressionNode { .. } => {
                Pattern::Value(self.node(&node!(node, as_pinned_expression_node).expression())?)
            }
            Prism::CapturePatternNode { .. } => {
                let capture = node!(node, as_capture_pattern_node);
                let target = self.local_target(sym(capture.target().name()));
                Pattern::Capture(Box::new((self.pattern(&capture.value())?, target)))
            }
            Prism::AlternationPatternNode { .. } => {
                let alternation = node!(node, as_alternation_pattern_node);
                let left = self.pattern(&alternation.left())?;
                Pattern::Alternatives(Box::new((left, self.pattern(&alternation.right())?)))
            }
            Prism::IfNode { .. } => {
                let guard = node!(node, as_if_node);
                let pattern = self.guarded(guard.statements().as_ref())?;
                Pattern::Guard(Box::new((pattern, self.node(&guard.predicate())?)))
            }
            Prism::UnlessNode { .. } => {
                let guard = node!(node, as_unless_node);
                let pattern = self.guarded(guard.statements().as_ref())?;
                let condition = self.node(&guard.predicate())?;
                let line = condition.line;
                Pattern::Guard(Box::new((pattern, Node::new(line, Kind::Not(Box::new(condition))))))
            }
            Prism::ArrayPatternNode { .. } => self.array_pattern(&node!(node, as_array_pattern_node))?,
            Prism::FindPatternNode { .. } => {
                let find = node!(node, as_find_pattern_node);
                let right = find.right();
                Pattern::Find(Box::new(FindPattern {
                    constant: find.constant().map(|constant| self.node(&constant)).transpose()?,
                    before: self.splat_target(find.left().expression().as_ref())?,
                    middle: self.pattern_list(&find.requireds())?,
                    after: self.splat_target(right.expression().as_ref())?,
                }))
            }
            Prism::HashPatternNode { .. } => self.hash_pattern(&node!(node, as_hash_pattern_node))?,
            _ => Pattern::Value(self.node(node)?),
        })
    }

    fn guarded(&mut self, statements: Option<&prism::StatementsNode<'_>>) -> Low<Pattern> {
        let inner = statements.and_then(|statements| statements.body().first());
        self.pattern(&inner.expect("a guard follows a pattern"))
    }

    fn pattern_list(&mut self, list: &prism::NodeList<'_>) -> Low<Box<[Pattern]>> {
        list.iter().map(|node| self.pattern(&node)).collect()
    }

    fn splat_target(&mut self, expression: Option<&Prism<'_>>) -> Low<Option<Target>> {
        expression.map(|target| self.target(target)).transpose()
    }

    fn array_pattern(&mut self, pattern: &prism::ArrayPatternNode<'_>) -> Low<Pattern> {
        let rest = match pattern.rest() {
            None => None,
            Some(rest) => {
                let expression = rest.as_splat_node().and_then(|splat| splat.expression());
                Some(self.splat_target(expression.as_ref())?)
            }
        };
        Ok(Pattern::Array(Box::new(ArrayPattern {
            constant: pattern.constant().map(|constant| self.node(&constant)).transpose()?,
            before: self.pattern_list(&pattern.requireds())?,
            rest,
            after: self.pattern_list(&pattern.posts())?,
        })))
    }

    fn hash_pattern(&mut self, pattern: &prism::HashPatternNode<'_>) -> Low<Pattern> {
        let mut entries = Vec::new();
        for element in &pattern.elements() {
            let entry = node!(element, as_assoc_node);
            let key = entry.key();
            let name = Sym::from_bytes(node!(key, as_symbol_node).unescaped());
            entries.push((name, self.pattern(&entry.value())?));
        }
        let rest = match pattern.rest() {
            Some(Prism::NoKeywordsParameterNode { .. }) => HashRest::Refused,
            Some(rest) => match rest.as_assoc_splat_node().and_then(|splat| splat.value()) {
                Some(target) => HashRest::Bind(self.target(&target)?),
                None => HashRest::Ignored,
            },
            None if entries.is_empty() => HashRest::Refused,
            None => HashRest::Ignored,
        };
        Ok(Pattern::Hash(Box::new(HashPattern {
            constant: pattern.constant().map(|constant| self.node(&constant)).transpose()?,
            entries: entries.into(),
            rest,
        })))
    }
}
