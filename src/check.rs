//! The shape of a check, and of the page that documents, explains and tests it.

use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The parts of the go-live checklist, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    Auth,
    Security,
    Errors,
    Data,
    Recovery,
    Observability,
    Performance,
    Deployment,
    Quality,
    Live,
}

impl Area {
    pub fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Security => "security",
            Self::Errors => "errors",
            Self::Data => "data",
            Self::Recovery => "recovery",
            Self::Observability => "observability",
            Self::Performance => "performance",
            Self::Deployment => "deployment",
            Self::Quality => "quality",
            Self::Live => "live",
        }
    }
}

/// One check: a question about a repository with a pure answer.
pub struct Check {
    /// The name of its file, with hyphens.
    pub id: &'static str,
    /// A sentence that is true when it passes.
    pub title: &'static str,
    pub area: Area,
    pub priority: Priority,
    /// The stores it looks into. What could not be read in one of them keeps the check from passing.
    pub reads: &'static [Store],
    /// Its page in Markdown: why, how to fix, examples that are run as tests.
    pub page: &'static str,
    pub judge: fn(&Facts) -> Outcome,
}

impl Check {
    /// The first paragraph below a heading of the page (`Why`, `Fix`), as one line.
    pub fn section(&self, heading: &str) -> String {
        let marker = format!("\n## {heading}\n");
        let Some(at) = self.page.find(&marker) else { return String::new() };
        let body = self.page[at + marker.len()..].trim_start();
        let paragraph = body.split("\n\n").next().unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
