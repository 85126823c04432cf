//! An in-process Kubernetes API server, for tests and for the demo.
//!
//! A real `kube` client talks to it over TLS on 127.0.0.1 and cannot tell the difference for what an audit does:
//! objects of the usual kinds with watches, RBAC that really decides, short-lived ServiceAccount tokens, and exec over
//! WebSocket into real processes of this machine, debug containers. What a cluster does wrong on a bad day can be ordered ([`Faults`]).
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), plimsoll_testkit::StartError> {
//! use plimsoll_testkit::{Container, LocalProcess, Pod, Server, ServerConfig};
//!
//! let server = Server::start(ServerConfig::default()).await?;
//! server.add_pod(&Pod::new("web").container(Container::new("app", LocalProcess::new("/tmp"))));
//! assert!(server.kubeconfig("admin").contains("certificate-authority-data"));
//! assert_eq!(server.objects("pods").len(), 1);
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod api;
mod attributes;
mod bootstrap;
mod certificates;
mod clock;
mod discovery;
mod exec;
mod faults;
mod fidelity;
mod identity;
mod kinds;
mod kubeconfig;
mod kubelet;
mod patch;
mod pods;
mod process;
mod query;
mod random;
mod rbac;
mod refusal;
mod request_log;
mod reviews;
mod runtime;
mod sample;
mod selector;
mod server;
mod service;
mod store;
mod token_request;
mod validation;
mod watch;
mod websocket;

pub use faults::{Fault, FaultRule, Faults};
pub use fidelity::{Exit, FidelityCase, LARGE, Written, fidelity_cases};
pub use kubelet::{Kubelet, Start};
pub use pods::{Container, Pod, PodState};
pub use request_log::LoggedRequest;
pub use runtime::{ContainerRuntime, DEFAULT_PATH, ExecError, LocalProcess, NoPrograms};
pub use sample::{Beside, Isolation, SampleContainer, SampleError, SampleKind, SampleRoot, sample_root};
pub use server::{ExecProtocol, Server, ServerConfig, StartError, StartFailure};
