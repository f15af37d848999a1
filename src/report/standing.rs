//! How a row stands once waivers and attestations are laid over it: the word and the mark that reports show.

use crate::outcome::Conclusion;
use crate::verdict::{Decision, Row, Sighting, Spot, Verdict};

/// How a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Blocks,
    Fails,
    Error,
    Manual,
    Waived,
    Attested,
    Passes,
    NotApplicable,
}

impl Standing {
    pub fn of(row: &Row) -> Self {
        match row.outcome {
            _ if row.blocks => Self::Blocks,
            Conclusion::Fail if row.is_waived() => Self::Waived,
            Conclusion::Fail => Self::Fails,
            Conclusion::Manual if row.is_attested() => Self::Attested,
            Conclusion::Manual => Self::Manual,
            Conclusion::Pass => Self::Passes,
            Conclusion::NotApplicable => Self::NotApplicable,
            Conclusion::Error => Self::Error,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Fails => "fails",
            Self::Error => "not read",
            Self::Manual => "manual",
            Self::Waived => "waived",
            Self::Attested => "attested",
            Self::Passes => "passes",
            Self::NotApplicable => "not applicable",
        }
    }

    /// One column wide on every terminal.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Blocks | Self::Fails => "✗",
            Self::Error => "!",
            Self::Manual => "?",
            Self::Waived => "~",
            Self::Attested | Self::Passes => "✓",
            Self::NotApplicable => "-",
        }
    }

    /// For places that show pictures.
    pub fn picture(self) -> &'static str {
        match self {
            Self::Blocks => "🔴",
            Self::Fails => "🟠",
            Self::Error => "⚠️",
            Self::Manual => "🔵",
            Self::Waived => "🟡",
            Self::Attested | Self::Passes => "🟢",
            Self::NotApplicable => "⚪",
        }
    }
}

impl Verdict {
    /// The verdict in words that fit a headline.
    pub fn headline(&self) -> &'static str {
        match self.verdict {
            Decision::Ready => "ready",
            Decision::NotReady => "not ready",
            Decision::Unknown => "could not tell",
        }
    }

    /// Why, in one sentence.
    pub fn reason(&self) -> String {
        let errors = self.counts.error;
        match self.verdict {
            Decision::NotReady if self.counts.blocking == 1 => "1 check blocks".to_owned(),
            Decision::NotReady => format!("{} checks block", self.counts.blocking),
            Decision::Unknown => format!("{} could not be judged", super::counted(errors, "check")),
            Decision::Ready if self.counts.fail > self.counts.waived => {
                let failing = self.counts.fail - self.counts.waived;
                let verb = if failing == 1 { "fails" } else { "fail" };
                format!("nothing blocks, {} {verb}", super::counted(failing, "check"))
            }
            Decision::Ready => "nothing blocks".to_owned(),
        }
    }

    /// The rows that somebody has to act on, the gravest first: what blocks, what fails, what could not be read.
    pub fn open_rows(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| Standing::of(row) <= Standing::Error).collect();
        rows.sort_by_key(|row| (Standing::of(row), row.priority));
        rows
    }

    /// What it integrates with, and what it is, in a few words.
    pub fn subject(&self) -> String {
        use crate::settings::{IntegrationKind, Shape};
        let kind = match self.integration.kind {
            IntegrationKind::Maintainx => "MaintainX integration",
            IntegrationKind::Generic => "generic integration (no trace of MaintainX)",
        };
        let shape = |shape: &Shape| match shape {
            Shape::Service => "service",
            Shape::Serverless => "serverless",
            Shape::Job => "job",
            Shape::Library => "library",
            Shape::ClientApp => "client app",
        };
        let shapes: Vec<&str> = self.shape.iter().map(shape).collect();
        if shapes.is_empty() { kind.to_owned() } else { format!("{kind} · {}", shapes.join(", ")) }
    }
}

impl Row {
    /// What lies over the row where something does, or else its gist.
    pub fn standing_sentence(&self) -> String {
        let over = match Standing::of(self) {
            Standing::Waived => self.waiver.as_ref().map(|waiver| waiver.sentence()),
            Standing::Attested => self.attestation.as_ref().map(|attestation| attestation.sentence()),
            _ => None,
        };
        over.unwrap_or_else(|| self.gist())
    }

    /// The line that says most about the row: its first open finding, or what it says of itself, or what proves it.
    pub fn gist(&self) -> String {
        let finding = self.findings.iter().find(|finding| !finding.waived).or(self.findings.first());
        let rest = self.findings.len().saturating_sub(1);
        match (finding, &self.remark, self.evidence.first()) {
            (Some(finding), ..) if rest > 0 => format!("{} (and {rest} more)", finding.gist()),
            (Some(finding), ..) => finding.gist(),
            (None, Some(remark), _) => remark.clone(),
            (None, None, Some(evidence)) => evidence.gist(),
            (None, None, None) => String::new(),
        }
    }
}

impl Sighting {
    /// Place and note in one line.
    pub fn gist(&self) -> String {
        match &self.place {
            Spot::At { path, line, .. } => format!("{path}:{line} {}", self.note),
            Spot::Nowhere { .. } => self.note.clone(),
        }
    }

    pub fn path(&self) -> Option<&str> {
        match &self.place {
            Spot::At { path, .. } => Some(path),
            Spot::Nowhere { .. } => None,
        }
    }
}
