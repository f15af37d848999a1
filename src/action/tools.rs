//! The inputs about the project's own tools.

use crate::gather::runner::Runner;
use crate::gather::tools::Named;
use crate::run::{self, tools::Wish};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::tools::Gate;
use anyhow::{Result, bail};
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
    let wish = Wish { named: Named(named.collect()), run: gates(runner.input("run-tools"))? };
    run::tools::add(root, settings, &wish, &mut snapshot)?;
    Ok(snapshot)
}

/// The gates whose commands are run: `auto` for all of them.
fn gates(input: &str) -> Result<Vec<Gate>> {
    if matches!(input, "" | "off" | "false") {
        return Ok(Vec::new());
    }
    if matches!(input, "auto" | "true") {
        return Ok(Gate::ALL.to_vec());
    }
    let known = |word: &String| Gate::ALL.into_iter().find(|gate| gate.word() == word);
    let words = super::words(input);
    match words.iter().map(known).collect() {
        Some(gates) => Ok(gates),
        None => bail!("the input run-tools is `{input}`: allowed are auto, off, coverage, lint, types"),
    }
}
