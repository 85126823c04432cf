//! Proc, Method and UnboundMethod.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, Method, MethodBody, RClass, Visibility, def};
use crate::interp::Interp;
use crate::ir::{KeywordRest, Param, Params, Rest};
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, ProcKind, RObject, RProc, RString, Value};

pub(crate) fn init(vm: &Interp) {
    vm.define(&vm.c.proc_class, PROC);
    vm.define_singleton(&vm.c.proc_class, PROC_CLASS);
    for (name, methods) in [("Method", METHOD), ("UnboundMethod", UNBOUND)] {
        let class = vm.define_class(&vm.c.object, name, &vm.c.object);
        vm.define(&class, SHARED);
        vm.define(&class, methods);
        super::without_new(vm, &class);
    }
}

const PROC_CLASS: &[Def] = &[def("new", 0, -1, new, "The block as a Proc.")];

const PROC: &[Def] = &[
    def("call", 0, -1, call, "Calls it."),
    def("()", 0, -1, call, "Calls it."),
    def("[]", 0, -1, call, "Calls it."),
    def("===", 0, -1, call, "Calls it."),
    def("yield", 0, -1, call, "Calls it."),
    def("to_proc", 0, 0, |_, own, _| Ok(own.clone()), "Itself."),
    def("lambda?", 0, 0, is_lambda, "Whether it is strict about arguments and ends alone on return."),
    def("arity", 0, 0, arity, "How many arguments it needs."),
    def("parameters", 0, 0, parameters, "Its parameters' kinds and names."),
    def("curry", 0, 1, curry, "A lambda that takes its arguments one by one."),
    def(">>", 1, 1, then_call, "A proc that calls this, then the other."),
    def("<<", 1, 1, call_after, "A proc that calls the other, then this."),
    def("==", 1, 1, equal, "Whether both are made of the same block."),
    def("eql?", 1, 1, equal, "The same as ==."),
    def("hash", 0, 0, hash, "A number, the same for equal procs."),
    def("inspect", 0, 0, inspect, "#<Proc:0x… file:line (lambda)>"),
    def("to_s", 0, 0, inspect, "The same as inspect."),
    def("source_location", 0, 0, source_location, "File and line."),
    def("binding", 0, 0, |vm, own, _| vm.binding_of_proc(proc_of(vm, own)?), "The variables around it."),
    def("ruby2_keywords", 0, 0, |_, own, _| Ok(own.clone()), "Does nothing."),
];

/// What Method and UnboundMethod share.
const SHARED: &[Def] = &[
    def("name", 0, 0, |_, own, _| Ok(object(own).map_or(Value::Nil, |o| Value::Sym(o.name))), "Its name."),
    def("original_name", 0, 0, original_name, "The name it was defined under."),
    def(
        "owner",
        0,
        0,
        |_, own, _| Ok(object(own).map_or(Value::Nil, |o| Value::Class(Rc::clone(&o.method.owner)))),
        "The class that has it.",
    ),
    def("arity", 0, 0, method_arity, "How many arguments it needs."),
    def("parameters", 0, 0, method_parameters, "Its parameters' kinds and names."),
    def("source_location", 0, 0, method_location, "File and line."),
    def("inspect", 0, 0, method_inspect, "#<Method: Class#name(…) file:line>"),
    def("to_s", 0, 0, method_inspect, "The same as inspect."),
    def("==", 1, 1, method_equal, "Whether both are the same method (of the same receiver)."),
    def("eql?", 1, 1, method_equal, "The same as ==."),
    def("hash", 0, 0, method_hash, "A number, the same for equal methods."),
    def("public?", 0, 0, |vm, own, _| is_of(vm, own, Visibility::Public), "Whether anyone may call it."),
    def("protected?", 0, 0, |vm, own, _| is_of(vm, own, Visibility::Protected), "Whether only its kind may call it."),
    def("private?", 0, 0, |vm, own, _| is_of(vm, own, Visibility::Private), "Whether only `self` may call it."),
    def("super_method", 0, 0, super_method, "The method that super would call."),
];

fn is_of(vm: &Interp, own: &Value, visibility: Visibility) -> Res {
    Ok((this(vm, own)?.method.visibility == visibility).into())
}

const METHOD: &[Def] = &[
    def("call", 0, -1, method_call, "Calls it."),
    def("()", 0, -1, method_call, "Calls it."),
    def("[]", 0, -1, method_call, "Calls it."),
    def("===", 0, -1, method_call, "Calls it."),
    def("to_proc", 0, 0, method_to_proc, "A lambda that calls it."),
    def(
        "receiver",
        0,
        0,
        |_, own, _| Ok(object(own).and_then(|o| o.receiver.clone()).unwrap_or_default()),
        "The object it is called on.",
    ),
    def("unbind", 0, 0, unbind, "The method without its receiver."),
    def("curry", 0, 1, curry, "A lambda that takes its arguments one by one."),
    def(">>", 1, 1, then_call, "A lambda that calls this, then the other."),
    def("<<", 1, 1, call_after, "A lambda that calls the other, then this."),
];

const UNBOUND: &[Def] = &[
    def("bind", 1, 1, bind, "The method of a receiver."),
    def("bind_call", 1, -1, bind_call, "Calls it on a receiver."),
];

/// The payload of Method and UnboundMethod.
struct MethodObject {
    receiver: Option<Value>,
    method: Rc<Method>,
    /// What it was asked for by.
    name: Sym,
}

fn object(own: &Value) -> Option<&MethodObject> {
    own.native()
}

fn this<'a>(vm: &Interp, own: &'a Value) -> Res<&'a MethodObject> {
    object(own).ok_or_else(|| vm.type_error("not a method"))
}

/// The method in a Method or UnboundMethod.
pub(crate) fn method_of(value: &Value) -> Option<Rc<Method>> {
    object(value).map(|object| Rc::clone(&object.method))
}

/// `receiver.method(:name)`
pub(crate) fn method_object(vm: &Interp, receiver: &Value, name: Sym) -> Res {
    let class = vm.class_of(receiver);
    if let Some(method) = vm.find_method(&class, name) {
        return Ok(bound(vm, receiver, method, name));
    }
    let answers = vm.call(receiver, known::RESPOND_TO_MISSING, &[Value::Sym(name), Value::Bool(true)])?;
    if !answers.truthy() {
        return Err(vm.undefined_method(&class, name));
    }
    let run = move |vm: &Interp, own: &Value, args: Args<'_>| {
        let mut values = vec![Value::Sym(name)];
        values.extend_from_slice(args.values);
        let args = Args { values: &values, ..args };
        vm.call_with(own, known::METHOD_MISSING, args, crate::dispatch::CallStyle::Implicit)
    };
    let method = Method {
        name,
        owner: class.real(),
        visibility: crate::class::Visibility::Public,
        body: MethodBody::Closure(Rc::new(run), 0, -1),
    };
    Ok(bound(vm, receiver, Rc::new(method), name))
}

fn bound(vm: &Interp, receiver: &Value, method: Rc<Method>, name: Sym) -> Value {
    let payload = MethodObject { receiver: Some(receiver.clone()), method, name };
    Value::Obj(RObject::with_native(vm.class_named("Method"), payload))
}

/// `class.instance_method(:name)`
pub(crate) fn unbound(vm: &Interp, method: Rc<Method>, name: Sym) -> Value {
    let payload = MethodObject { receiver: None, method, name };
    Value::Obj(RObject::with_native(vm.class_named("UnboundMethod"), payload))
}

// ---- Proc

fn proc_of<'a>(vm: &Interp, own: &'a Value) -> Res<&'a Rc<RProc>> {
    match own {
        Value::Proc(block) => Ok(block),
        _ => Err(vm.type_error("not a Proc")),
    }
}

fn new(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let Some(block) = args.block else {
        return Err(vm.argument_error("tried to create Proc object without a block"));
    };
    vm.keep_proc(block);
    let class = vm.to_class(own)?;
    if Rc::ptr_eq(&class, &vm.c.proc_class) {
        return Ok(Value::Proc(Rc::clone(block)));
    }
    let original = Rc::clone(block);
    let kind = match &block.kind {
        ProcKind::Ruby(code) => ProcKind::Ruby(code.clone()),
        _ => ProcKind::Native(Box::new(move |vm, _, args| vm.call_proc(&original, args))),
    };
    let made = Value::Proc(RProc::with_class(class, kind, block.lambda.get(), block.home.get()));
    vm.call_with(&made, known::INITIALIZE, Args { block: None, ..args }, crate::dispatch::CallStyle::Implicit)?;
    Ok(made)
}

fn call(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    vm.call_proc(proc_of(vm, own)?, args)
}

fn is_lambda(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Bool(proc_of(vm, own)?.lambda.get()))
}

fn proc_arity(vm: &Interp, block: &RProc) -> Res<i64> {
    Ok(match &block.kind {
        ProcKind::Ruby(code) => code.body.params.arity(block.lambda.get()),
        ProcKind::Native(_) => -1,
        ProcKind::Symbol(_) => -2,
        ProcKind::Method(method) => match vm.send(method, "arity", &[])? {
            Value::Int(arity) => arity,
            _ => -1,
        },
    })
}

fn arity(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(proc_arity(vm, proc_of(vm, own)?)?))
}

fn parameters(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let block = proc_of(vm, own)?;
    let lambda = block.lambda.get();
    match &block.kind {
        ProcKind::Ruby(code) => Ok(described(&code.body.params, &code.body.names, lambda)),
        ProcKind::Native(_) => Ok(anonymous(0, -1)),
        ProcKind::Symbol(_) => {
            let one = |kind: &str| Value::array(vec![Value::sym(kind)]);
            Ok(Value::array(vec![one("req"), one("rest")]))
        }
        ProcKind::Method(method) => vm.send(method, "parameters", &[]),
    }
}

/// Parameters as `parameters` describes them.
fn described(params: &Params, names: &[Sym], strict: bool) -> Value {
    let named = |slot: Option<u16>, sign: &[u8]| slot.is_some_and(|slot| names[slot as usize].bytes() == sign);
    let rest = if let Rest::Slot(slot) = params.rest { Some(slot) } else { None };
    let keyword_rest = if let KeywordRest::Slot(slot) = params.keyword_rest { Some(slot) } else { None };
    // `...` shows its parts by their signs; of parts written alone only the block does.
    let forwards = named(rest, b"*") && named(keyword_rest, b"**") && named(params.block, b"&");
    let entry = |kind: &str, name: Option<Sym>| {
        let nameless = name.is_none_or(|name| !forwards && matches!(name.bytes(), b"*" | b"**"));
        let mut pair = vec![Value::sym(kind)];
        if let Some(name) = name.filter(|_| !nameless) {
            pair.push(Value::Sym(name));
        }
        Value::array(pair)
    };
    let name = |slot: u16| Some(names[slot as usize]);
    let required = |param: &Param| match param {
        Param::Slot(slot) => entry(if strict { "req" } else { "opt" }, name(*slot)),
        Param::Target(_) if strict => entry("req", None),
        Param::Target(_) => Value::array(vec![Value::sym("opt"), Value::Nil]),
    };
    let mut list: Vec<Value> = params.required.iter().map(required).collect();
    list.extend(params.optional.iter().map(|(slot, _)| entry("opt", name(*slot))));
    if let Rest::Slot(slot) = params.rest {
        list.push(entry("rest", name(slot)));
    }
    list.extend(params.post.iter().map(required));
    let (optional, needed): (Vec<_>, Vec<_>) = params.keywords.iter().partition(|keyword| keyword.default.is_some());
    list.extend(needed.iter().map(|keyword| entry("keyreq", Some(keyword.name))));
    list.extend(optional.iter().map(|keyword| entry("key", Some(keyword.name))));
    match params.keyword_rest {
        KeywordRest::Slot(slot) => list.push(entry("keyrest", name(slot))),
        KeywordRest::Refused => list.push(entry("nokey", None)),
        KeywordRest::None => {}
    }
    if let Some(slot) = params.block {
        list.push(entry("block", name(slot)));
    }
    Value::array(list)
}

/// The same of native code, whose parameters have no names.
fn anonymous(min: u8, max: i8) -> Value {
    let one = |kind: &str| Value::array(vec![Value::sym(kind)]);
    if max < 0 || max as u8 != min {
        return Value::array(vec![one("rest")]);
    }
    Value::array((0..min).map(|_| one("req")).collect())
}

fn curry(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let Value::Int(arity) = vm.send(own, "arity", &[])? else { return Err(vm.type_error("arity is no Integer")) };
    let needed = if arity < 0 { -arity - 1 } else { arity };
    let is_lambda = !matches!(own, Value::Proc(block) if !block.lambda.get());
    let wanted = match args.get(0) {
        None => needed,
        Some(count) => {
            let count = vm.to_int(count)?;
            let fits = if arity < 0 { count >= needed } else { count == needed };
            if is_lambda && !fits {
                let max = if arity < 0 { -1 } else { needed as i32 };
                return Err(vm.arity_error(count.max(0) as usize, needed as usize, max));
            }
            count
        }
    };
    Ok(curried(own.clone(), wanted.max(0) as usize, Vec::new(), is_lambda))
}

fn curried(target: Value, wanted: usize, taken: Vec<Value>, lambda: bool) -> Value {
    let made = RProc::native(move |vm, _, args| {
        let mut values = taken.clone();
        values.extend_from_slice(args.values);
        if values.len() >= wanted {
            return vm.call(&target, known::CALL, &values);
        }
        Ok(curried(target.clone(), wanted, values, lambda))
    });
    made.lambda.set(lambda);
    Value::Proc(made)
}

/// Something that can be called, for composition.
fn callable(vm: &Interp, value: &Value) -> Res<()> {
    if vm.responds(value, known::CALL)? {
        return Ok(());
    }
    Err(vm.type_error("callable object is expected"))
}

fn composed(first: Value, second: Value, lambda: bool) -> Value {
    let made = RProc::native(move |vm, _, args| {
        let between = vm.call_with(&first, known::CALL, args, crate::dispatch::CallStyle::Implicit)?;
        vm.call(&second, known::CALL, &[between])
    });
    made.lambda.set(lambda);
    Value::Proc(made)
}

fn then_call(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    callable(vm, &args[0])?;
    let lambda = !matches!(own, Value::Proc(block) if !block.lambda.get());
    Ok(composed(own.clone(), args[0].clone(), lambda))
}

fn call_after(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    callable(vm, &args[0])?;
    let lambda = match &args[0] {
        Value::Proc(other) => other.lambda.get(),
        _ => true,
    };
    Ok(composed(args[0].clone(), own.clone(), lambda))
}

fn equal(_: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (Value::Proc(a), Value::Proc(b)) = (own, &args[0]) else { return Ok(Value::Bool(false)) };
    let same_code = match (&a.kind, &b.kind) {
        (ProcKind::Ruby(a), ProcKind::Ruby(b)) => {
            std::sync::Arc::ptr_eq(&a.body, &b.body)
                && Rc::ptr_eq(&a.env, &b.env)
                && Rc::ptr_eq(&a.context, &b.context)
                && a.self_value.same(&b.self_value)
        }
        (ProcKind::Symbol(a), ProcKind::Symbol(b)) => a == b,
        _ => false,
    };
    Ok(Value::Bool(Rc::ptr_eq(a, b) || (same_code && a.lambda.get() == b.lambda.get())))
}

fn hash(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let address = match &proc_of(vm, own)?.kind {
        ProcKind::Ruby(code) => std::sync::Arc::as_ptr(&code.body) as usize,
        ProcKind::Symbol(name) => name.index() as usize,
        _ => Rc::as_ptr(proc_of(vm, own)?) as usize,
    };
    Ok(Value::Int((address as i64) >> 1))
}

fn inspect(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let block = proc_of(vm, own)?;
    let class = vm.real_class_of(own).name();
    let place = match &block.kind {
        ProcKind::Ruby(code) => format!(" {}:{}", code.body.file, code.body.line),
        ProcKind::Symbol(name) => format!("(&{name:?})"),
        _ => String::new(),
    };
    let lambda = if block.lambda.get() { " (lambda)" } else { "" };
    let text = format!("#<{class}:{}{place}{lambda}>", vm.address(own));
    Ok(Value::Str(RString::new(text.into_bytes(), Encoding::Binary)))
}

fn source_location(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(match &proc_of(vm, own)?.kind {
        ProcKind::Ruby(code) => location(code.body.file, code.body.line),
        _ => Value::Nil,
    })
}

fn location(file: Sym, line: u32) -> Value {
    Value::array(vec![Value::str(file.text()), Value::Int(i64::from(line))])
}

// ---- Method

fn original_name(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Sym(this(vm, own)?.method.name))
}

fn method_arity(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    // Functions in C with optional arguments tell no more than that.
    let native = |min: u8, max: i8| if max >= 0 && max as u8 == min { i64::from(min) } else { -1 };
    Ok(Value::Int(match &this(vm, own)?.method.body {
        MethodBody::Native(def) => native(def.min, def.max),
        MethodBody::Closure(_, min, max) => native(*min, *max),
        MethodBody::Ruby(body, _) => body.params.arity(true),
        MethodBody::Proc(block) => match &block.kind {
            ProcKind::Ruby(code) => code.body.params.arity(true),
            _ => proc_arity(vm, block)?,
        },
        MethodBody::Reader(_) | MethodBody::Undefined => 0,
        MethodBody::Writer(_) => 1,
    }))
}

fn method_parameters(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(match &this(vm, own)?.method.body {
        MethodBody::Native(def) => anonymous(def.min, def.max),
        MethodBody::Closure(_, min, max) => anonymous(*min, *max),
        MethodBody::Ruby(body, _) => described(&body.params, &body.names, true),
        MethodBody::Proc(block) => match &block.kind {
            ProcKind::Ruby(code) => described(&code.body.params, &code.body.names, true),
            _ => anonymous(0, -1),
        },
        MethodBody::Reader(_) | MethodBody::Undefined => anonymous(0, 0),
        MethodBody::Writer(_) => Value::array(vec![Value::array(vec![Value::sym("req")])]),
    })
}

fn place(method: &Method) -> Option<(Sym, u32)> {
    match &method.body {
        MethodBody::Ruby(body, _) => Some((body.file, body.line)),
        MethodBody::Proc(block) => match &block.kind {
            ProcKind::Ruby(code) => Some((code.body.file, code.body.line)),
            _ => None,
        },
        _ => None,
    }
}

fn method_location(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(place(&this(vm, own)?.method).map_or(Value::Nil, |(file, line)| location(file, line)))
}

fn method_inspect(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let method = this(vm, own)?;
    let kind = vm.real_class_of(own).name();
    let owner = &method.method.owner;
    let mut text = format!("#<{kind}: ");
    let attached = owner.attached.borrow().clone();
    match (&attached, &method.receiver) {
        (Some(object), _) => text.push_str(&format!("{}.", vm.inspect(object)?.lossy())),
        (None, Some(receiver)) => {
            let class = vm.real_class_of(receiver);
            if Rc::ptr_eq(&class, owner) {
                text.push_str(&format!("{}#", class.name()));
            } else {
                text.push_str(&format!("{}({})#", class.name(), owner.name()));
            }
        }
        (None, None) => text.push_str(&format!("{}#", owner.name())),
    }
    text.push_str(&method.name.text());
    if method.name != method.method.name {
        text.push_str(&format!("({})", method.method.name));
    }
    text.push('(');
    text.push_str(&signature(vm, &method_parameters(vm, own, args)?)?);
    text.push(')');
    if let Some((file, line)) = place(&method.method) {
        text.push_str(&format!(" {file}:{line}"));
    }
    text.push('>');
    Ok(Value::str(text))
}

/// Parameters as they are written: `a, b=..., *c, d:, e: ..., **f, &g`.
fn signature(vm: &Interp, parameters: &Value) -> Res<String> {
    let mut parts = Vec::new();
    for entry in vm.collect(parameters)? {
        let entry = vm.collect(&entry)?;
        let kind = vm.to_name(&entry[0])?;
        let name = match entry.get(1) {
            Some(name) => vm.to_name(name)?.to_string(),
            None => String::new(),
        };
        let or_underscore = || if name.is_empty() { "_".to_owned() } else { name.clone() };
        parts.push(match &*kind.text() {
            "opt" => format!("{}=...", or_underscore()),
            "rest" => format!("*{name}"),
            "keyreq" => format!("{name}:"),
            "key" => format!("{name}: ..."),
            "keyrest" => format!("**{name}"),
            "nokey" => "**nil".to_owned(),
            "block" => format!("&{name}"),
            _ => or_underscore(),
        });
    }
    Ok(parts.join(", "))
}

fn method_equal(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let a = this(vm, own)?;
    let Some(b) = object(&args[0]) else { return Ok(Value::Bool(false)) };
    let same_receiver = match (&a.receiver, &b.receiver) {
        (Some(a), Some(b)) => a.same(b),
        (None, None) => true,
        _ => false,
    };
    Ok(Value::Bool(same_receiver && same_method(&a.method, &b.method)))
}

/// Whether both are one method, perhaps by two names.
fn same_method(a: &Rc<Method>, b: &Rc<Method>) -> bool {
    let same_body = match (&a.body, &b.body) {
        (MethodBody::Native(a), MethodBody::Native(b)) => std::ptr::fn_addr_eq(a.run, b.run),
        (MethodBody::Ruby(a, _), MethodBody::Ruby(b, _)) => std::sync::Arc::ptr_eq(a, b),
        _ => false,
    };
    Rc::ptr_eq(a, b) || (same_body && Rc::ptr_eq(&a.owner, &b.owner))
}

fn method_hash(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let method = &this(vm, own)?.method;
    let address = match &method.body {
        MethodBody::Native(def) => def.run as usize,
        MethodBody::Ruby(code, _) => std::sync::Arc::as_ptr(code) as usize,
        _ => Rc::as_ptr(method) as usize,
    };
    Ok(Value::Int((address >> 1) as i64))
}

fn method_call(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let method = this(vm, own)?;
    let receiver = method.receiver.clone().unwrap_or_default();
    vm.invoke(&method.method, method.name, &receiver, args)
}

fn method_to_proc(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Proc(RProc::new(ProcKind::Method(own.clone()), true, 0)))
}

fn unbind(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let method = this(vm, own)?;
    Ok(unbound(vm, Rc::clone(&method.method), method.name))
}

fn super_method(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let method = this(vm, own)?;
    let receiver = method.receiver.clone().unwrap_or_default();
    let class = vm.class_of(&receiver);
    let found = vm.find_super(&class, &method.method.owner, method.method.name);
    Ok(found.map_or(Value::Nil, |found| bound(vm, &receiver, found, method.name)))
}

fn check_bind(vm: &Interp, owner: &Rc<RClass>, receiver: &Value) -> Res<()> {
    if owner.is_module || vm.is_a(receiver, owner) {
        return Ok(());
    }
    if owner.is_singleton {
        return Err(vm.type_error("singleton method called for a different object"));
    }
    Err(vm.type_error(format!("bind argument must be an instance of {}", owner.name())))
}

fn bind(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let method = this(vm, own)?;
    check_bind(vm, &method.method.owner, &args[0])?;
    Ok(bound(vm, &args[0], Rc::clone(&method.method), method.name))
}

fn bind_call(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let method = this(vm, own)?;
    let receiver = &args[0];
    check_bind(vm, &method.method.owner, receiver)?;
    vm.invoke(&method.method, method.name, receiver, Args { values: &args.values[1..], ..args })
}
