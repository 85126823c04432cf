//! The Ruby that compliance profiles are written in: a sandboxed interpreter.
//!
//! A program is parsed by Prism, lowered once into an owned tree ([`ir`]), and evaluated by an [`Interp`]. Nothing here
//! touches a file, a process, the network, the environment or the clock except through [`Host`], and a program runs
//! within [`Limits`].

mod args;
mod class;
mod convert;
mod core;
mod dispatch;
mod errors;
mod eval;
mod hashing;
mod host;
mod interp;
pub mod ir;
mod limits;
mod lower;
mod stdlib;
mod symbol;
mod unwind;
mod value;
pub mod xpath;

pub use args::Args;
pub use class::{AllocFn, ClosureFn, Cref, Def, Method, MethodBody, NativeFn, RClass, Visibility, def, private_def};
pub use core::struct_::struct_class;
pub use dispatch::CallStyle;
pub use eval::{Context, Env, Session};
pub use host::{CommandOutput, Host, NoHost, Stream};
pub use interp::{Classes, Interp};
pub use limits::{LimitExceeded, Limits};
pub use lower::SyntaxError;
pub use symbol::{Sym, known};
pub use unwind::{ActivationId, Res, Unwind, UnwindKind};
pub use value::{
    Data, Encoding, ExceptionData, HashDefault, Head, NativeBlock, ProcKind, RArray, RHash, RObject, RProc, RRange,
    RString, RubyBlock, Value, live_bytes,
};
