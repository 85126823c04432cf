//! Asking ahead: what an audit is sure to ask of a distant target is asked in a few batches, not one by one.
//!
//! Which requests these are nobody has to write down a second time: the code that asks is run where nothing is asked
//! ([`Backend::foresee`]), up to its first request that has no answer yet. What comes out is asked in one go, and the same
//! once more for what the answers lead to. Then the audit takes its way and finds the answers in memory, or waits for those
//! that are not there yet: the container should have something to do all the time, whatever is done here.
//!
//! Its results are those that it had come to otherwise:
//!
//! - Code that is run to foresee must not leave traces. It is the native code of core resources, in control files on
//!   literals ([`literals`]), in examples on what is described ([`examples`]), and never code of the profile's.
//! - Control files are searched for files that are looked at and read, which changes nothing, whether or not a control
//!   asks for them in the end. Commands of theirs are not run ahead: a condition may stand before them, and what they
//!   cost or change is not known.
//! - When examples are run, it is certain what they ask, commands included: no condition stands before an example that is
//!   there. Their requests are made in the order of the examples, and only up to the next example whose code can't be
//!   overlooked, so no command overtakes another one.
//! - A command of the profile's that was not foreseen may change what was seen ahead: that is forgotten then.

mod examples;
mod literals;

use std::collections::HashSet;

pub(crate) use examples::Examples;
pub(crate) use literals::Files;

use plimsoll_resources::Backend;
use plimsoll_ruby::Res;
use plimsoll_target::Request;

/// How often answers are looked at for what they lead to. What is deeper than this is asked when it is due.
const ROUNDS: usize = 3;

/// What is asked ahead for some subjects.
struct Foreseen<S> {
    /// Those that there may be more to ask for, once there are answers.
    subjects: Vec<S>,
    requests: Vec<Request>,
}

impl<S> Foreseen<S> {
    /// Has asked what each of `subjects` would ask. `foresee` tells for one of them.
    fn ask(backend: &Backend, mut subjects: Vec<S>, foresee: impl Fn(&S) -> Vec<Request>) -> Res<Self> {
        let mut seen = HashSet::new();
        let mut requests = Vec::new();
        subjects.retain(|subject| {
            let foreseen = foresee(subject);
            let open = !foreseen.is_empty();
            requests.extend(foreseen.into_iter().filter(|request| seen.insert(request.clone())));
            open
        });
        backend.ask_ahead(&requests)?;
        Ok(Self { subjects, requests })
    }

    /// Has asked what the answers lead to.
    fn follow(mut self, backend: &Backend, foresee: impl Fn(&S) -> Vec<Request>) -> Res<()> {
        for _ in 1..ROUNDS {
            if self.requests.is_empty() {
                break;
            }
            backend.await_answers(&self.requests)?;
            self = Self::ask(backend, self.subjects, &foresee)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use plimsoll_report::Report;
    use plimsoll_target::{Answer, Cached, MemoryTarget, Request, Target, TargetInfo, TransportError};

    use crate::audit::Audit;

    /// A container that is far away, whose commands change it: it keeps the order in which it is asked.
    struct Container {
        files: MemoryTarget,
        distant: bool,
        batches: Mutex<Vec<Vec<Request>>>,
        touched: Mutex<Vec<u8>>,
    }

    impl Container {
        fn new(distant: bool) -> Arc<Self> {
            let files = MemoryTarget::new()
                .file("/etc/os-release", "ID=debian\nNAME=\"Debian GNU/Linux\"\n")
                .file("/etc/debian_version", "12.5\n")
                .file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
                .file("/etc/group", "root:x:0:\n")
                .file("/etc/login.defs", "UMASK 027\n")
                .file("/etc/app.conf", "mode = strict\n")
                .file("/etc/other.conf", "a\n")
                .file(
                    "/var/lib/dpkg/status",
                    "Package: app\nStatus: install ok installed\nVersion: 1.0\nArchitecture: all\n",
                );
            Arc::new(Self { files, distant, batches: Mutex::default(), touched: Mutex::default() })
        }

        fn answer(&self, request: &Request) -> Result<Answer, TransportError> {
            let mut touched = self.touched.lock().unwrap();
            match request {
                Request::Run(command) if command.line.starts_with(b"touch ") => {
                    touched.extend_from_slice(&command.line[6..]);
                    Ok(self.run(&touched))
                }
                Request::Run(command) if command.line == b"touched" => Ok(self.run(&touched)),
                Request::Read { path } if path == b"/run/touched" => Ok(Answer::Content(Ok(touched.clone()))),
                Request::Stat { path, .. } if path == b"/run/touched" => self.files.one(Request::Stat {
                    path: if touched.is_empty() { b"/none".to_vec() } else { b"/etc/app.conf".to_vec() },
                    follow: true,
                }),
                request => self.files.one(request.clone()),
            }
        }

        fn run(&self, text: &[u8]) -> Answer {
            let output = plimsoll_target::Output { stdout: text.to_vec(), stderr: Vec::new(), exit_status: 0 };
            assert!(!self.files.info().uri.is_empty());
            Answer::Run(Ok(output))
        }

        /// The command lines that it was given, in order.
        fn commands(&self) -> Vec<String> {
            let batches = self.batches.lock().unwrap();
            let lines = batches.iter().flatten().filter_map(|request| match request {
                Request::Run(command) => Some(String::from_utf8_lossy(&command.line).into_owned()),
                _ => None,
            });
            lines.filter(|line| line.starts_with("touch")).collect()
        }

        fn round_trips(&self) -> usize {
            self.batches.lock().unwrap().len()
        }
    }

    impl Target for Container {
        fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
            self.batches.lock().unwrap().push(requests.to_vec());
            requests.iter().map(|request| self.answer(request)).collect()
        }

        fn info(&self) -> TargetInfo {
            self.files.info()
        }

        fn is_distant(&self) -> bool {
            self.distant
        }
    }

    fn audit(source: &str, container: &Arc<Container>) -> Report {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("control.rb");
        std::fs::write(&file, source).unwrap();
        let audit = Audit { profiles: vec![file], ..Audit::default() };
        audit.run(Arc::new(Cached::new(Arc::clone(container))), &mut |_| {}).unwrap()
    }

    /// The results of a report: status, description, message.
    fn results(report: &Report) -> Vec<(String, String, Option<String>)> {
        let controls = report.profiles.iter().flat_map(|profile| &profile.controls);
        let results = controls.flat_map(|control| &control.results);
        results.map(|r| (format!("{:?}", r.status), r.code_desc.clone(), r.message.clone())).collect()
    }

    /// Audits with and without asking ahead; the results and the commands must be the same. Gives both containers.
    fn compare(source: &str) -> (Arc<Container>, Arc<Container>) {
        let (near, far) = (Container::new(false), Container::new(true));
        let (expected, found) = (audit(source, &near), audit(source, &far));
        assert_eq!(results(&found), results(&expected));
        assert_eq!(far.commands(), near.commands());
        (near, far)
    }

    #[test]
    fn a_declarative_profile_takes_few_round_trips() {
        let mut source = String::new();
        for number in 0..40 {
            source += &format!(
                "control 'c-{number}' do\n  describe file('/etc/app.conf') do\n    it {{ should exist }}\n    its('content') {{ should match(/strict/) }}\n    it {{ should be_owned_by 'root' }}\n  end\n  describe command('touch {number}') do\n    its('exit_status') {{ should eq 0 }}\n    its('stdout') {{ should_not include 'x' }}\n  end\n  describe package('app-{number}') do\n    it {{ should_not be_installed }}\n  end\n  describe login_defs do\n    its('UMASK') {{ should cmp '027' }}\n  end\nend\n"
            );
        }
        let (near, far) = compare(&source);
        assert!(near.round_trips() > 45, "{}", near.round_trips());
        assert!(far.round_trips() <= 8, "{}", far.round_trips());
    }

    #[test]
    fn what_a_command_changes_is_seen_as_late_as_without_asking_ahead() {
        let (_, far) = compare(
            "control 'a' do\n  first = command('touch a').stdout\n  describe(first) { it { should eq 'a' } }\n  describe file('/run/touched') do\n    it { should exist }\n    its('content') { should eq 'a' }\n  end\nend\n\
             control 'b' do\n  only_if { file('/run/touched').content == 'a' }\n  describe command('touch b') do\n    its('stdout') { should eq 'ab' }\n  end\nend\n\
             control 'c' do\n  describe 'later' do\n    subject { command('touch c').stdout }\n    it { should eq 'abc' }\n  end\nend\n\
             control 'd' do\n  describe command('touched') do\n    its('stdout') { should eq 'abc' }\n  end\nend\n",
        );
        assert_eq!(far.commands(), ["touch a", "touch b", "touch c", "touched"]);
    }

    #[test]
    fn a_command_that_no_example_asks_for_is_not_run() {
        let (_, far) = compare(
            "control 'a' do\n  command('touch a')\n  touched = command('touch b')\n  describe command('touch c') do\n    it { skip 'not now' }\n  end\n  describe command('touch d') do\n    xit { should exist }\n  end\n  describe touched do\n    before { raise 'no' }\n    its('stdout') { should eq '' }\n  end\n  describe(1) { it { should eq(file('/etc/other.conf').exist? ? 1 : command('touch e').stdout) } }\n  describe.one do\n    describe command('touch f') do\n      its('command') { should eq 'touch f' }\n    end\n    describe file('/etc/other.conf') do\n      its('content') { should eq 'b' }\n    end\n  end\nend\n",
        );
        assert_eq!(far.commands(), [""; 0]);
    }

    #[test]
    fn what_the_profile_defines_itself_is_not_run_twice() {
        let (_, far) = compare(
            "$count = 0\nclass Counter\n  def initialize(at) = @at = at\n  def next = @at += 1\nend\n\
             control 'a' do\n  counter = Counter.new(4)\n  describe counter do\n    its('next') { should eq 5 }\n  end\n  describe file('/etc/other.conf') do\n    it { $count += 1; should exist }\n    its('content') { should eq \"a\\n\" }\n  end\n  describe(1) { it { should eq $count } }\n  describe counter do\n    its('next') { should eq 6 }\n  end\nend\n",
        );
        assert!(far.round_trips() > 0);
    }
}
