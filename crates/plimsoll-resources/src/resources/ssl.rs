//! `ssl`: which protocols and cipher suites a server speaks.
//!
//! ```ruby
//! describe ssl(port: 443).protocols('tls1.0') do
//!   it { should_not be_enabled }
//! end
//! describe ssl(port: 443).ciphers(/rc4/i) do
//!   it { should_not be_enabled }
//! end
//! ```
//!
//! The table has a row for every protocol (`ssl2`, `ssl3`, `tls1.0` to `tls1.3`) with every cipher suite that it knows.
//! CINC tries them in handshakes from the machine that it runs on, and only where it knows the server's name: on a
//! container without `host:` it can't, and says so. Plimsoll opens no connection of its machine for a profile: with
//! `host:` too it says that this can't be tested. Either way the test fails; nothing is taken for disabled.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Unwind, Value, def};

use crate::base;
use crate::declare::ResourceDef;
use crate::facts::tls_suites::{SSL2, TLS};
use crate::filter_table::{Columns, Key};
use crate::give;

struct Server {
    host: Value,
    port: Value,
    timeout: Value,
    retries: Value,
}

pub(crate) const SSL: ResourceDef = ResourceDef {
    name: "ssl",
    class: "SSL",
    doc: "The protocols and cipher suites of a server.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("host", 0, 0, |vm, this, _| Ok(base::state::<Server>(vm, this)?.host.clone()), "The server's name."),
    def("port", 0, 0, |vm, this, _| Ok(base::state::<Server>(vm, this)?.port.clone()), "Its port; 443 if not given."),
    def(
        "timeout",
        0,
        0,
        |vm, this, _| Ok(base::state::<Server>(vm, this)?.timeout.clone()),
        "The timeout that was given.",
    ),
    def("retries", 0, 0, |vm, this, _| Ok(base::state::<Server>(vm, this)?.retries.clone()), "How often to try again."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("ciphers", "cipher")
        .column("protocols", "protocol")
        .property("enabled?", "Whether the server speaks it: fails, nothing is tried.", |vm, table, _| {
            Err(untestable(vm, table)?)
        })
        .property("handshake", "What the server answered: fails, nothing is tried.", |vm, table, _| {
            Err(untestable(vm, table)?)
        })
        .install(vm, class, |vm, _| rows(vm));
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| Ok::<_, Unwind>(give::option(vm, args, 0, name)?.unwrap_or_default());
    let port = give::option(vm, args, 0, "port")?.unwrap_or(Value::Int(443));
    let server = Server { host: option("host")?, port, timeout: option("timeout")?, retries: option("retries")? };
    base::set_state(vm, this, server)
}

/// Why there is no handshake.
fn untestable(vm: &Interp, table: &Value) -> Res<Unwind> {
    let resource = vm.send(table, "resource", &[])?;
    if vm.send(&resource, "host", &[])?.is_nil() {
        let text = "Cannot determine host for SSL test. Please specify it or use a different target.";
        return Ok(vm.error("RuntimeError", text));
    }
    let server = vm.to_s(&resource)?.lossy();
    let text = format!(
        "{server} can't be tested: no connection is opened from the auditing machine for a profile. Run a client on the \
         target, as in command('openssl s_client -connect …')."
    );
    Ok(vm.error("RuntimeError", text))
}

/// Whether a cipher suite of this name and number is one of a protocol.
type IsOf = fn(&str, u16) -> bool;

/// The protocols, and which cipher suites are theirs; as in CINC's list, those of TLS 1.3 are SSL 3's and TLS 1.2's too.
const PROTOCOLS: [(&str, IsOf); 5] = [
    ("ssl3", |_, _| true),
    ("tls1.0", |name, number| is_tls(name) && number >> 8 == 0x00),
    ("tls1.1", |name, number| is_tls(name) && number >> 8 == 0x00),
    ("tls1.2", |name, _| is_tls(name)),
    ("tls1.3", |name, number| is_tls(name) && number >> 8 == 0x13),
];

fn is_tls(name: &str) -> bool {
    name.starts_with("TLS_")
}

fn rows(vm: &Interp) -> Res {
    let row = |protocol: &str, cipher: &str| {
        let fields = [("protocol", Value::str(protocol)), ("cipher", Value::str(cipher))];
        Ok::<_, Unwind>(Value::Hash(give::string_hash(vm, fields)?))
    };
    let mut rows = SSL2.iter().map(|cipher| row("ssl2", cipher)).collect::<Res<Vec<_>>>()?;
    for (protocol, has) in PROTOCOLS {
        let ciphers = TLS.iter().filter(|(name, number)| has(name, *number));
        for (cipher, _) in ciphers {
            rows.push(row(protocol, cipher)?);
        }
    }
    Ok(Value::array(rows))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let server = base::state::<Server>(vm, this)?;
    let (host, port) = (vm.to_s(&server.host)?.lossy(), vm.to_s(&server.port)?.lossy());
    Ok(Value::str(format!("SSL/TLS on {host}:{port}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn the_table_of_protocols_and_ciphers_is_always_present() {
        let audit = Audit::debian(MemoryTarget::new());
        let ssl = audit.the("ssl");
        assert_eq!(audit.get(&ssl, "to_s"), r#""SSL/TLS on :443""#);
        let chosen = audit.vm.send(&ssl, "protocols", &[Value::str("tls1.0")]).unwrap();
        let ciphers = audit.get(&chosen, "ciphers");
        assert!(ciphers.contains("TLS_RSA_WITH_RC4_128_SHA") && !ciphers.contains("ECDHE"), "{ciphers}");
        assert_eq!(audit.get(&chosen, "to_s"), r#""SSL/TLS on :443 with protocol == \"tls1.0\"""#);
        let newest = audit.vm.send(&ssl, "protocols", &[Value::str("tls1.3")]).unwrap();
        assert_eq!(audit.get(&newest, "count"), "5");
        let all = audit.vm.send(&ssl, "ciphers", &[]).unwrap();
        assert!(audit.get(&all, "length").parse::<usize>().unwrap() > 500);
    }

    #[test]
    fn nothing_is_taken_for_disabled() {
        let audit = Audit::debian(MemoryTarget::new());
        let told = audit.get(&audit.the("ssl"), "enabled?");
        assert!(told.starts_with("!RuntimeError: Cannot determine host for SSL test."), "{told}");
        let host = audit
            .vm
            .hash_from([(Value::sym("host"), Value::str("db")), (Value::sym("port"), Value::Int(5432))])
            .unwrap();
        let told = audit.get(&audit.make("ssl", &[host.into()]).unwrap(), "enabled?");
        assert!(told.starts_with("!RuntimeError: SSL/TLS on db:5432 can't be tested"), "{told}");
    }
}
