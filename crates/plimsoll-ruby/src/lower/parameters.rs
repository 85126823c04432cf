//! Parameters of methods and blocks.

use ruby_prism as prism;
use ruby_prism::Node as Prism;

use super::scope::{Scope, ScopeKind, SuperArg};
use super::{Low, Lowerer, node, sym};
use crate::ir::{Keyword, KeywordRest, Label, Param, Params, Rest};
use crate::symbol::Sym;

impl Lowerer<'_> {
    /// Opens a block's scope.
    pub(super) fn push_block(&mut self, mut names: Vec<Sym>, parameters: Option<&Prism<'_>>) {
        if let Some(Prism::BlockParametersNode { .. }) = parameters
            && let Some(parameters) = node!(parameters.expect("matched"), as_block_parameters_node).parameters()
        {
            nameless(&parameters, &mut names);
        }
        let label = self.scope().label;
        self.scopes.push(Scope::new(ScopeKind::Block, names, Label { blocks: label.blocks + 1, ..label }));
    }

    /// The parameters of a block.
    pub(super) fn block_params(&mut self, parameters: Option<&Prism<'_>>) -> Low<Params> {
        let params = match parameters {
            Some(Prism::BlockParametersNode { .. }) => {
                match node!(parameters.expect("matched"), as_block_parameters_node).parameters() {
                    Some(parameters) => self.params(&parameters)?,
                    None => Params { simple: true, ..Params::default() },
                }
            }
            Some(Prism::NumberedParametersNode { .. }) => {
                let count = node!(parameters.expect("matched"), as_numbered_parameters_node).maximum();
                let required = (1..=count).map(|n| Param::Slot(self.slot(Sym::new(&format!("_{n}"))).index)).collect();
                Params { required, numbered: true, ..Params::default() }
            }
            Some(Prism::ItParametersNode { .. }) => {
                let required = [Param::Slot(self.slot(Sym::new("it")).index)].into();
                Params { required, numbered: true, ..Params::default() }
            }
            _ => Params::default(),
        };
        Ok(mark_simple(params))
    }

    /// The parameters of a method, with what an implicit `super` passes.
    pub(super) fn method_params(&mut self, parameters: Option<&prism::ParametersNode<'_>>) -> Low<Params> {
        let Some(parameters) = parameters else { return Ok(mark_simple(Params::default())) };
        let mut names = std::mem::take(&mut self.scope().names);
        nameless(parameters, &mut names);
        self.scope().names = names;
        let params = self.params(parameters)?;
        let super_args = self.passed_on(&params);
        self.scope().super_args = super_args;
        Ok(mark_simple(params))
    }

    fn passed_on(&mut self, params: &Params) -> Vec<SuperArg> {
        let name = |slot: u16| self.scopes.last().expect("a method's scope").names[slot as usize];
        let value = |param: &Param| match param {
            Param::Slot(slot) => Some(SuperArg::Value(name(*slot))),
            Param::Target(_) => None,
        };
        let mut args: Vec<SuperArg> = params.required.iter().filter_map(value).collect();
        args.extend(params.optional.iter().map(|(slot, _)| SuperArg::Value(name(*slot))));
        if let Rest::Slot(slot) = params.rest {
            args.push(SuperArg::Splat(name(slot)));
        }
        args.extend(params.post.iter().filter_map(value));
        args.extend(params.keywords.iter().map(|keyword| SuperArg::Keyword(keyword.name)));
        if let KeywordRest::Slot(slot) = params.keyword_rest {
            args.push(SuperArg::KeywordSplat(name(slot)));
        }
        args
    }

    fn params(&mut self, parameters: &prism::ParametersNode<'_>) -> Low<Params> {
        let forwards = matches!(parameters.keyword_rest(), Some(Prism::ForwardingParameterNode { .. }));
        let mut params = Params {
            required: self.required(&parameters.requireds())?,
            post: self.required(&parameters.posts())?,
            ..Params::default()
        };
        let mut optional = Vec::new();
        for node in &parameters.optionals() {
            let parameter = node!(node, as_optional_parameter_node);
            let default = self.node(&parameter.value())?;
            optional.push((self.slot(sym(parameter.name())).index, default));
        }
        params.optional = optional.into();
        params.rest = match parameters.rest() {
            Some(Prism::ImplicitRestNode { .. }) => Rest::Dropped,
            Some(rest) => {
                let name = rest.as_rest_parameter_node().and_then(|rest| rest.name());
                Rest::Slot(self.slot(name.map_or_else(|| Sym::new("*"), sym)).index)
            }
            None if forwards => Rest::Slot(self.slot(Sym::new("*")).index),
            None => Rest::None,
        };
        params.keywords = self.keywords(&parameters.keywords())?;
        params.keyword_rest = match parameters.keyword_rest() {
            Some(Prism::NoKeywordsParameterNode { .. }) => KeywordRest::Refused,
            Some(rest) => {
                let name = rest.as_keyword_rest_parameter_node().and_then(|rest| rest.name());
                KeywordRest::Slot(self.slot(name.map_or_else(|| Sym::new("**"), sym)).index)
            }
            None => KeywordRest::None,
        };
        params.block = match parameters.block() {
            Some(block) => {
                let block = block.as_block_parameter_node();
                block.map(|block| self.slot(block.name().map_or_else(|| Sym::new("&"), sym)).index)
            }
            None if forwards => Some(self.slot(Sym::new("&")).index),
            None => None,
        };
        Ok(params)
    }

    fn required(&mut self, list: &prism::NodeList<'_>) -> Low<Box<[Param]>> {
        let mut params = Vec::with_capacity(list.len());
        for node in list {
            params.push(match node.as_required_parameter_node() {
                // The first of several `_` is the one that is read.
                Some(parameter) if parameter.is_repeated_parameter() => {
                    Param::Slot(self.repeated(sym(parameter.name())))
                }
                Some(parameter) => Param::Slot(self.slot(sym(parameter.name())).index),
                None => Param::Target(Box::new(self.target(&node)?)),
            });
        }
        Ok(params.into())
    }

    /// A variable for a parameter whose name is taken.
    fn repeated(&mut self, name: Sym) -> u16 {
        let names = &mut self.scope().names;
        names.push(name);
        (names.len() - 1) as u16
    }

    fn keywords(&mut self, list: &prism::NodeList<'_>) -> Low<Box<[Keyword]>> {
        let mut keywords = Vec::with_capacity(list.len());
        for node in list {
            let (name, default) = match &node {
                Prism::OptionalKeywordParameterNode { .. } => {
                    let keyword = node!(node, as_optional_keyword_parameter_node);
                    (sym(keyword.name()), Some(self.node(&keyword.value())?))
                }
                _ => (sym(node!(node, as_required_keyword_parameter_node).name()), None),
            };
            keywords.push(Keyword { name, slot: self.slot(name).index, default });
        }
        Ok(keywords.into())
    }
}

/// Adds variables for the parameters that have no name but hold something.
fn nameless(parameters: &prism::ParametersNode<'_>, names: &mut Vec<Sym>) {
    let forwards = matches!(parameters.keyword_rest(), Some(Prism::ForwardingParameterNode { .. }));
    let rest = parameters.rest().and_then(|rest| rest.as_rest_parameter_node());
    if forwards || rest.is_some_and(|rest| rest.name().is_none()) {
        names.push(Sym::new("*"));
    }
    let keyword_rest = parameters.keyword_rest().and_then(|rest| rest.as_keyword_rest_parameter_node());
    if forwards || keyword_rest.is_some_and(|rest| rest.name().is_none()) {
        names.push(Sym::new("**"));
    }
    let block = parameters.block().and_then(|block| block.as_block_parameter_node());
    if forwards || block.is_some_and(|block| block.name().is_none()) {
        names.push(Sym::new("&"));
    }
}

fn mark_simple(mut params: Params) -> Params {
    let in_order =
        params.required.iter().enumerate().all(|(at, param)| matches!(param, Param::Slot(s) if *s as usize == at));
    params.simple = in_order
        && params.optional.is_empty()
        && params.rest == Rest::None
        && params.post.is_empty()
        && params.keywords.is_empty()
        && params.keyword_rest == KeywordRest::None
        && params.block.is_none();
    params
}
