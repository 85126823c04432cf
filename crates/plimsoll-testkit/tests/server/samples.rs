//! The sample containers: what is in them, what is not, and that nothing of them stays.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_testkit::{
    Container, ContainerRuntime, Isolation, Pod, SampleContainer, SampleError, SampleKind, Server, ServerConfig,
    sample_root,
};

use crate::exec::run;

/// Start a sample; `None` where the kernel refuses, after a look at what the refusal says.
fn start(kind: SampleKind) -> Option<SampleContainer> {
    let root = sample_root(kind).expect("this machine has a shell and tools");
    match root.start() {
        Ok(container) => Some(container),
        Err(error @ SampleError::Unsupported { .. }) => {
            let text = error.to_string();
            assert!(text.contains("run as root") && text.contains("tried: "), "{text}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The stdout of a shell script in a container.
fn sh(container: &SampleContainer, script: &str) -> String {
    let command = ["sh", "-c", script].map(ToOwned::to_owned);
    let output = container.prepare(&command).unwrap().stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_container_is_root_alone_with_its_own_files() {
    for kind in [SampleKind::Web, SampleKind::Legacy] {
        let Some(container) = start(kind) else { return };
        assert_eq!(sh(&container, "id -u"), "0\n");
        assert_eq!(sh(&container, "pwd; ls -d /work /var/cache/apt /etc/init.d 2>/dev/null; :"), "/\n");
        assert_eq!(sh(&container, "stat -c '%U:%G %a' /etc/passwd /tmp"), "root:root 644\nroot:root 1777\n");
        assert!(sh(&container, "find / -xdev -type f | wc -l").trim().parse::<u32>().unwrap() > 50);
        if container.isolation() == Isolation::Namespaces {
            let name = if kind == SampleKind::Web { "web" } else { "legacy" };
            // Setting it takes the tool of that name.
            if Command::new("hostname").stdout(Stdio::null()).status().is_ok() {
                assert_eq!(sh(&container, "uname -n"), format!("{name}\n"));
            }
            assert!(sh(&container, "tr '\\0' ' ' < /proc/1/cmdline").starts_with("/bin/sh /usr/local/bin/"));
            // Headers alone: no socket of this machine is seen.
            assert_eq!(sh(&container, "cat /proc/net/tcp").lines().count(), 1);
            assert_eq!(sh(&container, "echo x > /dev/null; cat /dev/null; head -c 3 /dev/zero | wc -c"), "3\n");
        }
    }
}

#[test]
fn the_environment_is_the_containers() {
    let Some(container) = start(SampleKind::Legacy) else { return };
    let environment = sh(&container, "env | sort");
    let names: Vec<&str> = environment.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    // PWD is the shell's own doing.
    assert_eq!(names, ["DB_HOST", "DB_PASSWORD", "HOSTNAME", "PATH", "PWD"]);
    if container.isolation() == Isolation::Namespaces {
        let first = sh(&container, "tr '\\0' '\\n' < /proc/1/environ | sort");
        assert!(!first.contains("CARGO") && first.contains("DB_PASSWORD=sample"), "{first}");
    }
}

#[test]
fn the_poor_one_has_findings_and_the_decent_one_has_not() {
    let findings = "find / -xdev -type f -perm -4000; find / -xdev -type f -perm -0002; \
                    awk -F: '$3 == 0 {print $1}' /etc/passwd; awk -F: '$2 == \"\" {print $1}' /etc/shadow; \
                    grep -x 'Package: openssh-server' /var/lib/dpkg/status; :";
    let Some(web) = start(SampleKind::Web) else { return };
    assert_eq!(sh(&web, findings), "root\n");
    let Some(legacy) = start(SampleKind::Legacy) else { return };
    assert_eq!(
        sh(&legacy, findings),
        "/usr/local/bin/rootsh\n/etc/app.conf\nroot\ntoor\nguest\nPackage: openssh-server\n"
    );
}

#[test]
fn the_decent_ones_first_process_has_the_capabilities_of_a_runtime() {
    let Some(web) = start(SampleKind::Web) else { return };
    let setpriv = Command::new("setpriv").arg("--version").stdout(Stdio::null()).status();
    if web.isolation() != Isolation::Namespaces || !setpriv.is_ok_and(|status| status.success()) {
        return;
    }
    let status = sh(&web, "grep -E '^(CapEff|NoNewPrivs):' /proc/1/status");
    assert_eq!(status.split_whitespace().collect::<Vec<_>>(), ["CapEff:", "00000000a80425fb", "NoNewPrivs:", "1"]);
}

#[test]
fn dropping_leaves_no_process_and_no_file() {
    let Some(container) = start(SampleKind::Web) else { return };
    let path = container.path().to_owned();
    assert!(path.join("etc/passwd").exists());
    // A process that outlives the command that started it. Without a process namespace only an exec session ends those.
    if container.isolation() == Isolation::Namespaces {
        sh(&container, "sleep 4242 > /dev/null 2>&1 &");
    }
    drop(container);
    assert!(!path.exists());
    assert!(gone(|| !running("sleep 4242")), "a process of the container is still there");
}

#[test]
fn the_root_alone_is_removed_as_well() {
    let root = sample_root(SampleKind::Legacy).unwrap();
    let path = root.path().to_owned();
    assert!(path.join("usr/bin/sh").exists());
    drop(root);
    assert!(!path.exists());
}

/// Is there a process with exactly this command line?
fn running(command: &str) -> bool {
    let wanted = command.replace(' ', "\0") + "\0";
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).any(|line| line == wanted.as_bytes())
}

fn gone(condition: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        if condition() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

/// Not a test of its own: the process that `even_sigkill_leaves_nothing` kills.
#[test]
#[ignore = "started by even_sigkill_leaves_nothing"]
fn holder_of_a_container() {
    let Some(container) = start(SampleKind::Web) else { return };
    let mut stdout = std::io::stdout();
    writeln!(stdout, "holding {}", container.path().display()).unwrap();
    stdout.flush().unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn even_sigkill_leaves_nothing() {
    let this = std::env::current_exe().unwrap();
    let mut holder = Command::new(this)
        .args(["samples::holder_of_a_container", "--exact", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines().map_while(Result::ok);
    let path = lines.find_map(|line| Some(line.split_once("holding ")?.1.to_owned()));
    holder.kill().unwrap();
    holder.wait().unwrap();
    // Nothing was held where the kernel refuses.
    let Some(path) = path else { return };
    assert!(gone(|| !Path::new(&path).exists()), "{path} is still there");
}

#[tokio::test]
async fn a_real_client_executes_in_a_sample() {
    let Some(container) = start(SampleKind::Web) else { return };
    let path = container.path().to_owned();
    let server = Server::start(ServerConfig::default()).await.unwrap();
    server.add_pod(&Pod::new("web").container(Container::shared("app", Arc::new(container))));
    let outcome =
        run(&server, &["sh", "-c", ". /etc/os-release; echo $ID $VERSION_ID; cat; exit 9"], Some(b"in")).await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.stdout.as_slice(), outcome.code()), (&b"debian 12\nin"[..], Some(9)));
    let (code, message) = crate::refusal(run(&server, &["/bin/nothing"], None).await);
    assert_eq!(code, 500);
    assert!(message.contains("stat /bin/nothing: no such file or directory"), "{message}");
    server.shutdown().await;
    assert!(!path.exists());
}
