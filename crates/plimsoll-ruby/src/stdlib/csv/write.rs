//! Writing records.

use super::options::Options;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

/// A line of these fields.
pub(super) fn line(vm: &Interp, fields: &[Value], options: &Options) -> Res<Vec<u8>> {
    let mut line = Vec::new();
    for (at, value) in fields.iter().enumerate() {
        if at > 0 {
            line.extend_from_slice(&options.separator);
        }
        let text = if value.is_nil() { options.write_nil.clone() } else { vm.to_s(value)?.to_vec() };
        let special = |byte: &u8| matches!(byte, b'\r' | b'\n') || Some(*byte) == options.quote;
        let quotes = options.force_quotes
            || (text.is_empty() && !value.is_nil() && options.quote_empty)
            || text.iter().any(special)
            || text.windows(options.separator.len()).any(|w| w == options.separator);
        match options.quote.filter(|_| quotes) {
            Some(quote) => {
                line.push(quote);
                for byte in text {
                    if byte == quote {
                        line.push(quote);
                    }
                    line.push(byte);
                }
                line.push(quote);
            }
            None => line.extend_from_slice(&text),
        }
        vm.reserve_string(line.len())?;
    }
    line.extend_from_slice(options.row_separator.as_deref().unwrap_or(b"\n"));
    Ok(line)
}
