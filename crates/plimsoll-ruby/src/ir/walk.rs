//! What an expression is made of.

use super::{Arg, ArgList, BlockArg, Kind, Node, Pair};

impl Node {
    /// Shows each expression that is evaluated as a part of this one, the bodies of blocks included: in the order of the
    /// source, and one level down. Patterns, parameters' defaults and the targets of assignments are left out, and so are
    /// bodies that are evaluated elsewhere: of methods, classes and modules.
    pub fn each_part<'n>(&'n self, show: &mut dyn FnMut(&'n Node)) {
        match &self.kind {
            Kind::Imaginary(node)
            | Kind::SetLocal(_, node)
            | Kind::SetOuterLocal(_, node)
            | Kind::Not(node)
            | Kind::Return(node)
            | Kind::Break(node)
            | Kind::LoopBreak(node)
            | Kind::Next(node)
            | Kind::Defined(node)
            | Kind::ConstPath(Some(node), _) => show(node),
            Kind::Interpolated(nodes)
            | Kind::InterpolatedSym(nodes)
            | Kind::Shell(nodes)
            | Kind::Undef(nodes)
            | Kind::Seq(nodes) => nodes.iter().for_each(show),
            Kind::Regex(regex) => regex.parts.iter().for_each(show),
            Kind::Array(list) | Kind::Yield(list) => list.each(show),
            Kind::Hash(pairs) => pairs.iter().for_each(|pair| pair.each(show)),
            Kind::Range(range) => [&range.begin, &range.end].into_iter().for_each(show),
            Kind::Assign(assigned) => show(&assigned.1),
            Kind::MultiAssign(assigned) => show(&assigned.1),
            Kind::OpAssign(assigned) => show(&assigned.value),
            Kind::Call(call) => {
                call.receiver.iter().for_each(&mut *show);
                call.args.each(show);
                call.block.each(show);
            }
            Kind::Visible(visible) => {
                visible.0.receiver.iter().for_each(&mut *show);
                visible.0.args.each(show);
            }
            Kind::Binary(binary) => [&binary.left, &binary.right].into_iter().for_each(show),
            Kind::Super(call) => {
                call.args.each(show);
                call.block.each(show);
            }
            Kind::And(both) | Kind::Or(both) | Kind::Alias(both) => [&both.0, &both.1].into_iter().for_each(show),
            Kind::If(fork) => [&fork.condition, &fork.then, &fork.otherwise].into_iter().for_each(show),
            Kind::While(repeat) => [&repeat.condition, &repeat.body].into_iter().for_each(show),
            Kind::Case(case) => {
                case.subject.iter().for_each(&mut *show);
                for branch in &case.branches {
                    branch.conditions.iter().for_each(|condition| condition.each(show));
                    show(&branch.body);
                }
                show(&case.otherwise);
            }
            Kind::CaseIn(case) => {
                show(&case.subject);
                case.branches.iter().for_each(|branch| show(&branch.body));
                case.otherwise.iter().for_each(show);
            }
            Kind::Begin(begin) => {
                show(&begin.body);
                begin.rescues.iter().for_each(|rescue| show(&rescue.body));
                begin.otherwise.iter().chain(&begin.ensure).for_each(show);
            }
            Kind::Lambda(block) => show(&block.body),
            Kind::Match(matched, _) => show(&matched.0),
            Kind::MatchWrite(matched) => show(&matched.0),
            Kind::SingletonClass(class) => show(&class.0),
            Kind::Nil
            | Kind::True
            | Kind::False
            | Kind::SelfValue
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Big(_)
            | Kind::Rational(_)
            | Kind::Str(..)
            | Kind::Sym(_)
            | Kind::Local(_)
            | Kind::OuterLocal(_)
            | Kind::Ivar(_)
            | Kind::Cvar(_)
            | Kind::Global(_)
            | Kind::NthMatch(_)
            | Kind::Const(_)
            | Kind::ConstPath(None, _)
            | Kind::Redo
            | Kind::Retry
            | Kind::Def(_)
            | Kind::Class(_)
            | Kind::Module(_)
            | Kind::AliasGlobal(..)
            | Kind::Refused(_) => {}
        }
    }
}

impl ArgList {
    fn each<'n>(&'n self, show: &mut dyn FnMut(&'n Node)) {
        match self {
            Self::Plain(nodes) => nodes.iter().for_each(show),
            Self::Mixed(args) => args.iter().for_each(|arg| arg.each(show)),
        }
    }
}

impl Arg {
    fn each<'n>(&'n self, show: &mut dyn FnMut(&'n Node)) {
        match self {
            Self::Value(node) | Self::Splat(node) => show(node),
            Self::Keywords(pairs) => pairs.iter().for_each(|pair| pair.each(show)),
        }
    }
}

impl Pair {
    fn each<'n>(&'n self, show: &mut dyn FnMut(&'n Node)) {
        match self {
            Self::Entry(key, value) => [key, value].into_iter().for_each(show),
            Self::Splat(node) => show(node),
        }
    }
}

impl BlockArg {
    fn each<'n>(&'n self, show: &mut dyn FnMut(&'n Node)) {
        match self {
            Self::Literal(block) => show(&block.body),
            Self::Pass(node) => show(node),
            Self::None | Self::Forward(_) => {}
        }
    }
}
