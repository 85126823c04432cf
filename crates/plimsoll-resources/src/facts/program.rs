//! Whether a program is there, where no shell can be asked.

use plimsoll_ruby::Res;
use plimsoll_target::FileKind;

use crate::backend::Backend;

/// Where container runtimes look when an image does not say.
const PATH: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The executable file that `name` means: the path itself, or the first one in the usual directories.
pub(crate) fn find(backend: &Backend, name: &[u8]) -> Res<Option<Vec<u8>>> {
    let candidates: Vec<Vec<u8>> = if name.contains(&b'/') {
        vec![name.to_vec()]
    } else {
        PATH.iter().map(|directory| [directory.as_bytes(), b"/", name].concat()).collect()
    };
    for path in candidates {
        if let Ok(stat) = backend.stat(&path, true)?
            && stat.kind == FileKind::File
            && stat.mode & 0o111 != 0
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
