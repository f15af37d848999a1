//! Where a request goes: its address, and whether that is MaintainX.

use super::{Site, option};
use crate::facts::code::{Call, Code, Kind, Language, Node};

/// Hosts of clouds, telemetry, registries and chat hooks: not the business API that is integrated.
const INFRASTRUCTURE: [&str; 20] = [
    "amazonaws.com",
    "googleapis.com/token",
    "oauth2.googleapis.com",
    "metadata.google.internal",
    "169.254.169.254",
    "vault.azure.net",
    "login.microsoftonline.com",
    "sentry.io",
    "datadoghq.com",
    "newrelic.com",
    "honeycomb.io",
    "grafana.net",
    "registry.npmjs.org",
    "pypi.org",
    "api.github.com/repos",
    "hc-ping.com",
    "localhost",
    "127.0.0.1",
    "betteruptime.com",
    "healthchecks.io",
];
/// What options call the address of a client or of a request.
const BASES: [&str; 9] =
    ["baseURL", "baseUrl", "base_url", "base_uri", "prefixUrl", "BaseAddress", "BaseURL", "uri", "url"];
/// Paths that only the MaintainX API has. Source: the published API.
const PATHS: [&str; 8] = [
    "/workorders",
    "/workrequests",
    "/meters",
    "/purchaseorders",
    "/procedures",
    "/workordertemplates",
    "/assets",
    "/parts",
];

/// The possible addresses of a request, its client's base before its own path.
pub(super) fn addresses(code: &Code, call: Call<'_>, maker: Option<Call<'_>>, verb: &str) -> Vec<String> {
    let own = address_node(code, call, verb);
    let own = own.map(|node| code.texts(node)).unwrap_or_default();
    let bases: Vec<String> = maker.map(|maker| bases(code, maker)).unwrap_or_default();
    let mut addresses = Vec::new();
    for path in &own {
        if path.contains("://") || bases.is_empty() {
            addresses.push(path.clone());
        }
        let joined = bases.iter().filter(|_| !path.contains("://"));
        addresses.extend(joined.map(|base| format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))));
    }
    if own.is_empty() { bases } else { addresses }
}

/// The expression of a request's own address.
pub(super) fn own_address<'a>(code: &'a Code, call: Call<'a>) -> Option<Node<'a>> {
    address_node(code, call, call.method())
}

fn address_node<'a>(code: &'a Code, call: Call<'a>, verb: &str) -> Option<Node<'a>> {
    let position = usize::from(matches!(verb, "request" | "requestAsync") && is_method_word(call));
    let named = ["url", "uri", "path", "requestUri"].iter().find_map(|name| option(code, call, name));
    named.or_else(|| in_builder(code, call)).or(call.argument(position))
}

/// On the JVM the address is handed to what builds the request: `Request.Builder().url(…)`, `http.get().uri(…)`,
/// `HttpRequest.newBuilder(URI.create(…))`.
fn in_builder<'a>(code: &'a Code, call: Call<'a>) -> Option<Node<'a>> {
    if !matches!(call.node.source().language(), Language::Java | Language::Kotlin) {
        return None;
    }
    let given = call.argument(0).into_iter().flat_map(|given| std::iter::once(given).chain(code.expressions(given)));
    let places = given.chain(call.receiver());
    let builds = places.flat_map(Node::walk_own).filter_map(Node::as_call);
    let mut addressed =
        builds.filter(|call| matches!(call.method(), "url" | "uri" | "newBuilder") && !call.arguments.is_empty());
    let address = addressed.next()?.argument(0)?;
    match address.as_call() {
        Some(made) if matches!(made.method(), "create" | "URI" | "of" | "toHttpUrl") => {
            made.argument(0).or(made.receiver())
        }
        _ => Some(address),
    }
}

fn bases(code: &Code, maker: Call<'_>) -> Vec<String> {
    let given = BASES.iter().find_map(|name| option(code, maker, name)).or_else(|| {
        // In the block that sets the client up: `f.url = …`, `http.BaseAddress = …`, `url("…")`.
        maker.node.walk().find_map(|node| match node.kind() {
            Kind::Assign { target, value, .. } if BASES.contains(&target.leaf()) => Some(value),
            Kind::Call(call) if BASES.contains(&call.method()) => call.argument(0),
            _ => None,
        })
    });
    given.map(|node| code.texts(node)).unwrap_or_default()
}

fn is_method_word(call: Call<'_>) -> bool {
    let first = call.argument(0);
    match first.map(Node::kind) {
        Some(Kind::Str(word)) => word.len() <= 7 && word.bytes().all(|byte| byte.is_ascii_alphabetic()),
        Some(Kind::Name(name)) => matches!(name, "method" | "verb"),
        _ => {
            call.argument(1).is_some_and(|second| !matches!(second.kind(), Kind::Object(_)))
                && first.is_some_and(|first| first.leaf().eq_ignore_ascii_case("method"))
        }
    }
}

/// The HTTP method, from the name of the function or from what is handed over.
pub(super) fn method(code: &Code, call: Call<'_>, verb: &str) -> Option<String> {
    let lower = verb.to_ascii_lowercase();
    for word in ["get", "post", "put", "patch", "delete", "head"] {
        if lower.starts_with(word) {
            return Some(word.to_ascii_uppercase());
        }
    }
    if lower == "del" {
        return Some("DELETE".to_owned());
    }
    let given = option(code, call, "method").or_else(|| call.argument(0).filter(|_| is_method_word(call)));
    match given {
        Some(node) => code.text(node).filter(|text| text != "{}").map(|text| text.to_ascii_uppercase()),
        None if matches!(lower.as_str(), "" | "fetch" | "urlopen") => Some("GET".to_owned()),
        None => None,
    }
}

/// The path of an address without host, version and query.
pub(super) fn path(address: &str) -> Option<&str> {
    let rest = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..))?,
        None => address.strip_prefix("{}").unwrap_or(address),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let rest = ["/v1", "/v2", "v1", "v2"]
        .iter()
        .find_map(|version| rest.strip_prefix(version).filter(|rest| rest.starts_with('/')))
        .unwrap_or(rest);
    (rest.len() > 1).then_some(rest)
}

/// Whether a request goes to MaintainX: by its host, by what its address is read from, or by where it stands.
pub(super) fn is_maintainx(code: &Code, call: Call<'_>, maker: Option<Call<'_>>, addresses: &[String]) -> bool {
    if addresses.iter().any(|address| address.contains("getmaintainx.com")) {
        return true;
    }
    // Another host that is known is another API.
    if !addresses.is_empty() && addresses.iter().all(|address| is_host_known(address)) {
        return false;
    }
    let has_path = addresses
        .iter()
        .filter_map(|address| path(address))
        .any(|path| PATHS.iter().any(|known| path.to_ascii_lowercase().starts_with(known)));
    let around = call
        .node
        .enclosing_class()
        .map(|class| class.node)
        .or(call.node.enclosing_function().map(|function| function.node))
        .unwrap_or(call.node);
    let named = names_maintainx(around.text()) || maker.is_some_and(|maker| names_maintainx(maker.node.text()));
    let file = call.node.source();
    named
        || names_maintainx(file.path())
        || (names_maintainx(file.blob().text()) && !names_other_host(file.blob().text()))
        || (has_path && code.names("maintainx"))
}

fn is_host_known(address: &str) -> bool {
    address.split_once("://").is_some_and(|(_, rest)| {
        !rest.starts_with("{}") && rest.split('/').next().is_some_and(|host| host.contains('.'))
    })
}

fn names_maintainx(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("maintainx")
        || text.contains("MX_API")
        || text.contains("MX_TOKEN")
        || text.contains("MX_BASE")
        || text.contains("MX_KEY")
}

/// A file that talks to someone else as well proves nothing by naming MaintainX.
fn names_other_host(text: &str) -> bool {
    let mut hosts = text
        .split("https://")
        .skip(1)
        .map(|rest| rest.split(['/', '\'', '"', '`', '$', '{', ' ', '\n']).next().unwrap_or(""));
    hosts.any(|host| host.contains('.') && !host.contains("maintainx"))
}

/// A request to a cloud, to telemetry, or to the machine itself.
pub(super) fn is_infrastructure(site: &Site) -> bool {
    !site.addresses.is_empty()
        && site.addresses.iter().all(|address| {
            INFRASTRUCTURE.iter().any(|host| address.contains(host)) || (address.starts_with('/') && is_browser(site))
        })
}

/// A browser's call of its own server: a path without a host, by `fetch` in a component.
fn is_browser(site: &Site) -> bool {
    let path = site.span.path();
    site.library.name == "fetch"
        && (path.ends_with(".tsx")
            || path.ends_with(".jsx")
            || path.contains("/components/")
            || path.contains("/public/")
            || path.contains("static/"))
}
