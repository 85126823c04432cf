//! Who may scan, and what a scan's own identity may do.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::Scenario;
use super::plimsoll::{NOT_EVALUATED, PASSED};
use super::world::{OURS, Profile, World, file, wait};
use crate::image::Image;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "caller-may-not-create-roles", run: caller_may_not_create_roles },
    Scenario { name: "caller-may-not-grant-what-it-lacks", run: caller_may_not_grant_what_it_lacks },
    Scenario { name: "existing-access-needs-no-roles", run: existing_access_needs_no_roles },
    Scenario { name: "existing-access-is-not-enough", run: existing_access_is_not_enough },
    Scenario { name: "role-is-minimal", run: role_is_minimal },
];

/// What a caller needs for a scan with its own rights.
fn may_exec() -> Value {
    json!([
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get", "create"]},
    ])
}

fn caller_may_not_create_roles(world: &World) -> Result<()> {
    let caller = caller(world, "reader", &may_exec())?;
    world
        .scan("busybox", Profile::Baseline, &["--as", &caller])?
        .expect_code(NOT_EVALUATED)?
        .expect_error(&[
            "create roles.rbac.authorization.k8s.io",
            "create serviceaccounts",
            &world.namespace,
            "--access existing",
        ])
        .map(drop)
}

/// Kubernetes lets nobody give away rights that he does not have.
fn caller_may_not_grant_what_it_lacks(world: &World) -> Result<()> {
    let caller = caller(
        world,
        "granter",
        &json!([
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["serviceaccounts", "serviceaccounts/token"], "verbs": ["*"]},
            {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"],
             "verbs": ["create", "get", "list", "delete"]},
        ]),
    )?;
    world
        .scan("busybox", Profile::Baseline, &["--as", &caller])?
        .expect_code(NOT_EVALUATED)?
        .expect_error(&["pods/exec"])
        .map(drop)
}

fn existing_access_needs_no_roles(world: &World) -> Result<()> {
    let caller = caller(world, "operator", &may_exec())?;
    let (_directory, threshold) = file("threshold.yml", "compliance:\n  min: 0\n")?;
    let more = ["--as", &caller, "--access", "existing", "--threshold", &threshold];
    world.scan("busybox", Profile::Baseline, &more)?.expect_code(PASSED).map(drop)
}

fn existing_access_is_not_enough(world: &World) -> Result<()> {
    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]);
    let caller = caller(world, "onlooker", &rules)?;
    world
        .scan("busybox", Profile::Baseline, &["--as", &caller, "--access", "existing"])?
        .expect_code(NOT_EVALUATED)?
        .expect_error(&["pods/exec"])
        .map(drop)
}

/// Everything is tried as the scan's own identity while the scan runs: what it needs works, and nothing else does.
fn role_is_minimal(world: &World) -> Result<()> {
    let mut scan = world.start_slow_scan("busybox", &[])?;
    let identity = identity_of_running_scan(world)?;
    let namespace = world.namespace.as_str();
    let attempt = |arguments: &[&str]| world.kubectl.attempt(&[&["--as", identity.as_str()], arguments].concat());

    let needed: [&[&str]; 2] =
        [&["-n", namespace, "get", "pod", "busybox"], &["-n", namespace, "exec", "busybox", "--", "true"]];
    for arguments in needed {
        let output = attempt(arguments)?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the scan's identity may not {}: {}", arguments.join(" "), error.trim());
    }
    let forbidden: [&[&str]; 20] = [
        &["-n", namespace, "get", "pod", "debian"],
        &["-n", namespace, "get", "pods"],
        &["-n", namespace, "get", "pods", "--watch"],
        &["get", "pods", "--all-namespaces"],
        &["-n", "kube-system", "get", "pods"],
        &["-n", namespace, "exec", "debian", "--", "true"],
        &["-n", namespace, "attach", "busybox"],
        &["-n", namespace, "logs", "busybox"],
        &["-n", namespace, "port-forward", "pod/busybox", ":80"],
        &["-n", namespace, "delete", "pod", "busybox"],
        &["-n", namespace, "label", "pod", "busybox", "changed=yes"],
        &["-n", namespace, "patch", "pod", "busybox", "--subresource=status", "-p", "{}"],
        &["-n", namespace, "debug", "busybox", "--image", Image::Busybox.name()],
        &["-n", namespace, "create", "configmap", "made"],
        &["-n", namespace, "get", "secrets"],
        &["-n", namespace, "get", "configmaps"],
        &["-n", namespace, "get", "serviceaccounts"],
        &["-n", namespace, "get", "roles"],
        &["-n", namespace, "create", "token", "default"],
        &["get", "nodes"],
    ];
    for arguments in forbidden {
        let output = attempt(arguments)?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(
            !output.status.success() && error.to_lowercase().contains("forbidden"),
            "the scan's identity was not forbidden to {}: {}",
            arguments.join(" "),
            error.trim()
        );
    }
    expect_rules(world)?;
    scan.signal(Signal::TERM)?;
    scan.end().map(drop)
}

/// The user name of the identity that a running scan acts by.
fn identity_of_running_scan(world: &World) -> Result<String> {
    let accounts = world.kubectl.run(&["-n", &world.namespace, "get", "serviceaccounts", "-l", OURS, "-o", "name"])?;
    let account = accounts.trim().strip_prefix("serviceaccount/").context("the scan has no service account")?;
    Ok(format!("system:serviceaccount:{}:{account}", world.namespace))
}

/// The Role's text says the same: one pod by name, no wildcard, and no more verbs than needed.
fn expect_rules(world: &World) -> Result<()> {
    let listed = world.kubectl.run(&["-n", &world.namespace, "get", "roles", "-l", OURS, "-o", "json"])?;
    let listed: Value = serde_json::from_str(&listed)?;
    let roles = listed["items"].as_array().context("no list of roles")?;
    ensure!(roles.len() == 1, "a scan has one Role, not {}", roles.len());
    let mut granted: Vec<String> = Vec::new();
    for rule in roles[0]["rules"].as_array().context("a Role without rules")? {
        ensure!(rule["resourceNames"] == json!(["busybox"]), "a rule is not bound to the pod: {rule}");
        ensure!(rule["apiGroups"] == json!([""]), "a rule reaches beyond the core group: {rule}");
        for (resource, verb) in pairs(&rule["resources"], &rule["verbs"]) {
            granted.push(format!("{verb} {resource}"));
        }
    }
    granted.sort();
    ensure!(granted == ["create pods/exec", "get pods", "get pods/exec"], "the Role grants {}", granted.join(", "));
    Ok(())
}

fn pairs<'a>(left: &'a Value, right: &'a Value) -> impl Iterator<Item = (&'a str, &'a str)> {
    let strings = |value: &'a Value| value.as_array().into_iter().flatten().filter_map(Value::as_str);
    strings(left).flat_map(move |one| strings(right).map(move |other| (one, other)))
}

/// Makes a service account with these rights in the run's namespace; returns its user name.
fn caller(world: &World, name: &str, rules: &Value) -> Result<String> {
    let metadata = json!({"name": name, "namespace": world.namespace});
    world.kubectl.apply(&[
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": rules}),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": world.namespace}],
        }),
    ])?;
    let user = format!("system:serviceaccount:{}:{name}", world.namespace);
    // The authorizer learns of new bindings a moment later.
    wait("the caller has its rights", Duration::from_secs(10), || {
        let ask = ["-n", &world.namespace, "--as", &user, "auth", "can-i", "get", "pods/busybox"];
        Ok(world.kubectl.attempt(&ask)?.status.success())
    })?;
    Ok(user)
}
