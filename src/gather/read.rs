//! One file: read once, sifted as it is read, and kept only where something wants it.

use super::large;
use crate::evidence::Blob;
use crate::secret::Hit;
use crate::snapshot::{Content, Sieve};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

/// The largest text that is kept. Sources and manifests are far smaller; what is larger was generated.
pub const KEPT_BYTES: u64 = 4 << 20;
/// How much of a file decides whether it is text, as git does it.
const BINARY_PROBE: usize = 8000;

/// What came of reading one file.
pub struct Reading {
    pub content: Content,
    pub executable: bool,
    pub hits: Vec<Hit>,
    /// Something about the reading that is worth a note.
    pub note: Option<String>,
}

impl Reading {
    pub fn of(content: Content) -> Self {
        Self { content, executable: false, hits: Vec::new(), note: None }
    }
}

/// Reads a regular file. The buffer is the thread's own, to be used again for the next file.
pub fn read(file: &Path, path: &Arc<str>, sieve: &dyn Sieve, buffer: &mut Vec<u8>) -> Reading {
    match bytes_of(file, buffer) {
        Ok(Bytes::Whole(kind)) => {
            let executable = kind.permissions().mode() & 0o100 != 0;
            Reading { executable, ..sifted(path, sieve, buffer) }
        }
        Ok(Bytes::TooMany(large, size)) => match large::hits(large, path, sieve, buffer) {
            Ok(hits) => Reading { hits, ..Reading::of(Content::TooLarge(size)) },
            Err(error) => Reading::of(Content::Unreadable(reason(&error))),
        },
        Ok(Bytes::None(reason)) => Reading::of(Content::Unreadable(reason.to_owned())),
        Err(error) => Reading::of(Content::Unreadable(reason(&error))),
    }
}

/// The text of a file that is wanted for its lines alone.
pub fn text(file: &Path, path: &Arc<str>, buffer: &mut Vec<u8>) -> Content {
    match bytes_of(file, buffer) {
        Ok(Bytes::Whole(_)) => match std::str::from_utf8(buffer) {
            Ok(text) => text_of(path, text.to_owned()),
            Err(_) => Content::Unwanted,
        },
        _ => Content::Unwanted,
    }
}

/// Why the system would not hand out a file, in words without numbers.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "it vanished while the tree was read".to_owned(),
        _ => error.to_string(),
    }
}

enum Bytes {
    Whole(Metadata),
    TooMany(File, u64),
    None(&'static str),
}

fn bytes_of(path: &Path, buffer: &mut Vec<u8>) -> io::Result<Bytes> {
    // What was a file when the folder was listed may have become a link or a pipe since: neither is followed or waited for.
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let before = file.metadata()?;
    if !before.is_file() {
        return Ok(Bytes::None("it is no regular file"));
    }
    if before.len() > KEPT_BYTES {
        return Ok(Bytes::TooMany(file, before.len()));
    }
    buffer.clear();
    read_at_most(&mut file, before.len(), buffer)?;
    let after = file.metadata()?;
    let is_same =
        (before.len(), before.mtime(), before.mtime_nsec()) == (after.len(), after.mtime(), after.mtime_nsec());
    let is_whole = buffer.len() as u64 == before.len();
    Ok(if is_same && is_whole { Bytes::Whole(before) } else { Bytes::None("it changed while it was read") })
}

/// One byte more than the file is said to have is asked for, so that growth is seen and the end needs no second call.
fn read_at_most(file: &mut File, size: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.reserve(size as usize + 1);
    file.take(size + 1).read_to_end(buffer).map(|_| ())
}

/// What is kept of the bytes of a file.
pub fn sifted(path: &Arc<str>, sieve: &dyn Sieve, bytes: &[u8]) -> Reading {
    let (encoding, body) = encoding_of(bytes);
    if encoding != UTF_8 {
        if path.ends_with(".gitignore") {
            let note = format!("{path} is written in UTF-16: git finds no pattern in it");
            return Reading { note: Some(note), ..Reading::of(Content::Binary) };
        }
        let (text, has_errors) = encoding.decode_without_bom_handling(body);
        return kept(path, sieve, text.into_owned(), has_errors.then_some("is not valid UTF-16"));
    }
    if memchr::memchr(0, &body[..body.len().min(BINARY_PROBE)]).is_some() {
        return Reading::of(Content::Binary);
    }
    let sifted = sieve.sift(path, body);
    if let Some(content) = sifted.left_out() {
        return Reading::of(content);
    }
    match std::str::from_utf8(body) {
        Ok(text) => Reading { hits: sifted.hits, ..Reading::of(text_of(path, text.to_owned())) },
        Err(_) => kept(path, sieve, String::from_utf8_lossy(body).into_owned(), Some("is not valid UTF-8")),
    }
}

/// A text that had to be decoded, sifted as it is kept: the offsets are those of the text that others see.
fn kept(path: &Arc<str>, sieve: &dyn Sieve, text: String, flaw: Option<&str>) -> Reading {
    let sifted = sieve.sift(path, text.as_bytes());
    if let Some(content) = sifted.left_out() {
        return Reading::of(content);
    }
    let note = flaw.map(|flaw| format!("{path} {flaw}; unreadable characters were replaced"));
    Reading { content: text_of(path, text), executable: false, hits: sifted.hits, note }
}

fn text_of(path: &Arc<str>, text: String) -> Content {
    Content::Text(Arc::new(Blob::new(path.clone(), text)))
}

/// The encoding by its byte order mark, and what follows the mark.
fn encoding_of(bytes: &[u8]) -> (&'static Encoding, &[u8]) {
    match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE => {
            (encoding, bytes.get(mark..).unwrap_or_default())
        }
        _ => (UTF_8, bytes),
    }
}
