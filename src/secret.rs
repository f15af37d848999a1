//! A secret that was found, as everything outside the scanner knows it: where, what kind, how sure, and never the secret.

use serde::Serialize;
use std::borrow::Cow;
use std::ops::Range;

/// How sure a finding is. `Low` is advice and fails nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A mark in the text that allows a finding, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allowance {
    /// `mx-prod-gate`, or the other scanner whose mark it is.
    pub by: &'static str,
    pub reason: String,
}

/// One find. Redacted: nothing outside the scanner holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Lines and columns count from 1, the column in characters.
    pub line: u32,
    pub column: u32,
    /// The pattern that matched.
    pub rule: &'static str,
    pub provider: Cow<'static, str>,
    pub what: &'static str,
    pub confidence: Confidence,
    /// At most the first four characters, and how many there were.
    pub redacted: String,
    /// Stands for the secret wherever it moves; a salted hash.
    pub fingerprint: String,
    /// What spoke for and against it.
    pub reasons: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Allowance>,
    /// The byte offsets of the place that is shown.
    #[serde(skip)]
    pub range: Range<usize>,
}
