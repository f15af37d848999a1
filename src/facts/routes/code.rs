//! Routes in source: calls that register one, decorators, comparisons with the path of a request, tables of handlers.

use super::Routes;
use crate::facts::code::model::{Nodes, Operator};
use crate::facts::code::{Call, Kind, Language, Node};

/// Methods that register a handler beside the path.
const WITH_HANDLER: [&str; 22] = [
    "get",
    "all",
    "use",
    "route",
    "head",
    "any",
    "Get",
    "GET",
    "Any",
    "Handle",
    "HandleFunc",
    "MapGet",
    "MapMethods",
    "Map",
    "mount",
    "Route",
    "path",
    "re_path",
    "url",
    "add_get",
    "Group",
    "Head",
];
/// Methods that do nothing else than to register a route.
const ALWAYS: [&str; 7] =
    ["add_route", "add_api_route", "add_url_rule", "add_resource", "MapHealthChecks", "UseHealthChecks", "MapGet"];
/// Receivers whose `get` asks somebody else.
const CLIENTS: [&str; 20] = [
    "axios",
    "http",
    "https",
    "client",
    "api",
    "request",
    "requests",
    "session",
    "httpx",
    "got",
    "superagent",
    "agent",
    "supertest",
    "cache",
    "redis",
    "config",
    "headers",
    "params",
    "rest",
    "ky",
];
/// Decorators, annotations and attributes that name a path.
const MARKS: [&str; 13] = [
    "get",
    "route",
    "api_route",
    "head",
    "Get",
    "All",
    "Head",
    "GetMapping",
    "RequestMapping",
    "Path",
    "HttpGet",
    "Route",
    "Controller",
];
/// Those that name the path in front of those inside a class.
const PREFIXES: [&str; 4] = ["Controller", "RequestMapping", "Route", "Path"];
/// What holds the path of a request.
const REQUESTED: [&str; 12] = [
    "path",
    "pathname",
    "url",
    "Path",
    "rawPath",
    "raw_path",
    "path_info",
    "originalUrl",
    "RequestURI",
    "uri",
    "requestPath",
    "urlPath",
];

pub(super) fn read(node: Node<'_>, routes: &mut Routes) {
    match node.kind() {
        Kind::Call(call) => match decorated(node) {
            Some(owner) => mark(call, owner, routes),
            None => registration(call, routes),
        },
        Kind::Binary { operator: Operator::Equal, left, right } => {
            for (asked, path) in [(left, right), (right, left)] {
                if REQUESTED.contains(&asked.leaf()) {
                    literal(path, routes);
                }
            }
        }
        Kind::Switch { subject: Some(subject), cases } if REQUESTED.contains(&subject.leaf()) => {
            for case in cases.iter() {
                if let Kind::Case { tests, .. } = case.kind() {
                    tests.iter().for_each(|test| literal(test, routes));
                }
            }
        }
        // `{ '/ready': isReady }`: a table of handlers.
        Kind::Pair { key, value } if is_handler(value) => literal(key, routes),
        // `{ method: 'GET', url: '/ready', handler }`.
        Kind::Object(_) if node.get("handler").is_some() => {
            ["url", "path"].iter().filter_map(|key| node.get(key)).for_each(|path| literal(path, routes));
        }
        _ => {}
    }
}

/// A text that is a path from the root.
fn literal(node: Node<'_>, routes: &mut Routes) {
    if let Some(path) = node.as_str().filter(|path| path.starts_with('/')) {
        routes.add(path, node.span());
    }
}

fn is_handler(value: Node<'_>) -> bool {
    matches!(value.kind(), Kind::Function(_) | Kind::Name(_) | Kind::Member { .. })
}

/// What a call decorates, where it stands as a decorator.
fn decorated(node: Node<'_>) -> Option<Node<'_>> {
    let owner = node.parent()?;
    let decorators: Nodes<'_> = match owner.kind() {
        Kind::Function(function) => function.decorators,
        Kind::Class(class) => class.decorators,
        Kind::Decorated { decorators, .. } => decorators,
        _ => return None,
    };
    decorators.iter().any(|decorator| decorator == node).then_some(owner)
}

/// A decorator: its path behind that of the class.
fn mark(call: Call<'_>, owner: Node<'_>, routes: &mut Routes) {
    if !MARKS.contains(&call.method()) || (PREFIXES.contains(&call.method()) && owner.as_class().is_some()) {
        return;
    }
    let prefix = call.node.enclosing_class().filter(|class| class.node != owner).and_then(|class| {
        let marks = class.decorators.iter().filter_map(Node::as_call);
        marks.filter(|mark| PREFIXES.contains(&mark.method())).find_map(paths_first)
    });
    let prefix = prefix.unwrap_or_default();
    let own = paths(call);
    if own.is_empty() && !prefix.is_empty() {
        routes.add(&prefix, call.node.span());
    }
    for path in own {
        routes.add(&format!("{}/{}", prefix.trim_end_matches('/'), path.trim_start_matches('/')), call.node.span());
    }
}

fn paths_first(call: Call<'_>) -> Option<String> {
    paths(call).into_iter().next()
}

/// The paths that a decorator names: its first argument, or `value`, `path`, one or a list.
fn paths(call: Call<'_>) -> Vec<String> {
    let given = call.argument(0).or_else(|| call.option("value")).or_else(|| call.option("path"));
    let Some(given) = given else { return Vec::new() };
    let one = |node: Node<'_>| node.as_str().map(str::to_owned);
    match given.kind() {
        Kind::List(items) | Kind::Object(items) | Kind::Unknown(items) => items.iter().filter_map(one).collect(),
        _ => one(given).into_iter().collect(),
    }
}

fn registration(call: Call<'_>, routes: &mut Routes) {
    let method = call.method();
    // `lightship` serves its three paths by being made.
    if method == "createLightship" {
        routes.add("/ready", call.node.span());
    }
    let Some(first) = call.argument(0).or_else(|| call.arguments.first()) else { return };
    let language = call.node.source().language();
    let is_ruby = language == Language::Ruby;
    // Ruby: `get "up" => "rails/health#show"`.
    let arrow = match first.kind() {
        Kind::Pair { key, .. } => Some(key),
        Kind::Object(pairs) => {
            pairs.first().and_then(|pair| if let Kind::Pair { key, .. } = pair.kind() { Some(key) } else { None })
        }
        _ => None,
    };
    let Some((place, text)) =
        Some(arrow.filter(|_| is_ruby).unwrap_or(first)).and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    // Go: `"GET /ready"`; Django: `r"^ready/$"`.
    let path = text.strip_prefix("GET ").unwrap_or(text).trim_start_matches('^').trim_end_matches('$');
    let is_rooted = path.starts_with('/') || is_relative_allowed(call, language);
    if !is_rooted || path.contains(char::is_whitespace) {
        return;
    }
    if ALWAYS.contains(&method)
        || (WITH_HANDLER.contains(&method) && !asks_another(call) && (arrow.is_some() || has_handler(call, is_ruby)))
    {
        routes.add(path, place.span());
    }
}

/// Frameworks whose paths begin without a slash.
fn is_relative_allowed(call: Call<'_>, language: Language) -> bool {
    match language {
        Language::Python => matches!(call.method(), "path" | "re_path" | "url") && call.receiver().is_none(),
        Language::Ruby => call.receiver().is_none() && call.node.source().path().contains("routes"),
        Language::Php => call.receiver().is_some_and(|receiver| receiver.leaf() == "Route"),
        _ => false,
    }
}

fn asks_another(call: Call<'_>) -> bool {
    // Go's `http.HandleFunc` registers; its `http.Get` asks.
    let registers = call.method().starts_with("Handle");
    !registers && call.receiver().is_some_and(|receiver| CLIENTS.contains(&receiver.leaf().to_lowercase().as_str()))
}

/// Something behind the path that answers: a function, a name, a call, or an object with a `handler`.
fn has_handler(call: Call<'_>, is_ruby: bool) -> bool {
    let Some(last) = call.arguments.last().filter(|_| call.arguments.len() > 1) else { return false };
    match last.kind() {
        Kind::Object(_) => is_ruby || last.get("handler").is_some(),
        Kind::Named { .. } => is_ruby || call.arguments.len() > 2,
        Kind::Str(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Null | Kind::Template(_) => false,
        Kind::Pair { .. } => is_ruby,
        _ => true,
    }
}
