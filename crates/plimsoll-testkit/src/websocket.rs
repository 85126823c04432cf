//! The WebSocket handshake of exec, and the frames on its channels.

use http::header::{CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::refusal::Refusal;
use crate::server::ExecProtocol;
use crate::service::{Answer, full};

pub(crate) const STDIN: u8 = 0;
pub(crate) const STDOUT: u8 = 1;
pub(crate) const STDERR: u8 = 2;
/// Carries the `Status` that ends a session.
pub(crate) const ERROR: u8 = 3;
/// Carries terminal sizes.
pub(crate) const RESIZE: u8 = 4;
/// Since v5: the frame's payload is the number of a channel that is closed.
pub(crate) const CLOSE: u8 = 255;

/// A handshake that both sides agree on.
#[derive(Debug)]
pub(crate) struct Handshake {
    pub(crate) protocol: ExecProtocol,
    accept: String,
}

impl Handshake {
    /// Agree with a client's headers: the first of its protocols that is spoken here.
    pub(crate) fn agree(headers: &HeaderMap, spoken: &[ExecProtocol]) -> Result<Self, Refusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let upgrade = text("connection").to_ascii_lowercase().contains("upgrade")
            && text("upgrade").eq_ignore_ascii_case("websocket")
            && text("sec-websocket-version") == "13";
        let key = text("sec-websocket-key");
        if !upgrade || key.is_empty() {
            return Err(Refusal::bad_request("Upgrade request required"));
        }
        let offered = text("sec-websocket-protocol");
        let protocol = offered
            .split(',')
            .find_map(|name| spoken.iter().find(|protocol| protocol.name() == name.trim()))
            .ok_or_else(|| Refusal::on_demand(403, &format!("requested protocol(s) are not supported: {offered:?}")))?;
        Ok(Self { protocol: *protocol, accept: derive_accept_key(key.as_bytes()) })
    }

    /// `101 Switching Protocols`.
    pub(crate) fn answer(&self) -> Answer {
        let mut answer = Response::new(full(""));
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(self.protocol.name()));
        if let Ok(accept) = HeaderValue::from_str(&self.accept) {
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        }
        answer
    }
}

/// One frame: the channel's number, then the payload.
pub(crate) fn frame(channel: u8, payload: &[u8]) -> Message {
    let mut data = Vec::with_capacity(payload.len() + 1);
    data.push(channel);
    data.extend_from_slice(payload);
    Message::binary(data)
}

/// The `Status` that an exit code becomes.
pub(crate) fn exit_status(code: i32) -> Value {
    if code == 0 {
        return json!({ "metadata": {}, "status": "Success" });
    }
    json!({
        "metadata": {},
        "status": "Failure",
        "message": format!("command terminated with non-zero exit code: command terminated with exit code {code}"),
        "reason": "NonZeroExitCode",
        "details": { "causes": [{ "reason": "ExitCode", "message": code.to_string() }] },
    })
}
