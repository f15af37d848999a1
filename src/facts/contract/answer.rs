//! What is read of an answer: the names at its top, as far as the code follows them in one function.

use super::{Difference, Entry};
use crate::facts::clients::Site;
use crate::facts::code::{Call, Code, Kind, Node, Operator, Origin};
use std::collections::VecDeque;

/// Calls that turn a response into what it holds.
const DECODERS: [&str; 8] = ["json", "loads", "parse", "json_decode", "data", "body", "Json", "bodyAsJson"];
/// As many names of one answer are followed.
const MAX_NAMES: usize = 12;

/// Names that are read at the top of an answer which has no such name.
pub(super) fn differences(code: &Code, entry: &Entry, leaf: Call<'_>, site: &Site) -> Vec<Difference> {
    if entry.answer.is_empty() {
        return Vec::new();
    }
    let is_site = site.call(code).is_some_and(|call| call.node == leaf.node);
    // A wrapper answers with what the response holds, or with the response.
    let is_body = !is_site && (code.origins(leaf.node).iter().any(is_decoded) || resolves_decoded(code, leaf));
    let Some(function) = leaf.node.enclosing_function() else { return Vec::new() };
    let mut open = VecDeque::from([(leaf.node, is_body)]);
    let (mut found, mut seen) = (Vec::new(), 0);
    while let Some((node, is_body)) = open.pop_front() {
        seen += 1;
        if seen > MAX_NAMES {
            break;
        }
        for (used, property) in uses(function.node, node) {
            match property {
                Use::Named(other) => open.push_back((other, is_body)),
                Use::Read(name) if is_body => {
                    let is_known = knows(entry, name) || is_of_language(name) || is_one_of_many(entry, used);
                    found.extend((!is_known).then(|| difference(entry, used, name)));
                }
                Use::Read(name) if DECODERS.contains(&name) => {
                    let called =
                        used.parent().filter(|parent| parent.as_call().is_some_and(|call| call.callee == used));
                    open.push_back((called.unwrap_or(used), true));
                }
                Use::Taken(key, target) if !is_body && key == "data" => open.push_back((target, true)),
                Use::Taken(key, _) if is_body => {
                    found.extend((!knows(entry, key)).then(|| difference(entry, used, key)));
                }
                _ => {}
            }
        }
    }
    found.dedup();
    found
}

fn knows(entry: &Entry, name: &str) -> bool {
    entry.answer.iter().any(|known| known.name == name)
}

/// One of several names that are tried, the right one among them: `body.data ?? body.workOrders`.
fn is_one_of_many(entry: &Entry, used: Node<'_>) -> bool {
    let is_choice = |node: &Node<'_>| match node.kind() {
        Kind::Binary { operator: Operator::Or | Operator::Coalesce, .. } | Kind::Conditional { .. } => true,
        _ => node.as_call().is_some_and(|call| matches!(call.method(), "get" | "isArray")),
    };
    let top = used.ancestors().take(8).filter(is_choice).last();
    top.is_some_and(|top| {
        top.walk().any(|node| {
            matches!(node.kind(), Kind::Member { property, .. } if knows(entry, property))
                || node.as_str().is_some_and(|text| knows(entry, text))
        })
    })
}

fn difference(entry: &Entry, node: Node<'_>, name: &str) -> Difference {
    let names: Vec<&str> = entry.answer.iter().map(|known| known.name).collect();
    let note = format!("reads {name} of the answer to {} {}, which has {}", entry.method, entry.path, names.join(", "));
    Difference { span: node.span(), note }
}

fn is_decoded(origin: &Origin<'_>) -> bool {
    match origin {
        Origin::Library(path, _) => [".json()", ".data", ".loads()", ".parse()"].iter().any(|end| path.ends_with(end)),
        _ => false,
    }
}

/// A wrapper that hands on what it decodes through a promise of its own: `resolve(JSON.parse(text))`.
fn resolves_decoded(code: &Code, leaf: Call<'_>) -> bool {
    let is_resolve =
        |call: &Call<'_>| call.method() == "resolve" && call.argument(0).is_some_and(|value| decodes(code, value));
    code.callees(leaf).iter().any(|wrapper| wrapper.node.walk().filter_map(Node::as_call).any(|call| is_resolve(&call)))
}

fn decodes(code: &Code, value: Node<'_>) -> bool {
    value.as_call().is_some_and(|call| call.method() == "parse") || code.origins(value).iter().any(is_decoded)
}

/// What happens to a value.
enum Use<'a> {
    /// It gets another name.
    Named(Node<'a>),
    /// A member of it is read.
    Read(&'a str),
    /// A member of it is taken by a pattern, under a name.
    Taken(&'a str, Node<'a>),
}

/// The uses of a value in a function: of the expression itself, or of the name that it has.
fn uses<'a>(function: Node<'a>, value: Node<'a>) -> Vec<(Node<'a>, Use<'a>)> {
    if let Some(name) = value.as_name() {
        let names =
            function.walk().filter(|node| node.as_name() == Some(name) && node.range().start > value.range().start);
        return names.flat_map(use_of).collect();
    }
    use_of(value)
}

fn use_of(value: Node<'_>) -> Vec<(Node<'_>, Use<'_>)> {
    let mut node = value;
    while let Some(parent) = node.parent().filter(|parent| matches!(parent.kind(), Kind::Await(_))) {
        node = parent;
    }
    let Some(parent) = node.parent() else { return Vec::new() };
    match parent.kind() {
        Kind::Member { object, property } if object == node => {
            // Python's `body.get("cursor")`.
            let call =
                parent.parent().and_then(Node::as_call).filter(|call| call.callee == parent && property == "get");
            let key = call.and_then(|call| call.argument(0)).and_then(Node::as_str);
            vec![(parent, Use::Read(key.unwrap_or(property)))]
        }
        Kind::Index { object, index } if object == node => {
            index.as_str().map(|key| (parent, Use::Read(key))).into_iter().collect()
        }
        Kind::Let(declared) if declared.value == Some(node) => match declared.target.kind() {
            Kind::Name(_) => vec![(parent, Use::Named(declared.target))],
            Kind::Object(pairs) => pairs.iter().filter_map(taken).collect(),
            _ => Vec::new(),
        },
        // `json.loads(text)`, `JSON.parse(text)` are decoders of what they are handed.
        _ => Vec::new(),
    }
}

fn taken(pair: Node<'_>) -> Option<(Node<'_>, Use<'_>)> {
    let Kind::Pair { key, value } = pair.kind() else { return None };
    let target = if let Kind::Assign { target, .. } = value.kind() { target } else { value };
    Some((pair, Use::Taken(key.leaf(), target)))
}

/// Members that a language gives every value.
fn is_of_language(name: &str) -> bool {
    matches!(
        name,
        "length"
            | "map"
            | "filter"
            | "forEach"
            | "then"
            | "catch"
            | "finally"
            | "toString"
            | "keys"
            | "values"
            | "items"
            | "get"
            | "getOrDefault"
            | "setdefault"
            | "update"
            | "copy"
            | "pop"
            | "hasOwnProperty"
            | "raise_for_status"
            | "status_code"
    )
}
