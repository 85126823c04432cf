//! Binding arguments to parameters.

use std::rc::Rc;

use super::Scope;
use crate::args::Args;
use crate::ir::{KeywordRest, Param, Params, Rest};
use crate::unwind::{Res, Unwind};
use crate::value::{RHash, Value};

impl Scope<'_> {
    /// Assigns arguments to parameters: by the rules of methods and lambdas when `strict`, else by those of procs.
    #[inline(never)]
    pub(super) fn bind(&self, params: &Params, args: Args<'_>, strict: bool) -> Res<()> {
        let (mut values, keywords) = self.keywords_apart(params, args)?;
        let spread;
        if !strict
            && !args.keywords
            && let [only] = values
            && spreads(params)
            && let Some(array) = self.vm.try_array(only)?
        {
            spread = array.to_vec();
            values = &spread;
        }
        let padded: Vec<Value>;
        let min = params.min();
        if strict {
            if values.len() < min || params.max().is_some_and(|max| values.len() > max) {
                return Err(self.wrong_count(params, values.len()));
            }
        } else if values.len() < min {
            padded = values.iter().cloned().chain(std::iter::repeat_n(Value::Nil, min - values.len())).collect();
            // A proc's missing values are those at the end: after-rest parameters go without before the others do.
            values = &padded;
        } else if let Some(max) = params.max()
            && values.len() > max
        {
            values = &values[..max];
        }
        self.bind_positional(params, values)?;
        if params.takes_keywords() {
            self.bind_keywords(params, keywords)?;
        }
        if let Some(slot) = params.block {
            let block = args.block.map(|block| {
                self.vm.keep_proc(block);
                Value::Proc(Rc::clone(block))
            });
            self.env.set(slot, block.unwrap_or_default());
        }
        Ok(())
    }

    fn bind_positional(&self, params: &Params, values: &[Value]) -> Res<()> {
        let (required, others) = values.split_at(params.required.len());
        let (middle, post) = others.split_at(others.len() - params.post.len());
        for (param, value) in params.required.iter().zip(required) {
            self.bind_param(param, value)?;
        }
        for (param, value) in params.post.iter().zip(post) {
            self.bind_param(param, value)?;
        }
        let given = middle.len().min(params.optional.len());
        for ((slot, _), value) in params.optional.iter().zip(middle) {
            self.env.set(*slot, value.clone());
        }
        if let Rest::Slot(slot) = params.rest {
            self.env.set(slot, Value::array(middle[given..].to_vec()));
        }
        for (slot, default) in &params.optional[given..] {
            let value = self.eval(default)?;
            self.env.set(*slot, value);
        }
        Ok(())
    }

    fn bind_param(&self, param: &Param, value: &Value) -> Res<()> {
        match param {
            Param::Slot(slot) => {
                self.env.set(*slot, value.clone());
                Ok(())
            }
            Param::Target(target) => self.assign(target, value.clone()),
        }
    }

    /// Positional values and keywords: a method without keywords sees them as a trailing Hash.
    fn keywords_apart<'a>(&self, params: &Params, args: Args<'a>) -> Res<(&'a [Value], Option<&'a Rc<RHash>>)> {
        if !args.keywords {
            return Ok((args.values, None));
        }
        if params.takes_keywords() {
            return Ok(args.split_keywords());
        }
        if params.keyword_rest == KeywordRest::Refused {
            return Err(self.vm.argument_error("no keywords accepted"));
        }
        Ok((args.values, None))
    }

    fn bind_keywords(&self, params: &Params, keywords: Option<&Rc<RHash>>) -> Res<()> {
        let vm = self.vm;
        let mut missing = Vec::new();
        let mut taken = 0;
        for keyword in &params.keywords {
            let given = match keywords {
                Some(keywords) => vm.hash_get(keywords, &Value::Sym(keyword.name))?,
                None => None,
            };
            match (given, &keyword.default) {
                (Some(value), _) => {
                    taken += 1;
                    self.env.set(keyword.slot, value);
                }
                (None, None) => missing.push(keyword.name),
                (None, Some(_)) => {}
            }
        }
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|name| format!("{name:?}")).collect();
            let plural = if names.len() == 1 { "" } else { "s" };
            return Err(vm.argument_error(format!("missing keyword{plural}: {}", names.join(", "))));
        }
        let named = |key: &Value| matches!(key, Value::Sym(name) if params.keywords.iter().any(|k| k.name == *name));
        match params.keyword_rest {
            KeywordRest::Slot(slot) => {
                let rest = RHash::new();
                for (key, value) in keywords.map(|keywords| keywords.entries()).unwrap_or_default() {
                    if !named(&key) {
                        vm.hash_set(&rest, key, value)?;
                    }
                }
                self.env.set(slot, Value::Hash(rest));
            }
            _ => {
                if let Some(keywords) = keywords
                    && taken < keywords.len()
                {
                    let unknown: Vec<Value> = keywords.keys().into_iter().filter(|key| !named(key)).collect();
                    return Err(self.unknown_keywords(&unknown)?);
                }
            }
        }
        // Defaults come last: they may name any other parameter.
        for keyword in &params.keywords {
            let Some(default) = &keyword.default else { continue };
            let given = match keywords {
                Some(keywords) => vm.hash_get(keywords, &Value::Sym(keyword.name))?.is_some(),
                None => false,
            };
            if !given {
                let value = self.eval(default)?;
                self.env.set(keyword.slot, value);
            }
        }
        Ok(())
    }

    fn unknown_keywords(&self, unknown: &[Value]) -> Res<Unwind> {
        let mut names = Vec::new();
        for key in unknown {
            names.push(self.vm.inspect(key)?.lossy());
        }
        let plural = if names.len() == 1 { "" } else { "s" };
        Ok(self.vm.argument_error(format!("unknown keyword{plural}: {}", names.join(", "))))
    }

    /// The ArgumentError of a wrong number of arguments, with the keywords that are required besides.
    fn wrong_count(&self, params: &Params, given: usize) -> Unwind {
        let min = params.min();
        let expected = match params.max() {
            None => format!("{min}+"),
            Some(max) if max == min => format!("{min}"),
            Some(max) => format!("{min}..{max}"),
        };
        let required: Vec<String> =
            params.keywords.iter().filter(|k| k.default.is_none()).map(|k| k.name.to_string()).collect();
        let keywords = match required.len() {
            0 => String::new(),
            1 => format!("; required keyword: {}", required[0]),
            _ => format!("; required keywords: {}", required.join(", ")),
        };
        self.vm.argument_error(format!("wrong number of arguments (given {given}, expected {expected}{keywords})"))
    }
}

/// Whether a proc with these parameters spreads a single array over them.
fn spreads(params: &Params) -> bool {
    // `|a|` takes the array as it is.
    let single = params.required.len() == 1
        && params.optional.is_empty()
        && params.post.is_empty()
        && params.rest == Rest::None
        && params.keywords.is_empty()
        && params.keyword_rest == KeywordRest::None;
    (params.min() > 0 || params.optional.len() > 1) && !single
}
