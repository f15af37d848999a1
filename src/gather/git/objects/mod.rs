//! Git's objects, read without the `git` program: loose and packed, each held to its own name.
//!
//! What a pull request may not decide is read from here by the id that the event gives. An object whose bytes do not
//! hash to its id is no object, so nothing that was put into the folder by hand can pose as the base branch.

mod delta;
mod pack;

use flate2::read::ZlibDecoder;
use gix_index::hash::{Kind as HashKind, hasher};
use pack::Pack;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of an object: the SHA-1 of what it is and holds.
pub type Id = [u8; 20];

/// No object that is read here is larger; trees of the largest repositories have a few megabytes.
const LARGEST: u64 = 64 << 20;
/// Object folders that name other object folders are followed so far.
const MAX_ALTERNATES: usize = 8;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag].into_iter().find(|kind| kind.word() == word)
    }
}

/// One object.
#[derive(Debug, Clone)]
pub struct Object {
    pub kind: Kind,
    pub bytes: Arc<Vec<u8>>,
}

/// What was found under an id.
#[derive(Debug, Clone)]
pub enum Found {
    Object(Object),
    /// A blob above what is read, with its size.
    TooLarge(u64),
    Missing,
}

/// All objects of one repository.
#[derive(Debug)]
pub struct Objects {
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
}

impl Objects {
    /// The objects below a repository's shared folder.
    pub fn open(shared: &Path) -> Self {
        let mut folders = vec![shared.join("objects")];
        let mut next = 0;
        while let Some(folder) = folders.get(next).cloned().filter(|_| folders.len() < MAX_ALTERNATES) {
            let text = super::small_text(&folder.join("info/alternates")).unwrap_or_default();
            let named = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            folders.extend(named.map(|line| folder.join(line)));
            next += 1;
        }
        let packs = folders.iter().flat_map(|folder| pack::all(&folder.join("pack"))).collect();
        Self { folders, packs }
    }

    /// The object of that id. The error says why it cannot be read.
    pub fn read(&self, id: &Id) -> Result<Found, String> {
        let found = match self.loose(id)? {
            Found::Missing => self.packed(id)?,
            found => found,
        };
        match &found {
            Found::Object(object) if !is_named(object, id) => {
                Err(format!("the object {} is not what its name says", hex(id)))
            }
            _ => Ok(found),
        }
    }

    fn loose(&self, id: &Id) -> Result<Found, String> {
        let name = hex(id);
        let (first, rest) = name.split_at(2);
        for folder in &self.folders {
            let Ok(file) = File::open(folder.join(first).join(rest)) else { continue };
            return inflate(file).map_err(|error| format!("the object {name} is broken: {error}"));
        }
        Ok(Found::Missing)
    }

    fn packed(&self, id: &Id) -> Result<Found, String> {
        for pack in &self.packs {
            if let Some(offset) = pack.find(id) {
                return pack.object(offset).map_err(|error| format!("the object {} is broken: {error}", hex(id)));
            }
        }
        Ok(Found::Missing)
    }
}

/// A loose object: `kind size`, a zero byte, the content; all of it deflated.
fn inflate(file: File) -> Result<Found, String> {
    let mut decoder = ZlibDecoder::new(file);
    let mut head = Vec::new();
    loop {
        let mut byte = [0];
        decoder.read_exact(&mut byte).map_err(|error| error.to_string())?;
        match byte {
            [0] => break,
            _ if head.len() > 32 => return Err("it has no head".to_owned()),
            [byte] => head.push(byte),
        }
    }
    let head = String::from_utf8(head).map_err(|_| "it has no head")?;
    let (word, size) = head.split_once(' ').ok_or("it has no head")?;
    let (kind, size) = (Kind::of(word).ok_or("its kind is not known")?, size.parse().map_err(|_| "it has no size")?);
    if size > LARGEST {
        return Ok(Found::TooLarge(size));
    }
    let mut bytes = Vec::new();
    decoder.take(size + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(Found::Object(Object { kind, bytes: Arc::new(bytes) }))
}

/// Its bytes hash to its id.
fn is_named(object: &Object, id: &Id) -> bool {
    let mut hash = hasher(HashKind::Sha1);
    hash.update(format!("{} {}\0", object.kind.word(), object.bytes.len()).as_bytes());
    hash.update(&object.bytes);
    hash.try_finalize().is_ok_and(|made| made.as_slice() == id)
}

/// An id from its 40 hexadecimal digits.
pub fn id(text: &str) -> Option<Id> {
    let digits = text.as_bytes();
    let mut id = [0; 20];
    if digits.len() != 40 {
        return None;
    }
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(id)
}

/// The 40 hexadecimal digits of an id.
pub fn hex(id: &Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
