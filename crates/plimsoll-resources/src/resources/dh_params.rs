//! `dh_params`: Diffie-Hellman parameters of a server.
//!
//! ```ruby
//! describe dh_params('/etc/ssl/dhparams.pem') do
//!   it { should be_dh_params }
//!   it { should be_valid }
//!   its('generator') { should eq 2 }
//!   its('prime_length') { should be >= 2048 }
//! end
//! ```
//!
//! Read and tested natively, without `openssl`. `be_valid` tells whether the modulus is a safe prime that the generator fits.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use crate::base;
use crate::content;
use crate::declare::ResourceDef;
use crate::facts::dh::DhParameters;
use crate::give;

struct File {
    path: Vec<u8>,
    parameters: Option<DhParameters>,
}

pub(crate) const DH_PARAMS: ResourceDef = ResourceDef {
    name: "dh_params",
    class: "DhParams",
    doc: "Diffie-Hellman parameters.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def(
        "dh_params?",
        0,
        0,
        |vm, this, _| Ok(read(vm, this, |_| true.into())?.truthy().into()),
        "Whether it holds some.",
    ),
    def("valid?", 0, 0, |vm, this, _| read(vm, this, |dh| dh.is_valid().into()), "Whether they are safe to use."),
    def(
        "generator",
        0,
        0,
        |vm, this, _| read(vm, this, |dh| vm.integer(dh.generator.clone().into())),
        "The generator.",
    ),
    def("modulus", 0, 0, |vm, this, _| read(vm, this, modulus), "The prime, as bytes: `00:91:a0:…`."),
    def(
        "prime_length",
        0,
        0,
        |vm, this, _| read(vm, this, |dh| Value::Int(dh.prime.bits().try_into().unwrap_or(i64::MAX))),
        "How many bits the prime has.",
    ),
    def("pem", 0, 0, |vm, this, _| read(vm, this, |dh| Value::str(dh.to_pem())), "The parameters as PEM."),
    def("text", 0, 0, |vm, this, _| read(vm, this, |dh| Value::str(dh.to_text())), "A listing, as OpenSSL writes it."),
    def("resource_id", 0, 0, |vm, this, _| title(vm, this, b""), "The path."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, b"dh_params "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_default();
    let keep = |parameters| base::set_state(vm, this, File { path: path.clone(), parameters });
    let content = match content::read(vm, &path, false) {
        Ok(content) => content,
        Err(unwind) => {
            keep(None)?;
            return Err(unwind);
        }
    };
    match DhParameters::parse(&content) {
        Some(parameters) => keep(Some(parameters)),
        // CINC has these words for anything that OpenSSL does not read.
        None => Err(vm.error("RuntimeError", "could not parse pkey: unsupported")),
    }
}

fn read(vm: &Interp, this: &Value, property: impl FnOnce(&DhParameters) -> Value) -> Res {
    Ok(base::state::<File>(vm, this)?.parameters.as_ref().map_or(Value::Nil, property))
}

/// The hexadecimal digits in pairs after a zero byte; an odd one at the end is lost, as in CINC.
fn modulus(dh: &DhParameters) -> Value {
    let digits = dh.prime.to_str_radix(16);
    let pairs: Vec<&[u8]> = digits.as_bytes().chunks_exact(2).collect();
    Value::bytes([b"00:".as_slice(), &pairs.join(&b':')].concat())
}

fn title(vm: &Interp, this: &Value, title: &[u8]) -> Res {
    Ok(Value::bytes([title, &base::state::<File>(vm, this)?.path].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const PEM: &str = "\
-----BEGIN DH PARAMETERS-----
MEYCQQCZWAXoybwfOPwgjRPuLmIp1x2HYyPFMhX2nYdh3D/GXLHV0twTEbHuZhVN
eWqJm3IT/lVjTgA7WmeEpX9fE3dvAgEC
-----END DH PARAMETERS-----
";
    const TEXT: &str = "DH Parameters: (512 bit)\nP:   \n    00:99:58:05:e8:c9:bc:1f:38:fc:20:8d:13:ee:2e:\n";

    #[test]
    fn present_parameters_are_read() {
        let audit = Audit::debian(MemoryTarget::new().file("/dh.pem", PEM));
        let dh = audit.on("dh_params", "/dh.pem");
        assert_eq!((audit.get(&dh, "dh_params?"), audit.get(&dh, "valid?")), ("true".into(), "true".into()));
        assert_eq!((audit.get(&dh, "generator"), audit.get(&dh, "prime_length")), ("2".into(), "512".into()));
        assert!(audit.get(&dh, "modulus").starts_with("\"00:99:58:05:e8:"));
        assert_eq!(audit.get(&dh, "pem"), format!("{PEM:?}"));
        let text = audit.vm.send(&dh, "text", &[]).unwrap();
        let text = audit.vm.to_s(&text).unwrap().lossy();
        assert!(text.starts_with(TEXT) && text.ends_with("    7f:5f:13:77:6f\nG:    2 (0x2)\n"), "{text}");
        assert_eq!(audit.get(&dh, "to_s"), r#""dh_params /dh.pem""#);
    }

    #[test]
    fn what_is_absent_or_unreadable_skips() {
        let audit = Audit::debian(MemoryTarget::new().file("/no.pem", PEM).denied("/no.pem"));
        assert_eq!(audit.why(&audit.on("dh_params", "/none.pem")), "skipped: Can't find file: /none.pem");
        assert_eq!(audit.why(&audit.on("dh_params", "/no.pem")), "skipped: Can't read file: /no.pem");
    }

    #[test]
    fn what_is_malformed_is_an_error() {
        let audit = Audit::debian(MemoryTarget::new().file("/bad.pem", "junk"));
        let error = audit.make("dh_params", &[Value::str("/bad.pem")]).err().unwrap();
        assert_eq!(audit.message(&error), "RuntimeError: could not parse pkey: unsupported");
    }
}
