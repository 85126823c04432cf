//! Which proxy leads to the API server, if any.

use std::net::IpAddr;

use http::Uri;

use super::ConnectError;

/// The kubeconfig's `proxy-url`, else `HTTPS_PROXY` unless the server is on this machine or `NO_PROXY` names it.
///
/// `variable` reads the environment.
pub(super) fn choose(
    server: &Uri,
    of_cluster: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Uri>, ConnectError> {
    let either = |upper: &str, lower: &str| {
        [upper, lower].into_iter().filter_map(&variable).find(|value| !value.trim().is_empty())
    };
    let chosen = match of_cluster.filter(|url| !url.is_empty()) {
        Some(url) => url.to_owned(),
        None => match either("HTTPS_PROXY", "https_proxy") {
            Some(url) if !goes_direct(server, &either("NO_PROXY", "no_proxy").unwrap_or_default()) => url,
            _ => return Ok(None),
        },
    };
    let with_scheme = if chosen.contains("://") { chosen } else { format!("http://{chosen}") };
    with_scheme.parse().map(Some).map_err(|_| ConnectError::Unusable("the proxy's address is not a URL".into()))
}

fn goes_direct(server: &Uri, exceptions: &str) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    exceptions.split(',').map(str::trim).any(|exception| match (exception, address) {
        ("", _) => false,
        ("*", _) => true,
        (range, Some(address)) => within(range, address),
        (name, None) => {
            let name = name.trim_start_matches('*').to_ascii_lowercase();
            let suffix = name.strip_prefix('.').unwrap_or(&name);
            host == suffix || host.strip_suffix(suffix).is_some_and(|front| front.ends_with('.'))
        }
    })
}

/// Whether `address` is `range`: one address, or a CIDR block.
fn within(range: &str, address: IpAddr) -> bool {
    let Some((base, bits)) = range.split_once('/') else {
        return range.parse() == Ok(address);
    };
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    let prefix = |value: u128, width: u32| value.checked_shr(width.saturating_sub(bits)).unwrap_or(0);
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            bits <= 32 && prefix(u32::from(base).into(), 32) == prefix(u32::from(address).into(), 32)
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            bits <= 128 && prefix(base.into(), 128) == prefix(address.into(), 128)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(server: &str, of_cluster: Option<&str>, https: &str, no: &str) -> Option<String> {
        let environment = |name: &str| match name {
            "HTTPS_PROXY" => Some(https.to_owned()),
            "no_proxy" => Some(no.to_owned()),
            _ => None,
        };
        choose(&server.parse().unwrap(), of_cluster, environment).unwrap().map(|uri| uri.to_string())
    }

    #[test]
    fn the_environments_proxy_is_used_unless_an_exception_names_the_server() {
        let proxy = "http://proxy:3128";
        assert_eq!(chosen("https://k8s.example.org", None, proxy, ""), Some("http://proxy:3128/".into()));
        assert_eq!(chosen("https://k8s.example.org", None, "", ""), None);
        for exception in ["*", "example.org", ".example.org", "*.example.org", "other, k8s.example.org"] {
            assert_eq!(chosen("https://k8s.example.org", None, proxy, exception), None, "{exception}");
        }
        assert!(chosen("https://k8s.example.org", None, proxy, "ample.org").is_some());
    }

    #[test]
    fn addresses_match_blocks_and_loopback_is_always_direct() {
        let proxy = "proxy:3128";
        assert_eq!(chosen("https://10.1.2.3:6443", None, proxy, "10.0.0.0/8"), None);
        assert_eq!(chosen("https://10.1.2.3:6443", None, proxy, "11.0.0.0/8"), Some("http://proxy:3128/".into()));
        assert_eq!(chosen("https://10.1.2.3:6443", None, proxy, "10.1.2.3"), None);
        assert_eq!(chosen("https://[fd00::1]:6443", None, proxy, "fd00::/16"), None);
        assert_eq!(chosen("https://127.0.0.1:6443", None, proxy, ""), None);
        assert_eq!(chosen("https://localhost:6443", None, proxy, ""), None);
    }

    #[test]
    fn the_kubeconfigs_proxy_is_used_whatever_the_environment_says() {
        assert_eq!(
            chosen("https://127.0.0.1", Some("socks5://gate:1080"), "", "*"),
            Some("socks5://gate:1080/".into())
        );
    }
}
