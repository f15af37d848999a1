//! The reports of the project's own tools: found, or made by running its commands where that was asked for.

use crate::gather::tools::{self, Named};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use anyhow::Result;
use std::path::Path;

/// What a run asks of the project's own tools.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Reports by gate.
    pub named: Named,
}

/// Adds the reports to the snapshot.
pub fn add(path: &Path, settings: &Settings, wish: &Wish, snapshot: &mut Snapshot) -> Result<()> {
    tools::gather(path, settings, &wish.named, snapshot);
    Ok(())
}
