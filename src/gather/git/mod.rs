//! A git repository's own files, read without the `git` program: where it is, what it tracks, which commit is out.

mod head;
mod index;
pub mod objects;
pub mod tree;

use std::path::{Path, PathBuf};

pub use index::{Tracked, TrackedKind};
use objects::Objects;

/// The repository that a folder belongs to.
#[derive(Debug)]
pub struct Repository {
    /// The top of the work tree.
    pub top: PathBuf,
    /// What belongs to this work tree: `HEAD`, `index`.
    own: PathBuf,
    /// What all work trees share: `config`, `refs`, `packed-refs`. The same folder but for linked work trees.
    shared: PathBuf,
}

impl Repository {
    /// The repository of the nearest folder at or above this one that has a `.git`.
    pub fn discover(folder: &Path) -> Option<Self> {
        folder.ancestors().find_map(Self::at)
    }

    fn at(top: &Path) -> Option<Self> {
        let own = git_folder(&top.join(".git"))?;
        let shared = shared_folder(&own);
        // A folder that happens to be called `.git` is no repository.
        let is_real = own.join("HEAD").symlink_metadata().is_ok() && shared.join("objects").is_dir();
        is_real.then(|| Self { top: top.to_owned(), own, shared })
    }

    /// The commit that is checked out.
    pub fn head(&self) -> Option<String> {
        head::commit(&self.own, &self.shared)
    }

    /// What was ever committed and is still here.
    pub fn objects(&self) -> Objects {
        Objects::open(&self.shared)
    }

    /// Every path that git tracks, or the reason why that cannot be told.
    pub fn tracked(&self) -> Result<Vec<Tracked>, String> {
        index::read(&self.own, &self.shared)
    }
}

/// `.git` is the folder itself, or a file that names it (linked work trees, submodules).
fn git_folder(dot_git: &Path) -> Option<PathBuf> {
    let kind = dot_git.metadata().ok()?;
    if kind.is_dir() {
        return Some(dot_git.to_owned());
    }
    let text = small_text(dot_git)?;
    let target = Path::new(text.strip_prefix("gitdir:")?.trim());
    // `join` keeps an absolute target as it is.
    Some(dot_git.parent()?.join(target)).filter(|folder| folder.is_dir())
}

fn shared_folder(own: &Path) -> PathBuf {
    match small_text(&own.join("commondir")) {
        Some(text) => own.join(text.trim()),
        None => own.to_owned(),
    }
}

/// The text of one of git's own small files; none where it is missing, is no file or is far too large.
fn small_text(path: &Path) -> Option<String> {
    const LIMIT: u64 = 64 << 20;
    let kind = path.metadata().ok()?;
    if !kind.is_file() || kind.len() > LIMIT {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
