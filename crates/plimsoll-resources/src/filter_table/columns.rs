//! What a table's columns, matchers and properties are.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Interp, MethodBody, RClass, RHash, RProc, Res, Sym, Unwind, Value, Visibility};

use super::{catcher, row, table};
use crate::doubt;

/// Gives the rows of a resource, an Array, and why these may be no answer.
pub(super) type Fetch = Rc<dyn Fn(&Interp, &Value) -> Res<(Value, Vec<String>)>>;

/// A property or matcher in Rust: the table, and what it was called with (`None` without an argument).
pub(crate) type NativeProperty = fn(&Interp, &Value, Option<&Value>) -> Res;

/// Fills a lazy field of a row in Rust: the row and the resource.
pub(crate) type NativeLazy = fn(&Interp, &Rc<RHash>, &Value) -> Res<()>;

/// How a table's rows name their fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// `row["name"]`
    Str,
    /// `row[:name]`
    Sym,
}

impl Key {
    fn of(self, name: &str) -> Value {
        match self {
            Self::Str => Value::str(name),
            Self::Sym => Value::sym(name),
        }
    }
}

/// How a property gets its value.
#[derive(Clone)]
pub(super) enum Body {
    /// The values of a field, one a row.
    Field,
    /// A Rust function of the table.
    Native(NativeProperty),
    /// A Ruby block of the table and the criterion.
    Ruby(Rc<RProc>),
}

/// How a field is filled that is not there from the start.
#[derive(Clone)]
pub(super) enum Lazy {
    /// A Ruby proc of the row, the criterion and the table.
    Block(Value),
    /// A Ruby proc, or the name of a method of the resource.
    Instance(Value),
    /// A Rust function.
    Native(NativeLazy),
}

/// One method of a table.
#[derive(Clone)]
pub(super) struct Property {
    pub name: Sym,
    /// The key of the field in a row.
    pub field: Value,
    pub body: Body,
    /// Whether the values are flattened, made unique and freed of `nil`.
    pub simple: bool,
    pub lazy: Option<Lazy>,
}

impl Property {
    pub(super) fn is_field(&self) -> bool {
        matches!(self.body, Body::Field)
    }

    /// The field as a method name.
    pub(super) fn field_name(&self) -> Sym {
        match &self.field {
            Value::Str(name) => Sym::from_bytes(&name.bytes()),
            Value::Sym(name) => *name,
            _ => self.name,
        }
    }
}

/// A column, as pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: &'static str,
    /// The field of the rows.
    pub field: &'static str,
    /// Whether each value is given once.
    pub simple: bool,
}

/// A table, as pages show it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Described {
    /// The property of the resource that gives it; none where the resource is the table.
    pub given_by: Option<&'static str>,
    pub columns: Vec<Column>,
    /// Further properties and matchers, each with a line of documentation.
    pub properties: Vec<(&'static str, &'static str)>,
}

/// The tables that resources have defined; kept where pages are made.
#[derive(Default)]
pub(crate) struct AllDescribed(pub RefCell<Vec<Described>>);

/// The methods of a table, as they are being described.
#[derive(Clone)]
pub(crate) struct Columns {
    pub(super) filters: Vec<Sym>,
    pub(super) properties: Vec<Property>,
    key: Key,
    described: Described,
}

impl Columns {
    /// A table with `where`, `entries`, `raw_data`, `exist?` and `count`.
    pub(crate) fn new(key: Key) -> Self {
        let filters = ["where", "entries", "raw_data"].map(Sym::new).to_vec();
        let columns = Self { filters, properties: Vec::new(), key, described: Described::default() };
        columns
            .own("exist?", |vm, table, _| Ok((table::row_count(vm, table)? > 0).into()))
            .own("count", |vm, table, _| Ok(table::row_count(vm, table)?.into()))
    }

    /// Adds a property unless one of this name is there.
    pub(super) fn add(&mut self, property: Property) {
        if !self.properties.iter().any(|known| known.name == property.name) {
            self.properties.push(property);
        }
    }

    fn with(mut self, name: &str, field: Value, body: Body, simple: bool, lazy: Option<Lazy>) -> Self {
        self.add(Property { name: Sym::new(name), field, body, simple, lazy });
        self
    }

    /// The values of a field.
    pub(crate) fn column(self, name: &'static str, field: &'static str) -> Self {
        self.field(name, field, false, None)
    }

    /// The values of a field, flattened, unique and without `nil`.
    pub(crate) fn simple(self, name: &'static str, field: &'static str) -> Self {
        self.field(name, field, true, None)
    }

    /// The values of a field that is filled when it is asked for.
    pub(crate) fn lazy(self, name: &'static str, field: &'static str, fill: NativeLazy) -> Self {
        self.field(name, field, false, Some(Lazy::Native(fill)))
    }

    fn field(mut self, name: &'static str, field: &'static str, simple: bool, lazy: Option<Lazy>) -> Self {
        self.described.columns.push(Column { name, field, simple });
        let field = self.key.of(field);
        self.with(name, field, Body::Field, simple, lazy)
    }

    /// A property or matcher of the whole table, with a line of documentation.
    pub(crate) fn property(mut self, name: &'static str, doc: &'static str, body: NativeProperty) -> Self {
        self.described.properties.push((name, doc));
        self.own(name, body)
    }

    fn own(self, name: &str, body: NativeProperty) -> Self {
        let field = Value::sym(name);
        self.with(name, field, Body::Native(body), false, None)
    }

    /// The property of the resource that gives this table, where the resource is not itself the table.
    pub(crate) fn given_by(mut self, property: &'static str) -> Self {
        self.described.given_by = Some(property);
        self
    }

    /// Defines the table's methods on a resource class; `fetch` gives the rows as an Array of Hashes.
    pub(crate) fn install(self, vm: &Interp, class: &Rc<RClass>, fetch: fn(&Interp, &Value) -> Res) {
        if let Some(all) = vm.extension::<AllDescribed>() {
            all.0.borrow_mut().push(self.described.clone());
        }
        let fetch = move |vm: &Interp, this: &Value| {
            let (rows, doubts) = doubt::noting(vm, || fetch(vm, this));
            Ok((rows?, doubts))
        };
        self.install_with(vm, class, Rc::new(fetch));
    }

    pub(super) fn install_with(self, vm: &Interp, class: &Rc<RClass>, fetch: Fetch) {
        let names: Vec<Sym> = self.filters.iter().copied().chain(self.properties.iter().map(|p| p.name)).collect();
        let schema = Rc::new(Schema::new(vm, self.properties));
        for name in names {
            let (schema, fetch, owner) = (Rc::clone(&schema), Rc::clone(&fetch), Rc::clone(class));
            let body = move |vm: &Interp, this: &Value, args: Args<'_>| {
                let make = || {
                    let (rows, doubts) = fetch(vm, this)?;
                    let table = table::make(vm, &schema, this, rows, Value::str(" with"), doubts.into())?;
                    vm.call_with(&table, name, args, plimsoll_ruby::CallStyle::Sent)
                        .map_err(|unwind| vm.highlight(unwind, &table, name, SEND_LINE))
                };
                // What stands in for the table would pass for true: a matcher fails itself.
                let is_matcher = name.bytes().ends_with(b"?");
                make().or_else(|unwind: Unwind| {
                    let fails = is_matcher && is_failure(vm, &unwind);
                    if fails { Err(unwind) } else { catcher::catch(vm, &owner, unwind) }
                })
            };
            vm.add_method(class, name, Visibility::Public, MethodBody::Closure(Rc::new(body), 0, -1));
        }
    }
}

/// The line of InSpec's own code that Ruby's error_highlight shows when a table does not know a method.
const SEND_LINE: &str =
    "\n\n          filter_table_instance.send(method_name, *args, &block)\n                               ^^^^^";

/// Whether a resource failed, and was not skipped.
fn is_failure(vm: &Interp, unwind: &Unwind) -> bool {
    let failed = vm.class_named("Inspec::Exceptions::ResourceFailed");
    unwind.exception().is_some_and(|exception| vm.is_a(&Value::Obj(Rc::clone(exception)), &failed))
}

/// The finished description of a table.
pub(super) struct Schema {
    pub properties: Vec<Property>,
    /// The class of its tables.
    pub table: Rc<RClass>,
    /// The class of its rows.
    pub row: Rc<RClass>,
}

impl Schema {
    fn new(vm: &Interp, properties: Vec<Property>) -> Self {
        let table = vm.new_class(&vm.class_named("FilterTable::Table"), None);
        for property in &properties {
            let own = property.clone();
            let body = move |vm: &Interp, this: &Value, args: Args<'_>| table::property(vm, this, &own, args);
            vm.add_method(&table, property.name, Visibility::Public, MethodBody::Closure(Rc::new(body), 0, 1));
        }
        let mut fields: Vec<Sym> = Vec::new();
        for name in properties.iter().filter(|p| p.is_field()).map(Property::field_name) {
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
        let row = row::class_of(vm, &fields);
        for property in properties.iter().filter(|p| p.lazy.is_some()) {
            row::define_lazy(vm, &row, property);
        }
        Self { properties, table, row }
    }

    /// The property that fills a lazy field of exactly this key.
    pub(super) fn lazy(&self, vm: &Interp, field: &Value) -> Res<Option<Property>> {
        for property in self.properties.iter().filter(|p| p.lazy.is_some()) {
            if vm.eql(field, &property.field)? {
                return Ok(Some(property.clone()));
            }
        }
        Ok(None)
    }

    /// The keys of the fields in the order of the row's members.
    pub(super) fn fields(&self) -> Vec<Value> {
        let mut keys: Vec<(Sym, Value)> = Vec::new();
        for property in self.properties.iter().filter(|p| p.is_field()) {
            if !keys.iter().any(|(name, _)| *name == property.field_name()) {
                keys.push((property.field_name(), property.field.clone()));
            }
        }
        keys.into_iter().map(|(_, key)| key).collect()
    }
}
