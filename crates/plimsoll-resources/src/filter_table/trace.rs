//! How a `where` block is put into words: it is run on an object that writes down what it is asked.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, RProc, Res, Unwind, Value, def};

/// What was asked of the object, each question with the object that answered it.
#[derive(Default)]
struct Trace {
    chain: RefCell<Vec<(Vec<Value>, Value)>>,
}

const METHODS: &[Def] = &[
    def("==", 1, 1, |vm, this, args| operator(vm, this, "==", args), "Writes it down."),
    def("!=", 1, 1, |vm, this, args| operator(vm, this, "!=", args), "Writes it down."),
    def(">=", 1, 1, |vm, this, args| operator(vm, this, ">=", args), "Writes it down."),
    def(">", 1, 1, |vm, this, args| operator(vm, this, ">", args), "Writes it down."),
    def("<", 1, 1, |vm, this, args| operator(vm, this, "<", args), "Writes it down."),
    def("<=", 1, 1, |vm, this, args| operator(vm, this, "<=", args), "Writes it down."),
    def("=~", 1, 1, |vm, this, args| operator(vm, this, "=~", args), "Writes it down."),
    def("!~", 1, 1, |vm, this, args| operator(vm, this, "!~", args), "Writes it down."),
    def("method_missing", 1, -1, |vm, this, args| note(vm, this, args.values.to_vec()), "Writes it down."),
];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Trace", &vm.c.object);
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Trace::default()).into()));
    vm.define(&class, METHODS);
}

fn new(vm: &Interp) -> Value {
    RObject::with_native(vm.class_named("FilterTable::Trace"), Trace::default()).into()
}

fn operator(vm: &Interp, this: &Value, name: &str, args: Args<'_>) -> Res {
    note(vm, this, vec![Value::sym(name), args[0].clone()])
}

fn note(vm: &Interp, this: &Value, asked: Vec<Value>) -> Res {
    let trace = this.native::<Trace>().ok_or_else(|| vm.type_error("not a trace"))?;
    let answer = new(vm);
    trace.chain.borrow_mut().push((asked, answer.clone()));
    Ok(answer)
}

/// A block in words, with a leading space; what it raises ends the words and is of no further interest.
pub(super) fn describe(vm: &Interp, block: &Rc<RProc>) -> Res<Vec<u8>> {
    let trace = new(vm);
    let result = vm.call_block_with_self(block, &trace, None, Args::new(std::slice::from_ref(&trace)));
    if let Err(unwind) = result {
        swallow(vm, unwind)?;
    }
    words(vm, &trace)
}

fn swallow(vm: &Interp, unwind: Unwind) -> Res<()> {
    let standard = unwind.exception().is_some_and(|e| vm.is_a(&Value::Obj(Rc::clone(e)), &vm.c.standard_error));
    if standard { Ok(()) } else { Err(unwind) }
}

fn words(vm: &Interp, trace: &Value) -> Res<Vec<u8>> {
    let chain = trace.native::<Trace>().map_or_else(Vec::new, |trace| trace.chain.borrow().clone());
    let mut text = Vec::new();
    for (asked, answer) in chain {
        let (name, args) = asked.split_first().expect("a question has a name");
        text.push(b' ');
        text.extend_from_slice(&vm.to_s(name)?.bytes());
        match args {
            [] => {}
            [one] => {
                text.push(b' ');
                text.extend_from_slice(&vm.inspect(one)?.bytes());
            }
            several => {
                text.push(b'(');
                for (at, arg) in several.iter().enumerate() {
                    if at > 0 {
                        text.extend_from_slice(b", ");
                    }
                    text.extend_from_slice(&vm.inspect(arg)?.bytes());
                }
                text.push(b')');
            }
        }
        text.extend_from_slice(&words(vm, &answer)?);
    }
    Ok(text)
}
