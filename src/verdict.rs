//! The decision: one row a check, and whether the repository is ready. The JSON report is this, serialised.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::outcome::{Conclusion, Outcome, Priority};

/// What a report is made from.
#[derive(Debug)]
pub struct Verdict {
    pub rows: Vec<Row>,
}

/// One check's row.
#[derive(Debug)]
pub struct Row {
    pub check: &'static str,
    pub area: Area,
    pub title: &'static str,
    pub priority: Priority,
    pub outcome: Conclusion,
    pub findings: Vec<Evidence>,
    pub evidence: Vec<Evidence>,
    pub advice: Vec<Evidence>,
    pub remark: Option<String>,
}

/// Makes the verdict of what the checks concluded.
pub fn decide(rulings: Vec<(&'static Check, Outcome)>) -> Verdict {
    let rows = rulings.into_iter().map(|(check, outcome)| Row {
        check: check.id,
        area: check.area,
        title: check.title,
        priority: check.priority,
        outcome: outcome.conclusion,
        findings: outcome.findings,
        evidence: outcome.evidence,
        advice: outcome.advice,
        remark: outcome.remark,
    });
    Verdict { rows: rows.collect() }
}
