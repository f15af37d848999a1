//! YAML with positions: documents as trees whose every node knows its lines.
//!
//! Built on the events of `saphyr-parser`, since its own tree copies what an alias stands for (an alias bomb) and
//! refuses a whole file for one repeated key. Here an alias shares its anchor's node, depth and size are bounded,
//! and of repeated keys the last one counts, as in the readers of the platforms.

use crate::evidence::{Blob, Evidence, Span};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashMap;
use std::sync::Arc;

/// Deeper nesting is taken for an attack: real manifests stay below 40.
const MAX_DEPTH: usize = 200;
/// More nodes than this are not read: a manifest of 10 MB has about a million.
const MAX_NODES: usize = 2_000_000;

/// A node with the file it stands in.
#[derive(Debug, Clone)]
pub struct Yaml {
    blob: Arc<Blob>,
    node: Arc<Node>,
}

#[derive(Debug)]
struct Node {
    value: Value,
    lines: (u32, u32),
}

#[derive(Debug)]
enum Value {
    /// The text, and whether quotes or a block style make it a string whatever it looks like.
    Scalar(String, bool),
    Sequence(Vec<Arc<Node>>),
    Mapping(Vec<(Arc<Node>, Arc<Node>)>),
}

/// Every document of a file, or the place and reason why it cannot be read.
pub fn documents(blob: &Arc<Blob>) -> Result<Vec<Yaml>, Evidence> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(blob.text());
    while let Some(next) = parser.next_event() {
        let (event, place) = next.map_err(|error| unreadable(blob, error.marker().line(), error.info()))?;
        let lines = (place.start.line() as u32, place.end.line() as u32);
        builder.take(event, lines).map_err(|reason| unreadable(blob, place.start.line(), reason))?;
    }
    Ok(builder.documents.into_iter().map(|node| Yaml { blob: blob.clone(), node }).collect())
}

fn unreadable(blob: &Blob, line: usize, reason: &str) -> Evidence {
    Evidence::at(blob.line(line as u32), format!("no valid YAML: {reason}"))
}

#[derive(Default)]
struct Builder {
    documents: Vec<Arc<Node>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Arc<Node>>,
    nodes: usize,
}

/// A collection whose end has not been seen.
struct Open {
    is_mapping: bool,
    children: Vec<Arc<Node>>,
    anchor: usize,
    line: u32,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, lines: (u32, u32)) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let quoted = style != ScalarStyle::Plain;
                self.add(Value::Scalar(text.into_owned(), quoted), lines, anchor)
            }
            Event::SequenceStart(anchor, _) => self.start(false, anchor, lines.0),
            Event::MappingStart(anchor, _) => self.start(true, anchor, lines.0),
            Event::SequenceEnd | Event::MappingEnd => self.end(lines.0),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().ok_or("an alias without its anchor")?;
                self.push(node)
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, is_mapping: bool, anchor: usize, line: u32) -> Result<(), &'static str> {
        if self.open.len() >= MAX_DEPTH {
            return Err("nested deeper than 200 levels");
        }
        self.open.push(Open { is_mapping, children: Vec::new(), anchor, line });
        Ok(())
    }

    fn end(&mut self, line: u32) -> Result<(), &'static str> {
        let Open { is_mapping, children, anchor, line: first } = self.open.pop().ok_or("an end without a start")?;
        // The end of a block collection is where the next token starts: the last child knows better.
        let last = children.last().map_or(line, |child| child.lines.1).max(first);
        let value = if is_mapping {
            let mut nodes = children.into_iter();
            let mut pairs = Vec::new();
            while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
                pairs.push((key, value));
            }
            Value::Mapping(pairs)
        } else {
            Value::Sequence(children)
        };
        self.add(value, (first, last), anchor)
    }

    fn add(&mut self, value: Value, lines: (u32, u32), anchor: usize) -> Result<(), &'static str> {
        let node = Arc::new(Node { value, lines });
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        self.push(node)
    }

    fn push(&mut self, node: Arc<Node>) -> Result<(), &'static str> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err("more than two million nodes");
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.documents.push(node),
        }
        Ok(())
    }
}

impl Yaml {
    fn with(&self, node: &Arc<Node>) -> Yaml {
        Yaml { blob: self.blob.clone(), node: node.clone() }
    }

    pub fn blob(&self) -> &Arc<Blob> {
        &self.blob
    }

    /// The lines of the node itself: of a mapping's value, not of its key.
    pub fn span(&self) -> Span {
        let (first, last) = self.node.lines;
        let start = self.blob.offset_of_line(first);
        let end = self.blob.offset_of_line(last.max(first) + 1);
        let indent = self.blob.text()[start..].bytes().take_while(|byte| *byte == b' ').count();
        self.blob.span(start + indent..end)
    }

    /// The number of the node's first line, from 1.
    pub fn line(&self) -> u32 {
        self.node.lines.0
    }

    /// The value of a key; a key of the mapping itself wins over one that `<<` merges in.
    pub fn get(&self, key: &str) -> Option<Yaml> {
        self.entry(key, 0).map(|(_, value)| self.with(value))
    }

    /// The node of a key itself, for its line: `image:` rather than what follows it.
    pub fn key(&self, key: &str) -> Option<Yaml> {
        self.entry(key, 0).map(|(key, _)| self.with(key))
    }

    fn entry(&self, key: &str, hops: usize) -> Option<(&Arc<Node>, &Arc<Node>)> {
        entry(&self.node, key, hops)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Yaml> {
        path.iter().try_fold(self.clone(), |node, key| node.get(key))
    }

    /// All keys with their values, merged ones last; empty where this is no mapping.
    pub fn entries(&self) -> Vec<(Yaml, Yaml)> {
        let mut pairs: Vec<(&Arc<Node>, &Arc<Node>)> = Vec::new();
        collect(&self.node, &mut pairs, 0);
        pairs.into_iter().map(|(key, value)| (self.with(key), self.with(value))).collect()
    }

    /// The items of a sequence; empty where this is none.
    pub fn items(&self) -> Vec<Yaml> {
        match &self.node.value {
            Value::Sequence(items) => items.iter().map(|item| self.with(item)).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of a sequence, or the node itself where one stands for a list of one.
    pub fn items_or_self(&self) -> Vec<Yaml> {
        if self.is_sequence() { self.items() } else { vec![self.clone()] }
    }

    /// The text of a scalar, whatever its type; none for a collection or null.
    pub fn text(&self) -> Option<&str> {
        match &self.node.value {
            Value::Scalar(_, _) if self.is_null() => None,
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// A plain `true` or `false` of YAML 1.2, and the quoted words that platforms read so.
    pub fn truth(&self) -> Option<bool> {
        match self.text()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// A number, quoted or not: annotations hold theirs as strings.
    pub fn number(&self) -> Option<f64> {
        self.text()?.trim().replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub fn is_null(&self) -> bool {
        matches!(&self.node.value, Value::Scalar(text, false) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    pub fn is_mapping(&self) -> bool {
        matches!(self.node.value, Value::Mapping(_))
    }

    pub fn is_sequence(&self) -> bool {
        matches!(self.node.value, Value::Sequence(_))
    }
}

/// How many merge keys may lead to one another.
const MAX_MERGES: usize = 20;

fn entry<'a>(node: &'a Node, key: &str, hops: usize) -> Option<(&'a Arc<Node>, &'a Arc<Node>)> {
    let Value::Mapping(pairs) = &node.value else { return None };
    let own = pairs.iter().rev().find(|(name, _)| is_text(name, key));
    if own.is_some() || hops > MAX_MERGES {
        return own.map(|(key, value)| (key, value));
    }
    let merged = pairs.iter().filter(|(name, _)| is_text(name, "<<"));
    merged.flat_map(|(_, value)| sources(value)).find_map(|source| entry(source, key, hops + 1))
}

fn collect<'a>(node: &'a Node, into: &mut Vec<(&'a Arc<Node>, &'a Arc<Node>)>, hops: usize) {
    let Value::Mapping(pairs) = &node.value else { return };
    for (key, value) in pairs.iter().filter(|(key, _)| !is_text(key, "<<")) {
        match into.iter_mut().find(|(seen, _)| same_text(seen, key)) {
            // Repeated in one mapping: the last one counts. Merged in: the one that is there counts.
            Some(seen) if hops == 0 => *seen = (key, value),
            Some(_) => {}
            None => into.push((key, value)),
        }
    }
    if hops <= MAX_MERGES {
        for (_, value) in pairs.iter().filter(|(key, _)| is_text(key, "<<")) {
            sources(value).for_each(|source| collect(source, into, hops + 1));
        }
    }
}

/// What a merge key names: one mapping, or a list of them of which the first wins.
fn sources(value: &Arc<Node>) -> impl Iterator<Item = &Arc<Node>> {
    match &value.value {
        Value::Sequence(items) => items.iter(),
        _ => std::slice::from_ref(value).iter(),
    }
}

fn is_text(node: &Node, text: &str) -> bool {
    matches!(&node.value, Value::Scalar(own, _) if own == text)
}

fn same_text(a: &Node, b: &Node) -> bool {
    matches!((&a.value, &b.value), (Value::Scalar(a, _), Value::Scalar(b, _)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Yaml {
        documents(&Arc::new(Blob::new("a.yml", text))).unwrap().remove(0)
    }

    #[test]
    fn nodes_know_their_lines() {
        let yaml = one("a:\n  b:\n    - x\n    - y: 1\n  c: |\n    two\n    lines\nd: 'true'\n");
        assert_eq!(yaml.at(&["a", "b"]).unwrap().span().line(), 3);
        assert_eq!(yaml.at(&["a", "b"]).unwrap().items()[1].get("y").unwrap().number(), Some(1.0));
        assert_eq!(yaml.at(&["a"]).unwrap().key("c").unwrap().line(), 5);
        assert_eq!(yaml.at(&["a", "c"]).unwrap().text(), Some("two\nlines\n"));
        assert_eq!(yaml.get("d").unwrap().truth(), Some(true));
    }

    #[test]
    fn merges_and_repeated_keys_read_as_the_platforms_do() {
        let yaml = one("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n  c: 4\n  c: 5\n");
        let y = yaml.get("y").unwrap();
        assert_eq!(y.get("a").unwrap().number(), Some(1.0));
        assert_eq!(y.get("b").unwrap().number(), Some(3.0));
        assert_eq!(y.get("c").unwrap().number(), Some(5.0));
        assert_eq!(y.entries().len(), 3);
    }

    #[test]
    fn attacks_end_in_a_message() {
        let mut bomb = String::from("a0: &a0 [x]\n");
        for n in 1..30 {
            bomb += &format!("a{n}: &a{n} [*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0}]\n", n - 1);
        }
        assert_eq!(one(&bomb).entries().len(), 30);
        let deep = Arc::new(Blob::new("deep.yml", "[".repeat(10_000)));
        assert!(documents(&deep).unwrap_err().note.contains("no valid YAML"));
        let broken = Arc::new(Blob::new("b.yml", "a: 1\nb: [\n"));
        assert!(documents(&broken).is_err());
    }
}
