//! The ratchet: which findings a change makes, and which were there before it.
//!
//! Both trees are judged in one run. A finding is known where the base has it too: under the same fingerprint; or with
//! the same line in a file that it has moved to; or, changed but no more of them, in the same file.

use super::{Row, Sighting, Spot, Verdict, decision_of};
use crate::check::Area;
use crate::outcome::Conclusion;
use crate::settings::Block;
use schemars::JsonSchema;
use serde::Serialize;

/// What a change does to the findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Trend {
    /// The commit that the change is held against.
    pub base: String,
    pub fixed: usize,
    pub new: usize,
    pub known: usize,
    /// The checks that fail now and did not before.
    pub worse: Vec<&'static str>,
    /// The checks that failed before and do not now.
    pub better: Vec<&'static str>,
}

impl Trend {
    /// `+2 fixed, 1 new`.
    pub fn sentence(&self) -> String {
        match (self.fixed, self.new) {
            (0, 0) => "nothing fixed, nothing new".to_owned(),
            (fixed, 0) => format!("+{fixed} fixed, nothing new"),
            (0, new) => format!("nothing fixed, {new} new"),
            (fixed, new) => format!("+{fixed} fixed, {new} new"),
        }
    }
}

impl Verdict {
    /// Holds the verdict against that on the base, and lets only what is new block where the settings say so.
    pub fn against(mut self, base: &Verdict, block: Block) -> Self {
        let mut trend = Trend { base: base.commit.clone().unwrap_or_default(), ..Trend::default() };
        for row in &mut self.rows {
            let before = base.rows.iter().find(|other| other.check == row.check);
            // What tools have reported is known of this tree alone: it cannot be compared, and blocks as it is.
            if row.area == Area::Live || OF_TOOLS.contains(&row.check) {
                continue;
            }
            let left = known(row, before);
            trend.fixed += left;
            trend.known += row.findings.iter().filter(|finding| finding.known).count();
            trend.new += row.findings.iter().filter(|finding| !finding.known && !finding.waived).count();
            let failed = before.is_some_and(|before| before.outcome == Conclusion::Fail);
            match (failed, row.outcome == Conclusion::Fail) {
                (false, true) => trend.worse.push(row.check),
                (true, false) => trend.better.push(row.check),
                _ => {}
            }
            if block == Block::New && row.blocks {
                row.blocks = is_new(row, before);
            }
        }
        self.counts.blocking = self.rows.iter().filter(|row| row.blocks).count();
        self.verdict = decision_of(&self.rows, self.fail_on);
        self.trend = Some(trend);
        self
    }

    /// The same against a list of fingerprints that the project keeps in a file.
    pub fn with_baseline(mut self, fingerprints: &[String]) -> Self {
        for row in &mut self.rows {
            for finding in &mut row.findings {
                finding.known |= fingerprints.contains(&finding.fingerprint);
            }
            row.blocks &=
                row.outcome != Conclusion::Fail || row.findings.iter().any(|finding| !finding.known && !finding.waived);
        }
        self.counts.blocking = self.rows.iter().filter(|row| row.blocks).count();
        self.verdict = decision_of(&self.rows, self.fail_on);
        self
    }
}

/// The checks that read what the project's own tools report.
const OF_TOOLS: [&str; 3] = ["coverage", "lint", "types"];

/// Whether the change made what blocks: a finding that is new, or a manual row that was none.
fn is_new(row: &Row, before: Option<&Row>) -> bool {
    match row.outcome {
        Conclusion::Fail => row.findings.iter().any(|finding| !finding.known && !finding.waived),
        Conclusion::Manual => before.is_none_or(|before| before.outcome != Conclusion::Manual),
        _ => true,
    }
}

/// Marks the findings that the base has too; the result is how many of the base's are gone.
fn known(row: &mut Row, before: Option<&Row>) -> usize {
    let Some(before) = before.filter(|before| before.outcome == Conclusion::Fail) else { return 0 };
    let mut left: Vec<&Sighting> = before.findings.iter().collect();
    let ways: [fn(&Sighting, &Sighting) -> bool; 4] = [
        |new, old| new.fingerprint == old.fingerprint,
        // It stands in another file now: the base's is left over, so it has moved.
        |new, old| new.anchor.is_some() && new.anchor == old.anchor,
        |new, old| new.path().is_some() && new.path() == old.path(),
        |new, old| is_absence(new) && is_absence(old),
    ];
    for is_same in ways {
        for finding in row.findings.iter_mut().filter(|finding| !finding.known) {
            if let Some(at) = left.iter().position(|old| is_same(finding, old)) {
                left.remove(at);
                finding.known = true;
            }
        }
    }
    left.len()
}

fn is_absence(finding: &Sighting) -> bool {
    matches!(finding.place, Spot::Nowhere { .. })
}
