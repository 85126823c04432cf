//! `dup` and `clone`.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Data, ExceptionData, Head, ProcKind, RArray, RHash, RObject, RProc, RRange, RString, Value};

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.kernel, METHODS);
}

const METHODS: &[Def] = &[
    def("dup", 0, 0, dup, "A copy, not frozen, without singleton methods."),
    def("clone", 0, 1, clone, "A copy, frozen like the original, with its singleton methods."),
    private_def("initialize_copy", 1, 1, initialize_copy, "Makes the object like another."),
    private_def("initialize_dup", 1, 1, copy_from, "What dup calls."),
    private_def("initialize_clone", 1, 2, copy_from, "What clone calls."),
];

fn initialize_copy(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    if own.same(&args[0]) {
        return Ok(own.clone());
    }
    vm.check_frozen(own)?;
    if !Rc::ptr_eq(&vm.real_class_of(own), &vm.real_class_of(&args[0])) {
        return Err(vm.type_error("initialize_copy should take same class object"));
    }
    Ok(own.clone())
}

fn copy_from(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    vm.call(own, known::INITIALIZE_COPY, &args.values[..1])
}

fn dup(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let copy = raw_copy(vm, own)?;
    if !copy.same(own) {
        vm.send(&copy, "initialize_dup", std::slice::from_ref(own))?;
    }
    Ok(copy)
}

fn clone(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let freeze = args.keyword("freeze").unwrap_or_default();
    let is_immediate = own.head().is_none() || matches!(own, Value::Range(_));
    if is_immediate && matches!(freeze, Value::Bool(false)) {
        let class = vm.real_class_of(own).name();
        return Err(vm.argument_error(format!("can't unfreeze {class}")));
    }
    let copy = raw_copy(vm, own)?;
    if copy.same(own) {
        return Ok(copy);
    }
    copy_singleton(vm, own, &copy);
    match &freeze {
        Value::Nil => vm.send(&copy, "initialize_clone", std::slice::from_ref(own))?,
        _ => {
            let keywords = vm.hash_from([(Value::sym("freeze"), freeze.clone())])?;
            let values = [own.clone(), Value::Hash(keywords)];
            let args = Args { values: &values, keywords: true, block: None };
            vm.call_with(&copy, Sym::new("initialize_clone"), args, crate::dispatch::CallStyle::Implicit)?
        }
    };
    let frozen = match freeze {
        Value::Nil => own.is_frozen(),
        other => other.truthy(),
    };
    if frozen && let Some(head) = copy.head() {
        head.freeze();
    }
    Ok(copy)
}

/// Gives a copy the singleton methods of its original.
fn copy_singleton(vm: &Interp, own: &Value, copy: &Value) {
    let class = vm.class_of(own);
    if !class.is_singleton || matches!(own, Value::Class(_)) {
        return;
    }
    if let Some(singleton) = vm.singleton_class(copy) {
        copy_tables(&class, &singleton);
        vm.methods_changed();
    }
}

fn copy_tables(from: &Rc<RClass>, to: &Rc<RClass>) {
    for (name, method) in from.methods.borrow().iter() {
        let mut method = (**method).clone();
        method.owner = Rc::clone(to);
        to.methods.borrow_mut().insert(*name, Rc::new(method));
    }
    to.included.borrow_mut().extend(from.included.borrow().iter().cloned());
    to.prepended.borrow_mut().extend(from.prepended.borrow().iter().cloned());
}

/// A copy of content and instance variables; values that can't differ are given as they are.
fn raw_copy(vm: &Interp, own: &Value) -> Res {
    let class = own.head().and_then(Head::class).map(|class| class.real());
    let copy = match own {
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Sym(_) => return Ok(own.clone()),
        Value::Str(string) => {
            vm.reserve_string(string.len())?;
            Value::Str(match class {
                Some(class) => RString::with_class(class, string.to_vec(), string.encoding()),
                None => RString::new(string.to_vec(), string.encoding()),
            })
        }
        Value::Array(array) => Value::Array(match class {
            Some(class) => RArray::with_class(class, array.to_vec()),
            None => RArray::new(array.to_vec()),
        }),
        Value::Hash(hash) => {
            let copy = class.map_or_else(RHash::new, RHash::with_class);
            copy.copy_entries(hash);
            copy.default.replace(hash.default.borrow().clone());
            copy.by_identity.set(hash.by_identity.get());
            Value::Hash(copy)
        }
        Value::Range(range) => {
            let (begin, end) = (range.begin.clone(), range.end.clone());
            Value::Range(match class {
                Some(class) => RRange::with_class(class, begin, end, range.exclusive),
                None => RRange::new(begin, end, range.exclusive),
            })
        }
        Value::Proc(block) => Value::Proc(copy_proc(block, class)),
        Value::Class(class) => Value::Class(copy_class(vm, class)),
        Value::Obj(object) => match &object.data {
            Data::Big(_) => return Ok(own.clone()),
            Data::Plain => Value::Obj(vm.object(&vm.real_class_of(own))),
            Data::Exception(data) => {
                let copy = ExceptionData::default();
                copy.message.replace(data.message.borrow().clone());
                copy.backtrace.replace(data.backtrace.borrow().clone());
                copy.own_backtrace.replace(data.own_backtrace.borrow().clone());
                copy.cause.replace(data.cause.borrow().clone());
                copy.cause_set.set(data.cause_set.get());
                Value::Obj(RObject::new(vm.real_class_of(own), Data::Exception(copy)))
            }
            Data::Native(_) => {
                let class = vm.real_class_of(own);
                let Some(alloc) = class.allocator() else {
                    return Err(vm.type_error(format!("allocator undefined for {}", class.name())));
                };
                alloc(vm, &class)?
            }
        },
    };
    if let (Some(from), Some(to)) = (own.head(), copy.head()) {
        for (name, value) in from.ivars() {
            to.set_ivar(name, value);
        }
    }
    Ok(copy)
}

fn copy_proc(block: &Rc<RProc>, class: Option<Rc<RClass>>) -> Rc<RProc> {
    let (lambda, home) = (block.lambda.get(), block.home.get());
    let kind = match &block.kind {
        ProcKind::Ruby(code) => ProcKind::Ruby(code.clone()),
        ProcKind::Symbol(name) => ProcKind::Symbol(*name),
        ProcKind::Method(method) => ProcKind::Method(method.clone()),
        ProcKind::Native(_) => {
            let original = Rc::clone(block);
            let run =
                move |vm: &Interp, own: &Value, args: Args<'_>| vm.call_block_with_self(&original, own, None, args);
            ProcKind::Native(Box::new(run))
        }
    };
    match class {
        Some(class) => RProc::with_class(class, kind, lambda, home),
        None => RProc::new(kind, lambda, home),
    }
}

fn copy_class(vm: &Interp, class: &Rc<RClass>) -> Rc<RClass> {
    let copy = match class.superclass() {
        Some(superclass) => vm.new_class(&superclass.real(), None),
        None => vm.new_module(None),
    };
    copy_tables(class, &copy);
    for (name, value) in class.constants.borrow().iter() {
        copy.constants.borrow_mut().insert(*name, value.clone());
    }
    for (name, value) in class.class_vars.borrow().iter() {
        copy.class_vars.borrow_mut().insert(*name, value.clone());
    }
    copy.alloc.set(class.alloc.get());
    let own = vm.singleton_class(&Value::Class(Rc::clone(class)));
    let new = vm.singleton_class(&Value::Class(Rc::clone(&copy)));
    if let (Some(own), Some(new)) = (own, new) {
        copy_tables(&own, &new);
    }
    vm.methods_changed();
    copy
}
