//! The kubeconfig that leads a client here.

use base64::Engine;
use serde_json::json;

/// A kubeconfig as JSON text (which is YAML, too): one cluster, one user with a bearer token, one context.
pub(crate) fn text(url: &str, authority: &str, user: &str, token: &str) -> String {
    let authority = base64::engine::general_purpose::STANDARD.encode(authority);
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "testkit", "cluster": { "server": url, "certificate-authority-data": authority } }],
        "users": [{ "name": user, "user": { "token": token } }],
        "contexts": [{ "name": "testkit", "context": { "cluster": "testkit", "user": user, "namespace": "default" } }],
        "current-context": "testkit",
    });
    format!("{config:#}\n")
}
