//! A container without a shell, played by this machine's own tools.

use std::process::Stdio;

use plimsoll_target::{
    Answer, Command, DirectError, DirectTarget, FileError, Launched, Launcher, LocalTarget, Output, Program, Request,
    RunError, ShellOptions, Target, TargetInfo, TransportError,
};

/// Starts programs of these names, each with the words that stand for it here.
struct Tools(Vec<(&'static str, Vec<String>)>);

impl Tools {
    /// Programs of this machine.
    fn named(names: &[&'static str]) -> Self {
        Self(names.iter().map(|name| (*name, vec![(*name).to_owned()])).collect())
    }

    /// Applets of its busybox, if it has one.
    fn of_busybox(names: &[&'static str]) -> Option<Self> {
        let busybox = ["/usr/bin/busybox", "/bin/busybox"].into_iter().find(|path| std::fs::exists(path).unwrap())?;
        Some(Self(names.iter().map(|name| (*name, vec![busybox.to_owned(), (*name).to_owned()])).collect()))
    }
}

impl Launcher for Tools {
    fn launch(&self, programs: &[Program]) -> Result<Vec<Launched>, TransportError> {
        let one = |program: &Program| {
            let Some((_, words)) = self.0.iter().find(|(name, _)| *name == program.words[0]) else {
                return Launched::Missing;
            };
            let mut command = std::process::Command::new(&words[0]);
            command.args(&words[1..]).args(&program.words[1..]).stdin(Stdio::null()).env("LC_ALL", "C");
            let output = command.output().unwrap();
            if output.stdout.len() as u64 > program.limit {
                return Launched::TooLarge;
            }
            let exit_status = output.status.code().unwrap();
            Launched::Ended(Output { stdout: output.stdout, stderr: output.stderr, exit_status })
        };
        Ok(programs.iter().map(one).collect())
    }
}

fn open(tools: Tools) -> Result<DirectTarget, DirectError> {
    let info = TargetInfo { channel: "test".into(), uri: "test".into(), id: None };
    DirectTarget::open(info, ShellOptions::default(), Box::new(tools))
}

/// Every set of tools that files can be audited by.
fn targets() -> Vec<DirectTarget> {
    let sets: [&[&str]; 4] = [
        &["stat", "head", "cat", "find", "readlink", "ls"],
        &["stat", "cat", "ls", "readlink"],
        &["ls", "head", "readlink"],
        &["busybox"],
    ];
    let sets = sets.into_iter().filter(|set| *set != ["busybox"] || Tools::of_busybox(&[]).is_some());
    let ours = sets.map(Tools::named);
    let theirs = Tools::of_busybox(&["stat", "head", "find", "readlink"]);
    ours.chain(theirs).map(|tools| open(tools).unwrap()).collect()
}

#[test]
fn files_are_what_the_file_system_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).into_os_string().into_encoded_bytes();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    std::fs::create_dir(directory.path().join("folder")).unwrap();
    for name in ["file", "empty", ".hidden", "a b", "-f", "folder/x", "x: No such file or directory"] {
        write(name, if name == "empty" { "" } else { "a\0b\n\n" });
    }
    for (name, target) in [("link", "file"), ("to", "folder"), ("nowhere", "none"), ("loop", "loop"), ("odd", "a -> b")]
    {
        std::os::unix::fs::symlink(target, directory.path().join(name)).unwrap();
    }
    let mut paths: Vec<Vec<u8>> = [
        "file",
        "none",
        "empty",
        ".hidden",
        "a b",
        "-f",
        "folder",
        "folder/",
        "folder/x",
        "folder/none",
        "file/x",
        "file/",
        "link",
        "to",
        "to/",
        "to/x",
        "nowhere",
        "loop",
        "odd",
        "x: No such file or directory",
        "none: Permission denied",
        "not\nthere",
        "",
    ]
    .map(path)
    .into();
    paths.extend(["/", "/dev/null", "/dev/zero", "/etc/passwd", "relative"].map(Into::into));
    for target in targets() {
        for path in &paths {
            let requests = [
                Request::Stat { path: path.clone(), follow: true },
                Request::Stat { path: path.clone(), follow: false },
                Request::Read { path: path.clone() },
                Request::List { path: path.clone() },
            ];
            let (ours, kernels) = (target.ask(&requests).unwrap(), LocalTarget::new().ask(&requests).unwrap());
            let shown = String::from_utf8_lossy(path).into_owned();
            assert_eq!(without_words(ours), without_words(kernels), "{shown:?} by {:?}", target.tools());
        }
        // All at once, and the same path twice.
        let twice: Vec<Request> =
            paths.iter().chain(&paths).map(|path| Request::Stat { path: path.clone(), follow: false }).collect();
        let kernels = LocalTarget::new().ask(&twice).unwrap();
        assert_eq!(without_words(target.ask(&twice).unwrap()), without_words(kernels), "{:?}", target.tools());
    }
}

/// Errors that have no kind of their own are in each way's own words.
fn without_words(answers: Vec<Answer>) -> Vec<Answer> {
    let plain =
        |error: FileError| if matches!(error, FileError::Other(_)) { FileError::Other("…".into()) } else { error };
    let answers = answers.into_iter().map(|answer| match answer {
        Answer::Stat(Err(error)) => Answer::Stat(Err(plain(error))),
        Answer::Content(Err(error)) => Answer::Content(Err(plain(error))),
        Answer::Entries(Err(error)) => Answer::Entries(Err(plain(error))),
        answer => answer,
    });
    answers.collect()
}

#[test]
fn a_name_with_a_line_break_is_listed_or_an_error() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("one\ntwo"), "").unwrap();
    let path = directory.path().as_os_str().as_encoded_bytes();
    for target in targets() {
        match target.list(path).unwrap() {
            Ok(entries) => assert_eq!(entries[0].name, b"one\ntwo", "{:?}", target.tools()),
            Err(error) => assert!(error.to_string().contains("line break"), "{error}"),
        }
    }
}

#[test]
fn processes_come_and_go_while_they_are_listed() {
    for target in targets() {
        let entries = target.list(b"/proc").unwrap().unwrap();
        assert!(entries.iter().any(|entry| entry.name == std::process::id().to_string().as_bytes()));
        assert!(target.read(b"/proc/self/status").unwrap().unwrap().starts_with(b"Name:"));
    }
}

#[test]
fn plain_commands_run_and_others_are_not_answered() {
    let target = open(Tools::named(&["stat", "cat", "id", "seq"])).unwrap();
    let output = target.run(b"seq '2' \"3\"\n").unwrap().unwrap();
    assert_eq!((output.stdout.as_slice(), output.exit_status), (&b"2\n3\n"[..], 0));
    assert_eq!(target.run(b"stat /none").unwrap().unwrap().exit_status, 1);
    for (line, why) in [("seq 3 | tail -1", "`|`"), ("cd /", "`cd`"), ("echo x", "`echo`"), ("sh -c 'type id'", "`sh`")]
    {
        match target.run(line.as_bytes()).unwrap() {
            Err(RunError::Unavailable(said)) => assert!(said.contains("no shell") && said.contains(why), "{said}"),
            other => panic!("{line}: {other:?}"),
        }
    }
    let answers = target.ask(&[
        Request::Run(Command::new("id -u")),
        Request::Read { path: b"/none".to_vec() },
        Request::Run(Command::new("seq 1")),
    ]);
    assert!(matches!(
        &answers.unwrap()[..],
        [Answer::Run(Ok(_)), Answer::Content(Err(FileError::NotFound)), Answer::Run(Ok(Output { exit_status: 0, .. })),]
    ));
}

#[test]
fn too_few_tools_are_none() {
    for tools in [&[][..], &["cat"], &["stat", "find"], &["seq"]] {
        assert_eq!(open(Tools::named(tools)).err(), Some(DirectError::NoTools));
    }
    let target = open(Tools::named(&["stat", "cat"])).unwrap();
    assert!(matches!(target.list(b"/").unwrap(), Err(FileError::Other(why)) if why.contains("`find`")));
    let link = target.stat(b"/proc/self", false).unwrap();
    assert!(matches!(link, Err(FileError::Other(why)) if why.contains("`readlink`")));
}
