//! Shellwords: words as a POSIX shell splits and quotes them.

use crate::args::Args;
use crate::class::{Def, MethodBody, Visibility, def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the module, and its methods on String and Array.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Shellwords");
    vm.define_singleton(&module, FUNCTIONS);
    vm.define(&vm.c.string, STRING);
    vm.add_method(&vm.c.array, Sym::new(SHELLJOIN.name), Visibility::Public, MethodBody::Native(&SHELLJOIN));
}

const FUNCTIONS: &[Def] = &[
    def("split", 1, 1, |vm, _, a| split(vm, &a[0]), "The words of a command line"),
    def("shellsplit", 1, 1, |vm, _, a| split(vm, &a[0]), "The words of a command line"),
    def("shellwords", 1, 1, |vm, _, a| split(vm, &a[0]), "The words of a command line"),
    def("escape", 1, 1, |vm, _, a| escape(vm, &a[0]), "A word as a shell has to read it"),
    def("shellescape", 1, 1, |vm, _, a| escape(vm, &a[0]), "A word as a shell has to read it"),
    def("join", 1, 1, |vm, _, a| join(vm, &a[0]), "A command line of words"),
    def("shelljoin", 1, 1, |vm, _, a| join(vm, &a[0]), "A command line of words"),
];

const STRING: &[Def] = &[
    def("shellsplit", 0, 0, |vm, r, _| split(vm, r), "The words of a command line"),
    def("shellescape", 0, 0, |vm, r, _| escape(vm, r), "It as a shell has to read it"),
];

const SHELLJOIN: Def = def("shelljoin", 0, 0, |vm, r, _: Args<'_>| join(vm, r), "A command line of the words");

fn split(vm: &Interp, line: &Value) -> Res {
    let line = vm.to_str(line)?;
    let text = line.lossy();
    let unmatched = || vm.argument_error(format!("Unmatched quote: {text:?}"));
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_ascii_whitespace() || c == '\u{b}' => words.extend(word.take().map(Value::from)),
            '\'' => {
                let field = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) if c != '\0' => field.push(c),
                        _ => return Err(unmatched()),
                    }
                }
            }
            '"' => {
                let field = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('$' | '`' | '"' | '\\' | '\n')) => field.push(c),
                            Some(c) if c != '\0' => field.extend(['\\', c]),
                            _ => return Err(unmatched()),
                        },
                        Some(c) if c != '\0' => field.push(c),
                        _ => return Err(unmatched()),
                    }
                }
            }
            '\\' => {
                let field = word.get_or_insert_default();
                match chars.next() {
                    None => field.push('\\'),
                    Some('\n') => field.push_str("\\\n"),
                    Some(c) => field.push(c),
                }
            }
            '\0' => return Err(unmatched()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word.map(Value::from));
    Ok(Value::array(words))
}

fn escaped(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("'\n'"),
            c if c.is_ascii_alphanumeric() || "_-.,:+/@".contains(c) => out.push(c),
            c => out.extend(['\\', c]),
        }
    }
    out
}

fn escape(vm: &Interp, word: &Value) -> Res {
    Ok(Value::from(escaped(&vm.to_s(word)?.lossy())))
}

fn join(vm: &Interp, words: &Value) -> Res {
    let mut line = Vec::new();
    for word in vm.to_array(words)?.to_vec() {
        line.push(escaped(&vm.to_s(&word)?.lossy()));
    }
    Ok(Value::from(line.join(" ")))
}
