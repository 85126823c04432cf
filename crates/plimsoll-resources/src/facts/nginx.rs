//! The grammar of nginx's configuration, as InSpec reads it: its gaps are kept, since verdicts depend on them.

/// A statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Statement {
    /// `key value …;`
    Assignment(Vec<u8>, Vec<Word>),
    /// `key value … { … }`
    Section(Vec<u8>, Vec<Word>, Vec<Statement>),
}

/// A value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// A text.
    Text(Vec<u8>),
    /// Two quotes with nothing between them, which InSpec's parser has no text for.
    Nothing,
}

/// How deep sections may nest.
const DEEPEST: usize = 100;

/// The statements of a file; `None` for what InSpec's grammar does not know.
pub(crate) fn parse(text: &[u8]) -> Option<Vec<Statement>> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.filler();
    let statements = parser.statements();
    (parser.at == text.len()).then_some(statements)
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
}

fn is_space(byte: u8) -> bool {
    crate::text::is_space(&byte)
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// Blanks and comments.
    fn filler(&mut self) {
        loop {
            self.spaces();
            if self.peek() != Some(b'#') {
                return;
            }
            while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                self.at += 1;
            }
        }
    }

    fn statements(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        while let Some(statement) = self.statement() {
            statements.push(statement);
        }
        statements
    }

    fn statement(&mut self) -> Option<Statement> {
        let start = self.at;
        if let Some(section) = self.section() {
            return Some(section);
        }
        self.at = start;
        let assignment = self.assignment();
        if assignment.is_none() {
            self.at = start;
        }
        assignment
    }

    fn section(&mut self) -> Option<Statement> {
        let key = self.identifier()?;
        let words = self.words();
        self.take(b'{')?;
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        self.filler();
        let body = self.statements();
        self.depth -= 1;
        self.take(b'}')?;
        self.filler();
        Some(Statement::Section(key, words, body))
    }

    fn assignment(&mut self) -> Option<Statement> {
        let key = self.identifier()?;
        let words = self.words();
        self.take(b';')?;
        self.filler();
        Some(Statement::Assignment(key, words))
    }

    /// A word that begins with a letter and is followed by a blank (what stands between belongs to it, `;` too), or one in
    /// double quotes.
    fn identifier(&mut self) -> Option<Vec<u8>> {
        let start = self.at;
        match self.peek()? {
            b'"' => {
                self.at += 1;
                let length = self.text[self.at..].iter().position(|b| *b == b'"')?;
                let name = self.text[self.at..self.at + length].to_vec();
                self.at += length + 1;
                self.spaces();
                Some(name)
            }
            byte if byte.is_ascii_alphabetic() || matches!(byte, b'~' | b'*' | b'.') => {
                while self.peek().is_some_and(|byte| !is_space(byte)) {
                    self.at += 1;
                }
                let name = self.text[start..self.at].to_vec();
                self.peek()?;
                self.spaces();
                Some(name)
            }
            _ => None,
        }
    }

    fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        while let Some(word) = self.word() {
            words.push(word);
            self.spaces();
        }
        self.spaces();
        words
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        match self.peek()? {
            b'#' | b';' | b'{' => None,
            quote @ (b'\'' | b'"') => {
                self.at += 1;
                let text = self.quoted(quote);
                if text.is_none() {
                    self.at = start;
                }
                text
            }
            _ => {
                self.at += 1;
                while let Some(byte) = self.peek() {
                    match byte {
                        b'\\' if self.at + 1 < self.text.len() => self.at += 2,
                        b'#' | b';' | b'{' => break,
                        byte if is_space(byte) => break,
                        _ => self.at += 1,
                    }
                }
                Some(Word::Text(self.text[start..self.at].to_vec()))
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Option<Word> {
        let start = self.at;
        loop {
            match self.peek()? {
                b'\\' if self.at + 1 < self.text.len() => self.at += 2,
                byte if byte == quote => break,
                _ => self.at += 1,
            }
        }
        let text = self.text[start..self.at].to_vec();
        self.at += 1;
        Some(if text.is_empty() { Word::Nothing } else { Word::Text(text) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(word: &str) -> Word {
        Word::Text(word.into())
    }

    #[test]
    fn reads_sections_and_assignments() {
        let statements =
            parse(b"# c\nuser www;\nhttp {\n  server { listen 80 default; root \"/a b\"; } # d\n}\n").unwrap();
        let server = vec![
            Statement::Assignment(b"listen".to_vec(), vec![text("80"), text("default")]),
            Statement::Assignment(b"root".to_vec(), vec![text("/a b")]),
        ];
        let http = vec![Statement::Section(b"server".to_vec(), vec![], server)];
        assert_eq!(
            statements,
            [
                Statement::Assignment(b"user".to_vec(), vec![text("www")]),
                Statement::Section(b"http".to_vec(), vec![], http),
            ]
        );
    }

    #[test]
    fn what_the_grammar_does_not_know_is_refused() {
        assert!(parse(b"map $a $b {\n  default upgrade;\n  '' close;\n}\n").is_none());
        assert!(parse(b"http {\n").is_none());
        assert_eq!(parse(b"a '';\n").unwrap(), [Statement::Assignment(b"a".to_vec(), vec![Word::Nothing])]);
        assert!(parse(&b"a {".repeat(200)).is_none());
    }

    #[test]
    fn a_word_goes_on_to_the_next_blank() {
        let statements = parse(b"ip_hash;\nserver a;\n").unwrap();
        assert_eq!(statements, [Statement::Assignment(b"ip_hash;".to_vec(), vec![text("server"), text("a")])]);
    }
}
