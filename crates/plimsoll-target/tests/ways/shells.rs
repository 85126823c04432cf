//! Shell sessions with every shell of this machine.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use plimsoll_target::{
    Answer, Command, FileError, LocalTarget, Output, Request, RunError, ShellOptions, ShellSession, ShellStreams,
    ShellTarget, StartError, Target, TargetInfo, TransportError,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;

use crate::local_shells::{open, options, program, shells, spawn, streams, target};

fn run(line: impl AsRef<[u8]>) -> Request {
    Request::Run(Command::new(line.as_ref()))
}

fn ran(stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>, exit_status: i32) -> Answer {
    Answer::Run(Ok(Output { stdout: stdout.as_ref().to_vec(), stderr: stderr.as_ref().to_vec(), exit_status }))
}

#[tokio::test]
async fn every_byte_of_a_line_arrives() {
    let bytes: Vec<u8> = (1..=255).filter(|byte| *byte != b'\'').collect();
    let line = [b"printf %s '".as_slice(), &bytes, b"'"].concat();
    for shell in shells() {
        let mut session = open(&shell).await;
        assert_eq!(session.ask(&[run(&line)]).await.unwrap()[0], ran(&bytes, "", 0), "{shell:?}");
        let nul = session.ask(&[run(b"echo a\0b")]).await.unwrap();
        assert!(matches!(&nul[0], Answer::Run(Err(RunError::Unavailable(why))) if why.contains("NUL")));
        session.close().await;
    }
}

#[tokio::test]
async fn the_nonce_is_nowhere_to_be_seen() {
    for shell in shells() {
        let mut session = open(&shell).await;
        let line =
            "cat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline /proc/$PPID/environ; env; ls -l /proc/$$/fd";
        let Answer::Run(Ok(output)) = &session.ask(&[run(line)]).await.unwrap()[0] else { unreachable!() };
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("environ") && text.contains("PATH="), "{text}");
        let hex = text.split(|letter: char| !letter.is_ascii_hexdigit()).map(str::len).max();
        assert!(hex < Some(32), "{shell:?}: {text}");
        assert!(!text.contains("plimsoll_"), "{shell:?}: {text}");
        // Only stdin, stdout, stderr and the directory that `ls` reads.
        assert!(!text.contains(" 8 -> ") && !text.contains(" 9 -> "), "{shell:?}: {text}");
        session.close().await;
    }
}

#[tokio::test]
async fn large_output_arrives_whole_while_more_is_asked() {
    // One shell shows that it works for much, the others that it works for them.
    for (shell, large) in shells().iter().zip([64 << 20, 4 << 20, 4 << 20, 4 << 20]) {
        let mut session = open(shell).await;
        let mut requests = vec![run(format!("head -c {large} /dev/zero")), run("head -c 300000 /dev/zero >&2; echo x")];
        requests.extend((0..200).map(|number| run(format!("echo {number} '{}'", "z".repeat(300)))));
        let answers = session.ask(&requests).await.unwrap();
        let Answer::Run(Ok(zeros)) = &answers[0] else { panic!("{:?}", answers[0]) };
        assert!(zeros.stdout == vec![0; large], "{} of {large} bytes", zeros.stdout.len());
        let Answer::Run(Ok(stderr)) = &answers[1] else { panic!("{:?}", answers[1]) };
        assert_eq!((stderr.stderr.len(), stderr.stdout.as_slice()), (300_000, b"x\n".as_slice()));
        for (number, answer) in answers[2..].iter().enumerate() {
            assert_eq!(answer, &ran(format!("{number} {}\n", "z".repeat(300)), "", 0));
        }
        session.close().await;
    }
}

/// A transport that carries all streams by one task through pipes of 64 bytes, as an exec connection does at worst.
async fn carry_over_one_connection(mut child: Child, remote: [tokio::io::DuplexStream; 3]) {
    let [mut stdin, mut stdout, mut stderr] = remote;
    let (mut to, mut out, mut err) =
        (child.stdin.take().unwrap(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (mut input, mut one, mut two) = ([0; 4096], [0; 4096], [0; 4096]);
    loop {
        // What arrived is passed on before anything else is looked at.
        tokio::select! {
            length = stdin.read(&mut input) => match length.unwrap() {
                0 => break,
                length => to.write_all(&input[..length]).await.unwrap(),
            },
            length = out.read(&mut one) => match length.unwrap() {
                0 => break,
                length => stdout.write_all(&one[..length]).await.unwrap(),
            },
            length = err.read(&mut two) => match length.unwrap() {
                0 => break,
                length => stderr.write_all(&two[..length]).await.unwrap(),
            },
        }
    }
}

#[tokio::test]
async fn a_narrow_connection_does_not_stand_still() {
    let shell = &shells()[0];
    let (near, far): (Vec<_>, Vec<_>) = (0..3).map(|_| tokio::io::duplex(64)).unzip();
    let pump = tokio::spawn(carry_over_one_connection(spawn(shell), far.try_into().unwrap()));
    let [stdin, stdout, stderr] = near.try_into().unwrap();
    let mut session = ShellSession::start(ShellStreams::new(stdin, stdout, stderr), options(shell)).await.unwrap();
    let requests: Vec<Request> =
        (0..20).map(|_| run("head -c 20000 /dev/zero >&2; head -c 20000 /dev/zero; echo err >&2")).collect();
    let answers = tokio::time::timeout(Duration::from_secs(30), session.ask(&requests)).await.unwrap().unwrap();
    for answer in answers {
        let Answer::Run(Ok(output)) = answer else { panic!("{answer:?}") };
        assert_eq!((output.stdout.len(), output.stderr.len()), (20_000, 20_004));
    }
    session.close().await;
    pump.await.unwrap();
}

#[tokio::test]
async fn a_background_child_neither_holds_up_nor_mixes_in() {
    for shell in shells() {
        let mut session = open(&shell).await;
        let start = Instant::now();
        let answers = session.ask(&[run("sleep 5 & echo hi")]).await.unwrap();
        assert_eq!(answers, [ran("hi\n", "", 0)], "{shell:?}");
        assert!(start.elapsed() < Duration::from_secs(3), "{shell:?}");
        session.close().await;
    }
}

#[test]
fn what_a_background_child_writes_late_is_in_no_answer() {
    for shell in shells() {
        let (runtime, target) = target(&shell, options(&shell));
        let requests =
            [run("(sleep 0.1; echo late; echo late >&2) & echo one"), run("sleep 0.3; echo two"), run("echo three")];
        let answers = target.ask(&requests).unwrap();
        assert_eq!(answers, [ran("one\n", "", 0), ran("two\n", "", 0), ran("three\n", "", 0)], "{shell:?}");
        assert_eq!(target.sessions(), 2, "{shell:?}");
        runtime.block_on(target.close());
    }
}

/// Whether a process is there and not just waiting to be collected.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[test]
fn a_timeout_ends_the_command_and_its_children_and_no_more() {
    for shell in shells() {
        let (runtime, target) = target(&shell, options(&shell));
        let directory = tempfile::tempdir().unwrap();
        let pids = directory.path().join("pids");
        let line = format!("echo $$ >{0}; sleep 31 & echo $! >>{0}; sleep 32; true", pids.display());
        let slow = Command { line: line.into(), timeout: Some(Duration::from_millis(300)) };
        let start = Instant::now();
        let answers = target.ask(&[run("echo before"), Request::Run(slow), run("echo after")]).unwrap();
        let timed_out = Answer::Run(Err(RunError::TimedOut(Duration::from_millis(300))));
        assert_eq!(answers, [ran("before\n", "", 0), timed_out, ran("after\n", "", 0)], "{shell:?}");
        assert!(start.elapsed() < Duration::from_secs(20), "{shell:?}");
        assert_eq!(target.run(b"echo more").unwrap().unwrap().stdout, b"more\n");
        let pids = std::fs::read_to_string(pids).unwrap();
        assert_eq!(pids.lines().count(), 2, "{shell:?}");
        let deadline = Instant::now() + Duration::from_secs(3);
        while pids.lines().any(runs) {
            assert!(Instant::now() < deadline, "{shell:?}: something of {pids} still runs");
            std::thread::sleep(Duration::from_millis(20));
        }
        runtime.block_on(target.close());
    }
}

/// Shells whose connection can be cut as the death of this process would cut it: their stdin ends, and nothing else.
struct Cuttable {
    shell: Vec<String>,
    carriers: Mutex<Vec<tokio::task::AbortHandle>>,
    cut: AtomicBool,
}

impl Cuttable {
    fn streams(&self) -> Result<ShellStreams, TransportError> {
        if self.cut.load(Ordering::SeqCst) {
            return Err(TransportError::new("cut"));
        }
        let mut child = program(&self.shell).kill_on_drop(false).spawn().unwrap();
        let (near, mut far) = tokio::io::duplex(65536);
        let mut stdin = child.stdin.take().unwrap();
        let carrier = tokio::spawn(async move { tokio::io::copy(&mut far, &mut stdin).await });
        self.carriers.lock().unwrap().push(carrier.abort_handle());
        Ok(ShellStreams::new(near, child.stdout.take().unwrap(), child.stderr.take().unwrap()).keeping(child))
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        self.carriers.lock().unwrap().iter().for_each(tokio::task::AbortHandle::abort);
    }
}

#[test]
fn a_long_command_ends_with_whoever_asked_for_it() {
    for shell in shells() {
        let directory = tempfile::tempdir().unwrap();
        let begun = directory.path().join("begun");
        let connection =
            Arc::new(Cuttable { shell: shell.clone(), carriers: Mutex::default(), cut: AtomicBool::default() });
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let connect = {
            let connection = Arc::clone(&connection);
            Box::new(move || {
                let streams = connection.streams();
                Box::pin(async move { streams }) as std::pin::Pin<Box<_>>
            })
        };
        let info = TargetInfo { channel: "test".into(), uri: "test".into(), id: None };
        let options = ShellOptions { guard_after: Duration::from_millis(50), ..options(&shell) };
        let target = runtime.block_on(ShellTarget::connect(info, options, connect)).unwrap();
        let line = format!("echo $$ >{0}.new; mv {0}.new {0}; sleep 60; touch {0}.late", begun.display());
        let asked = std::thread::spawn(move || target.run(line.as_bytes()));
        let start = Instant::now();
        while !begun.exists() || connection.carriers.lock().unwrap().len() < 2 {
            assert!(start.elapsed() < Duration::from_secs(20), "{shell:?}: no second session");
            std::thread::sleep(Duration::from_millis(5));
        }
        // The guard has its order a moment later.
        std::thread::sleep(Duration::from_millis(200));
        connection.cut();
        let pid = std::fs::read_to_string(&begun).unwrap();
        while runs(pid.trim()) {
            assert!(start.elapsed() < Duration::from_secs(30), "{shell:?}: the command goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(asked.join().unwrap().is_err());
    }
}

#[test]
fn output_without_end_is_ended() {
    let shell = &shells()[0];
    let (runtime, target) = target(shell, ShellOptions { max_output: 100_000, ..options(shell) });
    let answers = target.ask(&[run("yes"), run("head -c 100000 /dev/zero"), run("yes >&2")]).unwrap();
    assert_eq!(answers[0], Answer::Run(Err(RunError::TooLarge(100_000))));
    assert!(matches!(&answers[1], Answer::Run(Ok(output)) if output.stdout.len() == 100_000));
    assert_eq!(answers[2], Answer::Run(Err(RunError::TooLarge(100_000))));
    runtime.block_on(target.close());
}

#[test]
fn a_command_that_kills_the_session_is_a_transport_error_after_one_retry() {
    for shell in shells() {
        let (runtime, target) = target(&shell, options(&shell));
        let error = target.ask(&[run("echo before"), run("kill -9 $PPID; sleep 0.3")]).unwrap_err();
        assert!(error.message.contains("kill -9 $PPID") && error.message.contains("lost twice"), "{error}");
        assert_eq!(target.sessions(), 2, "{shell:?}");
        assert_eq!(target.run(b"echo again").unwrap().unwrap().stdout, b"again\n");
        runtime.block_on(target.close());
    }
}

#[test]
fn a_session_lost_by_chance_is_replaced_unseen() {
    let shell = &shells()[0];
    let directory = tempfile::tempdir().unwrap();
    let (runtime, target) = target(shell, options(shell));
    let line = format!("mkdir {}/once 2>/dev/null && kill -9 $PPID; echo here", directory.path().display());
    let answers = target.ask(&[run("echo before"), run(line), run("echo after")]).unwrap();
    assert_eq!(answers, [ran("before\n", "", 0), ran("here\n", "", 0), ran("after\n", "", 0)]);
    assert_eq!(target.sessions(), 2);
    runtime.block_on(target.close());
}

#[tokio::test]
async fn a_stream_that_ends_early_is_never_an_answer() {
    let shell = &shells()[0];
    let mut session = open(shell).await;
    let interrupted = session.ask(&[run("echo one"), run("echo half; kill -9 $PPID"), run("true")]).await.unwrap_err();
    assert_eq!(interrupted.answers, [Some(ran("one\n", "", 0)), None, None]);
    assert!(interrupted.lost.unwrap().message.contains("echo half; kill -9 $PPID"));
    assert!(session.ask(&[run("true")]).await.is_err());
}

#[tokio::test]
async fn a_start_that_fails_says_why() {
    let mut child = tokio::process::Command::new("sh");
    child.args(["-c", "echo 'exec: no such file' >&2; exit 127"]);
    child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = ShellSession::start(streams(child.spawn().unwrap()), ShellOptions::default()).await.err().unwrap();
    assert_eq!(ended, StartError::Ended { stderr: "exec: no such file".into() });

    let mut silent = tokio::process::Command::new("sleep");
    silent.arg("60").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let patience = Duration::from_millis(100);
    let options = ShellOptions { start_timeout: patience, ..ShellOptions::default() };
    let late = ShellSession::start(streams(silent.spawn().unwrap()), options).await.err().unwrap();
    assert_eq!(late, StartError::TimedOut(patience));
}

#[tokio::test]
async fn closing_ends_the_shell_by_itself() {
    for shell in shells() {
        let mut child = spawn(&shell);
        let streams =
            ShellStreams::new(child.stdin.take().unwrap(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let mut session = ShellSession::start(streams, options(&shell)).await.unwrap();
        assert_eq!(session.ask(&[run("echo hi")]).await.unwrap(), [ran("hi\n", "", 0)]);
        session.close().await;
        assert!(child.wait().await.unwrap().success(), "{shell:?}");
    }
}

#[tokio::test]
async fn an_odd_environment_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let noisy = directory.path().join("noisy.sh");
    std::fs::write(&noisy, "echo noise; echo noise >&2; set -u").unwrap();
    for shell in shells() {
        for path in [None, Some(""), Some("/nonexistent")] {
            let mut program = program(&shell);
            program
                .env_remove("PATH")
                .env("ENV", &noisy)
                .env("BASH_ENV", &noisy)
                .env("IFS", "e")
                .env("LC_ALL", "de_DE");
            if let Some(path) = path {
                program.env("PATH", path);
            }
            let mut session = ShellSession::start(streams(program.spawn().unwrap()), options(&shell)).await.unwrap();
            assert!(session.facts().has("stat") && session.facts().uid.is_some(), "{shell:?} {path:?}");
            let requests = [
                Request::Stat { path: b"/etc/passwd".to_vec(), follow: false },
                Request::Read { path: b"/etc/passwd".to_vec() },
                Request::List { path: b"/etc".to_vec() },
                Request::Read { path: b"/nowhere".to_vec() },
            ];
            let answers = session.ask(&requests).await.unwrap();
            assert_eq!(answers, LocalTarget::new().ask(&requests).unwrap(), "{shell:?} {path:?}");
            let Answer::Run(Ok(output)) = &session.ask(&[run("echo \"$LC_ALL\"")]).await.unwrap()[0] else {
                unreachable!()
            };
            assert!(output.stdout.ends_with(b"de_DE\n"), "{shell:?} {path:?}: {output:?}");
            session.close().await;
        }
    }
}

fn stat(path: &[u8], follow: bool) -> Request {
    Request::Stat { path: path.to_vec(), follow }
}

#[tokio::test]
async fn files_are_what_the_file_system_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::create_dir_all(path("dir/sub")).unwrap();
    let names =
        ["plain", "sp ace", "new\nline", "-dash", "*", "[a]", "q'uote", "back\\slash", ".hidden", "tail\n", "ü", "..x"];
    for name in names {
        std::fs::write(path("dir").join(name), format!("content of {name}\0\n\n")).unwrap();
    }
    std::fs::write(path("empty"), "").unwrap();
    let frames = format!("{0}\n{0} 0 done\n0123456789abcdef0123456789abcdef 0 here\n", "0".repeat(32));
    std::fs::write(path("frames"), frames).unwrap();
    std::fs::write(path("binary"), (0..=255).collect::<Vec<u8>>()).unwrap();
    for (to, name) in [
        ("dir/plain", "link"),
        ("missing", "dangling"),
        ("loop", "loop"),
        ("dir", "dirlink"),
        ("link", "chain"),
        ("tail\n", "odd\n"),
        ("/", "root"),
        ("dirlink/../nothere", "via"),
    ] {
        std::os::unix::fs::symlink(to, path(name)).unwrap();
    }
    std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    let mut permissions = std::fs::metadata(path("empty")).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o6751);
    std::fs::set_permissions(path("empty"), permissions).unwrap();

    let mut all: Vec<Vec<u8>> = names.iter().map(|name| path("dir").join(name)).map(bytes).collect();
    for name in [
        "",
        "dir",
        "dir/",
        "dir/sub",
        "empty",
        "frames",
        "binary",
        "link",
        "dangling",
        "loop",
        "dirlink",
        "dirlink/",
        "chain",
        "odd\n",
        "root",
        "via",
        "socket",
        "missing",
        "missing/x",
        "empty/x",
        "empty/",
        "link/x",
        "dirlink/plain",
        "dangling/x",
        "dir/./../empty",
        "root/etc",
    ] {
        all.push(bytes(path(name)));
    }
    all.extend([b"/dev/null".to_vec(), b"/".to_vec(), b"//".to_vec(), b"/proc/self/nothing".to_vec(), b"etc".to_vec()]);
    all.push([b"/".as_slice(), &[b'n'; 300]].concat());
    let mut requests = Vec::new();
    for path in &all {
        requests.push(stat(path, false));
    }
    for path in &all {
        requests.extend([
            stat(path, true),
            Request::Read { path: path.clone() },
            Request::List { path: path.clone() },
            stat(path, false),
        ]);
    }
    let truth = LocalTarget::new();
    for shell in shells() {
        let mut session = open(&shell).await;
        let answers = session.ask(&requests).await.unwrap();
        for (request, answer) in requests.iter().zip(answers) {
            let expected = truth.one(request.clone()).unwrap();
            match (&expected, &answer) {
                // The words of what no errno of ours stands for are the target's own.
                (Answer::Content(Err(FileError::Other(_))), Answer::Content(Err(FileError::Other(_)))) => {}
                (_, answer) if is_too_long(request) => {
                    assert!(format!("{answer:?}").contains("NotFound"), "{shell:?}: {answer:?}");
                }
                _ => assert_eq!(answer, expected, "{shell:?}: {request:?}"),
            }
        }
        session.close().await;
    }
}

/// The kernel's "file name too long", which a shell's test can't tell from "not there".
fn is_too_long(request: &Request) -> bool {
    let (Request::Stat { path, .. } | Request::Read { path } | Request::List { path }) = request else { return false };
    path.len() > 300
}

fn bytes(path: std::path::PathBuf) -> Vec<u8> {
    path.into_os_string().into_encoded_bytes()
}

#[tokio::test]
async fn many_stats_take_few_answers_and_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut requests = Vec::new();
    for number in 0..450 {
        let path = directory.path().join(format!("{number}-{}", "x".repeat(200)));
        if number % 3 != 0 {
            std::fs::write(&path, "y".repeat(number)).unwrap();
        }
        requests.push(stat(&bytes(path), number % 150 < 75));
    }
    let shell = &shells()[0];
    let mut session = open(shell).await;
    assert_eq!(session.ask(&requests).await.unwrap(), LocalTarget::new().ask(&requests).unwrap());
    session.close().await;
}

#[tokio::test]
async fn files_too_large_are_told_and_the_session_goes_on() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = bytes(file.path().to_path_buf());
    for shell in shells() {
        let options = ShellOptions { max_file: 1000, ..options(&shell) };
        let mut session = ShellSession::start(streams(spawn(&shell)), options).await.unwrap();
        std::fs::write(file.path(), [b'x'; 1000]).unwrap();
        let read = [Request::Read { path: path.clone() }, run("echo on")];
        assert_eq!(session.ask(&read).await.unwrap()[0], Answer::Content(Ok(vec![b'x'; 1000])), "{shell:?}");
        std::fs::write(file.path(), vec![b'x'; 1_000_000]).unwrap();
        let answers = session.ask(&read).await.unwrap();
        assert_eq!(answers, [Answer::Content(Err(FileError::TooLarge(1000))), ran("on\n", "", 0)], "{shell:?}");
        session.close().await;
    }
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_denied_and_not_missing() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::create_dir(path("closed")).unwrap();
    std::fs::write(path("closed/file"), "x").unwrap();
    std::fs::write(path("secret"), "x").unwrap();
    std::os::unix::fs::symlink("closed/file", path("link")).unwrap();
    let set = |name: &str, mode| std::fs::set_permissions(path(name), PermissionsExt::from_mode(mode)).unwrap();
    set("closed", 0o000);
    set("secret", 0o000);
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let asks_as_root = rustix::process::geteuid().is_root();
    for shell in shells() {
        let mut program = program(&shell);
        if asks_as_root {
            program.uid(65534).gid(65534);
        }
        let mut session = ShellSession::start(streams(program.spawn().unwrap()), options(&shell)).await.unwrap();
        let denied = FileError::PermissionDenied;
        for name in ["closed/file", "closed/none", "link"] {
            let path = bytes(path(name));
            let answers = session.ask(&[stat(&path, true), Request::Read { path }]).await.unwrap();
            let expected = [Answer::Stat(Err(denied.clone())), Answer::Content(Err(denied.clone()))];
            assert_eq!(answers, expected, "{shell:?} {name}");
        }
        let answers = session
            .ask(&[
                stat(&bytes(path("secret")), false),
                Request::Read { path: bytes(path("secret")) },
                Request::List { path: bytes(path("closed")) },
                Request::Read { path: bytes(path("absent")) },
            ])
            .await
            .unwrap();
        assert!(matches!(&answers[0], Answer::Stat(Ok(_))), "{shell:?}");
        let expected = [
            Answer::Content(Err(denied.clone())),
            Answer::Entries(Err(denied)),
            Answer::Content(Err(FileError::NotFound)),
        ];
        assert_eq!(answers[1..], expected, "{shell:?}");
        session.close().await;
    }
    set("closed", 0o755);
}
