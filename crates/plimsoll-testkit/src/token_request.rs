//! `serviceaccounts/NAME/token`: short-lived tokens, optionally bound to another object's life.

use std::time::Duration;

use serde_json::{Value, json};

use crate::attributes::Attributes;
use crate::clock::timestamp;
use crate::identity::{Bound, TokenClaims};
use crate::refusal::{FieldFault, Refusal};
use crate::server::Shared;
use crate::store::Store;

const GROUP: &str = "authentication.k8s.io";
/// The shortest life a token may ask for, in seconds.
const MINIMUM: i64 = 600;
/// The life of a token that asks for none, in seconds.
const USUAL: i64 = 3600;
/// The longest life a token may ask for, in seconds.
const MAXIMUM: i64 = 1 << 32;
const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";

/// Issue a token for the ServiceAccount that the path names.
pub(crate) fn create(shared: &Shared, wanted: &Attributes, request: Value) -> Result<Value, Refusal> {
    let seconds = request.pointer("/spec/expirationSeconds").and_then(Value::as_i64).unwrap_or(USUAL);
    check_lifetime(seconds)?;
    let store = shared.store();
    let account = store
        .find("", "serviceaccounts", &wanted.namespace, &wanted.name)
        .ok_or_else(|| Refusal::not_found("", "serviceaccounts", &wanted.name))?;
    let reference = request.pointer("/spec/boundObjectRef").filter(|reference| reference.is_object());
    let bound = reference.map(|reference| bind(&store, &wanted.namespace, reference)).transpose()?;
    let listed = request.pointer("/spec/audiences").and_then(Value::as_array).into_iter().flatten();
    let mut audiences: Vec<String> = listed.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    if audiences.is_empty() {
        audiences.push(AUDIENCE.to_owned());
    }
    let issued = shared.clock.now();
    let lifetime = Duration::from_secs(seconds.unsigned_abs());
    let token = shared.tokens().issue(TokenClaims {
        namespace: &wanted.namespace,
        name: &wanted.name,
        uid: account["metadata"]["uid"].as_str().unwrap_or_default(),
        audiences: &audiences,
        bound,
        issued,
        lifetime,
    });
    let mut spec = json!({ "audiences": audiences, "expirationSeconds": seconds });
    spec["boundObjectRef"] = reference.cloned().unwrap_or_default();
    Ok(json!({
        "kind": "TokenRequest",
        "apiVersion": format!("{GROUP}/v1"),
        "metadata": { "name": wanted.name, "namespace": wanted.namespace, "creationTimestamp": timestamp(issued) },
        "spec": spec,
        "status": { "token": token, "expirationTimestamp": timestamp(issued + lifetime) },
    }))
}

fn check_lifetime(seconds: i64) -> Result<(), Refusal> {
    let detail = match seconds {
        ..MINIMUM => "may not specify a duration less than 10 minutes",
        MINIMUM..=MAXIMUM => return Ok(()),
        _ => "may not specify a duration larger than 2^32 seconds",
    };
    let fault = FieldFault::invalid_literal("spec.expirationSeconds", seconds, detail);
    Err(Refusal::invalid(GROUP, "TokenRequest", "", &[fault]))
}

/// Find the object that a token is to live and die with.
fn bind(store: &Store, namespace: &str, reference: &Value) -> Result<Bound, Refusal> {
    let text = |key: &str| reference.get(key).and_then(Value::as_str).unwrap_or_default();
    let plural = match text("kind") {
        "Pod" => "pods",
        "Secret" => "secrets",
        other => {
            return Err(Refusal::bad_request(format!(
                "cannot bind token for serviceaccount to type /v1, Kind={other}"
            )));
        }
    };
    let name = text("name");
    let object = store.find("", plural, namespace, name).ok_or_else(|| Refusal::not_found("", plural, name))?;
    let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
    let wanted = text("uid");
    if !wanted.is_empty() && wanted != uid {
        return Err(Refusal::uid_mismatch(plural, name, wanted, uid));
    }
    Ok(Bound { plural, name: name.to_owned(), uid: uid.to_owned() })
}
