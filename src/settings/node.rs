//! The settings file as a tree whose every key and value knows its bytes.

use super::problem::Problem;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;
use std::ops::Range;

/// The settings nest five deep.
const MAX_DEPTH: usize = 24;
/// A thousand waivers have about ten thousand nodes. What an alias stands for counts each time.
const MAX_NODES: usize = 100_000;

/// A value with the bytes it stands at.
#[derive(Debug)]
pub struct Node {
    pub value: Value,
    pub at: Range<usize>,
}

/// What YAML can say.
#[derive(Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug)]
pub struct Key {
    pub name: String,
    pub at: Range<usize>,
}

/// Reads one document. A file without any is an empty mapping.
pub fn parse(text: &str) -> Result<Node, Problem> {
    let options = serde_saphyr::options! {
        strict_booleans: true, // `off` is a word of ours
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_nodes: MAX_NODES, max_documents: 1 },
    };
    let read = serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options);
    match read {
        Ok(raw) => Ok(convert(raw, text)),
        Err(error) => {
            let at = error.location().map_or(0..0, |place| range(place, text));
            Err(Problem::new(at, format!("this is no valid YAML: {}", bare(&error))))
        }
    }
}

/// The message without the position, which is shown in its own way.
fn bare(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    let end = line.find(", set DuplicateKeyPolicy").or(line.rfind(" at line ")).unwrap_or(line.len());
    line[..end].trim_end_matches([',', ' ']).to_owned()
}

fn convert(raw: Spanned<Raw>, text: &str) -> Node {
    let at = range(raw.referenced, text);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(flag) => Value::Bool(flag),
        Raw::Number(number) => Value::Number(number),
        Raw::Text(text) => Value::Text(text),
        Raw::List(items) => Value::List(items.into_iter().map(|item| convert(item, text)).collect()),
        Raw::Map(pairs) => {
            let pair = |(key, value): (Spanned<String>, Spanned<Raw>)| {
                let at = range(key.referenced, text);
                (Key { name: key.value, at }, convert(value, text))
            };
            Value::Map(pairs.into_iter().map(pair).collect())
        }
    };
    Node { value, at }
}

/// The bytes of a place, within the text and on its character boundaries.
fn range(place: serde_saphyr::Location, text: &str) -> Range<usize> {
    let start = place.span().byte_offset().map_or_else(|| by_line(place, text), |at| at as usize);
    let length = place.span().byte_len().unwrap_or(0) as usize;
    let start = text.floor_char_boundary(start.min(text.len()));
    let end = text.floor_char_boundary(start.saturating_add(length).min(text.len()));
    start..end.max(start)
}

fn by_line(place: serde_saphyr::Location, text: &str) -> usize {
    let line = (place.line() as usize).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    start + (place.column() as usize).saturating_sub(1)
}

/// What serde-saphyr hands over, before the places are bytes.
enum Raw {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(flag))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Number(number.into()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Number(number.into()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(serde_json::Number::from_f64(number).map_or_else(|| Raw::Text(number.to_string()), Raw::Number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Raw::Map(pairs))
    }
}

impl Node {
    /// The same as JSON, to be taken over into the types.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            // A setting without a value is one that is not set.
            Value::Map(pairs) => pairs
                .iter()
                .filter(|(_, node)| !matches!(node.value, Value::Null))
                .map(|(key, node)| (key.name.clone(), node.to_json()))
                .collect(),
        }
    }

    /// The value of a key, where this is a mapping that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }
}
