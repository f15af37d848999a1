//! What `check` can be told of the project's own tools.

use crate::gather::tools::Named;
use crate::run::tools::Wish;
use crate::settings::Settings;
use crate::tools::Gate;
use anstream::ColorChoice;
use anyhow::Result;
use clap::Args;
use std::path::Path;

/// Reports of the project's own tools.
#[derive(Debug, Clone, Default, Args)]
pub struct ToolArgs {
    /// A report of coverage, or a glob of several (repeatable, or separated by commas). Default: where tools put them.
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    coverage_report: Vec<String>,
    /// A report of a linter, or a glob of several.
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    lint_report: Vec<String>,
    /// A report of a type checker, or a glob of several.
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    types_report: Vec<String>,
    /// Run the project's own commands for these gates (see `tools`), and read what they say.
    #[arg(long, value_name = "GATES", value_enum, value_delimiter = ',', num_args = 0..=1, require_equals = true,
          default_missing_value = "coverage,lint,types")]
    run_tools: Vec<Gate>,
}

impl ToolArgs {
    /// Whether commands of the repository are run.
    pub fn runs(&self) -> bool {
        !self.run_tools.is_empty()
    }

    /// The same as what a run asks for.
    pub fn wish(&self) -> Wish {
        let of = |gate: Gate, globs: &[String]| globs.iter().map(move |glob| (gate, glob.clone())).collect::<Vec<_>>();
        let named = [
            of(Gate::Coverage, &self.coverage_report),
            of(Gate::Lint, &self.lint_report),
            of(Gate::Types, &self.types_report),
        ];
        Wish { named: Named(named.concat()), run: self.run_tools.clone() }
    }
}

/// Prints what would be run for each gate, and why.
pub fn list(path: &Path, settings: &Settings, colour: ColorChoice) -> Result<u8> {
    let snapshot = crate::run::gather(path, settings)?;
    let mut text = String::new();
    for gate in Gate::ALL {
        let plans = crate::run::tools::plans(&snapshot, settings, gate);
        text.push_str(&format!("{gate}\n"));
        if plans.is_empty() {
            text.push_str("  nothing: no command for it was found\n");
        }
        for plan in plans {
            let folder = if plan.folder.is_empty() { String::new() } else { format!(" in {}", plan.folder) };
            text.push_str(&format!("  {}{folder}\n    {} ({})\n", plan.command(), plan.why, plan.span));
            if let Some(report) = &plan.report {
                text.push_str(&format!("    report: {report}\n"));
            }
        }
    }
    super::output::print(&crate::gather::tools::run::shown(&text), colour)
}

/// A signal ends what runs before it ends the gate.
pub fn heed_signals() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _guard = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        });
        crate::gather::tools::run::cancel();
        std::process::exit(130);
    });
    Ok(())
}
