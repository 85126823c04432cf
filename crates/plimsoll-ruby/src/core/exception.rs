//! Exception and its tree.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, RClass, def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Data, ExceptionData, RObject, RString, Value};

/// Each class with its superclass, superclasses first.
const TREE: &[(&str, &str)] = &[
    ("NoMemoryError", "Exception"),
    ("ScriptError", "Exception"),
    ("LoadError", "ScriptError"),
    ("NotImplementedError", "ScriptError"),
    ("SyntaxError", "ScriptError"),
    ("SecurityError", "Exception"),
    ("SignalException", "Exception"),
    ("Interrupt", "SignalException"),
    ("SystemExit", "Exception"),
    ("SystemStackError", "Exception"),
    ("ArgumentError", "StandardError"),
    ("UncaughtThrowError", "ArgumentError"),
    ("EncodingError", "StandardError"),
    ("FiberError", "StandardError"),
    ("IOError", "StandardError"),
    ("EOFError", "IOError"),
    ("IndexError", "StandardError"),
    ("KeyError", "IndexError"),
    ("StopIteration", "IndexError"),
    ("ClosedQueueError", "StopIteration"),
    ("LocalJumpError", "StandardError"),
    ("NameError", "StandardError"),
    ("NoMethodError", "NameError"),
    ("NoMatchingPatternError", "StandardError"),
    ("NoMatchingPatternKeyError", "NoMatchingPatternError"),
    ("RangeError", "StandardError"),
    ("FloatDomainError", "RangeError"),
    ("RegexpError", "StandardError"),
    ("RuntimeError", "StandardError"),
    ("FrozenError", "RuntimeError"),
    ("SystemCallError", "StandardError"),
    ("ThreadError", "StandardError"),
    ("TypeError", "StandardError"),
    ("ZeroDivisionError", "StandardError"),
];

/// System errors that programs name: name, number, text.
const ERRNO: &[(&str, i64, &str)] = &[
    ("EPERM", 1, "Operation not permitted"),
    ("ENOENT", 2, "No such file or directory"),
    ("ESRCH", 3, "No such process"),
    ("EINTR", 4, "Interrupted system call"),
    ("EIO", 5, "Input/output error"),
    ("ENXIO", 6, "No such device or address"),
    ("E2BIG", 7, "Argument list too long"),
    ("ENOEXEC", 8, "Exec format error"),
    ("EBADF", 9, "Bad file descriptor"),
    ("ECHILD", 10, "No child processes"),
    ("EAGAIN", 11, "Resource temporarily unavailable"),
    ("ENOMEM", 12, "Cannot allocate memory"),
    ("EACCES", 13, "Permission denied"),
    ("EFAULT", 14, "Bad address"),
    ("EBUSY", 16, "Device or resource busy"),
    ("EEXIST", 17, "File exists"),
    ("EXDEV", 18, "Invalid cross-device link"),
    ("ENODEV", 19, "No such device"),
    ("ENOTDIR", 20, "Not a directory"),
    ("EISDIR", 21, "Is a directory"),
    ("EINVAL", 22, "Invalid argument"),
    ("ENFILE", 23, "Too many open files in system"),
    ("EMFILE", 24, "Too many open files"),
    ("EFBIG", 27, "File too large"),
    ("ENOSPC", 28, "No space left on device"),
    ("ESPIPE", 29, "Illegal seek"),
    ("EROFS", 30, "Read-only file system"),
    ("EPIPE", 32, "Broken pipe"),
    ("EDOM", 33, "Numerical argument out of domain"),
    ("ERANGE", 34, "Numerical result out of range"),
    ("EDEADLK", 35, "Resource deadlock avoided"),
    ("ENAMETOOLONG", 36, "File name too long"),
    ("ENOSYS", 38, "Function not implemented"),
    ("ENOTEMPTY", 39, "Directory not empty"),
    ("ELOOP", 40, "Too many levels of symbolic links"),
    ("EPROTO", 71, "Protocol error"),
    ("EOPNOTSUPP", 95, "Operation not supported"),
    ("EADDRINUSE", 98, "Address already in use"),
    ("EADDRNOTAVAIL", 99, "Cannot assign requested address"),
    ("ENETDOWN", 100, "Network is down"),
    ("ENETUNREACH", 101, "Network is unreachable"),
    ("ECONNABORTED", 103, "Software caused connection abort"),
    ("ECONNRESET", 104, "Connection reset by peer"),
    ("ENOTCONN", 107, "Transport endpoint is not connected"),
    ("ETIMEDOUT", 110, "Connection timed out"),
    ("ECONNREFUSED", 111, "Connection refused"),
    ("EHOSTDOWN", 112, "Host is down"),
    ("EHOSTUNREACH", 113, "No route to host"),
    ("EALREADY", 114, "Operation already in progress"),
    ("EINPROGRESS", 115, "Operation now in progress"),
];

/// Other names of system errors.
const ERRNO_ALIASES: &[(&str, &str)] = &[("EWOULDBLOCK", "EAGAIN"), ("ENOTSUP", "EOPNOTSUPP")];

pub(crate) fn init(vm: &Interp) {
    let exception = Rc::clone(&vm.c.exception);
    vm.set_alloc(&exception, allocate);
    vm.define(&exception, METHODS);
    vm.define_singleton(&exception, CLASS_METHODS);
    for (name, superclass) in TREE {
        vm.define_class(&vm.c.object, name, &vm.class_named(superclass));
    }
    for (class, methods) in [
        ("NameError", NAME_ERROR),
        ("NoMethodError", NO_METHOD_ERROR),
        ("KeyError", KEY_ERROR),
        ("NoMatchingPatternKeyError", PATTERN_KEY_ERROR),
        ("FrozenError", FROZEN_ERROR),
        ("StopIteration", STOP_ITERATION),
        ("LocalJumpError", LOCAL_JUMP_ERROR),
        ("UncaughtThrowError", UNCAUGHT_THROW_ERROR),
        ("SystemExit", SYSTEM_EXIT),
        ("SignalException", SIGNAL_EXCEPTION),
        ("Interrupt", INTERRUPT),
        ("LoadError", LOAD_ERROR),
        ("SystemCallError", SYSTEM_CALL_ERROR),
    ] {
        vm.define(&vm.class_named(class), methods);
    }
    let errno = vm.define_module(&vm.c.object, "Errno");
    let system_call_error = vm.class_named("SystemCallError");
    for (name, number, _) in ERRNO {
        let class = vm.define_class(&errno, name, &system_call_error);
        class.constants.borrow_mut().insert(Sym::new("Errno"), Value::Int(*number));
    }
    for (alias, name) in ERRNO_ALIASES {
        let class = errno.constants.borrow().get(&Sym::new(name)).cloned().unwrap_or_default();
        errno.constants.borrow_mut().insert(Sym::new(alias), class);
    }
    vm.define_singleton(&system_call_error, SYSTEM_CALL_ERROR_CLASS);
}

fn allocate(_: &Interp, class: &Rc<RClass>) -> Res {
    Ok(Value::Obj(RObject::new(Rc::clone(class), Data::Exception(ExceptionData::default()))))
}

const CLASS_METHODS: &[Def] = &[
    def("exception", 0, -1, class_exception, "The same as new."),
    def("to_tty?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "Whether $stderr is a terminal: it is not."),
];

const METHODS: &[Def] = &[
    crate::class::private_def("initialize", 0, 1, initialize, "Takes the message."),
    def("exception", 0, 1, exception, "Itself, or a copy with another message."),
    def("to_s", 0, 0, to_s, "The message, or the class's name."),
    def("message", 0, 0, message, "The text of to_s."),
    def("inspect", 0, 0, inspect, "#<Class: message>"),
    def("full_message", 0, -1, full_message, "Message, class and backtrace as an uncaught exception shows them."),
    def("backtrace", 0, 0, backtrace, "The frames it was raised in, innermost first."),
    def("backtrace_locations", 0, 0, |_, _, _| Ok(Value::Nil), "Always nil."),
    def("set_backtrace", 1, 1, set_backtrace, "Replaces the backtrace."),
    def("cause", 0, 0, cause, "The exception that was being handled when this one was raised."),
    def("==", 1, 1, equal, "Same class, message and backtrace."),
];

const NAME_ERROR: &[Def] = &[
    crate::class::private_def("initialize", 0, -1, initialize_name_error, "Takes the message, a name and a receiver."),
    def("to_s", 0, 0, suggesting_to_s, "The message, with what could have been meant."),
    def("original_message", 0, 0, to_s, "The message."),
    def("name", 0, 0, |_, own, _| Ok(field(own, known::NAME)), "The name that was not found."),
    def("receiver", 0, 0, receiver, "The object it was asked of."),
    def("local_variables", 0, 0, |_, _, _| Ok(Value::array(Vec::new())), "Always empty."),
];

const NO_METHOD_ERROR: &[Def] = &[
    crate::class::private_def(
        "initialize",
        0,
        -1,
        initialize_no_method_error,
        "Takes message, name, arguments, receiver.",
    ),
    def("args", 0, 0, |_, own, _| Ok(field(own, known::ARGS)), "The arguments of the call."),
    def("private_call?", 0, 0, private_call, "Whether the call could have reached private methods."),
];

const KEY_ERROR: &[Def] = &[
    crate::class::private_def("initialize", 0, -1, initialize_key_error, "Takes the message, a receiver and a key."),
    def("to_s", 0, 0, suggesting_to_s, "The message, with what could have been meant."),
    def("original_message", 0, 0, to_s, "The message."),
    def("key", 0, 0, key, "The key that was not found."),
    def("receiver", 0, 0, receiver, "The object that lacks it."),
];

const PATTERN_KEY_ERROR: &[Def] = &[
    crate::class::private_def("initialize", 0, -1, initialize_key_error, "Takes the message, a matchee and a key."),
    def("key", 0, 0, key, "The key that was not found."),
    def("matchee", 0, 0, |_, own, _| Ok(field(own, Sym::new("matchee"))), "The value that was matched."),
];

const FROZEN_ERROR: &[Def] = &[
    crate::class::private_def("initialize", 0, -1, initialize_key_error, "Takes the message and a receiver."),
    def("receiver", 0, 0, receiver, "The object that is frozen."),
];

const STOP_ITERATION: &[Def] =
    &[def("result", 0, 0, |_, own, _| Ok(field(own, known::RESULT)), "What the iteration gave in the end.")];

const LOCAL_JUMP_ERROR: &[Def] = &[
    def("reason", 0, 0, |_, own, _| Ok(field(own, Sym::new("@reason"))), "What was tried."),
    def("exit_value", 0, 0, |_, own, _| Ok(field(own, Sym::new("@exit_value"))), "The value that was taken along."),
];

const UNCAUGHT_THROW_ERROR: &[Def] = &[
    def("tag", 0, 0, |_, own, _| Ok(field(own, Sym::new("tag"))), "The tag that no catch has."),
    def("value", 0, 0, |_, own, _| Ok(field(own, Sym::new("value"))), "The value that was thrown."),
];

const SYSTEM_EXIT: &[Def] = &[
    crate::class::private_def("initialize", 0, 2, initialize_system_exit, "Takes the status and the message."),
    def("status", 0, 0, status, "The exit status."),
    def(
        "success?",
        0,
        0,
        |vm, own, args| Ok(Value::Bool(matches!(status(vm, own, args)?, Value::Int(0)))),
        "Whether the status is 0.",
    ),
];

const SIGNAL_EXCEPTION: &[Def] = &[
    crate::class::private_def("initialize", 1, 2, initialize_signal, "Takes a signal's name or number."),
    def("signo", 0, 0, |_, own, _| Ok(field(own, Sym::new("signo"))), "The signal's number."),
    def("signm", 0, 0, message, "The signal's name."),
];

const INTERRUPT: &[Def] = &[crate::class::private_def("initialize", 0, 1, initialize_interrupt, "Takes a message.")];

/// The signals of Linux by their numbers, from 1 on.
const SIGNALS: &[&str] = &[
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
];

fn initialize_signal(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (number, name) = match &args[0] {
        Value::Str(_) | Value::Sym(_) => {
            let text = vm.to_s(&args[0])?.lossy();
            let short = text.strip_prefix("SIG").unwrap_or(&text);
            let Some(at) = SIGNALS.iter().position(|signal| *signal == short) else {
                return Err(vm.argument_error(format!("unsupported signal `SIG{short}'")));
            };
            (at as i64 + 1, format!("SIG{short}"))
        }
        number => {
            let number = vm.to_int(number)?;
            if !(0..=64).contains(&number) {
                return Err(vm.argument_error(format!("invalid signal number ({number})")));
            }
            let known = usize::try_from(number - 1).ok().and_then(|at| SIGNALS.get(at));
            let name = known.map_or_else(|| format!("SIG{number}"), |name| format!("SIG{name}"));
            (
                number,
                match args.get(1) {
                    Some(given) => vm.to_s(given)?.lossy(),
                    None => name,
                },
            )
        }
    };
    set_signal(own, number, Value::str(name));
    Ok(own.clone())
}

fn initialize_interrupt(_: &Interp, own: &Value, args: Args<'_>) -> Res {
    set_signal(own, 2, args.get(0).cloned().unwrap_or_else(|| Value::str("Interrupt")));
    Ok(own.clone())
}

fn set_signal(own: &Value, number: i64, message: Value) {
    let Value::Obj(object) = own else { return };
    if let Some(data) = object.exception() {
        *data.message.borrow_mut() = message;
    }
    object.head.set_ivar(Sym::new("signo"), Value::Int(number));
}

const LOAD_ERROR: &[Def] =
    &[def("path", 0, 0, |_, own, _| Ok(field(own, Sym::new("path"))), "What could not be loaded.")];

const SYSTEM_CALL_ERROR_CLASS: &[Def] = &[
    def("new", 0, 3, new_system_call_error, "The error of a number, as an instance of that one's class"),
    def(
        "===",
        1,
        1,
        same_system_error,
        "Whether an exception is of this class, or a system error of this class's number",
    ),
];

const SYSTEM_CALL_ERROR: &[Def] = &[
    crate::class::private_def("initialize", 0, 3, initialize_system_call_error, "Takes what it was about."),
    def("errno", 0, 0, errno, "The error's number."),
];

/// A field of an exception, kept as an instance variable whose name no program can write.
fn field(own: &Value, name: Sym) -> Value {
    own.head().and_then(|head| head.ivar(name)).unwrap_or_default()
}

fn set_field(own: &Value, name: Sym, value: Value) {
    if let Some(head) = own.head() {
        head.set_ivar(name, value);
    }
}

fn data(own: &Value) -> Option<&ExceptionData> {
    match own {
        Value::Obj(object) => object.exception(),
        _ => None,
    }
}

fn set_message(own: &Value, message: Value) {
    if let Some(data) = data(own) {
        *data.message.borrow_mut() = message;
    }
}

fn class_exception(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    vm.call_with(own, known::NEW, args, CallStyle::Implicit)
}

fn initialize(_: &Interp, own: &Value, args: Args<'_>) -> Res {
    set_message(own, args.or_nil(0));
    Ok(Value::Nil)
}

fn exception(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    match args.get(0) {
        None => Ok(own.clone()),
        Some(message) if message.same(own) => Ok(own.clone()),
        Some(message) => {
            let copy = vm.call(own, known::CLONE, &[])?;
            set_message(&copy, message.clone());
            Ok(copy)
        }
    }
}

fn to_s(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let message = data(own).map(|data| data.message.borrow().clone()).unwrap_or_default();
    match message {
        Value::Nil => Ok(Value::str(vm.real_class_of(own).name())),
        message => Ok(Value::Str(vm.to_s(&message)?)),
    }
}

fn suggesting_to_s(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let message = to_s(vm, own, args)?;
    let Value::Str(text) = &message else { return Ok(message) };
    let made = Sym::new("suggestion");
    let suggestion = match own.head().and_then(|head| head.ivar(made)) {
        Some(known) => vm.to_s(&known)?.lossy(),
        None => {
            let suggestion = super::did_you_mean::suggestion(vm, own, &text.lossy());
            set_field(own, made, Value::str(&suggestion));
            suggestion
        }
    };
    if suggestion.is_empty() || text.lossy().contains(&suggestion) {
        return Ok(message);
    }
    Ok(Value::bytes([&text.bytes()[..], suggestion.as_bytes()].concat()))
}

fn private_call(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(field(own, Sym::new(super::did_you_mean::PRIVATE_CALL)).truthy().into())
}

fn message(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Str(vm.to_s(own)?))
}

fn inspect(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(own).name();
    let text = vm.to_s(own)?;
    if text.is_empty() {
        return Ok(Value::str(class));
    }
    Ok(Value::bytes([b"#<", class.as_bytes(), b": ", &text.bytes()[..], b">"].concat()))
}

fn full_message(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let message = vm.message_of(own)?.to_vec();
    let class = vm.real_class_of(own).name();
    let mut lines = message.splitn(2, |byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let backtrace = vm.call(own, known::BACKTRACE, &[])?;
    let frames = if backtrace.is_nil() { Vec::new() } else { vm.collect(&backtrace)? };
    let mut text = Vec::new();
    match frames.first() {
        Some(frame) => text.extend_from_slice(&vm.to_s(frame)?.bytes()),
        None => text.extend_from_slice(b"-e:1:in `<main>'"),
    }
    text.extend_from_slice(b": ");
    if message.is_empty() {
        text.extend_from_slice(class.as_bytes());
    } else {
        text.extend_from_slice(&[first, b" (", class.as_bytes(), b")"].concat());
    }
    if let Some(rest) = lines.next() {
        text.push(b'\n');
        text.extend_from_slice(rest);
    }
    for frame in frames.iter().skip(1) {
        text.extend_from_slice(b"\n\tfrom ");
        text.extend_from_slice(&vm.to_s(frame)?.bytes());
    }
    if frames.len() > 1 {
        text.push(b'\n');
    }
    Ok(Value::bytes(text))
}

fn backtrace(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    let Some(data) = data(own) else { return Ok(Value::Nil) };
    let set = data.own_backtrace.borrow().clone();
    if !set.is_nil() {
        return Ok(set);
    }
    let lines = data.backtrace.borrow();
    Ok(lines.as_ref().map_or(Value::Nil, |lines| Value::array(lines.iter().map(Value::str).collect())))
}

fn set_backtrace(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let value = match &args[0] {
        Value::Str(line) => Value::array(vec![Value::Str(Rc::clone(line))]),
        Value::Array(lines) if lines.to_vec().iter().all(|line| matches!(line, Value::Str(_))) => args[0].clone(),
        Value::Nil => Value::Nil,
        _ => return Err(vm.type_error("backtrace must be Array of String")),
    };
    if let Some(data) = data(own) {
        *data.own_backtrace.borrow_mut() = value.clone();
        if value.is_nil() {
            *data.backtrace.borrow_mut() = None;
        }
    }
    Ok(value)
}

fn cause(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(data(own).map(|data| data.cause.borrow().clone()).unwrap_or_default())
}

fn equal(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let other = &args[0];
    if own.same(other) {
        return Ok(Value::Bool(true));
    }
    if !Rc::ptr_eq(&vm.real_class_of(own), &vm.real_class_of(other)) {
        return Ok(Value::Bool(false));
    }
    for part in [known::MESSAGE, known::BACKTRACE] {
        let (ours, theirs) = (vm.call(own, part, &[])?, vm.call(other, part, &[])?);
        if !vm.equal(&ours, &theirs)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn receiver(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let head = own.head();
    head.and_then(|head| head.ivar(known::RECEIVER)).ok_or_else(|| vm.argument_error("no receiver is available"))
}

fn key(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let head = own.head();
    head.and_then(|head| head.ivar(known::KEY)).ok_or_else(|| vm.argument_error("no key is available"))
}

/// Keeps the keyword of this name as a field.
fn take_keyword(own: &Value, args: Args<'_>, name: Sym) {
    if let Some(value) = args.keyword(&name.text()) {
        set_field(own, name, value);
    }
}

fn initialize_name_error(_: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    set_message(own, positional.first().cloned().unwrap_or_default());
    set_field(own, known::NAME, positional.get(1).cloned().unwrap_or_default());
    take_keyword(own, args, known::RECEIVER);
    Ok(Value::Nil)
}

fn initialize_no_method_error(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    initialize_name_error(vm, own, args)?;
    let (positional, _) = args.split_keywords();
    set_field(own, known::ARGS, positional.get(2).cloned().unwrap_or_else(|| Value::array(Vec::new())));
    Ok(Value::Nil)
}

fn initialize_key_error(_: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    set_message(own, positional.first().cloned().unwrap_or_default());
    for name in [known::RECEIVER, known::KEY, Sym::new("matchee")] {
        take_keyword(own, args, name);
    }
    Ok(Value::Nil)
}

fn initialize_system_exit(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (status, message) = match args.get(0) {
        Some(Value::Bool(success)) => (Value::Int(i64::from(!success)), args.get(1)),
        Some(status @ Value::Int(_)) => (status.clone(), args.get(1)),
        other => (Value::Int(0), other),
    };
    set_field(own, Sym::new("status"), status);
    set_message(own, message.cloned().unwrap_or_else(|| Value::str("exit")));
    let _ = vm;
    Ok(Value::Nil)
}

fn status(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(match field(own, Sym::new("status")) {
        Value::Nil => Value::Int(0),
        status => status,
    })
}

fn instance(vm: &Interp, class: &Rc<RClass>, args: Args<'_>) -> Res {
    let object = allocate(vm, class)?;
    vm.call_with(&object, known::INITIALIZE, args, CallStyle::Implicit)?;
    Ok(object)
}

/// `SystemCallError.new` makes an instance of the class of its number, when there is one.
fn new_system_call_error(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let general = vm.class_named("SystemCallError");
    let Value::Class(own) = class else { return Err(vm.type_error("not a class")) };
    if !Rc::ptr_eq(own, &general) {
        return instance(vm, own, args);
    }
    let (about, number) = match args.values {
        [] => return Err(vm.arity_error(0, 1, 3)),
        [number @ Value::Int(_)] => (Value::Nil, number.clone()),
        [about] => (about.clone(), Value::Nil),
        [about, number, ..] => (about.clone(), number.clone()),
    };
    if !about.is_nil() {
        vm.to_str(&about)?;
    }
    let number = if number.is_nil() { None } else { Some(vm.to_int(&number)?) };
    let known = ERRNO.iter().find(|(_, code, _)| number == Some(*code));
    let location = args.get(2).cloned();
    match known {
        Some((name, ..)) => {
            let values: Vec<Value> = std::iter::once(about).chain(location).collect();
            instance(vm, &vm.class_named(&format!("Errno::{name}")), Args::new(&values))
        }
        None => {
            let values: Vec<Value> = [about, number.into()].into_iter().chain(location).collect();
            instance(vm, own, Args::new(&values))
        }
    }
}

fn initialize_system_call_error(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = vm.real_class_of(own);
    let number = vm.constant_in(&class, Sym::new("Errno"), false).filter(|value| matches!(value, Value::Int(_)));
    let (about, number, location) = match number {
        Some(number) => (args.get(0), Some(number), args.get(1)),
        None => (args.get(0), args.get(1).cloned(), args.get(2)),
    };
    let known = ERRNO.iter().find(|(_, n, _)| matches!(number, Some(Value::Int(number)) if number == *n));
    let mut text = known.map_or_else(
        || match &number {
            Some(Value::Int(number)) => format!("Unknown error {number}"),
            _ => "unknown error".to_owned(),
        },
        |(_, _, text)| (*text).to_owned(),
    );
    if let Some(location) = location {
        text = format!("{text} @ {}", vm.to_str(location)?.lossy());
    }
    if let Some(about) = about.filter(|about| !about.is_nil()) {
        text = format!("{text} - {}", vm.to_str(about)?.lossy());
    }
    set_message(own, Value::str(text));
    set_field(own, Sym::new("errno"), number.unwrap_or_default());
    Ok(Value::Nil)
}

fn same_system_error(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let Value::Class(own) = class else { return Ok(false.into()) };
    if vm.is_a(&args[0], own) {
        return Ok(true.into());
    }
    let number = vm.constant_in(own, Sym::new("Errno"), false);
    let same = vm.is_a(&args[0], &vm.class_named("SystemCallError"))
        && matches!((number, field(&args[0], Sym::new("errno"))), (Some(Value::Int(a)), Value::Int(b)) if a == b);
    Ok(same.into())
}

fn errno(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(field(own, Sym::new("errno")))
}

impl Interp {
    /// An exception's message, as its `message` gives it.
    pub fn message_of(&self, exception: &Value) -> Res<Rc<RString>> {
        let message = self.call(exception, known::MESSAGE, &[])?;
        self.to_s(&message)
    }

    /// An `Errno` exception (`"ENOENT"`) about something, being raised.
    pub fn system_error(&self, name: &str, about: &str) -> crate::unwind::Unwind {
        let class = self.class_named(&format!("Errno::{name}"));
        match self.new_instance(&class, Args::new(&[Value::str(about)])) {
            Ok(Value::Obj(exception)) => self.raise_object(exception),
            Ok(_) => unreachable!("exceptions are objects"),
            Err(unwind) => unwind,
        }
    }
}
