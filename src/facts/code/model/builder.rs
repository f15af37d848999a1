//! Writes the syntax tree of one file, children before their parents.

use super::shape::{Bits, Raw, WRITTEN};
use super::*;
use std::collections::HashMap;

/// A file with more nodes is not read: a file of 2 MiB has about half a million.
const MAX_NODES: usize = 4_000_000;

/// Writes one [`Source`]. A node is pushed after its children; pushing it makes it their parent.
///
/// ```ignore
/// let mut builder = Builder::new(blob, Language::Python);
/// let name = builder.text("fetch");
/// let callee = builder.push(0..5, Shape::Name(name));
/// let arguments = builder.children(&[]);
/// let call = builder.push(0..7, Shape::Call { callee, arguments, is_new: false });
/// let source = builder.finish(vec![call]);
/// ```
pub struct Builder {
    source: Source,
    written: HashMap<Box<str>, Text>,
}

impl Builder {
    pub fn new(blob: Arc<Blob>, language: Language) -> Self {
        Self { source: Source::empty(blob, language), written: HashMap::new() }
    }

    pub fn blob(&self) -> &Arc<Blob> {
        &self.source.blob
    }

    /// Keeps a name or a string: as a slice where it lies in the file's own text, otherwise as a copy.
    pub fn text(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text::EMPTY;
        }
        let file = self.source.blob.text();
        let offset = (text.as_ptr() as usize).wrapping_sub(file.as_ptr() as usize);
        if offset < file.len() && offset + text.len() <= file.len() {
            return Text { start: offset as u32, len: text.len() as u32 };
        }
        if let Some(known) = self.written.get(text) {
            return *known;
        }
        let kept = Text { start: self.source.written.len() as u32 | WRITTEN, len: text.len() as u32 };
        self.source.written.push_str(text);
        self.written.insert(text.into(), kept);
        kept
    }

    /// Keeps a list of children.
    pub fn children(&mut self, nodes: &[NodeId]) -> Children {
        let start = self.source.lists.len() as u32;
        self.source.lists.extend(nodes.iter().filter(|node| **node != NodeId::NONE));
        Children { start, len: self.source.lists.len() as u32 - start }
    }

    /// The nodes of a list that was kept.
    pub fn listed(&self, children: Children) -> Vec<NodeId> {
        self.source.listed(children).to_vec()
    }

    /// What a node is that was pushed before.
    pub fn shape(&self, node: NodeId) -> Shape {
        self.source.raw(node).shape
    }

    /// Where a node is that was pushed before.
    pub fn range(&self, node: NodeId) -> Range<usize> {
        let raw = self.source.raw(node);
        raw.start as usize..raw.end as usize
    }

    /// The text of a name or a string that was pushed before; empty for anything else.
    pub fn written(&self, node: NodeId) -> &str {
        match self.source.raw(node).shape {
            Shape::Name(text) | Shape::Str(text) => self.source.str(text),
            _ => "",
        }
    }

    /// The body of a function that was pushed before.
    pub fn body_of(&self, node: NodeId) -> Option<NodeId> {
        let Shape::Function(index) = self.shape(node) else { return None };
        self.source.functions.get(index as usize)?.body.some()
    }

    /// Makes a parameter that was pushed before a field of its class as well.
    pub fn as_field(&mut self, node: NodeId) -> NodeId {
        if let Shape::Parameter(index) = self.shape(node)
            && let Some(parts) = self.source.parameters.get_mut(index as usize)
        {
            parts.is_field = true;
        }
        node
    }

    /// Adds a node and makes it the parent of its parts.
    pub fn push(&mut self, range: Range<usize>, shape: Shape) -> NodeId {
        let id = NodeId(self.source.nodes.len() as u32);
        let (start, end) = (range.start as u32, range.end.max(range.start) as u32);
        self.source.nodes.push(Raw { start, end, parent: NodeId::NONE, shape });
        let mut parts = Vec::new();
        self.source.parts(shape, &mut |part| parts.push(part));
        for part in parts {
            if let Some(child) = self.source.nodes.get_mut(part.0 as usize) {
                child.parent = id;
            }
        }
        id
    }

    /// More nodes than are read: the file counts as unread.
    pub fn is_full(&self) -> bool {
        self.source.nodes.len() > MAX_NODES
    }

    pub fn number(&mut self, range: Range<usize>, number: f64) -> NodeId {
        self.push(range, Shape::Number(Bits::from(number)))
    }

    pub fn name(&mut self, range: Range<usize>, name: &str) -> NodeId {
        let name = self.text(name);
        self.push(range, Shape::Name(name))
    }

    pub fn string(&mut self, range: Range<usize>, text: &str) -> NodeId {
        let text = self.text(text);
        self.push(range, Shape::Str(text))
    }

    pub fn block(&mut self, range: Range<usize>, nodes: &[NodeId]) -> NodeId {
        let nodes = self.children(nodes);
        self.push(range, Shape::Block(nodes))
    }

    /// Something that has no place in the model; what is inside it is kept.
    pub fn unknown(&mut self, range: Range<usize>, nodes: &[NodeId]) -> NodeId {
        let nodes = self.children(nodes);
        self.push(range, Shape::Unknown(nodes))
    }

    pub fn function(&mut self, range: Range<usize>, parts: FunctionParts) -> NodeId {
        self.source.functions.push(parts);
        self.push(range, Shape::Function(self.source.functions.len() as u32 - 1))
    }

    pub fn class(&mut self, range: Range<usize>, parts: ClassParts) -> NodeId {
        self.source.classes.push(parts);
        self.push(range, Shape::Class(self.source.classes.len() as u32 - 1))
    }

    pub fn repeat(&mut self, range: Range<usize>, parts: LoopParts) -> NodeId {
        self.source.loops.push(parts);
        self.push(range, Shape::Loop(self.source.loops.len() as u32 - 1))
    }

    pub fn parameter(&mut self, range: Range<usize>, parts: ParameterParts) -> NodeId {
        self.source.parameters.push(parts);
        self.push(range, Shape::Parameter(self.source.parameters.len() as u32 - 1))
    }

    pub fn import(&mut self, range: Range<usize>, parts: ImportParts) -> NodeId {
        self.source.imports.push(parts);
        self.push(range, Shape::Import(self.source.imports.len() as u32 - 1))
    }

    pub fn export(&mut self, parts: ExportParts) {
        self.source.exports.push(parts);
    }

    /// The package or namespace that the whole file belongs to.
    pub fn package(&mut self, name: &str) {
        self.source.package = self.text(name);
    }

    /// The tree with these statements at its top.
    pub fn finish(mut self, top: Vec<NodeId>) -> Source {
        let end = self.source.blob.text().len();
        let top = self.block(0..end, &top);
        let mut source = self.source;
        source.root = top;
        source.shrink();
        source
    }
}

/// What a lowering asks of nodes that it pushed before.
impl Builder {
    pub fn reads(&self, text: Text) -> &str {
        self.source.str(text)
    }

    pub fn is_name(&self, node: NodeId, name: &str) -> bool {
        matches!(self.shape(node), Shape::Name(own) if self.reads(own) == name)
    }

    /// The name of a function or class.
    pub fn own_name(&self, node: NodeId) -> Option<Text> {
        match self.shape(node) {
            Shape::Function(index) => self.source.functions.get(index as usize).map(|parts| parts.name),
            Shape::Class(index) => self.source.classes.get(index as usize).map(|parts| parts.name),
            _ => None,
        }
    }
}
