//! Exec: streams and exit codes exact to the byte, on both protocols, and every way it can be refused.

use std::time::Duration;

use futures::FutureExt;
use k8s_openapi::api::core::v1::Pod as PodObject;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Api;
use kube::api::{AttachParams, TerminalSize};
use plimsoll_testkit::{
    Container, ExecProtocol, LocalProcess, NoPrograms, Pod, PodState, Server, ServerConfig, StartFailure,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{client, server_with_pod};

/// What one exec gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) status: Option<Status>,
}

impl Outcome {
    pub(crate) fn code(&self) -> Option<i32> {
        let status = self.status.as_ref()?;
        if status.status.as_deref() == Some("Success") {
            return Some(0);
        }
        let causes = status.details.as_ref()?.causes.as_ref()?;
        causes.iter().find(|cause| cause.reason.as_deref() == Some("ExitCode"))?.message.as_ref()?.parse().ok()
    }
}

pub(crate) fn params() -> AttachParams {
    AttachParams::default().max_stdout_buf_size(65536).max_stderr_buf_size(65536)
}

pub(crate) async fn pods(server: &Server, user: &str) -> Api<PodObject> {
    Api::namespaced(client(server, user).await, "default")
}

/// Run a command; stdin is given in one go and then closed (where the protocol can).
pub(crate) async fn run(server: &Server, command: &[&str], stdin: Option<&[u8]>) -> Result<Outcome, kube::Error> {
    let params = params().stdin(stdin.is_some());
    let mut process = pods(server, "admin").await.exec("web", command.iter().copied(), &params).await?;
    let status = process.take_status().expect("nobody took it before");
    let (mut stdout, mut stderr) = (process.stdout().unwrap(), process.stderr().unwrap());
    let writer = process.stdin();
    let mut outcome = Outcome::default();
    let write = async {
        if let (Some(mut writer), Some(stdin)) = (writer, stdin) {
            let _ = writer.write_all(stdin).await;
            let _ = writer.shutdown().await;
        }
    };
    let talk =
        async { tokio::join!(stdout.read_to_end(&mut outcome.stdout), stderr.read_to_end(&mut outcome.stderr), write) };
    // After a broken connection kube never ends the streams: only the missing status tells.
    let status = status.shared();
    let lost = async {
        match status.clone().await {
            None => tokio::time::sleep(Duration::from_millis(200)).await,
            Some(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = talk => {}
        () = lost => {}
    }
    outcome.status = status.await;
    Ok(outcome)
}

fn protocol(protocol: ExecProtocol) -> ServerConfig {
    ServerConfig { exec_protocols: vec![protocol], ..ServerConfig::default() }
}

#[tokio::test]
async fn streams_and_exit_codes_are_exact_on_both_protocols() {
    for offered in [ExecProtocol::V5, ExecProtocol::V4] {
        let server = server_with_pod(protocol(offered)).await;
        let outcome =
            run(&server, &["sh", "-c", "printf ' out\\0\\n\\n'; printf 'err ' >&2; exit 7"], None).await.unwrap();
        assert_eq!(outcome.stdout, b" out\0\n\n");
        assert_eq!(outcome.stderr, b"err ");
        assert_eq!(outcome.code(), Some(7));
        let status = outcome.status.unwrap();
        assert_eq!(status.reason.as_deref(), Some("NonZeroExitCode"));
        assert_eq!(
            status.message.as_deref(),
            Some("command terminated with non-zero exit code: command terminated with exit code 7")
        );
        let outcome = run(&server, &["true"], None).await.unwrap();
        assert_eq!((outcome.code(), outcome.stdout.len(), outcome.stderr.len()), (Some(0), 0, 0));
        let outcome = run(&server, &["sh", "-c", "kill -9 $$"], None).await.unwrap();
        assert_eq!(outcome.code(), Some(137));
        server.shutdown().await;
    }
}

#[tokio::test]
async fn large_output_arrives_whole_in_frames_of_any_size() {
    for frame in [1000, 65536] {
        let server = server_with_pod(ServerConfig { exec_frame_bytes: frame, ..ServerConfig::default() }).await;
        let script = "head -c 1000000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >&2";
        let outcome = run(&server, &["sh", "-c", script], None).await.unwrap();
        assert!(outcome.stdout.len() == 1_000_000 && outcome.stdout.iter().all(|byte| *byte == b'x'));
        assert!(outcome.stderr.len() == 300_000 && outcome.stderr.iter().all(|byte| *byte == b'y'));
        assert_eq!(outcome.code(), Some(0));
        server.shutdown().await;
    }
}

#[tokio::test]
async fn v5_closes_stdin_alone() {
    let server = server_with_pod(protocol(ExecProtocol::V5)).await;
    let input = vec![b'z'; 200_000];
    let outcome = run(&server, &["sh", "-c", "cat; echo done >&2; exit 3"], Some(&input)).await.unwrap();
    assert_eq!(outcome.stdout, input);
    assert_eq!(outcome.stderr, b"done\n");
    assert_eq!(outcome.code(), Some(3));
    server.shutdown().await;
}

#[tokio::test]
async fn v4_loses_the_status_when_stdin_is_closed_but_not_when_the_shell_exits() {
    let server = server_with_pod(protocol(ExecProtocol::V4)).await;
    let outcome = run(&server, &["sh", "-c", "cat; sleep 5; exit 3"], Some(b"abc")).await.unwrap();
    assert_eq!(outcome.code(), None);
    let mut shell = pods(&server, "admin").await.exec("web", ["sh"], &params().stdin(true)).await.unwrap();
    let status = shell.take_status().unwrap();
    let mut stdin = shell.stdin().unwrap();
    stdin.write_all(b"echo hello\nexit 5\n").await.unwrap();
    let mut output = String::new();
    shell.stdout().unwrap().read_to_string(&mut output).await.unwrap();
    assert_eq!(output, "hello\n");
    let outcome = Outcome { status: status.await, ..Outcome::default() };
    assert_eq!(outcome.code(), Some(5));
    server.shutdown().await;
}

#[tokio::test]
async fn a_terminal_joins_the_streams_and_knows_its_size() {
    let server = server_with_pod(ServerConfig::default()).await;
    let script = "read ready; stty size; test -t 0 && echo terminal; echo err >&2; exit 4";
    let params = AttachParams::interactive_tty();
    let mut process = pods(&server, "admin").await.exec("web", ["sh", "-c", script], &params).await.unwrap();
    let status = process.take_status().unwrap();
    let mut resize = process.terminal_size().unwrap();
    futures::SinkExt::send(&mut resize, TerminalSize { width: 101, height: 33 }).await.unwrap();
    let mut stdin = process.stdin().unwrap();
    // Sizes and input travel on their own channels: give the size a head start.
    tokio::time::sleep(Duration::from_millis(100)).await;
    stdin.write_all(b"go\n").await.unwrap();
    let mut output = String::new();
    process.stdout().unwrap().read_to_string(&mut output).await.unwrap();
    assert_eq!(output, "go\r\n33 101\r\nterminal\r\nerr\r\n");
    assert_eq!(Outcome { status: status.await, ..Outcome::default() }.code(), Some(4));
    server.shutdown().await;
}

#[tokio::test]
async fn a_process_dies_with_its_connection_and_with_the_server() {
    let server = server_with_pod(ServerConfig::default()).await;
    let directory = tempfile::tempdir().unwrap();
    let start = async |name: &str| {
        let file = directory.path().join(name);
        let script = format!("sleep 1000 & echo $! > {0}.tmp; mv {0}.tmp {0}; wait", file.display());
        let process = pods(&server, "admin").await.exec("web", ["sh", "-c", &script], &params()).await.unwrap();
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (process, std::fs::read_to_string(file).unwrap().trim().to_owned())
    };
    let gone = async |pid: &str| {
        let state = format!("/proc/{pid}/stat");
        for _ in 0..400 {
            match std::fs::read_to_string(&state) {
                Ok(stat) if !stat.contains(") Z ") => tokio::time::sleep(Duration::from_millis(5)).await,
                _ => return true,
            }
        }
        false
    };
    let (process, pid) = start("a").await;
    drop(process);
    assert!(gone(&pid).await, "the process outlived its connection");
    let (_process, pid) = start("b").await;
    server.shutdown().await;
    assert!(gone(&pid).await, "the process outlived the server");
}

/// The status and message of an exec that is refused before the upgrade.
async fn refused(server: &Server, path: &str) -> (u16, String) {
    let client = client(server, "admin").await;
    let request = http::Request::get(format!("/api/v1/namespaces/default/pods/{path}"))
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", "v5.channel.k8s.io")
        .body(Vec::new())
        .unwrap();
    crate::refusal(client.request_text(request).await)
}

#[tokio::test]
async fn wrong_targets_are_refused_each_in_its_own_words() {
    let server = server_with_pod(ServerConfig::default()).await;
    let two = Pod::new("two").container(Container::new("a", NoPrograms)).container(Container::new("b", NoPrograms));
    server.add_pod(&two.container(Container::new("setup", NoPrograms).init()));
    let states = [
        ("pending", PodState::Pending { reason: "ImagePullBackOff".into(), message: "Back-off".into() }),
        ("crashing", PodState::CrashLoopBackOff(1)),
        ("done", PodState::Succeeded),
        ("homeless", PodState::Unscheduled),
    ];
    for (name, state) in states {
        server.add_pod(&Pod::new(name).state(state).container(Container::new("app", NoPrograms)));
    }
    let cases = [
        ("missing/exec?command=ls&stdout=true", 404, "pods \"missing\" not found"),
        ("web/exec?container=x&command=ls&stdout=true", 400, "container x is not valid for pod web"),
        (
            "two/exec?command=ls&stdout=true",
            400,
            "a container name must be specified for pod two, choose one of: [a b] or one of the init containers: [setup]",
        ),
        ("web/exec?command=ls", 400, "you must specify at least 1 of stdin, stdout, stderr"),
        ("homeless/exec?command=ls&stdout=true", 400, "pod homeless does not have a host assigned"),
        (
            "pending/exec?command=ls&stdout=true",
            500,
            "Internal error occurred: unable to upgrade connection: container not found (\"app\")",
        ),
        (
            "crashing/exec?command=ls&stdout=true",
            500,
            "Internal error occurred: unable to upgrade connection: container not found (\"app\")",
        ),
    ];
    for (path, code, message) in cases {
        assert_eq!(refused(&server, path).await, (code, message.to_owned()), "{path}");
    }
    let (code, message) = refused(&server, "done/exec?command=ls&stdout=true").await;
    assert_eq!(code, 500);
    assert!(message.ends_with("is in CONTAINER_EXITED state"), "{message}");
    let (code, message) = refused(&server, "two/exec?container=a&command=/bin/sh&stdout=true").await;
    assert_eq!(code, 500);
    assert!(message.contains(r#"exec: "/bin/sh": stat /bin/sh: no such file or directory"#), "{message}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_pod_changes_its_state_and_keeps_its_identity() {
    let server = server_with_pod(ServerConfig::default()).await;
    let api = pods(&server, "admin").await;
    let before = api.get("web").await.unwrap();
    let pod = Pod::new("web").container(Container::new("app", LocalProcess::new("/tmp")));
    server.set_pod_state(&pod, PodState::CrashLoopBackOff(3));
    let after = api.get("web").await.unwrap();
    assert_eq!(after.metadata.uid, before.metadata.uid);
    let statuses = after.status.unwrap().container_statuses.unwrap();
    let ended = statuses[0].last_state.as_ref().unwrap().terminated.as_ref().unwrap();
    assert_eq!((ended.exit_code, statuses[0].ready), (3, false));
    assert_eq!(crate::refusal(run(&server, &["true"], None).await).0, 500);
    server.set_pod_state(&pod, PodState::Terminating);
    assert!(api.get("web").await.unwrap().metadata.deletion_timestamp.is_some());
    assert_eq!(run(&server, &["true"], None).await.unwrap().code(), Some(0));
    server.shutdown().await;
}

#[tokio::test]
async fn a_stopped_server_takes_no_connections() {
    for wait in [true, false] {
        let server = server_with_pod(ServerConfig::default()).await;
        let address = server.url().trim_start_matches("https://").to_owned();
        tokio::net::TcpStream::connect(&address).await.unwrap();
        if wait {
            server.shutdown().await;
        } else {
            drop(server);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(tokio::net::TcpStream::connect(&address).await.is_err());
    }
}

#[tokio::test]
async fn a_missing_shell_can_be_told_on_the_error_channel() {
    let config = ServerConfig { start_failure: StartFailure::ErrorChannel, ..ServerConfig::default() };
    let server = Server::start(config).await.unwrap();
    server.add_pod(&Pod::new("web").container(Container::new("app", NoPrograms)));
    let outcome = run(&server, &["sh"], None).await.unwrap();
    let status = outcome.status.unwrap();
    assert_eq!((status.code, status.reason.as_deref()), (Some(500), Some("InternalError")));
    let message = status.message.unwrap();
    assert!(message.contains(r#"exec: "sh": executable file not found in $PATH"#), "{message}");
    server.shutdown().await;
}

#[tokio::test]
async fn the_environment_is_the_containers_and_not_this_machines() {
    let server = Server::start(ServerConfig::default()).await.unwrap();
    let runtime = LocalProcess::new("/").env("PATH", "/usr/bin:/bin").env("GREETING", "hello");
    server.add_pod(&Pod::new("web").container(Container::new("app", runtime)));
    let outcome = run(&server, &["env"], None).await.unwrap();
    let mut lines: Vec<&str> = std::str::from_utf8(&outcome.stdout).unwrap().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["GREETING=hello", "PATH=/usr/bin:/bin"]);
    server.shutdown().await;
}

#[tokio::test]
async fn from_1_35_on_a_websocket_needs_create_as_well() {
    for (minor, verbs, fits) in [(34, vec!["get"], true), (35, vec!["get"], false), (35, vec!["get", "create"], true)] {
        let server = server_with_pod(ServerConfig { minor_version: minor, ..ServerConfig::default() }).await;
        let group = "rbac.authorization.k8s.io";
        server.add(&json!({
            "apiVersion": format!("{group}/v1"), "kind": "Role", "metadata": { "name": "dev" },
            "rules": [{ "apiGroups": [""], "resources": ["pods/exec"], "verbs": verbs }],
        }));
        server.add(&json!({
            "apiVersion": format!("{group}/v1"), "kind": "RoleBinding", "metadata": { "name": "dev" },
            "roleRef": { "apiGroup": group, "kind": "Role", "name": "dev" },
            "subjects": [{ "kind": "User", "name": "dev", "apiGroup": group }],
        }));
        let result = pods(&server, "dev").await.exec("web", ["true"], &params()).await;
        assert_eq!(result.is_ok(), fits, "1.{minor} {verbs:?}");
        let status = server.requests().last().unwrap().status;
        assert_eq!(status, Some(if fits { 101 } else { 403 }));
        drop(result);
        server.shutdown().await;
    }
}
