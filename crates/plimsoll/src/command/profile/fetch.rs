//! Fetching what profiles depend on: git repositories through the `git` program, archives over HTTPS.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use plimsoll_auditor::Fetch;
use tokio::runtime::Runtime;
use tokio_util::bytes::Bytes;

/// More is no profile.
const LARGEST: usize = 64 << 20;

/// How long one download may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often a server may send us elsewhere.
const REDIRECTS: usize = 5;

/// The way out.
pub(super) struct Network {
    runtime: Runtime,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Network {
    pub(super) fn new() -> anyhow::Result<Self> {
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)
            .context("cannot read this machine's root certificates")?
            .https_or_http()
            .enable_http1()
            .build();
        let runtime = crate::command::runtime()?;
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { runtime, client })
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let mut address = url.to_owned();
        for _ in 0..=REDIRECTS {
            let uri: http::Uri = address.parse().map_err(|error| format!("`{address}` is no URL: {error}"))?;
            let local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
            if uri.scheme_str() != Some("https") && !local {
                return Err(format!(
                    "{address}: only https is fetched: nobody vouches for what comes over anything else"
                ));
            }
            let failed = |error: &dyn std::error::Error| format!("cannot fetch {address}: {}", causes(error));
            let response = self.client.get(uri.clone()).await.map_err(|error| failed(&error))?;
            let status = response.status();
            if status.is_redirection() {
                let to = response.headers().get(http::header::LOCATION).and_then(|to| to.to_str().ok());
                let to = to.ok_or_else(|| format!("cannot fetch {address}: it redirects to nowhere"))?;
                address = if to.starts_with('/') {
                    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
                    format!("{}://{authority}{to}", uri.scheme_str().unwrap_or("https"))
                } else {
                    to.to_owned()
                };
                continue;
            }
            if !status.is_success() {
                return Err(format!("cannot fetch {address}: the server says {status}"));
            }
            let body = Limited::new(response.into_body(), LARGEST).collect().await;
            return Ok(body.map_err(|error| failed(&*error))?.to_bytes().to_vec());
        }
        Err(format!("cannot fetch {url}: it redirects more than {REDIRECTS} times"))
    }
}

/// An error with what caused it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

impl Fetch for Network {
    fn commit(&self, repository: &str, name: Option<&str>) -> Result<String, String> {
        let listed = git(
            None,
            &["ls-remote", "--", repository, name.map_or("HEAD".into(), |name| format!("{name}*")).as_str()],
        )?;
        let refs: Vec<(&str, &str)> = listed.lines().filter_map(|line| line.split_once('\t')).collect();
        let wanted = name.unwrap_or("HEAD");
        let of = |name: &str| {
            let exact = |found: &str| found == name || found.rsplit_once('/').is_some_and(|(_, last)| last == name);
            refs.iter()
                .find(|(_, found)| exact(found) || found.ends_with(&format!("/{name}")))
                .map(|(commit, _)| *commit)
        };
        // An annotated tag is listed twice: `^{}` marks the commit that it stands for.
        let commit = of(&format!("{wanted}^{{}}")).or_else(|| of(wanted));
        commit.map(str::to_owned).ok_or_else(|| format!("the repository {repository} has no branch or tag `{wanted}`"))
    }

    fn checkout(&self, repository: &str, commit: &str, into: &Path) -> Result<(), String> {
        git(Some(into), &["clone", "--quiet", "--no-checkout", "--", repository, "."])?;
        git(Some(into), &["checkout", "--quiet", "--detach", commit]).map(drop)
    }

    fn download(&self, url: &str) -> Result<Vec<u8>, String> {
        self.runtime.block_on(async {
            let fetched = tokio::time::timeout(PATIENCE, self.get(url)).await;
            fetched.unwrap_or_else(|_| Err(format!("cannot fetch {url}: it took more than {} s", PATIENCE.as_secs())))
        })
    }
}

fn git(directory: Option<&Path>, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    // Nobody is asked for a password.
    command.args(arguments).env("GIT_TERMINAL_PROMPT", "0").stdin(std::process::Stdio::null());
    if let Some(directory) = directory {
        command.current_dir(directory);
    }
    let output = command.output().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "git dependencies need the program `git`, which is not installed".to_owned(),
        _ => format!("cannot run git: {error}"),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
    Err(format!("`git {}` failed: {said}", arguments.first().copied().unwrap_or_default()))
}
