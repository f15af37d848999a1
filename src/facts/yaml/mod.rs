//! YAML with positions: documents as trees whose every node knows its lines.
//!
//! Built on the events of `saphyr-parser`, since its own tree copies what an alias stands for (an alias bomb) and
//! refuses a whole file for one repeated key. Here an alias shares its anchor's node, depth and size are bounded,
//! and of repeated keys the last one counts, as in the readers of the platforms.

mod patch;

pub use patch::{Filling, Lists};

use crate::evidence::{Blob, Evidence, Span};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Deeper nesting is taken for an attack: real manifests stay below 40.
const MAX_DEPTH: usize = 200;
/// More nodes than this are not read: a manifest of 10 MB has about a million.
const MAX_NODES: usize = 2_000_000;

/// A node, which knows its file: a tree may be put together from several.
#[derive(Debug, Clone)]
pub struct Yaml {
    node: Arc<Node>,
}

#[derive(Debug)]
struct Node {
    value: Value,
    blob: Arc<Blob>,
    lines: (u32, u32),
}

#[derive(Debug)]
enum Value {
    /// The text, and whether quotes or a block style make it a string whatever it looks like.
    Scalar(String, bool),
    Sequence(Vec<Arc<Node>>),
    Mapping(Vec<(Arc<Node>, Arc<Node>)>),
    /// What only the rendering of a template could tell, as the template says it.
    Unknown(String),
}

/// Every document of a file, or the place and reason why it cannot be read.
pub fn documents(blob: &Arc<Blob>) -> Result<Vec<Yaml>, Evidence> {
    documents_of(blob, blob.text())
}

/// The same of a text whose every line stands for the line of that number in the file (a template made readable).
pub fn documents_of(blob: &Arc<Blob>, text: &str) -> Result<Vec<Yaml>, Evidence> {
    let mut builder = Builder::new(blob.clone());
    let mut parser = Parser::new_from_str(text.trim_start_matches('\u{feff}'));
    while let Some(next) = parser.next_event() {
        let (event, place) = next.map_err(|error| unreadable(blob, error.marker().line(), error.info()))?;
        let lines = (place.start.line() as u32, place.end.line() as u32);
        builder.take(event, lines).map_err(|reason| unreadable(blob, place.start.line(), reason))?;
    }
    Ok(builder.documents.into_iter().map(|node| Yaml { node }).collect())
}

fn unreadable(blob: &Blob, line: usize, reason: &str) -> Evidence {
    Evidence::at(blob.line(line as u32), format!("no valid YAML: {reason}"))
}

struct Builder {
    blob: Arc<Blob>,
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
    fn new(blob: Arc<Blob>) -> Self {
        Self { blob, documents: Vec::new(), open: Vec::new(), anchors: HashMap::new(), nodes: 0 }
    }

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
        let node = Arc::new(Node { value, blob: self.blob.clone(), lines });
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
    fn of(node: &Arc<Node>) -> Yaml {
        Yaml { node: node.clone() }
    }

    pub fn blob(&self) -> &Arc<Blob> {
        &self.node.blob
    }

    /// The lines of the node itself: of a mapping's value, not of its key.
    pub fn span(&self) -> Span {
        let (first, last) = self.node.lines;
        let blob = self.blob();
        let start = blob.offset_of_line(first);
        let end = blob.offset_of_line(last.max(first) + 1);
        let indent = blob.text()[start..].bytes().take_while(|byte| *byte == b' ').count();
        blob.span(start + indent..end)
    }

    /// The number of the node's first line, from 1.
    pub fn line(&self) -> u32 {
        self.node.lines.0
    }

    /// The value of a key; a key of the mapping itself wins over one that `<<` merges in.
    pub fn get(&self, key: &str) -> Option<Yaml> {
        self.entry(key).map(|(_, value)| Yaml::of(value))
    }

    /// The node of a key itself, for its line: `image:` rather than what follows it.
    pub fn key(&self, key: &str) -> Option<Yaml> {
        self.entry(key).map(|(key, _)| Yaml::of(key))
    }

    fn entry(&self, key: &str) -> Option<(&Arc<Node>, &Arc<Node>)> {
        entry(&self.node, key, &mut HashSet::new())
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Yaml> {
        path.iter().try_fold(self.clone(), |node, key| node.get(key))
    }

    /// All keys with their values, merged ones last; empty where this is no mapping.
    pub fn entries(&self) -> Vec<(Yaml, Yaml)> {
        let mut gathered = Gathered::default();
        gathered.collect(&self.node, false);
        gathered.pairs.into_iter().map(|(key, value)| (Yaml::of(key), Yaml::of(value))).collect()
    }

    /// The items of a sequence; empty where this is none.
    pub fn items(&self) -> Vec<Yaml> {
        match &self.node.value {
            Value::Sequence(items) => items.iter().map(Yaml::of).collect(),
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

    /// What the template says where only its rendering could tell the value.
    pub fn unknown(&self) -> Option<&str> {
        match &self.node.value {
            Value::Unknown(action) => Some(action),
            _ => None,
        }
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

/// The entry of a key, also through merge keys. A mapping that was seen has nothing new to say when it is merged
/// again, which also bounds a bomb of merges.
fn entry<'a>(node: &'a Node, key: &str, seen: &mut HashSet<*const Node>) -> Option<(&'a Arc<Node>, &'a Arc<Node>)> {
    let Value::Mapping(pairs) = &node.value else { return None };
    if let Some((key, value)) = pairs.iter().rev().find(|(name, _)| is_text(name, key)) {
        return Some((key, value));
    }
    if !seen.insert(node) || seen.len() > MAX_MERGES {
        return None;
    }
    let merged = pairs.iter().filter(|(name, _)| is_text(name, "<<"));
    merged.flat_map(|(_, value)| sources(value)).find_map(|source| entry(source, key, seen))
}

/// More mappings than this are not merged into one.
const MAX_MERGES: usize = 150;

/// The entries of a mapping and of those that it merges in.
#[derive(Default)]
struct Gathered<'a> {
    pairs: Vec<(&'a Arc<Node>, &'a Arc<Node>)>,
    places: HashMap<&'a str, usize>,
    seen: HashSet<*const Node>,
}

impl<'a> Gathered<'a> {
    fn collect(&mut self, node: &'a Node, is_merged: bool) {
        let Value::Mapping(pairs) = &node.value else { return };
        if !self.seen.insert(node) || self.seen.len() > MAX_MERGES {
            return;
        }
        for (key, value) in pairs.iter().filter(|(key, _)| !is_text(key, "<<")) {
            let place = match &key.value {
                Value::Scalar(text, _) => *self.places.entry(text).or_insert(self.pairs.len()),
                _ => self.pairs.len(),
            };
            match self.pairs.get_mut(place) {
                // Repeated in one mapping: the last one counts. Merged in: the one that is there counts.
                Some(there) if !is_merged => *there = (key, value),
                Some(_) => {}
                None => self.pairs.push((key, value)),
            }
        }
        for (_, value) in pairs.iter().filter(|(key, _)| is_text(key, "<<")) {
            sources(value).for_each(|source| self.collect(source, true));
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
