//! Compiled patterns: made when first needed, kept for the thread, shared by all Regexps of the same source.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use fancy_regex::{BytesMode, Error, RegexBuilder, RegexInput, RuntimeError};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::emit::{Mode, emit};
use super::parse::{Node, Tree, parse};

/// A pattern that has been read; the engines for characters and for bytes are built when they are first used.
pub(crate) struct Program {
    root: Node,
    /// Names with the numbers of their groups.
    pub(super) names: Vec<(String, Vec<usize>)>,
    /// Number of capturing groups.
    pub(super) groups: usize,
    /// Whether it names characters beyond ASCII (or bytes above 0x7F).
    pub(super) non_ascii: bool,
    /// Whether `\u` makes it UTF-8.
    pub(super) unicode: bool,
    steps: usize,
    characters: OnceCell<Result<fancy_regex::Regex, String>>,
    bytes: OnceCell<Result<fancy_regex::Regex, String>>,
}

/// Start and end of a group, in bytes.
pub(crate) type Span = (usize, usize);

/// One match: its groups, the whole first.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    /// The whole match, then the groups; `None` for those that took no part.
    pub(crate) groups: SmallVec<[Option<Span>; 4]>,
}

impl Hit {
    /// Start of the whole match.
    pub(crate) fn start(&self) -> usize {
        self.groups[0].map_or(0, |(start, _)| start)
    }

    /// End of the whole match.
    pub(crate) fn end(&self) -> usize {
        self.groups[0].map_or(0, |(_, end)| end)
    }

    /// The text of a group; nothing for one that took no part.
    pub(crate) fn text<'a>(&self, bytes: &'a [u8], group: usize) -> &'a [u8] {
        self.groups.get(group).copied().flatten().map_or(&[], |(start, end)| &bytes[start..end])
    }
}

/// Why a search gave no answer.
pub(super) enum Failure {
    /// The engine refused the pattern.
    Pattern(String),
    /// Backtracking went on for too long.
    Steps,
}

/// Flag of `/n`: bytes.
pub(crate) const NOENCODING: u32 = 32;
/// Set where the pattern itself fixes the encoding.
pub(crate) const FIXEDENCODING: u32 = 16;

/// Set where the source is made of bytes.
pub(crate) const BINARY: u32 = 1 << 16;

const CACHED: usize = 1_000;

type Key = (Vec<u8>, u32, usize);

thread_local! {
    static CACHE: RefCell<FxHashMap<Key, Rc<Program>>> = RefCell::default();
}

impl Program {
    /// The program of a source with its flags, from the cache if it is there.
    pub(super) fn of(source: &[u8], options: u32, steps: usize) -> Result<Rc<Self>, String> {
        let key = (source.to_vec(), options, steps);
        if let Some(program) = CACHE.with_borrow(|cache| cache.get(&key).cloned()) {
            return Ok(program);
        }
        let Tree { root, names, groups, non_ascii, unicode } =
            parse(source, options, options & (NOENCODING | BINARY) != 0)?;
        let program = Rc::new(Self {
            root,
            names,
            groups,
            non_ascii,
            unicode,
            steps,
            characters: OnceCell::new(),
            bytes: OnceCell::new(),
        });
        CACHE.with_borrow_mut(|cache| {
            if cache.len() >= CACHED {
                cache.clear();
            }
            cache.insert(key, Rc::clone(&program));
        });
        Ok(program)
    }

    fn engine(&self, mode: Mode) -> Result<&fancy_regex::Regex, Failure> {
        let slot = if mode == Mode::Unicode { &self.characters } else { &self.bytes };
        let engine = slot.get_or_init(|| {
            const MOST_INSTRUCTIONS: usize = 1 << 18;
            let mut builder = RegexBuilder::new(&emit(&self.root, mode));
            builder.backtrack_limit(self.steps);
            builder.max_prog_size(MOST_INSTRUCTIONS);
            builder.bytes_mode(if mode == Mode::Unicode { BytesMode::Unicode } else { BytesMode::Ascii });
            builder.build().map_err(|error| error.to_string())
        });
        engine.as_ref().map_err(|text| Failure::Pattern(text.clone()))
    }

    /// The first match at or after byte `from`; only at `from` when anchored.
    pub(super) fn search(&self, bytes: &[u8], mode: Mode, from: usize, anchored: bool) -> Result<Option<Hit>, Failure> {
        if from > bytes.len() {
            return Ok(None);
        }
        let engine = self.engine(mode)?;
        let input = RegexInput::new(bytes).from_pos(from).anchored(anchored);
        let failed = |error: Error| match error {
            Error::RuntimeError(RuntimeError::BacktrackLimitExceeded | RuntimeError::StackOverflow) => Failure::Steps,
            other => Failure::Pattern(other.to_string()),
        };
        if self.groups == 0 {
            let found = engine.find_input(input).map_err(failed)?;
            return Ok(found.map(|m| Hit { groups: SmallVec::from_iter([Some((m.start(), m.end()))]) }));
        }
        let captures = engine.captures_input(input).map_err(failed)?;
        Ok(captures.map(|captures| {
            let groups = (0..=self.groups).map(|group| captures.get(group).map(|m| (m.start(), m.end())));
            Hit { groups: groups.collect() }
        }))
    }
}
