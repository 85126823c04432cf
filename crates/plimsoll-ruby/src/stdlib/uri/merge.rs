//! References, as they are meant from a base.

use super::{component, uri};
use crate::args::Args;
use crate::interp::Interp;
use crate::stdlib::{ivar, set_ivar};
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

/// Texts merged one after the other.
pub(super) fn join(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let Some((first, others)) = args.values.split_first() else {
        return Err(vm.argument_error("bad argument (expected URI object or URI string)"));
    };
    let mut at = uri(vm, first)?;
    for reference in others {
        at = merge(vm, &at, Args::new(std::slice::from_ref(reference)))?;
    }
    Ok(at)
}

/// A reference as it is meant from the receiver.
pub(super) fn merge(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let reference = uri(vm, &args[0])?;
    if !ivar(&reference, "@scheme").is_nil() {
        return Ok(reference);
    }
    if ivar(receiver, "@scheme").is_nil() {
        return Err(vm.error("URI::BadURIError", "both URI are relative"));
    }
    let merged = vm.call(receiver, known::DUP, &[])?;
    let take = |name: &str| set_ivar(&merged, name, ivar(&reference, name));
    let has_host = component(&reference, "@host").is_some();
    let path = component(&reference, "@path").unwrap_or_default();
    take("@fragment");
    if has_host {
        ["@user", "@password", "@host", "@path", "@query"].into_iter().for_each(take);
        if !ivar(&reference, "@port").is_nil() {
            take("@port");
        }
        return Ok(merged);
    }
    if path.is_empty() {
        if !ivar(&reference, "@query").is_nil() {
            take("@query");
        }
        return Ok(merged);
    }
    take("@query");
    let base = component(receiver, "@path").unwrap_or_default();
    set_ivar(&merged, "@path", Value::from(merged_path(&base, &path)));
    Ok(merged)
}

fn merged_path(base: &str, reference: &str) -> String {
    let whole = if reference.starts_with('/') {
        reference.to_owned()
    } else {
        match base.rfind('/') {
            Some(at) => format!("{}{reference}", &base[..=at]),
            None => format!("/{reference}"),
        }
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = whole.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}
