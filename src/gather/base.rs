//! What the base branch says about the gate: its settings, its owners and its workflows, as files of one commit.
//!
//! They are read by the commit's id, from the objects of the checkout or from GitHub, and never from the work tree.

use super::git::objects::{Found, Id, Objects, hex, id};
use super::git::tree::{Leaf, Mode};
use crate::evidence::Blob;
use crate::settings::PATHS;
use crate::snapshot::{Content, Entry, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Settings, owners and workflows are far smaller.
pub const LARGEST: u64 = 1_048_576;
/// So many workflows are compared.
pub const MOST_WORKFLOWS: usize = 200;
/// Where workflows are.
const WORKFLOWS: &str = ".github/workflows";
/// Where GitHub looks for the owners of paths, in its order, and what decides how files are checked out.
const OTHERS: [&str; 5] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitattributes", "action.yml"];

/// Trees and blobs by their ids.
pub trait Source {
    /// The tree of a commit; none where it is not there.
    fn root(&self, commit: &str) -> Result<Option<Id>, String>;
    fn tree(&self, id: &Id) -> Result<Option<Vec<Leaf>>, String>;
    /// The bytes of a blob, or its size where that is too large.
    fn blob(&self, id: &Id) -> Result<Bytes, String>;
}

/// What a blob holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bytes {
    Whole(Vec<u8>),
    TooLarge(u64),
}

/// Reads them. None where the commit is not there. The folder that is judged ends with a slash, or is empty.
pub fn files(source: &dyn Source, commit: &str, below: &str, config: Option<&str>) -> Result<Option<Snapshot>, String> {
    let Some(root) = source.root(commit)? else { return Ok(None) };
    let mut reader = Reader { source, trees: BTreeMap::new(), root };
    let mut files = Snapshot::default();
    files.head = Some(commit.to_owned());
    for path in wanted(below, config) {
        if let Some(content) = reader.file(&path)? {
            insert(&mut files, path, content);
        }
    }
    for leaf in reader.folder(WORKFLOWS)?.unwrap_or_default().iter().take(MOST_WORKFLOWS) {
        let name = String::from_utf8_lossy(&leaf.name);
        if is_yaml(&name) {
            let path = format!("{WORKFLOWS}/{name}");
            let content = reader.content(&path, leaf)?;
            insert(&mut files, path, content);
        }
    }
    Ok(Some(files))
}

/// The text at a path of a commit, where there is one.
pub fn text_at(source: &dyn Source, commit: &str, path: &str) -> Result<Option<String>, String> {
    let Some(root) = source.root(commit)? else { return Ok(None) };
    let mut reader = Reader { source, trees: BTreeMap::new(), root };
    Ok(match reader.file(path)? {
        Some(Content::Text(blob)) => Some(blob.text().to_owned()),
        _ => None,
    })
}

/// The same files of a work tree, by its top. Links are not followed, whether to a file or to a folder on the way.
pub fn files_of_work_tree(top: &Path, below: &str, config: Option<&str>) -> Snapshot {
    let mut files = Snapshot::default();
    let folder = top.join(WORKFLOWS);
    let entries = is_folder(top, WORKFLOWS).then(|| folder.read_dir().ok()).flatten();
    let names = entries.into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut workflows: Vec<String> =
        names.filter(|name| is_yaml(name)).map(|name| format!("{WORKFLOWS}/{name}")).collect();
    workflows.sort();
    for path in wanted(below, config).into_iter().chain(workflows.into_iter().take(MOST_WORKFLOWS)) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Some(content) = is_folder(top, folder).then(|| work_file(top, &path)).flatten() {
            insert(&mut files, path, content);
        }
    }
    files
}

fn wanted(below: &str, config: Option<&str>) -> BTreeSet<String> {
    let settings = PATHS.iter().flat_map(|path| [(*path).to_owned(), path.replace(".yml", ".yaml")]);
    let settings = settings.map(|path| format!("{below}{path}"));
    settings.chain(OTHERS.map(str::to_owned)).chain(config.map(str::to_owned)).collect()
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

fn insert(files: &mut Snapshot, path: String, content: Content) {
    files.insert(path, Entry { content, tracked: true, executable: false });
}

/// Whether every part of the path is a folder, and none a link to one.
fn is_folder(top: &Path, path: &str) -> bool {
    let mut folder = top.to_owned();
    path.split('/').filter(|part| !part.is_empty()).all(|part| {
        folder.push(part);
        folder.symlink_metadata().is_ok_and(|found| found.is_dir())
    })
}

fn work_file(top: &Path, path: &str) -> Option<Content> {
    let file = top.join(path);
    let found = file.symlink_metadata().ok()?;
    if found.is_symlink() {
        return Some(Content::Link(file.read_link().map(|to| to.to_string_lossy().into_owned()).unwrap_or_default()));
    }
    if !found.is_file() {
        return Some(Content::Unreadable("is no file".to_owned()));
    }
    if found.len() > LARGEST {
        return Some(Content::TooLarge(found.len()));
    }
    Some(match std::fs::read(&file) {
        Ok(bytes) => text(path, bytes),
        Err(error) => Content::Unreadable(super::read::reason(&error)),
    })
}

fn text(path: &str, bytes: Vec<u8>) -> Content {
    match String::from_utf8(bytes) {
        Ok(text) => Content::Text(Arc::new(Blob::new(path, text))),
        Err(_) => Content::Unreadable("is not written in UTF-8".to_owned()),
    }
}

struct Reader<'a> {
    source: &'a dyn Source,
    root: Id,
    trees: BTreeMap<Id, Vec<Leaf>>,
}

impl Reader<'_> {
    fn file(&mut self, path: &str) -> Result<Option<Content>, String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let leaves = self.folder(folder)?.unwrap_or_default();
        let leaf = leaves.iter().find(|leaf| leaf.name == name.as_bytes());
        leaf.map(|leaf| self.content(path, leaf)).transpose()
    }

    /// A folder's names; none where there is no such folder. A link to a folder is none.
    fn folder(&mut self, path: &str) -> Result<Option<Vec<Leaf>>, String> {
        let mut leaves = self.tree(self.root)?;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let found = leaves.iter().find(|leaf| leaf.name == part.as_bytes() && leaf.mode == Mode::Folder);
            let Some(folder) = found.map(|leaf| leaf.id) else { return Ok(None) };
            leaves = self.tree(folder)?;
        }
        Ok(Some(leaves))
    }

    fn tree(&mut self, id: Id) -> Result<Vec<Leaf>, String> {
        if let Some(leaves) = self.trees.get(&id) {
            return Ok(leaves.clone());
        }
        let leaves = self.source.tree(&id)?.ok_or_else(|| format!("the tree {} is not there", hex(&id)))?;
        self.trees.insert(id, leaves.clone());
        Ok(leaves)
    }

    fn content(&self, path: &str, leaf: &Leaf) -> Result<Content, String> {
        Ok(match leaf.mode {
            Mode::Link => Content::Link(String::new()),
            Mode::Folder | Mode::Submodule => Content::Unreadable("is no file".to_owned()),
            Mode::File | Mode::Executable => match self.source.blob(&leaf.id)? {
                Bytes::TooLarge(size) => Content::TooLarge(size),
                Bytes::Whole(bytes) if bytes.len() as u64 > LARGEST => Content::TooLarge(bytes.len() as u64),
                Bytes::Whole(bytes) => text(path, bytes),
            },
        })
    }
}

impl Source for Objects {
    fn root(&self, commit: &str) -> Result<Option<Id>, String> {
        let id = id(commit).ok_or_else(|| format!("{commit} is no commit"))?;
        Ok(self.commit(&id)?.map(|commit| commit.tree))
    }

    fn tree(&self, id: &Id) -> Result<Option<Vec<Leaf>>, String> {
        Objects::tree(self, id)
    }

    fn blob(&self, id: &Id) -> Result<Bytes, String> {
        match self.read(id)? {
            Found::Object(object) => Ok(Bytes::Whole(object.bytes.to_vec())),
            Found::TooLarge(size) => Ok(Bytes::TooLarge(size)),
            Found::Missing => Err(format!("the blob {} is not there", hex(id))),
        }
    }
}
