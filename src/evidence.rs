//! What a report can point at: a place in a file of the repository, and what is to be seen there.
//!
//! Only a [`Blob`] makes a [`Span`], so nothing can name a line that does not exist.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The text of one file, with its path relative to the root of the repository (`/` between the parts).
#[derive(Debug)]
pub struct Blob {
    path: Arc<str>,
    text: Box<str>,
    line_starts: OnceLock<Vec<u32>>,
}

impl Blob {
    /// A file's text under its path. Offsets are kept in 32 bits: the gather stage keeps no file of 4 GiB.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Box<str>>) -> Self {
        Self { path: path.into(), text: text.into(), line_starts: OnceLock::new() }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path, to be kept without copying.
    pub fn shared_path(&self) -> &Arc<str> {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte range. A range beyond the end is cut to the end, so the result always exists.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.floor(range.start);
        let end = self.floor(range.end.max(range.start)).max(start);
        let line = self.line_at(start);
        // A range that ends with its line's newline ends on that line, not on the next one.
        let last = if end > start { self.line_at(end - 1) } else { line };
        let line_start = self.starts()[line] as usize;
        Span {
            path: self.path.clone(),
            line: line as u32 + 1,
            end_line: last as u32 + 1,
            column: self.text[line_start..start].chars().count() as u32 + 1,
            anchor: anchor(self.line_text(line)),
        }
    }

    /// A whole line by its number, which starts at 1; the nearest existing line where there is none.
    pub fn line(&self, number: u32) -> Span {
        let index = (number.max(1) as usize - 1).min(self.starts().len() - 1);
        let start = self.starts()[index] as usize;
        self.span(start..start + self.line_text(index).len())
    }

    /// The lines that hold something, with their numbers from 1 and without their line ends.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index as u32 + 1, line))
    }

    /// The byte offset at which a line (numbered from 1) starts, cut to the end of the text.
    pub fn offset_of_line(&self, number: u32) -> usize {
        let index = number.max(1) as usize - 1;
        self.starts().get(index).map_or(self.text.len(), |&start| start as usize)
    }

    fn starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let newlines = memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at as u32 + 1);
            let mut starts: Vec<u32> = std::iter::once(0).chain(newlines).collect();
            // The empty rest after a final newline is no line.
            if starts.len() > 1 && starts.last() == Some(&(self.text.len() as u32)) {
                starts.pop();
            }
            starts
        })
    }

    fn line_at(&self, offset: usize) -> usize {
        self.starts().partition_point(|&start| start as usize <= offset) - 1
    }

    fn line_text(&self, index: usize) -> &str {
        let starts = self.starts();
        let end = starts.get(index + 1).map_or(self.text.len(), |&next| next as usize);
        self.text[starts[index] as usize..end].trim_end_matches(['\n', '\r'])
    }

    fn floor(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset.min(self.text.len()))
    }
}

/// A place in a file: lines and column count from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    path: Arc<str>,
    line: u32,
    end_line: u32,
    column: u32,
    anchor: u64,
}

impl Span {
    pub fn path(&self) -> &str {
        &self.path
    }
    pub fn line(&self) -> u32 {
        self.line
    }
    pub fn end_line(&self) -> u32 {
        self.end_line
    }
    pub fn column(&self) -> u32 {
        self.column
    }
    /// A number that stands for the text of the first line, blanks folded: it survives when the line moves.
    pub fn anchor(&self) -> u64 {
        self.anchor
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// FNV-1a over the line without its blanks: stable across versions of Rust and of this program.
fn anchor(line: &str) -> u64 {
    let letters = line.bytes().filter(|byte| !byte.is_ascii_whitespace());
    letters.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Where something is, or where it was looked for in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    At(Span),
    /// Paths or globs that were searched, in the order of the search.
    Nowhere(Vec<String>),
}

/// One thing that is to be seen: the place, and a note in lower case without a full stop or advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub place: Place,
    pub note: String,
}

impl Evidence {
    pub fn at(span: Span, note: impl Into<String>) -> Self {
        Self { place: Place::At(span), note: note.into() }
    }

    /// Something that is missing, with the places where it was looked for.
    pub fn absent<S: Into<String>>(looked_in: impl IntoIterator<Item = S>, note: impl Into<String>) -> Self {
        Self { place: Place::Nowhere(looked_in.into_iter().map(Into::into).collect()), note: note.into() }
    }

    pub fn span(&self) -> Option<&Span> {
        match &self.place {
            Place::At(span) => Some(span),
            Place::Nowhere(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_lines_and_characters_from_one() {
        let blob = Blob::new("a.txt", "één\n  two\nthree\n");
        assert_eq!((blob.span(0..1).line(), blob.span(0..1).column()), (1, 1));
        let two = blob.span(8..11);
        assert_eq!((two.line(), two.column(), two.end_line()), (2, 3, 2));
        assert_eq!(blob.span(8..12).end_line(), 2, "the newline belongs to its line");
        assert_eq!(blob.span(8..14).end_line(), 3);
        assert_eq!(blob.span(900..1000).line(), 3);
        assert_eq!(blob.line(2).anchor(), Blob::new("b", "x\n\ttwo ").line(2).anchor());
        assert_eq!(Blob::new("empty", "").line(7).line(), 1);
    }
}
