//! One check's row, and what it points at.

use super::{Case, blocks, excerpt};
use crate::check::{Area, Check};
use crate::evidence::{Evidence, Place};
use crate::outcome::{Conclusion, Outcome, Priority};
use crate::snapshot::Snapshot;
use crate::waiver::{self, AttestationState, RowAttestation, RowWaiver, WaiverState};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;

/// One check's row.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Row {
    pub check: &'static str,
    pub area: Area,
    /// A sentence that is true when it passes.
    pub title: &'static str,
    /// The check's own priority, or the one that the settings give it.
    pub priority: Priority,
    pub outcome: Conclusion,
    /// It keeps the repository from being ready.
    pub blocks: bool,
    /// What breaks it.
    pub findings: Vec<Sighting>,
    /// What proves it, or what was seen on the way.
    pub evidence: Vec<Sighting>,
    /// Near misses and weak spots, which do not decide.
    pub advice: Vec<Sighting>,
    /// A sentence on the conclusion as a whole.
    pub remark: Option<String>,
    pub waiver: Option<RowWaiver>,
    pub attestation: Option<RowAttestation>,
    /// Why the check asks this, in a sentence or two.
    pub why: String,
    /// What to do about a failing.
    pub fix: String,
    /// The whole of the check's page up to its examples, in Markdown.
    #[serde(skip)]
    pub page: &'static str,
}

impl Row {
    /// It fails, and every finding is accepted for now.
    pub fn is_waived(&self) -> bool {
        self.waiver.as_ref().is_some_and(|waiver| waiver.state == WaiverState::Active)
    }

    /// Only a person could tell, and one did.
    pub fn is_attested(&self) -> bool {
        let accepted = self.attestation.as_ref().is_some_and(|each| each.state == AttestationState::Accepted);
        accepted && self.outcome == Conclusion::Manual
    }
}

/// One thing that is to be seen, as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sighting {
    #[serde(flatten)]
    pub place: Spot,
    /// What is to be seen there.
    pub note: String,
    /// The line, cut, and without anything that could be a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// Stays the same when the line moves.
    pub fingerprint: String,
    /// A waiver accepts it for now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// The base branch has it too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    /// It lies in a line that the change touches.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
    /// Stands for the text of the line, wherever it moves.
    #[serde(skip)]
    pub anchor: Option<u64>,
}

/// Where something is, or where it was looked for in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Spot {
    At {
        /// Relative to the root, with `/` between the parts.
        path: String,
        line: u32,
        end_line: u32,
        /// In characters, from 1.
        column: u32,
    },
    Nowhere {
        /// The paths or globs where it was looked for in vain.
        looked_in: Vec<String>,
        /// A file that exists, for reports that must hang everything on one.
        near: Option<String>,
    },
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At { path, line, .. } => write!(f, "{path}:{line}"),
            Self::Nowhere { looked_in, .. } => write!(f, "absent [{}]", looked_in.join(", ")),
        }
    }
}

/// Makes the row of one outcome; the numbers of the waivers that match it are added to `matched`.
pub(super) fn row(case: Case, check: &'static Check, outcome: Outcome, matched: &mut Vec<usize>) -> Row {
    let waived = waiver::waive(case.settings, case.today, check.id, &outcome);
    matched.extend(waived.matched);
    let mut scribe = Scribe { case, subject: check.id, seen: HashMap::new() };
    let mut findings = scribe.all(outcome.findings);
    findings.iter_mut().zip(waived.accepted).for_each(|(finding, accepted)| finding.waived = accepted);
    let mut row = Row {
        check: check.id,
        area: check.area,
        title: check.title,
        priority: case.settings.priority_of(check.id).unwrap_or(check.priority),
        outcome: outcome.conclusion,
        blocks: false,
        findings,
        evidence: scribe.all(outcome.evidence),
        advice: scribe.all(outcome.advice),
        remark: outcome.remark,
        waiver: waived.note,
        attestation: waiver::attest(case.settings, case.today, check.id, outcome.conclusion),
        why: check.section("Why"),
        fix: check.section("Fix"),
        page: check.page.split("\n## Examples").next().unwrap_or_default(),
    };
    row.blocks = blocks(&row, case.settings);
    row
}

/// What is to be seen beside the rows.
pub(super) fn sightings(case: Case, subject: &str, list: Vec<Evidence>) -> Vec<Sighting> {
    Scribe { case, subject, seen: HashMap::new() }.all(list)
}

struct Scribe<'a> {
    case: Case<'a>,
    subject: &'a str,
    /// How often a place was named, for the ordinal in its fingerprint.
    seen: HashMap<String, u32>,
}

impl Scribe<'_> {
    fn all(&mut self, list: Vec<Evidence>) -> Vec<Sighting> {
        list.into_iter().map(|evidence| self.one(evidence)).collect()
    }

    fn one(&mut self, evidence: Evidence) -> Sighting {
        let key = match &evidence.place {
            Place::At(span) => format!("{}\n{}\n{:016x}", self.subject, span.path(), span.anchor()),
            Place::Nowhere(looked_in) => format!("{}\n{}\n{}", self.subject, looked_in.join("\n"), evidence.note),
        };
        let fingerprint = self.fingerprint(key);
        let anchor = evidence.span().map(crate::evidence::Span::anchor);
        let excerpt = match &evidence.place {
            Place::At(span) => excerpt::of(span, self.case.snapshot),
            Place::Nowhere(_) => None,
        };
        let place = match evidence.place {
            Place::At(span) => Spot::At {
                path: span.path().to_owned(),
                line: span.line(),
                end_line: span.end_line(),
                column: span.column(),
            },
            Place::Nowhere(looked_in) => {
                let near = near(&looked_in, self.case.snapshot);
                Spot::Nowhere { looked_in, near }
            }
        };
        Sighting {
            place,
            note: evidence.note,
            excerpt,
            fingerprint,
            waived: false,
            known: false,
            changed: false,
            anchor,
        }
    }

    /// Check, path, the text of the line, and which of several alike: no line number, so that it survives a move.
    fn fingerprint(&mut self, key: String) -> String {
        let ordinal = *self.seen.entry(key.clone()).and_modify(|count| *count += 1).or_insert(0);
        let digest = Sha256::digest(format!("{key}\n{ordinal}"));
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Files that stay, in the order in which an absence hangs on them.
const STAYING: [&str; 8] =
    ["README.md", "README.rst", "README", "package.json", "pyproject.toml", "go.mod", "pom.xml", ".gitignore"];

/// Where it should be, if that is a file that exists; else a file that is sure to stay from run to run.
fn near(looked_in: &[String], snapshot: &Snapshot) -> Option<String> {
    let candidates = looked_in.iter().map(String::as_str).chain(STAYING);
    let found = candidates.filter(|path| !path.starts_with('@')).find(|path| snapshot.get(path).is_some());
    found.or_else(|| snapshot.paths().next()).map(str::to_owned)
}
