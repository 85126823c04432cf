//! `rabbitmq_config`: RabbitMQ's classic configuration file, which is a term of Erlang.
//!
//! ```ruby
//! describe rabbitmq_config.params('rabbit', 'ssl_listeners') do
//!   it { should cmp 5671 }
//! end
//! describe rabbitmq_config('/srv/rabbitmq.config').params('rabbit', 'ssl_options') do
//!   its(['fail_if_no_peer_cert']) { should eq true }
//! end
//! ```
//!
//! Reads `/etc/rabbitmq/rabbitmq.config`, or the file that is given. Lists of pairs are Hashes.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};

use crate::base;
use crate::content;
use crate::declare::ResourceDef;
use crate::facts::erlang::{self, Term};
use crate::give;
use crate::text;

struct Config {
    path: Vec<u8>,
    content: Vec<u8>,
}

pub(crate) const RABBITMQ_CONFIG: ResourceDef = ResourceDef {
    name: "rabbitmq_config",
    aliases: &["rabbitmq_conf"],
    class: "RabbitmqConfig",
    doc: "RabbitMQ's classic configuration.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, -1, params, "All settings, or what is below some keys."),
    def("resource_id", 0, 0, |vm, this, _| title(vm, this, b""), "The path."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, b"rabbitmq_config "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/rabbitmq/rabbitmq.config".to_vec());
    match content::read(vm, &path, true) {
        Ok(content) => base::set_state(vm, this, Config { path, content }),
        Err(unwind) => {
            base::set_state(vm, this, Config { path, content: Vec::new() })?;
            Err(unwind)
        }
    }
}

fn params(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let config = base::state::<Config>(vm, this)?;
    let mut found = match erlang::parse(&config.content) {
        Ok(Some(term)) => value(vm, &term)?,
        Ok(None) => Value::str(""),
        Err(erlang::Malformed) => {
            let shown = text::lossy(&config.content);
            return Err(vm.error("RuntimeError", format!("Cannot parse RabbitMQ config: \"{shown}\"")));
        }
    };
    for key in args.values {
        found = match &found {
            Value::Hash(hash) => vm.hash_get(hash, key)?.unwrap_or_default(),
            _ => Value::Nil,
        };
    }
    Ok(found)
}

/// A term; one whose parts are all pairs is a Hash, as far down as that goes.
fn value(vm: &Interp, term: &Term) -> Res {
    let (Term::List(parts) | Term::Tuple(parts)) = term else { return Ok(plain(term)) };
    let pair = |part: &Term| match part {
        Term::Tuple(pair) if pair.len() == 2 => Some((pair[0].clone(), pair[1].clone())),
        _ => None,
    };
    let Some(pairs) = parts.iter().map(pair).collect::<Option<Vec<_>>>() else { return Ok(plain(term)) };
    let hash: Rc<RHash> = RHash::new();
    for (name, inner) in pairs {
        vm.hash_set(&hash, plain(&name), value(vm, &inner)?)?;
    }
    Ok(Value::Hash(hash))
}

fn plain(term: &Term) -> Value {
    match term {
        Term::List(parts) | Term::Tuple(parts) => Value::array(parts.iter().map(plain).collect()),
        Term::Text(text) => Value::bytes(text.clone()),
        Term::Bool(value) => (*value).into(),
        Term::Integer(number) => Value::Int(*number),
        Term::Float(number) => Value::Float(*number),
    }
}

fn title(vm: &Interp, this: &Value, title: &[u8]) -> Res {
    Ok(Value::bytes([title, &base::state::<Config>(vm, this)?.path].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_file_is_gone_down_by_keys() {
        let text = "[{rabbit, [{ssl_listeners, [5671]}, {odd, {a, b, c}}, {none, []}]}].\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/rabbitmq/rabbitmq.config", text));
        let config = audit.the("rabbitmq_config");
        let below = |key: &str| audit.ask(&config, "params", &[Value::str("rabbit"), Value::str(key)]);
        assert_eq!((below("ssl_listeners"), below("odd")), ("[5671]".into(), r#"["a", "b", "c"]"#.into()));
        assert_eq!((below("none"), below("nothing")), ("{}".into(), "nil".into()));
        assert_eq!(
            audit.get(&audit.the("rabbitmq_conf"), "to_s"),
            r#""rabbitmq_config /etc/rabbitmq/rabbitmq.config""#
        );
    }

    #[test]
    fn an_absent_or_unreadable_file_skips_and_a_malformed_one_is_an_error() {
        let audit =
            Audit::debian(MemoryTarget::new().file("/bad", "[{a,").file("/no", "[]").denied("/no").file("/empty", ""));
        for name in ["rabbitmq_config", "rabbitmq_conf"] {
            let bad = audit.get(&audit.on(name, "/bad"), "params");
            assert_eq!(bad, "!RuntimeError: Cannot parse RabbitMQ config: \"[{a,\"");
            assert_eq!(audit.get(&audit.on(name, "/empty"), "params"), r#""""#);
            let none = audit.why(&audit.the(name));
            assert_eq!(none, "skipped: Can't find file: /etc/rabbitmq/rabbitmq.config");
            assert_eq!(audit.why(&audit.on(name, "/no")), "skipped: Can't read file: /no");
        }
    }
}
