//! What existing transports get wrong, by every way that this machine has.

use std::os::unix::fs::symlink;
use std::path::Path;

use plimsoll_target::{Answer, Command, LocalTarget, Request, RootfsTarget, RunResult, Target, TransportError};
use plimsoll_testkit::{FidelityCase, LARGE, Written, fidelity_cases};

use crate::local_shells::{options, program, shells, target, target_of};

fn request(case: &FidelityCase) -> Request {
    Request::Run(Command::new(case.line.as_slice()))
}

/// What is wrong with the answers to `cases`, one line each.
fn wrong(cases: &[FidelityCase], answers: &[Answer]) -> Vec<String> {
    let check = |(case, answer): (&FidelityCase, &Answer)| {
        let told = |why: String| Some(format!("{why}\n    in answer to {:?}", first_bytes(&case.line)));
        match answer {
            Answer::Run(Ok(output)) => {
                case.check(&output.stdout, &output.stderr, output.exit_status).err().and_then(told)
            }
            other => told(format!("{}: {other:?}", case.why)),
        }
    };
    assert_eq!(cases.len(), answers.len());
    cases.iter().zip(answers).filter_map(check).collect()
}

fn first_bytes(line: &[u8]) -> String {
    line[..line.len().min(100)].escape_ascii().to_string()
}

#[track_caller]
fn expect(way: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{way}:\n  {}", wrong.join("\n  "));
}

fn expect_of_target(way: &str, target: &dyn Target) {
    let cases = fidelity_cases();
    let requests: Vec<Request> = cases.iter().map(request).collect();
    let answers = target.ask(&requests).expect("the way is open");
    expect(way, &wrong(&cases, &answers));
}

#[test]
fn a_command_of_this_machine() {
    expect_of_target("local", &LocalTarget::new());
}

#[test]
fn a_command_in_this_machines_root() {
    let target = RootfsTarget::open(Path::new("/")).expect("a directory");
    match works(&target) {
        Ok(()) => expect_of_target("rootfs:/", &target),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

#[test]
fn a_command_in_a_root_of_busybox() {
    let Some(root) = busybox_root() else { return };
    let target = RootfsTarget::open(root.path()).expect("a directory");
    match works(&target) {
        Ok(()) => expect_of_target("rootfs of busybox", &target),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

/// Whether commands run there at all: that takes rights.
fn works(target: &RootfsTarget) -> Result<(), String> {
    let answer: Result<RunResult, TransportError> = target.run(b"head -c 1 /dev/zero");
    answer.map_err(|error| error.to_string())?.map_err(|error| error.to_string()).and_then(|output| {
        if output.exit_status == 0 { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    })
}

/// A root with nothing but busybox and two devices; needs busybox and, for the devices, root.
fn busybox_root() -> Option<tempfile::TempDir> {
    use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| Path::new(path).exists());
    let Some(busybox) = busybox else {
        eprintln!("skipped: no busybox on this machine");
        return None;
    };
    let root = tempfile::tempdir().expect("a directory");
    for directory in ["bin", "dev", "proc"] {
        std::fs::create_dir(root.path().join(directory)).expect("a directory");
    }
    std::fs::copy(busybox, root.path().join("bin/busybox")).expect("a copy");
    for tool in ["sh", "cat", "head", "id", "sleep", "kill", "false", "echo", "stat", "ls", "printf", "readlink"] {
        symlink("busybox", root.path().join("bin").join(tool)).expect("a link");
    }
    for (name, number) in [("null", 3), ("zero", 5)] {
        let path = root.path().join("dev").join(name);
        if mknodat(CWD, &path, FileType::CharacterDevice, Mode::from_raw_mode(0o666), makedev(1, number)).is_err() {
            eprintln!("skipped: this user may not make a root with devices");
            return None;
        }
    }
    Some(root)
}

#[test]
fn a_session() {
    for (number, shell) in shells().into_iter().enumerate() {
        // One shell shows that it works for much.
        let small = |case: &FidelityCase| number == 0 || !matches!(case.stdout, Written::Zeros(LARGE));
        let cases: Vec<FidelityCase> = fidelity_cases().into_iter().filter(small).collect();
        let requests: Vec<Request> = cases.iter().map(request).collect();
        let (runtime, target) = target(&shell, options(&shell));
        // All at once, where what one leaves would be in the next one's answer; and one by one.
        expect(&format!("{shell:?}, at once"), &wrong(&cases, &target.ask(&requests).expect("the way is open")));
        for (case, request) in cases.iter().zip(&requests) {
            let answer = target.one(request.clone()).expect("the way is open");
            expect(&format!("{shell:?}, one by one"), &wrong(std::slice::from_ref(case), &[answer]));
        }
        runtime.block_on(target.close());
    }
}

/// An environment that a container gives to every shell: a noisy profile, options, odd separators.
#[test]
fn a_session_in_an_odd_environment() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "echo noise; echo noise >&2; set -u; alias cat=false\n").expect("a profile");
    let cases: Vec<FidelityCase> = fidelity_cases().into_iter().filter(|case| case.line.len() < 1000).collect();
    let requests: Vec<Request> = cases.iter().map(request).collect();
    for shell in shells() {
        let (words, profile) = (shell.clone(), file.path().to_owned());
        let odd = move || {
            let mut program = program(&words);
            program.env("ENV", &profile).env("IFS", "e").env("POSIXLY_CORRECT", "1").env("PS4", "$(id)");
            program
        };
        let (runtime, target) = target_of(&shell, options(&shell), odd);
        let answers = target.ask(&requests).expect("the way is open");
        expect(&format!("{shell:?} with ENV"), &wrong(&cases, &answers));
        runtime.block_on(target.close());
    }
}

/// Busybox has a `stat` of its own, and no other: mode, owner and times come from it all the same.
#[test]
fn files_by_the_tools_of_busybox() {
    let Some(root) = busybox_root() else { return };
    let path = |name: &str| root.path().join(name);
    std::fs::write(path("bin/setuid"), "x\0y").expect("a file");
    std::os::unix::fs::chown(path("bin/setuid"), Some(7), Some(42)).expect("root may");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o4751);
    std::fs::set_permissions(path("bin/setuid"), mode).expect("root may");
    symlink("bin/setuid", path("link")).expect("a link");
    symlink("nowhere", path("dangling")).expect("a link");
    let mut requests = Vec::new();
    for name in ["/", "/bin", "/bin/setuid", "/link", "/dangling", "/dev/null", "/none", "/bin/setuid/x"] {
        let path = name.as_bytes().to_vec();
        requests.extend([false, true].map(|follow| Request::Stat { path: path.clone(), follow }));
        requests.extend([Request::Read { path: path.clone() }, Request::List { path }]);
    }
    let shell = ["/bin/sh".to_owned()];
    let directory = root.path().to_owned();
    let inside = move || {
        let mut program = program(&["chroot".to_owned()]);
        program.arg(&directory).arg("/bin/sh");
        program
    };
    let (runtime, target) = target_of(&shell, options(&shell), inside);
    let expected = RootfsTarget::open(root.path()).expect("a directory").ask(&requests).expect("the way is open");
    let found = target.ask(&requests).expect("the way is open");
    for ((request, found), expected) in requests.iter().zip(found).zip(expected) {
        assert_eq!(found, expected, "{request:?}");
    }
    let Answer::Stat(Ok(stat)) = target.one(requests[8].clone()).expect("the way is open") else { panic!() };
    assert_eq!((stat.mode, stat.uid, stat.gid, stat.size), (0o4751, 7, 42, 3));
    runtime.block_on(target.close());
}

#[test]
fn nothing_is_expanded_here() {
    // Cargo gives it to this process; a session's shell is started with nothing.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    for shell in shells() {
        let (runtime, target) = target(&shell, options(&shell));
        let output = target.run(b"echo \"<$CARGO_MANIFEST_DIR>\"").expect("the way is open").expect("it runs");
        assert_eq!(output.stdout, b"<>\n", "{shell:?}");
        runtime.block_on(target.close());
    }
}
