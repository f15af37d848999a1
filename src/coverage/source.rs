//! The bytes of a report as they come in: lines of a bounded length, counted newlines, tokens that end.

use super::Flaw;
use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// No line of a report by lines is longer.
const LONGEST_LINE: usize = 64 << 10;
/// No name, number or tag of a report is longer than what may come without this much punctuation.
const LONGEST_TOKEN: usize = 4 << 20;

/// The beginning of what comes, without taking it.
pub fn head(input: &mut dyn BufRead) -> Result<Vec<u8>, Flaw> {
    let found = input.fill_buf().map_err(|error| Flaw::new(1, error.to_string()))?;
    Ok(found.get(..found.len().min(8192)).unwrap_or_default().to_vec())
}

/// The lines of a text, each with its number from 1 and without its end.
pub struct Lines<'a> {
    input: &'a mut dyn BufRead,
    line: Vec<u8>,
    number: u64,
}

impl<'a> Lines<'a> {
    pub fn new(input: &'a mut dyn BufRead) -> Self {
        Self { input, line: Vec::with_capacity(256), number: 0 }
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line; None at the end.
    pub fn next(&mut self) -> Result<Option<&[u8]>, Flaw> {
        self.line.clear();
        self.number += 1;
        loop {
            let found = self.input.fill_buf().map_err(|error| Flaw::new(self.number, error.to_string()))?;
            if found.is_empty() {
                return Ok((!self.line.is_empty()).then(|| trimmed(&self.line)));
            }
            let (part, taken) = match memchr::memchr(b'\n', found) {
                Some(at) => (found.get(..at).unwrap_or_default(), at + 1),
                None => (found, found.len()),
            };
            if self.line.len() + part.len() > LONGEST_LINE {
                return Err(Flaw::new(self.number, "the line is longer than any of a report"));
            }
            self.line.extend_from_slice(part);
            let is_whole = taken > part.len();
            self.input.consume(taken);
            if is_whole {
                return Ok(Some(trimmed(&self.line)));
            }
        }
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

/// An input that counts its lines as they are taken, and refuses a token without end.
pub struct Counted<'a> {
    input: &'a mut dyn BufRead,
    line: Rc<Cell<u64>>,
    /// A byte that no token is without for long: `"` of JSON, `<` of XML.
    mark: u8,
    since_mark: usize,
}

impl<'a> Counted<'a> {
    /// The input and the number of the line that it is at.
    pub fn new(input: &'a mut dyn BufRead, mark: u8) -> (Self, Rc<Cell<u64>>) {
        let line = Rc::new(Cell::new(1));
        (Self { input, line: line.clone(), mark, since_mark: 0 }, line)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since_mark > LONGEST_TOKEN {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a name or number without end"));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // Asking again for what was just handed out reads nothing.
        if let Some(taken) = self.input.fill_buf().ok().and_then(|found| found.get(..amount)) {
            let lines = memchr::memchr_iter(b'\n', taken).count() as u64;
            self.line.set(self.line.get() + lines);
            self.since_mark = match memchr::memrchr(self.mark, taken) {
                Some(at) => amount - at,
                None => self.since_mark + amount,
            };
        }
        self.input.consume(amount);
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let found = self.fill_buf()?;
        let count = found.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), found.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}
