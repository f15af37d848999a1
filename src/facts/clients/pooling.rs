//! Whether connections to an API are kept and used again.

use super::lifetime::{self, Made};
use super::node_version::NodeVersion;
use super::{Site, option};
use crate::evidence::Span;
use crate::facts::code::{Call, Code, Kind, Language, Node};

/// What is known of the connections of a call.
#[derive(Debug, Clone)]
pub enum Pooling {
    /// They are kept; the place that shows it, and what is to be seen.
    Kept(Span, String),
    /// They are kept as far as can be told; the second text is what to know.
    Likely(Span, String, String),
    /// A new one is opened for each call.
    Fresh(Span, String),
}

/// What a library does with connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The process has one pool, however many clients there are.
    Shared,
    /// Node's global agent, which keeps connections since Node 19.
    GlobalAgent,
    /// Each client has its own pool.
    PerClient,
    /// There is no pool, unless one of these words stands in its set-up.
    Never(&'static [&'static str]),
}

/// Source: each library's documentation.
fn way(library: &str, language: Language) -> Way {
    match library {
        "fetch" | "ky" | "ofetch" | "wretch" | "Octokit" | "Notion" | "Unirest" | "HttpURLConnection" | "Flurl"
        | "Typhoeus" => Way::Shared,
        "undici" | "net/http" => Way::Shared,
        "axios" | "got" | "superagent" | "request" | "node:http" | "Nest HttpService" | "HubSpot" => Way::GlobalAgent,
        "needle" => Way::Never(&["keep-alive", "keepAlive"]),
        "urllib" => Way::Never(&[]),
        "Net::HTTP" => Way::Never(&["Persistent", "start"]),
        "Faraday" => Way::Never(&["persistent", "typhoeus", "httpx", "excon", "async_http", "patron"]),
        "HTTParty" => Way::Never(&["persistent"]),
        "rest-client" => Way::Never(&[]),
        "http.rb" | "httpx.rb" | "Excon" => Way::Never(&["persistent"]),
        _ if language == Language::Php && library == "Laravel Http" => Way::Shared,
        _ => Way::PerClient,
    }
}

/// Functions of a library that open a connection for themselves.
const BARE: [(&str, &[&str]); 3] = [("requests", &["requests."]), ("httpx", &["httpx."]), ("aiohttp", &["aiohttp."])];

/// What is known of the connections of a call.
pub fn pooling_of(code: &Code, site: &Site, node: &NodeVersion) -> Option<Pooling> {
    let call = site.call(code)?;
    let maker = site.maker(code);
    if let Some(span) = turned_off(code, call, maker) {
        return Some(Pooling::Fresh(span, "keep-alive is turned off".to_owned()));
    }
    if let Some(found) = by_agent(code, call, maker) {
        return Some(found);
    }
    let library = site.library.name;
    Some(match way(library, call.node.source().language()) {
        Way::Shared => shared(code, call, maker, site, node),
        Way::GlobalAgent => by_node(site, node),
        Way::Never(words) => unpooled(code, call, maker, site, words),
        Way::PerClient => per_client(code, call, maker, site),
    })
}

fn shared(code: &Code, call: Call<'_>, maker: Option<Call<'_>>, site: &Site, node: &NodeVersion) -> Pooling {
    if site.is_through("node-fetch") || site.is_through("cross-fetch") {
        return by_node(site, node);
    }
    // Go: a transport of its own under each client.
    if let Some(transport) = maker.and_then(|maker| transport(code, maker))
        && let Made::Again(span, _) = lifetime::of(code, transport)
    {
        return Pooling::Fresh(
            span,
            "a transport made with each call, which keeps no connection for the next".to_owned(),
        );
    }
    let place = maker.map_or(call.node.span(), |maker| maker.node.span());
    Pooling::Kept(place, format!("{} keeps connections for the whole process", name(site)))
}

/// The transport that a Go client is made with, where it is a new one.
fn transport<'a>(code: &'a Code, maker: Call<'a>) -> Option<Call<'a>> {
    let given = option(code, maker, "Transport")?;
    let made = code.expressions(given).into_iter().filter_map(Node::as_call);
    made.chain(given.walk().filter_map(Node::as_call)).find(|call| call.is_new && call.method() == "Transport")
}

fn by_node(site: &Site, node: &NodeVersion) -> Pooling {
    let library = name(site);
    match node {
        NodeVersion::Known { major, span } if *major >= 19 => Pooling::Kept(
            span.clone(),
            format!("Node {major}: the agent that {library} uses keeps connections by default"),
        ),
        NodeVersion::Known { major, span } => Pooling::Fresh(
            span.clone(),
            format!("Node {major}: without an agent {library} opens a connection for each call"),
        ),
        NodeVersion::Unknown => Pooling::Likely(
            site.span.clone(),
            format!("{library} goes through Node's own agent"),
            "nothing says which version of Node runs this: before 19 the agent keeps no connections".to_owned(),
        ),
    }
}

fn unpooled(code: &Code, call: Call<'_>, maker: Option<Call<'_>>, site: &Site, words: &[&str]) -> Pooling {
    let class = call.node.enclosing_class().map_or("", |class| class.node.text());
    let set_up = maker.map_or("", |maker| maker.node.text());
    let own = call.node.text();
    let has_word = words
        .iter()
        .any(|word| set_up.contains(word) || own.contains(word) || (*word != "start" && class.contains(word)));
    let library = name(site);
    if !has_word {
        return Pooling::Fresh(site.span.clone(), format!("{library} opens a connection for each call"));
    }
    match maker {
        Some(maker) => by_lifetime(code, maker, site),
        None => Pooling::Kept(site.span.clone(), format!("{library} is told to keep connections")),
    }
}

fn per_client(code: &Code, call: Call<'_>, maker: Option<Call<'_>>, site: &Site) -> Pooling {
    if let Some(maker) = maker {
        return by_lifetime(code, maker, site);
    }
    let is_bare =
        BARE.iter().any(|(name, roots)| *name == site.library.name && roots.iter().any(|root| site.is_through(root)));
    if is_bare && !site.through().contains("()") {
        return Pooling::Fresh(
            site.span.clone(),
            format!("{} opens a connection for each call", call.path().unwrap_or_default()),
        );
    }
    // libcurl's handle is the client.
    if site.library.name == "curl" {
        let function = call.node.enclosing_function().map_or(call.node.source().root(), |function| function.node);
        let made = function.walk().filter_map(Node::as_call).find(|call| call.method() == "curl_init");
        return made.map_or_else(
            || Pooling::Kept(site.span.clone(), "a handle that is used again".to_owned()),
            |made| by_lifetime(code, made, site),
        );
    }
    Pooling::Kept(site.span.clone(), format!("{} is handed in", name(site)))
}

fn by_lifetime(code: &Code, maker: Call<'_>, site: &Site) -> Pooling {
    // What a factory of connections hands out shares them.
    if maker.method() == "CreateClient" {
        return Pooling::Kept(maker.node.span(), "the factory pools the handlers of its clients".to_owned());
    }
    match lifetime::of(code, maker) {
        Made::Once => Pooling::Kept(maker.node.span(), format!("one client of {} for all calls", name(site))),
        Made::Again(span, note) => Pooling::Fresh(span, format!("{note}, by {}", name(site))),
    }
}

fn name(site: &Site) -> &'static str {
    site.library.name
}

/// `keepAlive: false`, `Connection: close`, `DisableKeepAlives: true`, on the client or the request.
fn turned_off(code: &Code, call: Call<'_>, maker: Option<Call<'_>>) -> Option<Span> {
    let parts = [Some(call), maker].into_iter().flatten();
    let mut nodes: Vec<Node<'_>> = Vec::new();
    for part in parts {
        for argument in part.arguments.iter() {
            nodes.push(argument);
            nodes.extend(code.expressions(argument));
        }
        nodes.extend(part.node.walk().filter(|node| matches!(node.kind(), Kind::Call(_))));
    }
    let inner = nodes.iter().flat_map(|node| node.walk()).find(|node| is_off(*node));
    let sources = [Some(call.node.source()), maker.map(|maker| maker.node.source())];
    let assigned =
        || sources.into_iter().flatten().flat_map(|source| code.member_writes(source)).find(|node| is_off(*node));
    let around = || call.node.enclosing_function()?.node.walk().find(|node| is_header_off(*node));
    inner.or_else(assigned).or_else(around).map(Node::span)
}

fn is_off(node: Node<'_>) -> bool {
    let (key, value) = match node.kind() {
        Kind::Pair { key, value } => (key.leaf(), value),
        Kind::Named { name, value } => (name, value),
        Kind::Assign { target, value, .. } => match target.kind() {
            Kind::Index { index, .. } => (index.as_str().unwrap_or_default(), value),
            _ => (target.leaf(), value),
        },
        _ => return is_header_off(node),
    };
    match (key, value.kind()) {
        ("keepAlive" | "keep_alive" | "KeepAlive", Kind::Bool(false)) => true,
        (
            "DisableKeepAlives" | "ConnectionClose" | "CURLOPT_FORBID_REUSE" | "CURLOPT_FRESH_CONNECT",
            Kind::Bool(true),
        ) => true,
        ("Connection" | "connection", Kind::Str(text)) => text.eq_ignore_ascii_case("close"),
        _ => false,
    }
}

/// `req.Header.Set("Connection", "close")` and the like, of the request.
fn is_header_off(node: Node<'_>) -> bool {
    let Some(call) = node.as_call() else { return false };
    let is_set =
        matches!(call.method(), "Set" | "header" | "addHeader" | "setRequestProperty" | "setHeader" | "Add" | "set");
    let word = |at: usize| call.argument(at).and_then(Node::as_str).unwrap_or_default();
    is_set && word(0).eq_ignore_ascii_case("connection") && word(1).eq_ignore_ascii_case("close") && !is_answer(call)
}

/// A header of what one answers with says nothing of what one asks.
fn is_answer(call: Call<'_>) -> bool {
    call.receiver().is_some_and(|receiver| {
        matches!(receiver.leaf(), "res" | "response" | "reply") || receiver.text().starts_with("w.")
    })
}

/// An agent that is handed over: it has to keep connections, and to be kept itself.
fn by_agent(code: &Code, call: Call<'_>, maker: Option<Call<'_>>) -> Option<Pooling> {
    if !call.node.source().language().is_script() {
        return None;
    }
    let names = ["httpsAgent", "httpAgent", "agent", "dispatcher", "agentkeepalive"];
    let given = [Some(call), maker]
        .into_iter()
        .flatten()
        .find_map(|part| names.iter().find_map(|name| option(code, part, name)));
    let given = given.or_else(|| default_agent(code))?;
    let inner = given.get("https").or(given.get("http")).unwrap_or(given);
    let made = code.expressions(inner).into_iter().filter_map(Node::as_call).next()?;
    let text = made.node.text();
    let is_keeping = code.expressions(made.callee).is_empty();
    let is_kept = option(code, made, "keepAlive").is_some_and(|value| matches!(value.kind(), Kind::Bool(true)))
        || text.contains("HttpsAgent")
        || text.contains("HttpAgent")
        || matches!(made.method(), "Pool" | "Client" | "RetryAgent")
        || (is_keeping
            && option(code, made, "keepAlive").is_none()
            && names.contains(&"dispatcher")
            && made.node.source().blob().text().contains("'undici'"));
    if !is_kept {
        return None;
    }
    Some(match lifetime::of(code, made) {
        Made::Once => Pooling::Kept(made.node.span(), "one agent that keeps connections".to_owned()),
        Made::Again(span, _) => {
            Pooling::Fresh(span, "an agent made with each call, whose connections nobody uses again".to_owned())
        }
    })
}

/// `axios.defaults.httpsAgent = …`, `https.globalAgent = …`.
fn default_agent(code: &Code) -> Option<Node<'_>> {
    let writes =
        code.sources().filter(|source| source.language().is_script()).flat_map(|source| code.member_writes(source));
    writes.into_iter().find_map(|assign| match assign.kind() {
        Kind::Assign { target, value, .. } => {
            let path = target.path()?;
            (path.ends_with("defaults.httpsAgent") || path.ends_with("globalAgent")).then_some(value)
        }
        _ => None,
    })
}
