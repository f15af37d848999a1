//! Handlers that a platform finds by their place or name: Next, Workers, Lambda, Netlify, plain PHP.

use super::Found;
use super::vocabulary::Verb;
use crate::facts::code::{Function, Kind, Language, Node, Operator, Source};

/// Folders whose files are routes. Source: Next, Nuxt, SvelteKit, Netlify, Cloudflare Pages, Vercel.
const ROUTED: [&str; 11] = [
    "app/",
    "pages/api/",
    "server/api/",
    "server/routes/",
    "src/routes/",
    "api/",
    "functions/",
    "netlify/",
    "lambda",
    "workers/",
    "routes/",
];
/// Fields of an event that came by HTTP.
const EVENT: [&str; 8] =
    ["body", "headers", "httpMethod", "queryStringParameters", "Body", "Headers", "rawPath", "isBase64Encoded"];

pub(super) fn entries<'a>(source: &'a Source) -> Vec<Found<'a>> {
    if source.language() == Language::Php {
        return script(source).into_iter().collect();
    }
    let functions = source.nodes().filter_map(Node::as_function);
    functions.filter_map(|function| entry(function)).flat_map(divided).collect()
}

/// A handler of everything, as one endpoint for each path that it tells apart.
pub(super) fn divided<'a>(found: Found<'a>) -> Vec<Found<'a>> {
    let branches = branches(found.handler);
    if branches.is_empty() {
        return vec![found];
    }
    let around = around_branches(found.handler, &branches);
    let part = |(path, branch): (String, Node<'a>)| Found {
        handler: branch,
        before: found.before.iter().chain(&around).copied().collect(),
        at: branch,
        path,
        verb: found.verb,
    };
    branches.into_iter().map(part).collect()
}

fn entry<'a>(function: Function<'a>) -> Option<Found<'a>> {
    let source = function.node.source();
    let (path, name) = (source.path(), function.known_as());
    let is_script = source.language().is_script();
    let is_routed = is_script && ROUTED.iter().any(|part| path.contains(part));
    let exported = is_script && is_exported(function, name);
    let verb = match name {
        "GET" | "HEAD" | "onRequestGet" | "loader" if is_routed && exported => Verb::Read,
        "POST" | "PUT" | "PATCH" | "DELETE" | "onRequestPost" | "action" if is_routed && exported => Verb::Write,
        "onRequest" if is_routed && exported => Verb::Any,
        // Cloudflare: `export default { async fetch(request, env) {} }`.
        "fetch" if is_script && is_in_default_object(function) => Verb::Any,
        "handler" | "main" | "default" | "lambda_handler" | "FunctionHandler" | "handleRequest" | "Handler"
            if takes_http_event(function) =>
        {
            Verb::Any
        }
        _ if is_routed && is_script && is_default(function) && answers(function) => Verb::Any,
        _ if is_script && is_event_handler(function) => Verb::Any,
        _ => return None,
    };
    let own = asked_path(function.node).unwrap_or_else(|| path.to_owned());
    Some(Found { handler: function.node, before: wrappers(function), at: function.node, path: own, verb })
}

/// The parts of a handler that answer one path each: `if (url.pathname === "/hooks") { … }`, `case "/hooks":`.
pub(super) fn branches<'a>(handler: Node<'a>) -> Vec<(String, Node<'a>)> {
    let is_path = |text: &&str| text.starts_with('/') && text.len() > 1;
    let branch = |node: Node<'a>| match node.kind() {
        Kind::If { test, then, .. } => {
            let compared = test.walk().find_map(|part| match part.kind() {
                Kind::Binary { operator: Operator::Equal, left, right } => {
                    left.as_str().or(right.as_str()).filter(is_path)
                }
                Kind::Call(call) if matches!(call.method(), "startsWith" | "match" | "test" | "startswith") => {
                    call.argument(0).and_then(Node::as_str).filter(is_path)
                }
                _ => None,
            })?;
            Some((compared.to_owned(), then))
        }
        Kind::Case { tests, body } => {
            Some((tests.iter().find_map(|test| test.as_str().filter(is_path))?.to_owned(), body))
        }
        _ => None,
    };
    let found =
        handler.walk_own().filter_map(branch).filter(|(_, then)| then.walk().any(|node| node.as_call().is_some()));
    found.collect()
}

/// What such a handler does besides, which is on the way of each of them.
pub(super) fn around_branches<'a>(handler: Node<'a>, branches: &[(String, Node<'a>)]) -> Vec<Node<'a>> {
    let is_apart =
        |node: &Node<'a>| !branches.iter().any(|(_, branch)| branch.contains(*node) || node.contains(*branch));
    handler.walk_own().filter(|node| node.as_call().is_some()).filter(is_apart).collect()
}

/// The path that a handler compares the request's with: the first that is no health or metrics path.
pub(super) fn asked_path(handler: Node<'_>) -> Option<String> {
    let compared = handler.walk().filter_map(|node| match node.kind() {
        Kind::Binary { operator: Operator::Equal | Operator::NotEqual, left, right } => {
            left.as_str().or(right.as_str())
        }
        Kind::Case { tests, .. } => tests.first().and_then(Node::as_str),
        _ => None,
    });
    let mut paths = compared.filter(|text| text.starts_with('/') && text.len() > 1);
    paths.find(|path| !["health", "metrics", "ready", "live"].iter().any(|word| path.contains(word))).map(str::to_owned)
}

fn is_exported(function: Function<'_>, name: &str) -> bool {
    let source = function.node.source();
    source.exports().any(|export| export.exported == name || export.local == name)
}

fn is_in_default_object(function: Function<'_>) -> bool {
    let source = function.node.source();
    let mut exports = source.exports().filter(|export| export.exported == "default");
    exports.any(|export| match export.node {
        Some(node) => node.contains(function.node),
        // `const worker = { fetch }; export default worker`.
        None => function.node.ancestors().any(|outer| {
            outer.as_let().is_some_and(|declared| declared.target.leaf() == export.local && !export.local.is_empty())
        }),
    })
}

/// `export default function (req, res)`, also by its name.
fn is_default(function: Function<'_>) -> bool {
    let mut exports = function.node.source().exports().filter(|export| export.exported == "default");
    exports.any(|export| match export.node {
        Some(node) => {
            node == function.node
                || node.as_call().is_some_and(|call| call.arguments.iter().any(|argument| argument == function.node))
        }
        None => !export.local.is_empty() && export.local == function.known_as(),
    })
}

/// It takes a request, and no component's properties.
fn answers(function: Function<'_>) -> bool {
    let first = function.parameter(0).map(|first| (first.name(), first.annotation.map_or("", Node::text)));
    first.is_some_and(|(name, kind)| {
        let name = name.trim_start_matches('_');
        matches!(name, "req" | "request" | "event" | "ctx" | "context" | "c") || kind.contains("Request")
    })
}

/// Nuxt and Nitro: `defineEventHandler(async (event) => …)`.
fn is_event_handler(function: Function<'_>) -> bool {
    let call = function.node.parent().and_then(Node::as_call);
    call.is_some_and(|call| {
        matches!(call.method(), "defineEventHandler" | "eventHandler") && call.callee != function.node
    })
}

/// A function of a cloud that is handed a request: it reads its body or headers.
fn takes_http_event(function: Function<'_>) -> bool {
    let Some(first) = function.parameter(0) else { return false };
    let kind = first.annotation.map_or("", Node::text);
    if kind.contains("SQS") || kind.contains("Schedule") || kind.contains("S3Event") || kind.contains("DynamoDB") {
        return false;
    }
    let name = first.name();
    let reads = function.node.walk().any(|node| match node.kind() {
        Kind::Member { object, property } => object.as_name() == Some(name) && EVENT.contains(&property),
        Kind::Index { object, index } => {
            object.as_name() == Some(name) && index.as_str().is_some_and(|key| EVENT.contains(&key))
        }
        Kind::Call(call) => {
            let is_read = matches!(call.method(), "get" | "getBody" | "getHeaders" | "json" | "text");
            is_read
                && call.receiver().and_then(Node::as_name) == Some(name)
                && call.argument(0).and_then(Node::as_str).is_none_or(|key| EVENT.contains(&key))
        }
        _ => false,
    });
    let is_records = function.node.walk().any(|node| matches!(node.leaf(), "Records"));
    (reads || kind.contains("APIGateway") || kind.contains("HttpRequest")) && !is_records
}

/// What wraps a handler where it is handed out: `export const handler = middy(fn).use(…)`, `makeIdempotent(fn)`.
fn wrappers<'a>(function: Function<'a>) -> Vec<Node<'a>> {
    let around = function.node.ancestors().take_while(|node| node.as_function().is_none());
    let calls = around.filter_map(Node::as_call).filter(|call| call.callee != function.node);
    let own =
        calls.flat_map(|call| call.arguments.iter().chain([call.callee])).filter(|node| !node.contains(function.node));
    own.chain(function.decorators.iter()).collect()
}

/// A PHP file that reads the body of a request by itself.
fn script(source: &Source) -> Option<Found<'_>> {
    let root = source.root();
    let reads = root.walk_own().any(|node| {
        node.as_str() == Some("php://input") || matches!(node.leaf(), "$_POST" | "_POST" | "$_GET" | "_GET")
    });
    reads.then(|| Found {
        handler: root,
        before: Vec::new(),
        at: root,
        path: source.path().to_owned(),
        verb: Verb::Any,
    })
}
