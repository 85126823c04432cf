//! Pods with an agent of their own: made for one scan from an image or as a copy of a pod, or by a user's manifest.

use k8s_openapi::api::core::v1::{Container, EmptyDirVolumeSource, Pod, PodSpec, Volume, VolumeMount};
use serde_json::Value;

use crate::agent::{self, SIDECAR};
use crate::debug::{HelperImage, Mirror};
use crate::workload::Workload;

/// The container of a pod that is made from an image.
pub(crate) const TARGET: &str = "target";
/// Where the agent finds the volume for results.
const RESULTS: &str = "/results";
/// The report on that volume.
pub(crate) const STORE: &str = "/results/scan.json";
const VOLUME: &str = "plimsoll-results";

/// How long the containers of such a pod may take to end when it is deleted.
const GRACE: i64 = 1;

/// A pod that is made to be scanned.
#[derive(Clone)]
pub(crate) enum OwnPod {
    /// From an image.
    Image {
        /// The namespace of the pod.
        namespace: String,
        /// The image's name.
        image: String,
        /// What it runs in place of its own program.
        command: Vec<String>,
        /// Whether the namespace admits nothing but what is restricted.
        restricted: bool,
    },
    /// As another pod, without that one's labels: no Service selects it and no controller counts it.
    Copy {
        /// The other pod.
        pod: Box<Pod>,
        /// The container to audit.
        of: Workload,
    },
}

impl OwnPod {
    /// The container to audit.
    pub(crate) fn container(&self) -> &str {
        match self {
            Self::Image { .. } => TARGET,
            Self::Copy { of, .. } => &of.container,
        }
    }

    /// The container without an agent beside it.
    pub(crate) fn bare(&self, seconds: i64) -> Pod {
        let mut spec = match self {
            Self::Image { image, command, restricted, .. } => image_spec(image, command, *restricted),
            Self::Copy { pod, .. } => copied(pod),
        };
        spec.restart_policy = Some("Never".into());
        spec.active_deadline_seconds = Some(seconds.max(1));
        spec.termination_grace_period_seconds = Some(GRACE);
        Pod { spec: Some(spec), ..Default::default() }
    }

    /// The whole pod, which lives for so many seconds at most.
    pub(crate) fn pod(&self, run_id: &str, helper: &HelperImage, mirror: &Mirror, seconds: i64) -> Pod {
        let mut pod = self.bare(seconds);
        let spec = pod.spec.get_or_insert_default();
        let mut agent = agent_container(run_id, helper, mirror);
        let mount = VolumeMount { name: VOLUME.into(), mount_path: RESULTS.into(), ..Default::default() };
        agent.volume_mounts = Some(vec![mount]);
        spec.containers.push(agent);
        spec.share_process_namespace = Some(true);
        let volume = EmptyDirVolumeSource::default();
        spec.volumes.get_or_insert_default().push(Volume {
            name: VOLUME.into(),
            empty_dir: Some(volume),
            ..Default::default()
        });
        pod
    }
}

fn image_spec(image: &str, command: &[String], restricted: bool) -> PodSpec {
    let security = serde_json::json!({"runAsNonRoot": true, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
    let target = Container {
        name: TARGET.into(),
        image: Some(image.into()),
        command: Some(command.to_vec()).filter(|command| !command.is_empty()),
        image_pull_policy: Some("IfNotPresent".into()),
        security_context: restricted.then(|| serde_json::from_value(security).expect("a security context")),
        ..Default::default()
    };
    PodSpec {
        containers: vec![target],
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        ..Default::default()
    }
}

/// The pod's spec without what ties it to its place, and without what would act on a container that is only looked at.
fn copied(pod: &Pod) -> PodSpec {
    let mut spec = pod.spec.clone().unwrap_or_default();
    spec.node_name = None;
    spec.ephemeral_containers = None;
    spec.hostname = None;
    spec.subdomain = None;
    for container in &mut spec.containers {
        container.liveness_probe = None;
        container.readiness_probe = None;
        container.startup_probe = None;
        container.lifecycle = None;
        // A port of the node belongs to the pod that has it.
        for port in container.ports.iter_mut().flatten() {
            port.host_port = None;
        }
    }
    spec
}

fn agent_container(run_id: &str, helper: &HelperImage, mirror: &Mirror) -> Container {
    Container {
        name: SIDECAR.into(),
        image: Some(helper.name.clone()),
        image_pull_policy: Some(helper.pull_policy.clone()),
        command: Some(agent::wait_command(run_id, None)),
        security_context: Some(mirror.security_context()),
        ..Default::default()
    }
}

/// Why a manifest can't be given an agent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InjectError {
    /// It describes no pods that go on running.
    #[error(
        "a {kind} has no pods that go on running: give a Pod, Deployment, StatefulSet, DaemonSet or ReplicaSet, or a List of these"
    )]
    Kind {
        /// Its kind.
        kind: String,
    },
    /// Its pod is not one.
    #[error("{what} is not valid: {why}")]
    Invalid {
        /// `Deployment web`.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// The container is not there, or none of several is named.
    #[error("{what} has the containers {}: choose the one to be scanned with -c", .containers.join(", "))]
    Container {
        /// `Deployment web`.
        what: String,
        /// Its containers.
        containers: Vec<String>,
    },
}

/// Adds an agent to the pods of manifests, beside the container `wanted` (needed where there are several). What has one
/// already stays as it is, and so does what stands beside the pods (Services, ConfigMaps); none at all is an error.
pub fn inject(manifests: &mut [Value], wanted: Option<&str>, helper: &HelperImage) -> Result<(), InjectError> {
    match manifests {
        [one] => inject_one(one, wanted, helper),
        several => inject_several(several, "set of manifests without any", wanted, helper),
    }
}

fn inject_one(manifest: &mut Value, wanted: Option<&str>, helper: &HelperImage) -> Result<(), InjectError> {
    let kind = manifest["kind"].as_str().unwrap_or("manifest without kind").to_owned();
    let pod = match kind.as_str() {
        "List" => {
            let items = manifest["items"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
            return inject_several(items, "List without any", wanted, helper);
        }
        "Pod" => manifest.pointer("/spec"),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => manifest.pointer("/spec/template/spec"),
        _ => return Err(InjectError::Kind { kind }),
    };
    let what = format!("{kind} {}", manifest.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("(unnamed)"));
    let invalid = |why: String| InjectError::Invalid { what: what.clone(), why };
    let spec = pod.cloned().ok_or_else(|| invalid("it has no pod spec".into()))?;
    let spec: PodSpec = serde_json::from_value(spec).map_err(|error| invalid(error.to_string()))?;
    let names: Vec<String> = spec.containers.iter().map(|container| container.name.clone()).collect();
    if names.iter().any(|name| name == SIDECAR) {
        return Ok(());
    }
    let container = match (wanted, &names[..]) {
        (Some(wanted), names) if names.iter().any(|name| name == wanted) => wanted.to_owned(),
        (None, [only]) => only.clone(),
        _ => return Err(InjectError::Container { what, containers: names }),
    };
    let mirror = Mirror::of(&Pod { spec: Some(spec), ..Default::default() }, &container);
    let agent = serde_json::to_value(agent_container("sidecar", helper, &mirror));
    let agent = agent.map_err(|error| invalid(error.to_string()))?;
    let spec = if kind == "Pod" { "/spec" } else { "/spec/template/spec" };
    // In the manifest itself: what nobody here knows of it stays in it.
    if let Some(Value::Object(spec)) = manifest.pointer_mut(spec) {
        spec.insert("shareProcessNamespace".into(), true.into());
        if let Some(containers) = spec.get_mut("containers").and_then(Value::as_array_mut) {
            containers.push(agent);
        }
    }
    Ok(())
}

fn inject_several(
    manifests: &mut [Value],
    called: &str,
    wanted: Option<&str>,
    helper: &HelperImage,
) -> Result<(), InjectError> {
    let mut none = Some(InjectError::Kind { kind: called.into() });
    for manifest in manifests {
        match inject_one(manifest, wanted, helper) {
            Ok(()) => none = None,
            Err(InjectError::Kind { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    none.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mirror() -> Mirror {
        Mirror::of(&Pod::default(), TARGET)
    }

    #[test]
    fn a_pod_from_an_image_ends_by_itself_and_shares_its_processes() {
        let own =
            OwnPod::Image { namespace: "shop".into(), image: "web:1".into(), command: Vec::new(), restricted: false };
        let pod = serde_json::to_value(own.pod("r", &HelperImage::default(), &mirror(), 60)).unwrap();
        assert_eq!(pod["spec"]["activeDeadlineSeconds"], 60);
        assert_eq!(pod["spec"]["shareProcessNamespace"], true);
        assert_eq!(pod["spec"]["automountServiceAccountToken"], false);
        assert_eq!(pod["spec"]["containers"][0]["name"], "target");
        assert!(pod["spec"]["containers"][0].get("command").is_none());
        assert_eq!(pod["spec"]["containers"][1]["volumeMounts"][0]["mountPath"], "/results");
        assert_eq!(pod["spec"]["volumes"][0]["emptyDir"], json!({}));
    }

    #[test]
    fn a_copy_has_neither_labels_nor_owner_nor_probes_nor_ports_of_the_node() {
        let original = json!({
            "metadata": {"name": "web", "labels": {"app": "web"}, "ownerReferences": []},
            "spec": {"nodeName": "n", "restartPolicy": "Always", "containers": [
                {"name": "app", "image": "web:1", "livenessProbe": {"exec": {"command": ["x"]}},
                 "ports": [{"containerPort": 80, "hostPort": 80}]}]},
        });
        let of = Workload::at("shop", "web", "app");
        let own = OwnPod::Copy { pod: Box::new(serde_json::from_value(original).unwrap()), of };
        let pod = serde_json::to_value(own.pod("r", &HelperImage::default(), &mirror(), 60)).unwrap();
        assert_eq!(pod["metadata"], json!({}));
        assert_eq!(
            pod["spec"]["containers"][0],
            json!({"name": "app", "image": "web:1", "ports": [{"containerPort": 80}]})
        );
        assert!(pod["spec"].get("nodeName").is_none());
        assert_eq!(pod["spec"]["restartPolicy"], "Never");
    }

    #[test]
    fn a_manifest_gets_an_agent_once_and_keeps_what_nobody_knows() {
        let mut manifest = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "template": {"spec": {"futureField": 1, "securityContext": {"runAsUser": 1000},
                "containers": [{"name": "app", "image": "web:1"}]}}}});
        inject(std::slice::from_mut(&mut manifest), None, &HelperImage::default()).unwrap();
        let spec = manifest["spec"]["template"]["spec"].clone();
        assert_eq!((&spec["futureField"], &spec["shareProcessNamespace"]), (&json!(1), &json!(true)));
        assert_eq!(spec["containers"][1]["name"], SIDECAR);
        assert_eq!(spec["containers"][1]["securityContext"]["runAsUser"], 1000);
        inject(std::slice::from_mut(&mut manifest), None, &HelperImage::default()).unwrap();
        assert_eq!(manifest["spec"]["template"]["spec"], spec);
    }

    #[test]
    fn what_gets_no_agent_says_why() {
        let refused = |manifest: Value| inject(&mut [manifest], None, &HelperImage::default()).unwrap_err().to_string();
        assert!(refused(json!({"kind": "Job"})).contains("a Job has no pods that go on running"));
        let two = json!([{"name": "a"}, {"name": "b"}]);
        let pod = json!({"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": two}});
        assert_eq!(refused(pod), "Pod web has the containers a, b: choose the one to be scanned with -c");
        assert!(refused(json!({"kind": "Pod"})).contains("Pod (unnamed) is not valid"));
        assert!(
            refused(json!({"kind": "List", "items": [{"kind": "Service"}]})).contains("a List without any has no pods")
        );
        assert!(inject(&mut [], None, &HelperImage::default()).is_err());
    }
}
