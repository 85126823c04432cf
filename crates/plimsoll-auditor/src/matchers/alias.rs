//! Matchers by another name: `RSpec::Matchers.alias_matcher` and `define_negated_matcher`, and RSpec's own aliases.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, MethodBody, RClass, RProc, Res, Sym, Value, Visibility, def};

use super::{Boxed, Chained, Matcher, description, does_not_match, failure, format, matches, object};

/// RSpec's aliases: the new name and the matcher's.
const ALIASES: &[(&str, &str)] = &[
    ("a_truthy_value", "be_truthy"),
    ("be_falsy", "be_falsey"),
    ("a_falsey_value", "be_falsey"),
    ("a_falsy_value", "be_falsey"),
    ("a_nil_value", "be_nil"),
    ("a_value", "be"),
    ("an_instance_of", "be_an_instance_of"),
    ("a_kind_of", "be_a_kind_of"),
    ("a_value_between", "be_between"),
    ("a_value_within", "be_within"),
    ("within", "be_within"),
    ("a_block_changing", "change"),
    ("changing", "change"),
    ("a_collection_containing_exactly", "contain_exactly"),
    ("containing_exactly", "contain_exactly"),
    ("a_range_covering", "cover"),
    ("covering", "cover"),
    ("a_collection_ending_with", "end_with"),
    ("a_string_ending_with", "end_with"),
    ("ending_with", "end_with"),
    ("an_object_eq_to", "eq"),
    ("eq_to", "eq"),
    ("an_object_eql_to", "eql"),
    ("eql_to", "eql"),
    ("an_object_equal_to", "equal"),
    ("equal_to", "equal"),
    ("an_object_existing", "exist"),
    ("existing", "exist"),
    ("an_object_having_attributes", "have_attributes"),
    ("having_attributes", "have_attributes"),
    ("a_collection_including", "include"),
    ("a_string_including", "include"),
    ("a_hash_including", "include"),
    ("including", "include"),
    ("match_regex", "match"),
    ("an_object_matching", "match"),
    ("a_string_matching", "match"),
    ("matching", "match"),
    ("an_object_responding_to", "respond_to"),
    ("responding_to", "respond_to"),
    ("an_object_satisfying", "satisfy"),
    ("satisfying", "satisfy"),
    ("a_collection_starting_with", "start_with"),
    ("a_string_starting_with", "start_with"),
    ("starting_with", "start_with"),
    ("a_block_outputting", "output"),
    ("a_block_raising", "raise_error"),
    ("raising", "raise_error"),
    ("a_block_throwing", "throw_symbol"),
    ("throwing", "throw_symbol"),
    ("a_block_yielding_control", "yield_control"),
    ("yielding_control", "yield_control"),
    ("a_block_yielding_with_no_args", "yield_with_no_args"),
    ("yielding_with_no_args", "yield_with_no_args"),
    ("a_block_yielding_with_args", "yield_with_args"),
    ("yielding_with_args", "yield_with_args"),
    ("an_array_matching", "match_array"),
];

const SINGLETON: &[Def] = &[
    def("alias_matcher", 2, 3, |vm, this, args| define(vm, this, args, false), "A matcher by another name."),
    def("define_negated_matcher", 2, 2, |vm, this, args| define(vm, this, args, true), "A matcher's opposite."),
];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    vm.define_singleton(module, SINGLETON);
    for (new, old) in ALIASES {
        add(vm, module, Sym::new(new), Sym::new(old), false, &Wording::Words);
    }
}

/// How the alias's texts come from the matcher's.
#[derive(Clone)]
enum Wording {
    /// The matcher's name is replaced by the alias's.
    Words,
    /// A block says.
    Block(Rc<RProc>),
}

fn define(vm: &Interp, this: &Value, args: Args<'_>, negated: bool) -> Res {
    let module = vm.to_class(this)?;
    let (new, old) = (vm.to_name(&args[0])?, vm.to_name(&args[1])?);
    let wording = args.block.map_or(Wording::Words, |block| Wording::Block(Rc::clone(block)));
    add(vm, &module, new, old, negated, &wording);
    Ok(Value::Sym(new))
}

fn add(vm: &Interp, module: &Rc<RClass>, new: Sym, old: Sym, negated: bool, wording: &Wording) {
    let wording = wording.clone();
    let make = move |vm: &Interp, this: &Value, args: Args<'_>| {
        let inner = vm.call_with(this, old, args, CallStyle::Implicit)?;
        object(vm, Aliased { inner, new, old, negated, wording: wording.clone() })
    };
    vm.add_method(module, new, Visibility::Public, MethodBody::Closure(Rc::new(make), 0, -1));
}

struct Aliased {
    inner: Value,
    new: Sym,
    old: Sym,
    negated: bool,
    wording: Wording,
}

impl Aliased {
    fn reword(&self, vm: &Interp, text: Vec<u8>) -> Res<Vec<u8>> {
        match &self.wording {
            Wording::Block(block) => {
                let text = vm.call_block(block, &[Value::bytes(text)])?;
                Ok(vm.to_s(&text)?.to_vec())
            }
            Wording::Words => {
                let (old, new) = (format::words(&self.old.text()), format::words(&self.new.text()));
                match String::from_utf8(text) {
                    Ok(text) => Ok(text.replace(&old, &new).into_bytes()),
                    Err(error) => Ok(error.into_bytes()),
                }
            }
        }
    }

    /// A failure of the opposite: the default text with the opposite's words, or else the matcher's own negated text.
    fn opposite(&self, vm: &Interp, negated: bool) -> Res<Vec<u8>> {
        let default = self.inner.native::<Boxed>().is_some_and(|boxed| boxed.matcher.has_default_failures());
        if default {
            let base = failure(vm, &self.inner, negated)?;
            let reworded = self.reword(vm, base.clone())?;
            if reworded != base {
                return Ok(reworded);
            }
        }
        failure(vm, &self.inner, !negated)
    }
}

impl Matcher for Aliased {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if self.negated { does_not_match(vm, &self.inner, actual) } else { matches(vm, &self.inner, actual) }
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if self.negated { matches(vm, &self.inner, actual) } else { does_not_match(vm, &self.inner, actual) }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let text = description(vm, &self.inner)?.unwrap_or_default();
        self.reword(vm, text)
    }

    fn failure(&self, vm: &Interp, _: &Value) -> Res<Vec<u8>> {
        if self.negated { self.opposite(vm, false) } else { self.reword(vm, failure(vm, &self.inner, false)?) }
    }

    fn failure_negated(&self, vm: &Interp, _: &Value) -> Res<Vec<u8>> {
        if self.negated { self.opposite(vm, true) } else { self.reword(vm, failure(vm, &self.inner, true)?) }
    }

    fn diffed(&self, vm: &Interp, actual: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        super::diffed(vm, &self.inner, actual)
    }

    fn takes_blocks(&self, vm: &Interp) -> Res<bool> {
        super::takes_blocks(vm, &self.inner)
    }

    fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        if let Some(native) = self.inner.native::<Boxed>() {
            return Ok(match native.matcher.chain(vm, name, args)? {
                Chained::Other(inner) => Chained::Other(self.around(vm, inner)?),
                chained => chained,
            });
        }
        if ["==", "===", "!=", "=~"].contains(&name) || !vm.responds(&self.inner, Sym::new(name))? {
            return Ok(Chained::Unknown);
        }
        let result = vm.call_with(&self.inner, Sym::new(name), args, CallStyle::Explicit)?;
        Ok(if result.same(&self.inner) { Chained::Itself } else { Chained::Other(result) })
    }
}

impl Aliased {
    /// The same alias of another matcher.
    fn around(&self, vm: &Interp, inner: Value) -> Res {
        let (new, old, negated, wording) = (self.new, self.old, self.negated, self.wording.clone());
        object(vm, Self { inner, new, old, negated, wording })
    }
}
