//! Filters of requests that take only what changed since, each followed to where its value is kept.

use super::source::Follow;
use super::{Filter, Kept, Position, names, position, touch};
use crate::facts::Facts;
use crate::facts::code::{Call, Code, Kind, Node};

/// As many filters and positions of one run are told apart.
const MAX_FILTERS: usize = 40;

/// The filters of requests in some code, each followed to where its value is kept.
pub(super) fn of(facts: &Facts, code: &Code, nodes: &[Node<'_>]) -> Vec<Filter> {
    let mut found: Vec<Filter> = Vec::new();
    let values = nodes.iter().flat_map(|node| filter_values(code, *node));
    for (at, value) in values.take(MAX_FILTERS * 4) {
        let roots = Follow::of(code, value);
        let positions = roots.into_iter().map(|root| position(facts, code, nodes, root)).collect();
        found.push(Filter { span: at.span(), positions });
    }
    // A position that nothing hands to a filter by a name that is known.
    if found.is_empty() {
        let held = nodes.iter().filter(|node| names::is_position(node.leaf()) && is_used(**node));
        for node in held.take(MAX_FILTERS) {
            let positions: Vec<Position> =
                Follow::of(code, *node).into_iter().map(|root| position(facts, code, nodes, root)).collect();
            let is_kept = positions.iter().any(|position| !matches!(position.kept, Kept::Clock));
            if is_kept {
                found.push(Filter { span: node.span(), positions });
            }
        }
    }
    found.dedup_by(|a, b| a.span == b.span);
    found.truncate(MAX_FILTERS);
    found
}

/// Names and members that are read as values.
fn is_used(node: Node<'_>) -> bool {
    let is_value = matches!(node.kind(), Kind::Name(_) | Kind::Member { .. });
    let is_target = node.parent().is_some_and(|parent| match parent.kind() {
        Kind::Assign { target, .. } => target == node,
        Kind::Let(declared) => declared.target == node,
        Kind::Parameter(_) | Kind::Function(_) => true,
        Kind::Call(call) => call.callee == node,
        Kind::Pair { key, .. } => key == node,
        Kind::Member { object, .. } => object != node,
        _ => false,
    });
    is_value && !is_target
}

/// The value that a request is filtered by, with the place of the filter.
fn filter_values<'a>(code: &'a Code, node: Node<'a>) -> Vec<(Node<'a>, Node<'a>)> {
    let is_filter = |name: &str| names::is_filter(name) || (names::is_window(name) && is_parameter(node));
    let named = |name: &str, value: Node<'a>| if is_filter(name) { vec![(node, value)] } else { Vec::new() };
    match node.kind() {
        Kind::Pair { key, value } => match key.as_str() {
            Some(name) => named(name, value),
            None => named(key.leaf(), value),
        },
        Kind::Named { name, value } => named(name, value),
        Kind::Assign { target, value, operator: None } => match target.kind() {
            Kind::Index { index, .. } => index.as_str().map(|name| named(name, value)).unwrap_or_default(),
            Kind::Member { property, .. } if names::is_filter(property) && !names::is_position(property) => {
                named(property, value)
            }
            _ => Vec::new(),
        },
        Kind::Call(call) => called_filter(code, call),
        Kind::Template(parts) => {
            let parts: Vec<Node<'a>> = parts.iter().collect();
            let in_address = parts.windows(2).filter_map(|pair| match pair {
                [text, hole] if text.as_str().is_some_and(names::ends_with_filter) => Some((node, *hole)),
                _ => None,
            });
            let is_condition =
                parts.iter().filter_map(|part| part.as_str()).any(names::is_condition) && !is_in_store(code, node);
            let holes = parts.iter().filter(|part| is_condition && part.as_str().is_none()).map(|hole| (node, *hole));
            in_address.chain(holes).collect()
        }
        Kind::Binary { left, right, .. } => {
            let is_address = left
                .walk()
                .last()
                .and_then(Node::as_str)
                .is_some_and(|text| names::ends_with_filter(text) || names::is_condition(text));
            if is_address { vec![(node, right)] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// Whether a name with its value is among the parameters of a request.
fn is_parameter(node: Node<'_>) -> bool {
    node.ancestors().take(5).any(|outer| match outer.kind() {
        Kind::Pair { key, .. } => matches!(key.leaf(), "params" | "query" | "qs" | "searchParams"),
        Kind::Named { name, .. } => matches!(name, "params" | "query"),
        Kind::Call(call) => matches!(call.method(), "URLSearchParams" | "urlencode" | "stringify" | "parameters"),
        Kind::Let(declared) => matches!(declared.target.leaf(), "params" | "query" | "qs"),
        Kind::Assign { target, .. } => matches!(target.leaf(), "params" | "query" | "qs"),
        _ => false,
    })
}

/// `params.set("updatedAt[gte]", since)`, `"%s/workorders?updatedAt[gte]=%s" % (base, since)`, `String.format(…)`.
fn called_filter<'a>(code: &'a Code, call: Call<'a>) -> Vec<(Node<'a>, Node<'a>)> {
    let arguments: Vec<Node<'a>> = call.arguments.iter().collect();
    let by_name = arguments.windows(2).filter_map(|pair| match pair {
        [name, value] => name.as_str().is_some_and(names::is_filter).then_some((call.node, *value)),
        _ => None,
    });
    let mut found: Vec<(Node<'a>, Node<'a>)> = by_name.collect();
    let format = arguments.first().and_then(|first| first.as_str());
    let is_format = format.is_some_and(|text| {
        (text.contains('%') || text.contains("{}") || text.contains("{0}"))
            && text.split(['?', '&', '{', '%']).any(|part| part.split('=').next().is_some_and(names::is_filter))
    });
    if is_format && !is_in_store(code, call.node) {
        found.extend(arguments.iter().skip(1).map(|value| (call.node, *value)));
    }
    found
}

/// Whether a text is part of a question to a database of one's own.
fn is_in_store(code: &Code, node: Node<'_>) -> bool {
    node.ancestors().take(4).filter_map(Node::as_call).any(|call| touch(code, call).is_some())
}
