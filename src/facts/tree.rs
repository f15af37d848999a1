//! Which files there are, what each is for, and which of them are production source.

mod by_path;
mod by_text;
mod key_files;
mod place;
mod words;

use super::{Facet, Facts};
use crate::evidence::{Blob, Span};
use crate::snapshot::Content;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

pub use by_path::{is_source, role as role_of_path};
pub use by_text::role as role_of_text;
pub use key_files::KeyFile;
pub use place::{joined, normal};

/// What a file is for. The order is the weight: of two that apply, the earlier one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A dependency that was committed, minified or not.
    Vendored,
    /// What a build leaves behind.
    Build,
    /// Written by a program.
    Generated,
    /// A stand-in or data for tests.
    Fixture,
    Test,
    /// Shown to readers: samples, demos, stories.
    Example,
    Docs,
    /// Set-up of a tool.
    Config,
    /// A script for those who work on the project, unless something runs it in operation.
    Script,
    /// Nothing says otherwise.
    Production,
}

/// The files of the repository.
#[derive(Debug, Default)]
pub struct Tree {
    /// In byte order.
    files: Vec<(Arc<str>, bool)>,
    /// Of the files whose text or use says more than their path.
    roles: HashMap<Arc<str>, Role>,
    /// The first line of each.
    key_files: Vec<(Span, KeyFile)>,
    is_repository: bool,
    untold: Option<String>,
}

impl Tree {
    /// All paths, tracked or not, in byte order.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(path, _)| &**path)
    }

    /// The paths that git tracks, in byte order.
    pub fn tracked(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, tracked)| *tracked).map(|(path, _)| &**path)
    }

    /// Whether a commit holds the file or the next one may: in a repository what git tracks, elsewhere every file.
    pub fn is_committed(&self, path: &str) -> bool {
        let at = self.files.binary_search_by(|(have, _)| (**have).cmp(path));
        at.is_ok_and(|at| !self.is_repository || self.files.get(at).is_some_and(|(_, tracked)| *tracked))
    }

    /// Env files and private keys that are tracked or would be, in byte order, each with its first line.
    pub fn key_files(&self) -> impl Iterator<Item = (&Span, KeyFile)> {
        self.key_files.iter().map(|(span, kind)| (span, *kind))
    }

    /// Why it is not known what git tracks, although it is a repository.
    pub fn untold(&self) -> Option<&str> {
        self.untold.as_deref()
    }

    /// Whether there is a file at this path.
    pub fn has(&self, path: &str) -> bool {
        self.files.binary_search_by(|(have, _)| (**have).cmp(path)).is_ok()
    }

    /// What a file is for.
    pub fn role(&self, path: &str) -> Role {
        self.roles.get(path).copied().unwrap_or_else(|| role_of_path(path))
    }

    /// Whether it runs in production, or makes what does: neither test, mock, example, docs, committed dependency,
    /// build output, generated code, tool set-up nor developer script.
    pub fn is_production(&self, path: &str) -> bool {
        self.role(path) == Role::Production
    }
}

impl Facet for Tree {
    fn read(facts: &Facts) -> Self {
        let entries: Vec<_> = facts.snapshot.entries().collect();
        let files = entries.iter().map(|(path, entry)| ((*path).clone(), entry.tracked)).collect();
        let told = entries.par_iter().filter_map(|(path, entry)| {
            let by_path = role_of_path(path);
            // Vendored and built code is weightier than anything its text could add.
            let by_text = match &entry.content {
                Content::Text(blob) if is_source(path) => role_of_text(path, blob.text().as_bytes()),
                Content::Generated => Some(Role::Generated),
                _ => None,
            };
            by_text.filter(|by_text| *by_text < by_path).map(|role| ((*path).clone(), role))
        });
        let key_files = entries.iter().filter_map(|(path, entry)| {
            let kind = key_files::key_file(path, &entry.content)?;
            let span = match &entry.content {
                Content::Text(blob) => blob.line(1),
                // Nothing but its being there counts.
                _ => Blob::new((*path).clone(), "").line(1),
            };
            Some((span, kind))
        });
        let key_files = key_files.collect();
        let (is_repository, untold) = (facts.snapshot.is_repository, facts.snapshot.untold.clone());
        Self { files, roles: told.collect(), key_files, is_repository, untold }
    }
}
