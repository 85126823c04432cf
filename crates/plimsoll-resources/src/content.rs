//! Files that parsers need: what is missing, unreadable or empty skips the resource.

use plimsoll_ruby::{Interp, Res};
use plimsoll_target::{FileError, FileKind};

use crate::backend::Backend;
use crate::base;
use crate::text;

/// The content of a configuration file, in CINC's words when there is none.
pub(crate) fn read(vm: &Interp, path: &[u8], allow_empty: bool) -> Res<Vec<u8>> {
    let backend = Backend::of(vm);
    let absolute = if path.starts_with(b"/") { path.to_vec() } else { [b"/".as_slice(), path].concat() };
    let shown = text::lossy(path);
    let is_file = match backend.stat(&absolute, true)? {
        Ok(stat) => stat.kind == FileKind::File,
        Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => false,
        Err(error) => return Err(base::skipped(vm, &format!("Can't read file: {shown}: {error}"))),
    };
    if !is_file {
        return Err(base::skipped(vm, &format!("Can't find file: {shown}")));
    }
    match backend.read(&absolute)? {
        Ok(content) if content.is_empty() && !allow_empty => Err(base::skipped(vm, &format!("File is empty: {shown}"))),
        Ok(content) => Ok(content),
        Err(FileError::PermissionDenied) => Err(base::skipped(vm, &format!("Can't read file: {shown}"))),
        Err(error) => Err(base::skipped(vm, &format!("Can't read file: {shown}: {error}"))),
    }
}
