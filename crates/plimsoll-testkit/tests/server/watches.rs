//! Watches: order, selection, resuming, bookmarks, 410.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::{Api, ResourceExt};
use plimsoll_testkit::{Server, ServerConfig};
use serde_json::json;

use crate::client;

fn map(name: &str) -> ConfigMap {
    serde_json::from_value(json!({ "metadata": { "name": name, "labels": { "app": "x" } } })).unwrap()
}

fn describe(event: &WatchEvent<ConfigMap>) -> String {
    match event {
        WatchEvent::Added(object) => format!("added {}", object.name_any()),
        WatchEvent::Modified(object) => format!("modified {}", object.name_any()),
        WatchEvent::Deleted(object) => format!("deleted {}", object.name_any()),
        WatchEvent::Bookmark(_) => "bookmark".to_owned(),
        WatchEvent::Error(status) => format!("error {} {}", status.code, status.reason),
    }
}

async fn maps(server: &Server) -> Api<ConfigMap> {
    Api::namespaced(client(server, "admin").await, "default")
}

#[tokio::test]
async fn changes_arrive_in_order_and_a_watch_resumes_where_it_was_told() {
    let server = crate::server().await;
    let api = maps(&server).await;
    api.create(&PostParams::default(), &map("a")).await.unwrap();
    let params = WatchParams::default().labels("app=x").timeout(20);
    let mut live = api.watch(&params, "0").await.unwrap().boxed();
    let change = async {
        api.create(&PostParams::default(), &map("b")).await.unwrap();
        let unlabel = Patch::Merge(json!({ "metadata": { "labels": { "app": "y" } } }));
        api.patch("b", &PatchParams::default(), &unlabel).await.unwrap();
        api.delete("a", &DeleteParams::default()).await.unwrap();
    };
    let (events, ()) = tokio::join!(live.by_ref().take(4).try_collect::<Vec<_>>(), change);
    let events = events.unwrap();
    assert_eq!(events.iter().map(describe).collect::<Vec<_>>(), ["added a", "added b", "deleted b", "deleted a"]);

    let WatchEvent::Added(b) = &events[1] else { panic!("{events:?}") };
    let resumed = api.watch(&params, b.metadata.resource_version.as_deref().unwrap()).await.unwrap();
    let rest: Vec<_> = resumed.take(2).try_collect().await.unwrap();
    assert_eq!(rest.iter().map(describe).collect::<Vec<_>>(), ["deleted b", "deleted a"]);
    server.shutdown().await;
}

#[tokio::test]
async fn a_watch_ends_when_its_time_is_up_with_a_last_bookmark() {
    let config = ServerConfig { bookmark_interval: Duration::from_millis(300), ..ServerConfig::default() };
    let server = Server::start(config).await.unwrap();
    let events: Vec<_> =
        maps(&server).await.watch(&WatchParams::default().timeout(1), "0").await.unwrap().try_collect().await.unwrap();
    let seen: Vec<String> = events.iter().map(describe).collect();
    assert!(seen.len() >= 3 && seen.iter().all(|event| event == "bookmark"), "{seen:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn expired_watches_end_with_410_and_can_be_started_afresh() {
    let server = crate::server().await;
    let api = maps(&server).await;
    let old = api.list(&kube::api::ListParams::default()).await.unwrap().metadata.resource_version.unwrap();
    let live = api.watch(&WatchParams::default(), &old).await.unwrap();
    server.expire_watches();
    let events: Vec<_> = live.try_collect().await.unwrap();
    assert_eq!(events.iter().map(describe).collect::<Vec<_>>(), ["error 410 Expired"]);
    let again: Vec<_> = api.watch(&WatchParams::default(), &old).await.unwrap().try_collect().await.unwrap();
    assert_eq!(again.iter().map(describe).collect::<Vec<_>>(), ["error 410 Expired"]);
    server.shutdown().await;
}

#[tokio::test]
async fn the_kube_runtimes_watcher_follows_and_recovers() {
    let server = crate::server().await;
    let api = maps(&server).await;
    api.create(&PostParams::default(), &map("a")).await.unwrap();
    for streaming in [false, true] {
        let mut config = kube::runtime::watcher::Config::default();
        if streaming {
            config = config.streaming_lists();
        }
        let mut watcher = kube::runtime::watcher(api.clone(), config).boxed();
        let mut names = async |count: usize| {
            let mut names = Vec::new();
            while names.len() < count {
                use kube::runtime::watcher::Event;
                match watcher.next().await {
                    Some(Ok(Event::InitApply(object) | Event::Apply(object))) => names.push(object.name_any()),
                    Some(_) => {}
                    None => panic!("a watcher never ends"),
                }
            }
            names
        };
        assert_eq!(names(1).await, ["a"]);
        server.expire_watches();
        // After 410 the watcher lists again by itself.
        assert_eq!(names(1).await, ["a"]);
    }
    server.shutdown().await;
}
