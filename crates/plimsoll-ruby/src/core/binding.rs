//! Binding, without `eval`.

use crate::args::Args;
use crate::class::{Def, def};
use crate::eval::{Binding, binding_of};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Binding", &vm.c.object);
    vm.define(&class, METHODS);
    super::without_new(vm, &class);
}

const METHODS: &[Def] = &[
    def("local_variables", 0, 0, local_variables, "Names of the local variables."),
    def("local_variable_get", 1, 1, get, "A local variable's value."),
    def("local_variable_set", 2, 2, set, "Assigns a local variable."),
    def("local_variable_defined?", 1, 1, defined, "Whether the local variable is there."),
    def("receiver", 0, 0, |vm, own, _| Ok(this(vm, own)?.self_value.clone()), "`self`"),
    def("source_location", 0, 0, source_location, "File and line."),
    def("dup", 0, 0, |vm, own, _| Ok(vm.copy_binding(this(vm, own)?)), "A binding with the same variables."),
    def("clone", 0, 0, |vm, own, _| Ok(vm.copy_binding(this(vm, own)?)), "A binding with the same variables."),
    def("eval", 1, 3, |vm, _, _| Err(vm.unsupported("eval of a string")), "Refused."),
    def("irb", 0, 0, |vm, _, _| Err(vm.unsupported("irb")), "Refused."),
];

fn this<'a>(vm: &Interp, own: &'a Value) -> Res<&'a Binding> {
    binding_of(own).ok_or_else(|| vm.type_error("not a binding"))
}

fn local_variables(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(this(vm, own)?.variables().into_iter().map(Value::Sym).collect()))
}

fn get(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.local_name(own, args)?;
    match this(vm, own)?.get(name) {
        Some(value) => Ok(value),
        None => {
            let shown = vm.any_to_s(own);
            Err(vm.name_error_of(format!("local variable `{name}' is not defined for {shown}"), name))
        }
    }
}

fn set(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    this(vm, own)?.set(vm.local_name(own, args)?, args[1].clone());
    Ok(args[1].clone())
}

fn defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(this(vm, own)?.get(vm.local_name(own, args)?).is_some().into())
}

fn source_location(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let (file, line) = this(vm, own)?.place;
    Ok(Value::array(vec![Value::str(file.text()), Value::Int(i64::from(line))]))
}
