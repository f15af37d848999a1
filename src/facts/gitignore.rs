//! What git would ignore, by the `.gitignore` files of the tree and git's own rules of precedence.

use super::{Facet, Facts};
use crate::evidence::{Blob, Span};
use ignore::Match;
use ignore::gitignore::{Gitignore as Rules, GitignoreBuilder};
use std::sync::Arc;

/// The `.gitignore` files of the tree.
#[derive(Debug, Default)]
pub struct Gitignore {
    /// Deepest folder first, as git asks them.
    files: Vec<(Arc<Blob>, Rules)>,
}

impl Gitignore {
    /// The paths of the `.gitignore` files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(blob, _)| blob.path())
    }

    /// The line that makes git ignore a file at this path; none where no line does or a later one takes it back.
    pub fn ignoring(&self, path: &str) -> Option<Span> {
        // A file below an ignored folder is ignored whatever a deeper rule says.
        let folders = path.match_indices('/').map(|(at, _)| (&path[..at], true));
        folders.chain([(path, false)]).find_map(|(path, is_folder)| self.matching(path, is_folder))
    }

    fn matching(&self, path: &str, is_folder: bool) -> Option<Span> {
        for (blob, rules) in &self.files {
            let folder = blob.path().strip_suffix(".gitignore").unwrap_or_default();
            let Some(below) = path.strip_prefix(folder) else { continue };
            match rules.matched(below, is_folder) {
                Match::Ignore(glob) => return line_of(blob, glob.original()),
                Match::Whitelist(_) => return None,
                Match::None => {}
            }
        }
        None
    }
}

/// The last line that holds the pattern: of equal patterns the last one decides.
fn line_of(blob: &Blob, pattern: &str) -> Option<Span> {
    let lines: Vec<_> = blob.lines().filter(|(_, line)| line.trim_end() == pattern.trim_end()).collect();
    lines.last().map(|(number, _)| blob.line(*number))
}

impl Facet for Gitignore {
    fn read(facts: &Facts) -> Self {
        let mut files: Vec<_> = (facts.snapshot.blobs())
            .filter(|blob| blob.path() == ".gitignore" || blob.path().ends_with("/.gitignore"))
            .map(|blob| {
                let mut rules = GitignoreBuilder::new("");
                for (_, line) in blob.lines() {
                    // A pattern that is no valid glob matches nothing, in git as here.
                    let _ = rules.add_line(None, line);
                }
                (blob.clone(), rules.build().unwrap_or_else(|_| Rules::empty()))
            })
            .collect();
        files.sort_by_key(|(blob, _)| std::cmp::Reverse(blob.path().matches('/').count()));
        Self { files }
    }
}
