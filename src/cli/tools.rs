//! What `check` can be told of the project's own tools.

use crate::gather::tools::Named;
use crate::run::tools::Wish;
use crate::tools::Gate;
use clap::Args;

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
}

impl ToolArgs {
    /// The same as what a run asks for.
    pub fn wish(&self) -> Wish {
        let of = |gate: Gate, globs: &[String]| globs.iter().map(move |glob| (gate, glob.clone())).collect::<Vec<_>>();
        let named = [
            of(Gate::Coverage, &self.coverage_report),
            of(Gate::Lint, &self.lint_report),
            of(Gate::Types, &self.types_report),
        ];
        Wish { named: Named(named.concat()) }
    }
}
