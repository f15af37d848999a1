//! The decision: one row a check, and whether the repository is ready. The JSON report is this, serialised.

mod changed;
mod excerpt;
mod proposed;
mod ratchet;
mod row;

pub use changed::Changed;
pub use proposed::{Proposal, UnderIt};
pub use ratchet::Trend;
pub use row::{Row, Sighting, Spot};

use crate::check::Check;
use crate::outcome::{Conclusion, Outcome};
use crate::settings::{FailOn, IntegrationKind, ManualPolicy, Settings, Shape};
use crate::snapshot::Snapshot;
use crate::transcript::Transcript;
use crate::waiver::{self, AttestationState, Notice, WaiverState};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

/// The version of the report's shape. It changes when a reader of the old one would be misled.
pub const SCHEMA: u32 = 1;

/// Report of mx-prod-gate: what a repository's go-live hangs on, check by check.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Verdict {
    /// The version of this shape.
    pub schema: u32,
    pub tool: Tool,
    /// The day of the judgement.
    #[schemars(with = "String", extend("format" = "date"))]
    pub date: Date,
    /// The commit that was judged, where it is known.
    pub commit: Option<String>,
    pub verdict: Decision,
    /// The lowest priority whose failing blocks.
    pub fail_on: FailOn,
    pub counts: Counts,
    pub integration: Integration,
    /// What the parts of the repository are.
    pub shape: Vec<Shape>,
    pub rows: Vec<Row>,
    /// What became of the project's waivers and attestations, where somebody should look.
    pub notices: Vec<Notice>,
    /// Files that a check had to read and could not.
    pub unread: Vec<Sighting>,
    /// What the judgement could not take into account, as sentences.
    pub limits: Vec<String>,
    /// The checks that were left out, and by whom.
    pub left_out: Vec<LeftOut>,
    /// What the live run asked and heard, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Transcript>,
    /// What the change would alter about the gate, where it is a proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// What the change does to the findings, where there is something to hold it against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
}

/// The program that judged.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
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

impl Decision {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not-ready",
            Self::Unknown => "unknown",
        }
    }

    /// What the process says with its exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ready => 0,
            Self::NotReady => 1,
            Self::Unknown => 2,
        }
    }
}

/// How many rows came to each conclusion, and what lies over them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    pub pass: usize,
    pub fail: usize,
    pub manual: usize,
    pub not_applicable: usize,
    pub error: usize,
    /// Rows that keep the repository from being ready.
    pub blocking: usize,
    /// Failing rows whose every finding is accepted.
    pub waived: usize,
    /// Manual rows for which a person vouches.
    pub attested: usize,
}

/// What the repository integrates with, and what shows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Integration {
    pub kind: IntegrationKind,
    /// The settings say so, whatever the code shows.
    pub by_settings: bool,
    pub evidence: Vec<Sighting>,
}

/// A check that was left out.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LeftOut {
    pub check: &'static str,
    pub by: LeftOutBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutBy {
    Settings,
    /// A flag of this run (`--only`, `--skip`).
    Flag,
}

/// What the facts say of the repository as a whole.
#[derive(Debug, Default)]
pub struct Repository {
    pub integration: IntegrationKind,
    pub shows: Vec<crate::evidence::Evidence>,
    pub shape: Vec<Shape>,
    pub unread: Vec<crate::evidence::Evidence>,
}

/// What a run is judged with.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub snapshot: &'a Snapshot,
    pub settings: &'a Settings,
    pub today: Date,
}

impl Verdict {
    /// The same seen from a folder above: every path begins with that prefix, which ends with a slash.
    pub fn below(mut self, prefix: &str) -> Self {
        if prefix.is_empty() {
            return self;
        }
        let lists = |row: &mut Row| [&mut row.findings, &mut row.evidence, &mut row.advice].map(std::mem::take);
        for row in &mut self.rows {
            let [findings, evidence, advice] = lists(row).map(|list| below(list, prefix));
            (row.findings, row.evidence, row.advice) = (findings, evidence, advice);
        }
        self.integration.evidence = below(self.integration.evidence, prefix);
        self.unread = below(self.unread, prefix);
        for notice in self.notices.iter_mut().filter(|notice| !notice.path.is_empty()) {
            notice.path.insert_str(0, prefix);
        }
        self
    }
}

fn below(mut list: Vec<Sighting>, prefix: &str) -> Vec<Sighting> {
    for seen in &mut list {
        match &mut seen.place {
            // What came from outside the tree is below no folder.
            Spot::At { path, .. } if !path.starts_with('@') => path.insert_str(0, prefix),
            Spot::Nowhere { near: Some(near), .. } => near.insert_str(0, prefix),
            _ => {}
        }
    }
    list
}

/// Makes the verdict of what the checks concluded.
pub fn decide(
    case: Case,
    repository: Repository,
    rulings: Vec<(&'static Check, Outcome)>,
    left_out: Vec<LeftOut>,
) -> Verdict {
    let mut matched = Vec::new();
    let rows: Vec<Row> =
        rulings.into_iter().map(|(check, outcome)| row::row(case, check, outcome, &mut matched)).collect();
    let concluded = |check: &str| rows.iter().find(|row| row.check == check).map(|row| row.outcome);
    let notices = waiver::notices(case.settings, case.today, &matched, &concluded);
    let integration = Integration {
        kind: repository.integration,
        by_settings: case.settings.integration.is_some(),
        evidence: row::sightings(case, "integration", repository.shows),
    };
    Verdict {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        date: case.today,
        commit: case.snapshot.head.clone(),
        verdict: decision_of(&rows, case.settings.fail_on),
        fail_on: case.settings.fail_on,
        counts: count(&rows),
        integration,
        shape: repository.shape,
        rows,
        notices,
        unread: row::sightings(case, "unread", repository.unread),
        limits: limits(case),
        left_out,
        live: None,
        proposal: None,
        trend: None,
    }
}

fn limits(case: Case) -> Vec<String> {
    let ignored = case.snapshot.paths().filter(|path| case.settings.ignores(path)).count();
    let told = match ignored {
        0 => None,
        1 => Some("1 file is not judged, since the settings ignore it".to_owned()),
        _ => Some(format!("{ignored} files are not judged, since the settings ignore them")),
    };
    case.snapshot.notes.iter().cloned().chain(told).collect()
}

/// A row that blocks decides. An unread row of any priority keeps the answer open, unless nothing may block at all:
/// a gate that says ready of what it could not read would be trusted once.
fn decision_of(rows: &[Row], fail_on: FailOn) -> Decision {
    let has_error = rows.iter().any(|row| row.outcome == Conclusion::Error);
    if rows.iter().any(|row| row.blocks) {
        Decision::NotReady
    } else if has_error && fail_on != FailOn::Never {
        Decision::Unknown
    } else {
        Decision::Ready
    }
}

/// Whether a row keeps the repository from being ready.
fn blocks(row: &Row, settings: &Settings) -> bool {
    let is_waived = row.waiver.as_ref().is_some_and(|waiver| waiver.state == WaiverState::Active);
    let is_attested = row.attestation.as_ref().is_some_and(|each| each.state == AttestationState::Accepted);
    let stands = match row.outcome {
        Conclusion::Fail => !is_waived,
        Conclusion::Manual => settings.manual == ManualPolicy::Block && !is_attested,
        Conclusion::Pass | Conclusion::NotApplicable | Conclusion::Error => false,
    };
    stands && settings.fail_on.blocks(row.priority)
}

fn count(rows: &[Row]) -> Counts {
    let of = |conclusion: Conclusion| rows.iter().filter(|row| row.outcome == conclusion).count();
    Counts {
        pass: of(Conclusion::Pass),
        fail: of(Conclusion::Fail),
        manual: of(Conclusion::Manual),
        not_applicable: of(Conclusion::NotApplicable),
        error: of(Conclusion::Error),
        blocking: rows.iter().filter(|row| row.blocks).count(),
        waived: rows.iter().filter(|row| row.is_waived()).count(),
        attested: rows.iter().filter(|row| row.is_attested()).count(),
    }
}
