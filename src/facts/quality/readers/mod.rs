//! The reports of linters and type checkers, each format into the same findings.

mod json;
mod json_more;
mod sarif;
mod text;
mod xml;

use crate::evidence::{Blob, Evidence};
use std::sync::Arc;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// One finding, as the report has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    pub path: String,
    /// From 1; 0 where the finding is about the whole file.
    pub line: u32,
    pub column: u32,
    pub severity: Severity,
    pub rule: String,
    pub message: String,
    /// The line of the report.
    pub at: u32,
}

/// What one report says.
#[derive(Debug, Default)]
pub struct Found {
    pub tool: &'static str,
    pub raws: Vec<Raw>,
    /// Files that it looked at and found nothing in, where it names them.
    pub files: Vec<String>,
    /// How many errors it says it has.
    pub stated_errors: Option<usize>,
}

/// No report of one run has more findings than this.
const MOST: usize = 100_000;

/// Reads a report of any format. What a command has printed may be no report at all.
pub fn read(blob: &Arc<Blob>, is_output: bool) -> Result<Found, Evidence> {
    let text = blob.text().trim_start_matches('\u{feff}').trim_start();
    let mut found = match text.as_bytes().first() {
        None => return Err(Evidence::at(blob.line(1), "it is empty")),
        Some(b'<') => xml::read(blob)?,
        Some(b'{' | b'[') if text::is_lines_of_json(text) => text::mypy_lines(blob)?,
        Some(b'{' | b'[') => json::read(blob)?,
        Some(_) => text::read(blob, is_output)?,
    };
    found.raws.truncate(MOST);
    Ok(found)
}

#[cfg(test)]
mod tests;
