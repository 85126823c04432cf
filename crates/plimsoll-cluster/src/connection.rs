//! The way to a cluster: kubectl's flags and kubeconfig in, a client out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kube::config::{Cluster, Context, KubeConfigOptions, Kubeconfig, KubeconfigError, NamedCluster, NamedContext};
use kube::{Client, Config};
use secrecy::SecretString;

use crate::failure::ApiError;

mod overrides;
mod proxy;

/// How long one request may take unless told otherwise.
pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How to reach the cluster: kubectl's own flags, by their own names.
///
/// Everything left empty comes from the kubeconfig (`$KUBECONFIG`, else `~/.kube/config`), and where there is none from
/// the pod that this program runs in.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// `--kubeconfig`: the one file to read.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`: the kubeconfig context to use.
    pub context: Option<String>,
    /// `--cluster`: the kubeconfig cluster to use.
    pub cluster: Option<String>,
    /// `--user`: the kubeconfig user to use.
    pub user: Option<String>,
    /// `--namespace`, `-n`.
    pub namespace: Option<String>,
    /// `--server`, `-s`: address of the API server.
    pub server: Option<String>,
    /// `--tls-server-name`: the name that the server's certificate must carry.
    pub tls_server_name: Option<String>,
    /// `--certificate-authority`: file of the certificates to trust, PEM.
    pub certificate_authority: Option<PathBuf>,
    /// `--client-certificate`: file, PEM.
    pub client_certificate: Option<PathBuf>,
    /// `--client-key`: file, PEM.
    pub client_key: Option<PathBuf>,
    /// `--token`: bearer token; it replaces whatever else the user would log in with.
    pub token: Option<SecretString>,
    /// `--as`: user to impersonate.
    pub impersonate: Option<String>,
    /// `--as-group`: groups to impersonate.
    pub impersonate_groups: Vec<String>,
    /// `--as-uid`: UID to impersonate.
    pub impersonate_uid: Option<String>,
    /// `--request-timeout`: for one request; [`DEFAULT_REQUEST_TIMEOUT`] when not given. Open sessions are not bound by it.
    pub request_timeout: Option<Duration>,
    /// `--insecure-skip-tls-verify`: known so that it can be refused with a reason.
    pub insecure_skip_tls_verify: bool,
}

/// Why there is no way to a cluster. Nothing was sent yet: what goes wrong on the wire is an [`ApiError`].
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No kubeconfig, no in-cluster environment, no `--server`.
    #[error(
        "no kubeconfig: {looked} does not exist; pass --kubeconfig FILE, set KUBECONFIG, or run inside a pod with a service account"
    )]
    NoKubeconfig {
        /// Where it was looked for.
        looked: String,
    },
    /// The kubeconfig can't be read.
    #[error("could not read the kubeconfig {path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The kubeconfig isn't one.
    #[error("the kubeconfig is not valid YAML of a kubeconfig{place}; `kubectl config view` shows how it is read")]
    Malformed {
        /// ` (line L, column C)` where known; never the text there, which may be a key.
        place: String,
    },
    /// No context is chosen.
    #[error(
        "the kubeconfig has no current context; choose one with --context ({})",
        list("contexts there", .known)
    )]
    NoContext {
        /// Contexts in the kubeconfig.
        known: Vec<String>,
    },
    /// The named context, cluster or user isn't there.
    #[error("the kubeconfig has no {kind} \"{name}\" ({})", list(&format!("{kind}s there"), .known))]
    Unknown {
        /// `context`, `cluster` or `user`.
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// TLS verification would be off.
    #[error(
        "{origin} turns off TLS verification, which is refused by design: an audit over an unverified connection proves nothing. \
         Give the cluster's certificate with --certificate-authority, and --tls-server-name when the address differs from it"
    )]
    TlsVerificationOff {
        /// The flag, or the kubeconfig's cluster.
        origin: String,
    },
    /// The server's address is no https address.
    #[error("the server's address {server} is not an https:// address: credentials are sent over verified TLS only")]
    NotHttps {
        /// The address.
        server: String,
    },
    /// Something named in flags or kubeconfig can't be used.
    #[error("could not prepare the connection: {0}")]
    Unusable(String),
}

fn list(title: &str, names: &[String]) -> String {
    if names.is_empty() { format!("{title}: none") } else { format!("{title}: {}", names.join(", ")) }
}

/// A prepared way to one API server as one identity. Cheap to clone; opens connections as they are needed.
#[derive(Clone)]
pub struct Connection {
    client: Client,
    config: Arc<Config>,
    request_timeout: Duration,
}

impl std::fmt::Debug for Connection {
    /// The address alone: the configuration holds credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("server", &self.server()).finish_non_exhaustive()
    }
}

impl Connection {
    /// Reads the kubeconfig, applies the flags and builds a client. Nothing is sent to the API server yet.
    ///
    /// A credential plugin that the kubeconfig names is run.
    pub async fn open(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let config = match read_kubeconfig(options)? {
            Some(kubeconfig) => from_kubeconfig(kubeconfig, options).await?,
            None => in_cluster(options)?,
        };
        Self::with_options(config, options)
    }

    /// As [`Connection::open`] with a kubeconfig that is in memory; nothing is looked for elsewhere.
    pub async fn from_kubeconfig(kubeconfig: &str, options: &ConnectOptions) -> Result<Self, ConnectError> {
        let kubeconfig = Kubeconfig::from_yaml(kubeconfig).map_err(explain)?;
        Self::with_options(from_kubeconfig(kubeconfig, options).await?, options)
    }

    fn with_options(mut config: Config, options: &ConnectOptions) -> Result<Self, ConnectError> {
        if options.insecure_skip_tls_verify {
            return Err(ConnectError::TlsVerificationOff { origin: "--insecure-skip-tls-verify".into() });
        }
        if let Some(namespace) = &options.namespace {
            config.default_namespace.clone_from(namespace);
        }
        Self::with_config(config, options.request_timeout)
    }

    /// A connection from a configuration made elsewhere.
    pub fn with_config(mut config: Config, request_timeout: Option<Duration>) -> Result<Self, ConnectError> {
        if config.accept_invalid_certs {
            return Err(ConnectError::TlsVerificationOff { origin: "the kubeconfig's cluster".into() });
        }
        if config.cluster_url.scheme_str() != Some("https") {
            return Err(ConnectError::NotHttps { server: config.cluster_url.to_string() });
        }
        // kube's own retries wait up to 160 s; ours (`Connection::call`) know which requests may be repeated.
        config.default_retry = false;
        Ok(Self {
            client: build_client(config.clone())?,
            config: Arc::new(config),
            request_timeout: request_timeout.unwrap_or(DEFAULT_REQUEST_TIMEOUT),
        })
    }

    /// The same server as another identity, which `token` proves.
    pub(crate) fn with_token(&self, token: SecretString) -> Result<Self, ConnectError> {
        let mut config = Config::clone(&self.config);
        // Everything of the caller's identity goes, impersonation and client certificate included.
        config.auth_info = kube::config::AuthInfo { token: Some(token), ..Default::default() };
        Ok(Self {
            client: build_client(config.clone())?,
            config: Arc::new(config),
            request_timeout: self.request_timeout,
        })
    }

    /// The client, for typed APIs.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The namespace of the flags, else of the context, else `default`.
    pub fn namespace(&self) -> &str {
        &self.config.default_namespace
    }

    /// The API server's address.
    pub fn server(&self) -> String {
        self.config.cluster_url.to_string()
    }

    /// How long one request may take.
    pub fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    /// Does `request` within the request timeout, once.
    pub(crate) async fn once<T>(
        &self,
        doing: &str,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, ApiError> {
        match tokio::time::timeout(self.request_timeout, request).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.failed(doing, &error)),
            Err(_) => Err(ApiError::timed_out(doing, self.request_timeout).at(&self.server())),
        }
    }

    fn failed(&self, doing: &str, error: &kube::Error) -> ApiError {
        ApiError::new(doing, error).at(&self.server())
    }

    /// Does a request that may safely be repeated, again and again while the failure is a passing one and the request
    /// timeout lasts.
    pub(crate) async fn call<T, F>(&self, doing: &str, request: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let mut pause = Backoff::new();
        let deadline = tokio::time::Instant::now() + self.request_timeout;
        loop {
            let failed = match tokio::time::timeout_at(deadline, request()).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => self.failed(doing, &error),
                Err(_) => return Err(ApiError::timed_out(doing, self.request_timeout).at(&self.server())),
            };
            let wait = pause.next();
            let worth_it = failed.cause.is_transient() && pause.used <= MOST_RETRIES;
            if !worth_it || tokio::time::Instant::now() + wait >= deadline {
                return Err(failed);
            }
            tracing::debug!(doing, failed = %failed, "trying again");
            tokio::time::sleep(wait).await;
        }
    }
}

/// A passing fault is over after this many repetitions (about 3 s of them), or it isn't passing.
const MOST_RETRIES: u32 = 6;

/// Waits that double from 50 ms up to 1 s.
#[derive(Debug)]
pub(crate) struct Backoff {
    used: u32,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { used: 0 }
    }

    /// The next wait.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = Duration::from_millis(50 << self.used.min(5)).min(Duration::from_secs(1));
        self.used += 1;
        wait
    }
}

fn build_client(config: Config) -> Result<Client, ConnectError> {
    Client::try_from(config).map_err(|error| ConnectError::Unusable(crate::failure::describe(&error)))
}

/// The kubeconfig to use; `None` means that this runs in a pod.
fn read_kubeconfig(options: &ConnectOptions) -> Result<Option<Kubeconfig>, ConnectError> {
    let read = match &options.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let (looked, problem) = match read {
        Ok(kubeconfig) if kubeconfig.contexts.is_empty() && options.kubeconfig.is_none() => (String::new(), None),
        Ok(kubeconfig) => return Ok(Some(kubeconfig)),
        Err(KubeconfigError::ReadConfig(error, path)) if error.kind() == std::io::ErrorKind::NotFound => {
            (path.display().to_string(), Some(error))
        }
        Err(KubeconfigError::FindPath) => ("~/.kube/config".to_owned(), None),
        Err(error) => return Err(explain(error)),
    };
    if options.kubeconfig.is_none() && std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
        return Ok(None);
    }
    if options.server.is_some() {
        return Ok(Some(Kubeconfig::default()));
    }
    match problem {
        None if looked.is_empty() => Err(ConnectError::NoContext { known: Vec::new() }),
        _ => Err(ConnectError::NoKubeconfig { looked }),
    }
}

async fn from_kubeconfig(mut kubeconfig: Kubeconfig, options: &ConnectOptions) -> Result<Config, ConnectError> {
    let chosen = overrides::apply(&mut kubeconfig, options)?;
    let proxy = kubeconfig
        .clusters
        .iter()
        .find(|named| Some(&named.name) == chosen.cluster.as_ref())
        .and_then(|named| named.cluster.as_ref()?.proxy_url.clone());
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &chosen).await.map_err(explain)?;
    config.proxy_url = proxy::choose(&config.cluster_url, proxy.as_deref(), |name| std::env::var(name).ok())?;
    Ok(config)
}

fn in_cluster(options: &ConnectOptions) -> Result<Config, ConnectError> {
    let mut config = Config::incluster().map_err(|error| {
        ConnectError::Unusable(format!("this looks like a pod, but its service account can't be used: {error}"))
    })?;
    overrides::impersonate(&mut config.auth_info, options);
    if let Some(token) = &options.token {
        config.auth_info = kube::config::AuthInfo { token: Some(token.clone()), ..Default::default() };
        overrides::impersonate(&mut config.auth_info, options);
    }
    Ok(config)
}

/// kube's words, without the text of a kubeconfig line that may be a key.
fn explain(error: KubeconfigError) -> ConnectError {
    match error {
        KubeconfigError::ReadConfig(error, path) => {
            ConnectError::Unreadable { path: path.display().to_string(), reason: error.to_string() }
        }
        KubeconfigError::Parse(error) => {
            let place = error.location().map(|at| format!(" (line {}, column {})", at.line(), at.column()));
            ConnectError::Malformed { place: place.unwrap_or_default() }
        }
        other => ConnectError::Unusable(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
