//! What a project decides about its coverage, lint and types gates: reports, commands and thresholds.

use super::PathGlob;
use crate::tools::Gate;
use schemars::JsonSchema;
use serde::Deserialize;

/// The gates that the project's own tools decide.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Tools {
    pub coverage: CoverageGate,
    pub lint: ToolGate,
    pub types: ToolGate,
    /// How long one command may take, such as 20m. Default: 15m.
    #[schemars(extend("pattern" = "^[0-9]+(ms|s|m|h)$"))]
    pub timeout: Option<String>,
}

/// Where coverage is read or made, and how much is enough.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CoverageGate {
    /// Globs of the reports, relative to the root. Default: where the tools put them.
    pub reports: Vec<String>,
    /// Globs of the reports of the base branch, for the difference.
    pub base_reports: Vec<String>,
    /// The command that makes them, where it is run. Default: found out.
    pub command: Option<String>,
    /// How many of the branches have to be covered, in percent. Default: 80.
    #[schemars(range(min = 0, max = 100))]
    pub branches: Option<f64>,
    /// How many of the lines, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub lines: Option<f64>,
    /// How many of the functions, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub functions: Option<f64>,
    /// How many of the statements, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub statements: Option<f64>,
    /// How many of the lines that a pull request changes, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub changed_lines: Option<f64>,
    /// Thresholds of their own for some paths.
    pub paths: Vec<PathThreshold>,
}

/// The thresholds of the files that a glob matches, all of them together.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PathThreshold {
    /// A glob of source files.
    pub path: PathGlob,
    /// In percent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub branches: Option<f64>,
    /// In percent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub lines: Option<f64>,
    /// In percent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub functions: Option<f64>,
    /// In percent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub statements: Option<f64>,
}

/// Where the findings of a tool are read or made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ToolGate {
    /// Globs of the reports, relative to the root. Default: where the tools put them.
    pub reports: Vec<String>,
    /// The command to run, where it is run. Default: found out.
    pub command: Option<String>,
    /// A project without such a tool fails. Default: false for types, true for lint.
    pub required: Option<bool>,
}

impl Tools {
    /// The globs of a gate's reports.
    pub fn reports(&self, gate: Gate) -> &[String] {
        match gate {
            Gate::Coverage => &self.coverage.reports,
            Gate::Lint => &self.lint.reports,
            Gate::Types => &self.types.reports,
        }
    }

    /// The command that a gate runs.
    pub fn command(&self, gate: Gate) -> Option<&str> {
        match gate {
            Gate::Coverage => self.coverage.command.as_deref(),
            Gate::Lint => self.lint.command.as_deref(),
            Gate::Types => self.types.command.as_deref(),
        }
    }
}
