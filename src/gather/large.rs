//! A file that is too large to be kept: looked through for secrets in parts that overlap, in bounded memory.

use crate::secret::Hit;
use crate::snapshot::Sieve;
use std::io::{self, Read};

const PART: usize = 1 << 20;
/// No secret is longer, so each lies whole in one part at least.
const OVERLAP: usize = 20 << 10;
/// More finds in one file than anybody will read.
const MOST: usize = 1000;

/// The secrets of a text. A binary file has none.
pub fn hits(mut file: impl Read, path: &str, sieve: &dyn Sieve, buffer: &mut Vec<u8>) -> io::Result<Vec<Hit>> {
    let (mut found, mut first_line) = (Vec::new(), 1u32);
    buffer.clear();
    loop {
        let missing = PART.saturating_sub(buffer.len()) as u64;
        let is_last = (&mut file).take(missing).read_to_end(buffer)? < missing as usize;
        if first_line == 1 && found.is_empty() && memchr::memchr(0, buffer.get(..8000).unwrap_or(buffer)).is_some() {
            return Ok(found);
        }
        let cut = if is_last { buffer.len() } else { buffer.len().saturating_sub(OVERLAP) };
        let hits = sieve.part(path, buffer, first_line);
        found.extend(hits.into_iter().filter(|hit| is_last || hit.range.start < cut));
        if is_last || found.len() > MOST {
            return Ok(found);
        }
        let lines = memchr::memchr_iter(b'\n', buffer.get(..cut).unwrap_or_default()).count();
        first_line = first_line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        buffer.drain(..cut);
    }
}
