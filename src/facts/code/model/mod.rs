//! One small syntax tree for every language, on which all that the gate understands of code is written once.
//!
//! A [`Source`] is one file. A [`Node`] is a place in it, cheap to copy; [`Node::kind`] says what it is. What the
//! languages do differently is settled when the tree is made:
//!
//! - `this`, `self` and a Go receiver are [`Kind::This`]; Ruby's `@x` and PHP's `$this->x` are members of it.
//! - A cast, parentheses, `!` and `?.` are not there: only what they hold.
//! - `f(x) { … }` with a block (Ruby, Kotlin) is a call whose last argument is a [`Kind::Function`].
//! - `i++` and `i += 1` are both [`Kind::Assign`] with an operator; `a, err := f()` is a `Let` of a `List`.
//! - `with`, `using` and `try (…)` are a [`Kind::Block`] that begins with the `Let`s of its resources.
//! - What fits nowhere is [`Kind::Unknown`] with what is inside it, so that no call is lost.

mod builder;
mod kind;
mod print;
mod shape;
mod view;

pub use builder::Builder;
pub use kind::{Kind, Nodes};
pub use shape::{
    Children, ClassKind, ClassParts, ExportParts, FunctionMarks, FunctionParts, ImportParts, Imported, LoopKind,
    LoopParts, NodeId, Operator, ParameterKind, ParameterParts, Shape, Text,
};
pub use view::{Call, Class, Function, Import, Let, Loop, Parameter};

use crate::evidence::{Blob, Span};
use shape::{Raw, WRITTEN};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A language whose syntax is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    JavaScript,
    TypeScript,
    Python,
    Go,
    Java,
    Kotlin,
    CSharp,
    Ruby,
    Php,
}

impl Language {
    /// The language of a file, by the end of its name.
    pub fn of(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
        Some(match extension {
            "js" | "jsx" | "mjs" | "cjs" => Self::JavaScript,
            "ts" | "tsx" | "mts" | "cts" => Self::TypeScript,
            "py" => Self::Python,
            "go" => Self::Go,
            "java" => Self::Java,
            "kt" | "kts" => Self::Kotlin,
            "cs" => Self::CSharp,
            "rb" | "rake" | "ru" => Self::Ruby,
            "php" => Self::Php,
            _ => return None,
        })
    }

    /// JavaScript or TypeScript: the same language where code is judged.
    pub fn is_script(self) -> bool {
        matches!(self, Self::JavaScript | Self::TypeScript)
    }
}

/// One file as a syntax tree.
#[derive(Debug)]
pub struct Source {
    blob: Arc<Blob>,
    language: Language,
    /// Its number among all files, which makes nodes of different files differ.
    pub(in crate::facts::code) index: u32,
    nodes: Vec<Raw>,
    lists: Vec<NodeId>,
    written: String,
    functions: Vec<FunctionParts>,
    classes: Vec<ClassParts>,
    loops: Vec<LoopParts>,
    parameters: Vec<ParameterParts>,
    imports: Vec<ImportParts>,
    exports: Vec<ExportParts>,
    package: Text,
    root: NodeId,
}

impl Source {
    fn empty(blob: Arc<Blob>, language: Language) -> Self {
        Self {
            blob,
            language,
            index: 0,
            nodes: Vec::new(),
            lists: Vec::new(),
            written: String::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            loops: Vec::new(),
            parameters: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            package: Text::EMPTY,
            root: NodeId::NONE,
        }
    }

    fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.lists.shrink_to_fit();
        self.written.shrink_to_fit();
    }

    pub fn path(&self) -> &str {
        self.blob.path()
    }

    pub fn blob(&self) -> &Arc<Blob> {
        &self.blob
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// The package or namespace of the whole file, or an empty text.
    pub fn package(&self) -> &str {
        self.str(self.package)
    }

    /// The block of the statements at the top.
    pub fn root(&self) -> Node<'_> {
        self.node(self.root)
    }

    /// Every node, children before parents.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = Node<'_>> {
        (0..self.nodes.len() as u32).map(|id| self.node(NodeId(id)))
    }

    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { source: self, id }
    }

    /// What the file hands out: `(name there, name here or empty, module or empty, value or declaration)`.
    pub fn exports(&self) -> impl Iterator<Item = Export<'_>> {
        self.exports.iter().map(|export| Export {
            exported: self.str(export.exported),
            local: self.str(export.local),
            module: self.str(export.module),
            node: export.node.some().map(|id| self.node(id)),
        })
    }

    fn raw(&self, id: NodeId) -> Raw {
        // An id that is out of range can only be `NONE`: it reads as an empty block.
        let empty = Raw { start: 0, end: 0, parent: NodeId::NONE, shape: Shape::Block(Children::default()) };
        self.nodes.get(id.0 as usize).copied().unwrap_or(empty)
    }

    fn str(&self, text: Text) -> &str {
        let (from, start) = match text.start & WRITTEN {
            0 => (self.blob.text(), text.start),
            _ => (self.written.as_str(), text.start & !WRITTEN),
        };
        from.get(start as usize..(start + text.len) as usize).unwrap_or_default()
    }

    fn listed(&self, children: Children) -> &[NodeId] {
        let start = children.start as usize;
        self.lists.get(start..start + children.len as usize).unwrap_or_default()
    }
}

/// One name that a JavaScript file hands out.
#[derive(Debug, Clone, Copy)]
pub struct Export<'a> {
    /// `default`, a name, or `*` for everything of `module`.
    pub exported: &'a str,
    /// The name in this file or, with a module, there.
    pub local: &'a str,
    pub module: &'a str,
    pub node: Option<Node<'a>>,
}

/// A place in a syntax tree.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    source: &'a Source,
    id: NodeId,
}

impl<'a> Node<'a> {
    pub fn source(self) -> &'a Source {
        self.source
    }

    pub fn id(self) -> NodeId {
        self.id
    }

    /// What it is, with its parts.
    pub fn kind(self) -> Kind<'a> {
        Kind::of(self)
    }

    pub fn range(self) -> Range<usize> {
        let raw = self.source.raw(self.id);
        raw.start as usize..raw.end as usize
    }

    /// Its place in the file, for evidence.
    pub fn span(self) -> Span {
        self.source.blob.span(self.range())
    }

    /// Its text as it stands in the file.
    pub fn text(self) -> &'a str {
        self.source.blob.text().get(self.range()).unwrap_or_default()
    }

    pub fn parent(self) -> Option<Node<'a>> {
        self.source.raw(self.id).parent.some().map(|id| self.source.node(id))
    }

    /// All that it stands in, from the inside out.
    pub fn ancestors(self) -> impl Iterator<Item = Node<'a>> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// Its parts, in the order of the text as far as the tree knows it.
    pub fn parts(self) -> Vec<Node<'a>> {
        let mut parts = Vec::new();
        self.source.parts(self.source.raw(self.id).shape, &mut |id| parts.push(self.source.node(id)));
        parts
    }

    /// The node and all below it, parents first.
    pub fn walk(self) -> Walk<'a> {
        Walk { open: vec![self], enter: None }
    }

    /// Like [`walk`](Self::walk), but what a nested function or class holds is left out.
    pub fn walk_own(self) -> Walk<'a> {
        Walk { open: vec![self], enter: Some(self.id) }
    }

    /// The innermost function around it, itself excluded.
    pub fn enclosing_function(self) -> Option<Function<'a>> {
        self.ancestors().find_map(Node::as_function)
    }

    /// The innermost class around it, itself excluded.
    pub fn enclosing_class(self) -> Option<Class<'a>> {
        self.ancestors().find_map(|node| match node.kind() {
            Kind::Class(class) if class.kind != ClassKind::Namespace => Some(class),
            _ => None,
        })
    }

    /// Whether `other` is this node or stands inside it.
    pub fn contains(self, other: Node<'a>) -> bool {
        self == other || other.ancestors().any(|node| node == self)
    }

    fn shape(self) -> Shape {
        self.source.raw(self.id).shape
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.source.index == other.source.index
    }
}

impl Eq for Node<'_> {}

impl std::hash::Hash for Node<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.source.index, self.id).hash(state);
    }
}

impl PartialOrd for Node<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By file, then by place.
impl Ord for Node<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |node: &Self| (node.source.index, node.range().start, node.id);
        key(self).cmp(&key(other))
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:?}", self.source.path(), self.range())
    }
}

/// Goes through a tree, parents first.
pub struct Walk<'a> {
    open: Vec<Node<'a>>,
    /// The start, where nested functions and classes are not entered.
    enter: Option<NodeId>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let node = self.open.pop()?;
        let is_nested = matches!(node.shape(), Shape::Function(_) | Shape::Class(_));
        if !is_nested || self.enter.is_none_or(|start| start == node.id) {
            let first = self.open.len();
            node.source.parts(node.shape(), &mut |id| self.open.push(node.source.node(id)));
            self.open[first..].reverse();
        }
        Some(node)
    }
}
