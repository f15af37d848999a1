//! The values that a status is set to.

use crate::evidence::Span;
use crate::facts::code::{Call, Code, Kind, Node, Origin, Value};

/// As many expressions of one value are followed.
const MAX_VALUES: usize = 40;

/// The expressions that stand for the status in what a call sends: in its own arguments, in what they come from, or,
/// where a language builds the body apart, in the literals of the same function.
pub(super) fn written<'a>(code: &'a Code, call: Call<'a>, keys: &[&str]) -> Vec<Node<'a>> {
    let mut found = keyed(call.node, keys);
    if found.is_empty() {
        let made = call.arguments.iter().flat_map(|argument| code.expressions(argument)).take(MAX_VALUES);
        found = made.flat_map(|node| keyed(node, keys)).collect();
    }
    if found.is_empty()
        && let Some(function) = call.node.enclosing_function()
    {
        found = keyed(function.node, keys);
    }
    found
}

/// The addresses of a request that was built before it is sent: `http.NewRequest(http.MethodPatch, url, body)`.
pub(super) fn addresses(code: &Code, call: Call<'_>) -> Vec<String> {
    let made = call.arguments.iter().flat_map(|argument| code.expressions(argument)).take(MAX_VALUES);
    let inner = made.flat_map(|node| node.walk_own().filter_map(Node::as_call).collect::<Vec<_>>());
    let arguments = inner.flat_map(|call| call.arguments.iter().collect::<Vec<_>>()).take(MAX_VALUES);
    let texts = arguments.flat_map(|argument| code.texts(argument));
    texts.filter(|text| text.contains('/') && !text.contains([' ', '"']) && !text.starts_with("application/")).collect()
}

fn keyed<'a>(node: Node<'a>, keys: &[&str]) -> Vec<Node<'a>> {
    let value = |part: Node<'a>| match part.kind() {
        Kind::Pair { key, value } if keys.contains(&key.leaf()) => Some(value),
        Kind::Named { name, value } if keys.contains(&name) => Some(value),
        // Kotlin: `mapOf("status" to target)`, Java: `Map.of("status", target)`.
        Kind::Call(call) if matches!(call.method(), "of" | "put" | "addProperty" | "singletonMap") => {
            call.argument(0).and_then(Node::as_str).filter(|key| keys.contains(key)).and(call.argument(1))
        }
        Kind::Call(call) if call.method() == "to" => {
            call.receiver().and_then(Node::as_str).filter(|key| keys.contains(key)).and(call.argument(0))
        }
        Kind::Binary { left, right, .. } if left.as_str().is_some_and(|key| keys.contains(&key)) => Some(right),
        // `"{\"status\":\"DONE\"}"`.
        Kind::Str(text)
            if text.trim_start().starts_with('{') && keys.iter().any(|key| text.contains(&format!("\"{key}\""))) =>
        {
            Some(part)
        }
        _ => None,
    };
    node.walk_own().filter_map(value).collect()
}

/// The literal texts of such expressions, with their places.
pub(super) fn texts(code: &Code, written: &[Node<'_>]) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    for value in written {
        for node in expressions(code, *value) {
            found.extend(text(node).map(|text| (node.span(), text)));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The literals that a value may be: through names, both arms of a condition, and the entries of a table.
fn expressions<'a>(code: &'a Code, value: Node<'a>) -> Vec<Node<'a>> {
    match value.kind() {
        Kind::Index { object, index } if index.as_str().is_none() => entries(code, object),
        Kind::Call(call) if matches!(call.method(), "get" | "getValue" | "GetValueOrDefault" | "fetch") => {
            call.receiver().map(|table| entries(code, table)).unwrap_or_default()
        }
        Kind::Member { object, property: "value" | "name" | "Value" } => expressions(code, object),
        Kind::Member { property, .. } if is_status_word(property) => {
            let values: Vec<Node<'a>> = literals(code, value);
            if values.is_empty() { vec![value] } else { values }
        }
        _ => literals(code, value),
    }
}

fn literals<'a>(code: &'a Code, value: Node<'a>) -> Vec<Node<'a>> {
    let followed = code.expressions(value).into_iter().take(MAX_VALUES);
    followed
        .flat_map(|node| match node.kind() {
            Kind::Index { object, index } if index.as_str().is_none() && node != value => entries(code, object),
            _ => vec![node],
        })
        .collect()
}

/// The values of a table of the repository.
fn entries<'a>(code: &'a Code, table: Node<'a>) -> Vec<Node<'a>> {
    let tables = code.origins(table).into_iter().filter_map(|origin| match origin {
        Origin::Own(Value::Literal(node)) => Some(node),
        Origin::Library(_, Some(maker)) => Some(maker.node),
        _ => None,
    });
    let values = tables.flat_map(Node::walk).filter_map(|node| match node.kind() {
        Kind::Pair { value, .. } => Some(value),
        Kind::Call(call) if call.method() == "to" => call.argument(0),
        _ => None,
    });
    values.filter(|value| value.as_str().is_some()).take(MAX_VALUES).collect()
}

/// The status that a literal says, where it says one.
fn text(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::Str(text) if text.trim_start().starts_with('{') => {
            let (_, rest) = text.split_once("status")?;
            rest.split('"').find(|part| is_status_word(part)).map(str::to_owned)
        }
        Kind::Str(text) => {
            (!text.is_empty() && text.len() < 40 && !text.contains(['{', '%', ' '])).then(|| text.to_owned())
        }
        Kind::Member { property, .. } => Some(property.to_owned()),
        _ => None,
    }
}

fn is_status_word(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
