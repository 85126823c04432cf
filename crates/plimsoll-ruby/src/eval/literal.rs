//! Literals that are made anew each time: arrays, hashes, ranges, interpolated text, regular expressions.

use std::rc::Rc;

use super::Scope;
use crate::core::string::text;
use crate::interp::Interp;
use crate::ir::{ArgList, Kind, Node, Regex};
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, RRange, RString, Value};

impl Scope<'_> {
    pub(super) fn literal(&self, node: &Node) -> Res {
        let vm = self.vm;
        match &node.kind {
            Kind::Big(big) => Ok(vm.integer((**big).clone())),
            Kind::Rational(parts) => Ok(crate::core::rational::make(vm, parts.0.clone(), parts.1.clone())),
            Kind::Imaginary(part) => Ok(crate::core::complex::make(vm, Value::Int(0), self.eval(part)?)),
            Kind::Interpolated(parts) => Ok(Value::Str(self.interpolate(parts)?)),
            Kind::InterpolatedSym(parts) => Ok(Value::Sym(Sym::from_bytes(&self.interpolate(parts)?.bytes()))),
            Kind::Shell(parts) => {
                let line = self.interpolate(parts)?;
                vm.call(self.self_value, Sym::new("`"), &[Value::Str(line)])
            }
            Kind::Regex(regex) => self.regex(regex),
            Kind::Array(list) => match &**list {
                ArgList::Plain(nodes) => {
                    let mut values = Vec::with_capacity(nodes.len());
                    for node in nodes {
                        values.push(self.eval(node)?);
                    }
                    Ok(Value::array(values))
                }
                list @ ArgList::Mixed(_) => Ok(Value::array(self.args(list)?.values.into_vec())),
            },
            Kind::Hash(pairs) => Ok(Value::Hash(self.hash(pairs)?)),
            Kind::Range(range) => {
                let (begin, end) = (self.eval(&range.begin)?, self.eval(&range.end)?);
                vm.range(begin, end, range.exclusive)
            }
            _ => unreachable!("all other kinds are evaluated elsewhere"),
        }
    }

    fn interpolate(&self, parts: &[Node]) -> Res<Rc<RString>> {
        let mut text = Text { bytes: Vec::new(), encoding: Encoding::Utf8, ascii: true };
        for part in parts {
            if let Kind::Str(bytes, encoding, _) = &part.kind {
                text.push(self.vm, bytes, *encoding)?;
                continue;
            }
            match self.eval(part)? {
                Value::Int(int) if text.encoding.is_ascii_compatible() => {
                    use std::io::Write;
                    let _ = write!(text.bytes, "{int}");
                }
                Value::Str(string) => text.push(self.vm, &string.bytes(), string.encoding())?,
                value => {
                    self.vm.line.set(part.line);
                    let string = self.vm.to_s(&value)?;
                    text.push(self.vm, &string.bytes(), string.encoding())?;
                }
            }
            self.vm.reserve_string(text.bytes.len())?;
        }
        Ok(RString::new(text.bytes, text.encoding))
    }

    fn regex(&self, regex: &Regex) -> Res {
        let vm = self.vm;
        if let Some(site) = regex.site
            && let Some(known) = vm.regexes.borrow().get(&site)
        {
            return Ok(known.clone());
        }
        let mut source = Vec::new();
        for part in &regex.parts {
            if let Kind::Str(bytes, ..) = &part.kind {
                source.extend_from_slice(bytes);
                continue;
            }
            let value = self.eval(part)?;
            source.extend_from_slice(&vm.to_s(&value)?.bytes());
            vm.reserve_string(source.len())?;
        }
        let compiled = vm.compile_regexp(&source, regex.flags)?;
        if let Some(site) = regex.site {
            vm.regexes.borrow_mut().insert(site, compiled.clone());
        }
        Ok(compiled)
    }
}

/// Text being put together of parts with encodings.
struct Text {
    bytes: Vec<u8>,
    encoding: Encoding,
    ascii: bool,
}

impl Text {
    fn push(&mut self, vm: &Interp, bytes: &[u8], encoding: Encoding) -> Res<()> {
        let joint = text::joint(self.encoding, self.bytes.is_empty(), || self.ascii, encoding, bytes);
        self.encoding = joint.ok_or_else(|| text::incompatible(vm, self.encoding, encoding))?;
        self.ascii = self.ascii && (bytes.is_empty() || text::is_ascii(bytes, encoding));
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

impl Interp {
    /// A Range; its ends must be comparable.
    pub fn range(&self, begin: Value, end: Value, exclusive: bool) -> Res {
        let fine = match (&begin, &end) {
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_))
            | (Value::Str(_), Value::Str(_))
            | (Value::Nil, _)
            | (_, Value::Nil) => true,
            _ => match self.call_if_responds(&begin, known::CMP, std::slice::from_ref(&end)) {
                Ok(order) => order.is_some_and(|order| !order.is_nil()),
                Err(unwind) if unwind.exception().is_some() => false,
                Err(unwind) => return Err(unwind),
            },
        };
        if fine {
            return Ok(Value::Range(RRange::new(begin, end, exclusive)));
        }
        Err(self.argument_error("bad value for range"))
    }
}
