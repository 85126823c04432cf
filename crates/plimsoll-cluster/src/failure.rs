//! What went wrong with a request to the API server, told apart by what helps.

use std::error::Error as StdError;

use kube::client::AuthError;

/// A request to the API server that failed: what was being done, why it failed, and what to do next.
#[derive(Debug, Clone, thiserror::Error)]
#[error("could not {doing}: {detail}{}", advice(.cause))]
pub struct ApiError {
    /// What was being done, as the end of "could not …".
    pub doing: String,
    /// The kind of failure.
    pub cause: Cause,
    /// The server's or the system's own words. Never holds a credential.
    pub detail: String,
}

/// The kinds of failure that call for different help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No connection could be made, or it broke.
    Unreachable,
    /// The server's certificate did not verify, or TLS failed otherwise.
    Tls,
    /// The caller's credential is missing, expired or refused (401), or could not be made.
    Unauthorized,
    /// The caller is known and may not do this (403).
    Forbidden,
    /// There is no such object (404).
    NotFound,
    /// Something else holds that name, or the object is not the one meant (409).
    Conflict,
    /// The server refuses the request for what it says (other 4xx).
    Rejected,
    /// The server asks for patience (429).
    Overloaded,
    /// The server failed (5xx).
    Server,
    /// No answer in time.
    TimedOut,
    /// Anything else.
    Other,
}

impl ApiError {
    pub(crate) fn new(doing: impl Into<String>, error: &kube::Error) -> Self {
        Self { doing: doing.into(), cause: Cause::of(error), detail: describe(error) }
    }

    pub(crate) fn timed_out(doing: impl Into<String>, after: std::time::Duration) -> Self {
        let detail = format!("no answer within {} s", after.as_secs_f64());
        Self { doing: doing.into(), cause: Cause::TimedOut, detail }
    }

    /// Names the server where it is the server that could not be reached.
    pub(crate) fn at(mut self, server: &str) -> Self {
        if matches!(self.cause, Cause::Unreachable | Cause::Tls | Cause::TimedOut) {
            self.detail = format!("{} (API server {server})", self.detail);
        }
        self
    }

    /// Whether the server may have done what it was asked, in spite of the failure.
    pub(crate) fn leaves_doubt(&self) -> bool {
        matches!(self.cause, Cause::Unreachable | Cause::Tls | Cause::TimedOut | Cause::Server | Cause::Other)
    }
}

impl Cause {
    /// The kind of `error`.
    pub fn of(error: &kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => match status.code {
                401 => Self::Unauthorized,
                403 => Self::Forbidden,
                404 | 410 => Self::NotFound,
                409 => Self::Conflict,
                408 | 504 => Self::TimedOut,
                429 => Self::Overloaded,
                400..=499 => Self::Rejected,
                500..=599 => Self::Server,
                _ => Self::Other,
            },
            kube::Error::Auth(_) => Self::Unauthorized,
            kube::Error::RustlsTls(_) => Self::Tls,
            other => Self::of_chain(other),
        }
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Overloaded | Self::Server | Self::TimedOut | Self::Unreachable)
    }

    fn of_chain(error: &(dyn StdError + 'static)) -> Self {
        let mut found = Self::Other;
        for link in chain(error) {
            if link.is::<AuthError>() {
                return Self::Unauthorized;
            }
            if link.is::<rustls::Error>() {
                return Self::Tls;
            }
            if let Some(io) = link.downcast_ref::<std::io::Error>() {
                found = if io.kind() == std::io::ErrorKind::TimedOut { Self::TimedOut } else { Self::Unreachable };
            }
            // hyper tells a broken or refused connection by its own type, not always with an io::Error below it.
            if found == Self::Other && link.to_string().contains("connect") {
                found = Self::Unreachable;
            }
        }
        found
    }
}

/// What to do about a failure, as the tail of a message.
fn advice(cause: &Cause) -> &'static str {
    match cause {
        Cause::Unreachable => "; check that the cluster runs and that the context names its address",
        Cause::Tls => {
            "; the server's certificate must verify: check the context's certificate-authority \
             (or --certificate-authority) and tls-server-name"
        }
        Cause::Unauthorized => "; log in again, or check the context's user",
        Cause::Overloaded | Cause::Server => "; try again in a moment",
        Cause::TimedOut => "; try again, or allow more time with --request-timeout",
        Cause::Forbidden | Cause::NotFound | Cause::Conflict | Cause::Rejected | Cause::Other => "",
    }
}

/// An error and everything below it, outermost first.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    // A cycle or an absurd depth must not stall a message.
    const DEEPEST: usize = 16;
    std::iter::successors(Some(error), |error| below(*error)).take(DEEPEST)
}

/// The next error down. An `io::Error` that wraps another names that one's source as its own: look inside first.
fn below<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        return Some(inner);
    }
    error.source()
}

/// The whole chain in one line, without saying anything twice and without what a credential plugin printed.
pub(crate) fn describe(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return describe_status(status);
    }
    if let Some(auth) = chain(error).find_map(|link| link.downcast_ref::<AuthError>()) {
        return describe_auth(auth);
    }
    let mut text = String::new();
    for link in chain(error).skip(usize::from(error.source().is_some())) {
        let said = link.to_string();
        if !text.contains(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
    }
    text
}

fn describe_status(status: &kube::core::Status) -> String {
    let message = status.message.trim();
    match (message.is_empty(), status.reason.is_empty()) {
        (false, _) => format!("{message} (HTTP {})", status.code),
        (true, false) => format!("{} (HTTP {})", status.reason, status.code),
        (true, true) => format!("HTTP {}", status.code),
    }
}

/// kube shows a failed plugin's whole output, environment and arguments, and a credential may be in each of them.
fn describe_auth(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            format!("the kubeconfig's credential plugin failed ({}): {}", out.status, said.trim())
        }
        AuthError::AuthExecParse(_) => "the credential plugin's output is no ExecCredential".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, message: &str) -> kube::Error {
        kube::Error::Api(kube::core::Status::failure(message, "Reason").with_code(code).boxed())
    }

    #[test]
    fn status_codes_are_told_apart() {
        let kinds = [401, 403, 404, 409, 429, 500, 503, 504, 422].map(|code| Cause::of(&status(code, "")));
        assert_eq!(
            kinds,
            [
                Cause::Unauthorized,
                Cause::Forbidden,
                Cause::NotFound,
                Cause::Conflict,
                Cause::Overloaded,
                Cause::Server,
                Cause::Server,
                Cause::TimedOut,
                Cause::Rejected,
            ]
        );
    }

    #[test]
    fn a_refused_connection_is_unreachable_and_says_what_to_do() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = ApiError::new("get pod web", &kube::Error::Service(Box::new(refused)));
        assert_eq!(error.cause, Cause::Unreachable);
        assert_eq!(
            error.to_string(),
            "could not get pod web: connection refused; check that the cluster runs and that the context names its address"
        );
    }

    #[test]
    fn a_certificate_that_does_not_verify_is_a_tls_failure() {
        let bad = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let wrapped = std::io::Error::other(bad);
        assert_eq!(Cause::of(&kube::Error::Service(Box::new(wrapped))), Cause::Tls);
    }

    #[test]
    fn a_plugins_standard_output_is_never_shown() {
        use std::os::unix::process::ExitStatusExt as _;
        let out = std::process::Output {
            status: std::process::ExitStatus::from_raw(256),
            stdout: b"{\"token\":\"s3cret\"}".to_vec(),
            stderr: b"not logged in".to_vec(),
        };
        let error = kube::Error::Auth(AuthError::AuthExecRun { cmd: "KEY=s3cret login".into(), out: Box::new(out) });
        let said = ApiError::new("log in", &error).to_string();
        assert!(said.contains("not logged in") && !said.contains("s3cret"), "{said}");
    }
}
