//! `raise`, `exit`, `warn`.

use crate::args::Args;
use crate::class::{Def, private_def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Data, Value};

pub(super) fn init(vm: &Interp) {
    super::functions(vm, FUNCTIONS);
}

const FUNCTIONS: &[Def] = &[
    private_def("raise", 0, -1, raise, "Raises an exception."),
    private_def("fail", 0, -1, raise, "The same as raise."),
    private_def("exit", 0, 1, exit, "Raises SystemExit."),
    private_def("exit!", 0, 1, exit, "Raises SystemExit."),
    private_def("abort", 0, 1, abort, "Prints a message and raises SystemExit."),
    private_def("at_exit", 0, 0, |vm, _, _| Err(vm.unsupported("at_exit")), "Refused."),
];

fn raise(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Err(raised(vm, args)?)
}

/// The exception that the arguments of `raise` describe.
fn raised(vm: &Interp, args: Args<'_>) -> Res<Unwind> {
    let (positional, keywords) = args.split_keywords();
    let cause = args.keyword("cause");
    if positional.is_empty() && cause.is_some() {
        return Err(vm.argument_error("only cause is given with no arguments"));
    }
    // Keywords other than `cause` belong to the exception's `new`.
    let others: Vec<_> = match keywords {
        Some(keywords) => keywords.entries().into_iter().filter(|(key, _)| !key.same(&Value::sym("cause"))).collect(),
        None => Vec::new(),
    };
    let exception = match positional {
        [] => match vm.error_info() {
            Value::Nil => return Ok(vm.error("RuntimeError", "")),
            handled => handled,
        },
        [Value::Str(_)] => {
            let class = vm.class_named("RuntimeError");
            vm.new_instance(&class, Args::new(positional))?
        }
        [source, rest @ ..] => {
            if !vm.responds(source, known::EXCEPTION)? {
                return Err(vm.type_error("exception class/object expected"));
            }
            let mut values: Vec<Value> = rest.iter().take(1).cloned().collect();
            let with_keywords = !others.is_empty();
            if with_keywords {
                values.push(Value::Hash(vm.hash_from(others)?));
            }
            let args = Args { values: &values, keywords: with_keywords, block: None };
            vm.call_with(source, known::EXCEPTION, args, CallStyle::Implicit)?
        }
    };
    let Value::Obj(object) = &exception else { return Err(vm.type_error("exception object expected")) };
    let Data::Exception(data) = &object.data else { return Err(vm.type_error("exception object expected")) };
    if let Some(backtrace) = positional.get(2) {
        vm.call_with(
            &exception,
            Sym::new("set_backtrace"),
            Args::new(std::slice::from_ref(backtrace)),
            CallStyle::Implicit,
        )?;
    }
    if let Some(cause) = cause {
        let fine = matches!(&cause, Value::Nil) || matches!(&cause, Value::Obj(o) if o.exception().is_some());
        if !fine {
            return Err(vm.type_error("exception object expected"));
        }
        if !cause.same(&exception) {
            *data.cause.borrow_mut() = cause;
        }
        data.cause_set.set(true);
    }
    Ok(vm.raise_object(std::rc::Rc::clone(object)))
}

fn exit(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let class = vm.class_named("SystemExit");
    let exception = vm.new_instance(&class, args)?;
    raise(vm, &Value::Nil, Args::new(&[exception]))
}

fn abort(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let mut values = vec![Value::Int(1)];
    if let Some(message) = args.get(0) {
        let text = vm.to_str(message)?;
        vm.print_error(&[&text.bytes()[..], b"\n"].concat());
        values.push(Value::Str(text));
    }
    exit(vm, &Value::Nil, Args::new(&values))
}
