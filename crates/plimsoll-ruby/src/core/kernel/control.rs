//! `loop`, `catch`, `lambda`, `block_given?` and what asks about the running frame.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, UnwindKind};
use crate::value::{RProc, Value};

pub(super) fn init(vm: &Interp) {
    super::functions(vm, FUNCTIONS);
}

const FUNCTIONS: &[Def] = &[
    private_def("loop", 0, 0, endless, "Calls the block until it breaks or raises StopIteration."),
    private_def("catch", 0, 1, catch, "Runs the block until a throw of its tag."),
    private_def("throw", 1, 2, throw, "Ends the catch of this tag."),
    private_def("lambda", 0, 0, lambda, "The block as a lambda."),
    private_def("proc", 0, 0, make_proc, "The block as a Proc."),
    private_def("block_given?", 0, 0, block_given, "Whether the running method was given a block."),
    private_def("caller", 0, 2, caller, "The frames around the running method."),
    private_def("caller_locations", 0, 2, caller, "The frames around the running method, as text."),
    private_def("__method__", 0, 0, method_name, "The running method's name."),
    private_def("__callee__", 0, 0, method_name, "The running method's name."),
    private_def("__dir__", 0, 0, directory, "The directory of the running file."),
    private_def("binding", 0, 0, |vm, _, _| Ok(vm.bare_binding()), "The local variables and `self`, kept."),
    private_def("eval", 1, 4, |vm, _, _| Err(vm.unsupported("eval of a string")), "Refused."),
    private_def("local_variables", 0, 0, |_, _, _| Ok(Value::array(Vec::new())), "Names of the local variables."),
    private_def("global_variables", 0, 0, global_variables, "Names of the global variables."),
    private_def("iterator?", 0, 0, |vm, _, _| Err(vm.unsupported("iterator?")), "Refused: block_given? is its name."),
    private_def("set_trace_func", 1, 1, |vm, _, _| Err(vm.unsupported("set_trace_func")), "Refused."),
    private_def("fork", 0, 0, |vm, _, _| Err(vm.unsupported("fork")), "Refused."),
    private_def("trap", 1, 2, |vm, _, _| Err(vm.unsupported("trap")), "Refused."),
];

fn endless(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let Some(block) = args.block else { return vm.enumerator(own, "loop", &[]) };
    let stop = vm.class_named("StopIteration");
    loop {
        vm.tick()?;
        let Err(unwind) = vm.call_proc(block, Args::default()) else { continue };
        match unwind.exception() {
            Some(exception) if vm.is_a(&Value::Obj(Rc::clone(exception)), &stop) => {
                return Ok(exception.head.ivar(known::RESULT).unwrap_or_default());
            }
            _ => return Err(unwind),
        }
    }
}

fn catch(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    let tag = match args.get(0) {
        Some(tag) => tag.clone(),
        None => Value::Obj(vm.object(&vm.c.object)),
    };
    vm.catch_tags.borrow_mut().push(tag.clone());
    let result = vm.call_block(block, std::slice::from_ref(&tag));
    vm.catch_tags.borrow_mut().pop();
    match result {
        Err(unwind) => match unwind.into_kind() {
            UnwindKind::Throw(thrown, value) if thrown.same(&tag) => Ok(value),
            other => Err(other.into()),
        },
        value => value,
    }
}

fn throw(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let tag = &args[0];
    if vm.catch_tags.borrow().iter().any(|known| known.same(tag)) {
        return Err(UnwindKind::Throw(tag.clone(), args.or_nil(1)).into());
    }
    let text = vm.inspect(tag)?.lossy();
    let exception = vm.exception(&vm.class_named("UncaughtThrowError"), Value::str(format!("uncaught throw {text}")));
    exception.head.set_ivar(Sym::new("tag"), tag.clone());
    exception.head.set_ivar(Sym::new("value"), args.or_nil(1));
    Err(vm.raise_object(exception))
}

/// The block of a call of `lambda` or `proc`.
fn given<'a>(vm: &Interp, args: Args<'a>) -> Res<&'a Rc<RProc>> {
    args.block.ok_or_else(|| vm.argument_error("tried to create Proc object without a block"))
}

fn lambda(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let block = given(vm, args)?;
    // A Proc that is passed on (`lambda(&block)`) stays what it is.
    if !block.escaped.get() {
        block.lambda.set(true);
    }
    make_proc(vm, &Value::Nil, args)
}

fn make_proc(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let block = given(vm, args)?;
    vm.keep_proc(block);
    Ok(Value::Proc(Rc::clone(block)))
}

fn block_given(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let frames = vm.frames.borrow();
    Ok(Value::Bool(frames.last().is_some_and(|frame| frame.context.block.is_some())))
}

fn caller(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let lines = Value::array(vm.backtrace(0).into_iter().map(Value::from).collect());
    if let Some(range @ Value::Range(_)) = args.get(0) {
        return vm.call(&lines, known::AREF, std::slice::from_ref(range));
    }
    let not_negative = |value: &Value, what: &str| match vm.to_int(value)? {
        number if number < 0 => Err(vm.argument_error(format!("negative {what} ({number})"))),
        number => Ok(number),
    };
    let skip = args.get(0).map_or(Ok(1), |start| not_negative(start, "level"))?;
    let count = match args.get(1) {
        Some(count) if !count.is_nil() => not_negative(count, "size")?,
        _ => i64::MAX,
    };
    vm.call(&lines, known::AREF, &[Value::Int(skip), Value::Int(count)])
}

fn method_name(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let frames = vm.frames.borrow();
    let method = frames.last().and_then(|frame| frame.context.method.as_ref());
    Ok(method.map_or(Value::Nil, |method| Value::Sym(method.name)))
}

fn directory(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let (file, _) = vm.position();
    let text = file.text();
    Ok(Value::str(text.rsplit_once('/').map_or(".", |(directory, _)| directory)))
}

fn global_variables(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let mut names: Vec<Sym> = vm.globals.borrow().keys().copied().collect();
    names.sort_by_key(|name| name.bytes());
    Ok(Value::array(names.into_iter().map(Value::Sym).collect()))
}
