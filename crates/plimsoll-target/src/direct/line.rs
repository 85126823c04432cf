//! Command lines that mean the same with and without a shell.

use std::iter::Peekable;
use std::str::Chars;

/// Words that mean something to a shell where a command's name stands, and to nobody else.
const OF_A_SHELL: [&str; 52] = [
    "!", ".", ":", "alias", "bg", "bind", "break", "builtin", "caller", "case", "cd", "command", "compgen", "continue",
    "declare", "dirs", "do", "done", "elif", "else", "esac", "eval", "exec", "exit", "export", "fc", "fg", "fi", "for",
    "function", "getopts", "hash", "if", "jobs", "let", "local", "read", "readonly", "return", "set", "shift",
    "source", "then", "time", "trap", "type", "ulimit", "umask", "unalias", "unset", "until", "while",
];

/// The words of a line that needs no shell: plain ones, and quoted ones in which nothing is expanded. Otherwise, what it is
/// that needs one.
pub(super) fn plain_words(line: &[u8]) -> Result<Vec<String>, String> {
    let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.trim_matches([' ', '\t', '\n']).chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => quoted(character, &mut rest, word.get_or_insert_default())?,
            '\\' => match rest.next() {
                Some(escaped) if escaped != '\n' => word.get_or_insert_default().push(escaped),
                _ => return Err("a line that goes on".to_owned()),
            },
            // The place of a name in what `find` runs: a word of its own, or there may be more to it.
            '{' if word.is_none() && rest.next_if_eq(&'}').is_some() => {
                word = Some("{}".to_owned());
                if !rest.peek().is_none_or(|next| " \t".contains(*next)) {
                    return Err("`{`".to_owned());
                }
            }
            plain if plain.is_alphanumeric() || "_-./:,+@%=^!".contains(plain) => {
                // Before a command's name, that would set a variable.
                if plain == '=' && words.is_empty() {
                    return Err("`=`".to_owned());
                }
                word.get_or_insert_default().push(plain);
            }
            special => return Err(format!("`{}`", special.escape_default())),
        }
    }
    words.extend(word);
    match words.first() {
        None => Err("there is no command in it".to_owned()),
        Some(name) if OF_A_SHELL.contains(&name.as_str()) => Err(format!("`{name}`")),
        Some(_) => Ok(words),
    }
}

/// What is between two quotes.
fn quoted(quote: char, rest: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<(), String> {
    loop {
        match rest.next() {
            None => return Err("a quote is not closed".to_owned()),
            Some(closing) if closing == quote => return Ok(()),
            Some(special @ ('$' | '`')) if quote == '"' => return Err(format!("`{special}`")),
            Some('\\') if quote == '"' => match rest.next() {
                Some(escaped @ ('$' | '`' | '"' | '\\')) => word.push(escaped),
                Some('\n') | None => return Err("a line that goes on".to_owned()),
                Some(other) => word.extend(['\\', other]),
            },
            Some(inside) => word.push(inside),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_a_shell_makes_of_the_line() {
        let lines = [
            "rpm -q --queryformat '%{NAME} $x\n' bash",
            "  stat\t-c %a /etc/passwd\n",
            r#"grep "a b"c'd'"" /etc/x"#,
            "find / -name ''",
            r"find / -xdev \( -type f -o ! -user 0 \) -exec stat -c '%a %n' {} + -name \*.key",
            r#"a\ b "c\$d\\e\f" \'"#,
            "a,b@c:d_e+f%g=1 x=y",
        ];
        for line in lines {
            let script = format!("printf '%s\\0' {line}");
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            let expected: Vec<_> = output.stdout.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
            match plain_words(line.as_bytes()) {
                Ok(words) => assert_eq!(words, expected[..expected.len() - 1], "{line}"),
                // An assignment, to a shell: that is what makes the last one none of ours.
                Err(why) => assert_eq!((why.as_str(), line), ("`=`", lines[6])),
            }
        }
    }

    #[test]
    fn what_only_a_shell_understands_is_none_of_ours() {
        let lines = [
            "a | b",
            "a; b",
            "a && b",
            "a > b",
            "a < b",
            "a $b",
            "a `b`",
            "a *",
            "a ?",
            "a [b]",
            "a ~",
            "a 'b",
            "a \\",
            "a {}b",
            "a b{}",
            "a \"$b\"",
            "a {b,c}",
            "a # b",
            "! a",
            "(a)",
            "a & ",
            "a\nb",
            "cd /",
            "FOO=1 a",
            "command -v a",
            "",
            "  ",
            "if a",
            ". /etc/profile",
            "exit 3",
        ];
        for line in lines {
            assert!(plain_words(line.as_bytes()).is_err(), "{line}");
        }
        assert!(plain_words(b"a \xff").is_err());
    }
}
