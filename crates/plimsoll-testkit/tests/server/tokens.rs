//! ServiceAccount tokens: issued, used, expired, orphaned.

use std::time::Duration;

use k8s_openapi::api::authentication::v1::{SelfSubjectReview, TokenRequest};
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use plimsoll_testkit::{Server, ServerConfig};
use serde_json::{Value, json};

use crate::{client, client_with_token, refusal, server_with_pod};

async fn accounts(server: &Server) -> Api<ServiceAccount> {
    Api::namespaced(client(server, "admin").await, "default")
}

fn request(spec: &Value) -> TokenRequest {
    serde_json::from_value(json!({ "spec": spec })).unwrap()
}

async fn token(server: &Server, spec: &Value) -> String {
    let accounts = accounts(server).await;
    let account = serde_json::from_value(json!({ "metadata": { "name": "scan" } })).unwrap();
    accounts.create(&PostParams::default(), &account).await.unwrap();
    let answer = accounts.create_token_request("scan", &PostParams::default(), &request(spec)).await.unwrap();
    answer.status.unwrap().token.unwrap()
}

async fn who(server: &Server, token: &str) -> Result<String, kube::Error> {
    let api: Api<SelfSubjectReview> = Api::all(client_with_token(server, token).await);
    let review = api.create(&PostParams::default(), &SelfSubjectReview::default()).await?;
    Ok(review.status.and_then(|status| status.user_info?.username).unwrap_or_default())
}

#[tokio::test]
async fn a_token_is_its_service_account_and_has_its_rights_alone() {
    let server = server_with_pod(ServerConfig::default()).await;
    let token = token(&server, &json!({ "audiences": [], "expirationSeconds": 600 })).await;
    assert_eq!(token.split('.').count(), 3);
    assert_eq!(who(&server, &token).await.unwrap(), "system:serviceaccount:default:scan");
    let pods: Api<Pod> = Api::namespaced(client_with_token(&server, &token).await, "default");
    let (code, message) = refusal(pods.get("web").await);
    assert_eq!(code, 403);
    assert!(message.contains(r#"User "system:serviceaccount:default:scan" cannot get resource "pods""#), "{message}");
    let group = "rbac.authorization.k8s.io";
    server.add(&json!({
        "apiVersion": format!("{group}/v1"), "kind": "Role", "metadata": { "name": "scan" },
        "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": ["web"] }],
    }));
    server.add(&json!({
        "apiVersion": format!("{group}/v1"), "kind": "RoleBinding", "metadata": { "name": "scan" },
        "roleRef": { "apiGroup": group, "kind": "Role", "name": "scan" },
        "subjects": [{ "kind": "ServiceAccount", "name": "scan", "namespace": "default" }],
    }));
    pods.get("web").await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn lives_under_ten_minutes_are_refused() {
    let server = server_with_pod(ServerConfig::default()).await;
    let accounts = accounts(&server).await;
    let short = request(&json!({ "audiences": [], "expirationSeconds": 60 }));
    assert_eq!(
        refusal(accounts.create_token_request("default", &PostParams::default(), &short).await),
        (
            422,
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 60: may not \
             specify a duration less than 10 minutes"
                .to_owned()
        )
    );
    server.shutdown().await;
}

#[tokio::test]
async fn a_token_ends_with_its_time_its_account_or_its_bound_object() {
    let end = async |how: &str| {
        let server = server_with_pod(ServerConfig::default()).await;
        let bound = json!({ "kind": "Pod", "apiVersion": "v1", "name": "web" });
        let spec = json!({ "audiences": [], "expirationSeconds": 600, "boundObjectRef": bound });
        let token = token(&server, &spec).await;
        who(&server, &token).await.unwrap();
        let admin = client(&server, "admin").await;
        match how {
            "time" => server.advance_clock(Duration::from_secs(601)),
            "account" => {
                accounts(&server).await.delete("scan", &DeleteParams::default()).await.unwrap();
            }
            _ => {
                Api::<Pod>::namespaced(admin, "default").delete("web", &DeleteParams::default()).await.unwrap();
            }
        }
        let after = refusal(who(&server, &token).await);
        server.shutdown().await;
        after
    };
    for how in ["time", "account", "bound object"] {
        assert_eq!(end(how).await, (401, "Unauthorized".to_owned()), "{how}");
    }
}

#[tokio::test]
async fn unknown_tokens_are_unauthorized_and_no_token_is_anonymous() {
    let server = server_with_pod(ServerConfig::default()).await;
    assert_eq!(refusal(who(&server, "nonsense").await).0, 401);
    let mut config = crate::config_of(&server.kubeconfig("admin")).await;
    config.auth_info = kube::config::AuthInfo::default();
    let pods: Api<Pod> = Api::namespaced(kube::Client::try_from(config).unwrap(), "default");
    let (code, message) = refusal(pods.get("web").await);
    assert_eq!(code, 403);
    assert!(message.contains("User \"system:anonymous\""), "{message}");
    server.shutdown().await;
}
