//! What InSpec has for the libraries of profiles beside resources: `SimpleConfig`, `FileReader` and `ObjectTraverser`.

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use crate::content;
use crate::resources::{json, parse_config};

/// The instance variable that a SimpleConfig keeps its result in.
const PARAMS: &str = "@params";

const CONFIG: &[Def] = &[
    def("initialize", 1, 2, initialize, "Reads a text with the options of `parse_config`."),
    def("params", 0, 0, params, "What was read, as a Hash."),
];

const READER: &[Def] = &[def(
    "read_file_content",
    1,
    2,
    read_file_content,
    "The content of a file; a missing or empty one skips the resource.",
)];

const TRAVERSER: &[Def] =
    &[def("extract_value", 2, 2, extract_value, "What lies at the end of a path of keys in Hashes and Arrays.")];

pub(crate) fn install(vm: &Interp) {
    let config = vm.define_class(&vm.c.object, "SimpleConfig", &vm.c.object);
    vm.define(&config, CONFIG);
    let reader = vm.define_module(&vm.c.object, "FileReader");
    vm.define(&reader, READER);
    let traverser = vm.define_module(&vm.c.object, "ObjectTraverser");
    vm.define(&traverser, TRAVERSER);
}

fn extract_value(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    json::extract(vm, vm.to_array(&args[0])?.to_vec(), args[1].clone())
}

fn initialize(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let text = if args[0].is_nil() { Vec::new() } else { vm.to_str(&args[0])?.to_vec() };
    let params = Value::Hash(parse_config::read(vm, &text, args.get(1))?);
    if let Some(head) = this.head() {
        head.set_ivar(Sym::new(PARAMS), params);
    }
    Ok(Value::Nil)
}

fn params(_: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(this.head().and_then(|head| head.ivar(Sym::new(PARAMS))).unwrap_or_default())
}

fn read_file_content(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let path = vm.to_s(&args[0])?.to_vec();
    let allow_empty = args.get(1).is_some_and(Value::truthy);
    Ok(Value::bytes(content::read(vm, &path, allow_empty)?))
}
