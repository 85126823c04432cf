//! A pattern that backtracks without end stops at its limit, which no `rescue` of the program sees.

use std::rc::Rc;

use plimsoll_ruby::{Interp, LimitExceeded, Limits, NoHost, UnwindKind};

fn limit_of(source: &str) -> LimitExceeded {
    let limits = Limits { regex_steps: 10_000, ..Limits::default() };
    let vm = Interp::new(Rc::new(NoHost), limits);
    match vm.eval_str(source).expect_err("the limit is crossed").into_kind() {
        UnwindKind::Limit(limit) => limit,
        other => panic!("expected a limit, got {other:?}"),
    }
}

#[test]
fn backtracking_without_end_is_a_limit() {
    let limit = limit_of("x = 1\n('a' * 40) =~ /\\A(a|a)*\\1b\\z/");
    assert_eq!((limit.limit, limit.line), ("regex", 2));
}

#[test]
fn no_rescue_sees_it() {
    let limit = limit_of("begin; ('a' * 40).gsub(/(a|a)*\\1b/, ''); rescue Exception; end");
    assert_eq!(limit.limit, "regex");
}

#[test]
fn what_the_engine_can_match_in_linear_time_needs_no_limit() {
    let vm = Interp::new(Rc::new(NoHost), Limits { regex_steps: 10, ..Limits::default() });
    let value = vm.eval_str("(('a' * 5_000) =~ /\\A(a+)+\\z/)").expect("matches");
    assert_eq!(vm.inspect(&value).expect("an Integer").lossy(), "0");
}
