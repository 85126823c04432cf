//! What a request asks for, in the words that authorization decides on.

use http::Method;

use crate::query::{Query, decode};

/// One request as RBAC sees it. Empty strings stand for "none", as in Kubernetes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) verb: String,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) resource: String,
    pub(crate) subresource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// The path as sent; what non-resource rules match on.
    pub(crate) path: String,
}

impl Attributes {
    /// Read method, path and query of a request.
    pub(crate) fn of(method: &Method, path: &str, query: &Query) -> Self {
        let segments: Vec<String> =
            path.split('/').filter(|part| !part.is_empty()).map(|part| decode(part, false)).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (group, version, rest) = match segments.as_slice() {
            ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
            ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
            _ => return Self { verb: method.as_str().to_lowercase(), path: path.to_owned(), ..Self::default() },
        };
        // The namespace's own object and its subresources are resources too: /namespaces/x, /namespaces/x/status.
        let (namespace, rest) = match rest {
            ["namespaces", name] | ["namespaces", name, "status" | "finalize"] => (*name, rest),
            ["namespaces", name, below @ ..] => (*name, below),
            _ => ("", rest),
        };
        let at = |index: usize| rest.get(index).copied().unwrap_or_default().to_owned();
        let mut attributes = Self {
            verb: String::new(),
            group: group.to_owned(),
            version: version.to_owned(),
            resource: at(0),
            name: at(1),
            subresource: at(2),
            namespace: namespace.to_owned(),
            path: path.to_owned(),
        };
        attributes.set_verb(method, query);
        attributes
    }

    fn set_verb(&mut self, method: &Method, query: &Query) {
        let one = !self.name.is_empty();
        let verb = match *method {
            Method::POST => "create",
            Method::PUT => "update",
            Method::PATCH => "patch",
            Method::DELETE if one => "delete",
            Method::DELETE => "deletecollection",
            _ if query.flag("watch") && self.subresource.is_empty() => "watch",
            _ if one => "get",
            _ => "list",
        };
        verb.clone_into(&mut self.verb);
        // A list of one named object is decided as a request for that object.
        if matches!(verb, "list" | "watch" | "deletecollection") && !one {
            let selected = query.get("fieldSelector").and_then(|selector| selector.strip_prefix("metadata.name="));
            if let Some(name) = selected.filter(|name| !name.contains(',')) {
                name.clone_into(&mut self.name);
            }
        }
    }

    /// Whether this is about a resource (`/api/v1/…`) and not a plain path (`/healthz`).
    pub(crate) fn is_resource(&self) -> bool {
        !self.resource.is_empty()
    }

    /// `pods` or `pods/exec`.
    pub(crate) fn full_resource(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }

    /// The real server's sentence for "no".
    pub(crate) fn denial(&self, user: &str) -> String {
        if !self.is_resource() {
            return format!("User {user:?} cannot {} path {:?}", self.verb, self.path);
        }
        let resource = self.full_resource();
        let scope = match self.namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace {namespace:?}"),
        };
        format!("User {user:?} cannot {} resource {resource:?} in API group {:?} {scope}", self.verb, self.group)
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::Attributes;
    use crate::query::Query;

    fn of(method: &Method, uri: &str) -> Attributes {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        Attributes::of(method, path, &Query::parse(query))
    }

    #[test]
    fn verbs_follow_method_name_and_watch() {
        let cases = [
            (Method::GET, "/api/v1/namespaces/a/pods", "list pods a/"),
            (Method::GET, "/api/v1/namespaces/a/pods?watch=true", "watch pods a/"),
            (Method::GET, "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx", "list pods a/x"),
            (Method::GET, "/api/v1/namespaces/a/pods/x", "get pods a/x"),
            (Method::GET, "/api/v1/namespaces/a/pods/x/exec?command=ls", "get pods/exec a/x"),
            (Method::POST, "/api/v1/namespaces/a/pods/x/exec", "create pods/exec a/x"),
            (Method::GET, "/api/v1/pods", "list pods /"),
            (Method::GET, "/api/v1/namespaces/a", "get namespaces a/a"),
            (Method::GET, "/api/v1/namespaces", "list namespaces /"),
            (Method::DELETE, "/apis/rbac.authorization.k8s.io/v1/namespaces/a/roles/r", "delete roles a/r"),
            (Method::DELETE, "/apis/rbac.authorization.k8s.io/v1/namespaces/a/roles", "deletecollection roles a/"),
        ];
        for (method, uri, expected) in cases {
            let it = of(&method, uri);
            let got = format!("{} {} {}/{}", it.verb, it.full_resource(), it.namespace, it.name);
            assert_eq!(got, expected, "{method} {uri}");
        }
    }

    #[test]
    fn paths_outside_the_resource_api_keep_method_and_path() {
        let it = of(&Method::GET, "/healthz");
        assert!(!it.is_resource());
        assert_eq!(it.denial("eve"), r#"User "eve" cannot get path "/healthz""#);
        assert!(!of(&Method::GET, "/api/v1").is_resource());
    }

    #[test]
    fn denials_read_as_the_real_ones() {
        let it = of(&Method::GET, "/api/v1/namespaces/z/pods/x");
        assert_eq!(it.denial("y"), r#"User "y" cannot get resource "pods" in API group "" in the namespace "z""#);
        let it = of(&Method::GET, "/apis/rbac.authorization.k8s.io/v1/clusterroles");
        assert_eq!(
            it.denial("y"),
            r#"User "y" cannot list resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope"#
        );
    }
}
