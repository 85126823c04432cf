//! Why an audit could not be made.

use std::path::PathBuf;

use plimsoll_report::exit;
use plimsoll_resources::Removed;
use plimsoll_ruby::{Interp, Unwind, UnwindKind};

/// Why an audit ended without a report. What goes wrong inside one control is that control's result instead.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The way to the target is lost: nothing may be counted as passed.
    #[error("the connection to the target was lost: {0}")]
    Transport(String),
    /// The profile uses a resource that InSpec has no more: CINC ends the run at it.
    #[error("{0}; replace it in the profile")]
    Removed(String),
    /// The command line asks for something impossible.
    #[error("{0}")]
    Usage(String),
    /// There is no profile at this path.
    #[error("cannot read profile {path}: {why}", path = .path.display())]
    Profile {
        /// The path as it was given.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file of the profile is not valid Ruby.
    #[error("{0}")]
    Syntax(String),
    /// A library of a profile raised.
    #[error("library {file}: {why}")]
    Library {
        /// The file.
        file: String,
        /// What it raised, and where.
        why: String,
    },
    /// An input file could not be read.
    #[error("cannot read input file {file}: {why}")]
    InputFile {
        /// The file as it was given.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// An input that must have a value has none.
    #[error(
        "input `{name}` of profile `{profile}` is required and has no value; give it with --input {name}=VALUE or --input-file"
    )]
    InputRequired {
        /// The profile.
        profile: String,
        /// The input.
        name: String,
    },
    /// An input's value is not of its type or does not match its pattern.
    #[error("profile `{profile}`: {why}")]
    InputValue {
        /// The profile.
        profile: String,
        /// Which input, and what does not fit.
        why: String,
    },
    /// An input has a type that there is not.
    #[error("input `{name}` of profile `{profile}`: {why}")]
    InputType {
        /// The profile.
        profile: String,
        /// The input.
        name: String,
        /// What does not fit.
        why: String,
    },
    /// A waiver file could not be used.
    #[error("waiver file {file}: {why}")]
    Waiver {
        /// The file as it was given.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something that must not happen.
    #[error("internal error: {0}")]
    Internal(String),
}

impl AuditError {
    /// The exit code that CINC Auditor gives when it can't report.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Removed(_) => exit::REMOVED,
            _ => exit::USAGE,
        }
    }

    /// What ended a library's file.
    pub(crate) fn library(vm: &Interp, file: String, kind: UnwindKind) -> Self {
        let line = match &kind {
            UnwindKind::Raise(exception) => {
                let backtrace = crate::spec::backtrace(&plimsoll_ruby::Value::Obj(exception.clone()));
                let own = |entry: String| entry.strip_prefix(&format!("{file}:"))?.split(':').next().map(str::to_owned);
                backtrace.into_iter().find_map(own)
            }
            _ => None,
        };
        let file = line.map_or(file.clone(), |line| format!("{file}:{line}"));
        match Self::internal(vm, &kind.into()) {
            Self::Internal(why) => Self::Library { file, why },
            other => other,
        }
    }

    /// What an unwinding that nothing of the profile's may catch means for the audit.
    pub(crate) fn internal(vm: &Interp, unwind: &Unwind) -> Self {
        match unwind.kind() {
            UnwindKind::Halt(error) if error.is::<Removed>() => Self::Removed(error.to_string()),
            UnwindKind::Halt(error) => Self::Transport(error.to_string()),
            UnwindKind::Limit(limit) => Self::Internal(limit.to_string()),
            UnwindKind::Raise(exception) => {
                let value = plimsoll_ruby::Value::Obj(exception.clone());
                let class = vm.real_class_of(&value).name();
                let message = vm.send(&value, "message", &[]).and_then(|m| vm.to_s(&m));
                Self::Internal(format!("{class}: {}", message.map_or_else(|_| "?".into(), |m| m.lossy())))
            }
            other => Self::Internal(format!("{other:?}")),
        }
    }
}
