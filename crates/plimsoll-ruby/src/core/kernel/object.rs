//! What every object answers: identity, equality, text, class.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.basic_object, BASIC);
    vm.define(&vm.c.kernel, OBJECT);
    vm.set_alloc(&vm.c.basic_object, |vm, class| Ok(Value::Obj(vm.object(class))));
}

const BASIC: &[Def] = &[
    private_def("initialize", 0, -1, initialize, "Takes nothing."),
    def("==", 1, 1, same, "Whether both are the same object."),
    def("equal?", 1, 1, same, "Whether both are the same object."),
    def("!", 0, 0, |_, own, _| Ok(Value::Bool(!own.truthy())), "Whether it is nil or false."),
    def("!=", 1, 1, differs, "Not ==."),
    def("__id__", 0, 0, object_id, "A number that identifies the object."),
    def("__send__", 0, -1, super::reflection::send, "Calls a method by name."),
    def("instance_eval", 0, -1, super::reflection::instance_eval, "Runs a block with the object as self."),
    def("instance_exec", 0, -1, super::reflection::instance_exec, "The same with arguments."),
    private_def("method_missing", 1, -1, super::reflection::method_missing, "Raises NoMethodError."),
    private_def("singleton_method_added", 1, 1, |_, _, _| Ok(Value::Nil), "A hook."),
    private_def("singleton_method_removed", 1, 1, |_, _, _| Ok(Value::Nil), "A hook."),
    private_def("singleton_method_undefined", 1, 1, |_, _, _| Ok(Value::Nil), "A hook."),
];

const OBJECT: &[Def] = &[
    def("===", 1, 1, case_equal, "Whether both are the same object, or ==."),
    def("=~", 1, 1, |_, _, _| Ok(Value::Nil), "nil"),
    def("!~", 1, 1, not_match, "Not =~."),
    def("eql?", 1, 1, same, "Whether both are the same object."),
    def("<=>", 1, 1, compare, "0 when both are the same or ==, else nil."),
    def("hash", 0, 0, hash, "A number, the same for objects that are eql?."),
    def("class", 0, 0, |vm, own, _| Ok(Value::Class(vm.real_class_of(own))), "Its class."),
    def("singleton_class", 0, 0, |vm, own, _| Ok(Value::Class(vm.own_class(own)?)), "Its singleton class."),
    def("frozen?", 0, 0, |_, own, _| Ok(Value::Bool(own.is_frozen())), "Whether it can't be changed."),
    def("freeze", 0, 0, freeze, "Makes it unchangeable."),
    def("nil?", 0, 0, |_, own, _| Ok(Value::Bool(own.is_nil())), "Whether it is nil."),
    def("to_s", 0, 0, |vm, own, _| Ok(Value::str(vm.any_to_s(own))), "#<Class:0x…>"),
    def("inspect", 0, 0, inspect, "#<Class:0x… @ivar=value>"),
    def("object_id", 0, 0, object_id, "A number that identifies the object."),
    def("is_a?", 1, 1, is_a, "Whether the class is among its class's ancestors."),
    def("kind_of?", 1, 1, is_a, "The same as is_a?."),
    def("instance_of?", 1, 1, instance_of, "Whether it is a direct instance of the class."),
    def("taint", 0, 0, |_, own, _| Ok(own.clone()), "The object: nothing is tainted any more."),
    def("untaint", 0, 0, |_, own, _| Ok(own.clone()), "The object."),
    def("tainted?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("trust", 0, 0, |_, own, _| Ok(own.clone()), "The object."),
    def("untrust", 0, 0, |_, own, _| Ok(own.clone()), "The object."),
    def("untrusted?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("itself", 0, 0, |_, own, _| Ok(own.clone()), "The object."),
    def("tap", 0, 0, tap, "Yields the object, gives the object."),
    def("then", 0, 0, then, "Yields the object, gives what the block gives."),
    def("yield_self", 0, 0, then, "The same as then."),
    def("display", 0, 1, display, "Prints it."),
    def("extend", 1, -1, extend, "Adds the methods of modules to the object."),
    def("to_enum", 0, -1, to_enum, "An Enumerator over a method that yields."),
    def("enum_for", 0, -1, to_enum, "The same as to_enum."),
];

fn initialize(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    // A class with a `new` or `initialize` of its own may pass anything on.
    let class = vm.class_of(own);
    let is_default = |name: Sym| vm.find_method(&class, name).is_none_or(|m| Rc::ptr_eq(&m.owner, &vm.c.basic_object));
    if !args.is_empty() && is_default(known::INITIALIZE) {
        return Err(vm.arity_error(args.len(), 0, 0));
    }
    Ok(Value::Nil)
}

fn same(_: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(own.same(&args[0])))
}

fn differs(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(!vm.equal(own, &args[0])?))
}

fn case_equal(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(own.same(&args[0]) || vm.equal(own, &args[0])?))
}

fn not_match(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(!vm.call(own, known::MATCH, args.values)?.truthy()))
}

fn compare(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let equal = own.same(&args[0]) || vm.equal(own, &args[0])?;
    Ok(if equal { Value::Int(0) } else { Value::Nil })
}

fn object_id(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(match own {
        Value::Nil => 8,
        Value::Bool(true) => 20,
        Value::Bool(false) => 0,
        Value::Int(int) => int.wrapping_mul(2).wrapping_add(1),
        Value::Float(float) => ((float.to_bits() >> 1) as i64) << 2 | 2,
        Value::Sym(sym) => i64::from(sym.index()) << 8 | 0xc,
        other => other.head().map_or(0, |head| i64::from(vm.object_id(head))),
    }))
}

fn hash(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let id = object_id(vm, own, args)?;
    let Value::Int(id) = id else { return Ok(id) };
    // Spread, so that neighbouring objects do not share buckets; shifted, so that the result stays an Integer of 63 bits.
    Ok(Value::Int((id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as i64 >> 2))
}

fn freeze(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    if let Some(head) = own.head() {
        head.freeze();
        if let Some(class) = head.class().filter(|class| class.is_singleton_of(own)) {
            class.head.freeze();
        }
    }
    Ok(own.clone())
}

fn inspect(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let Some(head) = own.head() else { return Ok(Value::Str(vm.to_s(own)?)) };
    let shown: Vec<_> = head.ivars().into_iter().filter(|(name, _)| name.bytes().starts_with(b"@")).collect();
    if shown.is_empty() {
        return Ok(Value::str(vm.any_to_s(own)));
    }
    let any = vm.any_to_s(own);
    let open = &any[..any.len() - 1];
    let address = std::ptr::from_ref(head) as usize;
    let inner = vm.guard("inspect", address, 0, || -> Res<Vec<u8>> {
        let mut text = Vec::new();
        for (name, value) in shown {
            text.extend_from_slice(if text.is_empty() { b" " } else { b", " });
            text.extend_from_slice(name.bytes());
            text.push(b'=');
            text.extend_from_slice(&vm.inspect(&value)?.bytes());
            vm.reserve_string(text.len())?;
        }
        Ok(text)
    });
    match inner {
        Some(inner) => Ok(Value::bytes([open.as_bytes(), &inner?, b">"].concat())),
        None => Ok(Value::str(format!("{open} ...>"))),
    }
}

fn is_a(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Class(class) => Ok(Value::Bool(vm.is_a(own, class))),
        _ => Err(vm.type_error("class or module required")),
    }
}

fn instance_of(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Class(class) => Ok(Value::Bool(Rc::ptr_eq(class, &vm.real_class_of(own)))),
        _ => Err(vm.type_error("class or module required")),
    }
}

fn tap(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    vm.call_block(args.need_block(vm)?, std::slice::from_ref(own))?;
    Ok(own.clone())
}

fn then(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    match args.block {
        Some(block) => vm.call_block(block, std::slice::from_ref(own)),
        None => vm.enumerator(own, "then", &[]),
    }
}

fn display(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let out = match args.get(0) {
        Some(out) => out.clone(),
        None => vm.global(Sym::new("$stdout"))?,
    };
    vm.send(&out, "write", std::slice::from_ref(own))?;
    Ok(Value::Nil)
}

fn extend(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    for module in args.values.iter().rev() {
        match module {
            Value::Class(class) if class.is_module => {}
            other => {
                let class = vm.type_word(other);
                return Err(vm.type_error(format!("wrong argument type {class} (expected Module)")));
            }
        }
        vm.check_frozen(own)?;
        vm.send(module, "extend_object", std::slice::from_ref(own))?;
        vm.hook(module, known::EXTENDED, own.clone())?;
    }
    Ok(own.clone())
}

fn to_enum(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (method, rest) = match args.values.split_first() {
        Some((method, rest)) => (vm.to_name(method)?, rest),
        None => (known::EACH, args.values),
    };
    let size = args.block.map(Rc::clone).into();
    vm.sized_enumerator(own, method, Args { values: rest, ..args }, size)
}
