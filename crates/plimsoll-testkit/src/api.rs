//! The verbs on stored objects: create, get, list, update, patch, delete, and a ServiceAccount's `token`.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use crate::attributes::Attributes;
use crate::identity::Caller;
use crate::kinds::Kind;
use crate::kubelet;
use crate::patch;
use crate::query::Query;
use crate::random;
use crate::rbac::{self, Authorizer, Rule};
use crate::refusal::Refusal;
use crate::selector::Selector;
use crate::server::Shared;
use crate::service::parse;
use crate::store::{Key, Store};
use crate::token_request;
use crate::validation;

/// One authorized request about stored objects.
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) caller: &'a Caller,
    pub(crate) attributes: &'a Attributes,
    pub(crate) query: &'a Query,
}

impl Call<'_> {
    /// Do it; the answer is a status and an object.
    pub(crate) fn carry_out(&self, content_type: &str, body: &[u8]) -> Result<(StatusCode, Value), Refusal> {
        let wanted = self.attributes;
        let kind = Kind::find(&wanted.group, &wanted.version, &wanted.resource);
        let kind = kind.ok_or_else(Refusal::no_such_resource)?;
        if kind.name == "ServiceAccount" && wanted.subresource == "token" && wanted.verb == "create" {
            return token_request::create(self.shared, wanted, parse(body)?).map(|token| (StatusCode::CREATED, token));
        }
        if kind.name == "Pod" && wanted.subresource == "ephemeralcontainers" && self.shared.config.ephemeral_containers
        {
            return self.debug_containers(kind, content_type, body).map(|pod| (StatusCode::OK, pod));
        }
        if !wanted.subresource.is_empty() {
            return Err(Refusal::no_such_resource());
        }
        // Names in the path say which object; a list that selects one by field has no name in its path.
        let collection = matches!(wanted.verb.as_str(), "list" | "deletecollection" | "create");
        if kind.namespaced && wanted.namespace.is_empty() && wanted.verb != "list" {
            return Err(Refusal::method_not_allowed());
        }
        if wanted.name.is_empty() && !collection {
            return Err(Refusal::method_not_allowed());
        }
        match wanted.verb.as_str() {
            "create" if wanted.name.is_empty() => {
                self.create(kind, parse(body)?).map(|object| (StatusCode::CREATED, object))
            }
            "get" => self.get(kind).map(|object| (StatusCode::OK, object)),
            "list" => self.list(kind).map(|list| (StatusCode::OK, list)),
            "update" => self.update(kind, parse(body)?).map(|object| (StatusCode::OK, object)),
            "patch" => self.patch(kind, content_type, body),
            "delete" => self.delete(kind, body).map(|object| (StatusCode::OK, object)),
            "deletecollection" => self.delete_collection(kind).map(|list| (StatusCode::OK, list)),
            _ => Err(Refusal::method_not_allowed()),
        }
    }

    fn key(&self, kind: &'static Kind) -> Key {
        Key::new(kind, &self.attributes.namespace, &self.attributes.name)
    }

    fn is_dry_run(&self) -> bool {
        self.query.all("dryRun").iter().any(|value| value == "All")
    }

    /// Change the store, unless this is a dry run, and wake the watches.
    fn write(&self, store: &mut Store, key: Key, object: Value) -> Value {
        if self.is_dry_run() {
            return object;
        }
        let stored = store.put(key, object);
        self.shared.announce(store.version());
        stored
    }

    fn remove(&self, store: &mut Store, key: &Key) -> Option<Value> {
        if self.is_dry_run() {
            return store.get(key).cloned();
        }
        let removed = store.remove(key);
        self.shared.announce(store.version());
        removed
    }

    fn not_found(&self, kind: &Kind) -> Refusal {
        Refusal::not_found(kind.group, kind.plural, &self.attributes.name)
    }

    fn get(&self, kind: &'static Kind) -> Result<Value, Refusal> {
        self.shared.store().get(&self.key(kind)).cloned().ok_or_else(|| self.not_found(kind))
    }

    fn selector(&self, kind: &Kind) -> Result<Selector, Refusal> {
        selector(kind, self.query)
    }

    fn list(&self, kind: &'static Kind) -> Result<Value, Refusal> {
        let selector = self.selector(kind)?;
        let limit = self.query.get("limit").and_then(|limit| limit.parse().ok()).filter(|limit: &usize| *limit > 0);
        let store = self.shared.store();
        let start = match self.query.get("continue").filter(|token| !token.is_empty()) {
            Some(token) => Some(continue_from(token, kind, store.oldest())?),
            None => None,
        };
        let matching: Vec<(&Key, &Value)> = store
            .list(kind, &self.attributes.namespace)
            .filter(|(key, object)| start.as_ref().is_none_or(|start| *key > start) && selector.matches(object))
            .collect();
        let page = &matching[..limit.unwrap_or(matching.len()).min(matching.len())];
        let mut metadata = json!({ "resourceVersion": store.version().to_string() });
        if page.len() < matching.len() {
            metadata["continue"] = page.last().map(|(key, _)| continue_token(key, store.version())).into();
            metadata["remainingItemCount"] = (matching.len() - page.len()).into();
        }
        let items: Vec<Value> = page.iter().map(|(_, object)| item(object)).collect();
        Ok(json!({
            "kind": format!("{}List", kind.name), "apiVersion": kind.api_version(), "metadata": metadata,
            "items": items,
        }))
    }

    fn create(&self, kind: &'static Kind, body: Value) -> Result<Value, Refusal> {
        let mut object = self.received(kind, body)?;
        let namespace = self.attributes.namespace.clone();
        let metadata = &mut object["metadata"];
        for field in ["resourceVersion", "selfLink", "deletionTimestamp", "managedFields"] {
            take(metadata, field);
        }
        let prefix = metadata.get("generateName").and_then(Value::as_str).unwrap_or_default().to_owned();
        if metadata.get("name").and_then(Value::as_str).unwrap_or_default().is_empty() && !prefix.is_empty() {
            metadata["name"] = format!("{prefix}{}", random::name_suffix()).into();
        }
        metadata["uid"] = random::uid().into();
        metadata["creationTimestamp"] = self.shared.clock.timestamp().into();
        if kind.namespaced {
            metadata["namespace"] = namespace.clone().into();
        }
        validation::default(kind, &mut object);
        validation::check(kind, &object)?;
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let key = Key::new(kind, &namespace, &name);

        let mut store = self.shared.store();
        if kind.namespaced && store.find("", "namespaces", "", &namespace).is_none() {
            return Err(Refusal::not_found("", "namespaces", &namespace));
        }
        self.confirm_grant(kind, &store, None, &object)?;
        if store.get(&key).is_some() {
            return Err(Refusal::already_exists(kind, &name));
        }
        if kind.name == "Pod" && !self.is_dry_run() {
            kubelet::start_pod(self.shared, &mut object);
        }
        let stored = self.write(&mut store, key, object);
        drop(store);
        if kind.name == "Namespace" && !self.is_dry_run() {
            self.shared.seed_default_account(&name);
        }
        Ok(stored)
    }

    /// An object as it was sent: of the right kind, in the right namespace, with maps where maps belong.
    fn received(&self, kind: &Kind, mut object: Value) -> Result<Value, Refusal> {
        for (field, expected) in [("apiVersion", kind.api_version()), ("kind", kind.name.to_owned())] {
            match object.get(field).and_then(Value::as_str).unwrap_or_default() {
                "" => object[field] = expected.into(),
                sent if sent == expected => {}
                sent => {
                    let what = if field == "kind" { "kind" } else { "API version" };
                    return Err(Refusal::bad_request(format!(
                        "the {what} in the data ({sent}) does not match the expected {what} ({expected})"
                    )));
                }
            }
        }
        if object.get("metadata").is_none_or(Value::is_null) {
            object["metadata"] = json!({});
        }
        for pointer in
            ["/metadata", "/metadata/labels", "/metadata/annotations", "/spec", "/status", "/roleRef", "/data"]
        {
            if object.pointer(pointer).is_some_and(|value| !value.is_object() && !value.is_null()) {
                let field = pointer.trim_start_matches('/').replace('/', ".");
                return Err(Refusal::bad_request(format!(
                    "{} in version \"{}\" cannot be handled as a {}: {field} is not a map",
                    kind.name, kind.version, kind.name
                )));
            }
        }
        remove_nulls(&mut object);
        let sent = object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
        if kind.namespaced && !sent.is_empty() && sent != self.attributes.namespace {
            return Err(Refusal::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
        Ok(object)
    }

    fn update(&self, kind: &'static Kind, body: Value) -> Result<Value, Refusal> {
        let object = self.received(kind, body)?;
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        if name != self.attributes.name {
            return Err(Refusal::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                self.attributes.name
            )));
        }
        let mut store = self.shared.store();
        let before = store.get(&self.key(kind)).cloned().ok_or_else(|| self.not_found(kind))?;
        self.replace(kind, &mut store, &before, object)
    }

    /// Put an object in place of another: what identifies it stays, what may not change is refused.
    fn replace(
        &self,
        kind: &'static Kind,
        store: &mut Store,
        before: &Value,
        mut after: Value,
    ) -> Result<Value, Refusal> {
        let version = take(&mut after["metadata"], "resourceVersion");
        let stale = |sent: &Value| !sent.is_null() && *sent != "" && *sent != before["metadata"]["resourceVersion"];
        if version.as_ref().is_some_and(stale) {
            return Err(Refusal::modified(kind, &self.attributes.name));
        }
        let uid = after["metadata"].get("uid").filter(|uid| **uid != "");
        if let Some(uid) = uid.filter(|uid| **uid != before["metadata"]["uid"]) {
            let why = format!(
                "Precondition failed: UID in precondition: {}, UID in object meta: {}",
                uid.as_str().unwrap_or_default(),
                before["metadata"]["uid"].as_str().unwrap_or_default()
            );
            return Err(Refusal::conflict(kind, &self.attributes.name, &why));
        }
        for field in ["uid", "creationTimestamp", "deletionTimestamp", "namespace", "name", "resourceVersion"] {
            if let Some(value) = before["metadata"].get(field) {
                after["metadata"][field] = value.clone();
            }
        }
        if after.get("status").is_none() && before.get("status").is_some() {
            after["status"] = before["status"].clone();
        }
        if kind.name != "Namespace" {
            validation::default(kind, &mut after);
        }
        validation::check(kind, &after)?;
        validation::check_update(kind, before, &after)?;
        self.confirm_grant(kind, store, Some(before), &after)?;
        if after == *before {
            return Ok(after);
        }
        let key = self.key(kind);
        // The last finalizer is gone from an object that was to be deleted: now it goes.
        if after["metadata"].get("deletionTimestamp").is_some()
            && finalizers(&after).is_empty()
            && !finalizers(before).is_empty()
        {
            return self.remove(store, &key).ok_or_else(|| self.not_found(kind));
        }
        Ok(self.write(store, key, after))
    }

    fn patch(&self, kind: &'static Kind, content_type: &str, body: &[u8]) -> Result<(StatusCode, Value), Refusal> {
        let key = self.key(kind);
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let operations: Value = serde_json::from_slice(body)
            .map_err(|error| Refusal::bad_request(format!("error decoding patch: {error}")))?;
        let mut store = self.shared.store();
        let before = store.get(&key).cloned();
        let Some(before) = before else {
            drop(store);
            // Server-side apply makes what is not there.
            if media_type != "application/apply-patch+yaml" {
                return Err(self.not_found(kind));
            }
            let mut object = operations;
            object["metadata"]["name"] = self.attributes.name.clone().into();
            return self.create(kind, object).map(|object| (StatusCode::CREATED, object));
        };
        let mut after = before.clone();
        match media_type {
            "application/merge-patch+json"
            | "application/strategic-merge-patch+json"
            | "application/apply-patch+yaml" => {
                if !operations.is_object() {
                    return Err(Refusal::bad_request("error decoding patch: the patch is not an object"));
                }
                patch::merge(&mut after, &operations);
            }
            "application/json-patch+json" => patch::apply(&mut after, &operations)
                .map_err(|why| Refusal::bad_request(format!("the server rejected our request: {why}")))?,
            other => return Err(Refusal::unsupported_media_type(other)),
        }
        let after = self.received(kind, after)?;
        self.replace(kind, &mut store, &before, after).map(|object| (StatusCode::OK, object))
    }

    /// `pods/NAME/ephemeralcontainers`: debug containers can be added, and neither changed nor taken away.
    fn debug_containers(&self, kind: &'static Kind, content_type: &str, body: &[u8]) -> Result<Value, Refusal> {
        let patches = content_type.starts_with("application/strategic-merge-patch+json");
        match self.attributes.verb.as_str() {
            "get" => return self.get(kind),
            "patch" if patches => {}
            "patch" => return Err(Refusal::unsupported_media_type(content_type)),
            _ => return Err(Refusal::method_not_allowed()),
        }
        let patch: Value = parse(body)?;
        let asked = patch.pointer("/spec/ephemeralContainers").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut store = self.shared.store();
        let mut pod = store.get(&self.key(kind)).cloned().ok_or_else(|| self.not_found(kind))?;
        let known = pod.pointer("/spec/ephemeralContainers").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_new = |entry: &&Value| !known.iter().any(|old| old["name"] == entry["name"]);
        let added: Vec<Value> = asked.iter().filter(is_new).cloned().collect();
        if asked.iter().any(|entry| known.iter().any(|old| old["name"] == entry["name"] && old != entry)) {
            return Err(Refusal::invalid(
                "",
                kind.name,
                &self.attributes.name,
                &[validation::debug_container_changed()],
            ));
        }
        validation::check_debug_containers(&pod, &added)?;
        pod["spec"]["ephemeralContainers"] = known.iter().chain(&added).cloned().collect();
        let stored = self.write(&mut store, self.key(kind), pod);
        drop(store);
        if !self.is_dry_run() {
            for container in &added {
                kubelet::start_ephemeral(self.shared, &stored, container);
            }
        }
        Ok(stored)
    }

    fn delete(&self, kind: &'static Kind, body: &[u8]) -> Result<Value, Refusal> {
        let options = if body.is_empty() { json!({}) } else { parse(body)? };
        let dry_run = options.get("dryRun").and_then(Value::as_array).is_some_and(|it| it.iter().any(|it| it == "All"));
        let key = self.key(kind);
        let mut store = self.shared.store();
        let before = store.get(&key).cloned().ok_or_else(|| self.not_found(kind))?;
        self.check_preconditions(kind, &before, &options)?;
        if dry_run || self.is_dry_run() {
            return Ok(deleted(kind, before));
        }
        let after = self.begin_removal(kind, &mut store, &key, before);
        Ok(deleted(kind, after))
    }

    fn check_preconditions(&self, kind: &Kind, object: &Value, options: &Value) -> Result<(), Refusal> {
        for (field, label) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
            let Some(wanted) = options.pointer(&format!("/preconditions/{field}")).and_then(Value::as_str) else {
                continue;
            };
            let actual = object["metadata"][field].as_str().unwrap_or_default();
            if wanted != actual {
                let why = format!(
                    "the {label} in the precondition ({wanted}) does not match the {label} in record ({actual}). The \
                     object might have been deleted and then recreated"
                );
                return Err(Refusal::conflict(kind, &self.attributes.name, &why));
            }
        }
        Ok(())
    }

    /// Remove an object, or mark it when finalizers hold it. A namespace takes what is in it along.
    fn begin_removal(&self, kind: &'static Kind, store: &mut Store, key: &Key, object: Value) -> Value {
        if !finalizers(&object).is_empty() {
            let mut marked = object;
            if marked["metadata"].get("deletionTimestamp").is_none() {
                marked["metadata"]["deletionTimestamp"] = self.shared.clock.timestamp().into();
                marked["metadata"]["deletionGracePeriodSeconds"] = 0.into();
            }
            return self.write(store, key.clone(), marked);
        }
        if kind.name == "Namespace" {
            let inside: Vec<Key> = crate::kinds::KINDS
                .iter()
                .filter(|kind| kind.namespaced)
                .flat_map(|kind| store.list(kind, &key.name).map(|(key, _)| key.clone()).collect::<Vec<_>>())
                .collect();
            for key in inside {
                self.remove(store, &key);
            }
        }
        let mut removed = self.remove(store, key).unwrap_or(object);
        if kind.name == "Namespace" {
            removed["metadata"]["deletionTimestamp"] = self.shared.clock.timestamp().into();
            removed["status"]["phase"] = "Terminating".into();
        }
        removed
    }

    fn delete_collection(&self, kind: &'static Kind) -> Result<Value, Refusal> {
        let selector = self.selector(kind)?;
        let mut store = self.shared.store();
        let selected: Vec<(Key, Value)> = store
            .list(kind, &self.attributes.namespace)
            .filter(|(_, object)| selector.matches(object))
            .map(|(key, object)| (key.clone(), object.clone()))
            .collect();
        let mut items = Vec::new();
        for (key, object) in selected {
            items.push(item(&self.begin_removal(kind, &mut store, &key, object)));
        }
        Ok(json!({
            "kind": format!("{}List", kind.name), "apiVersion": kind.api_version(),
            "metadata": { "resourceVersion": store.version().to_string() }, "items": items,
        }))
    }

    /// Nobody grants what they do not hold, unless they may `escalate` the role or `bind` to it.
    fn confirm_grant(&self, kind: &Kind, store: &Store, before: Option<&Value>, after: &Value) -> Result<(), Refusal> {
        let authorizer = Authorizer::new(store, self.shared.config.rbac_delay);
        let name = after.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let namespace = &self.attributes.namespace;
        let (granted, verb, resource, target) = match kind.name {
            "Role" | "ClusterRole" => {
                if before.is_some_and(|before| before.get("rules") == after.get("rules")) {
                    return Ok(());
                }
                (Rule::of(after), "escalate", kind.plural, name)
            }
            "RoleBinding" | "ClusterRoleBinding" => {
                let same = |field: &str| before.is_some_and(|before| before.get(field) == after.get(field));
                if same("roleRef") && same("subjects") {
                    return Ok(());
                }
                let role = after.pointer("/roleRef/name").and_then(Value::as_str).unwrap_or_default();
                let plural = if after["roleRef"]["kind"] == "Role" { "roles" } else { "clusterroles" };
                let mut bind = self.attributes.clone();
                plural.clone_into(&mut bind.resource);
                role.clone_into(&mut bind.name);
                "bind".clone_into(&mut bind.verb);
                if self.caller.is_master() || authorizer.decide(self.caller, &bind).allowed {
                    return Ok(());
                }
                let found = store.find(rbac::GROUP, plural, namespace, role);
                let found = found.ok_or_else(|| Refusal::not_found(rbac::GROUP, plural, role))?;
                (Rule::of(found), "bind", plural, role)
            }
            _ => return Ok(()),
        };
        let mut special = self.attributes.clone();
        verb.clone_into(&mut special.verb);
        resource.clone_into(&mut special.resource);
        target.clone_into(&mut special.name);
        if authorizer.decide(self.caller, &special).allowed {
            return Ok(());
        }
        authorizer.confirm_no_escalation(self.caller, kind, namespace, name, &granted)
    }
}

/// What a list or watch selects.
pub(crate) fn selector(kind: &Kind, query: &Query) -> Result<Selector, Refusal> {
    let labels = query.get("labelSelector").unwrap_or_default();
    Selector::parse(kind, labels, query.get("fieldSelector").unwrap_or_default())
}

/// An object inside a list: without the kind that the list says.
fn item(object: &Value) -> Value {
    let mut item = object.clone();
    take(&mut item, "apiVersion");
    take(&mut item, "kind");
    item
}

fn take(object: &mut Value, field: &str) -> Option<Value> {
    object.as_object_mut()?.shift_remove(field)
}

/// Clients that serialize `null` mean "absent".
fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(remove_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

fn finalizers(object: &Value) -> Vec<&str> {
    let list = object.pointer("/metadata/finalizers").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The answer to a delete: some kinds come back as objects, most as a `Status`.
fn deleted(kind: &Kind, object: Value) -> Value {
    let held = !finalizers(&object).is_empty();
    if held || matches!(kind.name, "Pod" | "ServiceAccount" | "Namespace") {
        return object;
    }
    let mut details = json!({ "name": object["metadata"]["name"] });
    if !kind.group.is_empty() {
        details["group"] = kind.group.into();
    }
    details["kind"] = kind.plural.into();
    details["uid"] = object["metadata"]["uid"].clone();
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })
}

fn continue_token(key: &Key, version: u64) -> String {
    use base64::Engine;
    let text = json!([version, key.namespace, key.name]).to_string();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

fn continue_from(token: &str, kind: &'static Kind, oldest: u64) -> Result<Key, Refusal> {
    use base64::Engine;
    let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).ok();
    let parts: Option<(u64, String, String)> = decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let (version, namespace, name) =
        parts.ok_or_else(|| Refusal::bad_request("continue key is not valid: illegal base64 or JSON"))?;
    if version < oldest { Err(Refusal::continue_expired()) } else { Ok(Key::new(kind, &namespace, &name)) }
}
