//! What is written to the shell.

use super::nonce::Nonce;
use super::probe::Tools;
use crate::process::{LONGEST_ARGUMENT, as_argument, eval_of};

/// How long lines are cut, so that each piece fits an argument where `printf` is a program.
const PIECE: usize = 64 * 1024;

/// `text` as one word of the shell's language.
pub(crate) fn quote(text: &[u8]) -> Vec<u8> {
    let mut word = Vec::with_capacity(text.len() + 2);
    word.push(b'\'');
    for byte in text {
        if *byte == b'\'' {
            word.extend_from_slice(br"'\''");
        } else {
            word.push(*byte);
        }
    }
    word.push(b'\'');
    word
}

/// One call of a session function.
pub(super) fn call(function: &str, nonce: &Nonce, words: &[&[u8]]) -> Vec<u8> {
    let mut line = format!("{function} {}", nonce.text()).into_bytes();
    for word in words {
        line.push(b' ');
        line.extend(quote(word));
    }
    line.push(b'\n');
    line
}

/// The call that runs a command line.
pub(super) fn run(nonce: &Nonce, line: &[u8]) -> Vec<u8> {
    if needs_pipe(line) {
        let pieces: Vec<&[u8]> = line.chunks(PIECE).collect();
        call("plimsoll_run_long", nonce, &pieces)
    } else {
        call("plimsoll_run", nonce, &[&as_argument(line)])
    }
}

/// Whether a line is too long to be handed to the shell as an argument.
pub(super) fn needs_pipe(line: &[u8]) -> bool {
    line.len() > LONGEST_ARGUMENT
}

/// The probe that a session starts with.
pub(super) fn probe(begin: &Nonce, end: &Nonce) -> String {
    without_comments(include_str!("probe.sh")).replace("@BEGIN@", begin.text()).replace("@END@", end.text())
}

/// The session functions, made for what the probe found. `shell` is the program, with arguments, that runs commands.
pub(super) fn functions(tools: &Tools, shell: &[String], max_file: u64) -> Vec<u8> {
    let shell: Vec<String> =
        shell.iter().map(|word| String::from_utf8_lossy(&quote(word.as_bytes())).into_owned()).collect();
    // What isn't there is refused before it is asked for; should it be asked for after all, it fails.
    let path = |tool| tools.path(tool).unwrap_or("false");
    let link = match tools.path("readlink") {
        Some(readlink) => format!("{readlink} \"$1\""),
        None => "plimsoll_link_by_ls \"$1\"".to_owned(),
    };
    let facts = |by_stat: &str, by_ls: &str| match (tools.stat_format(), tools.path("stat")) {
        (Some(format), Some(stat)) => format!("LC_ALL=C {stat} {by_stat} '{format}' \"$@\""),
        _ => format!("plimsoll_facts_by_ls {by_ls} \"$@\""),
    };
    let read = tools.reader(max_file + 1).unwrap_or_else(|| "false".to_owned());
    let eval = eval_of("<&7") + " 7<&-";
    without_comments(include_str!("functions.sh"))
        .replace("@SHELL@", &shell.join(" "))
        .replace("@EVAL@", &String::from_utf8_lossy(&quote(eval.as_bytes())))
        .replace("@PRINTF@", path("printf"))
        .replace("@LINK@", &link)
        .replace("@LS@", path("ls"))
        .replace("@FACTS_FOLLOW@", &facts("-L -c", "-lndL"))
        .replace("@FACTS@", &facts("-c", "-lnd"))
        .replace("@READ@", &format!("LC_ALL=C {read}"))
        .into_bytes()
}

fn without_comments(script: &str) -> String {
    let lines = script.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_anything() {
        assert_eq!(quote(b"a'b $c"), br"'a'\''b $c'");
        assert_eq!(quote(b""), b"''");
    }

    #[test]
    fn long_lines_are_cut_into_pieces_that_fit() {
        let nonce = Nonce::new().unwrap();
        assert!(run(&nonce, &vec![b'x'; LONGEST_ARGUMENT]).starts_with(b"plimsoll_run "));
        let long = run(&nonce, &vec![b'x'; LONGEST_ARGUMENT + 1]);
        assert!(long.starts_with(b"plimsoll_run_long "));
        assert_eq!(long.split(|byte| *byte == b' ').count(), 2 + 2);
    }

    #[test]
    fn no_placeholder_is_left() {
        let functions = functions(&Tools::default(), &["/bin/sh".into()], 10);
        let text = String::from_utf8(functions).unwrap();
        let upper = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        assert!(!text.split('@').any(upper), "{text}");
    }
}
