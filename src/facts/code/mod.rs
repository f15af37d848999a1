//! What source code says, in eight languages: one syntax tree for all, names resolved across files.
//!
//! A file is read into a [`Source`] of the small neutral tree of [`model`]; JavaScript and TypeScript by
//! `lower_js`, the others by `lower_tree`. Everything else here is written once, over that tree.

mod bare;
mod calls;
mod constant;
mod index;
mod lower_js;
mod lower_tree;
mod member;
pub mod model;
mod module;
mod name;
mod origin;
pub(in crate::facts) mod read;
mod scope;
#[cfg(test)]
mod tests;

pub use constant::Unit;
pub use index::simple_name;
pub use model::{Call, Class, Function, Kind, Language, Loop, Node, Operator, Parameter, Source};
pub use origin::{Origin, Value};
pub use scope::Declared;

use super::{Facet, Facts, Unread};
use std::sync::OnceLock;

/// All production source that could be read.
#[derive(Debug, Default)]
pub struct Code {
    sources: Vec<Source>,
    unread: Vec<Unread>,
    scopes: Vec<scope::Scopes>,
    modules: module::Modules,
    index: index::Index,
    graph: OnceLock<calls::Graph>,
}

/// A node's number among all files: what other stores keep of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeKey(index::Key);

impl Node<'_> {
    /// What to keep in order to find it again with [`Code::node`].
    pub fn key(self) -> NodeKey {
        NodeKey((self.source().index, self.id()))
    }
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Definition<'a> {
    /// A declaration of the repository; never an import, which is followed.
    Declared(Declared<'a>),
    /// A value that is handed out without a name: `export default { … }`.
    Value(Node<'a>),
    /// Files of the repository as a whole.
    Module(Vec<u32>),
    /// Something of a library, as a path: `axios.create`, `requests.Session`, `net/http`.
    Library(String),
}

impl Code {
    fn scopes(&self, source: &Source) -> &scope::Scopes {
        static NONE: scope::Scopes = scope::Scopes::NONE;
        self.scopes.get(source.index as usize).unwrap_or(&NONE)
    }

    /// The node of a key that was kept.
    pub fn node(&self, key: NodeKey) -> Option<Node<'_>> {
        self.at(key.0)
    }

    /// Builds what is built on demand now, before threads ask for it.
    pub fn prepare(&self) {
        self.graph();
    }

    /// Whether any file names a word, whatever its case.
    pub fn names(&self, word: &str) -> bool {
        self.sources.iter().any(|source| source.blob().text().to_ascii_lowercase().contains(word))
    }

    fn at(&self, (source, node): index::Key) -> Option<Node<'_>> {
        self.sources.get(source as usize).map(|source| source.node(node))
    }

    /// Assignments to members and indexes in a file: `client.timeout = 30`, `session.headers["x"] = y`.
    pub fn member_writes<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = Node<'a>> {
        self.scopes(source).member_writes(source)
    }

    /// Whether a file imports a module or something below it.
    pub fn imports(&self, source: &Source, module: &str) -> bool {
        self.index
            .modules(source)
            .any(|own| own.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/'])))
    }

    /// What is assigned to a declared variable or field by its name, after its declaration.
    pub fn assigned<'a>(&'a self, declaration: Node<'a>) -> Vec<Node<'a>> {
        self.scopes(declaration.source()).writes(declaration)
    }

    /// Every file, in the order of paths.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    pub fn source(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.path() == path)
    }

    /// Every node of every file.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.sources().flat_map(Source::nodes)
    }

    pub fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        self.nodes().filter_map(Node::as_call)
    }

    pub fn functions(&self) -> impl Iterator<Item = Function<'_>> {
        self.nodes().filter_map(Node::as_function)
    }

    pub fn classes(&self) -> impl Iterator<Item = Class<'_>> {
        self.nodes().filter_map(Node::as_class)
    }
}

impl Facet for Code {
    fn read(facts: &Facts) -> Self {
        read::read(facts)
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
