//! What a request asks for: its path, method, query and body, as far as they are literal.

use super::{Difference, Entry, Name};
use crate::facts::clients::Site;
use crate::facts::code::{Call, Code, Kind, Node};

/// Options that hold the query, and those that hold the body.
const QUERIES: [&str; 5] = ["params", "query", "searchParams", "qs", "search_params"];
const BODIES: [&str; 5] = ["json", "body", "data", "payload", "form_params"];

/// The path of an address from its first literal part on, without host, version and query. None where the path is
/// not written down.
pub(super) fn literal_path(text: &str) -> Option<String> {
    let rest = match text.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..))?,
        None => text,
    };
    let rest = rest.split(['?', '#']).next()?.trim_start_matches("{}").trim_start_matches('/');
    let rest = ["v1/", "v2/"].iter().find_map(|version| rest.strip_prefix(version)).unwrap_or(rest);
    let rest = rest.strip_prefix("{}/").unwrap_or(rest).trim_end_matches('/');
    let mut parts: Vec<&str> = rest.split('/').collect();
    // What hangs on the last part without a slash is a query that is put together elsewhere.
    if let Some(last) = parts.last_mut().filter(|last| last.len() > 2) {
        *last = last.trim_end_matches("{}");
    }
    let first = parts.first()?;
    let is_name =
        first.len() > 2 && first.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    is_name.then(|| format!("/{}", parts.join("/")))
}

/// Whether a path with holes is one of the API's.
pub(super) fn is_at(known: &str, path: &str) -> bool {
    let (known, own): (Vec<&str>, Vec<&str>) = (known.split('/').collect(), path.split('/').collect());
    known.len() == own.len()
        && known.iter().zip(&own).all(|(known, own)| known == own || known.starts_with('{') || own.contains("{}"))
}

/// The method: the request's own, or the one that a wrapper is told.
pub(super) fn method(code: &Code, site: &Site, leaf: Call<'_>) -> Option<String> {
    let verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let is_verb = |text: &str| verbs.contains(&text.to_ascii_uppercase().as_str());
    let is_site = site.call(code).is_some_and(|call| call.node == leaf.node);
    let told = leaf.option("method").and_then(|node| code.text(node));
    let told =
        told.or_else(|| leaf.arguments.iter().filter_map(Node::as_str).find(|text| is_verb(text)).map(str::to_owned));
    // `http.MethodPatch`, `HttpMethod.PATCH`.
    let constant = leaf.arguments.iter().filter(|argument| matches!(argument.kind(), Kind::Member { .. }));
    let mut constant =
        constant.map(|argument| argument.leaf().trim_start_matches("Method")).filter(|name| is_verb(name));
    let told = told.or_else(|| constant.next().map(str::to_owned));
    if let Some(told) = told.filter(|text| is_verb(text)) {
        return Some(told.to_ascii_uppercase());
    }
    if is_site {
        return site.method.clone();
    }
    // A wrapper called `get` or `postJson`, or one whose request has a method of its own.
    let lower = leaf.method().to_ascii_lowercase();
    let named = verbs.iter().find(|verb| lower.starts_with(&verb.to_ascii_lowercase()));
    let has_body = leaf.option("body").is_some();
    named.map(|verb| (*verb).to_owned()).or_else(|| site.method.clone().filter(|method| method != "GET" && !has_body))
}

/// Query names, values and body fields that the API does not know.
pub(super) fn differences(code: &Code, entry: &Entry, leaf: Call<'_>, site: &Site, text: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    let note = |node: Node<'_>, text: String| Difference { span: node.span(), note: text };
    for (name, value) in written_query(text) {
        found.extend(unknown(entry, &name, Some(&value)).map(|text| note(leaf.node, text)));
    }
    for object in options(code, leaf, &QUERIES) {
        for (name, value) in pairs(object) {
            found.extend(unknown(entry, name, literal(code, value).as_deref()).map(|text| note(value, text)));
        }
    }
    if entry.method != "GET" && entry.method != "DELETE" {
        for object in bodies(code, leaf, site) {
            for (name, value) in pairs(object) {
                found.extend(in_body(entry, name, literal(code, value).as_deref()).map(|text| note(value, text)));
            }
        }
    }
    found
}

/// The names and values of a query that is written into the address.
fn written_query(text: &str) -> Vec<(String, String)> {
    let Some((_, query)) = text.split_once('?') else { return Vec::new() };
    let pairs = query.split('&').filter_map(|part| part.split_once('='));
    let literal = pairs.filter(|(name, _)| !name.contains("{}") && !name.is_empty());
    literal.map(|(name, value)| (name.replace("%5B", "[").replace("%5D", "]"), value.to_owned())).collect()
}

fn unknown(entry: &Entry, name: &str, value: Option<&str>) -> Option<String> {
    let bare = name.trim_end_matches("[]");
    let Some(known) = entry.query.iter().find(|known| known.name == bare) else {
        let near = entry.query.iter().find(|known| known.name.starts_with(bare) && known.name.len() <= bare.len() + 3);
        let hint = near.map(|near| format!("; it has {}", near.name)).unwrap_or_default();
        return Some(format!("{} {} takes no {bare}{hint}", entry.method, entry.path));
    };
    wrong_value(known, value?)
}

fn in_body(entry: &Entry, name: &str, value: Option<&str>) -> Option<String> {
    let is_work_order = entry.path.starts_with("/workorders");
    match entry.body.iter().find(|known| known.name == name) {
        Some(known) => wrong_value(known, value?),
        None if name == "status" && is_work_order => Some(format!(
            "{} {} takes no status: it is set by PATCH /workorders/{{id}}/status",
            entry.method, entry.path
        )),
        None => None,
    }
}

fn wrong_value(known: &Name, value: &str) -> Option<String> {
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty() && !part.contains("{}"));
    let wrong = parts.into_iter().find(|part| !known.allows(part))?;
    let words = if known.values.len() > 80 { "other values" } else { known.values };
    Some(format!("{} {wrong} is none that the API knows: {words}", known.name))
}

/// The object literals that are handed over under one of these names.
fn options<'a>(code: &'a Code, call: Call<'a>, names: &[&str]) -> Vec<Node<'a>> {
    let given = call.arguments.iter().flat_map(|argument| match argument.kind() {
        Kind::Named { name, value } if names.contains(&name) => vec![value],
        Kind::Object(_) => names.iter().filter_map(|name| argument.get(name)).collect(),
        _ => Vec::new(),
    });
    given.flat_map(|node| objects(code, node)).collect()
}

/// The bodies: under a name, as JSON text, or as the argument after the address.
fn bodies<'a>(code: &'a Code, leaf: Call<'a>, site: &Site) -> Vec<Node<'a>> {
    let mut found = options(code, leaf, &BODIES);
    let is_second = matches!(site.library.name, "axios" | "Nest HttpService" | "Faraday" | "HttpClient")
        || site.call(code).is_none_or(|call| call.node != leaf.node);
    let after = leaf.arguments.iter().skip(1).filter(|argument| !matches!(argument.kind(), Kind::Named { .. }));
    if is_second {
        found.extend(
            after
                .take(2)
                .flat_map(|argument| objects(code, argument))
                .filter(|object| object.get("headers").is_none() && object.get("body").is_none()),
        );
    }
    found.dedup();
    found
}

/// The object literals behind an expression, through variables and `JSON.stringify(…)`.
fn objects<'a>(code: &'a Code, node: Node<'a>) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    for expression in std::iter::once(node).chain(code.expressions(node)) {
        match expression.kind() {
            Kind::Object(_) => found.push(expression),
            Kind::Call(call)
                if matches!(call.method(), "stringify" | "dumps" | "json_encode" | "to_json" | "generate") =>
            {
                let inner = call.argument(0).or(call.receiver());
                found.extend(
                    inner
                        .into_iter()
                        .flat_map(|inner| code.expressions(inner))
                        .filter(|inner| matches!(inner.kind(), Kind::Object(_))),
                );
            }
            _ => {}
        }
    }
    found.dedup();
    found
}

fn pairs(object: Node<'_>) -> Vec<(&str, Node<'_>)> {
    let Kind::Object(entries) = object.kind() else { return Vec::new() };
    let pairs = entries.iter().filter_map(|entry| match entry.kind() {
        Kind::Pair { key, value } => Some((key.as_str()?, value)),
        _ => None,
    });
    pairs.collect()
}

/// A value where it is written down.
fn literal(code: &Code, node: Node<'_>) -> Option<String> {
    if let Kind::List(items) = node.kind() {
        let words: Vec<&str> = items.iter().filter_map(Node::as_str).collect();
        return (!words.is_empty()).then(|| words.join(","));
    }
    code.text(node).filter(|text| !text.contains("{}"))
}
