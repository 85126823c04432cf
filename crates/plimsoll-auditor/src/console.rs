//! Code that somebody types: the language of control files against a target, one piece after the other.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use plimsoll_report::model::{Report, Statistics};
use plimsoll_ruby::ir::Program;
use plimsoll_ruby::{Interp, Res, Session, Unwind, UnwindKind, Value, known};
use plimsoll_target::Target;

use crate::audit::{self, Audit};
use crate::dsl::{self, Scope};
use crate::error::AuditError;
use crate::evaluator::Evaluator;
use crate::host::{AuditHost, Printer};
use crate::profile::{Metadata, ProfileFiles, Source};
use crate::results;
use crate::spec;

/// What the typed code belongs to, as messages name it.
const NAME: &str = "shell";

/// What a piece of code came to.
#[derive(Debug)]
pub enum Answer {
    /// Its value, as Ruby's `inspect` shows it.
    Value(String),
    /// It declared tests: their results.
    Tested(Box<Report>),
    /// It raised, or crossed a limit: the class, the message and where.
    Raised(String),
}

/// An interpreter that waits for code. Local variables, methods and constants stay from one piece to the next.
pub struct Console<'a> {
    vm: &'a Interp,
    session: Session,
    scope: Rc<Scope>,
}

impl Audit {
    /// Lets `talk` evaluate code against the target, with the resources that the libraries of the profiles define.
    ///
    /// `printer` takes what the code prints.
    pub fn console<T>(
        &self,
        target: Arc<dyn Target>,
        printer: Rc<Printer>,
        talk: impl FnOnce(&Console<'_>) -> T,
    ) -> Result<T, AuditError> {
        let sources = self.sources()?;
        let files = sources.iter().flat_map(|source| source.all_files()).collect();
        let vm = Evaluator::new(AuditHost::printing(files, printer), &self.limits);
        vm.on_own_stack(|| {
            let loader = self.loader(&vm, target)?;
            let metadata = Metadata { name: Some(NAME.to_owned()), ..Metadata::default() };
            let scope = loader.scope(&Source::alone(ProfileFiles::none(), metadata))?;
            for source in &sources {
                let profile = loader.scope(source)?;
                loader.libraries(&profile)?;
                scope.resources.add_all(&vm, &profile.resources);
            }
            plimsoll_resources::set_backend_object(&vm, scope.backend.clone());
            spec::set_loading(&vm, &scope);
            *scope.file.borrow_mut() = dsl::FileState::new(NAME.to_owned());
            let context = dsl::new_context(&vm, &scope).map_err(|unwind| AuditError::internal(&vm, &unwind))?;
            let session = Session::within(&vm, context, Rc::clone(&scope.file_class));
            Ok(talk(&Console { vm: &vm, session, scope }))
        })
    }
}

impl Console<'_> {
    /// Whether a text could be the beginning of a longer one.
    pub fn is_incomplete(text: &str) -> bool {
        Program::is_incomplete(text.as_bytes())
    }

    /// Once this is true, what is evaluated ends soon, with Ruby's `Interrupt`.
    pub fn interrupt(&self) -> Arc<AtomicBool> {
        Arc::clone(self.vm.interrupt())
    }

    /// Evaluates a piece of code; `name` is what messages call its file. An error means that the target is lost.
    pub fn eval(&self, code: &str, name: &str) -> Result<Answer, AuditError> {
        self.vm.renew_budget();
        let interrupt = self.vm.interrupt();
        interrupt.store(false, Ordering::Relaxed);
        let mut answer = self.answer(code, name);
        // What it came to while it was interrupted is not what it would have come to.
        if interrupt.swap(false, Ordering::Relaxed) {
            answer = Err(self.vm.error("Interrupt", ""));
        }
        // Neither tests nor what they were part of are there for the next piece.
        self.scope.rules.borrow_mut().clear();
        self.scope.included.borrow_mut().clear();
        match answer.map_err(Unwind::into_kind) {
            Ok(answer) => Ok(answer),
            Err(UnwindKind::Raise(exception)) => Ok(Answer::Raised(self.raised(&Value::Obj(exception)))),
            Err(UnwindKind::Limit(limit)) => Ok(Answer::Raised(limit.to_string())),
            Err(UnwindKind::Halt(error)) => Err(AuditError::Transport(error.to_string())),
            Err(UnwindKind::Throw(tag, _)) => {
                let tag = self.vm.inspect(&tag).map_or_else(|_| "?".to_owned(), |tag| tag.lossy());
                Ok(Answer::Raised(format!("UncaughtThrowError: uncaught throw {tag}")))
            }
            // `return` and its kin end the piece.
            Err(_) => Ok(Answer::Value("nil".to_owned())),
        }
    }

    fn answer(&self, code: &str, name: &str) -> Res<Answer> {
        let vm = self.vm;
        let value = self.session.eval(vm, code, name)?;
        let rules = self.scope.all_rules();
        if rules.is_empty() {
            return Ok(Answer::Value(vm.inspect(&value)?.lossy()));
        }
        let scopes = [Rc::clone(&self.scope)];
        let found = audit::run_prepared(vm, &scopes, &rules, &mut |_| {})?;
        Ok(Answer::Tested(Box::new(Report {
            platform: audit::platform(vm, Some(&self.scope))?,
            profiles: results::profiles(vm, &scopes, &found, true)?,
            statistics: Statistics { duration: Some(0.0), ..Statistics::default() },
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Report::default()
        })))
    }

    /// Class and message of an exception, and the place in the typed code.
    fn raised(&self, exception: &Value) -> String {
        let class = self.vm.real_class_of(exception).name();
        let message = self.vm.call(exception, known::MESSAGE, &[]).and_then(|text| self.vm.to_s(&text));
        let message = message.map_or_else(|_| "?".to_owned(), |text| text.lossy());
        let place = spec::backtrace(exception).into_iter().next();
        let place = place.map(|place| format!("\n  {place}")).unwrap_or_default();
        format!("{class}: {message}{place}")
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use plimsoll_report::model::ResultStatus;
    use plimsoll_target::MemoryTarget;

    use super::{Answer, Console};
    use crate::Audit;

    fn talk(check: impl FnOnce(&Console<'_>, &dyn Fn(&str) -> String)) -> String {
        let printed = Rc::new(RefCell::new(Vec::new()));
        let printer = Rc::clone(&printed);
        let target = MemoryTarget::new().file("/etc/motd", "Welcome\n");
        let print = Rc::new(move |text: &[u8]| printer.borrow_mut().extend_from_slice(text));
        let done = Audit::default().console(Arc::new(target), print, |console| {
            let eval = |code: &str| match console.eval(code, "shell").unwrap() {
                Answer::Value(value) => value,
                Answer::Raised(why) => format!("! {why}"),
                Answer::Tested(report) => {
                    let results = report.profiles.iter().flat_map(|p| &p.controls).flat_map(|c| &c.results);
                    let shown = results.map(|result| match result.status {
                        ResultStatus::Passed => format!("ok {}", result.code_desc),
                        _ => format!("not ok {}", result.code_desc),
                    });
                    shown.collect::<Vec<_>>().join(", ")
                }
            };
            check(console, &eval);
        });
        done.unwrap();
        String::from_utf8(printed.take()).unwrap()
    }

    #[test]
    fn what_is_typed_stays() {
        let printed = talk(|_, eval| {
            assert_eq!(eval("x = file('/etc/motd').content"), "\"Welcome\\n\"");
            assert_eq!(eval("def shout(text) = text.upcase"), ":shout");
            assert_eq!(eval("puts shout(x)"), "nil");
            assert_eq!(eval("Answer = 42"), "42");
            assert_eq!(eval("[x.size, Answer]"), "[8, 42]");
        });
        assert_eq!(printed, "WELCOME\n");
    }

    #[test]
    fn errors_do_not_end_it() {
        talk(|_, eval| {
            assert!(eval("y = 1\nraise 'no'").starts_with("! RuntimeError: no\n  shell:2"));
            assert!(eval("1 +").starts_with("! SyntaxError: "));
            assert!(eval("nobody").starts_with("! NameError: undefined local variable or method `nobody'"));
            assert!(eval("loop {}").contains("limit exceeded"));
            assert_eq!(eval("y"), "1");
        });
    }

    #[test]
    fn what_is_interrupted_does_not_end_it() {
        talk(|console, eval| {
            let interrupt = console.interrupt();
            let other = std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(50));
                interrupt.store(true, Ordering::Relaxed);
            });
            assert!(eval("begin\n  loop { loop {} }\nrescue\n  1\nend").starts_with("! Interrupt: "));
            other.join().unwrap();
            assert_eq!(eval("1"), "1");
        });
    }

    #[test]
    fn tests_are_run_and_forgotten() {
        talk(|_, eval| {
            let test = "describe file('/etc/motd') do\n  its('content') { should match(/Wel/) }\nend";
            assert_eq!(eval(test), "ok File /etc/motd content is expected to match /Wel/");
            assert_eq!(
                eval("control 'a' do\n  describe(1) { it { should eq 2 } }\nend"),
                "not ok 1 is expected to eq 2"
            );
            assert_eq!(eval("3"), "3");
            assert!(Console::is_incomplete("describe 1 do") && !Console::is_incomplete(test));
        });
    }
}
