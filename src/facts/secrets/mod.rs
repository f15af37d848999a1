//! Finds secrets in the bytes of a file: candidates, judgement, redaction. What leaves this module holds no secret.

mod assign;
mod catalogue;
mod checksum;
mod files;
mod generic;
mod header;
mod jwt;
mod keys;
mod letters;
mod name;
mod pem;
mod redact;
mod runs;
mod scan;
mod shape;
mod url;
mod value;
mod words;

pub use redact::Salt;
pub use scan::Scanner;

use serde::Serialize;
use std::borrow::Cow;

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

/// A secret that was found: where, what kind, how sure, and never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Lines and columns count from 1, the column in characters.
    pub line: u32,
    pub column: u32,
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
}

/// Where one takes a secret of this rule back, and where its form is documented.
pub fn revocation(rule: &str) -> Option<(&'static str, &'static str)> {
    let catalogue = catalogue::Catalogue::get();
    let pattern = catalogue.patterns.iter().find(|pattern| pattern.id == rule)?;
    Some((pattern.provider.revoke, pattern.provider.source))
}
