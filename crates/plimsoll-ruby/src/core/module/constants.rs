//! Constants by name.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
}

const METHODS: &[Def] = &[
    def("const_get", 1, 2, const_get, "A constant's value."),
    def("const_set", 2, 2, const_set, "Assigns a constant."),
    def("const_defined?", 1, 2, const_defined, "Whether the constant is there."),
    def("const_missing", 1, 1, const_missing, "Raises NameError."),
    def("const_source_location", 1, 2, const_source_location, "File and line of its assignment; [] for built-in ones."),
    def("autoload", 2, 2, autoload, "Names the file that defines a constant when it is first asked for."),
    def("autoload?", 1, 2, autoload_file, "The file that `autoload` named and nothing has asked for yet."),
    def("constants", 0, 1, constants, "Names of the constants."),
    def("private_constant", 0, -1, private_constant, "Hides constants from A::B."),
    def("public_constant", 0, -1, public_constant, "Shows them again."),
    def("deprecate_constant", 0, -1, |_, own, _| Ok(own.clone()), "Does nothing: warnings are off."),
    private_def("remove_const", 1, 1, remove_const, "Removes a constant and gives its value."),
];

fn is_constant_name(name: &str) -> bool {
    let capital = name.chars().next().is_some_and(char::is_uppercase);
    capital && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

fn check_name(vm: &Interp, name: &str) -> Res<Sym> {
    if is_constant_name(name) {
        return Ok(Sym::new(name));
    }
    let exception = vm.exception(&vm.class_named("NameError"), Value::str(format!("wrong constant name {name}")));
    exception.head.set_ivar(known::NAME, Value::sym(name));
    Err(vm.raise_object(exception))
}

/// The names of a path such as `A::B`.
fn path(vm: &Interp, value: &Value) -> Res<Vec<Sym>> {
    let text = vm.to_name(value)?.text();
    text.strip_prefix("::").unwrap_or(&text).split("::").map(|name| check_name(vm, name)).collect()
}

fn look_up(vm: &Interp, module: &Rc<RClass>, name: Sym, inherit: bool) -> Option<Value> {
    if inherit {
        return vm.constant_in(module, name, true);
    }
    module.constants.borrow().get(&name).cloned()
}

fn const_get(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let inherit = args.get(1).is_none_or(Value::truthy);
    let mut module = this(vm, own)?;
    let names = path(vm, &args[0])?;
    let mut found = own.clone();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            module = vm.to_class(&found)?;
        }
        found = match look_up(vm, &module, *name, inherit) {
            Some(value) => value,
            None if vm.load_constant(&module, *name)? => look_up(vm, &module, *name, inherit).unwrap_or_default(),
            None => vm.constant_missing(&module, *name)?,
        };
    }
    Ok(found)
}

fn const_set(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let name = check_name(vm, &name.text())?;
    vm.assign_constant(&this(vm, own)?, name, args[1].clone())?;
    Ok(args[1].clone())
}

fn const_defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let inherit = args.get(1).is_none_or(Value::truthy);
    let mut found = own.clone();
    for name in path(vm, &args[0])? {
        let Value::Class(module) = &found else { return Ok(Value::Bool(false)) };
        match look_up(vm, module, name, inherit) {
            Some(value) => found = value,
            None => return Ok(Value::Bool(false)),
        }
    }
    Ok(Value::Bool(true))
}

fn const_source_location(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let inherit = args.get(1).is_none_or(Value::truthy);
    let mut module = this(vm, own)?;
    let names = path(vm, &args[0])?;
    let Some((last, outer)) = names.split_last() else { return Ok(Value::Nil) };
    for name in outer {
        match look_up(vm, &module, *name, inherit) {
            Some(Value::Class(inner)) => module = inner,
            _ => return Ok(Value::Nil),
        }
    }
    let mut places = module.ancestors(vm.epoch()).to_vec();
    if module.is_module {
        places.extend(vm.c.object.ancestors(vm.epoch()).iter().cloned());
    }
    let holder = places.iter().filter(|place| inherit || Rc::ptr_eq(place, &module));
    let Some(holder) = holder.into_iter().find(|place| place.constants.borrow().contains_key(last)) else {
        return Ok(Value::Nil);
    };
    let place = holder.constant_places.borrow().get(last).copied();
    Ok(Value::array(match place {
        Some((file, line)) => vec![Value::str(file.text()), Value::Int(i64::from(line))],
        None => Vec::new(),
    }))
}

fn autoload(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let module = this(vm, own)?;
    let name = vm.to_name(&args[0])?;
    if !is_constant_name(&name.text()) {
        let message = Value::str(format!("autoload must be constant name: {name}"));
        let exception = vm.exception(&vm.class_named("NameError"), message);
        exception.head.set_ivar(known::NAME, Value::Sym(name));
        return Err(vm.raise_object(exception));
    }
    let file = crate::core::file::path(vm, &args[1])?;
    if file.is_empty() {
        return Err(vm.argument_error("empty feature name"));
    }
    if !module.constants.borrow().contains_key(&name) {
        module.autoloads.borrow_mut().insert(name, Sym::from_bytes(&file.bytes()));
    }
    Ok(Value::Nil)
}

fn autoload_file(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let module = this(vm, own)?;
    let name = vm.to_name(&args[0])?;
    let inherit = args.get(1).is_none_or(Value::truthy);
    for ancestor in module.ancestors(vm.epoch()).iter().filter(|place| inherit || Rc::ptr_eq(place, &module)) {
        if let Some(file) = ancestor.autoloads.borrow().get(&name) {
            return Ok(Value::str(file.text()));
        }
    }
    Ok(Value::Nil)
}

fn const_missing(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    if name.bytes() == b"SortedSet" {
        let text = "The `SortedSet` class has been extracted from the `set` library. You must use the `sorted_set` gem or \
                    other alternatives.";
        return Err(vm.error("RuntimeError", text));
    }
    Err(vm.uninitialized_constant(&this(vm, own)?, name))
}

fn constants(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let inherit = args.get(0).is_none_or(Value::truthy);
    let own = this(vm, own)?;
    let mut names: Vec<Sym> = Vec::new();
    for ancestor in own.ancestors(vm.epoch()).iter() {
        let is_object = Rc::ptr_eq(ancestor, &vm.c.object) && !Rc::ptr_eq(&own, &vm.c.object);
        if is_object || (!inherit && !Rc::ptr_eq(ancestor, &own)) {
            break;
        }
        let hidden = ancestor.private_constants.borrow();
        for name in ancestor.constants.borrow().keys() {
            if !hidden.contains(name) && !names.contains(name) {
                names.push(*name);
            }
        }
    }
    Ok(Value::array(names.into_iter().map(Value::Sym).collect()))
}

/// Names of constants that must be its own.
fn own_names(vm: &Interp, class: &Rc<RClass>, args: Args<'_>) -> Res<Vec<Sym>> {
    let mut names = Vec::new();
    for value in args.values {
        let name = vm.to_name(value)?;
        if !class.constants.borrow().contains_key(&name) {
            let message = format!("constant {}::{name} not defined", class.name());
            return Err(vm.error("NameError", message));
        }
        names.push(name);
    }
    Ok(names)
}

fn private_constant(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let names = own_names(vm, &class, args)?;
    class.private_constants.borrow_mut().extend(names);
    Ok(Value::Nil)
}

fn public_constant(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let names = own_names(vm, &class, args)?;
    class.private_constants.borrow_mut().retain(|name| !names.contains(name));
    Ok(Value::Nil)
}

fn remove_const(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let name = vm.to_name(&args[0])?;
    let removed = class.constants.borrow_mut().shift_remove(&name);
    removed.ok_or_else(|| {
        let path =
            if Rc::ptr_eq(&class, &vm.c.object) { name.to_string() } else { format!("{}::{name}", class.name()) };
        vm.error("NameError", format!("constant {path} not defined"))
    })
}
