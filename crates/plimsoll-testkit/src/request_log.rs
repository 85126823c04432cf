//! What was asked of the server, for tests to look at.

use std::sync::Mutex;

/// One request, in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Query without `?`; empty when there is none.
    pub query: String,
    /// Who asked, after impersonation; empty when that was not found out.
    pub user: String,
    /// The HTTP status that was answered; `None` while the answer is due and when the connection was dropped instead.
    pub status: Option<u16>,
}

#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<Vec<LoggedRequest>>);

impl RequestLog {
    /// Note an arrival; the returned ticket names it from then on.
    pub(crate) fn arrived(&self, method: &str, path: &str, query: &str) -> usize {
        let mut log = self.lock();
        log.push(LoggedRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            user: String::new(),
            status: None,
        });
        log.len() - 1
    }

    pub(crate) fn identified(&self, ticket: usize, user: &str) {
        if let Some(entry) = self.lock().get_mut(ticket) {
            user.clone_into(&mut entry.user);
        }
    }

    pub(crate) fn answered(&self, ticket: usize, status: u16) {
        if let Some(entry) = self.lock().get_mut(ticket) {
            entry.status = Some(status);
        }
    }

    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<LoggedRequest>> {
        self.0.lock().expect("the request log is never left half changed")
    }
}
