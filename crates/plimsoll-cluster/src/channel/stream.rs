//! One exec: its three streams, and how it ended.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Api;
use kube::api::{AttachParams, AttachedProcess};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, SimplexStream, WriteHalf};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ChannelError;
use crate::connection::Connection;
use crate::failure::Cause;
use crate::workload::Workload;

/// kube's own pipes hold 1 KiB, which makes stdout twenty times slower than this.
const PIPE: usize = 128 * 1024;

/// How an exec ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The program ran and left this exit status.
    Exited(i32),
    /// The program was not started, in the runtime's words.
    NotStarted(String),
    /// No status came: the connection is lost. Nothing may be concluded from what arrived.
    Lost(String),
}

/// The streams of a running exec.
pub(super) struct Exec {
    /// Absent unless it was asked for.
    pub(super) stdin: Option<Outgoing>,
    pub(super) stdout: Incoming,
    pub(super) stderr: Incoming,
    pub(super) end: Ending,
}

/// Tells how an exec ended, once it has.
#[derive(Debug, Clone)]
pub(super) struct Ending(watch::Receiver<Option<End>>);

impl Ending {
    /// Waits for the end.
    pub(super) async fn wait(mut self) -> End {
        let unknown = || End::Lost("the session was given up".into());
        self.0.wait_for(Option::is_some).await.map_or_else(|_| unknown(), |end| end.clone().unwrap_or_else(unknown))
    }
}

/// Starts `command` in the container. Cancelling `closed` cuts the connection.
pub(super) async fn open(
    connection: &Connection,
    workload: &Workload,
    command: &[String],
    with_stdin: bool,
    closed: &CancellationToken,
    keepers: &TaskTracker,
) -> Result<Exec, ChannelError> {
    let pods: Api<Pod> = Api::namespaced(connection.client().clone(), &workload.namespace);
    let params = AttachParams::default()
        .container(&workload.container)
        .stdin(with_stdin)
        .stdout(true)
        .stderr(true)
        .tty(false)
        .max_stdin_buf_size(PIPE)
        .max_stdout_buf_size(PIPE)
        .max_stderr_buf_size(PIPE);
    let doing = format!("exec in container {workload}");
    let started = connection.once(&doing, pods.exec(&workload.pod, command, &params)).await;
    let mut process = started.map_err(|error| match error.cause {
        // A runtime's refusal comes as a server error of the kubelet, with its words inside.
        Cause::Server => not_started(workload, command, &error.detail).unwrap_or_else(|| error.into()),
        Cause::NotFound => ChannelError::Gone { workload: workload.to_string(), detail: error.detail },
        _ => error.into(),
    })?;
    // Taken before anything else: asked for later, a status that came first would be lost.
    let status = process.take_status();
    let (stdin, stdout, stderr) = (process.stdin(), process.stdout(), process.stderr());
    let (tell, end) = watch::channel(None);
    let end = Ending(end);
    let closed = closed.clone();
    keepers.spawn(async move {
        let _ = tell.send(Some(keep(process, status, closed).await));
    });
    let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
        return Err(lost(workload, "the client gave no streams".into()));
    };
    Ok(Exec {
        stdin: stdin.map(|pipe| Outgoing { pipe, over: Over::new(&end) }),
        stdout: Incoming { pipe: stdout, over: Over::new(&end) },
        stderr: Incoming { pipe: stderr, over: Over::new(&end) },
        end,
    })
}

fn lost(workload: &Workload, detail: String) -> ChannelError {
    ChannelError::Lost { workload: workload.to_string(), detail }
}

/// Lets an exec run until its status comes, its connection ends, or it is closed from here.
async fn keep(
    process: AttachedProcess,
    status: Option<impl Future<Output = Option<Status>>>,
    closed: CancellationToken,
) -> End {
    let status = async {
        match status {
            Some(status) => status.await,
            None => None,
        }
    };
    let status = tokio::select! {
        biased;
        status = status => status,
        () = closed.cancelled() => {
            process.abort();
            return End::Lost("it was closed from here".into());
        }
    };
    // kube's pump ends right after the status; it also knows best why there is none.
    let pumped = process.join().await;
    match (status, pumped) {
        (Some(status), _) => read_status(&status),
        (None, Err(error)) => End::Lost(error.to_string()),
        (None, Ok(())) => End::Lost("the API server closed it without an exit status".into()),
    }
}

/// What the error channel says: `Success`, an exit code among the causes, or why nothing was started.
fn read_status(status: &Status) -> End {
    if status.status.as_deref() == Some("Success") {
        return End::Exited(0);
    }
    let causes = status.details.iter().flat_map(|details| details.causes.iter().flatten());
    let mut exits = causes.filter(|cause| cause.reason.as_deref() == Some("ExitCode"));
    let exit = exits.find_map(|cause| cause.message.as_deref()?.parse().ok());
    match exit {
        Some(code) => End::Exited(code),
        None => End::NotStarted(status.message.clone().or_else(|| status.reason.clone()).unwrap_or_default()),
    }
}

/// What a runtime's words say about a program that was not started, if they say it.
pub(super) fn not_started(workload: &Workload, command: &[String], words: &str) -> Option<ChannelError> {
    let (workload, program) = (workload.to_string(), command.first().cloned().unwrap_or_default());
    let detail = words.trim().to_owned();
    let lower = words.to_ascii_lowercase();
    let says = |text: &str| lower.contains(text);
    if says("container not found") || says("is not running") || says("not running state") || says("stopped container") {
        return Some(ChannelError::Gone { workload, detail });
    }
    // runc and containerd; crun and CRI-O; gVisor: all three say "exec" or "executable" and one of these.
    let missing = says("no such file or directory") || says("executable file not found") || says("was not found");
    if says("exec") && missing {
        return Some(ChannelError::NoProgram { workload, program, detail });
    }
    (says("exec") && says("permission denied")).then_some(ChannelError::Denied { workload, program, detail })
}

/// The moment an exec is over, for a stream that waits.
struct Over(Pin<Box<dyn Future<Output = End> + Send>>);

impl Over {
    fn new(end: &Ending) -> Self {
        Self(Box::pin(end.clone().wait()))
    }
}

/// Stdout or stderr.
///
/// kube's pipe tells no end when its connection breaks, and tells one like any other when the connection is closed without
/// a status. So the end of this stream is what the exec's own end says: an error when it was lost.
pub(super) struct Incoming {
    pipe: ReadHalf<SimplexStream>,
    over: Over,
}

impl AsyncRead for Incoming {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let mut read = |this: &mut Self, cx: &mut Context<'_>| {
            let polled = Pin::new(&mut this.pipe).poll_read(cx, buf);
            (polled.is_ready() && buf.filled().len() > before) || matches!(polled, Poll::Ready(Err(_)))
        };
        if read(&mut self, cx) {
            return Poll::Ready(Ok(()));
        }
        let end = ready!(self.over.0.as_mut().poll(cx));
        self.over = Over(Box::pin(std::future::ready(end.clone())));
        // What arrived between the two looks still counts.
        if read(&mut self, cx) {
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(match end {
            End::Lost(why) => Err(io::Error::new(io::ErrorKind::ConnectionReset, why)),
            End::Exited(_) | End::NotStarted(_) => Ok(()),
        })
    }
}

/// Stdin. kube's pipe would take what nobody reads any more until it is full, and then wait forever.
pub(super) struct Outgoing {
    pipe: WriteHalf<SimplexStream>,
    over: Over,
}

impl Outgoing {
    fn is_over(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let Poll::Ready(end) = self.over.0.as_mut().poll(cx) else { return Ok(()) };
        let why = match &end {
            End::Lost(why) | End::NotStarted(why) => why.clone(),
            End::Exited(code) => format!("the program has ended with exit status {code}"),
        };
        self.over = Over(Box::pin(std::future::ready(end)));
        Err(io::Error::new(io::ErrorKind::BrokenPipe, why))
    }
}

impl AsyncWrite for Outgoing {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_over(cx)?;
        Pin::new(&mut self.pipe).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload() -> Workload {
        Workload::at("shop", "web", "app")
    }

    fn status(value: serde_json::Value) -> End {
        read_status(&serde_json::from_value(value).unwrap())
    }

    #[test]
    fn an_end_is_read_from_the_status() {
        assert_eq!(status(serde_json::json!({"status": "Success"})), End::Exited(0));
        let failed = serde_json::json!({"status": "Failure", "reason": "NonZeroExitCode", "message": "command terminated",
            "details": {"causes": [{"reason": "ExitCode", "message": "42"}]}});
        assert_eq!(status(failed), End::Exited(42));
        let refused = serde_json::json!({"status": "Failure", "reason": "InternalError", "message": "no runtime"});
        assert_eq!(status(refused), End::NotStarted("no runtime".into()));
    }

    #[test]
    fn the_runtimes_words_for_a_missing_program_are_understood() {
        let words = [
            r#"failed to exec in container: failed to start exec "x": OCI runtime exec failed: exec failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown"#,
            r#"exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown"#,
            "crun: executable file `/bin/sh` not found: No such file or directory: OCI runtime attempted to invoke a command that was not found",
        ];
        for words in words {
            let found = not_started(&workload(), &["/bin/sh".into()], words);
            assert!(matches!(found, Some(ChannelError::NoProgram { .. })), "{words}");
        }
        let said = not_started(&workload(), &["/bin/sh".into()], words[0]).unwrap().to_string();
        assert!(said.starts_with("the container shop/web/app has no /bin/sh; "), "{said}");
    }

    #[test]
    fn other_refusals_are_told_apart() {
        let read = |words| not_started(&workload(), &["/bin/sh".into()], words);
        assert!(matches!(read("exec: \"/bin/sh\": permission denied"), Some(ChannelError::Denied { .. })));
        assert!(matches!(read("container not found (\"app\")"), Some(ChannelError::Gone { .. })));
        assert!(read("etcdserver: leader changed").is_none());
    }
}
