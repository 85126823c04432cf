//! `FilterTable.create`: tables described in Ruby.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, Res, Value, def};

use super::columns::{Body, Columns, Key, Lazy, Property};

struct Factory(RefCell<Columns>);

const METHODS: &[Def] = &[
    def("register_column", 1, -1, register, "Adds a column."),
    def("register_custom_property", 1, -1, register, "Adds a property."),
    def("register_custom_matcher", 1, -1, register, "Adds a matcher."),
    def("add", 1, -1, register, "Adds a property."),
    def("register_filter_method", 1, 1, register_filter, "Adds a method of the table to the resource."),
    def("add_accessor", 1, 1, register_filter, "Adds a method of the table to the resource."),
    def("install_filter_methods_on_resource", 2, 2, install_on, "Defines the methods on a resource class."),
    def("connect", 2, 2, install_on, "Defines the methods on a resource class."),
];

const MODULE_METHODS: &[Def] = &[def("create", 0, 0, create, "A new description of a table.")];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Factory", &vm.c.object);
    vm.define(&class, METHODS);
    vm.define_singleton(module, MODULE_METHODS);
}

fn create(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let factory = Factory(RefCell::new(Columns::new(Key::Sym)));
    Ok(RObject::with_native(vm.class_named("FilterTable::Factory"), factory).into())
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Factory> {
    this.native::<Factory>().ok_or_else(|| vm.type_error("not a FilterTable factory"))
}

fn register(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let factory = of(vm, this)?;
    if args[0].is_nil() {
        return Err(vm.argument_error("FilterTable: a property needs a name, got nil"));
    }
    let option = |name: &str| -> Res<Option<Value>> {
        match args.get(1) {
            Some(Value::Hash(options)) => Ok(vm.hash_sym(options, name)?.filter(Value::truthy)),
            _ => Ok(None),
        }
    };
    let lazy = match (option("lazy")?, option("lazy_instance")?) {
        (Some(block), _) => Some(Lazy::Block(block)),
        (None, Some(block)) => Some(Lazy::Instance(block)),
        (None, None) => None,
    };
    let property = Property {
        name: vm.to_name(&args[0])?,
        field: option("field")?.unwrap_or_else(|| args[0].clone()),
        body: args.block.map_or(Body::Field, |block| Body::Ruby(Rc::clone(block))),
        simple: matches!(option("style")?, Some(Value::Sym(style)) if style.bytes() == b"simple"),
        lazy,
    };
    factory.0.borrow_mut().add(property);
    Ok(this.clone())
}

fn register_filter(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let mut columns = of(vm, this)?.0.borrow_mut();
    if !columns.filters.contains(&name) {
        columns.filters.push(name);
    }
    drop(columns);
    Ok(this.clone())
}

fn install_on(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(&args[0])?;
    let fetch = vm.to_name(&args[1])?;
    let columns = of(vm, this)?.0.borrow().clone();
    let fetch = move |vm: &Interp, resource: &Value| Ok((vm.call(resource, fetch, &[])?, Vec::new()));
    columns.install_with(vm, &class, Rc::new(fetch));
    Ok(Value::Nil)
}
