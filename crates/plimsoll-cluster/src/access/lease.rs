//! The lease itself: granted once, renewed while the scan lasts, revoked whatever happens.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use jiff::Timestamp;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use kube::Api;
use kube::api::{DynamicObject, PostParams};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::grant::{Grant, ObjectKind, Rights};
use super::preflight::{granted, pod_permissions, preflight, require};
use super::removal::{Doomed, Removal};
use super::{AccessError, ContainerReceipt, ObjectReceipt, Receipt};
use crate::connection::{Backoff, Connection};
use crate::failure::Cause;

/// The shortest life that Kubernetes gives a token.
const TOKEN_LIFE: Duration = Duration::from_secs(600);
/// How often a creation with an unknown outcome is looked into and tried again.
const CREATION_TRIES: u32 = 4;

/// How a lease is made.
#[derive(Debug, Clone)]
pub struct LeaseOptions {
    /// How long the scan may take. It is the objects' expiry: [`super::gc`] removes them after it, and no token is
    /// issued beyond it. Tokens themselves live 600 s and are renewed.
    pub duration: Duration,
    /// A token older than this is renewed before it is used for a new connection.
    pub renew_after: Duration,
    /// How long the grant may take to become effective once all objects are there.
    pub patience: Duration,
}

impl Default for LeaseOptions {
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(3600),
            renew_after: Duration::from_secs(480),
            patience: Duration::from_secs(30),
        }
    }
}

/// An identity that may look at one pod and exec into it, and nothing else.
///
/// Whoever makes a lease must await [`AccessLease::revoke`] on every way out; [`with_lease`] sees to it.
#[derive(Debug)]
pub struct AccessLease {
    owner: Connection,
    grant: Grant,
    /// Whether an identity is made; else the owner's rights are used, and only what a scan puts in place beside is held.
    identity: bool,
    renew_after: Duration,
    patience: Duration,
    holdings: Arc<Mutex<Holdings>>,
    issued: tokio::sync::Mutex<Option<Issued>>,
}

/// A current token's connection. The token itself lives in there alone.
#[derive(Debug)]
struct Issued {
    connection: Connection,
    at: Instant,
}

/// What the cluster holds for this lease, as far as is known.
#[derive(Debug)]
struct Holdings {
    namespace: String,
    pod: String,
    /// In the order of creation.
    objects: Vec<Held>,
    /// Debug containers: they can be ended, but not removed.
    containers: Vec<ContainerReceipt>,
    tokens: u32,
    token_expires_at: Option<Timestamp>,
}

/// One object of the lease.
#[derive(Debug, Clone)]
struct Held {
    kind: ObjectKind,
    name: String,
    standing: Standing,
}

/// What is known of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// Nothing was asked for yet.
    Planned,
    /// Its creation was asked for; whether it happened is not known.
    Asked,
    /// It is there.
    Created { uid: String, at: Timestamp },
    /// It is proved not to be there.
    Gone,
}

impl Holdings {
    fn set(&mut self, kind: ObjectKind, name: &str, standing: Standing) {
        match self.objects.iter_mut().find(|held| held.kind == kind && held.name == name) {
            Some(held) => held.standing = standing,
            None => self.objects.push(Held { kind, name: name.to_owned(), standing }),
        }
    }

    fn may_be_left(&self) -> Vec<String> {
        let running = self.containers.iter().filter(|container| !container.verified);
        let running = running.map(|container| format!("{} in pod {}/{}", container.called(), self.namespace, self.pod));
        let is_there = |held: &&Held| !matches!(held.standing, Standing::Planned | Standing::Gone);
        let there = self.objects.iter().rev().filter(is_there);
        let there = there.map(|held| format!("{} {} in namespace {}", held.kind, held.name, self.namespace));
        running.chain(there).collect()
    }
}

/// A look at a lease from outside, for whoever must say what is left when there is no time to revoke it.
#[derive(Debug, Clone)]
pub struct LeaseWatch(Arc<Mutex<Holdings>>);

impl LeaseWatch {
    /// What may be in the cluster at this moment, as `KIND NAME in namespace NAMESPACE`.
    pub fn may_be_left(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).may_be_left()
    }
}

impl AccessLease {
    /// Plans a lease on `pod`. Nothing is created before [`AccessLease::establish`].
    pub fn plan(owner: &Connection, namespace: &str, pod: &str, options: &LeaseOptions) -> Self {
        Self::new(owner, namespace, Some(pod), options, true)
    }

    /// As [`AccessLease::plan`] on a pod that the run is going to make; [`AccessLease::own_pod`] names it.
    pub(crate) fn plan_own(owner: &Connection, namespace: &str, options: &LeaseOptions) -> Self {
        Self::new(owner, namespace, None, options, true)
    }

    /// The owner's own rights: nothing is granted, and what the run puts in place is taken back all the same.
    #[must_use]
    pub(crate) fn without_identity(mut self) -> Self {
        self.identity = false;
        self.holdings().objects.clear();
        self
    }

    fn new(owner: &Connection, namespace: &str, pod: Option<&str>, options: &LeaseOptions, identity: bool) -> Self {
        let run_id = new_run_id();
        let pod = pod.map_or_else(|| format!("plimsoll-{run_id}"), str::to_owned);
        let grant =
            Grant { namespace: namespace.into(), pod: pod.clone(), run_id, expires_at: expiry(options.duration) };
        let planned = |kind| Held { kind, name: grant.name(), standing: Standing::Planned };
        let holdings = Holdings {
            namespace: namespace.into(),
            pod,
            objects: ObjectKind::CREATION.map(planned).into(),
            containers: Vec::new(),
            tokens: 0,
            token_expires_at: None,
        };
        Self {
            owner: owner.clone(),
            grant,
            identity,
            renew_after: options.renew_after,
            patience: options.patience,
            holdings: Arc::new(Mutex::new(holdings)),
            issued: tokio::sync::Mutex::default(),
        }
    }

    /// Whether there is, or may come to be, anything to take back.
    pub(crate) fn holds_anything(&self) -> bool {
        let holdings = self.holdings();
        !holdings.objects.is_empty() || !holdings.containers.is_empty()
    }

    /// Whether an identity is made for the run.
    pub(crate) fn has_identity(&self) -> bool {
        self.identity
    }

    /// The connection of whoever made the lease.
    pub(crate) fn owner(&self) -> &Connection {
        &self.owner
    }

    /// The pod that access is granted to.
    pub(crate) fn pod(&self) -> &str {
        &self.grant.pod
    }

    /// The namespace of the pod and of all objects.
    pub(crate) fn namespace(&self) -> &str {
        &self.grant.namespace
    }

    /// The time that is left of the lease.
    pub(crate) fn remaining(&self) -> Duration {
        let seconds = self.grant.expires_at.as_second() - Timestamp::now().as_second();
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// The id that labels everything of this run.
    pub fn run_id(&self) -> &str {
        &self.grant.run_id
    }

    /// What may be in the cluster at this moment, as `KIND NAME in namespace NAMESPACE`.
    pub fn may_be_left(&self) -> Vec<String> {
        self.watch().may_be_left()
    }

    /// A handle that tells what may be left, for signal handlers.
    pub fn watch(&self) -> LeaseWatch {
        LeaseWatch(Arc::clone(&self.holdings))
    }

    /// Asks for all permissions, creates the objects, and waits until the identity really may.
    ///
    /// Cancelling `stop` ends it between two requests: a request that is under way is waited for, so that nothing is
    /// created behind our back. After an error the caller revokes, as after anything else.
    pub async fn establish(&self, stop: &CancellationToken) -> Result<(), AccessError> {
        if !self.identity {
            return Ok(());
        }
        preflight(&self.owner, Rights::Exec, &self.grant.namespace, &self.grant.pod).await?;
        self.grant_rights(Rights::Exec, &ObjectKind::CREATION, stop).await
    }

    /// Lets the identity add ephemeral containers to the pod as well; without an identity, makes sure that the owner may.
    pub(crate) async fn allow_debugging(&self, stop: &CancellationToken) -> Result<(), AccessError> {
        let (namespace, pod) = (&self.grant.namespace, &self.grant.pod);
        if !self.identity {
            let permissions = granted(Rights::Debug, namespace, pod);
            return require(&self.owner, "add a debug container to the pod", permissions).await;
        }
        preflight(&self.owner, Rights::Debug, namespace, pod).await?;
        self.grant_rights(Rights::Debug, &[ObjectKind::Role, ObjectKind::RoleBinding], stop).await
    }

    async fn grant_rights(
        &self,
        rights: Rights,
        kinds: &[ObjectKind],
        stop: &CancellationToken,
    ) -> Result<(), AccessError> {
        for kind in kinds {
            if stop.is_cancelled() {
                return Err(AccessError::Interrupted);
            }
            let name =
                if *kind == ObjectKind::ServiceAccount { self.grant.name() } else { self.grant.name_for(rights) };
            self.create(*kind, &name, &self.grant.object(*kind, rights)).await?;
        }
        if stop.is_cancelled() {
            return Err(AccessError::Interrupted);
        }
        let connection = self.connection().await?;
        tokio::select! {
            effective = self.until_effective(&connection, rights) => effective,
            () = stop.cancelled() => Err(AccessError::Interrupted),
        }
    }

    /// Makes sure that the owner may make, look at and remove pods.
    pub(crate) async fn allow_pods(&self) -> Result<(), AccessError> {
        require(&self.owner, "make a pod to scan", pod_permissions(&self.grant.namespace)).await
    }

    /// Creates a pod of the run's own, under the name that the lease is for.
    pub(crate) async fn create_pod(&self, mut pod: Pod) -> Result<(), AccessError> {
        let mut metadata = self.grant.metadata(self.grant.pod.clone());
        metadata.annotations.get_or_insert_default().extend(pod.metadata.annotations.take().unwrap_or_default());
        pod.metadata = metadata;
        let object = serde_json::to_value(pod).and_then(serde_json::from_value);
        let object = object.expect("a pod is JSON with metadata");
        self.create(ObjectKind::Pod, &self.grant.pod, &object).await
    }

    /// Removes the pod of the run's own before its end, so that another one can take its name.
    pub(crate) async fn remove_pod(&self) -> Result<(), AccessError> {
        let held = self.held().into_iter().find(|held| held.kind == ObjectKind::Pod);
        let Some(held) = held else { return Ok(()) };
        let receipt = self.remove(held).await;
        if !receipt.verified {
            let (kind, name, namespace) = (receipt.kind, receipt.name, self.grant.namespace.clone());
            return Err(AccessError::NameTaken { kind, name, namespace });
        }
        self.holdings().set(ObjectKind::Pod, &receipt.name, Standing::Gone);
        Ok(())
    }

    /// Notes a debug container that is about to be added, or what has become of it.
    pub(crate) fn note_container(&self, container: &ContainerReceipt) {
        let mut holdings = self.holdings();
        match holdings.containers.iter_mut().find(|known| known.name == container.name) {
            Some(known) => known.clone_from(container),
            None => holdings.containers.push(container.clone()),
        }
    }

    /// The debug containers that may still run.
    pub(crate) fn running_containers(&self) -> Vec<ContainerReceipt> {
        self.holdings().containers.iter().filter(|container| !container.verified).cloned().collect()
    }

    /// A connection as the leased identity, with a token that is good for two minutes at least (unless told otherwise).
    pub async fn connection(&self) -> Result<Connection, AccessError> {
        if !self.identity {
            return Ok(self.owner.clone());
        }
        let mut issued = self.issued.lock().await;
        match issued.as_ref() {
            Some(current) if current.at.elapsed() < self.renew_after => Ok(current.connection.clone()),
            _ => {
                let fresh = self.issue().await?;
                let connection = fresh.connection.clone();
                *issued = Some(fresh);
                Ok(connection)
            }
        }
    }

    /// Removes every object, proves that each is gone, and tells what could not be done or proved.
    ///
    /// It may be called again; what is proved gone is not asked for twice.
    pub async fn revoke(&self) -> Receipt {
        // First: asking a debug container to end takes the rights that go with the rest.
        for container in self.running_containers() {
            crate::debug::end(self, container).await;
        }
        *self.issued.lock().await = None;
        let mut objects = Vec::new();
        for held in self.held().into_iter().rev() {
            let receipt = self.remove(held).await;
            if receipt.verified {
                self.holdings().set(receipt.kind, &receipt.name, Standing::Gone);
            }
            objects.push(receipt);
        }
        let holdings = self.holdings();
        Receipt {
            run_id: self.grant.run_id.clone(),
            namespace: self.grant.namespace.clone(),
            pod: self.grant.pod.clone(),
            expires_at: self.grant.expires_at,
            tokens: holdings.tokens,
            token_expires_at: holdings.token_expires_at,
            containers: holdings.containers.clone(),
            objects,
        }
    }

    fn holdings(&self) -> std::sync::MutexGuard<'_, Holdings> {
        self.holdings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> Vec<Held> {
        self.holdings().objects.clone()
    }

    /// Creates one object. A creation whose outcome is unknown is looked up before it is asked for again.
    async fn create(&self, kind: ObjectKind, name: &str, object: &DynamicObject) -> Result<(), AccessError> {
        let api = kind.api(self.owner.client(), &self.grant.namespace);
        let doing = format!("create {kind} {name} in namespace {}", self.grant.namespace);
        let params = PostParams::default();
        let mut pause = Backoff::new();
        for attempt in 1.. {
            self.holdings().set(kind, name, Standing::Asked);
            let failed = match self.owner.once(&doing, api.create(&params, object)).await {
                Ok(created) => {
                    self.adopt(kind, name, &created);
                    return Ok(());
                }
                Err(failed) => failed,
            };
            if failed.cause == Cause::Conflict {
                return self.adopt_existing(kind, name, &api).await;
            }
            if !failed.leaves_doubt() {
                self.holdings().set(kind, name, Standing::Planned);
            } else if self.find(kind, name, &api).await?.is_some() {
                return self.adopt_existing(kind, name, &api).await;
            }
            if attempt >= CREATION_TRIES || !failed.cause.is_transient() {
                return Err(failed.into());
            }
            tokio::time::sleep(pause.next()).await;
        }
        unreachable!("the loop ends by returning")
    }

    async fn adopt_existing(&self, kind: ObjectKind, name: &str, api: &Api<DynamicObject>) -> Result<(), AccessError> {
        match self.find(kind, name, api).await? {
            Some(object) if self.grant.owns(&object) => {
                self.adopt(kind, name, &object);
                Ok(())
            }
            _ => {
                self.holdings().set(kind, name, Standing::Planned);
                let (name, namespace) = (name.to_owned(), self.grant.namespace.clone());
                Err(AccessError::NameTaken { kind, name, namespace })
            }
        }
    }

    fn adopt(&self, kind: ObjectKind, name: &str, object: &DynamicObject) {
        let uid = object.metadata.uid.clone().unwrap_or_default();
        let created = object.metadata.creation_timestamp.as_ref().map_or_else(Timestamp::now, |time| time.0);
        self.holdings().set(kind, name, Standing::Created { uid, at: created });
    }

    async fn find(
        &self,
        kind: ObjectKind,
        name: &str,
        api: &Api<DynamicObject>,
    ) -> Result<Option<DynamicObject>, AccessError> {
        let doing = format!("look up {kind} {name} in namespace {}", self.grant.namespace);
        Ok(self.owner.call(&doing, || api.get_opt(name)).await?)
    }

    async fn issue(&self) -> Result<Issued, AccessError> {
        if Timestamp::now() >= self.grant.expires_at {
            return Err(AccessError::Over { expired_at: self.grant.expires_at.to_string() });
        }
        let (name, namespace) = (self.grant.name(), self.grant.namespace.clone());
        let accounts: Api<ServiceAccount> = Api::namespaced(self.owner.client().clone(), &namespace);
        let request = TokenRequest {
            spec: Some(TokenRequestSpec {
                expiration_seconds: Some(TOKEN_LIFE.as_secs() as i64),
                ..Default::default()
            }),
            ..Default::default()
        };
        let params = PostParams::default();
        let doing = format!("request a token for ServiceAccount {name} in namespace {namespace}");
        let at = Instant::now();
        let granted = self.owner.call(&doing, || accounts.create_token_request(&name, &params, &request)).await?;
        let status = granted.status.unwrap_or_default();
        let Some(token) = status.token.filter(|token| !token.is_empty()) else {
            return Err(AccessError::NoToken { name, namespace });
        };
        {
            let mut holdings = self.holdings();
            holdings.tokens += 1;
            holdings.token_expires_at = status.expiration_timestamp.map(|time| time.0);
        }
        let connection = self.owner.with_token(SecretString::from(token));
        let connection = connection.map_err(|error| AccessError::Connect(Arc::new(error)))?;
        Ok(Issued { connection, at })
    }

    /// Asks as the leased identity until the answer is yes: authorizers learn of new roles and accounts with a delay.
    async fn until_effective(&self, connection: &Connection, rights: Rights) -> Result<(), AccessError> {
        let started = Instant::now();
        let mut pause = Backoff::new();
        loop {
            let Some(last) = self.is_effective(connection, rights).await else { return Ok(()) };
            let wait = pause.next();
            if started.elapsed() + wait > self.patience {
                let identity = self.grant.identity();
                return Err(AccessError::NotEffective { identity, waited: self.patience, last });
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// What the identity still can't do; `None` once it can do all.
    async fn is_effective(&self, connection: &Connection, rights: Rights) -> Option<String> {
        for permission in granted(rights, &self.grant.namespace, &self.grant.pod) {
            match permission.is_granted(connection).await {
                Ok(true) => {}
                Ok(false) => return Some(format!("it may not yet {permission}")),
                // Some clusters let service accounts ask nothing: then the pod itself is the probe.
                Err(error) if error.cause == Cause::Forbidden => return self.probe(connection).await,
                Err(error) => return Some(error.to_string()),
            }
        }
        None
    }

    async fn probe(&self, connection: &Connection) -> Option<String> {
        let pods: Api<Pod> = Api::namespaced(connection.client().clone(), &self.grant.namespace);
        let looked = connection.call("look at the pod", || pods.get(&self.grant.pod)).await;
        looked.err().map(|error| error.to_string())
    }

    async fn remove(&self, Held { kind, name, standing }: Held) -> ObjectReceipt {
        let mut receipt = ObjectReceipt {
            kind,
            name: name.clone(),
            uid: None,
            created: None,
            removed: None,
            verified: matches!(standing, Standing::Planned | Standing::Gone),
            problem: None,
        };
        let uid = match standing {
            Standing::Planned | Standing::Gone => return receipt,
            Standing::Created { uid, at } => {
                receipt.created = Some(at);
                uid
            }
            Standing::Asked => match self.discover(kind, &name).await {
                Ok(Some(uid)) => uid,
                Ok(None) => {
                    receipt.verified = true;
                    return receipt;
                }
                Err(error) => {
                    receipt.problem = Some(error.to_string());
                    return receipt;
                }
            },
        };
        let doomed = Doomed { kind, namespace: &self.grant.namespace, name: &name, uid: &uid };
        let Removal { removed, verified, problem } = doomed.remove(&self.owner).await;
        receipt.uid = Some(uid);
        ObjectReceipt { removed, verified, problem, ..receipt }
    }

    /// Whether an object whose creation got no answer is there after all. The request may still be on its way through
    /// the server, so absence is believed only when it lasts.
    async fn discover(&self, kind: ObjectKind, name: &str) -> Result<Option<String>, AccessError> {
        let api = kind.api(self.owner.client(), &self.grant.namespace);
        for wait in [0, 200, 800] {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            if let Some(object) = self.find(kind, name, &api).await? {
                return Ok(self.grant.owns(&object).then(|| object.metadata.uid.unwrap_or_default()));
            }
        }
        Ok(None)
    }
}

impl Drop for AccessLease {
    /// Nothing can be awaited here; what was not revoked is at least named.
    fn drop(&mut self) {
        let left = self.may_be_left();
        if !left.is_empty() {
            tracing::error!(left = left.join(", "), "an access lease was dropped without being revoked");
        }
    }
}

/// Does `work` and then `revoke`, whatever becomes of the work: an error, a cancellation, a panic (handed on as `Err`).
///
/// The future must be driven to its end. To stop early, make the work heed a cancellation.
pub async fn with_lease<T>(
    work: impl Future<Output = T>,
    revoke: impl Future<Output = Receipt>,
) -> (std::thread::Result<T>, Receipt) {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    (outcome, revoke.await)
}

/// Ten random characters that may stand in a name and a label.
fn new_run_id() -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut random = [0u8; 10];
    getrandom::fill(&mut random).expect("the system has random numbers");
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// The end of a lease of `duration` that begins now, to the second: it is written into an annotation.
fn expiry(duration: Duration) -> Timestamp {
    let ahead = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let end = Timestamp::now().as_second().saturating_add(ahead);
    Timestamp::from_second(end).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_are_names_and_differ() {
        let ids: std::collections::HashSet<String> = (0..100).map(|_| new_run_id()).collect();
        assert_eq!(ids.len(), 100);
        assert!(
            ids.iter().all(|id| id.len() == 10 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        );
    }

    #[test]
    fn what_may_be_left_is_what_was_asked_for_or_created() {
        let planned = |kind| Held { kind, name: "plimsoll-x".into(), standing: Standing::Planned };
        let mut holdings = Holdings {
            namespace: "shop".into(),
            pod: "web".into(),
            objects: ObjectKind::CREATION.map(planned).into(),
            containers: Vec::new(),
            tokens: 0,
            token_expires_at: None,
        };
        assert!(holdings.may_be_left().is_empty());
        holdings.set(
            ObjectKind::ServiceAccount,
            "plimsoll-x",
            Standing::Created { uid: "u".into(), at: Timestamp::UNIX_EPOCH },
        );
        holdings.set(ObjectKind::Role, "plimsoll-x", Standing::Asked);
        assert_eq!(
            holdings.may_be_left(),
            ["Role plimsoll-x in namespace shop", "ServiceAccount plimsoll-x in namespace shop"]
        );
        holdings.set(ObjectKind::ServiceAccount, "plimsoll-x", Standing::Gone);
        assert_eq!(holdings.may_be_left(), ["Role plimsoll-x in namespace shop"]);
    }
}
