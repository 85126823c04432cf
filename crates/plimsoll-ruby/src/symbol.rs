//! Interned names.
//!
//! Symbols live for the whole process and are shared by all interpreters, so that lowered programs, which name methods
//! and variables by symbol, can be shared by threads.

use std::fmt;
use std::sync::{LazyLock, RwLock};

use rustc_hash::FxHashMap;

/// An interned name; two symbols are equal exactly when their bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(u32);

struct Interner {
    by_name: FxHashMap<&'static [u8], Sym>,
    names: Vec<&'static [u8]>,
}

impl Interner {
    fn insert(&mut self, name: &'static [u8]) -> Sym {
        let sym = Sym(self.names.len() as u32);
        self.names.push(name);
        self.by_name.insert(name, sym);
        sym
    }
}

static INTERNER: LazyLock<RwLock<Interner>> = LazyLock::new(|| {
    let mut interner = Interner { by_name: FxHashMap::default(), names: Vec::new() };
    for name in known::NAMES {
        interner.insert(name.as_bytes());
    }
    RwLock::new(interner)
});

impl Sym {
    /// The symbol of this text.
    pub fn new(name: &str) -> Self {
        Self::from_bytes(name.as_bytes())
    }

    /// The symbol of these bytes.
    pub fn from_bytes(name: &[u8]) -> Self {
        if let Some(&sym) = INTERNER.read().expect("no panic while interning").by_name.get(name) {
            return sym;
        }
        let mut interner = INTERNER.write().expect("no panic while interning");
        if let Some(&sym) = interner.by_name.get(name) {
            return sym;
        }
        // Interned for the process's lifetime on purpose; the interpreter charges new symbols to its memory limit.
        let name: &'static [u8] = Box::leak(name.to_vec().into_boxed_slice());
        interner.insert(name)
    }

    /// Whether these bytes have been interned already.
    pub fn exists(name: &[u8]) -> bool {
        INTERNER.read().expect("no panic while interning").by_name.contains_key(name)
    }

    /// Its bytes.
    pub fn bytes(self) -> &'static [u8] {
        INTERNER.read().expect("no panic while interning").names[self.0 as usize]
    }

    /// Its text; the replacement character stands for invalid bytes.
    pub fn text(self) -> std::borrow::Cow<'static, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// A number that identifies it in this process.
    pub fn index(self) -> u32 {
        self.0
    }

    /// `name=` for `name`.
    #[must_use]
    pub fn setter(self) -> Self {
        let mut name = self.bytes().to_vec();
        name.push(b'=');
        Self::from_bytes(&name)
    }
}

impl fmt::Display for Sym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Sym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ":{}", self.text())
    }
}

macro_rules! known {
    ($($constant:ident $name:literal),+ $(,)?) => {
        /// Symbols that the interpreter itself names.
        pub mod known {
            use super::Sym;
            pub(super) const NAMES: &[&str] = &[$($name),+];
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Index { $($constant),+ }
            $(#[doc = concat!("`", $name, "`")] pub const $constant: Sym = Sym(Index::$constant as u32);)+
        }
    };
}

known! {
    INITIALIZE "initialize", INITIALIZE_COPY "initialize_copy", NEW "new", TO_S "to_s", TO_STR "to_str", TO_A "to_a", TO_ARY "to_ary",
    TO_H "to_h", TO_HASH "to_hash", TO_I "to_i", TO_INT "to_int", TO_F "to_f", TO_SYM "to_sym", TO_PROC "to_proc",
    INSPECT "inspect", HASH "hash", EQL "eql?", EQUAL "equal?", EQ "==", NEQ "!=", CASE_EQ "===", MATCH "=~", NOT_MATCH "!~",
    CMP "<=>", LT "<", LE "<=", GT ">", GE ">=", PLUS "+", MINUS "-", MUL "*", DIV "/", MOD "%", POW "**", AND "&", OR "|",
    XOR "^", SHL "<<", SHR ">>", NOT "!", NEG "-@", POS "+@", INV "~", AREF "[]", ASET "[]=", CALL "call", EACH "each",
    METHOD_MISSING "method_missing", RESPOND_TO "respond_to?", RESPOND_TO_MISSING "respond_to_missing?", SUCC "succ",
    COERCE "coerce", MESSAGE "message", BACKTRACE "backtrace", EXCEPTION "exception", FULL_MESSAGE "full_message",
    INHERITED "inherited", INCLUDED "included", EXTENDED "extended", PREPENDED "prepended", METHOD_ADDED "method_added",
    SINGLETON_METHOD_ADDED "singleton_method_added", CONST_MISSING "const_missing", ALLOCATE "allocate", DUP "dup", CLONE "clone",
    FREEZE "freeze", CLASS "class", SEND "send", DUNDER_SEND "__send__", PUBLIC_SEND "public_send", NAME "name", SIZE "size",
    LENGTH "length", BEGIN "begin", END "end", FIRST "first", LAST "last", KEY_P "key?", FETCH "fetch", NIL_P "nil?",
    IS_A "is_a?", DECONSTRUCT "deconstruct", DECONSTRUCT_KEYS "deconstruct_keys", LAMBDA "lambda", PROC "proc", RAISE "raise",
    BLOCK_GIVEN "block_given?", EMPTY "", MAIN "main", YIELD "yield", SELF "self", DEFAULT "default", INCLUDE_P "include?",
    OBJECT_ID "object_id", INSTANCE_OF "instance_of?", KIND_OF "kind_of?", RESULT "result", KEY "key", RECEIVER "receiver", ERROR_INFO "$!", ARGS "args",
}
