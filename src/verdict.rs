//! The decision: one row a check, and whether the repository is ready. The JSON report is this, serialised.

use crate::check::{Area, Check};
use crate::evidence::{Evidence, Place};
use crate::outcome::{Conclusion, Outcome, Priority};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// The version of the report's shape. It changes when a reader of the old one would be misled.
pub const SCHEMA: u32 = 1;

/// What a report is made from.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Verdict {
    pub schema: u32,
    pub verdict: Decision,
    pub counts: Counts,
    pub integration: Integration,
    pub shape: Vec<String>,
    pub rows: Vec<Row>,
    /// Files that a check had to read and could not.
    pub unread: Vec<Sighting>,
}

/// Whether the repository may go live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Ready,
    NotReady,
    /// Nothing fails that would block, but something that had to be read could not be.
    Unknown,
}

/// How many rows came to each conclusion.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    pub pass: usize,
    pub fail: usize,
    pub manual: usize,
    pub not_applicable: usize,
    pub error: usize,
}

/// What the repository integrates with, and what shows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Integration {
    pub kind: String,
    pub evidence: Vec<Sighting>,
}

/// One check's row.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Row {
    pub check: &'static str,
    pub area: Area,
    pub title: &'static str,
    pub priority: Priority,
    pub outcome: Conclusion,
    pub findings: Vec<Sighting>,
    pub evidence: Vec<Sighting>,
    pub advice: Vec<Sighting>,
    pub remark: Option<String>,
}

/// One thing that is to be seen, as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sighting {
    #[serde(flatten)]
    pub place: Spot,
    pub note: String,
    /// Stays the same when the line moves.
    pub fingerprint: String,
}

/// Where something is, or where it was looked for in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Spot {
    At { path: String, line: u32, end_line: u32, column: u32 },
    Nowhere { looked_in: Vec<String> },
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At { path, line, .. } => write!(f, "{path}:{line}"),
            Self::Nowhere { looked_in } => write!(f, "absent [{}]", looked_in.join(", ")),
        }
    }
}

/// Makes the verdict of what the checks concluded.
pub fn decide(rulings: Vec<(&'static Check, Outcome)>) -> Verdict {
    let rows: Vec<Row> = rulings.into_iter().map(|(check, outcome)| row(check, outcome)).collect();
    let blocks = rows.iter().any(|row| row.outcome == Conclusion::Fail && row.priority == Priority::P0);
    let unknown = rows.iter().any(|row| row.outcome == Conclusion::Error);
    let verdict = match (blocks, unknown) {
        (true, _) => Decision::NotReady,
        (false, true) => Decision::Unknown,
        (false, false) => Decision::Ready,
    };
    let integration = Integration { kind: "generic".to_owned(), evidence: Vec::new() };
    Verdict { schema: SCHEMA, verdict, counts: count(&rows), integration, shape: Vec::new(), rows, unread: Vec::new() }
}

fn count(rows: &[Row]) -> Counts {
    let mut counts = Counts::default();
    for row in rows {
        match row.outcome {
            Conclusion::Pass => counts.pass += 1,
            Conclusion::Fail => counts.fail += 1,
            Conclusion::Manual => counts.manual += 1,
            Conclusion::NotApplicable => counts.not_applicable += 1,
            Conclusion::Error => counts.error += 1,
        }
    }
    counts
}

fn row(check: &'static Check, outcome: Outcome) -> Row {
    let mut seen = BTreeMap::new();
    let mut all = |list: Vec<Evidence>| list.into_iter().map(|each| sighting(check.id, each, &mut seen)).collect();
    Row {
        check: check.id,
        area: check.area,
        title: check.title,
        priority: check.priority,
        outcome: outcome.conclusion,
        findings: all(outcome.findings),
        evidence: all(outcome.evidence),
        advice: all(outcome.advice),
        remark: outcome.remark,
    }
}

fn sighting(check: &str, evidence: Evidence, seen: &mut BTreeMap<String, u32>) -> Sighting {
    let key = match &evidence.place {
        Place::At(span) => format!("{check}\n{}\n{:016x}", span.path(), span.anchor()),
        Place::Nowhere(looked_in) => format!("{check}\n{}\n{}", looked_in.join("\n"), evidence.note),
    };
    let ordinal = seen.entry(key.clone()).and_modify(|n| *n += 1).or_insert(0);
    let fingerprint = format!("{key}\n{ordinal}").replace('\n', ":");
    let place = match evidence.place {
        Place::At(span) => Spot::At {
            path: span.path().to_owned(),
            line: span.line(),
            end_line: span.end_line(),
            column: span.column(),
        },
        Place::Nowhere(looked_in) => Spot::Nowhere { looked_in },
    };
    Sighting { place, note: evidence.note, fingerprint }
}
