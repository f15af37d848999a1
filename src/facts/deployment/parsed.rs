//! TOML, JSON and YAML manifests as one kind of value, so that a platform's reader is written once for all of them.

use crate::evidence::{Blob, Evidence};
use crate::facts::terraform::{Kind, Value, of_yaml};
use crate::facts::{json, yaml};
use std::sync::Arc;
use toml_edit::{Document, Item, TableLike};

/// Deeper TOML is not read.
const MAX_DEPTH: usize = 60;

/// Every document of a YAML file.
pub fn yaml(blob: &Arc<Blob>) -> Result<Vec<Value>, Evidence> {
    Ok(yaml::documents(blob)?.iter().map(of_yaml).collect())
}

/// A JSON file, comments and trailing commas allowed.
pub fn json(blob: &Arc<Blob>) -> Result<Value, Evidence> {
    json::value(blob).map(|value| of_json(&value))
}

fn of_json(json: &json::Json) -> Value {
    let kind = if json.is_table() {
        Kind::Map(json.entries().iter().map(|(key, _, value)| (key.clone(), of_json(value))).collect())
    } else if let Some(truth) = json.truth() {
        Kind::Truth(truth)
    } else if let Some(text) = json.text() {
        Kind::Text(text.to_owned())
    } else {
        Kind::List(json.items().iter().map(of_json).collect())
    };
    Value { kind, span: json.span() }
}

/// A TOML file.
pub fn toml(blob: &Arc<Blob>) -> Result<Value, Evidence> {
    let document: Document<String> = blob.text().parse().map_err(|error: toml_edit::TomlError| {
        let at = error.span().unwrap_or(0..0);
        Evidence::at(blob.span(at), "no valid TOML")
    })?;
    Ok(of_table(blob, document.as_table(), 0))
}

fn of_table(blob: &Arc<Blob>, table: &dyn TableLike, depth: usize) -> Value {
    let entries: Vec<(String, Value)> = table
        .iter()
        .filter(|_| depth < MAX_DEPTH)
        .map(|(key, item)| (key.to_owned(), of_item(blob, item, depth + 1)))
        .collect();
    let span = entries.first().map_or_else(|| blob.line(1), |(_, value)| value.span.clone());
    Value { kind: Kind::Map(entries), span }
}

fn of_item(blob: &Arc<Blob>, item: &Item, depth: usize) -> Value {
    let place = item.span().map(|range| blob.span(range.start..range.start));
    let value = match item {
        Item::Table(table) => of_table(blob, table, depth),
        Item::ArrayOfTables(tables) => {
            let items: Vec<Value> = tables
                .iter()
                .map(|table| {
                    let value = of_table(blob, table, depth);
                    let span = table.span().map_or(value.span.clone(), |range| blob.span(range.start..range.start));
                    Value { span, ..value }
                })
                .collect();
            let span = items.first().map_or_else(|| blob.line(1), |item| item.span.clone());
            Value { kind: Kind::List(items), span }
        }
        Item::Value(value) => of_value(blob, value, depth),
        Item::None => Value { kind: Kind::Null, span: blob.line(1) },
    };
    Value { span: place.unwrap_or(value.span), kind: value.kind }
}

fn of_value(blob: &Arc<Blob>, value: &toml_edit::Value, depth: usize) -> Value {
    let span = value.span().map_or_else(|| blob.line(1), |range| blob.span(range.start..range.start));
    let kind = match value {
        toml_edit::Value::String(text) => Kind::Text(text.value().clone()),
        toml_edit::Value::Integer(number) => Kind::Number(*number.value() as f64),
        toml_edit::Value::Float(number) => Kind::Number(*number.value()),
        toml_edit::Value::Boolean(truth) => Kind::Truth(*truth.value()),
        toml_edit::Value::Datetime(time) => Kind::Text(time.value().to_string()),
        toml_edit::Value::Array(items) if depth < MAX_DEPTH => {
            Kind::List(items.iter().map(|item| of_value(blob, item, depth + 1)).collect())
        }
        toml_edit::Value::InlineTable(table) => of_table(blob, table, depth + 1).kind,
        toml_edit::Value::Array(_) => Kind::Unknown,
    };
    Value { kind, span }
}

/// The value at the end of a path of keys.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}
