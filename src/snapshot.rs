//! The repository as it was gathered: frozen, and all that the judgement may look at.
//!
//! Paths below `@github/`, `@live/` and `@tools/` hold what came from outside the tree, so that a run can be
//! saved, replayed and tested from one text. A folder of the tree that has such a name cannot pose as it.

use crate::evidence::Blob;
use crate::secret::Hit;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// What is known of one path.
#[derive(Debug, Clone)]
pub struct Entry {
    pub content: Content,
    /// Git tracks it. False for a file of the work tree that is neither tracked nor ignored.
    pub tracked: bool,
    pub executable: bool,
}

/// What was found at a path.
#[derive(Debug, Clone)]
pub enum Content {
    /// Kept, since something may want to read it.
    Text(Arc<Blob>),
    /// Read, and of no interest to any store of facts.
    Unwanted,
    /// The same, and its text says that a program wrote it.
    Generated,
    Binary,
    /// Above the size that is kept; in bytes.
    TooLarge(u64),
    /// A symbolic link, with its target as written. Links are not followed.
    Link(String),
    /// Another repository (a git link).
    Submodule,
    /// The reason why it could not be read.
    Unreadable(String),
}

/// Decides, while the bytes of a file pass by, what is kept of it. The gather stage reads; the sieve judges what it read.
pub trait Sieve: Sync {
    /// Whether the bytes of the file at this path are of any interest.
    fn wants(&self, path: &str) -> bool;

    /// What is kept of a file. The bytes are UTF-8 without a byte order mark, or close to it.
    fn sift(&self, path: &str, bytes: &[u8]) -> Sifted;

    /// The credentials in a part of a file that is too large to be kept. Its first line has this number.
    fn part(&self, _path: &str, _bytes: &[u8], _first_line: u32) -> Vec<Hit> {
        Vec::new()
    }
}

/// What a sieve says of one file.
#[derive(Debug, Default)]
pub struct Sifted {
    /// Some store of facts may want to read the text.
    pub keep: bool,
    /// A program wrote it, by what its text says.
    pub generated: bool,
    pub hits: Vec<Hit>,
}

impl Sifted {
    /// What stands for a text that nothing wants.
    pub fn left_out(&self) -> Option<Content> {
        let unwanted = if self.generated { Content::Generated } else { Content::Unwanted };
        (!self.keep && self.hits.is_empty()).then_some(unwanted)
    }
}

/// A `.gitignore` between the top of the repository and the folder that is judged: its rules hold here too.
#[derive(Debug, Clone)]
pub struct Above {
    /// Under its path from the folder that is judged: `../.gitignore`.
    pub blob: Arc<Blob>,
    /// The folder that is judged, from where the file stands.
    pub below: String,
}

const RESERVED: [&str; 3] = ["@github/", "@live/", "@tools/"];

/// All entries, by path.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    entries: BTreeMap<Arc<str>, Entry>,
    outside: BTreeMap<Arc<str>, Entry>,
    /// The credentials found, by the file they are in.
    pub hits: BTreeMap<Arc<str>, Vec<Hit>>,
    /// The credentials were looked for as the files were read.
    pub is_sifted: bool,
    /// A git repository, so that "tracked" and "ignored" mean something.
    pub is_repository: bool,
    /// Why it is not known which files git tracks, although it is a repository.
    pub untold: Option<String>,
    /// The `.gitignore` files of the folders above the one that is judged, the nearest last.
    pub above: Vec<Above>,
    /// The commit that is judged, where it is known: 40 hexadecimal digits.
    pub head: Option<String>,
    /// What a reader should know of the reading itself, one sentence each.
    pub notes: Vec<String>,
}

impl Snapshot {
    /// The same without the files of the tree for which that does not hold.
    pub fn filtered(&self, holds: impl Fn(&str) -> bool) -> Self {
        let mut seen = self.clone();
        seen.entries.retain(|path, _| holds(path));
        seen.hits.retain(|path, _| holds(path));
        seen
    }

    /// The same as a sieve leaves it, but for the credentials.
    pub fn sieved(&self, sieve: &dyn Sieve) -> Self {
        let mut seen = self.clone();
        for (path, entry) in &mut seen.entries {
            let Content::Text(blob) = &entry.content else { continue };
            let sifted = sieve.sift(path, blob.text().as_bytes());
            if let Some(content) = sifted.left_out() {
                entry.content = content;
            }
        }
        seen
    }

    /// Adds a file of the tree.
    pub fn insert(&mut self, path: impl Into<Arc<str>>, entry: Entry) {
        self.entries.insert(path.into(), entry);
    }

    /// Adds what came from outside the tree under a reserved prefix; under any other path, a file of the tree.
    pub fn insert_text(&mut self, path: &str, text: &str) {
        let content = Content::Text(Arc::new(Blob::new(path, text)));
        let entry = Entry { content, tracked: true, executable: false };
        if RESERVED.iter().any(|prefix| path.starts_with(prefix)) {
            self.outside.insert(path.into(), entry);
        } else {
            self.insert(path, entry);
        }
    }

    /// The same for a text that may be large: it is not copied.
    pub fn insert_outside(&mut self, path: &str, text: String) {
        let content = Content::Text(Arc::new(Blob::new(path, text)));
        self.outside.insert(path.into(), Entry { content, tracked: true, executable: false });
    }

    pub fn get(&self, path: &str) -> Option<&Entry> {
        // A file of the tree that has such a name is nobody's report.
        if RESERVED.iter().any(|prefix| path.starts_with(prefix)) {
            return self.outside.get(path);
        }
        self.entries.get(path)
    }

    /// The text at a path, where it was kept.
    pub fn blob(&self, path: &str) -> Option<&Arc<Blob>> {
        match &self.get(path)?.content {
            Content::Text(blob) => Some(blob),
            _ => None,
        }
    }

    /// Every path of the tree in byte order, without what came from outside it.
    pub fn entries(&self) -> impl Iterator<Item = (&Arc<str>, &Entry)> {
        self.entries.iter()
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(path, _)| &**path)
    }

    /// Every text of the tree that was kept, in the order of paths.
    pub fn blobs(&self) -> impl Iterator<Item = &Arc<Blob>> {
        self.entries().filter_map(|(_, entry)| match &entry.content {
            Content::Text(blob) => Some(blob),
            _ => None,
        })
    }

    /// What came from outside, below a reserved prefix such as `@tools/`.
    pub fn outside<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Arc<Blob>> {
        let range = self
            .outside
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(path, _)| path.starts_with(prefix));
        range.filter_map(|(_, entry)| match &entry.content {
            Content::Text(blob) => Some(blob),
            _ => None,
        })
    }

    /// A whole repository written as one text: `-- path --` lines, each followed by that file.
    ///
    /// A path may carry marks: `-- .env [untracked] --`, `-- run.sh [executable] --`, `-- a [link b] --`,
    /// `-- logo.png [binary] --`. Text before the first such line is ignored.
    pub fn from_text(text: &str) -> Self {
        let mut snapshot = Self { is_repository: true, ..Self::default() };
        let mut open: Option<(&str, String)> = None;
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
                snapshot.close(open.replace((name.trim(), String::new())));
            } else if let Some((_, body)) = &mut open {
                body.push_str(line);
            }
        }
        snapshot.close(open);
        snapshot
    }

    fn close(&mut self, file: Option<(&str, String)>) {
        let Some((name, body)) = file else { return };
        let (path, mark) = match name.split_once(" [") {
            Some((path, mark)) => (path, mark.trim_end_matches(']')),
            None => (name, ""),
        };
        let content = match mark {
            "binary" => Content::Binary,
            "untracked" | "executable" | "" if RESERVED.iter().any(|prefix| path.starts_with(prefix)) => {
                return self.insert_text(path, &body);
            }
            _ => match mark.strip_prefix("link ") {
                Some(target) => Content::Link(target.to_owned()),
                None => Content::Text(Arc::new(Blob::new(path, body))),
            },
        };
        self.insert(path, Entry { content, tracked: mark != "untracked", executable: mark == "executable" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_repository_is_one_text() {
        let text = "about\n-- a.txt --\none\ntwo\n-- b/c [untracked] --\n-- l [link a.txt] --\n-- @live/x --\n1\n";
        let snapshot = Snapshot::from_text(text);
        assert_eq!(snapshot.paths().collect::<Vec<_>>(), ["a.txt", "b/c", "l"]);
        assert_eq!(snapshot.blob("a.txt").unwrap().text(), "one\ntwo\n");
        assert!(!snapshot.get("b/c").unwrap().tracked);
        assert!(matches!(&snapshot.get("l").unwrap().content, Content::Link(to) if to == "a.txt"));
        assert_eq!(snapshot.outside("@live/").count(), 1);
    }
}
