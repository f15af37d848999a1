//! Python's modules: relative ones, and absolute ones from any root that the importing file lies under.

use super::super::model::{Language, Source};
use super::directory;
use crate::facts::tree::joined;
use std::collections::HashMap;

/// The roots that build tools use beside the repository's own.
const ROOTS: [&str; 4] = ["src", "lib", "app", "python"];

/// Python files by the last part of their module's name.
#[derive(Debug, Default)]
pub(super) struct Files {
    by_name: HashMap<String, Vec<(String, u32)>>,
}

impl Files {
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut files = Self::default();
        for source in sources.iter().filter(|source| source.language() == Language::Python) {
            let stem = source.path().strip_suffix(".py").unwrap_or(source.path());
            let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
            let name = stem.rsplit('/').next().unwrap_or(stem).to_owned();
            files.by_name.entry(name).or_default().push((stem.to_owned(), source.index));
        }
        files
    }

    pub(super) fn resolve(&self, from: &str, module: &str) -> Option<u32> {
        let dots = module.bytes().take_while(|byte| *byte == b'.').count();
        let path = module.get(dots..)?.replace('.', "/");
        if dots > 0 {
            let up = "../".repeat(dots - 1);
            let stem = joined(&joined(directory(from), &up), &path);
            return self.at(&stem);
        }
        let last = path.rsplit('/').next()?;
        let suffix = format!("/{path}");
        let candidates = self.by_name.get(last)?.iter().filter_map(|(stem, index)| {
            let root = if *stem == path { "" } else { stem.strip_suffix(suffix.as_str())? };
            is_root(root, from).then_some((root.len(), *index))
        });
        // The root that is nearest to the importing file counts.
        candidates.max_by_key(|(depth, _)| *depth).map(|(_, index)| index)
    }

    fn at(&self, stem: &str) -> Option<u32> {
        let last = stem.rsplit('/').next()?;
        self.by_name.get(last)?.iter().find(|(have, _)| have == stem).map(|(_, index)| *index)
    }
}

/// Whether absolute imports of a file may start at a directory: one above it, or a source root beside those.
fn is_root(root: &str, from: &str) -> bool {
    let is_above = |directory: &str| {
        directory.is_empty() || from.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
    };
    let (parent, name) = root.rsplit_once('/').unwrap_or(("", root));
    is_above(root) || (ROOTS.contains(&name) && is_above(parent))
}
