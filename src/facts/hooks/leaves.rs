//! The texts of a settings file with the keys that lead to them, whatever it is written in.

use crate::evidence::{Blob, Evidence, Span};
use crate::facts::json::{self, Json};
use crate::facts::yaml::{self, Yaml};
use std::sync::Arc;
use toml_edit::{Document, Item, Value};

/// One text, number or truth value.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Keys and the numbers of list items.
    pub path: Vec<String>,
    pub text: String,
    pub span: Span,
}

/// More is not read: what aliases stand for could grow without end.
const MAX_LEAVES: usize = 5_000;
const MAX_DEPTH: usize = 40;

/// Every leaf of a YAML, JSON or TOML file, by the end of its name.
pub fn leaves(blob: &Arc<Blob>) -> Result<Vec<Leaf>, Evidence> {
    let mut walk = Walk { blob, path: Vec::new(), found: Vec::new() };
    if blob.path().ends_with(".toml") {
        let document = Document::parse(blob.text()).map_err(|error| {
            Evidence::at(blob.span(error.span().unwrap_or_default()), format!("no valid TOML: {}", error.message()))
        })?;
        walk.toml(document.as_item());
    } else if blob.path().ends_with(".json") || blob.path().ends_with(".jsonc") {
        walk.json(&json::value(blob)?);
    } else {
        yaml::documents(blob)?.iter().for_each(|document| walk.yaml(document));
    }
    Ok(walk.found)
}

/// Every leaf below a value of JSON.
pub fn of_json(value: &Json) -> Vec<Leaf> {
    let mut walk = Walk { blob: value.blob(), path: Vec::new(), found: Vec::new() };
    walk.json(value);
    walk.found
}

struct Walk<'a> {
    blob: &'a Blob,
    path: Vec<String>,
    found: Vec<Leaf>,
}

impl Walk<'_> {
    fn is_full(&self) -> bool {
        self.found.len() >= MAX_LEAVES || self.path.len() >= MAX_DEPTH
    }

    fn leaf(&mut self, text: &str, span: Span) {
        self.found.push(Leaf { path: self.path.clone(), text: text.to_owned(), span });
    }

    fn below(&mut self, key: String, visit: impl FnOnce(&mut Self)) {
        if !self.is_full() {
            self.path.push(key);
            visit(self);
            self.path.pop();
        }
    }

    fn yaml(&mut self, node: &Yaml) {
        for (index, item) in node.items().iter().enumerate() {
            self.below(index.to_string(), |walk| walk.yaml(item));
        }
        for (key, value) in node.entries() {
            self.below(key.text().unwrap_or_default().to_owned(), |walk| walk.yaml(&value));
        }
        if let Some(text) = node.text() {
            self.leaf(text, node.span());
        }
    }

    fn json(&mut self, node: &Json) {
        for (index, item) in node.items().iter().enumerate() {
            self.below(index.to_string(), |walk| walk.json(item));
        }
        for (key, _, value) in node.entries() {
            self.below(key, |walk| walk.json(&value));
        }
        if let Some(text) = node.text() {
            self.leaf(text, node.span());
        }
    }

    fn toml(&mut self, item: &Item) {
        if let Some(table) = item.as_table_like() {
            for (key, value) in table.iter() {
                self.below(key.to_owned(), |walk| walk.toml(value));
            }
        } else if let Some(tables) = item.as_array_of_tables() {
            for (index, table) in tables.iter().enumerate() {
                self.below(index.to_string(), |walk| {
                    for (key, value) in table.iter() {
                        walk.below(key.to_owned(), |walk| walk.toml(value));
                    }
                });
            }
        } else if let Some(value) = item.as_value() {
            self.toml_value(value);
        }
    }

    fn toml_value(&mut self, value: &Value) {
        let span = self.blob.span(value.span().unwrap_or_default());
        match value {
            Value::String(text) => self.leaf(text.value(), span),
            Value::Boolean(truth) => self.leaf(&truth.value().to_string(), span),
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    self.below(index.to_string(), |walk| walk.toml_value(value));
                }
            }
            Value::InlineTable(table) => {
                for (key, value) in table.iter() {
                    self.below(key.to_owned(), |walk| walk.toml_value(value));
                }
            }
            _ => {}
        }
    }
}
