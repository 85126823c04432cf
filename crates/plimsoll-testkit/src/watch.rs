//! Watches: changes as lines of JSON for as long as the client listens.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::api;
use crate::attributes::Attributes;
use crate::kinds::Kind;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::selector::Selector;
use crate::server::Shared;
use crate::service::Answer;
use crate::store::{Change, Store};

/// How long a watch lasts that does not say, in seconds. The real server picks between 30 and 60 minutes.
const USUAL_SECONDS: u64 = 1800;

struct Watch {
    shared: Arc<Shared>,
    changed: tokio::sync::watch::Receiver<u64>,
    kind: &'static Kind,
    namespace: String,
    selector: Selector,
    /// Everything up to this version has been sent.
    seen: u64,
    bookmarks: bool,
    next_bookmark: Instant,
    ends: Instant,
    ready: VecDeque<Value>,
    ended: bool,
}

/// Start a watch on a collection.
pub(crate) fn watch(shared: &Arc<Shared>, attributes: &Attributes, query: &Query) -> Result<Answer, Refusal> {
    let kind = Kind::find(&attributes.group, &attributes.version, &attributes.resource);
    let kind = kind.ok_or_else(Refusal::no_such_resource)?;
    let seconds = query.get("timeoutSeconds").and_then(|text| text.parse().ok()).unwrap_or(USUAL_SECONDS);
    let asked = query.get("resourceVersion").unwrap_or_default();
    let asked: u64 = match asked {
        "" => 0,
        text => text.parse().map_err(|_| {
            Refusal::bad_request(format!("invalid resource version {text:?}: must be an unsigned integer"))
        })?,
    };
    let mut watch = Watch {
        shared: shared.clone(),
        changed: shared.changed.subscribe(),
        kind,
        namespace: attributes.namespace.clone(),
        selector: api::selector(kind, query)?,
        seen: asked,
        bookmarks: query.flag("allowWatchBookmarks"),
        next_bookmark: Instant::now() + shared.config.bookmark_interval,
        ends: Instant::now() + Duration::from_secs(seconds),
        ready: VecDeque::new(),
        ended: false,
    };
    let initial_events = query.flag("sendInitialEvents");
    if asked == 0 || initial_events {
        watch.start_with_everything(initial_events);
    }
    let body = futures::stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok::<_, io::Error>(Frame::data(Bytes::from(format!("{event}\n")))), watch))
    });
    let mut answer = Response::new(StreamBody::new(body).boxed_unsync());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(answer)
}

impl Watch {
    /// What exists comes first, as additions; on request a bookmark says where that ends.
    fn start_with_everything(&mut self, mark_end: bool) {
        let shared = self.shared.clone();
        let store = shared.store();
        let existing = store.list(self.kind, &self.namespace).filter(|(_, object)| self.selector.matches(object));
        self.ready = existing.map(|(_, object)| event("ADDED", object.clone())).collect();
        self.seen = store.version();
        if mark_end {
            let mut bookmark = self.bookmark();
            bookmark["object"]["metadata"]["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
            self.ready.push_back(bookmark);
        }
    }

    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            self.changed.borrow_and_update();
            self.read_changes();
            if !self.ready.is_empty() {
                continue;
            }
            tokio::select! {
                changed = self.changed.changed() => self.ended = changed.is_err(),
                () = self.shared.stop.cancelled() => return None,
                () = sleep_until(self.next_bookmark), if self.bookmarks => {
                    self.next_bookmark = Instant::now() + self.shared.config.bookmark_interval;
                    return Some(self.bookmark());
                }
                () = sleep_until(self.ends) => {
                    self.ended = true;
                    if self.bookmarks {
                        return Some(self.bookmark());
                    }
                }
            }
        }
    }

    fn read_changes(&mut self) {
        let shared = self.shared.clone();
        let store = shared.store();
        if self.seen < store.oldest() {
            self.ready.push_back(event("ERROR", Refusal::expired(self.seen, store.oldest()).status()));
            self.ended = true;
            return;
        }
        self.ready = self.events(&store);
        self.seen = self.seen.max(store.version());
    }

    fn events(&self, store: &Store) -> VecDeque<Value> {
        let ours = |change: &&Change| {
            change.key.is(self.kind) && (self.namespace.is_empty() || change.key.namespace == self.namespace)
        };
        store.since(self.seen).iter().filter(ours).filter_map(|change| self.event_for(change)).collect()
    }

    /// A change as this watch's selector sees it: what stops matching is gone, what starts matching is new.
    fn event_for(&self, change: &Change) -> Option<Value> {
        let selected = |object: &Option<Value>| object.as_ref().is_some_and(|object| self.selector.matches(object));
        let (kind, object) = match (selected(&change.before), selected(&change.after)) {
            (false, false) => return None,
            (false, true) => ("ADDED", change.after.clone()?),
            (true, true) => ("MODIFIED", change.after.clone()?),
            (true, false) => {
                let mut object = change.before.clone()?;
                object["metadata"]["resourceVersion"] = change.version.to_string().into();
                ("DELETED", object)
            }
        };
        Some(event(kind, object))
    }

    fn bookmark(&self) -> Value {
        let metadata = json!({ "resourceVersion": self.seen.to_string() });
        let object = json!({ "kind": self.kind.name, "apiVersion": self.kind.api_version(), "metadata": metadata });
        event("BOOKMARK", object)
    }
}

fn event(kind: &str, object: Value) -> Value {
    json!({ "type": kind, "object": object })
}
