//! The store of what the scan found: as the gather stage saw it, or, for a tree that is one text, scanned now.

use super::{Hit, Salt, Scanner};
use crate::evidence::{Evidence, Span};
use crate::facts::{Facet, Facts, Unread};
use crate::snapshot::Content;
use rayon::prelude::*;
use std::sync::Arc;

/// A find with its place; a file too large to keep has a path and a line only.
#[derive(Debug, Clone)]
pub struct Found {
    pub path: Arc<str>,
    pub span: Option<Span>,
    pub tracked: bool,
    pub hit: Hit,
}

/// Every secret of the tree.
#[derive(Debug, Default)]
pub struct Secrets {
    pub found: Vec<Found>,
    /// How many files were looked into.
    pub files: usize,
    unread: Vec<Unread>,
}

impl Facet for Secrets {
    fn read(facts: &Facts) -> Self {
        let snapshot = facts.snapshot;
        let days = facts.today().since(jiff::civil::Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days());
        let now = i64::from(days) * 86_400;
        let scanner = Scanner::new(Salt::default(), now);
        let entries: Vec<_> = snapshot.entries().collect();
        let found = entries.par_iter().flat_map_iter(|(path, entry)| {
            let blob = match &entry.content {
                Content::Text(blob) => Some(blob),
                _ => None,
            };
            let hits = match (snapshot.is_sifted, blob) {
                (true, _) => snapshot.hits.get(*path).cloned().unwrap_or_default(),
                (false, Some(blob)) => scanner.scan(path, blob.text().as_bytes()),
                (false, None) => Vec::new(),
            };
            let found = hits.into_iter().map(|hit| {
                let span = blob.map(|blob| blob.span(hit.range.clone()));
                Found { path: (*path).clone(), span, tracked: entry.tracked, hit }
            });
            found.collect::<Vec<_>>()
        });
        let unread = entries.iter().filter_map(|(path, entry)| match &entry.content {
            Content::Unreadable(reason) => Some(Unread(Evidence::absent([path.to_string()], reason.clone()))),
            _ => None,
        });
        Self { found: found.collect(), unread: unread.collect(), files: entries.len() }
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
