//! What ways of running commands in containers get wrong: commands, each with the one answer that is right.
//!
//! Every way must answer every one of them the same, whichever shell the container has: a local process, a root directory, a
//! shell session, an exec into a container, an agent beside it.

/// A command that has broken a way of running commands.
#[derive(Debug, Clone)]
pub struct FidelityCase {
    /// What must not go wrong.
    pub why: &'static str,
    /// The command line.
    pub line: Vec<u8>,
    /// What it writes to standard output.
    pub stdout: Written,
    /// What it writes to standard error.
    pub stderr: Written,
    /// How it ends.
    pub exit: Exit,
}

/// What a stream carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// These bytes.
    Exactly(Vec<u8>),
    /// So many NUL bytes.
    Zeros(usize),
    /// Words that each shell has of its own; but some.
    Words,
    /// Nothing that could be said of all shells.
    Anything,
}

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// With this status.
    Status(i32),
    /// With one that is not 0.
    Failure,
    /// Shells differ.
    Any,
}

impl FidelityCase {
    /// Says what is wrong with an answer.
    ///
    /// # Errors
    ///
    /// In words: which stream or status, what was expected and what came.
    pub fn check(&self, stdout: &[u8], stderr: &[u8], exit_status: i32) -> Result<(), String> {
        let right = match self.exit {
            Exit::Status(expected) => exit_status == expected,
            Exit::Failure => exit_status != 0,
            Exit::Any => true,
        };
        let streams = [("stdout", &self.stdout, stdout), ("stderr", &self.stderr, stderr)];
        let wrong = streams.iter().find(|(_, expected, found)| !expected.is(found));
        match wrong {
            Some((name, expected, found)) => {
                Err(format!("{}: its {name} is {}, not {expected:?}", self.why, few(found)))
            }
            None if right => Ok(()),
            None => Err(format!("{}: its exit status is {exit_status}, not {:?}", self.why, self.exit)),
        }
    }
}

impl Written {
    fn is(&self, found: &[u8]) -> bool {
        match self {
            Self::Exactly(expected) => found == expected,
            // Piece by piece: byte by byte takes a second without optimizations.
            Self::Zeros(count) => {
                found.len() == *count && found.chunks(ZEROS.len()).all(|piece| *piece == ZEROS[..piece.len()])
            }
            Self::Words => !found.is_empty(),
            Self::Anything => true,
        }
    }
}

static ZEROS: [u8; 4096] = [0; 4096];

/// Bytes for a message.
fn few(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(200)];
    format!("{} bytes ({})", bytes.len(), shown.escape_ascii())
}

/// Of one command on standard output: the most that a fidelity case writes.
pub const LARGE: usize = 64 << 20;

/// All cases, in an order in which each shows what the one before it has left behind.
pub fn fidelity_cases() -> Vec<FidelityCase> {
    let mut cases = [streams(), traces(), syntax(), ends(), frames(), sizes()].concat();
    for (number, case) in cases.iter_mut().enumerate().filter(|(_, case)| case.line == FINE) {
        // Else an audit would ask once and remember the answer.
        case.line.extend_from_slice(format!(" # {number}").as_bytes());
    }
    cases
}

fn case(
    why: &'static str,
    line: impl AsRef<[u8]>,
    stdout: impl AsRef<[u8]>,
    stderr: impl AsRef<[u8]>,
    status: i32,
) -> FidelityCase {
    FidelityCase {
        why,
        line: line.as_ref().to_vec(),
        stdout: Written::Exactly(stdout.as_ref().to_vec()),
        stderr: Written::Exactly(stderr.as_ref().to_vec()),
        exit: Exit::Status(status),
    }
}

/// Writes nothing to standard output, something to standard error, and fails.
fn failing(why: &'static str, line: &str) -> FidelityCase {
    FidelityCase { stderr: Written::Words, exit: Exit::Failure, ..case(why, line, "", "", 0) }
}

/// What shells differ on: it must only not get into the way of the next.
fn whatever(line: &str) -> FidelityCase {
    let why = "what shells differ on stays its own";
    FidelityCase { stdout: Written::Anything, stderr: Written::Anything, exit: Exit::Any, ..case(why, line, "", "", 0) }
}

const FINE: &[u8] = b"echo fine";

fn fine() -> FidelityCase {
    case("the next command is not touched", FINE, "fine\n", "", 0)
}

fn streams() -> Vec<FidelityCase> {
    let both = "the streams stay apart";
    let kept = "output is kept whatever the exit status";
    let bytes = "every byte arrives";
    let all: Vec<u8> = (1..=255).filter(|byte| *byte != b'\'').collect();
    vec![
        case(both, "echo out; echo err >&2", "out\n", "err\n", 0),
        case(both, "echo err >&2", "", "err\n", 0),
        case(both, "echo 1; echo 2 >&2; echo 3; echo 4 >&2", "1\n3\n", "2\n4\n", 0),
        case(kept, "echo out; exit 1", "out\n", "", 1),
        case(kept, "echo out; echo err >&2; exit 3", "out\n", "err\n", 3),
        case("outer white space is kept", "printf ' \\n\\t a \\n\\n'", " \n\t a \n\n", "", 0),
        case("outer white space is kept", "printf '\\n' >&2", "", "\n", 0),
        case("nothing is added", "printf no-newline; printf also >&2", "no-newline", "also", 0),
        case("nothing at all is an answer", "true", "", "", 0),
        case("nothing at all is an answer", "", "", "", 0),
        case("nothing at all is an answer", "exit 9", "", "", 9),
        case(bytes, "printf 'a\\000b\\377\\001\\r\\n'", b"a\0b\xff\x01\r\n", "", 0),
        case(bytes, "printf '\\000'; printf '\\000\\000' >&2", b"\0", b"\0\0", 0),
        case(bytes, "printf 'one\\r\\ntwo\\r\\n'", "one\r\ntwo\r\n", "", 0),
        case(bytes, [b"printf %s '", &all[..], b"'"].concat(), &all, "", 0),
        case(bytes, "echo one\r\necho two", "one\r\ntwo\n", "", 0),
    ]
}

fn traces() -> Vec<FidelityCase> {
    let own = "what a command changes, it changes for itself";
    let input = "standard input is empty, and not the way the commands come";
    let late = "what is left in the background neither holds up nor mixes in";
    vec![
        case(own, "cd /proc; x=1; export X=1; set -eu; umask 077; f() { :; }; trap : TERM; exec 1>&-", "", "", 0),
        case(own, "[ \"$PWD\" = /proc ]; echo $? \"<$x$X>\"; [ \"$(umask)\" = 0077 ]; echo $?", "1 <>\n1\n", "", 0),
        case(own, "f 2>/dev/null; echo $?", "127\n", "", 0),
        case(own, "PATH=/nowhere; HOME=/nowhere; IFS=x; unset PWD; export PATH HOME", "", "", 0),
        case(own, "[ \"$PATH$HOME\" = /nowhere/nowhere ] || cat /dev/null; echo $?", "0\n", "", 0),
        case(own, "exec 2>&-; echo out", "out\n", "", 0),
        case(own, "exec >&- 2>&-; true", "", "", 0),
        case(own, "exec <&-; echo out", "out\n", "", 0),
        case(own, "exec false", "", "", 1),
        case(own, "exec echo replaced", "replaced\n", "", 0),
        case(own, "alias echo=false; unset -f echo; set -f; set -n", "", "", 0),
        fine(),
        case(input, "cat; echo end", "end\n", "", 0),
        case(input, "read x; echo \"$?<$x>\"", "1<>\n", "", 0),
        case(input, "cat - | cat; while read x; do echo \"$x\"; done; echo end", "end\n", "", 0),
        case(input, "sh", "", "", 0),
        case(late, "sleep 4 & echo hi", "hi\n", "", 0),
        case(late, "sleep 4 >/dev/null 2>&1 & echo $?", "0\n", "", 0),
        case(late, "(trap '' HUP TERM; sleep 4) & exit 5", "", "", 5),
        fine(),
    ]
}

fn syntax() -> Vec<FidelityCase> {
    let once = "a line is read by one shell, once, in the container";
    let comment = "a comment ends with its line";
    let here = "a here-document ends where it says";
    let open = "what is not finished ends with the command";
    vec![
        case(once, "echo '$HOME' \\$HOME \"\\$HOME\" '`id`' \\\\", "$HOME $HOME $HOME `id` \\\n", "", 0),
        case(once, "echo 'it'\\''s' \"$((1+1))\" `echo tick` $(echo sub)", "it's 2 tick sub\n", "", 0),
        case(once, "x='a  *  b'; echo \"$x\" '*' '~' a!b '{a,b}'", "a  *  b * ~ a!b {a,b}\n", "", 0),
        case(once, "printf '%s\\n' \"\\\"\" '%s' '\\\\n'", "\"\n%s\n\\\\n\n", "", 0),
        case(once, "if true; then\n  echo a\nfi\nfor x in 1 2; do echo $x; done", "a\n1\n2\n", "", 0),
        case(once, "\n\n  echo a  \n\n", "a\n", "", 0),
        case(once, "-nowhere 2>/dev/null; echo $?", "127\n", "", 0),
        case(once, "+nowhere 2>/dev/null; echo $?", "127\n", "", 0),
        case(once, "echo a && echo b || echo c; false || echo d & wait", "a\nb\nd\n", "", 0),
        case(once, "echo \"$#\"", "0\n", "", 0),
        case(comment, "echo hi # a comment", "hi\n", "", 0),
        case(comment, "# only a comment", "", "", 0),
        case(comment, "echo hi # it's \"open", "hi\n", "", 0),
        case(comment, "# one\necho two # three\n# four", "two\n", "", 0),
        case(here, "cat <<END\nhere $((1+1))\nEND", "here 2\n", "", 0),
        case(here, "cat <<END\nhere\nEND\n", "here\n", "", 0),
        case(here, "cat <<'END'\n$x 'quoted'\nEND\necho after", "$x 'quoted'\nafter\n", "", 0),
        case(here, "cat <<-END\n\ttab\n\tEND\necho after", "tab\nafter\n", "", 0),
        case(here, "cat <<A; cat <<B\none\nA\ntwo\nB", "one\ntwo\n", "", 0),
        failing(open, "echo 'open"),
        fine(),
        failing(open, "echo \"open"),
        failing(open, "if true"),
        failing(open, "echo $("),
        failing(open, ")"),
        fine(),
        failing(open, "}"),
        failing(open, "&&"),
        failing(open, "exit 1 2 3 \""),
        failing(open, "f() {"),
        fine(),
        whatever("cat <<END"),
        fine(),
        whatever("cat <<END\nnot closed"),
        fine(),
        whatever("echo a \\"),
        fine(),
        whatever("`echo"),
        fine(),
    ]
}

fn ends() -> Vec<FidelityCase> {
    let end = "an end is the command's own";
    let killed = "a shell that is killed ends its own command and no other";
    let mut cases = vec![
        case(end, "exit", "", "", 0),
        case(end, "exit 7", "", "", 7),
        case(end, "echo before; exit 255; echo after", "before\n", "", 255),
        case(end, "(exit 6)", "", "", 6),
        case(end, "f() { return 4; }\nf", "", "", 4),
        case(end, "set -e; echo before; false; echo after", "before\n", "", 1),
        case(end, "false | true; echo $?; false; echo $?", "0\n1\n", "", 0),
        case(end, "trap 'echo trapped' EXIT; echo first; exit 2", "first\ntrapped\n", "", 2),
        case(end, "trap 'echo caught; exit 3' TERM; kill -TERM $$; echo not here", "caught\n", "", 3),
        failing(end, "/nowhere/program"),
        fine(),
        case(killed, "echo before; kill -9 $$; echo after", "before\n", "", 137),
        fine(),
        case(killed, "kill $$", "", "", 143),
        case(killed, "kill -PIPE $$", "", "", 141),
        fine(),
        case("a command that signals its group reaches nobody else", "kill 0; sleep 4", "", "", 143),
        fine(),
        case(killed, "sh -c 'kill -9 $PPID'; echo after", "", "", 137),
        fine(),
    ];
    for (signal, number) in [("HUP", 1), ("INT", 2)] {
        if !is_ignored(number) {
            cases.extend([case(killed, format!("kill -{signal} $$"), "", "", 128 + number), fine()]);
        }
    }
    cases
}

/// Whether this process ignores a signal, as one that was started in the background does: then all that it starts ignore it too.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Output that looks like what closes an answer, in the forms that ways of framing have.
fn frames() -> Vec<FidelityCase> {
    let why = "output that looks like an end is output";
    let nonce = "0123456789abcdef0123456789abcdef";
    let looks = [
        format!("{}\n{nonce} 0 done\n", "0".repeat(32)),
        format!("{nonce}\n{nonce}\n"),
        "EOF\nEND\n__END__\n.\n\n".to_owned(),
        "plimsoll_end 0\nexit\nexit 0\n".to_owned(),
        "0\n$ # > sh-5.2# / # \n".to_owned(),
        r#"{"metadata":{},"status":"Success"}"#.to_owned(),
    ];
    let mut cases = Vec::new();
    for text in looks {
        let line = format!("cat <<'NOT IN IT'\n{text}\nNOT IN IT\ncat >&2 <<'NOT IN IT'\n{text}\nNOT IN IT");
        cases.push(case(why, line, format!("{text}\n"), format!("{text}\n"), 0));
    }
    // Frames of the exec protocol and of the agent's: a channel or a length, and more to come.
    let binary = "printf '\\001\\002\\003\\004\\377\\000\\000\\000\\005\\020\\000'";
    cases.push(case(why, binary, b"\x01\x02\x03\x04\xff\0\0\0\x05\x10\0", "", 0));
    cases.push(case(why, "printf '\\004\\032\\003'; printf '\\004' >&2", b"\x04\x1a\x03", b"\x04", 0));
    cases.push(fine());
    cases
}

fn sizes() -> Vec<FidelityCase> {
    let long = "a command arrives whole, however long";
    let large = "output arrives whole, however much";
    let mut cases: Vec<_> = [4_095, 4_096, 5_000, 70_000, 131_071, 131_072, 400_000]
        .into_iter()
        .map(|length| {
            let head = b"echo it\\'s long; exit 3 # '".as_slice();
            case(long, [head, &vec![b'x'; length - head.len()]].concat(), "it's long\n", "", 3)
        })
        .collect();
    let text = "y".repeat(150_000);
    cases.push(case(long, format!("cat; x={text}; echo ${{#x}}; exit 4"), "150000\n", "", 4));
    cases.push(case(long, "x=1\n".repeat(40_000) + "echo $x $#", "1 0\n", "", 0));
    let zeros = |out: usize, err: usize, line: String| FidelityCase {
        stdout: Written::Zeros(out),
        stderr: Written::Zeros(err),
        ..case(large, line, "", "", 0)
    };
    cases.push(zeros(300_000, 300_000, "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero".into()));
    cases.push(zeros(
        200_000,
        200_000,
        "for x in 1 2 3 4 5 6 7 8 9 0; do head -c 20000 /dev/zero; head -c 20000 /dev/zero >&2; done".into(),
    ));
    cases.push(FidelityCase { exit: Exit::Status(8), ..zeros(LARGE, 0, format!("head -c {LARGE} /dev/zero; exit 8")) });
    cases.push(fine());
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_answer_is_told() {
        let case = case("the streams stay apart", "echo out; echo err >&2; exit 3", "out\n", "err\n", 3);
        assert_eq!(case.check(b"out\n", b"err\n", 3), Ok(()));
        assert!(case.check(b"out\nerr\n", b"", 3).unwrap_err().contains("its stdout is 8 bytes (out\\nerr\\n)"));
        assert!(case.check(b"out\n", b"", 3).unwrap_err().contains("its stderr"));
        assert!(case.check(b"out\n", b"err\n", 0).unwrap_err().contains("its exit status is 0"));
        assert!(failing("x", "y").check(b"", b"", 1).is_err() && failing("x", "y").check(b"", b"oh", 0).is_err());
    }
}
