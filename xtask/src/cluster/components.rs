//! What runs in the cluster, with every setting that differs from a component's defaults and why.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use serde_json::{Value, json};

use super::pki::{self, Authority, Identity};
use super::{build, packages};

/// The node's name, by which the API server also reaches its kubelet: so that traffic stays on loopback, since the
/// kubelet refuses a loopback address as its own.
pub(crate) const NODE: &str = "localhost";

/// The components' file names, in the order they are started.
pub(crate) const NAMES: [&str; 6] =
    ["containerd", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"];

/// A program to start.
pub(crate) struct Component {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
}

impl Component {
    /// The program's file name.
    pub(crate) fn name(&self) -> String {
        self.program.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// What a cluster is called on this machine, so that two of them (with different caches) don't meet.
pub(crate) struct Names<'a> {
    /// Where it runs.
    pub(crate) directory: &'a Path,
    /// Its network.
    pub(crate) id: &'a str,
    /// The third part of its addresses, 198.18.N.x and 198.19.N.x: reserved for tests of network devices, and nothing
    /// ever routes them.
    pub(crate) subnet: u8,
}

/// Writes certificates, kubeconfigs and configuration files, and says what to start.
pub(crate) fn configure(names: &Names<'_>, kubernetes: &Path) -> Result<Vec<Component>> {
    let directory = names.directory;
    let [api, kubelet, etcd, peer] = free_ports()?;
    write_certificates(directory, api)?;
    fs::write(directory.join("containerd.toml"), containerd(names)?)?;
    fs::create_dir_all(directory.join("network"))?;
    fs::write(directory.join("network/10-pods.conflist"), network(names).to_string())?;
    fs::write(directory.join("kubelet.json"), kubelet_configuration(names, kubelet).to_string())?;

    let etcd_url = format!("https://127.0.0.1:{etcd}");
    let peer_url = format!("https://127.0.0.1:{peer}");
    let arguments: [Vec<String>; 6] = [
        options(&[("config", "containerd.toml")]),
        options(&[
            ("data-dir", "etcd"),
            ("listen-client-urls", &etcd_url),
            ("advertise-client-urls", &etcd_url),
            ("listen-peer-urls", &peer_url),
            ("initial-advertise-peer-urls", &peer_url),
            ("initial-cluster", &format!("default={peer_url}")),
            // Loopback is open to every user of the machine, and who writes into etcd owns the cluster and its node.
            ("client-cert-auth", "true"),
            ("trusted-ca-file", "pki/etcd-ca.crt"),
            ("cert-file", "pki/etcd.crt"),
            ("key-file", "pki/etcd.key"),
            ("peer-client-cert-auth", "true"),
            ("peer-trusted-ca-file", "pki/etcd-ca.crt"),
            ("peer-cert-file", "pki/etcd.crt"),
            ("peer-key-file", "pki/etcd.key"),
            // Nothing in it outlives the cluster.
            ("unsafe-no-fsync", "true"),
        ]),
        options(&[
            ("bind-address", "127.0.0.1"),
            ("advertise-address", "127.0.0.1"),
            ("secure-port", &api.to_string()),
            // A loopback address can't be an endpoint of the kubernetes service.
            ("endpoint-reconciler-type", "none"),
            ("service-cluster-ip-range", &format!("198.19.{}.0/24", names.subnet)),
            ("allow-privileged", "true"),
            ("authorization-mode", "Node,RBAC"),
            ("enable-admission-plugins", "NodeRestriction"),
            ("tls-cert-file", "pki/api.crt"),
            ("tls-private-key-file", "pki/api.key"),
            ("client-ca-file", "pki/ca.crt"),
            ("etcd-servers", &etcd_url),
            ("etcd-cafile", "pki/etcd-ca.crt"),
            ("etcd-certfile", "pki/etcd-client.crt"),
            ("etcd-keyfile", "pki/etcd-client.key"),
            ("service-account-issuer", "https://kubernetes.default.svc"),
            ("service-account-signing-key-file", "pki/service-accounts.key"),
            ("service-account-key-file", "pki/service-accounts.pub"),
            ("kubelet-preferred-address-types", "Hostname"),
            ("kubelet-certificate-authority", "pki/ca.crt"),
            ("kubelet-client-certificate", "pki/api-to-kubelet.crt"),
            ("kubelet-client-key", "pki/api-to-kubelet.key"),
        ]),
        options(&[
            ("kubeconfig", "controllers.kubeconfig"),
            ("use-service-account-credentials", "true"),
            ("service-account-private-key-file", "pki/service-accounts.key"),
            ("root-ca-file", "pki/ca.crt"),
            ("leader-elect", "false"),
            ("secure-port", "0"),
            ("flex-volume-plugin-dir", &directory.join("volume-plugins").display().to_string()),
        ]),
        options(&[("kubeconfig", "scheduler.kubeconfig"), ("leader-elect", "false"), ("secure-port", "0")]),
        options(&[
            ("config", "kubelet.json"),
            ("kubeconfig", "kubelet.kubeconfig"),
            ("root-dir", &directory.join("kubelet").display().to_string()),
            ("hostname-override", NODE),
        ]),
    ];
    NAMES
        .into_iter()
        .zip(arguments)
        .map(|(name, arguments)| {
            let built = kubernetes.join(name);
            let program = if built.exists() { Some(built) } else { packages::find(name) };
            Ok(Component { program: program.with_context(|| format!("{name} is not installed"))?, arguments })
        })
        .collect()
}

fn options(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs.iter().map(|(name, value)| format!("--{name}={value}")).collect()
}

/// Ports nobody listens on. All are held at once, so that they differ.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let listeners: Vec<_> =
        (0..N).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>().context("no free port")?;
    let ports: Vec<u16> = listeners.iter().map(|held| Ok(held.local_addr()?.port())).collect::<Result<_>>()?;
    ports.try_into().map_err(|_| anyhow!("no free port"))
}

fn write_certificates(directory: &Path, api: u16) -> Result<()> {
    let pki = directory.join("pki");
    fs::create_dir_all(&pki)?;
    let ca = Authority::new("plimsoll-test")?;
    // etcd trusts whoever its authority signs: if it were the cluster's own, every user of the cluster could write to it.
    let etcd_ca = Authority::new("plimsoll-test-etcd")?;
    pki::write_private(&pki.join("ca.crt"), ca.certificate())?;
    pki::write_private(&pki.join("etcd-ca.crt"), etcd_ca.certificate())?;
    etcd_ca.server("etcd")?.write(&pki, "etcd")?;
    etcd_ca.client("", "kube-apiserver")?.write(&pki, "etcd-client")?;
    ca.server("kube-apiserver")?.write(&pki, "api")?;
    ca.server(NODE)?.write(&pki, "kubelet")?;
    ca.client("system:masters", "kube-apiserver")?.write(&pki, "api-to-kubelet")?;
    pki::signing_key(&pki, "service-accounts")?;
    for (file, organization, name) in [
        ("kubeconfig", "system:masters", "admin"),
        ("controllers.kubeconfig", "", "system:kube-controller-manager"),
        ("scheduler.kubeconfig", "", "system:kube-scheduler"),
        ("kubelet.kubeconfig", "system:nodes", &format!("system:node:{NODE}")),
    ] {
        let config = kubeconfig(api, &ca, &ca.client(organization, name)?);
        pki::write_private(&directory.join(file), &serde_json::to_string_pretty(&config)?)?;
    }
    Ok(())
}

/// A kubeconfig that needs no other file. JSON is YAML.
fn kubeconfig(api: u16, ca: &Authority, user: &Identity) -> Value {
    let encode = |pem: &str| base64::engine::general_purpose::STANDARD.encode(pem);
    let name = "plimsoll-test";
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {
            "server": format!("https://127.0.0.1:{api}"),
            "certificate-authority-data": encode(ca.certificate()),
        }}],
        "users": [{"name": name, "user": {
            "client-certificate-data": encode(&user.certificate),
            "client-key-data": encode(&user.key),
        }}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    })
}

fn containerd(names: &Names<'_>) -> Result<String> {
    let directory = names.directory.display();
    let plugins = packages::plugins().context("the network plugins are not installed")?;
    Ok(format!(
        r#"version = 2
root = "{directory}/containerd/root"
state = "{directory}/containerd/state"

[grpc]
  address = "{directory}/containerd.sock"

[plugins."io.containerd.internal.v1.opt"]
  path = "{directory}/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  stream_server_address = "127.0.0.1"
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{directory}/network"
"#,
        pause = build::PAUSE_IMAGE,
        snapshotter = snapshotter(names.directory)?,
    ))
}

/// How containerd stacks an image's layers. Overlays can't be stacked on an overlay, which is what a container's own
/// root often is: there the layers are copied.
pub(crate) fn snapshotter(directory: &Path) -> Result<&'static str> {
    const OVERLAYFS: rustix::fs::FsWord = 0x794c_7630;
    Ok(if rustix::fs::statfs(directory)?.f_type == OVERLAYFS { "native" } else { "overlayfs" })
}

/// Each pod gets an address and a link to the node, and no way to anywhere else: scans go through the API server.
fn network(names: &Names<'_>) -> Value {
    json!({
        "cniVersion": "0.4.0",
        "name": names.id,
        "plugins": [{
            "type": "ptp",
            "ipMasq": false,
            "ipam": {
                "type": "host-local",
                "subnet": format!("198.18.{}.0/24", names.subnet),
                "dataDir": names.directory.join("addresses"),
            },
        }],
    })
}

fn kubelet_configuration(names: &Names<'_>, port: u16) -> Value {
    let directory = names.directory;
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": "127.0.0.1",
        "port": port,
        "healthzPort": 0,
        "readOnlyPort": 0,
        "containerRuntimeEndpoint": format!("unix://{}/containerd.sock", directory.display()),
        "tlsCertFile": directory.join("pki/kubelet.crt"),
        "tlsPrivateKeyFile": directory.join("pki/kubelet.key"),
        "authentication": {
            "anonymous": {"enabled": false},
            "webhook": {"enabled": true},
            "x509": {"clientCAFile": directory.join("pki/ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        // The machine's control groups are none of the kubelet's business.
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": false,
        "enforceNodeAllocatable": [],
        "failCgroupV1": false,
        "failSwapOn": false,
        // Nor are its firewall and its full disks.
        "makeIPTablesUtilChains": false,
        "localStorageCapacityIsolation": false,
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {
            "memory.available": "0%",
            "nodefs.available": "0%",
            "nodefs.inodesFree": "0%",
            "imagefs.available": "0%",
        },
        "podLogsDir": directory.join("pod-logs"),
        "volumePluginDir": directory.join("volume-plugins"),
        "resolvConf": "",
        "syncFrequency": "1s",
    })
}
