//! Embedding: parsing files and running them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::{Context, Env, invoke};
use crate::class::{Cref, RClass, Visibility};
use crate::interp::Interp;
use crate::ir::{Label, Program};
use crate::limits::Limits;
use crate::lower::{self, SyntaxError};
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

/// How backtraces name the code at the top of a file.
const TOP: &str = "<top (required)>";

/// How they name the code at the top of the main program.
const MAIN: &str = "<main>";

impl Program {
    /// Parses a file. `predefined` names local variables that the file finds defined, by the values given when it is run.
    ///
    /// Programs are independent of interpreters: parse once, run in many.
    pub fn parse(source: &[u8], file: &str, predefined: &[Sym], limits: &Limits) -> Result<Arc<Self>, SyntaxError> {
        lower::program(source, file, predefined, TOP, limits).map(Arc::new).map_err(|error| *error)
    }

    /// Everything that is wrong with a file's syntax, where [`Program::parse`] ends with the first error.
    pub fn problems(source: &[u8], file: &str) -> Vec<SyntaxError> {
        lower::problems(source, file)
    }

    /// Whether a text could be the beginning of a program: all that is wrong with it is that it ends.
    pub fn is_incomplete(source: &[u8]) -> bool {
        lower::is_incomplete(source)
    }
}

impl Interp {
    /// Parses a file.
    pub fn parse(&self, source: &[u8], file: &str) -> Result<Arc<Program>, SyntaxError> {
        Program::parse(source, file, &[], &self.limits)
    }

    /// Runs a file with this `self`. `module` is where its `def`s and constants go and where its constants are looked up first:
    /// `Object` for an ordinary file, an anonymous class for a file that must not leave anything behind.
    pub fn run(&self, program: &Program, self_value: &Value, module: &Rc<RClass>) -> Res {
        self.run_with(program, self_value, module, &[])
    }

    /// The same with the values of the variables that the file was parsed with.
    pub fn run_with(&self, program: &Program, self_value: &Value, module: &Rc<RClass>, values: &[Value]) -> Res {
        let env = Env::with(values, program.names.len(), None);
        let label = Label { base: Sym::new(TOP), blocks: 0 };
        self.run_at_top(program, self_value, module, &env, label)
    }

    /// Runs a file as part of the main program: `self` is `main`, constants go to `Object`, methods are private.
    pub fn run_main(&self, program: &Program) -> Res {
        let env = Env::with(&[], program.names.len(), None);
        let label = Label { base: Sym::new(MAIN), blocks: 0 };
        self.run_at_top(program, &self.main_object(), &Rc::clone(&self.c.object), &env, label)
    }

    fn run_at_top(
        &self,
        program: &Program,
        self_value: &Value,
        module: &Rc<RClass>,
        env: &Rc<Env>,
        label: Label,
    ) -> Res {
        let cref = Rc::new(Cref { module: Rc::clone(module), parent: None });
        let is_main = Rc::ptr_eq(module, &self.c.object);
        let visibility = if is_main { Visibility::Private } else { Visibility::Public };
        let context = Context::new(self, None, None, &cref, visibility);
        self.on_own_stack(|| {
            invoke::run_code(self, &program.body, label, program.file, env, &context, self_value, program.body.line)
        })
    }

    /// Evaluates source text as a main program of its own.
    pub fn eval_str(&self, source: &str) -> Res {
        Session::new(self, self.main_object()).eval(self, source, "(eval)")
    }

    /// `main`
    pub fn main_object(&self) -> Value {
        let known = self.main.borrow().clone();
        known.unwrap_or_else(|| {
            let main = Value::Obj(self.object(&self.c.object));
            *self.main.borrow_mut() = Some(main.clone());
            main
        })
    }
}

/// A series of evaluations that share their local variables, as in a shell.
pub struct Session {
    self_value: Value,
    module: Rc<RClass>,
    env: Rc<Env>,
    names: RefCell<Vec<Sym>>,
}

impl Session {
    /// A session with this `self`, at the top level.
    pub fn new(vm: &Interp, self_value: Value) -> Self {
        Self::within(vm, self_value, Rc::clone(&vm.c.object))
    }

    /// A session whose `def`s and constants go into `module`.
    pub fn within(vm: &Interp, self_value: Value, module: Rc<RClass>) -> Self {
        let env = Env::with(&[], 0, None);
        env.kept.set(true);
        vm.keep_env(&env);
        Self { self_value, module, env, names: RefCell::default() }
    }

    /// Evaluates one input; a syntax error is raised as SyntaxError.
    pub fn eval(&self, vm: &Interp, source: &str, file: &str) -> Res {
        let names = self.names.borrow().clone();
        let program = match lower::program(source.as_bytes(), file, &names, MAIN, &vm.limits) {
            Ok(program) => program,
            Err(error) => return Err(vm.error("SyntaxError", error.to_string())),
        };
        self.env.vars.borrow_mut().resize(program.names.len(), Value::Nil);
        self.names.borrow_mut().clone_from(&program.names);
        let label = Label { base: Sym::new(MAIN), blocks: 0 };
        vm.run_at_top(&program, &self.self_value, &self.module, &self.env, label)
    }

    /// The names of the local variables so far.
    pub fn local_variables(&self) -> Vec<Sym> {
        self.names.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Program;

    #[test]
    fn a_text_that_only_ends_too_early_is_incomplete() {
        let open = [
            "def a",
            "describe file('/x') do",
            "[1,",
            "{ a: 1,",
            "foo(1",
            "x = ",
            "1 +",
            "'abc",
            "%w{a b",
            "<<~X\nabc",
            "if a\n  b",
            "a.map {",
            "case x\nwhen 1",
            "/abc",
            "x.",
            "begin\n 1\nrescue",
            "\"#{1 +",
            "class A",
            "(",
        ];
        for text in open {
            assert!(Program::is_incomplete(text.as_bytes()), "{text}: {:?}", Program::problems(text.as_bytes(), ""));
        }
        for text in ["", "1", "1 + 1", ")", "foo)", "end", "1 1", "def a; end end", "x = = 1", "[1, 2]]"] {
            assert!(!Program::is_incomplete(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_found() {
        let found = Program::problems(b"a = = 1\nb = 2\nc = )\n", "f.rb");
        let lines: Vec<u32> = found.iter().map(|error| error.line).collect();
        assert_eq!(lines, [1, 3], "{found:?}");
    }
}
