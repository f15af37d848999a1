//! The inputs about the project's own tools.

use crate::gather::runner::Runner;
use crate::gather::tools::Named;
use crate::run::{self, tools::Wish};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::tools::Gate;
use anyhow::Result;
use std::path::Path;

/// The inputs that name reports.
const REPORTS: [(Gate, &str); 3] =
    [(Gate::Coverage, "coverage-report"), (Gate::Lint, "lint-report"), (Gate::Types, "types-report")];

/// Reads a folder, with the reports that the inputs name.
pub fn gathered(runner: &Runner, root: &Path, settings: &Settings) -> Result<Snapshot> {
    let mut snapshot = run::gather(root, settings)?;
    let named = REPORTS
        .into_iter()
        .flat_map(|(gate, input)| super::words(runner.input(input)).into_iter().map(move |glob| (gate, glob)));
    let wish = Wish { named: Named(named.collect()) };
    run::tools::add(root, settings, &wish, &mut snapshot)?;
    Ok(snapshot)
}
