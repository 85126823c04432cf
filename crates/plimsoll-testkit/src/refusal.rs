//! What the server says when it refuses: `Status` objects in the real server's words.

use serde_json::{Value, json};

use crate::kinds::{Kind, qualified};

/// One refusal, to be answered as a `Status` object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) code: u16,
    reason: &'static str,
    pub(crate) message: String,
    // Boxed: refusals travel in every `Result` here.
    details: Option<Box<Value>>,
    /// Seconds for the `Retry-After` header.
    pub(crate) retry_after: Option<u32>,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: None, retry_after: None }
    }

    fn about(mut self, group: &str, kind: &str, name: &str) -> Self {
        let mut details = serde_json::Map::new();
        for (key, text) in [("name", name), ("group", group), ("kind", kind)] {
            if !text.is_empty() {
                details.insert(key.to_owned(), text.into());
            }
        }
        self.details = Some(Box::new(Value::Object(details)));
        self
    }

    pub(crate) fn not_found(group: &str, resource: &str, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", qualified(group, resource));
        Self::new(404, "NotFound", message).about(group, resource, name)
    }

    /// A path or resource that no part of the server serves.
    pub(crate) fn no_such_resource() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource").about("", "", "")
    }

    pub(crate) fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.qualified());
        Self::new(409, "AlreadyExists", message).about(kind.group, kind.plural, name)
    }

    pub(crate) fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", kind.qualified());
        Self::new(409, "Conflict", message).about(kind.group, kind.plural, name)
    }

    pub(crate) fn modified(kind: &Kind, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, why)
    }

    /// A token is to be bound to an object that has been replaced since.
    pub(crate) fn uid_mismatch(plural: &str, name: &str, wanted: &str, actual: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {plural} \"{name}\": the UID in the bound object reference ({wanted}) \
             does not match the UID in record. The object might have been deleted and then recreated ({actual})"
        );
        Self::new(409, "Conflict", message).about("", plural, name)
    }

    /// `resource` may be empty for paths outside the resource API, `name` for collections.
    pub(crate) fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = match (resource.is_empty(), name.is_empty()) {
            (true, _) => format!("forbidden: {why}"),
            (false, true) => format!("{} is forbidden: {why}", qualified(group, resource)),
            (false, false) => format!("{} \"{name}\" is forbidden: {why}", qualified(group, resource)),
        };
        Self::new(403, "Forbidden", message).about(group, resource, name)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(crate) fn internal(message: &str) -> Self {
        let mut refusal = Self::new(500, "InternalError", format!("Internal error occurred: {message}"));
        refusal.details = Some(Box::new(json!({ "causes": [{ "message": message }] })));
        refusal
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    }

    pub(crate) fn unsupported_media_type(kind: &str) -> Self {
        let accepted = "application/json-patch+json, application/merge-patch+json, \
                        application/strategic-merge-patch+json, application/apply-patch+yaml";
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted} (got {kind})"
        );
        Self::new(415, "UnsupportedMediaType", message)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728")
    }

    pub(crate) fn too_many_requests(retry_after: u32) -> Self {
        let mut refusal = Self::new(429, "TooManyRequests", "Too many requests, please try again later.");
        refusal.details = Some(Box::new(json!({ "retryAfterSeconds": retry_after })));
        refusal.retry_after = Some(retry_after);
        refusal
    }

    pub(crate) fn expired(asked: u64, oldest: u64) -> Self {
        Self::new(410, "Expired", format!("too old resource version: {asked} ({oldest})"))
    }

    pub(crate) fn continue_expired() -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start \
                       a new list without the continue parameter.";
        Self::new(410, "Expired", message)
    }

    /// A refusal that a test asked for.
    pub(crate) fn on_demand(code: u16, message: &str) -> Self {
        let reason = match code {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            409 => "Conflict",
            410 => "Expired",
            429 => "TooManyRequests",
            500 => "InternalError",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        };
        Self::new(code, reason, message)
    }

    /// Validation failed; one cause for each fault of the object.
    pub(crate) fn invalid(group: &str, kind: &str, name: &str, faults: &[FieldFault]) -> Self {
        let texts: Vec<String> = faults.iter().map(FieldFault::text).collect();
        let list = match texts.as_slice() {
            [only] => only.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {list}", qualified(group, kind));
        let mut refusal = Self::new(422, "Invalid", message).about(group, kind, name);
        let causes: Vec<Value> = faults
            .iter()
            .map(|fault| json!({ "reason": fault.reason, "message": fault.body(), "field": fault.field }))
            .collect();
        if let Some(Value::Object(details)) = refusal.details.as_deref_mut() {
            details.insert("causes".to_owned(), causes.into());
        }
        refusal
    }

    /// The `Status` object.
    pub(crate) fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        });
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        if let Some(details) = &self.details {
            status["details"] = (**details).clone();
        }
        status["code"] = self.code.into();
        status
    }
}

/// One field of an object that validation refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldFault {
    field: String,
    reason: &'static str,
    value: Option<String>,
    detail: String,
}

impl FieldFault {
    pub(crate) fn required(field: impl Into<String>, detail: &str) -> Self {
        Self { field: field.into(), reason: "FieldValueRequired", value: None, detail: detail.to_owned() }
    }

    /// `value` is a string of the object; it is quoted in the message.
    pub(crate) fn invalid(field: impl Into<String>, value: &str, detail: impl Into<String>) -> Self {
        let value = Some(format!("{value:?}"));
        Self { field: field.into(), reason: "FieldValueInvalid", value, detail: detail.into() }
    }

    /// As [`FieldFault::invalid`] for a value that is not a string.
    pub(crate) fn invalid_literal(field: impl Into<String>, value: impl ToString, detail: impl Into<String>) -> Self {
        let value = Some(value.to_string());
        Self { field: field.into(), reason: "FieldValueInvalid", value, detail: detail.into() }
    }

    fn body(&self) -> String {
        let label = if self.reason == "FieldValueRequired" { "Required value" } else { "Invalid value" };
        let value = self.value.as_ref().map(|value| format!(": {value}")).unwrap_or_default();
        if self.detail.is_empty() { format!("{label}{value}") } else { format!("{label}{value}: {}", self.detail) }
    }

    fn text(&self) -> String {
        format!("{}: {}", self.field, self.body())
    }
}
