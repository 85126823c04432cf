//! The part of the standard library that profiles require, one file each.
//!
//! Its classes are there from the start: profiles use many of them without a `require`, since CINC Auditor has loaded them.

mod base64;
mod bigdecimal;
mod csv;
mod delegate;
mod digest;
mod english;
mod erb;
mod forwardable;
mod gem;
mod hashie;
mod ipaddr;
mod json;
mod pathname;
mod rexml;
mod securerandom;
mod semverse;
mod shellwords;
mod singleton;
mod stringio;
mod timing;
mod uri;
mod yaml;

use crate::interp::Interp;
use crate::symbol::Sym;
use crate::value::Value;

/// What defines the libraries: one line each, sorted.
const LIBRARIES: &[fn(&Interp)] = &[
    base64::init,
    bigdecimal::init,
    csv::init,
    delegate::init,
    digest::init,
    english::init,
    erb::init,
    forwardable::init,
    gem::init,
    hashie::init,
    ipaddr::init,
    json::init,
    pathname::init,
    rexml::init,
    securerandom::init,
    semverse::init,
    shellwords::init,
    singleton::init,
    stringio::init,
    timing::init,
    uri::init,
    yaml::init,
];

/// Defines all libraries.
pub(crate) fn init(vm: &Interp) {
    for define in LIBRARIES {
        define(vm);
    }
}

/// An instance variable of an object; nil before it is set.
fn ivar(object: &Value, name: &str) -> Value {
    object.head().and_then(|head| head.ivar(Sym::new(name))).unwrap_or_default()
}

/// Sets an instance variable of an object.
fn set_ivar(object: &Value, name: &str, value: Value) {
    if let Some(head) = object.head() {
        head.set_ivar(Sym::new(name), value);
    }
}
