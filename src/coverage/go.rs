//! Go's cover profile: `file:line.column,line.column statements count`.

use super::source::Lines;
use super::{Draft, FileDraft, Flaw, Format, Metric, Report, Unit};
use std::collections::BTreeMap;

/// No block of statements is longer.
const LONGEST_BLOCK: u32 = 100_000;
/// More lines than this in one profile are no profile.
const MOST_LINES: u64 = 20_000_000;

/// Reads a profile. The blocks of a file may be repeated, once for each test binary.
pub fn read(input: &mut dyn std::io::BufRead) -> Result<Report, Flaw> {
    let mut lines = Lines::new(input);
    let mut files: BTreeMap<String, FileDraft> = BTreeMap::new();
    let mut measured = 0u64;
    while let Some(line) = lines.next()? {
        let line = String::from_utf8_lossy(line).into_owned();
        if line.is_empty() || line.starts_with("mode:") {
            continue;
        }
        let read = block(&line).ok_or_else(|| format!("no block of a profile: `{}`", line.escape_debug()));
        let block = read.and_then(|block| block.checked());
        let block = block.map_err(|message| Flaw::new(lines.number(), message))?;
        measured += u64::from(block.to.0 - block.from.0) + 1;
        if measured > MOST_LINES {
            return Err(Flaw::new(lines.number(), "it measures more than any repository holds"));
        }
        let file = match files.get_mut(block.path) {
            Some(file) => file,
            None => files.entry(block.path.to_owned()).or_default(),
        };
        block.add_to(file);
    }
    let mut draft = Draft::new(Format::GoProfile);
    for (path, file) in files {
        draft.add(file.finish(path)).map_err(|message| Flaw::new(lines.number(), message))?;
    }
    Ok(draft.finish(lines.number()))
}

struct Block<'a> {
    path: &'a str,
    from: (u32, u32),
    to: (u32, u32),
    statements: u32,
    count: i64,
}

fn block(line: &str) -> Option<Block<'_>> {
    let (path, rest) = line.rsplit_once(':')?;
    let mut words = rest.split(' ');
    let (from, to) = words.next()?.split_once(',')?;
    let (statements, count) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Block { path, from: place(from)?, to: place(to)?, statements, count })
}

fn place(text: &str) -> Option<(u32, u32)> {
    let (line, column) = text.split_once('.')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

impl Block<'_> {
    fn checked(self) -> Result<Self, String> {
        if self.count < 0 {
            return Err(format!("a negative count: {}", self.count));
        }
        if self.to.0 < self.from.0 || self.to.0 - self.from.0 > LONGEST_BLOCK {
            return Err(format!("a block from line {} to line {}", self.from.0, self.to.0));
        }
        Ok(self)
    }

    fn add_to(&self, file: &mut FileDraft) {
        let hit = self.count > 0;
        let key = super::key(&format!("{}.{}.{}", self.from.1, self.to.0, self.to.1)).max(1);
        file.add(Metric::Statements, Unit { line: self.from.0, key, weight: self.statements, hit });
        // The line on which a block ends mostly holds its closing brace, or begins the next block.
        let last = if self.to.1 <= 2 { self.to.0.max(self.from.0 + 1) - 1 } else { self.to.0 };
        (self.from.0..=last).for_each(|line| file.line(line, hit));
    }
}
