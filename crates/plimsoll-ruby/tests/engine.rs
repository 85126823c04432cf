//! What an embedding program relies on: limits, memory, isolation, error texts.

#![allow(clippy::disallowed_methods)] // a test may; the wall is the library's

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_ruby::ir::Program;
use plimsoll_ruby::{Host, Interp, Limits, NoHost, Session, Stream, Sym, Unwind, UnwindKind, Value, live_bytes};

fn interpreter(limits: Limits) -> Rc<Interp> {
    Interp::new(Rc::new(NoHost), limits)
}

fn shown(vm: &Interp, result: Result<Value, Unwind>) -> String {
    match result.and_then(|value| vm.inspect(&value)) {
        Ok(text) => text.lossy(),
        Err(unwind) => match unwind.into_kind() {
            UnwindKind::Raise(error) => {
                let error = Value::Obj(error);
                format!("{}: {}", vm.real_class_of(&error).name(), vm.message_of(&error).unwrap().lossy())
            }
            UnwindKind::Limit(limit) => limit.to_string(),
            other => format!("{other:?}"),
        },
    }
}

fn eval(source: &str) -> String {
    let vm = interpreter(Limits::default());
    let result = vm.eval_str(source);
    shown(&vm, result)
}

fn limited(limits: Limits, source: &str) -> String {
    let vm = interpreter(limits);
    let result = vm.eval_str(source);
    shown(&vm, result)
}

#[test]
fn programs_are_shared_by_threads() {
    fn check<T: Send + Sync>() {}
    check::<Program>();
    let program = Program::parse(b"x = [1, 2].map { |v| v * 2 }; x.sum", "shared.rb", &[], &Limits::default()).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let program = Arc::clone(&program);
            std::thread::spawn(move || {
                let vm = interpreter(Limits::default());
                let result = vm.run_main(&program);
                shown(&vm, result)
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "6");
    }
}

#[test]
fn a_thousand_interpreters_leave_no_memory_behind() {
    // Cycles of every kind that programs make: a closure in a variable it closes over, an object and its block, a
    // method made of a block, a default proc, a constant, a global.
    let source = "
        def keep(&block) = ->(x) { block.call(x) }
        counter = 0
        again = -> { counter += 1; again if counter < 3 }
        again.call
        class Node; attr_accessor :other, :handler; end
        a = Node.new; b = Node.new
        a.other = b; b.other = a
        a.handler = -> { a.other }
        kept = keep { |x| kept }
        Node.define_method(:closed) { a }
        $global = -> { $global }
        table = Hash.new { |hash, key| hash[key] = table.size }
        table[:x]
        KEPT = [again, a, table]
    ";
    let program = Program::parse(source.as_bytes(), "cycles.rb", &[], &Limits::default()).unwrap();
    let audit = || interpreter(Limits::default()).run_main(&program).map(drop).unwrap();
    audit();
    let before = live_bytes();
    for _ in 0..1000 {
        audit();
    }
    assert_eq!(live_bytes(), before);
}

#[test]
fn a_crossed_limit_passes_rescue_and_ensure() {
    let limits = || Limits { steps: 20_000, ..Limits::default() };
    let endless = "begin; loop { }; rescue Exception; :rescued; ensure; $ensured = true; end";
    let vm = interpreter(limits());
    let result = vm.eval_str(endless);
    assert_eq!(shown(&vm, result), "steps limit exceeded (20000) at (eval):1");
    assert!(vm.global(Sym::new("$ensured")).unwrap().is_nil());
    // The next evaluation has a budget of its own.
    vm.renew_budget();
    let result = vm.eval_str("1 + 1");
    assert_eq!(shown(&vm, result), "2");

    for endless in ["while true; end", "until false; end", "x = 0\nloop { x += 1 }"] {
        assert!(limited(limits(), endless).starts_with("steps limit exceeded"), "{endless}");
    }
}

#[test]
fn memory_is_limited() {
    let limits = || Limits { memory: 16 << 20, ..Limits::default() };
    for hungry in [
        "s = 'x'; loop { s += s }",
        "a = [1]; loop { a += a }",
        "loop { (@list ||= []) << 'x' * 100 }",
        "a = []; loop { a << proc { a } }",
    ] {
        let text = limited(limits(), hungry);
        assert!(text.starts_with("memory limit exceeded (16 MiB)"), "{hungry}: {text}");
    }
}

#[test]
fn time_is_limited() {
    let limits = Limits { time: Duration::from_millis(50), steps: u64::MAX, ..Limits::default() };
    assert!(limited(limits, "loop { }").starts_with("time limit exceeded"));
}

#[test]
fn endless_recursion_is_an_error_that_can_be_rescued() {
    let deep = "def f(n) = f(n + 1)\nbegin; f(0); rescue SystemStackError => e; e.message; end";
    assert_eq!(eval(deep), "\"stack level too deep\"");
    for other in [
        "class C; def method_missing(*) = other; end; C.new.anything",
        "f = ->(x) { f.(x) }; f.(1)",
        "class D; def to_s = \"#{self}\"; end; D.new.to_s",
        "class E; def ==(other) = self == other; end; [E.new] == [E.new]",
        "def g(*args) = args.each { |a| g(a) }\ng(1)",
        "define_singleton_method(:h) { h }; h",
    ] {
        assert_eq!(eval(other), "SystemStackError: stack level too deep", "{other}");
    }
}

#[test]
fn deep_data_does_not_overflow_the_stack() {
    let nested = "a = []; 100_000.times { a = [a] }; ";
    assert_eq!(eval(&format!("{nested} a.size")), "1");
    for walk in ["a.inspect", "a.flatten", "a.hash", "a == a.dup", "a.to_s"] {
        let text = eval(&format!("{nested} begin; {walk}; :fine; rescue SystemStackError; :deep; end"));
        assert!(text == ":fine" || text == ":deep", "{walk}: {text}");
    }
}

#[test]
fn syntax_is_limited_in_depth_not_in_length() {
    let chain = format!("x = 1{}; x", " + 1".repeat(2000));
    assert_eq!(eval(&chain), "2001");
    let calls = format!("1{}", ".itself".repeat(2000));
    assert_eq!(eval(&calls), "1");
    let branches = format!("if false then 0{} else 5 end", " elsif false then 1".repeat(900));
    assert_eq!(eval(&branches), "5");
    let nested = format!("{}1{}", "[".repeat(2000), "]".repeat(2000));
    let text = eval(&nested);
    assert!(text.contains("the code nests deeper than the limit of 1000"), "{text}");
    let parens = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(eval(&parens).starts_with("SyntaxError"), "{}", &eval(&parens)[..80]);
}

#[test]
fn source_size_is_limited() {
    let limits = Limits { source: 10, ..Limits::default() };
    let error = Program::parse(b"x = 'a long line'", "big.rb", &[], &limits).unwrap_err();
    assert_eq!(error.to_string(), "big.rb:1: the file has 17 bytes, more than the limit of 10");
}

#[test]
fn syntax_errors_show_the_line() {
    let vm = interpreter(Limits::default());
    let error = vm.parse(b"a = 1\nif a\n  foo(\nend\n", "controls/a.rb").unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("controls/a.rb:"), "{text}");
    assert!(text.contains("syntax error, "), "{text}");
    assert_eq!((error.line, error.source_line.as_str()), (4, "end"));
}

#[test]
fn a_module_is_named_by_a_constant() {
    let vm = interpreter(Limits::default());
    for source in ["module :Itn end; ", "class :Itn end; "] {
        let error = vm.parse(source.as_bytes(), "a.rb").map(drop).unwrap_err().to_string();
        assert!(error.starts_with("a.rb:1: syntax error, "), "{error}");
    }
}

#[test]
fn what_is_refused_says_so_where_it_stands() {
    for (source, what) in [
        ("BEGIN { x }", "BEGIN"),
        ("END { x }", "END"),
        ("p 1 if (1 == 1)..(2 == 2)", "a flip-flop"),
        ("\neval('1')", "eval of a string"),
        ("binding.eval('1')", "eval of a string"),
        ("module M; refine(String) { }; end", "a refinement"),
        ("using Module.new", "a refinement"),
        ("'x'.instance_eval('1')", "instance_eval of a string"),
        ("at_exit { }", "at_exit"),
        ("sleep 1", "sleep"),
        ("fork", "fork"),
    ] {
        let line = if source.starts_with('\n') { 2 } else { 1 };
        assert_eq!(eval(source), format!("NotImplementedError: {what} is not supported ((eval):{line})"), "{source}");
    }
    let reason = "a profile has no network of its own; use the resources `http`, `port` and `host`";
    let refused = eval("require 'net/http'");
    assert_eq!(refused, format!("LoadError: cannot load such file -- net/http ({reason})"));
    assert_eq!(eval("require 'nonesuch'"), "LoadError: cannot load such file -- nonesuch");
    assert_eq!(eval("`id`"), "SecurityError: `id`: commands cannot be run here");
    for far in ["next_year(2**62)", "prev_year(2**62)", "<<(-2**63)", ">>(2**63 - 1)"] {
        assert_eq!(eval(&format!("require 'date'; Date.new(2020).{far}")), "RangeError: date out of range", "{far}");
    }
    assert_eq!(eval("begin; exit 3; rescue SystemExit => e; e.status; end"), "3");
}

#[test]
fn a_file_runs_with_a_self_a_module_and_variables_of_its_own() {
    let vm = interpreter(Limits::default());
    let names = [Sym::new("given")];
    let source = b"LIMIT = 5\ndef helper = 40\nclass Inner; end\n@seen = given\ngiven += 1\n[self.class, LIMIT, Inner.name.nil?, given, helper]";
    let program = Program::parse(source, "control.rb", &names, &vm.limits).unwrap();
    let class = vm.new_class(&vm.c.object, None);
    let context = Value::Obj(vm.object(&class));
    let result = vm.run_with(&program, &context, &class, &[Value::Int(7)]);
    let text = shown(&vm, result);
    assert!(text.ends_with(", 5, false, 8, 40]"), "{text}");
    assert_eq!(shown(&vm, vm.eval_str("LIMIT")), "NameError: uninitialized constant LIMIT");
    assert_eq!(
        shown(&vm, vm.eval_str("helper")),
        "NameError: undefined local variable or method `helper' for main:Object"
    );
    assert_eq!(shown(&vm, vm.send(&context, "instance_variable_get", &[Value::sym("@seen")])), "7");
}

#[test]
fn a_session_keeps_its_variables() {
    let vm = interpreter(Limits::default());
    let session = Session::new(&vm, vm.main_object());
    for (input, output) in
        [("x = 1", "1"), ("y = x + 1; z = -> { y += x }", ""), ("z.call; y", "3"), ("def m = 5\nm", "5")]
    {
        let text = shown(&vm, session.eval(&vm, input, "(shell)"));
        assert!(output.is_empty() || text == output, "{input}: {text}");
    }
    let error = shown(&vm, session.eval(&vm, "1 +", "(shell)"));
    assert!(error.starts_with("SyntaxError: (shell):1: syntax error"), "{error}");
    assert_eq!(shown(&vm, session.eval(&vm, "[x, y]", "(shell)")), "[1, 3]");
    assert_eq!(session.local_variables(), ["x", "y", "z"].map(Sym::new));
}

#[test]
fn backtraces_name_the_frames() {
    let vm = interpreter(Limits::default());
    let source = b"class Foo\n  def bar\n    yield\n  end\n  def self.baz(x)\n    new.bar { [x].each { |y| raise 'deep' } }\n  end\nend\ndef top\n  Foo.baz(\n    1\n  )\nend\n\ntop\n";
    let program = vm.parse(source, "lib/foo.rb").unwrap();
    let unwind = vm.run_main(&program).unwrap_err();
    let error = Value::Obj(Rc::clone(unwind.exception().unwrap()));
    let lines = vm.collect(&vm.send(&error, "backtrace", &[]).unwrap()).unwrap();
    let lines: Vec<String> = lines.iter().map(|line| vm.to_s(line).unwrap().lossy()).collect();
    assert_eq!(
        lines,
        [
            "lib/foo.rb:6:in `block (2 levels) in baz'",
            "lib/foo.rb:6:in `block in baz'",
            "lib/foo.rb:3:in `bar'",
            "lib/foo.rb:6:in `baz'",
            "lib/foo.rb:10:in `top'",
            "lib/foo.rb:15:in `<main>'",
        ]
    );
    let full = vm.send(&error, "full_message", &[]).unwrap();
    assert!(
        vm.to_s(&full)
            .unwrap()
            .lossy()
            .starts_with("lib/foo.rb:6:in `block (2 levels) in baz': deep (RuntimeError)\n\tfrom lib")
    );
}

/// A host that remembers what was printed and has one file.
#[derive(Default)]
struct Recorder(RefCell<Vec<u8>>);

impl Host for Recorder {
    fn print(&self, stream: Stream, text: &[u8]) {
        if stream == Stream::Stderr {
            self.0.borrow_mut().extend_from_slice(b"E:");
        }
        self.0.borrow_mut().extend_from_slice(text);
    }

    fn read_file(&self, path: &[u8]) -> Option<Vec<u8>> {
        (path == b"/profile/libraries/helper.rb").then(|| b"module Helper; VALUE = 42; end".to_vec())
    }

    fn provides(&self, name: &str) -> bool {
        name == "inspec/utils/parser"
    }
}

#[test]
fn printing_and_loading_go_through_the_host() {
    let host = Rc::new(Recorder::default());
    let vm = Interp::new(Rc::<Recorder>::clone(&host), Limits::default());
    let source = b"puts 1, [2, [nil]], 'x'\nprint 'a', :b\nputs\np 3, nil\np\nwarn 'careful'\n$stdout.puts 'direct'\nSTDERR << 'err' << \"\\n\"\nputs []\nputs [[], 'y']";
    let program = vm.parse(source, "print.rb").unwrap();
    vm.run_main(&program).unwrap();
    assert_eq!(String::from_utf8(host.0.take()).unwrap(), "1\n2\n\nx\nab\n3\nnil\nE:careful\ndirect\nE:errE:\ny\n");
    let program = vm.parse(b"[require_relative('../libraries/helper'), require_relative('../libraries/helper'), Helper::VALUE, require('inspec/utils/parser')]", "/profile/controls/a.rb");
    let result = vm.run_main(&program.unwrap());
    assert_eq!(shown(&vm, result), "[true, false, 42, true]");
}

#[test]
fn a_block_that_outlives_its_run_can_be_called_from_outside() {
    let vm = interpreter(Limits::default());
    let block = vm.eval_str("x = 1; ->(y) { x += y }").unwrap();
    assert_eq!(shown(&vm, vm.send(&block, "call", &[Value::Int(4)])), "5");
    assert_eq!(shown(&vm, vm.send(&block, "call", &[Value::Int(4)])), "9");
}

#[test]
fn programs_may_take_constants_away() {
    const TAKEN: &str = "u = URI('http://a/b'); all = Object.constants.map { |name| Object.const_get(name) }.grep(Module); \
                         all.each { |m| m.constants(false).each { |name| m.send(:remove_const, name) } }; ";
    for (source, expected) in [
        ("u.host = 'a b'", "URI::InvalidComponentError: bad component(expected host component): a b"),
        ("1 / 0", "ZeroDivisionError: divided by 0"),
        ("[].fetch(9)", "IndexError: index 9 outside of array bounds: 0...0"),
        ("{}.fetch(1)", "KeyError: key not found: 1"),
        ("nil.foo", "NoMethodError: undefined method `foo' for nil:NilClass"),
        ("Foo", "NameError: uninitialized constant Foo"),
        ("raise 'x'", "RuntimeError: x"),
        ("def f; yield; end; f", "LocalJumpError: no block given (yield)"),
        ("throw :b", "UncaughtThrowError: uncaught throw :b"),
        ("{ a: 1 } => { b: }", "NoMatchingPatternKeyError: {:a=>1}: key not found: :b"),
        ("'x'.encode('nope')", "Encoding::ConverterNotFoundError: code converter not found (UTF-8 to nope)"),
        ("[1].each.tap { |e| e.next; e.next }", "StopIteration: iteration reached an end"),
        ("[1, 2, 3].lazy.map { |x| x * 2 }.first(2)", "[2, 4]"),
        ("1.to_r + 5", "(6/1)"),
        ("begin; Integer('x'); rescue => e; e.message; end", "\"invalid value for Integer(): \\\"x\\\"\""),
        ("'abc'.match(/b/)[0].to_c", "(0+0i)"),
    ] {
        assert_eq!(eval(&format!("{TAKEN}{source}")), expected, "{source}");
    }
}
