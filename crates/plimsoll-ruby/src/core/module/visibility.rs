//! `public`, `private`, `protected`, `module_function` in all their forms.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, Method, RClass, Visibility, def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
    let main = vm.main_object();
    let singleton = vm.singleton_class(&main).expect("objects have singleton classes");
    vm.define(&singleton, MAIN);
}

const METHODS: &[Def] = &[
    def("public", 0, -1, public, "Makes methods public: those named, or those defined from here on."),
    def("private", 0, -1, private, "Makes methods private."),
    def("protected", 0, -1, protected, "Makes methods protected."),
    def("module_function", 0, -1, module_function, "Makes methods functions of the module as well."),
    def("public_class_method", 0, -1, public_class_method, "Makes singleton methods public."),
    def("private_class_method", 0, -1, private_class_method, "Makes singleton methods private."),
];

/// What `main` answers besides.
const MAIN: &[Def] = &[
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("main")), "main"),
    def("inspect", 0, 0, |_, _, _| Ok(Value::str("main")), "main"),
    private_def("include", 1, -1, |vm, _, args| on_object(vm, "include", args), "Includes modules in Object."),
    private_def("public", 0, -1, |vm, _, args| on_object(vm, "public", args), "Makes methods of Object public."),
    private_def("private", 0, -1, |vm, _, args| on_object(vm, "private", args), "Makes methods of Object private."),
    private_def(
        "define_method",
        1,
        2,
        |vm, _, args| on_object(vm, "define_method", args),
        "Defines a method of Object.",
    ),
    private_def("using", 1, 1, |vm, _, _| Err(vm.unsupported("a refinement")), "Refused."),
];

fn on_object(vm: &Interp, method: &str, args: Args<'_>) -> Res {
    let object = Value::Class(Rc::clone(&vm.c.object));
    vm.call_with(&object, Sym::new(method), args, crate::dispatch::CallStyle::Implicit)
}

/// The methods named: each argument a name, or one array of names.
fn names(vm: &Interp, args: Args<'_>) -> Res<Vec<Sym>> {
    let listed = match args.values {
        [Value::Array(names)] => names.to_vec(),
        names => names.to_vec(),
    };
    listed.iter().map(|name| vm.to_name(name)).collect()
}

fn set(vm: &Interp, own: &Value, args: Args<'_>, visibility: Visibility) -> Res {
    let class = this(vm, own)?;
    if args.is_empty() {
        if let Some(frame) = vm.frames.borrow().last() {
            frame.context.visibility.set(visibility);
            frame.context.module_function.set(false);
        }
        return Ok(Value::Nil);
    }
    change(vm, &class, &names(vm, args)?, visibility)?;
    Ok(given(args))
}

/// What the visibility methods give: their arguments.
fn given(args: Args<'_>) -> Value {
    match args.values {
        [only] => only.clone(),
        several => Value::array(several.to_vec()),
    }
}

/// Changes the visibility of methods in a class: inherited ones get an entry of their own.
fn change(vm: &Interp, class: &Rc<RClass>, names: &[Sym], visibility: Visibility) -> Res<()> {
    vm.check_frozen_class(class)?;
    for &name in names {
        let method = find(vm, class, name)?;
        if method.visibility != visibility {
            let changed = Method { visibility, ..(*method).clone() };
            class.methods.borrow_mut().insert(name, Rc::new(changed));
            vm.methods_changed();
        }
    }
    Ok(())
}

fn find(vm: &Interp, class: &Rc<RClass>, name: Sym) -> Res<Rc<Method>> {
    let found = vm.find_method(class, name);
    let found = found.or_else(|| class.is_module.then(|| vm.find_method(&vm.c.object, name)).flatten());
    found.ok_or_else(|| vm.undefined_method(class, name))
}

fn public(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    set(vm, own, args, Visibility::Public)
}

fn private(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    set(vm, own, args, Visibility::Private)
}

fn protected(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    set(vm, own, args, Visibility::Protected)
}

fn module_function(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let module = this(vm, own)?;
    if !module.is_module {
        return Err(vm.no_method(own, Sym::new("module_function"), args, crate::dispatch::CallStyle::Implicit, None));
    }
    if args.is_empty() {
        if let Some(frame) = vm.frames.borrow().last() {
            frame.context.module_function.set(true);
        }
        return Ok(Value::Nil);
    }
    let names = names(vm, args)?;
    let singleton = vm.own_class(own)?;
    for &name in &names {
        let method = find(vm, &module, name)?;
        vm.add_method(&singleton, name, Visibility::Public, method.body.clone());
    }
    change(vm, &module, &names, Visibility::Private)?;
    Ok(given(args))
}

fn public_class_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    change(vm, &vm.own_class(own)?, &names(vm, args)?, Visibility::Public)?;
    Ok(Value::Nil)
}

fn private_class_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    change(vm, &vm.own_class(own)?, &names(vm, args)?, Visibility::Private)?;
    Ok(Value::Nil)
}
