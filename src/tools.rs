//! The record of what was gathered of the project's own tools: which reports there are, and which commands were run.
//!
//! It stands in the snapshot beside the reports themselves: the gather stage writes it, the facts read it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where the record stands.
pub const PATH: &str = "@tools/record";

/// The three gates that the project's own tools decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    Coverage,
    Lint,
    Types,
}

impl Gate {
    pub const ALL: [Self; 3] = [Self::Coverage, Self::Lint, Self::Types];

    pub fn word(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Lint => "lint",
            Self::Types => "types",
        }
    }

    /// Where the snapshot keeps this gate's reports.
    pub fn prefix(self) -> String {
        format!("@tools/{}/", self.word())
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How a report came to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It lies where its tool puts it.
    #[default]
    Found,
    /// A flag, an input or the settings name it.
    Named,
    /// A command of this very run made it.
    Ran,
}

/// The record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Record {
    /// The folder that was read, as absolute paths in reports may name it.
    pub root: String,
    pub reports: Vec<Filed>,
    /// Files of the tree that are newer than the oldest report, with their time.
    pub newer: Vec<(String, f64)>,
    /// Paths that a report names and that exist, although git does not track them.
    pub elsewhere: Vec<String>,
    /// Named reports that are not there.
    pub missing: Vec<(Gate, String)>,
    pub runs: Vec<Run>,
}

/// One report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Filed {
    pub gate: Gate,
    /// Relative to the root, or absolute where it is named so.
    pub path: String,
    #[serde(default)]
    pub origin: Origin,
    /// When it was last written, in seconds since 1970.
    #[serde(default)]
    pub modified: f64,
    /// Git tracks it: it was committed, and nothing says what it measured.
    #[serde(default)]
    pub tracked: bool,
    /// The command whose output it is, and how that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// Why its text is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl Filed {
    pub fn new(gate: Gate, path: impl Into<String>, origin: Origin) -> Self {
        let path = path.into();
        Self { gate, path, origin, modified: 0.0, tracked: false, command: None, ended: None, trouble: None }
    }

    /// Where its text stands in the snapshot.
    pub fn entry(&self) -> String {
        format!("{}{}", self.gate.prefix(), self.path.trim_start_matches('/'))
    }
}

/// One command that was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    pub gate: Gate,
    /// As a person would type it.
    pub command: String,
    pub folder: String,
    pub ended: Ended,
    pub seconds: f64,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    Code(i32),
    Signal(i32),
    TooLong,
    TooMuchOutput,
    /// The program is not here.
    NotFound,
    Failed(String),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "ended with {code}"),
            Self::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Self::TooLong => f.write_str("took too long"),
            Self::TooMuchOutput => f.write_str("wrote too much"),
            Self::NotFound => f.write_str("is not here"),
            Self::Failed(reason) => write!(f, "could not be started: {reason}"),
        }
    }
}

impl Record {
    /// As the snapshot keeps it.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// What `to_text` wrote.
    pub fn from_text(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    pub fn of(&self, gate: Gate) -> impl Iterator<Item = &Filed> {
        self.reports.iter().filter(move |filed| filed.gate == gate)
    }
}
