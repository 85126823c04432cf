//! kubectl's flags for the way to a cluster, by kubectl's names.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use plimsoll_cluster::{ConnectError, ConnectOptions, Connection};
use secrecy::SecretString;

use super::duration;

/// The way to the cluster, as for kubectl.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cluster, as for kubectl")]
pub(crate) struct ConnectArgs {
    /// Namespace; the context's unless given
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// The kubeconfig file; $KUBECONFIG or ~/.kube/config unless given
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Cluster of the kubeconfig
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// User of the kubeconfig
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// User to impersonate
    #[arg(long = "as", value_name = "USER")]
    impersonate: Option<String>,
    /// Group to impersonate; can be repeated
    #[arg(long = "as-group", value_name = "GROUP")]
    impersonate_groups: Vec<String>,
    /// UID to impersonate
    #[arg(long = "as-uid", value_name = "UID")]
    impersonate_uid: Option<String>,
    /// Address of the API server
    #[arg(short, long, value_name = "URL")]
    server: Option<String>,
    /// Name that the server's certificate must carry
    #[arg(long, value_name = "NAME")]
    tls_server_name: Option<String>,
    /// Certificates to trust, PEM
    #[arg(long, value_name = "FILE")]
    certificate_authority: Option<PathBuf>,
    /// Client certificate, PEM
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<PathBuf>,
    /// Key of the client certificate, PEM
    #[arg(long, value_name = "FILE")]
    client_key: Option<PathBuf>,
    /// Bearer token. Whoever sees this machine's processes sees it: a kubeconfig is the better place
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    token: Option<SecretString>,
    /// How long one request may take: 30, 90s, 2m; 0 for no limit
    #[arg(long, value_name = "TIME", value_parser = duration::parse_limit, default_value = "30s")]
    request_timeout: Duration,
    /// Known so that it can be refused with a reason
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false)]
    insecure_skip_tls_verify: bool,
}

#[allow(clippy::unnecessary_wraps)] // the shape of a value parser
fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(SecretString::from(text))
}

impl ConnectArgs {
    /// Prepares the way. Nothing is sent yet.
    pub(crate) async fn open(&self) -> Result<Connection, ConnectError> {
        let options = self.options();
        if options.insecure_skip_tls_verify {
            // Before a kubeconfig is read and a credential plugin run.
            return Err(ConnectError::TlsVerificationOff { origin: "--insecure-skip-tls-verify".into() });
        }
        Connection::open(&options).await
    }

    fn options(&self) -> ConnectOptions {
        ConnectOptions {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            cluster: self.cluster.clone(),
            user: self.user.clone(),
            namespace: self.namespace.clone(),
            server: self.server.clone(),
            tls_server_name: self.tls_server_name.clone(),
            certificate_authority: self.certificate_authority.clone(),
            client_certificate: self.client_certificate.clone(),
            client_key: self.client_key.clone(),
            token: self.token.clone(),
            impersonate: self.impersonate.clone(),
            impersonate_groups: self.impersonate_groups.clone(),
            impersonate_uid: self.impersonate_uid.clone(),
            request_timeout: Some(self.request_timeout),
            insecure_skip_tls_verify: self.insecure_skip_tls_verify,
        }
    }
}
