//! Programs of the target whose output resources read.

use plimsoll_ruby::{Interp, Res};
use plimsoll_target::{Output, RunError, RunResult};

use crate::backend::Backend;
use crate::base;
use crate::doubt;
use crate::facts::program;
use crate::text;

/// What a shell says when there is no such program.
pub(crate) const NOT_FOUND: i32 = 127;

/// Runs a line that begins with a program's name.
///
/// Where there is no shell, a program that is not there either answers as a shell would: with exit status 127. One that
/// is there could not be asked, and that fails the resource.
pub(crate) fn run(vm: &Interp, line: &[u8]) -> Res<Output> {
    let result = Backend::of(vm).run(line)?;
    answered(vm, line, result)
}

/// Runs a line whose failure means that there is nothing. A program that was not allowed to look has not found nothing: that
/// is no answer.
pub(crate) fn ask(vm: &Interp, line: &[u8]) -> Res<Output> {
    let output = run(vm, line)?;
    permitted(vm, line, &output)?;
    Ok(output)
}

/// The same for a line that is put together of words.
pub(crate) fn ask_words(vm: &Interp, words: &[&[u8]]) -> Res<Output> {
    ask(vm, &words.join(&b' '))
}

/// Doubts a line's output that tells that the program was not allowed to look.
pub(crate) fn permitted(vm: &Interp, line: &[u8], output: &Output) -> Res<()> {
    if output.exit_status == 0 || !was_refused(output) {
        return Ok(());
    }
    let error = text::lossy(text::strip(&output.stderr));
    doubt::taken_for(vm, &format!("Command `{}` may not look: {error}", text::lossy(line)), ())
}

/// What a shell says of a program that it may not run.
const NOT_EXECUTABLE: i32 = 126;

/// What programs say that lack the right to look.
const REFUSALS: [&str; 7] = [
    "permission denied",
    "not permitted",
    "not allowed",
    "must be root",
    "must be privileged",
    "requires root",
    "eacces",
];

fn was_refused(output: &Output) -> bool {
    let says = |words: &&str| text::contains_ignore_case(&output.stderr, words.as_bytes());
    output.exit_status == NOT_EXECUTABLE || REFUSALS.iter().any(says)
}

/// The output of a line that has been run. Where it could not be run, the program's absence is an answer all the same.
pub(crate) fn answered(vm: &Interp, line: &[u8], result: RunResult) -> Res<Output> {
    let line_text = text::lossy(line);
    match result {
        Ok(output) => Ok(output),
        Err(RunError::Unavailable(_)) if !is_there(&Backend::of(vm), line)? => Ok(missing(line)),
        Err(RunError::TimedOut(after)) => {
            Err(base::failed(vm, &format!("Command `{line_text}` timed out after {} seconds", after.as_secs_f64())))
        }
        Err(error) => Err(base::failed(vm, &format!("Command `{line_text}` has no result: {error}"))),
    }
}

/// The same for a line that is put together of words.
pub(crate) fn run_words(vm: &Interp, words: &[&[u8]]) -> Res<Output> {
    run(vm, &words.join(&b' '))
}

fn is_there(backend: &Backend, line: &[u8]) -> Res<bool> {
    let name = text::words(line).first().map_or(b"".as_slice(), |word| *word);
    Ok(program::find(backend, name)?.is_some())
}

fn missing(line: &[u8]) -> Output {
    let name = text::words(line).first().map_or(b"".as_slice(), |word| *word);
    Output { stdout: Vec::new(), stderr: [b"sh: ".as_slice(), name, b": not found\n"].concat(), exit_status: NOT_FOUND }
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_program_that_may_not_look_has_not_found_nothing() {
        let target = MemoryTarget::new()
            .command("nft list", "", "Error: Operation not permitted (you must be root)\n", 1)
            .command("nft gone", "", "Error: No such file or directory\n", 1)
            .command("nft x", "", "", 126);
        let audit = Audit::debian(target);
        let refused = audit.message(&ask(&audit.vm, b"nft list").unwrap_err());
        let told = "Command `nft list` may not look: Error: Operation not permitted (you must be root)";
        assert_eq!(refused, format!("Inspec::Exceptions::Unanswered: {told}"));
        assert_eq!(ask(&audit.vm, b"nft gone").unwrap().exit_status, 1);
        assert!(ask(&audit.vm, b"nft x").is_err());
    }

    #[test]
    fn a_missing_program_needs_no_shell_to_be_missing() {
        let target = MemoryTarget::new().without_shell("none").file_with("/sbin/there", "", 0o755, 0, 0);
        let audit = Audit::debian(target);
        assert_eq!(run(&audit.vm, b"gone --now").unwrap().exit_status, NOT_FOUND);
        let error = audit.message(&run(&audit.vm, b"there --now").unwrap_err());
        assert!(error.contains("Command `there --now` has no result"), "{error}");
    }
}
