//! `pods/NAME/exec`: a WebSocket session with a real process at its other end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, Stream, StreamExt};
use http::Request;
use hyper::body::{Bytes, Incoming};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::io::ReaderStream;

use crate::attributes::Attributes;
use crate::faults::Fault;
use crate::identity::Caller;
use crate::process::{Input, Output, Process, Streams, Terminal};
use crate::query::Query;
use crate::random;
use crate::rbac::Authorizer;
use crate::refusal::Refusal;
use crate::server::{ExecProtocol, Shared, StartFailure};
use crate::service::Answer;
use crate::websocket::{self, CLOSE, ERROR, Handshake, RESIZE, STDERR, STDIN, STDOUT, exit_status};

/// How long a client may take to answer the closing frame.
const GOODBYE: Duration = Duration::from_secs(5);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Answer an exec request: refuse it, or switch protocols and leave a session behind.
pub(crate) fn exec(
    shared: &Arc<Shared>,
    request: &mut Request<Incoming>,
    attributes: &Attributes,
    query: &Query,
    caller: &Caller,
    fault: Option<&Fault>,
) -> Result<Answer, Refusal> {
    // Since 1.35 a WebSocket's GET needs what a POST always needed.
    if shared.config.minor_version >= 35 && attributes.verb != "create" {
        let store = shared.store();
        let create = Attributes { verb: "create".to_owned(), ..attributes.clone() };
        Authorizer::new(&store, shared.config.rbac_delay).require(caller, &create)?;
    }
    let target = Target::find(shared, attributes, query)?;
    let streams = Streams {
        stdin: query.flag("stdin"),
        stdout: query.flag("stdout"),
        stderr: query.flag("stderr") && !query.flag("tty"),
        tty: query.flag("tty"),
    };
    if !(streams.stdin || streams.stdout || streams.stderr) {
        return Err(Refusal::bad_request("you must specify at least 1 of stdin, stdout, stderr"));
    }
    if fault == Some(&Fault::RefuseUpgrade) {
        return Err(Refusal::bad_request("unable to upgrade: unable to negotiate protocol"));
    }
    let handshake = Handshake::agree(request.headers(), &shared.config.exec_protocols)?;
    let started = target.start(shared, &query.all("command"), streams);
    let work = match started {
        Ok(process) => Work::Process(process),
        Err(refusal) if shared.config.start_failure == StartFailure::HttpStatus => return Err(refusal),
        Err(refusal) => Work::Refused(refusal.status()),
    };
    let session = Session {
        work,
        protocol: handshake.protocol,
        streams,
        frame_bytes: shared.config.exec_frame_bytes.max(1),
        cut: fault.and_then(Cut::of),
    };
    let upgrade = hyper::upgrade::on(request);
    let stop = shared.stop.clone();
    shared.tasks.spawn(async move { session.run(upgrade, stop.cancelled_owned()).await });
    Ok(handshake.answer())
}

/// The container that a command is for.
struct Target {
    namespace: String,
    pod: String,
    container: String,
    /// Why it can't run anything now, if so.
    unfit: Option<String>,
}

impl Target {
    fn find(shared: &Shared, attributes: &Attributes, query: &Query) -> Result<Self, Refusal> {
        let store = shared.store();
        let (namespace, name) = (&attributes.namespace, &attributes.name);
        let pod = store.find("", "pods", namespace, name).ok_or_else(|| Refusal::not_found("", "pods", name))?;
        let container = choose_container(pod, name, query.get("container").unwrap_or_default())?;
        if pod.pointer("/spec/nodeName").is_none() {
            return Err(Refusal::bad_request(format!("pod {name} does not have a host assigned")));
        }
        let unfit = why_unfit(pod, &container);
        Ok(Self { namespace: namespace.clone(), pod: name.clone(), container, unfit })
    }

    fn start(&self, shared: &Shared, command: &[String], streams: Streams) -> Result<Process, Refusal> {
        if let Some(why) = &self.unfit {
            return Err(Refusal::internal(why));
        }
        let key = (self.namespace.clone(), self.pod.clone(), self.container.clone());
        let runtime = shared.runtime(&key).ok_or_else(|| {
            Refusal::internal(&format!("unable to upgrade connection: container not found ({:?})", self.container))
        })?;
        let process = runtime.prepare(command).map_err(|error| error.to_string()).and_then(|prepared| {
            Process::start(prepared, streams).map_err(|error| format!("exec: {:?}: {error}", command[0]))
        });
        process.map_err(|why| {
            Refusal::internal(&format!(
                "error executing command in container: failed to exec in container: failed to start exec {:?}: OCI \
                 runtime exec failed: exec failed: unable to start container process: {why}: unknown",
                random::hex(&random::bytes::<32>())
            ))
        })
    }
}

fn names<'a>(pod: &'a Value, field: &str) -> Vec<&'a str> {
    let list = pod.pointer(&format!("/spec/{field}")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|container| container.get("name")?.as_str()).collect()
}

fn choose_container(pod: &Value, pod_name: &str, asked: &str) -> Result<String, Refusal> {
    let main = names(pod, "containers");
    let init = names(pod, "initContainers");
    let ephemeral = names(pod, "ephemeralContainers");
    if asked.is_empty() {
        if let [only] = main.as_slice() {
            return Ok((*only).to_owned());
        }
        let mut choice = format!("[{}]", main.join(" "));
        if !init.is_empty() {
            choice = format!("{choice} or one of the init containers: [{}]", init.join(" "));
        }
        return Err(Refusal::bad_request(format!(
            "a container name must be specified for pod {pod_name}, choose one of: {choice}"
        )));
    }
    if main.iter().chain(&init).chain(&ephemeral).any(|name| *name == asked) {
        return Ok(asked.to_owned());
    }
    Err(Refusal::bad_request(format!("container {asked} is not valid for pod {pod_name}")))
}

/// What a kubelet says when a container is not there to run commands.
fn why_unfit(pod: &Value, container: &str) -> Option<String> {
    let of = |field: &str| pod.pointer(&format!("/status/{field}")).and_then(Value::as_array);
    let status = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
        .iter()
        .filter_map(|field| of(field))
        .flatten()
        .find(|status| status["name"] == container);
    let state = status.and_then(|status| status.get("state"));
    if state.is_some_and(|state| state.get("running").is_some()) {
        return None;
    }
    if state.is_some_and(|state| state.get("terminated").is_some()) {
        let id = status.and_then(|status| status["containerID"].as_str()).unwrap_or_default();
        let id = id.trim_start_matches("containerd://");
        return Some(format!(
            "unable to upgrade connection: failed to exec in container: container {id:?} is in CONTAINER_EXITED state"
        ));
    }
    Some(format!("unable to upgrade connection: container not found ({container:?})"))
}

/// Where a fault cuts a session.
#[derive(Debug, Clone)]
struct Cut {
    channel: u8,
    left: usize,
    then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Lose,
    Close,
    Drop,
    Stall,
}

impl Cut {
    fn of(fault: &Fault) -> Option<Self> {
        let (channel, left, then) = match *fault {
            Fault::TruncateExec { channel, after } => (channel, after, Then::Lose),
            Fault::CloseExec { after } => (STDOUT, after, Then::Close),
            Fault::DropExec { after } => (STDOUT, after, Then::Drop),
            Fault::StallExec { after } => (STDOUT, after, Then::Stall),
            _ => return None,
        };
        Some(Self { channel, left, then })
    }

    /// What is left of a frame, and whether the cut is reached.
    fn apply(&mut self, channel: u8, data: &Bytes) -> (Bytes, bool) {
        if channel != self.channel {
            return (data.clone(), false);
        }
        let kept = data.slice(..data.len().min(self.left));
        self.left -= kept.len();
        let reached = kept.len() < data.len();
        (kept, reached)
    }
}

enum Work {
    Process(Process),
    /// Nothing could be started; the status says why.
    Refused(Value),
}

/// How the sending side of a session came to its end.
enum Ending {
    /// The last word is this `Status`.
    Status(Value),
    /// Say goodbye without a status.
    Close,
    /// Say nothing at all.
    Drop,
}

struct Session {
    work: Work,
    protocol: ExecProtocol,
    streams: Streams,
    frame_bytes: usize,
    cut: Option<Cut>,
}

impl Session {
    async fn run(mut self, upgrade: OnUpgrade, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let socket = tokio::select! {
            () = &mut stop => return,
            upgraded = upgrade => match upgraded {
                Ok(upgraded) => upgraded,
                Err(error) => {
                    tracing::debug!(%error, "the client was gone before the exec session began");
                    return;
                }
            }
        };
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(socket), Role::Server, None).await;
        let (mut sink, mut source) = socket.split();
        let (stdin, terminal) = match &mut self.work {
            Work::Process(process) => (process.stdin.take(), process.take_terminal()),
            Work::Refused(_) => (None, None),
        };
        let protocol = self.protocol;
        let farewell = tokio::select! {
            () = stop => Farewell::Silent,
            () = receive(&mut source, stdin, terminal, protocol) => Farewell::Polite,
            farewell = self.send(&mut sink) => farewell,
        };
        if matches!(farewell, Farewell::Polite) {
            let _ = tokio::time::timeout(GOODBYE, say_goodbye(&mut sink, &mut source)).await;
        }
        if let Work::Process(process) = self.work {
            process.end().await;
        }
    }

    /// Send everything the process writes, then how it ended.
    async fn send(&mut self, sink: &mut SplitSink<Socket, Message>) -> Farewell {
        let first = if self.streams.stdout {
            STDOUT
        } else if self.streams.stderr {
            STDERR
        } else {
            ERROR
        };
        // The real server opens with an empty frame, so that a client knows that it is connected.
        if sink.send(websocket::frame(first, b"")).await.is_err() {
            return Farewell::Silent;
        }
        match self.pump(sink).await {
            Ending::Status(status) => {
                let frame = websocket::frame(ERROR, status.to_string().as_bytes());
                if sink.send(frame).await.is_err() {
                    return Farewell::Silent;
                }
            }
            Ending::Close => {}
            Ending::Drop => return Farewell::Silent,
        }
        Farewell::Polite
    }

    async fn pump(&mut self, sink: &mut SplitSink<Socket, Message>) -> Ending {
        let process = match &mut self.work {
            Work::Refused(status) => return Ending::Status(status.clone()),
            Work::Process(process) => process,
        };
        let stdout = chunks(STDOUT, process.stdout.take(), self.frame_bytes);
        let stderr = chunks(STDERR, process.stderr.take(), self.frame_bytes);
        let mut output = futures::stream::select(stdout, stderr);
        while let Some((channel, data)) = output.next().await {
            let (kept, reached) = match &mut self.cut {
                Some(cut) => cut.apply(channel, &data),
                None => (data, false),
            };
            if !kept.is_empty() && sink.send(websocket::frame(channel, &kept)).await.is_err() {
                return Ending::Drop;
            }
            match self.cut.as_ref().filter(|_| reached).map(|cut| cut.then) {
                Some(Then::Close) => return Ending::Close,
                Some(Then::Drop) => return Ending::Drop,
                Some(Then::Stall) => std::future::pending().await,
                Some(Then::Lose) | None => {}
            }
        }
        let code = process.wait().await;
        match (self.cut.as_ref().map(|cut| cut.then), code) {
            (Some(Then::Close), _) => Ending::Close,
            (Some(Then::Drop), _) => Ending::Drop,
            (Some(Then::Stall), _) => std::future::pending().await,
            (_, Ok(code)) => Ending::Status(exit_status(code)),
            (_, Err(error)) => Ending::Status(Refusal::internal(&error.to_string()).status()),
        }
    }
}

/// Whether a session ends with a closing handshake or with a dead connection.
enum Farewell {
    Polite,
    Silent,
}

/// Close in good order, and read until the client has done so: closing a socket with unread input resets it, and a
/// reset takes what was sent last, the status, from the client.
async fn say_goodbye(sink: &mut SplitSink<Socket, Message>, source: &mut SplitStream<Socket>) {
    if sink.close().await.is_ok() {
        while let Some(Ok(_)) = source.next().await {}
    }
}

/// What a stream of the process gives, in pieces; ends at its end (a terminal's end is an error).
fn chunks(channel: u8, output: Option<Output>, size: usize) -> impl Stream<Item = (u8, Bytes)> + Unpin {
    let pieces = futures::stream::iter(output).flat_map(move |output| ReaderStream::with_capacity(output, size));
    Box::pin(
        pieces
            .take_while(|piece| std::future::ready(piece.is_ok()))
            .filter_map(move |piece| async move { Some((channel, piece.ok()?)) }),
    )
}

/// Give the process what the client sends, until the client closes the connection.
async fn receive(
    source: &mut SplitStream<Socket>,
    mut stdin: Option<Input>,
    terminal: Option<Terminal>,
    protocol: ExecProtocol,
) {
    while let Some(Ok(message)) = source.next().await {
        let data = match message {
            Message::Binary(data) => data,
            Message::Text(text) => Bytes::from(text),
            Message::Close(_) => return,
            _ => continue,
        };
        match data.split_first() {
            Some((&STDIN, payload)) => {
                let written = match &mut stdin {
                    Some(stream) => stream.write_all(payload).await.and(stream.flush().await),
                    None => Ok(()),
                };
                if written.is_err() {
                    stdin = None;
                }
            }
            Some((&RESIZE, payload)) => resize(terminal.as_ref(), payload),
            Some((&CLOSE, [STDIN])) if protocol == ExecProtocol::V5 => stdin = None,
            _ => {}
        }
    }
}

fn resize(terminal: Option<&Terminal>, payload: &[u8]) {
    let size: Option<Value> = serde_json::from_slice(payload).ok();
    let number = |key: &str| size.as_ref()?.get(key)?.as_u64().and_then(|number| u16::try_from(number).ok());
    if let (Some(terminal), Some(width), Some(height)) = (terminal, number("Width"), number("Height")) {
        terminal.resize(width, height);
    }
}
