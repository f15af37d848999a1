//! What a check concludes, and the small words that make such a conclusion.

use crate::evidence::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The five conclusions. A waiver or an attestation lies over one of them and is none itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// It holds, and a line shows it.
    Pass,
    /// It does not hold.
    Fail,
    /// The repository cannot show it: a person must attest.
    Manual,
    /// The question does not arise here.
    NotApplicable,
    /// Something that had to be read could not be.
    Error,
}

impl Conclusion {
    pub const ALL: [Self; 5] = [Self::Pass, Self::Fail, Self::Manual, Self::NotApplicable, Self::Error];

    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Manual => "manual",
            Self::NotApplicable => "not-applicable",
            Self::Error => "error",
        }
    }
}

/// How much a failing weighs. `P0` blocks a merge unless the settings say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Priority {
    P0,
    P1,
    P2,
}

impl Priority {
    pub fn word(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
        }
    }
}

/// A conclusion with what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub conclusion: Conclusion,
    /// What breaks it. Only a failing has any.
    pub findings: Vec<Evidence>,
    /// What proves it, or what was seen on the way to the conclusion.
    pub evidence: Vec<Evidence>,
    /// What does not count but is worth knowing: near misses and weak spots.
    pub advice: Vec<Evidence>,
    /// One sentence on the conclusion as a whole: a reason, a limit, what was assumed.
    pub remark: Option<String>,
}

impl Outcome {
    fn new(conclusion: Conclusion) -> Self {
        Self { conclusion, findings: Vec::new(), evidence: Vec::new(), advice: Vec::new(), remark: None }
    }

    /// It holds; a pass without evidence is a bug, which `judge` turns into an error.
    pub fn pass(evidence: impl IntoIterator<Item = Evidence>) -> Self {
        Self { evidence: evidence.into_iter().collect(), ..Self::new(Conclusion::Pass) }
    }

    /// It does not hold, for each of these findings.
    pub fn fail(findings: impl IntoIterator<Item = Evidence>) -> Self {
        Self { findings: findings.into_iter().collect(), ..Self::new(Conclusion::Fail) }
    }

    /// Only a person can tell; the evidence says what was seen so far.
    pub fn manual(reason: impl Into<String>, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        let outcome = Self::new(Conclusion::Manual);
        Self { evidence: evidence.into_iter().collect(), remark: Some(reason.into()), ..outcome }
    }

    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self { remark: Some(reason.into()), ..Self::new(Conclusion::NotApplicable) }
    }

    pub fn error(reason: impl Into<String>) -> Self {
        Self { remark: Some(reason.into()), ..Self::new(Conclusion::Error) }
    }

    /// Adds what else was seen, beside what decides.
    pub fn with_evidence(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// Adds near misses and weak spots that do not decide.
    pub fn with_advice(mut self, advice: impl IntoIterator<Item = Evidence>) -> Self {
        self.advice.extend(advice);
        self
    }

    pub fn with_remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = Some(remark.into());
        self
    }
}
