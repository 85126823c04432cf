//! A cluster in this process with one pod to scan, and profiles to scan it with.

use plimsoll_testkit::{Container, Fault, FaultRule, LocalProcess, Pod, Server, ServerConfig};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::program::{Ended, Files, Running, command};

/// What every object of ours carries.
pub(crate) const OURS: &str = "app.kubernetes.io/managed-by=plimsoll";

/// Passes in every container with a shell.
const GOOD: &str = r#"
control 'shell-01' do
  impact 0.7
  title 'The shell answers'
  describe command('echo hi') do
    its('stdout') { should eq "hi\n" }
    its('exit_status') { should eq 0 }
  end
end
"#;

/// Passes nowhere.
const BAD: &str = r"
control 'shell-02' do
  impact 1.0
  title 'The shell is silent'
  describe command('echo hi') do
    its('stdout') { should eq '' }
  end
end
";

/// Takes half a minute.
const SLOW: &str = r"
control 'slow-01' do
  describe command('touch MARK; sleep 30') do
    its('exit_status') { should eq 0 }
  end
end
";

/// Can't be loaded.
const BROKEN: &str = "raise 'by design'\n";

/// Can't be parsed.
const TORN: &str = "control 'torn' do\n  describe(\nend\n";

/// Pods `web` (one container, `app`) and `pair` (two) in namespace `shop`; `admin` may do everything.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) files: Files,
    runtime: Runtime,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(ServerConfig::default())
    }

    pub(crate) fn with(config: ServerConfig) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(Server::start(config)).expect("the server starts");
        let container = |name| Container::new(name, LocalProcess::new("/"));
        server.add_pod(&Pod::new("web").namespace("shop").container(container("app")));
        server.add_pod(&Pod::new("pair").namespace("shop").container(container("app")).container(container("log")));
        let files = Files::new(&[
            ("good.rb", GOOD),
            ("bad.rb", BAD),
            ("broken.rb", BROKEN),
            ("torn.rb", TORN),
            ("kubeconfig", &server.kubeconfig("admin")),
        ]);
        let slow = SLOW.replace("MARK", &files.arg("mark"));
        std::fs::write(files.path("slow.rb"), slow).expect("a profile");
        Self { server, files, runtime }
    }

    /// A user who may do `rules` in namespace `shop`; gives the name of his kubeconfig.
    pub(crate) fn user(&self, name: &str, rules: &serde_json::Value) -> String {
        let meta = json!({"name": name, "namespace": "shop"});
        let api = "rbac.authorization.k8s.io/v1";
        self.server.add(&json!({"apiVersion": api, "kind": "Role", "metadata": meta, "rules": rules}));
        self.server.add(&json!({"apiVersion": api, "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}]}));
        std::fs::write(self.files.path(name), self.server.kubeconfig(name)).expect("a kubeconfig");
        self.files.arg(name)
    }

    /// `plimsoll` with these arguments, as `admin`.
    pub(crate) fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = command(arguments);
        command.env("KUBECONFIG", self.files.path("kubeconfig"));
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().expect("it starts").into()
    }

    /// The arguments of a scan of `pod` with one of the profiles.
    fn scan_arguments(&self, pod: &str, profile: &str, more: &[&str]) -> Vec<String> {
        let profile = self.files.arg(profile);
        let all = ["scan", pod, "-n", "shop", "--profile", &profile].into_iter().chain(more.iter().copied());
        all.map(str::to_owned).collect()
    }

    /// Scans.
    pub(crate) fn scan(&self, pod: &str, profile: &str, more: &[&str]) -> Ended {
        let arguments = self.scan_arguments(pod, profile, more);
        self.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Starts a scan.
    pub(crate) fn start_scan(&self, pod: &str, profile: &str, more: &[&str]) -> Running {
        let arguments = self.scan_arguments(pod, profile, more);
        Running::start(self.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Starts a scan that takes half a minute, and waits until its command runs.
    pub(crate) fn start_slow_scan(&self) -> Running {
        let mut scan = self.start_scan("pod/web", "slow.rb", &[]);
        crate::program::wait("the audit has reached the container", || {
            scan.expect_running();
            self.files.path("mark").exists()
        });
        scan
    }

    pub(crate) fn fault(&self, method: &str, path: &str, fault: Fault) {
        self.server.faults().add(FaultRule::new(method, path, fault).always());
    }

    /// Fails if the cluster holds anything of ours.
    #[track_caller]
    pub(crate) fn expect_nothing_left(&self) {
        assert_eq!(self.server.leftovers(OURS), [""; 0]);
    }

    /// Fails if the cluster has heard of us.
    #[track_caller]
    pub(crate) fn expect_no_request(&self) {
        assert_eq!(self.server.requests().len(), 0);
    }

    /// Ends the server, and with it everything that still runs in its containers.
    pub(crate) fn end(self) {
        self.runtime.block_on(self.server.shutdown());
    }
}
