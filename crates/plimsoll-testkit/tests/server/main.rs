//! The server as a real `kube` client meets it.

mod access;
mod exec;
mod faults;
mod kubelet;
mod objects;
mod samples;
mod tokens;
mod watches;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use plimsoll_testkit::{Container, LocalProcess, Pod, Server, ServerConfig};

/// A server of the usual kind.
async fn server() -> Server {
    Server::start(ServerConfig::default()).await.expect("the server starts")
}

/// A server with a running pod `web` whose container `app` runs commands in /tmp.
async fn server_with_pod(config: ServerConfig) -> Server {
    let server = Server::start(config).await.expect("the server starts");
    server.add_pod(&Pod::new("web").container(Container::new("app", LocalProcess::new("/tmp"))));
    server
}

async fn config_of(kubeconfig: &str) -> Config {
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).expect("the kubeconfig is one");
    Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("the kubeconfig is complete")
}

async fn client(server: &Server, user: &str) -> Client {
    Client::try_from(config_of(&server.kubeconfig(user)).await).expect("a client for the kubeconfig")
}

/// A client with a bearer token of its own.
async fn client_with_token(server: &Server, token: &str) -> Client {
    let mut config = config_of(&server.kubeconfig("admin")).await;
    config.auth_info = kube::config::AuthInfo { token: Some(token.to_owned().into()), ..Default::default() };
    Client::try_from(config).expect("a client for the token")
}

/// HTTP code and message of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, kube::Error>) -> (u16, String) {
    match result {
        Err(kube::Error::Api(status)) => (status.code, status.message),
        other => panic!("expected a Status object, got {other:?}"),
    }
}
