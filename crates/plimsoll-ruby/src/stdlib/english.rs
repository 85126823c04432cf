//! English: long names of the special global variables.

use crate::interp::Interp;
use crate::symbol::Sym;

/// Defines the names.
pub(super) fn init(vm: &Interp) {
    for (name, short) in NAMES {
        vm.alias_global(Sym::new(name), Sym::new(short));
    }
}

const NAMES: &[(&str, &str)] = &[
    ("$ERROR_INFO", "$!"),
    ("$ERROR_POSITION", "$@"),
    ("$FS", "$;"),
    ("$FIELD_SEPARATOR", "$;"),
    ("$OFS", "$,"),
    ("$OUTPUT_FIELD_SEPARATOR", "$,"),
    ("$RS", "$/"),
    ("$INPUT_RECORD_SEPARATOR", "$/"),
    ("$ORS", "$\\"),
    ("$OUTPUT_RECORD_SEPARATOR", "$\\"),
    ("$INPUT_LINE_NUMBER", "$."),
    ("$NR", "$."),
    ("$LAST_READ_LINE", "$_"),
    ("$DEFAULT_OUTPUT", "$>"),
    ("$DEFAULT_INPUT", "$<"),
    ("$PID", "$$"),
    ("$PROCESS_ID", "$$"),
    ("$CHILD_STATUS", "$?"),
    ("$LAST_MATCH_INFO", "$~"),
    ("$ARGV", "$*"),
    ("$MATCH", "$&"),
    ("$PREMATCH", "$`"),
    ("$POSTMATCH", "$'"),
    ("$LAST_PAREN_MATCH", "$+"),
    ("$PROGRAM_NAME", "$0"),
];
