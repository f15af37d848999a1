//! JSON with positions, comments and trailing commas allowed where their owners allow them.
//!
//! The parser bounds the depth; what is read here is as deep as it lets through.

use crate::evidence::{Blob, Evidence, Span};
use jsonc_parser::ast::Value;
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::sync::Arc;

/// A value with the file it stands in.
#[derive(Debug, Clone)]
pub struct Json {
    blob: Arc<Blob>,
    node: Arc<Node>,
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    range: Range,
}

#[derive(Debug)]
enum Kind {
    /// A string, number or truth value as text, and whether it was a string.
    Scalar(String, bool),
    Null,
    List(Vec<Arc<Node>>),
    /// Names with their places and values, in the order of the file.
    Table(Vec<(String, Range, Arc<Node>)>),
}

/// The value of a whole file, or the place and reason why it cannot be read.
pub fn value(blob: &Arc<Blob>) -> Result<Json, Evidence> {
    let parsed = parse_to_ast(blob.text(), &CollectOptions::default(), &ParseOptions::default());
    match parsed {
        Ok(result) => match result.value {
            Some(value) => Ok(Json { blob: blob.clone(), node: node(value) }),
            None => Err(Evidence::at(blob.line(1), "no valid JSON: the file is empty")),
        },
        Err(error) => {
            let place = blob.span(error.range().start..error.range().end);
            Err(Evidence::at(place, format!("no valid JSON: {}", error.kind())))
        }
    }
}

fn node(value: Value) -> Arc<Node> {
    let range = value.range();
    let kind = match value {
        Value::StringLit(text) => Kind::Scalar(text.value.into_owned(), true),
        Value::NumberLit(number) => Kind::Scalar(number.value.to_owned(), false),
        Value::BooleanLit(truth) => Kind::Scalar(truth.value.to_string(), false),
        Value::NullKeyword(_) => Kind::Null,
        Value::Array(list) => Kind::List(list.elements.into_iter().map(node).collect()),
        Value::Object(table) => {
            let entries = table.properties.into_iter().map(|entry| {
                let place = entry.name.range();
                (entry.name.into_string(), place, node(entry.value))
            });
            Kind::Table(entries.collect())
        }
    };
    Arc::new(Node { kind, range })
}

impl Json {
    fn with(&self, node: &Arc<Node>) -> Self {
        Self { blob: self.blob.clone(), node: node.clone() }
    }

    pub fn blob(&self) -> &Arc<Blob> {
        &self.blob
    }

    /// Where the value stands.
    pub fn span(&self) -> Span {
        self.blob.span(self.node.range.start..self.node.range.end)
    }

    /// The value of a name; of repeated names the last one counts, as in every reader.
    pub fn get(&self, name: &str) -> Option<Self> {
        match &self.node.kind {
            Kind::Table(entries) => {
                entries.iter().rev().find(|(have, _, _)| have == name).map(|(_, _, value)| self.with(value))
            }
            _ => None,
        }
    }

    /// The value at the end of a path of names.
    pub fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self.clone(), |value, name| value.get(name))
    }

    /// Names, the places of names with their values, and the values.
    pub fn entries(&self) -> Vec<(String, Span, Self)> {
        match &self.node.kind {
            Kind::Table(entries) => {
                let place = |name: &Range, value: &Node| self.blob.span(name.start..value.range.end);
                entries.iter().map(|(name, at, value)| (name.clone(), place(at, value), self.with(value))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The items of a list; empty where this is none.
    pub fn items(&self) -> Vec<Self> {
        match &self.node.kind {
            Kind::List(items) => items.iter().map(|item| self.with(item)).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of a list, or the value itself where one stands for a list of one.
    pub fn items_or_self(&self) -> Vec<Self> {
        if matches!(self.node.kind, Kind::List(_)) { self.items() } else { vec![self.clone()] }
    }

    /// The text of a string, number or truth value.
    pub fn text(&self) -> Option<&str> {
        match &self.node.kind {
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    pub fn truth(&self) -> Option<bool> {
        match &self.node.kind {
            Kind::Scalar(text, false) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<f64> {
        self.text()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub fn is_table(&self) -> bool {
        matches!(self.node.kind, Kind::Table(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json, Evidence> {
        value(&Arc::new(Blob::new("a.json", text)))
    }

    #[test]
    fn values_know_their_lines() {
        let json =
            read("{\n  // why\n  \"a\": {\"b\": [1, true, null, \"x\"],},\n  \"a\": {\n    \"b\": 2\n  }\n}").unwrap();
        let b = json.at(&["a", "b"]).unwrap();
        assert_eq!((b.span().line(), b.number()), (5, Some(2.0)), "the last of repeated names counts");
        let entries = json.entries();
        assert_eq!(entries[0].1.line(), 3);
        assert_eq!(entries[0].2.get("b").unwrap().items()[1].truth(), Some(true));
    }

    #[test]
    fn attacks_and_mistakes_end_in_a_message_with_its_line() {
        assert!(read(&"[".repeat(10_000)).is_err());
        assert!(read("").is_err());
        assert_eq!(read("{\n\"a\": 1\n").unwrap_err().span().unwrap().line(), 1);
        assert_eq!(read("{\n\"a\": }\n").unwrap_err().span().unwrap().line(), 2);
    }
}
