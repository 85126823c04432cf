//! What the resources that control files name with literal arguments will look at and read.

use std::sync::Arc;

use plimsoll_resources::Backend;
use plimsoll_ruby::ir::{ArgList, BlockArg, Call, Kind, Node, Program};
use plimsoll_ruby::{Interp, Res, Sym, Value};
use plimsoll_target::Request;

use super::Foreseen;
use crate::dsl::Scope;

/// The control files of one profile, in the order in which they run.
pub(crate) struct Files<'a> {
    vm: &'a Interp,
    scope: &'a Scope,
    programs: Vec<Option<Arc<Program>>>,
    /// The first file that nothing was asked for yet.
    next: usize,
}

/// `file('/etc/passwd')`, or `file('/etc/passwd').content`.
struct Mention<'p> {
    resource: &'p Call,
    property: Option<&'p Call>,
}

impl<'a> Files<'a> {
    /// `programs`: what the files hold; none for one that can't be parsed or isn't needed.
    pub(crate) fn new(vm: &'a Interp, scope: &'a Scope, programs: Vec<Option<Arc<Program>>>) -> Self {
        Self { vm, scope, programs, next: 0 }
    }

    /// To be called before a file is run. Asks for as many files at once as are run before a command of theirs may make
    /// what was seen worthless.
    pub(crate) fn before(&mut self, at: usize) -> Res<()> {
        if at < self.next {
            return Ok(());
        }
        let mut mentions = Vec::new();
        self.next = self.programs.len();
        for (place, program) in self.programs.iter().enumerate().skip(at) {
            let Some(program) = program else { continue };
            let mut found = Found::default();
            found.look(&program.body);
            mentions.extend(found.mentions);
            if found.runs_commands {
                self.next = place + 1;
                break;
            }
        }
        let backend = Backend::of(self.vm);
        mentions.retain(|mention| self.is_core(mention.resource.name));
        let foresee = |mention: &Mention<'_>| {
            let mut foreseen = backend.foresee(|| self.evaluate(mention));
            foreseen.retain(|request| !matches!(request, Request::Run(_)));
            foreseen
        };
        let asked = Foreseen::ask(&backend, mentions, foresee).and_then(|asked| asked.follow(&backend, foresee));
        self.vm.renew_budget();
        asked
    }

    /// Whether the profile means a resource of ours by the name.
    fn is_core(&self, name: Sym) -> bool {
        let meant = self.scope.resources.get(name);
        meant.is_some_and(|class| plimsoll_resources::is_core(self.vm, name, &class))
    }

    fn evaluate(&self, mention: &Mention<'_>) -> Res {
        let args = literals(&mention.resource.args).unwrap_or_default();
        let resource = self.vm.call(&self.scope.backend, mention.resource.name, &args)?;
        let Some(property) = mention.property else { return Ok(resource) };
        let args = literals(&property.args).unwrap_or_default();
        self.vm.call(&resource, property.name, &args)
    }
}

/// What was found in a file.
#[derive(Default)]
struct Found<'p> {
    mentions: Vec<Mention<'p>>,
    /// Whether commands may run before the examples do.
    runs_commands: bool,
}

/// The resources that run what a profile wants them to.
const COMMANDS: [&str; 5] = ["command", "bash", "script", "powershell", "run_command"];
/// The calls whose blocks run when the examples do.
const EXAMPLES: [&str; 4] = ["it", "its", "specify", "example"];

impl<'p> Found<'p> {
    fn look(&mut self, node: &'p Node) {
        let Kind::Call(call) = &node.kind else {
            self.runs_commands |= matches!(node.kind, Kind::Shell(_));
            node.each_part(&mut |part| self.look(part));
            return;
        };
        if is_one_of(call, &EXAMPLES) {
            return;
        }
        if let Some(mention) = Mention::of(call) {
            self.mentions.push(mention);
        }
        let inner = call.receiver.as_ref().filter(|_| Mention::of(call).is_some());
        self.runs_commands |= is_one_of(call, &COMMANDS) || inner.is_some_and(is_command);
        // What is only described runs nothing yet.
        let described = call.receiver.is_none() && is_one_of(call, &["describe"]);
        node.each_part(&mut |part| match (&part.kind, inner) {
            (Kind::Call(named), _) if described && is_one_of(named, &COMMANDS) => {}
            (_, Some(inner)) if std::ptr::eq(inner, part) => {}
            _ => self.look(part),
        });
    }
}

fn is_command(node: &Node) -> bool {
    matches!(&node.kind, Kind::Call(call) if is_one_of(call, &COMMANDS))
}

fn is_one_of(call: &Call, names: &[&str]) -> bool {
    names.iter().any(|name| call.name == Sym::new(name))
}

impl<'p> Mention<'p> {
    fn of(call: &'p Call) -> Option<Self> {
        let takes_literals = |call: &Call| literals(&call.args).is_some() && matches!(call.block, BlockArg::None);
        if !takes_literals(call) {
            return None;
        }
        match &call.receiver {
            None => Some(Self { resource: call, property: None }),
            Some(receiver) => match &receiver.kind {
                Kind::Call(inner) if is_inspec(inner) => Some(Self { resource: call, property: None }),
                Kind::Call(inner) if inner.receiver.is_none() && takes_literals(inner) => {
                    Some(Self { resource: inner, property: Some(call) })
                }
                _ => None,
            },
        }
    }
}

/// `inspec`, which resources can be called on.
fn is_inspec(call: &Call) -> bool {
    call.receiver.is_none()
        && is_one_of(call, &["inspec"])
        && matches!(&call.args, ArgList::Plain(args) if args.is_empty())
}

/// The values of arguments that are literals, all of them.
fn literals(args: &ArgList) -> Option<Vec<Value>> {
    let ArgList::Plain(nodes) = args else { return None };
    nodes.iter().map(literal).collect()
}

fn literal(node: &Node) -> Option<Value> {
    Some(match &node.kind {
        Kind::Str(text, ..) => Value::bytes(text.to_vec()),
        Kind::Sym(name) => Value::Sym(*name),
        Kind::Int(number) => Value::Int(*number),
        Kind::Nil => Value::Nil,
        Kind::True => Value::Bool(true),
        Kind::False => Value::Bool(false),
        _ => return None,
    })
}
