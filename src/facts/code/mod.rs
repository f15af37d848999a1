//! What source code says, in eight languages: one syntax tree for all, names resolved across files.
//!
//! A file is read into a [`Source`] of the small neutral tree of [`model`]; JavaScript and TypeScript by
//! `lower_js`, the others by `lower_tree`. Everything else here is written once, over that tree.

mod lower_js;
mod lower_tree;
pub mod model;
mod module;
mod read;
mod scope;

pub use model::{Call, Class, Function, Kind, Language, Loop, Node, Source};

use super::{Facet, Facts, Unread};

/// All production source that could be read.
#[derive(Debug, Default)]
pub struct Code {
    sources: Vec<Source>,
    unread: Vec<Unread>,
}

impl Code {
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
