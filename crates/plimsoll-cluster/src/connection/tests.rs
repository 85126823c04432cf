use secrecy::ExposeSecret as _;

use super::*;

/// Two contexts; `prod` logs in by client certificate and token.
const KUBECONFIG: &str = r#"
apiVersion: v1
kind: Config
current-context: prod
contexts:
- {name: prod, context: {cluster: prod, user: admin, namespace: shop}}
- {name: lax, context: {cluster: lax, user: admin}}
clusters:
- {name: prod, cluster: {server: "https://prod.example.org:6443", certificate-authority-data: ""}}
- {name: lax, cluster: {server: "https://lax.example.org", insecure-skip-tls-verify: true}}
- {name: plain, cluster: {server: "http://plain.example.org"}}
users:
- {name: admin, user: {token: file-token, client-certificate: /c.pem, client-key: /k.pem, as: someone}}
- {name: other, user: {username: u, password: p}}
"#;

fn options() -> ConnectOptions {
    ConnectOptions::default()
}

async fn config(options: ConnectOptions) -> Result<Config, ConnectError> {
    from_kubeconfig(Kubeconfig::from_yaml(KUBECONFIG).expect("a kubeconfig"), &options).await
}

async fn refused(options: ConnectOptions) -> String {
    config(options).await.expect_err("it must be refused").to_string()
}

fn token(config: &Config) -> Option<String> {
    config.auth_info.token.as_ref().map(|token| token.expose_secret().to_owned())
}

#[tokio::test]
async fn the_current_context_is_used_as_it_stands() {
    let config = config(options()).await.unwrap();
    assert_eq!(config.cluster_url.to_string(), "https://prod.example.org:6443/");
    assert_eq!(config.default_namespace, "shop");
    assert_eq!(token(&config).as_deref(), Some("file-token"));
    assert_eq!(config.auth_info.impersonate.as_deref(), Some("someone"));
}

#[tokio::test]
async fn a_token_given_replaces_every_other_way_to_log_in() {
    let given = ConnectOptions { token: Some("mine".into()), ..options() };
    let config = config(given).await.unwrap();
    assert_eq!(token(&config).as_deref(), Some("mine"));
    assert!(config.auth_info.client_certificate.is_none() && config.auth_info.client_key.is_none());
    assert_eq!(config.auth_info.impersonate.as_deref(), Some("someone"));
}

#[tokio::test]
async fn server_user_and_impersonation_are_overridden() {
    let given = ConnectOptions {
        server: Some("https://127.0.0.1:1".into()),
        user: Some("other".into()),
        impersonate: Some("jane".into()),
        impersonate_groups: vec!["dev".into(), "ops".into()],
        tls_server_name: Some("kubernetes".into()),
        ..options()
    };
    let config = config(given).await.unwrap();
    assert_eq!(config.cluster_url.to_string(), "https://127.0.0.1:1/");
    assert_eq!(config.auth_info.username.as_deref(), Some("u"));
    assert_eq!(config.auth_info.impersonate.as_deref(), Some("jane"));
    assert_eq!(config.auth_info.impersonate_groups, Some(vec!["dev".into(), "ops".into()]));
    assert_eq!(config.tls_server_name.as_deref(), Some("kubernetes"));
}

#[tokio::test]
async fn wrong_names_are_told_with_the_right_ones() {
    let wrong = |kind: &str| {
        let name = Some("nope".to_owned());
        match kind {
            "context" => ConnectOptions { context: name, ..options() },
            "cluster" => ConnectOptions { cluster: name, ..options() },
            _ => ConnectOptions { user: name, ..options() },
        }
    };
    assert_eq!(refused(wrong("context")).await, "the kubeconfig has no context \"nope\" (contexts there: prod, lax)");
    assert_eq!(
        refused(wrong("cluster")).await,
        "the kubeconfig has no cluster \"nope\" (clusters there: prod, lax, plain)"
    );
    assert_eq!(refused(wrong("user")).await, "the kubeconfig has no user \"nope\" (users there: admin, other)");
}

#[tokio::test]
async fn unverified_tls_is_refused_wherever_it_is_asked_for() {
    let flag = ConnectOptions { insecure_skip_tls_verify: true, ..options() };
    let said = Connection::from_kubeconfig(KUBECONFIG, &flag).await.expect_err("refused").to_string();
    assert!(said.starts_with("--insecure-skip-tls-verify turns off TLS verification"), "{said}");
    let said = refused(ConnectOptions { context: Some("lax".into()), ..options() }).await;
    assert!(said.starts_with("insecure-skip-tls-verify of the kubeconfig's cluster \"lax\""), "{said}");
    let plain = config(ConnectOptions { cluster: Some("plain".into()), ..options() }).await.unwrap();
    assert!(matches!(Connection::with_config(plain, None), Err(ConnectError::NotHttps { .. })));
}

#[tokio::test]
async fn a_missing_kubeconfig_and_a_broken_one_are_told_apart_and_no_line_is_shown() {
    let absent = ConnectOptions { kubeconfig: Some("/nowhere/config".into()), ..options() };
    assert!(
        matches!(Connection::open(&absent).await, Err(ConnectError::NoKubeconfig { looked }) if looked == "/nowhere/config")
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config");
    std::fs::write(&path, "users:\n- name: x\n  user: {token: s3cret, exec: [s3cret\n").unwrap();
    let broken = ConnectOptions { kubeconfig: Some(path), ..options() };
    let said = Connection::open(&broken).await.expect_err("broken").to_string();
    assert!(said.contains("not valid YAML") && !said.contains("s3cret"), "{said}");
}

#[tokio::test]
async fn without_a_current_context_one_must_be_chosen_or_a_server_given() {
    let mut kubeconfig = Kubeconfig::from_yaml(KUBECONFIG).unwrap();
    kubeconfig.current_context = None;
    let refused = from_kubeconfig(kubeconfig, &options()).await.expect_err("no context").to_string();
    assert!(refused.ends_with("choose one with --context (contexts there: prod, lax)"), "{refused}");
    let given = ConnectOptions { server: Some("https://10.0.0.1".into()), token: Some("mine".into()), ..options() };
    let config = from_kubeconfig(Kubeconfig::default(), &given).await.unwrap();
    assert_eq!(config.cluster_url.to_string(), "https://10.0.0.1/");
    assert_eq!(token(&config).as_deref(), Some("mine"));
}

#[test]
fn nothing_of_a_connections_credentials_is_shown() {
    let options = ConnectOptions { token: Some("s3cret".into()), ..options() };
    assert!(!format!("{options:?}").contains("s3cret"));
}
