//! The files that reports are about: their text is kept, so that each finding has its line.

use crate::gather::read;
use crate::snapshot::{Content, Snapshot};
use crate::tools::{Gate, Record};
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// More files than this are not read for their lines.
const MOST: usize = 2_000;

/// Reads the files that no store of facts wanted and that a report of a linter or type checker names.
pub fn keep(root: &Path, record: &Record, snapshot: &mut Snapshot) {
    let unwanted: Vec<Arc<str>> = snapshot
        .entries()
        .filter(|(_, entry)| matches!(entry.content, Content::Unwanted))
        .map(|(path, _)| path.clone())
        .collect();
    let names: Vec<&str> = unwanted.iter().map(|path| path.rsplit('/').next().unwrap_or(path)).collect();
    let Ok(finder) = AhoCorasick::new(&names) else { return };
    let mut mentioned: BTreeSet<usize> = BTreeSet::new();
    for filed in record.reports.iter().filter(|filed| filed.gate != Gate::Coverage) {
        let Some(blob) = snapshot.blob(&filed.entry()) else { continue };
        mentioned.extend(finder.find_overlapping_iter(blob.text()).map(|found| found.pattern().as_usize()));
    }
    let mut buffer = Vec::new();
    for path in mentioned.into_iter().take(MOST).filter_map(|at| unwanted.get(at)) {
        let Some(mut entry) = snapshot.get(path).cloned() else { continue };
        entry.content = read::text(&root.join(&**path), path, &mut buffer);
        snapshot.insert(path.clone(), entry);
    }
}
