//! The entry of a debug container: whose identity it takes on, and what it runs.

use k8s_openapi::api::core::v1::{Capabilities, Pod, SeccompProfile, SecurityContext};
use plimsoll_target::Identity;
use serde_json::{Value, json};

/// The identity that can look into a container's root: the same user and group, and all of its capabilities.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mirror {
    uid: i64,
    gid: Option<i64>,
    /// How the user was found.
    found: String,
    capabilities: Capabilities,
    /// Whether the container is privileged: no list of capabilities is as large as its own.
    privileged: bool,
    selinux: Option<k8s_openapi::api::core::v1::SELinuxOptions>,
}

/// The user of images that say they don't run as root; the one that distroless images have.
const NONROOT: i64 = 65532;

impl Mirror {
    /// The identity of `container`, as far as the pod tells it.
    pub(crate) fn of(pod: &Pod, container: &str) -> Self {
        let spec = pod.spec.clone().unwrap_or_default();
        let mut containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        let own = containers.find(|found| found.name == container).and_then(|found| found.security_context.clone());
        let own = own.unwrap_or_default();
        let pods = spec.security_context.unwrap_or_default();
        let status = pod.status.as_ref().and_then(|status| status.container_statuses.as_ref());
        let status = status.into_iter().flatten().find(|status| status.name == container);
        let told = status.and_then(|status| status.user.as_ref()?.linux.as_ref());
        let nonroot = own.run_as_non_root.or(pods.run_as_non_root).unwrap_or(false);
        let (uid, found) = if let Some(user) = told {
            (user.uid, "by the container's status")
        } else if let Some(uid) = own.run_as_user {
            (uid, "by the container's security context")
        } else if let Some(uid) = pods.run_as_user {
            (uid, "by the pod's security context")
        } else if nonroot {
            (NONROOT, "assumed: the pod says no more than that it is not root")
        } else {
            (0, "assumed: neither status nor security context names one")
        };
        Self {
            uid,
            gid: told.map(|user| user.gid).or(own.run_as_group).or(pods.run_as_group),
            found: found.into(),
            capabilities: own.capabilities.unwrap_or_default(),
            privileged: own.privileged.unwrap_or(false),
            selinux: own.se_linux_options,
        }
    }

    /// A user that is not root, for namespaces that allow no other.
    pub(crate) fn nonroot(&self) -> Option<Self> {
        let assumed = self.uid == 0 && self.found.starts_with("assumed");
        assumed.then(|| Self { uid: NONROOT, found: "assumed: the namespace admits no root".into(), ..self.clone() })
    }

    /// What `theirs` shows that this one, which was refused as `ours`, must be; `None` where nothing more can be done.
    pub(crate) fn corrected(&self, theirs: &Identity, ours: &Identity) -> Option<Self> {
        let found = "by the status of its first process".to_owned();
        if (theirs.uid, theirs.gid) != (ours.uid, ours.gid) {
            return Some(Self { uid: theirs.uid.into(), gid: Some(theirs.gid.into()), found, ..self.clone() });
        }
        // SYS_PTRACE is what the kernel asks for where the identities differ otherwise.
        let has = self.add().iter().any(|name| name == "SYS_PTRACE");
        (!has).then(|| Self { privileged: true, ..self.clone() })
    }

    fn is_root(&self) -> bool {
        self.uid == 0
    }

    fn add(&self) -> Vec<String> {
        if !self.is_root() && !self.privileged {
            return Vec::new();
        }
        let mut add = self.capabilities.add.clone().unwrap_or_default();
        // Not to be had without privilege escalation.
        add.retain(|name| name != "SYS_ADMIN" && name != "CAP_SYS_ADMIN");
        if self.privileged && !add.iter().any(|name| name == "SYS_PTRACE") {
            add.push("SYS_PTRACE".into());
        }
        add
    }

    fn drop(&self) -> Vec<String> {
        // A process that is not root has no capabilities that it could need of ours.
        if self.is_root() || self.privileged {
            self.capabilities.drop.clone().unwrap_or_default()
        } else {
            vec!["ALL".into()]
        }
    }

    /// The security context: nothing beyond what looking into the container takes, and what Pod Security's `restricted` asks
    /// for where the container itself is that.
    pub(crate) fn security_context(&self) -> SecurityContext {
        let list = |names: Vec<String>| Some(names).filter(|names| !names.is_empty());
        let capabilities = Capabilities { add: list(self.add()), drop: list(self.drop()) };
        SecurityContext {
            run_as_user: Some(self.uid),
            run_as_group: self.gid,
            run_as_non_root: Some(!self.is_root()),
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(capabilities).filter(|both| *both != Capabilities::default()),
            seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".into(), ..Default::default() }),
            se_linux_options: self.selinux.clone(),
            ..Default::default()
        }
    }
}

/// For a person: `uid 0 (how that is known), capabilities …`.
impl std::fmt::Display for Mirror {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "uid {}", self.uid)?;
        if let Some(gid) = self.gid {
            write!(f, " gid {gid}")?;
        }
        write!(f, " ({})", self.found)?;
        let add = self.add();
        if !add.is_empty() {
            write!(f, ", with {}", add.join(" "))?;
        }
        if self.drop().iter().any(|name| name == "ALL") {
            write!(f, ", no {}capabilities", if add.is_empty() { "" } else { "other " })?;
        }
        Ok(())
    }
}

/// One debug container, as it is added.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) image: &'a str,
    pub(super) pull_policy: &'a str,
    pub(super) command: &'a [String],
    pub(super) target: &'a str,
    pub(super) mirror: &'a Mirror,
}

impl Entry<'_> {
    /// The patch that adds it.
    pub(super) fn patch(&self) -> Value {
        json!({"spec": {"ephemeralContainers": [{
            "name": self.name,
            "image": self.image,
            "imagePullPolicy": self.pull_policy,
            "command": self.command,
            "targetContainerName": self.target,
            "securityContext": self.mirror.security_context(),
        }]}})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(spec: &Value) -> Pod {
        serde_json::from_value(json!({"spec": spec})).unwrap()
    }

    fn mirror(container: &Value, pods: &Value) -> Mirror {
        let containers = json!([{"name": "app", "securityContext": container}]);
        Mirror::of(&pod(&json!({"containers": containers, "securityContext": pods})), "app")
    }

    fn context(mirror: &Mirror) -> Value {
        serde_json::to_value(mirror.security_context()).unwrap()
    }

    #[test]
    fn a_container_without_a_word_is_taken_for_root_with_what_runtimes_give() {
        let mirror = mirror(&json!({}), &json!({}));
        let expected = json!({"runAsUser": 0, "runAsNonRoot": false, "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true, "seccompProfile": {"type": "RuntimeDefault"}});
        assert_eq!(context(&mirror), expected);
        assert_eq!(mirror.to_string(), "uid 0 (assumed: neither status nor security context names one)");
    }

    #[test]
    fn what_is_not_root_passes_restricted() {
        let mirror = mirror(&json!({"capabilities": {"drop": ["ALL"]}}), &json!({"runAsUser": 1000, "runAsGroup": 7}));
        let expected = json!({"runAsUser": 1000, "runAsGroup": 7, "runAsNonRoot": true,
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"}});
        assert_eq!(context(&mirror), expected);
        assert_eq!(mirror.to_string(), "uid 1000 gid 7 (by the pod's security context), no capabilities");
    }

    #[test]
    fn root_has_the_capabilities_of_its_container_and_ptrace_where_that_is_privileged() {
        let limited = mirror(&json!({"runAsUser": 0, "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}), &json!({}));
        assert_eq!(context(&limited)["capabilities"], json!({"drop": ["ALL"], "add": ["CHOWN"]}));
        let privileged = mirror(&json!({"privileged": true}), &json!({}));
        assert_eq!(context(&privileged)["capabilities"], json!({"add": ["SYS_PTRACE"]}));
    }

    #[test]
    fn the_status_knows_best() {
        let mut pod = pod(&json!({"containers": [{"name": "app", "securityContext": {"runAsUser": 5}}]}));
        pod.status = serde_json::from_value(json!({"containerStatuses": [{"name": "app", "image": "", "imageID": "",
            "ready": true, "restartCount": 0, "user": {"linux": {"uid": 9, "gid": 8}}}]}))
        .unwrap();
        assert_eq!(Mirror::of(&pod, "app").to_string(), "uid 9 gid 8 (by the container's status), no capabilities");
    }

    #[test]
    fn a_refusal_shows_what_is_to_be_mirrored() {
        let first = mirror(&json!({}), &json!({}));
        let ours = Identity { uid: 0, gid: 0, capabilities: 0 };
        let corrected = first.corrected(&Identity { uid: 70, gid: 71, capabilities: 0 }, &ours).unwrap();
        assert_eq!(context(&corrected)["runAsGroup"], 71);
        let more = first.corrected(&Identity { uid: 0, gid: 0, capabilities: 1 }, &ours).unwrap();
        assert_eq!(context(&more)["capabilities"], json!({"add": ["SYS_PTRACE"]}));
        assert_eq!(more.corrected(&Identity { uid: 0, gid: 0, capabilities: 1 }, &ours), None);
    }
}
