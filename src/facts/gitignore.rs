//! What git would ignore, by the `.gitignore` files of the tree and git's own rules of precedence.

use super::{Facet, Facts};
use crate::evidence::{Blob, Span};
use ignore::Match;
use ignore::gitignore::{Gitignore as Rules, GitignoreBuilder};
use std::sync::Arc;

/// The `.gitignore` files that hold for the tree.
#[derive(Debug, Default)]
pub struct Gitignore {
    /// Deepest folder first, as git asks them; those above the tree last.
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    blob: Arc<Blob>,
    rules: Rules,
    /// Where it stands: a folder of the tree with its `/`, or, of a file above the tree, the way down to the tree.
    stands: Stands,
}

#[derive(Debug)]
enum Stands {
    In(String),
    Above(String),
}

/// What git makes of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The line that makes git ignore it.
    Ignored(Span),
    /// The line that takes back what an earlier one ignores.
    TakenBack(Span),
    /// No line matches it.
    Unmatched,
}

impl Gitignore {
    /// The paths of the `.gitignore` files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.blob.path())
    }

    /// The line that makes git ignore a file at this path; none where no line does or a later one takes it back.
    pub fn ignoring(&self, path: &str) -> Option<Span> {
        match self.fate(path) {
            Fate::Ignored(span) => Some(span),
            Fate::TakenBack(_) | Fate::Unmatched => None,
        }
    }

    /// What git makes of a file at this path.
    pub fn fate(&self, path: &str) -> Fate {
        // A file below an ignored folder is ignored whatever a deeper rule says.
        let folders = path.match_indices('/').map(|(at, _)| self.matching(&path[..at], true));
        let above = folders.filter(|fate| matches!(fate, Fate::Ignored(_)));
        above.chain([self.matching(path, false)]).next().unwrap_or(Fate::Unmatched)
    }

    /// The lines, comments aside, that hold a text, in the files that hold for a folder (empty for the root).
    pub fn lines_with(&self, text: &str, folder: &str) -> Vec<Span> {
        let applies = |file: &&File| match &file.stands {
            Stands::In(own) => own.is_empty() || format!("{folder}/").starts_with(own.as_str()),
            Stands::Above(_) => true,
        };
        let files = self.files.iter().filter(applies);
        let lines = files.flat_map(|file| {
            let holds = |line: &str| !line.starts_with(['#', '!']) && line.contains(text);
            file.blob.lines().filter(move |(_, line)| holds(line)).map(|(number, _)| file.blob.line(number))
        });
        lines.collect()
    }

    fn matching(&self, path: &str, is_folder: bool) -> Fate {
        for file in &self.files {
            let joined;
            let below = match &file.stands {
                Stands::In(folder) => match path.strip_prefix(folder.as_str()) {
                    Some(below) => below,
                    None => continue,
                },
                Stands::Above(way) => {
                    joined = format!("{way}/{path}");
                    &joined
                }
            };
            match file.rules.matched(below, is_folder) {
                Match::Ignore(glob) => return Fate::Ignored(line_of(&file.blob, glob.original())),
                Match::Whitelist(glob) => return Fate::TakenBack(line_of(&file.blob, glob.original())),
                Match::None => {}
            }
        }
        Fate::Unmatched
    }
}

/// The last line that holds the pattern: of equal patterns the last one decides.
fn line_of(blob: &Blob, pattern: &str) -> Span {
    let lines: Vec<_> = blob.lines().filter(|(_, line)| line.trim_end() == pattern.trim_end()).collect();
    blob.line(lines.last().map_or(1, |(number, _)| *number))
}

fn rules_of(blob: &Blob) -> Rules {
    let mut rules = GitignoreBuilder::new("");
    for (_, line) in blob.lines() {
        // A pattern that is no valid glob matches nothing, in git as here.
        let _ = rules.add_line(None, line);
    }
    rules.build().unwrap_or_else(|_| Rules::empty())
}

impl Facet for Gitignore {
    fn read(facts: &Facts) -> Self {
        let own = facts.snapshot.blobs().filter_map(|blob| {
            let folder = blob.path().strip_suffix(".gitignore").filter(|way| way.is_empty() || way.ends_with('/'))?;
            Some(File { blob: blob.clone(), rules: rules_of(blob), stands: Stands::In(folder.to_owned()) })
        });
        let mut files: Vec<File> = own.collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.blob.path().matches('/').count()));
        files.extend(facts.snapshot.above.iter().rev().map(|above| File {
            blob: above.blob.clone(),
            rules: rules_of(&above.blob),
            stands: Stands::Above(above.below.clone()),
        }));
        Self { files }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::snapshot::{Above, Snapshot};

    #[test]
    fn the_nearest_file_decides_and_those_above_the_tree_hold_too() {
        let mut snapshot = Snapshot::from_text("-- .gitignore --\n*.pem\n-- a/.gitignore --\n!test.pem\n/.env\n");
        let blob = Arc::new(Blob::new("../.gitignore", "*.key\n/sub/only.txt\n!a.pem\n"));
        snapshot.above.push(Above { blob, below: "sub".to_owned() });
        let (settings, today) = (Settings::default(), jiff::civil::date(2026, 11, 1));
        let rules = <Gitignore as Facet>::read(&Facts::new(&snapshot, &settings, today));
        let told = |path: &str| match rules.fate(path) {
            Fate::Ignored(span) => format!("ignored {span}"),
            Fate::TakenBack(span) => format!("taken back {span}"),
            Fate::Unmatched => "unmatched".to_owned(),
        };
        assert_eq!(told("x/server.key"), "ignored ../.gitignore:1");
        assert_eq!(told("only.txt"), "ignored ../.gitignore:2");
        assert_eq!(told("a.pem"), "ignored .gitignore:1");
        assert_eq!(told("a/test.pem"), "taken back a/.gitignore:1");
        assert_eq!(told("a/.env"), "ignored a/.gitignore:2");
        assert_eq!(told("a/b/.env"), "unmatched");
    }
}
