//! `http`: a request that the target makes.
//!
//! ```ruby
//! describe http('http://localhost:8080/health', headers: { 'Accept' => 'application/json' }) do
//!   its('status') { should cmp 200 }
//!   its('body') { should match(/ok/) }
//!   its('headers.Content-Type') { should match(/json/) }
//! end
//! ```
//!
//! `curl` is run on the target; without it the resource is skipped. Options: `method:`, `headers:`, `params:`, `data:`,
//! `auth: {user:, pass:}`, `open_timeout:`, `read_timeout:`, `ssl_verify:`, `max_redirects:`, `proxy:`. Where the server does not
//! answer, `status` and `body` are nil.

use std::cell::OnceCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RHash, Res, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;

struct Request {
    url: Vec<u8>,
    method: Vec<u8>,
    options: Rc<RHash>,
    answer: OnceCell<Answer>,
}

/// What came back; nothing when curl failed.
#[derive(Debug, Default)]
struct Answer {
    status: Option<i64>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

pub(crate) const HTTP: ResourceDef = ResourceDef {
    name: "http",
    class: "Http",
    doc: "A request that the target makes.",
    new: Some((1, 2, new)),
    methods: METHODS,
    setup: Some(headers_class),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("status", 0, 0, |vm, this, _| Ok(answer(vm, this)?.answer().status.into()), "The status: 200 …"),
    def(
        "body",
        0,
        0,
        |vm, this, _| Ok(give::text(answer(vm, this)?.answer().body.as_deref().map(text::strip))),
        "The body.",
    ),
    def("headers", 0, 0, headers, "The headers, asked for in upper or lower case."),
    def("http_method", 0, 0, |vm, this, _| Ok(Value::bytes(request(vm, this)?.method.clone())), "The method."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn request(vm: &Interp, this: &Value) -> Res<Rc<Request>> {
    base::state::<Request>(vm, this)
}

impl Request {
    fn answer(&self) -> &Answer {
        self.answer.get_or_init(Answer::default)
    }
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let url = vm.to_s(&args[0])?.to_vec();
    let options = match args.get(1) {
        Some(Value::Hash(options)) => Rc::clone(options),
        _ => RHash::new(),
    };
    let method = match vm.hash_sym(&options, "method")? {
        Some(method) => vm.to_s(&method)?.to_vec(),
        None => b"GET".to_vec(),
    };
    base::set_state(vm, this, Request { url, method, options, answer: OnceCell::new() })?;
    if !command::exists(vm, b"curl")? {
        return Err(base::skipped(vm, "curl is not available on the target machine"));
    }
    Ok(Value::Nil)
}

/// The request, made when it is asked about for the first time.
fn answer(vm: &Interp, this: &Value) -> Res<Rc<Request>> {
    let request = request(vm, this)?;
    if request.answer.get().is_none() {
        let output = command::run(vm, &line(vm, &request)?)?;
        let answer = if output.exit_status == 0 { parse(&output.stdout) } else { Answer::default() };
        request.answer.get_or_init(|| answer);
    }
    Ok(request)
}

/// What `curl -i` prints. Of several answers (redirects) the last one counts.
fn parse(printed: &[u8]) -> Answer {
    let printed: Vec<u8> = printed.iter().copied().filter(|byte| *byte != b'\r').collect();
    let cut = |text: &[u8]| match text::find(text, b"\n\n") {
        Some(at) => (text[..at].to_vec(), Some(text[at + 2..].to_vec())),
        None => (text.to_vec(), None),
    };
    let (mut prelude, mut rest) = cut(&printed);
    while let Some(next) = rest.clone()
        && next.split(|b| *b == b'\n').any(|line| line.starts_with(b"HTTP/"))
    {
        (prelude, rest) = cut(&next);
    }
    let mut lines = text::lines(&prelude).into_iter();
    let status = lines.next().and_then(|line| text::words(line).get(1).map(|status| text::to_i(status)));
    let header = |line: &[u8]| {
        let at = line.iter().position(|b| *b == b':')?;
        Some((text::strip(&line[..at]).to_vec(), text::strip(&line[at + 1..]).to_vec()))
    };
    Answer { status, headers: lines.filter_map(header).collect(), body: rest }
}

/// The line of curl.
fn line(vm: &Interp, request: &Request) -> Res<Vec<u8>> {
    let option =
        |name: &str| -> Res<Option<Value>> { Ok(vm.hash_sym(&request.options, name)?.filter(|value| !value.is_nil())) };
    let shown = |value: &Value| -> Res<Vec<u8>> { Ok(vm.to_s(value)?.to_vec()) };
    let mut words: Vec<Vec<u8>> = vec![b"curl -i".to_vec()];
    words.push(if request.method.eq_ignore_ascii_case(b"HEAD") {
        b"--head".to_vec()
    } else {
        [b"-X ".as_slice(), &request.method].concat()
    });
    if let Some(proxy) = option("proxy")? {
        words.push(proxy_words(vm, &proxy)?);
    }
    let seconds = |name: &str| -> Res<i64> {
        match option(name)? {
            Some(seconds) => vm.to_int(&seconds),
            None => Ok(60),
        }
    };
    let (open, read) = (seconds("open_timeout")?, seconds("read_timeout")?);
    words.push(format!("--connect-timeout {open}").into_bytes());
    words.push(format!("--max-time {}", open + read).into_bytes());
    if let Some(Value::Hash(auth)) = option("auth")?
        && let (Some(user), Some(password)) = (vm.hash_sym(&auth, "user")?, vm.hash_sym(&auth, "pass")?)
    {
        words.push([b"--user '".as_slice(), &shown(&user)?, b":", &shown(&password)?, b"'"].concat());
    }
    if option("ssl_verify")?.is_some_and(|verify| !verify.truthy()) {
        words.push(b"--insecure".to_vec());
    }
    if let Some(data) = option("data")? {
        words.push([b"--data ".as_slice(), &text::shell_escape(&shown(&data)?)].concat());
    }
    if let Some(most) = option("max_redirects")? {
        words.push(b"--location".to_vec());
        words.push([b"--max-redirs ".as_slice(), &shown(&most)?].concat());
    }
    if let Some(Value::Hash(headers)) = option("headers")? {
        for (name, value) in headers.entries() {
            words.push([b"-H '".as_slice(), &shown(&name)?, b": ", &shown(&value)?, b"'"].concat());
        }
    }
    let mut url = [b"'".as_slice(), &request.url].concat();
    if let Some(Value::Hash(params)) = option("params")? {
        for (at, (name, value)) in params.entries().iter().enumerate() {
            url.push(if at == 0 { b'?' } else { b'&' });
            url.extend([shown(name)?, b"=".to_vec(), shown(value)?].concat());
        }
    }
    url.push(b'\'');
    words.push(url);
    Ok(words.join(&b' '))
}

fn proxy_words(vm: &Interp, proxy: &Value) -> Res<Vec<u8>> {
    let Value::Hash(proxy) = proxy else {
        let proxy = vm.to_s(proxy)?.to_vec();
        return Ok(if proxy == b"disable" {
            b"--noproxy '*'".to_vec()
        } else {
            [b"--proxy ".as_slice(), &proxy].concat()
        });
    };
    let field = |name: &str| -> Res<Vec<u8>> { Ok(vm.to_s(&vm.hash_sym(proxy, name)?.unwrap_or_default())?.to_vec()) };
    let (uri, user, password) = (field("uri")?, field("user")?, field("password")?);
    Ok([b"--proxy ".as_slice(), &uri, b" --proxy-user ", &user, b":", &password].concat())
}

// ---- Headers: a Hash whose names are the same in upper and lower case

const HEADER_METHODS: &[Def] =
    &[def("[]", 1, 1, header, "A header."), def("method_missing", 1, -1, header, "A header.")];

fn headers_class(vm: &Interp, class: &Rc<RClass>) {
    let headers = vm.define_class(class, "Headers", &vm.c.hash);
    vm.define(&headers, HEADER_METHODS);
}

fn headers(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let request = answer(vm, this)?;
    let headers = RHash::with_class(vm.class_named("Inspec::Resources::Http::Headers"));
    for (name, value) in &request.answer().headers {
        vm.hash_set(&headers, Value::bytes(name.to_ascii_lowercase()), Value::bytes(value.clone()))?;
    }
    Ok(Value::Hash(headers))
}

fn header(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = Value::bytes(vm.to_s(&args[0])?.bytes().to_ascii_lowercase());
    match this {
        Value::Hash(headers) => Ok(vm.hash_get(headers, &name)?.unwrap_or_default()),
        _ => Ok(Value::Nil),
    }
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let request = request(vm, this)?;
    Ok(Value::bytes([b"HTTP ".as_slice(), &request.method, b" on ", &request.url].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const PRINTED: &str =
        "HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n pong\n";

    fn with(line: &str, printed: &str, status: i32) -> Audit {
        let target = MemoryTarget::new().command("sh -c 'type \"curl\"'", "", "", 0).command(line, printed, "", status);
        Audit::debian(target)
    }

    #[test]
    fn a_present_server_is_asked_by_curl() {
        let line = "curl -i -X GET --connect-timeout 60 --max-time 120 'http://localhost/'";
        let audit = with(line, PRINTED, 0);
        let http = audit.on("http", "http://localhost/");
        assert_eq!((audit.get(&http, "status"), audit.get(&http, "body")), ("200".into(), r#""pong""#.into()));
        let headers = audit.vm.send(&http, "headers", &[]).unwrap();
        assert_eq!(audit.get(&headers, "Content-Type"), r#""text/plain""#);
        assert_eq!(audit.ask(&headers, "[]", &[Value::str("CONTENT-TYPE")]), r#""text/plain""#);
        assert_eq!(audit.get(&headers, "location"), "nil");
        assert_eq!(audit.get(&http, "to_s"), r#""HTTP GET on http://localhost/""#);
    }

    #[test]
    fn takes_options() {
        let line = "curl -i -X POST --connect-timeout 2 --max-time 5 --user 'u:p' --insecure --data a\\=b -H 'X: y' 'https://h/?q=1'";
        let audit = with(line, "HTTP/2 204\n\n", 0);
        let vm = &audit.vm;
        let hash = |pairs: Vec<(Value, Value)>| Value::Hash(vm.hash_from(pairs).unwrap());
        let options = hash(vec![
            (Value::sym("method"), Value::str("POST")),
            (Value::sym("open_timeout"), Value::Int(2)),
            (Value::sym("read_timeout"), Value::Int(3)),
            (
                Value::sym("auth"),
                hash(vec![(Value::sym("user"), Value::str("u")), (Value::sym("pass"), Value::str("p"))]),
            ),
            (Value::sym("ssl_verify"), false.into()),
            (Value::sym("data"), Value::str("a=b")),
            (Value::sym("headers"), hash(vec![(Value::str("X"), Value::str("y"))])),
            (Value::sym("params"), hash(vec![(Value::str("q"), Value::Int(1))])),
        ]);
        let http = audit.make("http", &[Value::str("https://h/"), options]).unwrap();
        assert_eq!(audit.get(&http, "status"), "204");
    }

    const LINE: &str = "curl -i -X GET --connect-timeout 60 --max-time 120 'http://x/'";

    #[test]
    fn with_an_absent_curl_it_skips_and_an_unreadable_answer_is_none() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.on("http", "http://x/")), "skipped: curl is not available on the target machine");
        let audit = with(LINE, "", 7);
        let http = audit.on("http", "http://x/");
        assert_eq!((audit.get(&http, "status"), audit.get(&http, "body")), ("nil".into(), "nil".into()));
        assert_eq!(audit.get(&http, "headers"), "{}");
    }

    #[test]
    fn a_malformed_answer_has_what_it_has() {
        for (printed, status, headers) in
            [("oops", "nil", "{}"), ("HTTP/1.1 many\r\nodd\r\nA:\r\n\r\n", "0", r#"{"a" => ""}"#), ("", "nil", "{}")]
        {
            let audit = with(LINE, printed, 0);
            let http = audit.on("http", "http://x/");
            assert_eq!((audit.get(&http, "status"), audit.get(&http, "headers")), (status.into(), headers.into()));
        }
    }
}
