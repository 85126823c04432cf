//! Access is a lease: an identity made for one scan, with the rights to that one pod, gone when the scan is.
//!
//! A lease is three objects (ServiceAccount, Role, RoleBinding) and a short-lived token that stays in memory. Every object carries
//! the labels [`MANAGED_BY`] and [`RUN_ID`] and the annotation [`EXPIRES_AT`], so that [`gc`] finds what a killed process
//! left.

use std::sync::Arc;
use std::time::Duration;

mod gc;
mod grant;
mod lease;
mod preflight;
mod receipt;
mod removal;

pub use gc::{GcOptions, GcReport, Swept, SweptFate, gc};
pub use grant::ObjectKind;
pub use lease::{AccessLease, LeaseOptions, LeaseWatch, with_lease};
pub use preflight::Permission;
pub use receipt::{ContainerReceipt, ObjectReceipt, Receipt};

use crate::connection::{ConnectError, Connection};
use crate::failure::ApiError;

/// The label that marks an object as ours …
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// … and its value.
pub const MANAGER: &str = "plimsoll";
/// The label that tells which run an object belongs to.
pub const RUN_ID: &str = "plimsoll.dev/run-id";
/// The annotation that tells when an object may be swept, RFC 3339.
pub const EXPIRES_AT: &str = "plimsoll.dev/expires-at";

/// Whose rights a scan uses.
#[derive(Debug, Clone)]
pub enum Access {
    /// An identity made for the scan.
    Lease(Arc<AccessLease>),
    /// The caller's own.
    Existing(Connection),
}

impl Access {
    /// A connection with these rights. A lease's token is renewed when it is about to expire.
    pub async fn connection(&self) -> Result<Connection, AccessError> {
        match self {
            Self::Lease(lease) => lease.connection().await,
            Self::Existing(connection) => Ok(connection.clone()),
        }
    }

    /// Whether these are the rights of an identity that was just made.
    pub(crate) fn is_leased(&self) -> bool {
        matches!(self, Self::Lease(lease) if lease.has_identity())
    }
}

/// Why access was not granted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessError {
    /// The caller may not do all that a lease needs.
    #[error("{}", preflight::explain(.namespace, .missing))]
    Missing {
        /// Namespace of the pod.
        namespace: String,
        /// All that is missing.
        missing: Vec<Permission>,
    },
    /// The caller may not do something that the scan does in his name.
    #[error("{}", preflight::explain_own(.doing, .missing))]
    NotAllowed {
        /// What, as the end of "you may not …".
        doing: &'static str,
        /// All that is missing.
        missing: Vec<Permission>,
    },
    /// A request failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// An object of another origin has our name.
    #[error("there already is a {kind} {name} in namespace {namespace} that is not this run's; run the scan again")]
    NameTaken {
        /// Kind.
        kind: ObjectKind,
        /// Its name.
        name: String,
        /// Its namespace.
        namespace: String,
    },
    /// The API server answered a token request without a token.
    #[error("the API server granted no token for ServiceAccount {name} in namespace {namespace}")]
    NoToken {
        /// The service account.
        name: String,
        /// Its namespace.
        namespace: String,
    },
    /// The objects are there and the identity still may not.
    #[error(
        "the access granted to {identity} did not take effect within {} s ({last}); an admission policy or another \
         authorizer may forbid it: scan with your own rights instead (--access existing)",
        .waited.as_secs()
    )]
    NotEffective {
        /// The identity's user name.
        identity: String,
        /// How long it was waited for.
        waited: Duration,
        /// What it still could not do.
        last: String,
    },
    /// The lease's time is over.
    #[error(
        "the access lease ended at {expired_at} and is not renewed beyond that; allow the scan more time with --deadline"
    )]
    Over {
        /// Its end, RFC 3339.
        expired_at: String,
    },
    /// The scan was cancelled meanwhile.
    #[error("interrupted while access was being granted")]
    Interrupted,
    /// No client could be made with the token.
    #[error("could not use the granted token: {0}")]
    Connect(Arc<ConnectError>),
}
