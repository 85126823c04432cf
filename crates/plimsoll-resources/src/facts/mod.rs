//! What resources know of a target, read from its files. Nothing here knows Ruby.

pub(crate) mod account;
pub(crate) mod apk;
pub(crate) mod der;
pub(crate) mod dh;
pub(crate) mod dpkg;
pub(crate) mod erlang;
pub(crate) mod find;
pub(crate) mod mount;
pub(crate) mod nginx;
pub(crate) mod os_release;
pub(crate) mod platform;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod rpm;
pub(crate) mod rsa;
pub(crate) mod socket;
pub(crate) mod tls_suites;
pub(crate) mod x509;

use plimsoll_ruby::{Interp, Res};
use plimsoll_target::{FileError, FileResult};

use crate::base;

/// What a fact's file says, `None` when there is no such file; one that can't be read fails the resource.
pub(crate) fn present<T>(vm: &Interp, path: &str, result: FileResult<T>) -> Res<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(FileError::NotFound | FileError::NotADirectory) => Ok(None),
        Err(error) => Err(base::failed(vm, &format!("Can't read {path}: {error}"))),
    }
}
