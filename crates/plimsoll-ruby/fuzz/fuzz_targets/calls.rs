//! Programs made of pieces: every public method of a receiver's with arguments of all kinds, and with a block that changes the
//! receiver while the method runs.
#![no_main]

mod bounded;

use libfuzzer_sys::{arbitrary::Unstructured, fuzz_target};

/// Receivers and arguments.
const VALUES: &[&str] = &[
    "nil", "true", "0", "1", "-1", "3", "2**62", "2**70", "-2**70", "1.5", "0.0/0", "1.0/0", "3r", "2i", "\"\"", "\"abc\"",
    "\"a,b c\\n\"", "\"\\xff\\xfeé\"", "\"é\".b", "\"%d %s\"", ":a", ":<=>", "[]", "[1, 2, 3]", "[[1, 2], [3, 4]]", "[nil, \"a\", :b, 1.5]",
    "(1..5).to_a", "{}", "{a: 1, \"b\" => 2}", "Hash.new { |h, k| h[k] = 1 }", "{1 => [2]}.compare_by_identity", "(1..3)", "(1...10)",
    "(1..)", "(..3)", "(\"a\"..\"e\")", "1.step(10, 3)", "[1, 2].each", "[4, 5].lazy", "/a(b)?/", "/(?<n>.)/", "\"abc\".match(/b/)", "Object.new",
    "BasicObject.new", "String", "Class.new(Array)", "Comparable", "Struct.new(:a, :b).new(1, 2)", "Time.at(0)", "Set[1, 2]",
    "OpenStruct.new(a: 1)", "proc { |x| x }", "lambda { |x, y = 1| [x, y] }", "\"abc\".method(:upcase)", "RuntimeError.new(\"x\")",
    "Random.new(1)", "Enumerator.new { |y| y << 1 << 2 }", "Date.new(2020, 2, 29)",
    "\"a,é\\n😀\".encode(\"UTF-16LE\")", "\"\\0b\\xd8\\0c\".dup.force_encoding(\"UTF-16BE\")", "\"\\xff\".dup.force_encoding(\"UTF-32LE\")",
    "\"a \".encode(\"UTF-16\")", "\"é a\".encode(\"ISO-8859-1\")", "Encoding::UTF_16LE", "Encoding::Windows_1252",
];

/// Blocks: plain ones, and ones that change the receiver `r` or leave.
const BLOCKS: &[&str] = &[
    "",
    "{ |a| a }",
    "{ |a, b| a }",
    "{ |a, b| a <=> b }",
    "{ nil }",
    "{ true }",
    "{ |a| r.clear }",
    "{ |a| r << 1 }",
    "{ |a| r.push(a) if r.size < 50 }",
    "{ |a| r.pop; r.shift }",
    "{ |a| r[rand(9)] = 1 }",
    "{ |a| r.replace([]) }",
    "{ |a| r.replace(\"zz\") }",
    "{ |a| r.delete(a) }",
    "{ |*a| r.freeze; a }",
    "{ |a| break a }",
    "{ |a| next }",
    "{ |a| raise \"x\" }",
    "{ |a| throw :out }",
    "{ |*a, **k, &b| [a, k, b] }",
    "{ |a| r.send(m, a) }",
    "{ _1 }",
    "(&:to_s)",
    "(&r)",
];

fuzz_target!(|bytes: &[u8]| {
    let mut source = String::new();
    if program(&mut Unstructured::new(bytes), &mut source).is_ok() {
        bounded::run(source.as_bytes());
    }
});

fn program(from: &mut Unstructured<'_>, source: &mut String) -> libfuzzer_sys::arbitrary::Result<()> {
    for _ in 0..from.int_in_range(1..=4)? {
        let receiver = from.choose(VALUES)?;
        let number: u16 = from.int_in_range(0..=400)?;
        let arguments = (0..from.int_in_range(0..=3)?)
            .map(|_| from.choose(VALUES).copied())
            .collect::<libfuzzer_sys::arbitrary::Result<Vec<_>>>()?
            .join(", ");
        let block = from.choose(BLOCKS)?;
        // `methods` of a BasicObject is asked from outside.
        let call = match block.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(passed) if arguments.is_empty() => format!("r.__send__(m, {passed})"),
            Some(passed) => format!("r.__send__(m, {arguments}, {passed})"),
            None if arguments.is_empty() => format!("r.__send__(m) {block}"),
            None => format!("r.__send__(m, {arguments}) {block}"),
        };
        source.push_str(&format!(
            "begin\n r = {receiver}\n all = Kernel.instance_method(:methods).bind_call(r).sort\n m = all[{number} % all.size]\n catch(:out) {{ x = \
             {call}\n x.inspect\n x.to_a.first(3) if Enumerator === x\n r.inspect }}\nrescue StandardError, SystemStackError, NotImplementedError\nend\n"
        ));
    }
    Ok(())
}
