//! Declarations of all files by their names.

use super::model::{Kind, Node, NodeId, Source};
use std::collections::HashMap;

/// A node of any file.
pub(super) type Key = (u32, NodeId);

#[derive(Debug, Default)]
pub(super) struct Index {
    classes: HashMap<Box<str>, Vec<Key>>,
    functions: HashMap<Box<str>, Vec<Key>>,
    /// Classes by the last name of each of their bases.
    derived: HashMap<Box<str>, Vec<Key>>,
    /// Modules that a file imports, as written.
    modules: HashMap<u32, Vec<Box<str>>>,
    /// Modules that a file brings in whole.
    whole: HashMap<u32, Vec<Box<str>>>,
}

impl Index {
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut index = Self::default();
        for node in sources.iter().flat_map(Source::nodes) {
            index.add(node);
        }
        index
    }

    fn add(&mut self, node: Node<'_>) {
        let key = (node.source().index, node.id());
        match node.kind() {
            Kind::Class(class) => {
                self.classes.entry(class.name.into()).or_default().push(key);
                for base in class.bases.iter() {
                    self.derived.entry(simple_name(base).into()).or_default().push(key);
                }
            }
            Kind::Function(function) => {
                let name = function.known_as();
                if !name.is_empty() {
                    self.functions.entry(name.into()).or_default().push(key);
                }
            }
            Kind::Import(import) => {
                self.modules.entry(key.0).or_default().push(import.module.into());
                if import.names().any(|(name, local)| name.is_empty() && local.is_empty()) {
                    self.whole.entry(key.0).or_default().push(import.module.into());
                }
            }
            _ => {}
        }
    }

    pub(super) fn classes(&self, name: &str) -> impl Iterator<Item = Key> {
        self.classes.get(name).into_iter().flatten().copied()
    }

    pub(super) fn functions(&self, name: &str) -> impl Iterator<Item = Key> {
        self.functions.get(name).into_iter().flatten().copied()
    }

    pub(super) fn derived(&self, base: &str) -> impl Iterator<Item = Key> {
        self.derived.get(base).into_iter().flatten().copied()
    }

    pub(super) fn modules(&self, source: &Source) -> impl Iterator<Item = &str> {
        self.modules.get(&source.index).into_iter().flatten().map(|module| &**module)
    }

    pub(super) fn whole_imports(&self, source: &Source) -> impl Iterator<Item = &str> {
        self.whole.get(&source.index).into_iter().flatten().map(|module| &**module)
    }
}

/// The last name of a base class or of what makes one: `Session` of `requests.Session` and of `Session<T>(x)`.
pub fn simple_name(node: Node<'_>) -> &str {
    match node.kind() {
        Kind::Call(call) => simple_name(call.callee),
        Kind::Type(text) => simple_type(text),
        _ => node.leaf(),
    }
}

/// The last name of a type: `Client` of `*http.Client`, `A.Client<B>?` and `Vendor\Client`.
pub(super) fn simple_type(text: &str) -> &str {
    let name = type_path(text);
    name.rsplit(['.', '\\', ':']).next().unwrap_or(name)
}

/// A type without what surrounds its name: pointers, nullability, generics, lists.
pub(super) fn type_path(text: &str) -> &str {
    let mut text = text.trim().trim_start_matches(['*', '&', '?', '[', ']', '\\', ':', ' ']).trim_matches(['"', '\'']);
    for wrapper in [
        "Promise<",
        "Optional[",
        "Annotated[",
        "Readonly<",
        "Task<",
        "ValueTask<",
        "Awaited<",
        "ReturnType<typeof ",
        "typeof ",
        "readonly ",
    ] {
        text = text.strip_prefix(wrapper).unwrap_or(text);
    }
    let end = text.find(['<', '[', '|', '?', '(', '{', ' ', ',', ']', '>', '&']).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Types that say nothing of where a value comes from.
pub(super) fn is_plain_type(path: &str) -> bool {
    matches!(
        path.to_ascii_lowercase().as_str(),
        "string"
            | "str"
            | "int"
            | "integer"
            | "long"
            | "number"
            | "boolean"
            | "bool"
            | "any"
            | "unknown"
            | "object"
            | "var"
            | "void"
            | "float"
            | "double"
            | "dict"
            | "list"
            | "array"
            | "record"
            | "map"
            | "mixed"
            | "error"
            | "final"
            | "auto"
            | "none"
            | "null"
            | "undefined"
            | "callable"
            | "function"
            | "self"
    )
}
