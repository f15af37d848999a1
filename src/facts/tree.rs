//! Which files there are, and which of them are production source.

use super::{Facet, Facts};
use std::sync::Arc;

/// The files of the repository.
#[derive(Debug, Default)]
pub struct Tree {
    tracked: Vec<Arc<str>>,
}

impl Tree {
    /// The paths that git tracks, in byte order.
    pub fn tracked(&self) -> impl Iterator<Item = &str> {
        self.tracked.iter().map(|path| &**path)
    }
}

impl Facet for Tree {
    fn read(facts: &Facts) -> Self {
        let tracked = facts.snapshot.entries().filter(|(_, entry)| entry.tracked);
        Self { tracked: tracked.map(|(path, _)| path.clone()).collect() }
    }
}
