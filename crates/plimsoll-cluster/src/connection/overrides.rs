//! Flags over kubeconfig: what is given on the command line replaces what the file says.

use std::path::Path;

use kube::config::{AuthInfo, NamedAuthInfo};

use super::{
    Cluster, ConnectError, ConnectOptions, Context, KubeConfigOptions, Kubeconfig, NamedCluster, NamedContext,
};

/// The name of what flags alone describe.
const COMMAND_LINE: &str = "command-line";

/// Writes the flags into `kubeconfig` and names the context, cluster and user to use.
pub(super) fn apply(kubeconfig: &mut Kubeconfig, options: &ConnectOptions) -> Result<KubeConfigOptions, ConnectError> {
    let context = context(kubeconfig, options)?;
    let cluster = cluster(kubeconfig, options, &context)?;
    let user = user(kubeconfig, options, &context)?;
    Ok(KubeConfigOptions { context: Some(context), cluster: Some(cluster), user: Some(user) })
}

fn context(kubeconfig: &mut Kubeconfig, options: &ConnectOptions) -> Result<String, ConnectError> {
    let known = || kubeconfig.contexts.iter().map(|named| named.name.clone()).collect::<Vec<_>>();
    let current = kubeconfig.current_context.clone().filter(|name| !name.is_empty());
    let Some(name) = options.context.clone().or(current) else {
        if options.server.is_none() {
            return Err(ConnectError::NoContext { known: known() });
        }
        let context = Context { cluster: COMMAND_LINE.into(), user: Some(COMMAND_LINE.into()), ..Default::default() };
        kubeconfig.contexts.push(NamedContext {
            name: COMMAND_LINE.into(),
            context: Some(context),
            ..Default::default()
        });
        kubeconfig.clusters.push(NamedCluster {
            name: COMMAND_LINE.into(),
            cluster: Some(Cluster::default()),
            ..Default::default()
        });
        return Ok(COMMAND_LINE.into());
    };
    if kubeconfig.contexts.iter().any(|named| named.name == name) {
        Ok(name)
    } else {
        Err(ConnectError::Unknown { kind: "context", name, known: known() })
    }
}

fn cluster(kubeconfig: &mut Kubeconfig, options: &ConnectOptions, context: &str) -> Result<String, ConnectError> {
    let name = options.cluster.clone().or_else(|| in_context(kubeconfig, context).map(|found| found.cluster.clone()));
    let name = name.unwrap_or_default();
    let known: Vec<String> = kubeconfig.clusters.iter().map(|named| named.name.clone()).collect();
    let found = kubeconfig.clusters.iter_mut().find(|named| named.name == name);
    let Some(cluster) = found.and_then(|named| named.cluster.as_mut()) else {
        return Err(ConnectError::Unknown { kind: "cluster", name, known });
    };
    if let Some(server) = &options.server {
        cluster.server = Some(server.clone());
    }
    if let Some(server_name) = &options.tls_server_name {
        cluster.tls_server_name = Some(server_name.clone());
    }
    if let Some(file) = &options.certificate_authority {
        cluster.certificate_authority = Some(text(file)?);
        cluster.certificate_authority_data = None;
    }
    if cluster.insecure_skip_tls_verify == Some(true) {
        let origin = format!("insecure-skip-tls-verify of the kubeconfig's cluster \"{name}\"");
        return Err(ConnectError::TlsVerificationOff { origin });
    }
    Ok(name)
}

fn user(kubeconfig: &mut Kubeconfig, options: &ConnectOptions, context: &str) -> Result<String, ConnectError> {
    let of_context = in_context(kubeconfig, context).and_then(|found| found.user.clone());
    let name = options.user.clone().or(of_context).unwrap_or_else(|| COMMAND_LINE.into());
    let known: Vec<String> = kubeconfig.auth_infos.iter().map(|named| named.name.clone()).collect();
    if !known.contains(&name) {
        // kubectl takes a context whose user is missing for an anonymous one; a user asked for by flag must be there.
        if options.user.is_some() {
            return Err(ConnectError::Unknown { kind: "user", name, known });
        }
        kubeconfig.auth_infos.push(NamedAuthInfo { name: name.clone(), ..Default::default() });
    }
    let found = kubeconfig.auth_infos.iter_mut().find(|named| named.name == name);
    if let Some(named) = found {
        let auth = named.auth_info.get_or_insert_default();
        replace_credentials(auth, options)?;
        impersonate(auth, options);
    }
    Ok(name)
}

fn in_context<'a>(kubeconfig: &'a Kubeconfig, name: &str) -> Option<&'a Context> {
    kubeconfig.contexts.iter().find(|named| named.name == name)?.context.as_ref()
}

fn replace_credentials(auth: &mut AuthInfo, options: &ConnectOptions) -> Result<(), ConnectError> {
    if let Some(token) = &options.token {
        // A client certificate beside a token would win at the server; the flag is what was meant.
        *auth = AuthInfo { token: Some(token.clone()), ..kept_impersonation(auth) };
    }
    if let Some(file) = &options.client_certificate {
        auth.client_certificate = Some(text(file)?);
        auth.client_certificate_data = None;
    }
    if let Some(file) = &options.client_key {
        auth.client_key = Some(text(file)?);
        auth.client_key_data = None;
    }
    Ok(())
}

fn kept_impersonation(auth: &AuthInfo) -> AuthInfo {
    AuthInfo {
        impersonate: auth.impersonate.clone(),
        impersonate_uid: auth.impersonate_uid.clone(),
        impersonate_groups: auth.impersonate_groups.clone(),
        impersonate_user_extra: auth.impersonate_user_extra.clone(),
        ..Default::default()
    }
}

/// `--as`, `--as-group` and `--as-uid`.
pub(super) fn impersonate(auth: &mut AuthInfo, options: &ConnectOptions) {
    if let Some(user) = &options.impersonate {
        auth.impersonate = Some(user.clone());
    }
    if let Some(uid) = &options.impersonate_uid {
        auth.impersonate_uid = Some(uid.clone());
    }
    if !options.impersonate_groups.is_empty() {
        auth.impersonate_groups = Some(options.impersonate_groups.clone());
    }
}

fn text(path: &Path) -> Result<String, ConnectError> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute
        .into_os_string()
        .into_string()
        .map_err(|path| ConnectError::Unusable(format!("the path {} is not UTF-8", path.display())))
}
