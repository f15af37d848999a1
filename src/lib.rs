//! A go-live gate for integrations with MaintainX: gather, judge, report, publish.
//!
//! Everything between the two I/O ends is [`judge`]: a pure function of a snapshot, settings and a date.

pub mod check;
pub mod checks;
pub mod evidence;
pub mod facts;
pub mod gather;
pub mod outcome;
pub mod publish;
pub mod report;
pub mod settings;
pub mod snapshot;
pub mod transcript;
pub mod verdict;

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::Facts;
use crate::outcome::{Conclusion, Outcome};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::verdict::Verdict;
use jiff::civil::Date;

/// Judges a repository by every check that the settings leave on.
pub fn judge(snapshot: &Snapshot, settings: &Settings, today: Date) -> Verdict {
    let facts = Facts::new(snapshot, settings, today);
    // The live questions have rows only where a live run has put them.
    let is_live = snapshot.get(transcript::PATH).is_some();
    let asked = checks::CHECKS.iter().filter(|check| is_live || check.area != Area::Live);
    let rulings = asked.map(|check| (*check, rule(check, &facts))).collect();
    verdict::decide(rulings)
}

/// One check's outcome, held to the two promises that no check has to remember: what could not be read never
/// passes, and a pass shows its line.
fn rule(check: &Check, facts: &Facts) -> Outcome {
    let outcome = (check.judge)(facts);
    let unread: Vec<Evidence> =
        check.reads.iter().flat_map(|store| facts.unread(*store)).map(|u| u.0.clone()).collect();
    match outcome.conclusion {
        Conclusion::Pass | Conclusion::NotApplicable if !unread.is_empty() => {
            let reason = "a file that had to be read could not be";
            let told = outcome.remark.map_or(reason.to_owned(), |remark| format!("{reason}; without it: {remark}"));
            Outcome::error(told).with_evidence(unread).with_evidence(outcome.evidence)
        }
        Conclusion::Pass if outcome.evidence.is_empty() => {
            Outcome::error("the check passed without a line that shows it: please report this as a bug")
        }
        _ => outcome.with_advice(unread),
    }
}
