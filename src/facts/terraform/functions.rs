//! The functions that decide what a resource says; any other comes to nothing known.

use super::eval::Scope;
use super::value::{Kind, Value};
use crate::evidence::{Blob, Span};
use crate::facts::yaml::{self, Yaml};
use std::sync::Arc;

pub fn call(scope: &Scope, name: &str, arguments: Vec<Value>) -> Kind {
    let mut arguments = arguments.into_iter();
    let Some(first) = arguments.next() else { return Kind::Unknown };
    let rest: Vec<Value> = arguments.collect();
    match name {
        // What is encoded is what is said; readers decode by their own rules.
        "jsonencode" | "yamlencode" | "tolist" | "toset" | "tomap" | "nonsensitive" | "sensitive" | "distinct"
        | "sort" | "flatten" | "one" => encoded(name, first),
        "tostring" => first.text().map_or(first.kind, Kind::Text),
        "tonumber" | "parseint" => number(first),
        "tobool" => first.truth().map_or(first.kind, Kind::Truth),
        "merge" => Kind::Map(all(first, rest, |value| value.entries().to_vec())),
        "concat" => Kind::List(all(first, rest, |value| value.items().to_vec())),
        "coalesce" | "try" | "coalescelist" => {
            std::iter::once(first).chain(rest).find(|value| !is_empty(value)).map_or(Kind::Null, |value| value.kind)
        }
        "lookup" => lookup(&first, &rest),
        "element" => element(&first, rest.first()),
        "max" => extreme(first, rest, f64::max),
        "min" => extreme(first, rest, f64::min),
        "ceil" => first.number().map_or(Kind::Unknown, |number| Kind::Number(number.ceil())),
        "floor" => first.number().map_or(Kind::Unknown, |number| Kind::Number(number.floor())),
        "length" => match &first.kind {
            Kind::List(items) => Kind::Number(items.len() as f64),
            Kind::Map(entries) => Kind::Number(entries.len() as f64),
            Kind::Text(text) => Kind::Number(text.chars().count() as f64),
            _ => Kind::Unknown,
        },
        "contains" => first
            .items()
            .iter()
            .map(Value::text)
            .collect::<Option<Vec<_>>>()
            .zip(rest.first().and_then(Value::text))
            .map_or(Kind::Unknown, |(items, wanted)| Kind::Truth(items.contains(&wanted))),
        "lower" => first.text().map_or(first.kind, |text| Kind::Text(text.to_lowercase())),
        "upper" => first.text().map_or(first.kind, |text| Kind::Text(text.to_uppercase())),
        "trimspace" | "chomp" => first.text().map_or(first.kind, |text| Kind::Text(text.trim().to_owned())),
        "format" => format(&first, &rest),
        "join" => join(&first, rest.first()),
        "file" | "templatefile" => file(scope, &first),
        "jsondecode" | "yamldecode" => first.kind,
        _ => Kind::Unknown,
    }
}

fn encoded(name: &str, value: Value) -> Kind {
    match (name, value.kind) {
        ("flatten", Kind::List(items)) => {
            let inner = items.into_iter().flat_map(|item| match item.kind {
                Kind::List(items) => items,
                kind => vec![Value { kind, span: item.span }],
            });
            Kind::List(inner.collect())
        }
        (_, kind) => kind,
    }
}

fn number(value: Value) -> Kind {
    value.number().map_or(value.kind, Kind::Number)
}

fn all<T>(first: Value, rest: Vec<Value>, parts: fn(&Value) -> Vec<T>) -> Vec<T> {
    std::iter::once(first).chain(rest).flat_map(|value| parts(&value)).collect()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || matches!(&value.kind, Kind::Text(text) if text.is_empty()) || matches!(value.kind, Kind::Unknown)
}

fn lookup(map: &Value, rest: &[Value]) -> Kind {
    let key = rest.first().and_then(Value::text);
    let found = key.and_then(|key| map.get(&key)).cloned();
    let known = matches!(map.kind, Kind::Map(_));
    let fallback = rest.get(1).filter(|_| known).cloned();
    found.or(fallback).map_or(Kind::Unknown, |value| value.kind)
}

fn element(list: &Value, index: Option<&Value>) -> Kind {
    let items = list.items();
    let index = index.and_then(Value::number).map(|index| index as usize);
    match (index, items.len()) {
        (Some(index), length) if length > 0 => {
            items.get(index % length).map_or(Kind::Unknown, |value| value.kind.clone())
        }
        _ => Kind::Unknown,
    }
}

fn extreme(first: Value, rest: Vec<Value>, choose: fn(f64, f64) -> f64) -> Kind {
    let numbers: Option<Vec<f64>> = std::iter::once(first).chain(rest).map(|value| value.number()).collect();
    numbers.and_then(|numbers| numbers.into_iter().reduce(choose)).map_or(Kind::Unknown, Kind::Number)
}

fn format(pattern: &Value, values: &[Value]) -> Kind {
    let Some(pattern) = pattern.text() else { return Kind::Unknown };
    let (mut out, mut open, mut values) = (String::new(), false, values.iter());
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('%') => out.push('%'),
            Some('s' | 'd' | 'v' | 'q' | 'f') => match values.next().map(|value| (value.text(), value.shown())) {
                Some((Some(text), _)) => out.push_str(&text),
                other => {
                    open = true;
                    out.push_str(&format!("${{{}}}", other.and_then(|(_, shown)| shown).unwrap_or_default()));
                }
            },
            _ => return Kind::Unknown,
        }
    }
    if open { Kind::Template(out) } else { Kind::Text(out) }
}

fn join(separator: &Value, list: Option<&Value>) -> Kind {
    let words: Option<Vec<String>> = list.map(Value::items).unwrap_or_default().iter().map(Value::text).collect();
    separator.text().zip(words).map_or(Kind::Unknown, |(separator, words)| Kind::Text(words.join(&separator)))
}

/// A file of the repository: as a value with its own lines where it is JSON or YAML.
fn file(scope: &Scope, path: &Value) -> Kind {
    let blob = path.text().and_then(|path| (scope.read)(path.trim_start_matches("./")));
    blob.and_then(|blob| structured(&blob)).map_or(Kind::Unknown, |value| value.kind)
}

/// JSON or YAML text as a value; JSON is YAML, and `${…}` stays inside its strings.
pub fn structured(blob: &Arc<Blob>) -> Option<Value> {
    let document = yaml::documents(blob).ok()?.into_iter().next()?;
    (document.is_mapping() || document.is_sequence()).then(|| of_yaml(&document))
}

/// A text that holds JSON, as a value whose every line is that of the text.
pub fn structured_text(text: &str, span: &Span) -> Option<Value> {
    let blob = Arc::new(Blob::new(span.path(), text));
    structured(&blob).map(|value| replaced(value, span))
}

fn replaced(value: Value, span: &Span) -> Value {
    let kind = match value.kind {
        Kind::List(items) => Kind::List(items.into_iter().map(|item| replaced(item, span)).collect()),
        Kind::Map(entries) => Kind::Map(entries.into_iter().map(|(key, value)| (key, replaced(value, span))).collect()),
        kind => kind,
    };
    Value { kind, span: span.clone() }
}

/// A YAML node with what is below it.
pub fn of_yaml(node: &Yaml) -> Value {
    of_node(node, 0)
}

fn of_node(node: &Yaml, depth: usize) -> Value {
    let kind = if node.is_mapping() && depth < 200 {
        Kind::Map(
            node.entries()
                .iter()
                .map(|(key, value)| (key.text().unwrap_or_default().to_owned(), of_node(value, depth + 1)))
                .collect(),
        )
    } else if node.is_sequence() && depth < 200 {
        Kind::List(node.items().iter().map(|item| of_node(item, depth + 1)).collect())
    } else {
        match node.text() {
            Some(text) if text.contains("${") => Kind::Template(text.to_owned()),
            Some(text) => node
                .truth()
                .map(Kind::Truth)
                .or_else(|| text.parse().ok().map(Kind::Number))
                .unwrap_or_else(|| Kind::Text(text.to_owned())),
            // A template's own action: only rendering tells.
            None => node.unknown().map_or(Kind::Null, |action| Kind::Template(action.to_owned())),
        }
    };
    Value { kind, span: node.span() }
}
