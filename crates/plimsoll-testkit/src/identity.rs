//! Who sends a request: bearer tokens of users and ServiceAccounts, and impersonation.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use serde_json::{Value, json};

use crate::attributes::Attributes;
use crate::clock::unix_seconds;
use crate::random;
use crate::rbac::Authorizer;
use crate::refusal::Refusal;
use crate::store::Store;

/// The group that may do everything.
pub(crate) const MASTERS: &str = "system:masters";

/// A caller, as RBAC knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) groups: Vec<String>,
}

impl Caller {
    fn anonymous() -> Self {
        Self {
            name: "system:anonymous".to_owned(),
            uid: String::new(),
            groups: vec!["system:unauthenticated".to_owned()],
        }
    }

    fn authenticated(name: &str, uid: &str, groups: impl IntoIterator<Item = String>) -> Self {
        let mut groups: Vec<String> = groups.into_iter().collect();
        groups.push("system:authenticated".to_owned());
        Self { name: name.to_owned(), uid: uid.to_owned(), groups }
    }

    pub(crate) fn is_master(&self) -> bool {
        self.groups.iter().any(|group| group == MASTERS)
    }

    /// The user information of review objects.
    pub(crate) fn info(&self) -> Value {
        let mut info = json!({ "username": self.name, "groups": self.groups });
        if !self.uid.is_empty() {
            info["uid"] = self.uid.clone().into();
        }
        info
    }
}

/// The name RBAC knows a ServiceAccount by.
pub(crate) fn service_account_user(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

fn service_account_groups(namespace: &str) -> [String; 2] {
    ["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]
}

/// An object that a token lives and dies with.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) plural: &'static str,
    pub(crate) name: String,
    pub(crate) uid: String,
}

#[derive(Debug, Clone)]
struct AccountToken {
    namespace: String,
    name: String,
    uid: String,
    bound: Option<Bound>,
    expires: SystemTime,
}

/// Every token that was ever given out. `Debug` is left out: it would print them.
#[derive(Default)]
pub(crate) struct Tokens {
    users: HashMap<String, String>,
    groups: HashMap<String, Vec<String>>,
    accounts: HashMap<String, AccountToken>,
}

/// What a ServiceAccount's token says of itself.
pub(crate) struct TokenClaims<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) uid: &'a str,
    pub(crate) audiences: &'a [String],
    pub(crate) bound: Option<Bound>,
    pub(crate) issued: SystemTime,
    pub(crate) lifetime: Duration,
}

impl Tokens {
    /// Say which groups a user is in.
    pub(crate) fn set_groups(&mut self, user: &str, groups: &[String]) {
        self.groups.insert(user.to_owned(), groups.to_vec());
    }

    /// The token of a user; the same one each time.
    pub(crate) fn of_user(&mut self, user: &str) -> String {
        if let Some((token, _)) = self.users.iter().find(|(_, name)| *name == user) {
            return token.clone();
        }
        let token = random::token();
        self.users.insert(token.clone(), user.to_owned());
        token
    }

    /// A new token for a ServiceAccount, in the shape of a JWT.
    pub(crate) fn issue(&mut self, claims: TokenClaims<'_>) -> String {
        let expires = claims.issued + claims.lifetime;
        let token = jwt(&claims, expires);
        let account = AccountToken {
            namespace: claims.namespace.to_owned(),
            name: claims.name.to_owned(),
            uid: claims.uid.to_owned(),
            bound: claims.bound,
            expires,
        };
        self.accounts.insert(token.clone(), account);
        token
    }

    /// Who a token stands for now; `None` when it is unknown, has expired or lost its ServiceAccount or bound object.
    fn caller(&self, token: &str, store: &Store, now: SystemTime) -> Option<Caller> {
        if let Some(user) = self.users.get(token) {
            let groups = self.groups.get(user).cloned().unwrap_or_default();
            return Some(Caller::authenticated(user, "", groups));
        }
        let account = self.accounts.get(token).filter(|account| now < account.expires)?;
        let lives = |plural: &str, name: &str, uid: &str| {
            store.find("", plural, &account.namespace, name).is_some_and(|object| object["metadata"]["uid"] == uid)
        };
        let alive = lives("serviceaccounts", &account.name, &account.uid)
            && account.bound.as_ref().is_none_or(|bound| lives(bound.plural, &bound.name, &bound.uid));
        alive.then(|| {
            let name = service_account_user(&account.namespace, &account.name);
            Caller::authenticated(&name, &account.uid, service_account_groups(&account.namespace))
        })
    }
}

fn jwt(claims: &TokenClaims<'_>, expires: SystemTime) -> String {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let mut kubernetes = json!({
        "namespace": claims.namespace,
        "serviceaccount": { "name": claims.name, "uid": claims.uid },
    });
    if let Some(bound) = &claims.bound {
        kubernetes[bound.plural.trim_end_matches('s')] = json!({ "name": bound.name, "uid": bound.uid });
    }
    let header = json!({ "alg": "RS256", "kid": "plimsoll-testkit" });
    let payload = json!({
        "aud": claims.audiences,
        "exp": unix_seconds(expires),
        "iat": unix_seconds(claims.issued),
        "iss": "https://kubernetes.default.svc.cluster.local",
        "jti": random::uid(),
        "kubernetes.io": kubernetes,
        "nbf": unix_seconds(claims.issued),
        "sub": service_account_user(claims.namespace, claims.name),
    });
    // Tokens are looked up, not verified: random bytes stand where the signature would be.
    let signature = random::bytes::<32>();
    format!(
        "{}.{}.{}",
        encode(header.to_string().as_bytes()),
        encode(payload.to_string().as_bytes()),
        encode(&signature)
    )
}

/// Find out who sends a request with these headers.
pub(crate) fn authenticate(
    headers: &HeaderMap,
    tokens: &Tokens,
    store: &Store,
    now: SystemTime,
) -> Result<Caller, Refusal> {
    let Some(authorization) = headers.get(http::header::AUTHORIZATION) else {
        return Ok(Caller::anonymous());
    };
    let token = authorization.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
    token.and_then(|token| tokens.caller(token.trim(), store, now)).ok_or_else(Refusal::unauthorized)
}

/// Become whom the `Impersonate-*` headers name, if the caller may.
pub(crate) fn impersonate(caller: Caller, headers: &HeaderMap, authorizer: &Authorizer<'_>) -> Result<Caller, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let groups: Vec<String> = headers
        .get_all("impersonate-group")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(ToOwned::to_owned)
        .collect();
    let Some(user) = text("impersonate-user") else {
        if groups.is_empty() && text("impersonate-uid").is_none() {
            return Ok(caller);
        }
        return Err(Refusal::bad_request("requested impersonation without impersonating a user"));
    };
    let account = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    let subject = match account {
        Some((namespace, name)) => may_impersonate("serviceaccounts", namespace, name),
        None => may_impersonate("users", "", user),
    };
    let wanted = std::iter::once(subject).chain(groups.iter().map(|group| may_impersonate("groups", "", group)));
    for attributes in wanted {
        authorizer.require(&caller, &attributes)?;
    }
    let own: Vec<String> = match account {
        Some((namespace, _)) if groups.is_empty() => service_account_groups(namespace).to_vec(),
        _ => groups,
    };
    let unique: BTreeSet<String> = own.into_iter().filter(|group| group != "system:authenticated").collect();
    Ok(Caller::authenticated(user, text("impersonate-uid").unwrap_or_default(), unique))
}

fn may_impersonate(resource: &str, namespace: &str, name: &str) -> Attributes {
    Attributes {
        verb: "impersonate".to_owned(),
        version: "v1".to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        ..Attributes::default()
    }
}
