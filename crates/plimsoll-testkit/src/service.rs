//! The HTTP side: connections, bodies, and what happens to a request before and after its handler.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use http::{Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::api;
use crate::attributes::Attributes;
use crate::discovery;
use crate::exec;
use crate::faults::Fault;
use crate::identity::{Caller, authenticate, impersonate};
use crate::query::Query;
use crate::rbac::Authorizer;
use crate::refusal::Refusal;
use crate::reviews;
use crate::server::Shared;
use crate::watch;

/// The most a request body may hold, as etcd's and the API server's limits have it.
const BODY_LIMIT: usize = 3 * 1024 * 1024;
/// A client that does not finish its handshake is forgotten after this time.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Answer = Response<Body>;

/// The connection is to be closed without an answer.
#[derive(Debug, Error)]
#[error("the connection is dropped on demand")]
struct Dropped;

/// Take connections until the server stops.
pub(crate) async fn accept(shared: Arc<Shared>, listener: TcpListener, tls: Arc<rustls::ServerConfig>) {
    let acceptor = TlsAcceptor::from(tls);
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        if let Ok((stream, _)) = accepted {
            let connection = connection(shared.clone(), acceptor.clone(), stream);
            let stop = shared.stop.clone();
            shared.tasks.spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = connection => {}
                }
            });
        }
    }
}

async fn connection(shared: Arc<Shared>, acceptor: TlsAcceptor, stream: TcpStream) {
    // Small frames in both directions: waiting to fill a segment would cost every exec request.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await else {
        tracing::debug!("TLS handshake failed");
        return;
    };
    let service = service_fn(move |request| answer(shared.clone(), request));
    let served =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    if let Err(error) = served.await {
        tracing::debug!(%error, "connection ended early");
    }
}

/// One request: log, faults, handler.
async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Dropped> {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let ticket = shared.log.arrived(&method, &path, request.uri().query().unwrap_or_default());
    let fault = shared.faults.strike(&method, &path);
    let mut cut = None;
    match &fault {
        Some(Fault::DropBefore) => return Err(Dropped),
        Some(Fault::Delay(time)) => tokio::time::sleep(*time).await,
        Some(Fault::CutBody(bytes)) => cut = Some(*bytes),
        Some(Fault::Status { code, message }) => {
            return Ok(logged(&shared, ticket, refuse(&Refusal::on_demand(*code, message))));
        }
        Some(Fault::TooManyRequests { retry_after }) => {
            return Ok(logged(&shared, ticket, refuse(&Refusal::too_many_requests(*retry_after))));
        }
        _ => {}
    }
    let answer = handle(&shared, request, ticket, fault.as_ref()).await.unwrap_or_else(|refusal| refuse(&refusal));
    if fault == Some(Fault::DropAfter) {
        return Err(Dropped);
    }
    let answer = match cut {
        Some(bytes) => answer.map(|body| cut_body(body, bytes)),
        None => answer,
    };
    Ok(logged(&shared, ticket, answer))
}

fn logged(shared: &Shared, ticket: usize, answer: Answer) -> Answer {
    shared.log.answered(ticket, answer.status().as_u16());
    answer
}

/// Who asks, may they, and what comes of it.
async fn handle(
    shared: &Arc<Shared>,
    mut request: Request<Incoming>,
    ticket: usize,
    fault: Option<&Fault>,
) -> Result<Answer, Refusal> {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let attributes = Attributes::of(request.method(), request.uri().path(), &query);
    let caller = admit(shared, &request, &attributes, ticket)?;
    if !attributes.is_resource() {
        return plain_path(shared, request.uri().path());
    }
    if attributes.resource == "pods" && attributes.subresource == "exec" {
        return exec::exec(shared, &mut request, &attributes, &query, &caller, fault);
    }
    if attributes.verb == "watch" {
        return watch::watch(shared, &attributes, &query);
    }
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let body = read_body(request.into_body()).await?;
    if reviews::is_review(&attributes) {
        let store = shared.store();
        let authorizer = Authorizer::new(&store, shared.config.rbac_delay);
        let review = reviews::answer(&attributes, parse(&body)?, &caller, &authorizer)?;
        return Ok(json(StatusCode::CREATED, &review));
    }
    let call = api::Call { shared, caller: &caller, attributes: &attributes, query: &query };
    let (status, object) = call.carry_out(&content_type, &body)?;
    Ok(json(status, &object))
}

/// Authenticate, impersonate, authorize.
fn admit(
    shared: &Shared,
    request: &Request<Incoming>,
    attributes: &Attributes,
    ticket: usize,
) -> Result<Caller, Refusal> {
    let store = shared.store();
    let caller = authenticate(request.headers(), &shared.tokens(), &store, shared.clock.now())?;
    shared.log.identified(ticket, &caller.name);
    let authorizer = Authorizer::new(&store, shared.config.rbac_delay);
    let caller = impersonate(caller, request.headers(), &authorizer)?;
    shared.log.identified(ticket, &caller.name);
    authorizer.require(&caller, attributes)?;
    Ok(caller)
}

fn plain_path(shared: &Shared, path: &str) -> Result<Answer, Refusal> {
    if matches!(path, "/healthz" | "/readyz" | "/livez") {
        return Ok(Response::new(full("ok")));
    }
    discovery::document(path, &shared.config)
        .map(|document| json(StatusCode::OK, &document))
        .ok_or_else(Refusal::no_such_resource)
}

async fn read_body(body: Incoming) -> Result<Bytes, Refusal> {
    let collected = Limited::new(body, BODY_LIMIT).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|_| Refusal::too_large())
}

/// Read a JSON object from a request's body.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Refusal> {
    let value: Result<Value, _> = serde_json::from_slice(body);
    match value {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err(Refusal::bad_request("the body of the request is not an object")),
        Err(error) => Err(Refusal::bad_request(format!("couldn't get version/kind; json parse error: {error}"))),
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: StatusCode, value: &Value) -> Answer {
    let mut answer = Response::new(full(value.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    answer
}

/// A refusal as an answer.
pub(crate) fn refuse(refusal: &Refusal) -> Answer {
    let status = StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = json(status, &refusal.status());
    if let Some(seconds) = refusal.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// A body that is there at once.
pub(crate) fn full(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// The first bytes of a body, then a broken connection.
fn cut_body(body: Body, bytes: usize) -> Body {
    let mut left = bytes;
    let frames = http_body_util::BodyStream::new(body).filter_map(|frame| async { frame.ok()?.into_data().ok() });
    let cut = frames.boxed().map(move |data| {
        if left == 0 {
            return Err(io::Error::other(Dropped));
        }
        let part = data.slice(..data.len().min(left));
        left -= part.len();
        Ok(Frame::data(part))
    });
    let broken = futures::stream::once(async { Err(io::Error::other(Dropped)) });
    BodyExt::boxed_unsync(StreamBody::new(cut.chain(broken)))
}
