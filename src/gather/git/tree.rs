//! Commits and trees: what a commit holds, by path.

use super::objects::{self, Found, Id, Kind, Objects};

/// What a tree has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub mode: Mode,
    /// In bytes, as git keeps it.
    pub name: Vec<u8>,
    pub id: Id,
}

/// What kind of thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Folder,
    File,
    Executable,
    Link,
    Submodule,
}

impl Mode {
    /// By the octal digits that trees and the API write.
    pub fn of(digits: &str) -> Option<Self> {
        Some(match digits {
            "40000" | "040000" => Self::Folder,
            "100755" => Self::Executable,
            "120000" => Self::Link,
            "160000" => Self::Submodule,
            // Old repositories have 100664.
            _ if digits.starts_with("100") => Self::File,
            _ => return None,
        })
    }
}

/// A commit: its tree, and what it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    pub tree: Id,
    pub parents: Vec<Id>,
}

impl Objects {
    /// The commit of that id, where it is there.
    pub fn commit(&self, id: &Id) -> Result<Option<Commit>, String> {
        match self.read(id)? {
            Found::Object(object) if object.kind == Kind::Commit => {
                commit(&object.bytes).map(Some).ok_or_else(|| format!("the commit {} is broken", objects::hex(id)))
            }
            Found::Missing => Ok(None),
            _ => Err(format!("{} is no commit", objects::hex(id))),
        }
    }

    /// The names in the tree of that id, where it is there.
    pub fn tree(&self, id: &Id) -> Result<Option<Vec<Leaf>>, String> {
        match self.read(id)? {
            Found::Object(object) if object.kind == Kind::Tree => {
                leaves(&object.bytes).map(Some).ok_or_else(|| format!("the tree {} is broken", objects::hex(id)))
            }
            Found::Missing => Ok(None),
            _ => Err(format!("{} is no tree", objects::hex(id))),
        }
    }
}

fn commit(bytes: &[u8]) -> Option<Commit> {
    let mut lines = bytes.split(|&byte| byte == b'\n').map_while(|line| std::str::from_utf8(line).ok());
    let tree = objects::id(lines.next()?.strip_prefix("tree ")?)?;
    let parents = lines.map_while(|line| objects::id(line.strip_prefix("parent ")?)).collect();
    Some(Commit { tree, parents })
}

fn leaves(mut bytes: &[u8]) -> Option<Vec<Leaf>> {
    let mut leaves = Vec::new();
    while !bytes.is_empty() {
        let blank = memchr::memchr(b' ', bytes)?;
        let zero = memchr::memchr(0, bytes)?;
        let mode = Mode::of(std::str::from_utf8(bytes.get(..blank)?).ok()?)?;
        let name = bytes.get(blank + 1..zero)?.to_vec();
        let id: Id = bytes.get(zero + 1..zero + 21)?.try_into().ok()?;
        leaves.push(Leaf { mode, name, id });
        bytes = bytes.get(zero + 21..)?;
    }
    Some(leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_fail(bytes in any::<Vec<u8>>()) {
            let _ = (commit(&bytes), leaves(&bytes));
        }
    }
}
