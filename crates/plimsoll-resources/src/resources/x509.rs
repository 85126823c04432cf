//! `x509_certificate`, `x509_private_key` and `key_rsa`: certificates and keys.
//!
//! ```ruby
//! describe x509_certificate('/etc/ssl/certs/www.pem') do
//!   it { should be_valid }
//!   its('validity_in_days') { should be > 30 }
//!   its('subject.CN') { should eq 'www.example.com' }
//!   its('key_length') { should be >= 2048 }
//!   its('signature_algorithm') { should_not match(/sha1|md5/) }
//! end
//! describe key_rsa('/etc/ssl/private/www.key') do
//!   it { should be_private }
//! end
//! ```
//!
//! Certificates and RSA keys are read here. `has_purpose?` and `x509_private_key` ask `openssl` on the target.

use std::rc::Rc;

use num_bigint::{BigInt, Sign};
use plimsoll_ruby::{Args, CallStyle, Def, Interp, MethodBody, Res, Sym, Value, Visibility, def};
use sha1::Digest;

use super::command;
use crate::backend::Backend;
use crate::base;
use crate::content;
use crate::declare::ResourceDef;
use crate::facts::der;
use crate::facts::rsa::RsaKey;
use crate::facts::x509::{self, Certificate};
use crate::give;
use crate::mash;
use crate::text;
use crate::tool;

pub(crate) const X509_CERTIFICATE: ResourceDef = ResourceDef {
    name: "x509_certificate",
    class: "X509CertificateResource",
    doc: "A certificate.",
    new: Some((1, 1, new_certificate)),
    methods: CERTIFICATE_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const X509_PRIVATE_KEY: ResourceDef = ResourceDef {
    name: "x509_private_key",
    class: "X509PrivateKey",
    doc: "A private key, judged by openssl.",
    new: Some((1, 2, new_private_key)),
    methods: PRIVATE_KEY_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const KEY_RSA: ResourceDef = ResourceDef {
    name: "key_rsa",
    class: "RsaKey",
    doc: "An RSA key.",
    new: Some((1, 2, new_key)),
    methods: KEY_METHODS,
    ..ResourceDef::EMPTY
};

// ---- x509_certificate

struct Held {
    path: Option<Value>,
    certificate: Option<Certificate>,
}

const CERTIFICATE_METHODS: &[Def] = &[
    def(
        "certificate?",
        0,
        0,
        |vm, this, _| Ok(held(vm, this)?.certificate.is_some().into()),
        "Whether it is a certificate.",
    ),
    def("valid?", 0, 0, valid, "Whether it is valid now."),
    def("version", 0, 0, |vm, this, _| certificate(vm, this, |c| c.version.into()), "Its version, counted from 0."),
    def("serial", 0, 0, serial, "Its serial number."),
    def("not_before", 0, 0, |vm, this, _| time(vm, this, |c| c.not_before), "When it begins to be valid."),
    def("not_after", 0, 0, |vm, this, _| time(vm, this, |c| c.not_after), "When it ends to be valid."),
    def("validity_in_days", 0, 0, validity_in_days, "How many days it is valid from now on."),
    def(
        "signature_algorithm",
        0,
        0,
        |vm, this, _| certificate(vm, this, |c| Value::str(&c.signature_algorithm)),
        "How it is signed.",
    ),
    def(
        "fingerprint",
        0,
        0,
        |vm, this, _| certificate(vm, this, |c| Value::str(text::hex(&sha1::Sha1::digest(&c.der)))),
        "The SHA-1 sum of it.",
    ),
    def(
        "subject_dn",
        0,
        0,
        |vm, this, _| certificate(vm, this, |c| Value::str(x509::one_line(&c.subject))),
        "Whom it is for, on one line.",
    ),
    def(
        "issuer_dn",
        0,
        0,
        |vm, this, _| certificate(vm, this, |c| Value::str(x509::one_line(&c.issuer))),
        "Who signed it, on one line.",
    ),
    def("subject", 0, 0, |vm, this, _| name(vm, this, |c| &c.subject), "Whom it is for."),
    def("issuer", 0, 0, |vm, this, _| name(vm, this, |c| &c.issuer), "Who signed it."),
    def(
        "email",
        0,
        0,
        |vm, this, _| vm.send(&name(vm, this, |c| &c.subject)?, "emailAddress", &[]),
        "The subject's address.",
    ),
    def("public_key", 0, 0, public_key, "Its key."),
    def("key_length", 0, 0, key_length, "The bits of its RSA key."),
    def("keylength", 0, 0, key_length, "The bits of its RSA key."),
    def("extensions", 0, 0, extensions, "Its extensions, each an Array of texts."),
    def(
        "subject_alt_names",
        0,
        0,
        |vm, this, _| vm.send(&extensions(vm, this, Args::default())?, "subjectAltName", &[]),
        "Its further names.",
    ),
    def("has_purpose?", 1, 1, has_purpose, "Whether openssl tells purposes of it."),
    def("resource_id", 0, 0, certificate_id, "Its path or name."),
    def("to_s", 0, 0, certificate_to_s, "Its title."),
];

fn held(vm: &Interp, this: &Value) -> Res<Rc<Held>> {
    base::state::<Held>(vm, this)
}

fn new_certificate(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let (path, content) = match &args[0] {
        Value::Hash(options) => (vm.hash_sym(options, "filepath")?, vm.hash_sym(options, "content")?),
        path => (Some(path.clone()), None),
    };
    let path = path.filter(|path| !path.is_nil());
    let given = match (content.filter(Value::truthy), &path) {
        (Some(content), _) => Ok(vm.to_s(&content)?.to_vec()),
        (None, Some(path)) => content::read(vm, &vm.to_s(path)?.to_vec(), false),
        (None, None) => content::read(vm, b"", false),
    };
    let text = match given {
        Ok(text) => text,
        Err(unwind) => {
            base::set_state(vm, this, Held { path, certificate: None })?;
            return Err(unwind);
        }
    };
    let Some(certificate) = Certificate::parse(&text) else {
        return Err(vm.error("StandardError", "PEM_read_bio_X509: no start line"));
    };
    base::set_state(vm, this, Held { path, certificate: Some(certificate) })
}

fn certificate(vm: &Interp, this: &Value, tell: impl Fn(&Certificate) -> Value) -> Res {
    Ok(held(vm, this)?.certificate.as_ref().map_or(Value::Nil, tell))
}

fn now(vm: &Interp) -> f64 {
    vm.host.now().as_secs_f64()
}

fn valid(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let now = now(vm);
    certificate(vm, this, |c| (now >= c.not_before as f64 && now <= c.not_after as f64).into())
}

fn validity_in_days(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    const DAY: f64 = 86_400.0;
    let now = now(vm);
    certificate(vm, this, |c| Value::Float((c.not_after as f64 - now) / DAY))
}

fn serial(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    certificate(vm, this, |c| vm.integer(BigInt::from_bytes_be(Sign::Plus, &c.serial)))
}

/// A Time in UTC.
fn time(vm: &Interp, this: &Value, which: fn(&Certificate) -> i64) -> Res {
    let held = held(vm, this)?;
    let Some(certificate) = &held.certificate else { return Ok(Value::Nil) };
    let class = Value::Class(vm.class_named("Time"));
    let time = vm.send(&class, "at", &[Value::Int(which(certificate))])?;
    vm.send(&time, "utc", &[])
}

fn name(vm: &Interp, this: &Value, which: fn(&Certificate) -> &x509::Name) -> Res {
    let held = held(vm, this)?;
    let Some(certificate) = &held.certificate else { return Ok(Value::Nil) };
    let name = mash::new(vm);
    for (key, value) in which(certificate) {
        vm.hash_set(&name, Value::str(key), Value::bytes(value.clone()))?;
    }
    Ok(Value::Hash(name))
}

fn class_of_key(algorithm: &str) -> &'static str {
    match algorithm {
        "rsaEncryption" => "OpenSSL::PKey::RSA",
        "id-ecPublicKey" => "OpenSSL::PKey::EC",
        "dsaEncryption" => "OpenSSL::PKey::DSA",
        _ => "OpenSSL::PKey::PKey",
    }
}

/// The key as an object that can be shown.
fn public_key(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let held = held(vm, this)?;
    let Some(certificate) = &held.certificate else { return Ok(Value::Nil) };
    let class = vm.new_class(&vm.c.object, Some(class_of_key(&certificate.key.algorithm)));
    let algorithm = certificate.key.algorithm.clone();
    let shown = move |vm: &Interp, this: &Value, _: Args<'_>| {
        let plain = vm.any_to_s(this);
        Ok(Value::str(format!("{} oid={algorithm}>", plain.trim_end_matches('>'))))
    };
    let pem = der::to_pem("PUBLIC KEY", &certificate.key.der);
    let to_pem = move |_: &Interp, _: &Value, _: Args<'_>| Ok(Value::str(&pem));
    let add = |name: &str, body: MethodBody| vm.add_method(&class, Sym::new(name), Visibility::Public, body);
    add("inspect", MethodBody::Closure(Rc::new(shown), 0, 0));
    let to_pem: Rc<plimsoll_ruby::ClosureFn> = Rc::new(to_pem);
    for name in ["to_pem", "to_s", "export", "public_to_pem"] {
        add(name, MethodBody::Closure(Rc::clone(&to_pem), 0, 0));
    }
    Ok(vm.object(&class).into())
}

fn key_length(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let held = held(vm, this)?;
    let Some(certificate) = &held.certificate else { return Ok(Value::Nil) };
    match &certificate.key.modulus {
        Some(modulus) => Ok((modulus.len() * 8).into()),
        // As CINC has it: only an RSA key has a modulus to ask for.
        None => {
            let key = public_key(vm, this, Args::default())?;
            Err(vm.no_method(&key, Sym::new("n"), Args::default(), CallStyle::Explicit, None))
        }
    }
}

const EXTENSIONS: [&str; 16] = [
    "keyUsage",
    "extendedKeyUsage",
    "basicConstraints",
    "subjectKeyIdentifier",
    "authorityKeyIdentifier",
    "subjectAltName",
    "issuerAltName",
    "authorityInfoAccess",
    "crlDistributionPoints",
    "issuingDistributionPoint",
    "certificatePolicies",
    "policyConstraints",
    "nameConstraints",
    "noCheck",
    "tlsfeature",
    "nsComment",
];

fn extensions(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let held = held(vm, this)?;
    let Some(certificate) = &held.certificate else { return Ok(Value::Nil) };
    let extensions = mash::new(vm);
    for name in EXTENSIONS {
        vm.hash_set(&extensions, Value::str(name), Value::array(Vec::new()))?;
    }
    for (name, text) in &certificate.extensions {
        // Cut at commas, blanks before and after them dropped.
        let parts = text.split(',').map(|part| part.trim_matches(' '));
        let mut parts: Vec<&str> = parts.collect();
        while parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
        vm.hash_set(&extensions, Value::str(name), give::texts(parts))?;
    }
    Ok(Value::Hash(extensions))
}

fn openssl(vm: &Interp) -> Res<&'static str> {
    for tool in ["/usr/sbin/openssl", "/usr/bin/openssl", "/sbin/openssl", "/bin/openssl", "openssl"] {
        if command::exists(vm, tool.as_bytes())? {
            return Ok(tool);
        }
    }
    Err(base::failed(vm, "Could not find `openssl` on your system."))
}

/// Runs a line that must succeed.
fn succeeding(vm: &Interp, line: &[u8]) -> Res<Vec<u8>> {
    let output = command::run(vm, line)?;
    if output.exit_status != 0 {
        let text = format!("Executing {} failed: {}", text::lossy(line), text::lossy(&output.stderr));
        return Err(base::failed(vm, &text));
    }
    Ok(output.stdout)
}

fn has_purpose(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let held = held(vm, this)?;
    let Some(path) = &held.path else {
        return Err(vm.unsupported("has_purpose? of a certificate that is not in a file of the target"));
    };
    let path = vm.to_s(path)?.to_vec();
    let line = [openssl(vm)?.as_bytes(), b" x509 -noout -purpose -in ", &path].concat();
    Ok(text::find(&succeeding(vm, &line)?, b"purpose").is_some().into())
}

fn common_name(vm: &Interp, this: &Value) -> Res {
    let subject = name(vm, this, |c| &c.subject)?;
    if subject.is_nil() { Ok(Value::Nil) } else { vm.send(&subject, "CN", &[]) }
}

fn certificate_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    if let Some(path) = &held(vm, this)?.path {
        return Ok(path.clone());
    }
    let name = common_name(vm, this)?;
    Ok(if name.is_nil() { Value::str("x509 Certificate") } else { name })
}

fn certificate_to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let shown = match &held(vm, this)?.path {
        Some(path) => path.clone(),
        None => common_name(vm, this)?,
    };
    let shown = if shown.is_nil() { Vec::new() } else { vm.to_s(&shown)?.to_vec() };
    Ok(Value::bytes([b"x509_certificate ".as_slice(), &shown].concat()))
}

// ---- x509_private_key

struct PrivateKey {
    path: Vec<u8>,
    passphrase: Option<Vec<u8>>,
    tool: &'static str,
}

const PRIVATE_KEY_METHODS: &[Def] = &[
    def("valid?", 0, 0, key_valid, "Whether openssl finds it valid."),
    def("encrypted?", 0, 0, key_encrypted, "Whether it says that it is encrypted (in the old format)."),
    def("has_matching_certificate?", 1, 1, matching_certificate, "Whether a certificate belongs to it."),
    def(
        "secret_key_path",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(base::state::<PrivateKey>(vm, this)?.path.clone())),
        "Its path.",
    ),
    def(
        "passphrase",
        0,
        0,
        |vm, this, _| Ok(give::text(base::state::<PrivateKey>(vm, this)?.passphrase.as_deref())),
        "Its passphrase.",
    ),
    def(
        "openssl_utility",
        0,
        0,
        |vm, this, _| Ok(Value::str(base::state::<PrivateKey>(vm, this)?.tool)),
        "The tool that is asked.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("x509_private_key")), "Its title."),
];

fn new_private_key(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let tool = openssl(vm)?;
    let path = vm.to_s(&args[0])?.to_vec();
    base::set_state(vm, this, PrivateKey { path, passphrase: give::text_arg(vm, args, 1)?, tool })
}

fn key_valid(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let key = base::state::<PrivateKey>(vm, this)?;
    let mut line = [key.tool.as_bytes(), b" rsa -in ", &key.path, b" -check -noout"].concat();
    if let Some(passphrase) = &key.passphrase {
        line.extend([b" -passin pass:".as_slice(), passphrase].concat());
    }
    Ok((tool::ask(vm, &line)?.exit_status == 0).into())
}

fn key_encrypted(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let key = base::state::<PrivateKey>(vm, this)?;
    let path = text::lossy(&key.path);
    let content = crate::facts::present(vm, &path, Backend::of(vm).read(&key.path)?)?;
    let Some(content) = content else {
        return Err(base::failed(vm, &format!("The given secret key {path} does not exist.")));
    };
    Ok(text::find(&content, b"Proc-Type: 4,ENCRYPTED").into())
}

fn matching_certificate(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let key = base::state::<PrivateKey>(vm, this)?;
    let certificate = vm.to_s(&args[0])?.to_vec();
    let line = [b"openssl x509 -noout -modulus -in ".as_slice(), &certificate, b" | openssl md5"].concat();
    let of_certificate = succeeding(vm, &line)?;
    let mut line = [b"openssl rsa -noout -modulus -in ".as_slice(), &key.path].concat();
    if let Some(passphrase) = &key.passphrase {
        line.extend([b" -passin pass:".as_slice(), passphrase].concat());
    }
    line.extend(b" | openssl md5");
    Ok((of_certificate == succeeding(vm, &line)?).into())
}

// ---- key_rsa

struct Key {
    path: Value,
    key: Option<RsaKey>,
}

const KEY_METHODS: &[Def] = &[
    def("public?", 0, 0, |vm, this, _| key(vm, this, |_| true.into()), "Whether it has a public half: every key has."),
    def(
        "private?",
        0,
        0,
        |vm, this, _| key(vm, this, |key| key.private.is_some().into()),
        "Whether it is a private key.",
    ),
    def("public_key", 0, 0, |vm, this, _| key(vm, this, |key| Value::str(key.public_pem())), "Its public half in PEM."),
    def("private_key", 0, 0, private_key, "It in PEM."),
    def("key_length", 0, 0, |vm, this, _| key(vm, this, |key| (key.modulus.len() * 8).into()), "Its bits."),
    def("resource_id", 0, 0, |vm, this, _| Ok(base::state::<Key>(vm, this)?.path.clone()), "Its path."),
    def("to_s", 0, 0, key_to_s, "Its title."),
];

fn new_key(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = vm.to_s(&args[0])?.to_vec();
    let passphrase = give::text_arg(vm, args, 1)?;
    let read = content::read(vm, &path, true).and_then(|text| {
        // CINC has these words for anything that OpenSSL does not read.
        RsaKey::parse(&text, passphrase.as_deref()).map_err(|_| base::failed(vm, "passphrase error"))
    });
    let (key, result) = match read {
        Ok(key) => (Some(key), Ok(Value::Nil)),
        Err(unwind) => (None, Err(unwind)),
    };
    base::set_state(vm, this, Key { path: args[0].clone(), key })?;
    result
}

fn key(vm: &Interp, this: &Value, tell: impl Fn(&RsaKey) -> Value) -> Res {
    Ok(base::state::<Key>(vm, this)?.key.as_ref().map_or(Value::Nil, tell))
}

fn private_key(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    key(vm, this, |key| match &key.private {
        Some(private) => Value::str(der::to_pem("RSA PRIVATE KEY", private)),
        None => Value::str(key.public_pem()),
    })
}

fn key_to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let path = vm.to_s(&base::state::<Key>(vm, this)?.path)?;
    Ok(Value::bytes([b"rsa_key ".as_slice(), &path.bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const CERTIFICATE: &str = include_str!("x509_test.pem");
    const KEY: &str = include_str!("x509_test.key");

    fn audit() -> Audit {
        let target = MemoryTarget::new()
            .file("/c.pem", CERTIFICATE)
            .file("/k.pem", KEY)
            .file("/garbage.pem", "x")
            .file("/no.pem", CERTIFICATE)
            .denied("/no.pem");
        Audit::debian(target)
    }

    #[test]
    fn a_present_certificate_is_told_of() {
        let audit = audit();
        let certificate = audit.on("x509_certificate", "/c.pem");
        for (property, expected) in [
            ("certificate?", "true"),
            ("version", "2"),
            ("serial", "4660"),
            ("subject_dn", r#""/C=CH/O=Example Org/CN=host.example""#),
            ("issuer_dn", r#""/C=CH/O=Example Org/CN=host.example""#),
            ("signature_algorithm", r#""sha256WithRSAEncryption""#),
            ("key_length", "1024"),
            ("subject_alt_names", r#"["DNS:host.example", "IP Address:192.0.2.1"]"#),
            ("email", "nil"),
            // The clock of this test stands at 1970.
            ("valid?", "false"),
            ("resource_id", r#""/c.pem""#),
            ("to_s", r#""x509_certificate /c.pem""#),
        ] {
            assert_eq!(audit.get(&certificate, property), expected, "{property}");
        }
        let subject = audit.vm.send(&certificate, "subject", &[]).unwrap();
        assert_eq!(audit.get(&subject, "O"), r#""Example Org""#);
        let extensions = audit.vm.send(&certificate, "extensions", &[]).unwrap();
        assert_eq!(audit.get(&extensions, "keyUsage"), r#"["critical", "Digital Signature", "Key Encipherment"]"#);
        assert_eq!(audit.get(&extensions, "issuerAltName"), "[]");
    }

    #[test]
    fn an_absent_or_unreadable_certificate_skips_and_a_malformed_one_is_an_error() {
        let audit = audit();
        assert_eq!(audit.why(&audit.on("x509_certificate", "/none.pem")), "skipped: Can't find file: /none.pem");
        assert_eq!(audit.why(&audit.on("x509_certificate", "/no.pem")), "skipped: Can't read file: /no.pem");
        let error = audit.make("x509_certificate", &[Value::str("/garbage.pem")]).unwrap_err();
        assert_eq!(audit.message(&error), "StandardError: PEM_read_bio_X509: no start line");
    }

    #[test]
    fn a_present_key_is_told_of_and_a_malformed_one_fails() {
        let audit = audit();
        let key = audit.on("key_rsa", "/k.pem");
        assert_eq!((audit.get(&key, "private?"), audit.get(&key, "key_length")), ("true".into(), "1024".into()));
        assert!(audit.get(&key, "public_key").contains("BEGIN PUBLIC KEY"));
        assert_eq!(audit.get(&key, "to_s"), r#""rsa_key /k.pem""#);
        assert_eq!(audit.why(&audit.on("key_rsa", "/garbage.pem")), "failed: passphrase error");
    }

    #[test]
    fn an_absent_or_unreadable_key_skips() {
        let audit = audit();
        assert_eq!(audit.why(&audit.on("key_rsa", "/none")), "skipped: Can't find file: /none");
        assert_eq!(audit.why(&audit.on("key_rsa", "/no.pem")), "skipped: Can't read file: /no.pem");
    }

    /// A target with openssl and what it says of keys.
    fn judged() -> Audit {
        let check = |path: &str| format!("/usr/bin/openssl rsa -in {path} -check -noout");
        let target = MemoryTarget::new()
            .command("sh -c 'type \"/usr/bin/openssl\"'", "", "", 0)
            .command(check("/k.pem"), "RSA key ok\n", "", 0)
            .command(check("/garbage.pem"), "", "unable to load Private Key\n", 1)
            .command(check("/no.pem"), "", "Can't open /no.pem for reading, Permission denied\n", 1)
            .command(check("/none.pem"), "", "Can't open /none.pem for reading, No such file or directory\n", 1)
            .file("/k.pem", format!("Proc-Type: 4,ENCRYPTED\n{KEY}"))
            .file("/garbage.pem", "x")
            .file("/no.pem", KEY)
            .denied("/no.pem");
        Audit::debian(target)
    }

    #[test]
    fn present_absent_malformed_and_unreadable_private_keys_are_judged() {
        let audit = judged();
        let tells = |path: &str, question: &str| audit.get(&audit.on("x509_private_key", path), question);
        assert_eq!((tells("/k.pem", "valid?"), tells("/k.pem", "encrypted?")), ("true".into(), "0".into()));
        assert_eq!(
            (tells("/garbage.pem", "valid?"), tells("/garbage.pem", "encrypted?")),
            ("false".into(), "nil".into())
        );
        assert_eq!(tells("/none.pem", "valid?"), "false");
        assert!(tells("/none.pem", "encrypted?").ends_with("The given secret key /none.pem does not exist."));
        assert!(tells("/no.pem", "valid?").contains("` may not look: Can't open /no.pem for reading"));
        assert!(tells("/no.pem", "encrypted?").ends_with("Can't read /no.pem: permission denied"));
        let none = Audit::debian(MemoryTarget::new());
        let private = none.on("x509_private_key", "/k.pem");
        assert_eq!(none.why(&private), "failed: Could not find `openssl` on your system.");
    }
}
