//! What the caller wants of CSV.

use std::rc::Rc;

use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RHash, Value};

/// Where the headers come from.
#[derive(Clone, Default)]
pub(super) enum Headers {
    /// There are none.
    #[default]
    None,
    /// The first record.
    First,
    /// The caller.
    Given(Vec<Value>),
}

/// The options of a reader or writer.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) separator: Vec<u8>,
    /// `None` for the one that occurs first in the text.
    pub(super) row_separator: Option<Vec<u8>>,
    pub(super) quote: Option<u8>,
    pub(super) headers: Headers,
    pub(super) return_headers: bool,
    pub(super) write_headers: bool,
    pub(super) converters: Vec<Value>,
    pub(super) header_converters: Vec<Value>,
    pub(super) skip_blanks: bool,
    pub(super) skip_lines: Value,
    pub(super) strip: bool,
    pub(super) liberal: bool,
    pub(super) force_quotes: bool,
    pub(super) quote_empty: bool,
    pub(super) nil_value: Value,
    pub(super) empty_value: Option<Value>,
    pub(super) write_nil: Vec<u8>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            separator: b",".to_vec(),
            row_separator: None,
            quote: Some(b'"'),
            headers: Headers::None,
            return_headers: false,
            write_headers: false,
            converters: Vec::new(),
            header_converters: Vec::new(),
            skip_blanks: false,
            skip_lines: Value::Nil,
            strip: false,
            liberal: false,
            force_quotes: false,
            quote_empty: true,
            nil_value: Value::Nil,
            empty_value: None,
            write_nil: Vec::new(),
        }
    }
}

fn list(vm: &Interp, value: &Value) -> Res<Vec<Value>> {
    Ok(match vm.try_array(value)? {
        Some(list) => super::elements(&list),
        None if value.is_nil() => Vec::new(),
        None => vec![value.clone()],
    })
}

impl Options {
    /// The options that keywords say.
    pub(super) fn of(vm: &Interp, keywords: Option<&Rc<RHash>>) -> Res<Self> {
        let mut options = Self::default();
        let Some(keywords) = keywords else { return Ok(options) };
        for (name, value) in keywords.entries() {
            let Value::Sym(name) = name else { continue };
            match name.text().as_ref() {
                "col_sep" => options.separator = vm.to_str(&value)?.to_vec(),
                "row_sep" => {
                    options.row_separator = match &value {
                        Value::Sym(_) | Value::Nil => None,
                        text => Some(vm.to_str(text)?.to_vec()),
                    }
                }
                "quote_char" => {
                    options.quote = match &value {
                        Value::Nil => None,
                        text => match vm.to_str(text)?.to_vec().as_slice() {
                            [quote] => Some(*quote),
                            _ => {
                                return Err(vm.argument_error(":quote_char has to be nil or a single character String"));
                            }
                        },
                    }
                }
                "headers" => options.headers = Self::headers_of(vm, &value)?,
                "return_headers" => options.return_headers = value.truthy(),
                "write_headers" => options.write_headers = value.truthy(),
                "converters" => options.converters = list(vm, &value)?,
                "header_converters" => options.header_converters = list(vm, &value)?,
                "skip_blanks" => options.skip_blanks = value.truthy(),
                "skip_lines" => options.skip_lines = value,
                "strip" => options.strip = value.truthy(),
                "liberal_parsing" => options.liberal = value.truthy(),
                "force_quotes" => options.force_quotes = value.truthy(),
                "quote_empty" => options.quote_empty = value.truthy(),
                "nil_value" => options.nil_value = value,
                "empty_value" => options.empty_value = Some(value),
                "write_nil_value" => options.write_nil = vm.to_s(&value)?.to_vec(),
                "encoding"
                | "external_encoding"
                | "internal_encoding"
                | "unconverted_fields"
                | "field_size_limit"
                | "max_field_size"
                | "write_converters"
                | "write_empty_value"
                | "write_headers_value" => {}
                other => return Err(vm.argument_error(format!("unknown keyword: :{other}"))),
            }
        }
        if options.separator.is_empty() {
            return Err(vm.argument_error(":col_sep must be 1 or more characters: \"\""));
        }
        Ok(options)
    }

    fn headers_of(vm: &Interp, value: &Value) -> Res<Headers> {
        Ok(match value {
            Value::Nil | Value::Bool(false) => Headers::None,
            Value::Array(list) => Headers::Given(super::elements(list)),
            Value::Str(text) => {
                let line = super::reader::read(vm, &text.to_vec(), &Self::default())?;
                Headers::Given(line.first().map(super::Record::values).unwrap_or_default())
            }
            _ => Headers::First,
        })
    }
}
