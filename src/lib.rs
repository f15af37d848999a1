//! A go-live gate for integrations with MaintainX: gather, judge, report, publish.
//!
//! Everything between the two I/O ends is [`judge`]: a pure function of a snapshot, settings and a date.

#![deny(clippy::disallowed_methods)]

#[allow(clippy::disallowed_methods, reason = "an I/O end: it speaks with the runner")]
pub mod action;
pub mod check;
pub mod checks;
#[allow(clippy::disallowed_methods, reason = "an I/O end: it reads the clock and writes files")]
pub mod cli;
pub mod coverage;
pub mod evidence;
pub mod facts;
#[allow(clippy::disallowed_methods, reason = "an I/O end: everything that is read is read here")]
pub mod gather;
#[allow(clippy::disallowed_methods, reason = "an I/O end: it speaks with GitHub")]
pub mod github;
pub mod outcome;
pub mod proposal;
#[allow(clippy::disallowed_methods, reason = "an I/O end: it writes what is reported")]
pub mod publish;
pub mod report;
#[allow(clippy::disallowed_methods, reason = "an I/O end: it reads the clock, for today")]
pub mod run;
pub mod secret;
pub mod settings;
pub mod snapshot;
pub mod tools;
pub mod transcript;
pub mod verdict;
pub mod waiver;

use crate::check::{Area, Check};
use crate::checks::CHECKS;
use crate::evidence::Evidence;
use crate::facts::{Facts, Store};
use crate::outcome::{Conclusion, Outcome};
use crate::settings::{IntegrationKind, Settings};
use crate::snapshot::Snapshot;
use crate::verdict::{Case, LeftOut, LeftOutBy, Repository, Verdict};
use jiff::civil::Date;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Judges a repository by every check that the settings and the run leave on.
pub fn judge(snapshot: &Snapshot, settings: &Settings, today: Date) -> Verdict {
    if snapshot.paths().any(|path| settings.ignores(path)) {
        let seen = snapshot.filtered(|path| !settings.ignores(path));
        return judge_seen(&seen, Case { snapshot, settings, today }, CHECKS);
    }
    judge_seen(snapshot, Case { snapshot, settings, today }, CHECKS)
}

/// Judges a live run alone: its questions, and what the settings say about them.
pub fn judge_live(snapshot: &Snapshot, settings: &Settings, today: Date) -> Verdict {
    let live: Vec<&'static Check> = CHECKS.iter().copied().filter(|check| check.area == Area::Live).collect();
    let is_live = |name: &str| live.iter().any(|check| check.id == name);
    let mut settings = settings.clone();
    // Whoever asks the API of MaintainX integrates with it; there is no tree here that could show it.
    settings.integration = Some(IntegrationKind::Maintainx);
    settings.waivers.retain(|waiver| is_live(&waiver.check));
    settings.attestations.retain(|attestation| is_live(&attestation.check));
    judge_seen(snapshot, Case { snapshot, settings: &settings, today }, &live)
}

/// Judges what the settings do not ignore.
fn judge_seen(seen: &Snapshot, case: Case, checks: &[&'static Check]) -> Verdict {
    let facts = Facts::new(seen, case.settings, case.today);
    let (mut rulings, mut left_out) = (Vec::new(), Vec::new());
    // The live questions have rows only where a live run has put them.
    let is_live = seen.get(transcript::PATH).is_some();
    for check in checks.iter().filter(|check| is_live || check.area != Area::Live) {
        match left_out_by(check, case.settings) {
            Some(by) => left_out.push(LeftOut { check: check.id, by }),
            None => rulings.push((*check, rule(check, &facts))),
        }
    }
    let repository = catch_unwind(AssertUnwindSafe(|| repository(&facts, &rulings)));
    let live = facts.live().transcript().cloned();
    Verdict { live, ..verdict::decide(case, repository.unwrap_or_default(), rulings, left_out) }
}

fn left_out_by(check: &Check, settings: &Settings) -> Option<LeftOutBy> {
    if settings.left_out.contains(check.id) {
        return Some(LeftOutBy::Flag);
    }
    settings.is_off(check.id).then_some(LeftOutBy::Settings)
}

/// One check's outcome, held to the promises that no check has to remember: what could not be read never passes,
/// a pass shows its line, and a bug in one check takes no other with it.
fn rule(check: &Check, facts: &Facts) -> Outcome {
    let judged = catch_unwind(AssertUnwindSafe(|| ((check.judge)(facts), unread(check, facts))));
    let Ok((outcome, unread)) = judged else {
        return Outcome::error("the check ended with a bug of the gate: please report it");
    };
    match outcome.conclusion {
        Conclusion::Pass | Conclusion::NotApplicable if !unread.is_empty() => {
            let reason = "a file that had to be read could not be";
            let told = outcome.remark.map_or(reason.to_owned(), |remark| format!("{reason}; without it: {remark}"));
            Outcome::error(told).with_evidence(unread).with_evidence(outcome.evidence)
        }
        Conclusion::Pass if outcome.evidence.is_empty() => {
            Outcome::error("the check passed without a line that shows it: please report this as a bug")
        }
        _ => {
            let untold: Vec<Evidence> = unread.into_iter().filter(|one| !outcome.evidence.contains(one)).collect();
            outcome.with_advice(untold)
        }
    }
}

fn unread(check: &Check, facts: &Facts) -> Vec<Evidence> {
    check.reads.iter().flat_map(|store| facts.unread(*store)).map(|unread| unread.0.clone()).collect()
}

/// What the facts say of the repository as a whole, for the head of the report.
fn repository(facts: &Facts, rulings: &[(&'static Check, Outcome)]) -> Repository {
    let stores: std::collections::BTreeSet<Store> =
        rulings.iter().flat_map(|(check, _)| check.reads).copied().collect();
    let mut unread: Vec<Evidence> = Vec::new();
    for each in stores.into_iter().flat_map(|store| facts.unread(store)) {
        if !unread.contains(&each.0) {
            unread.push(each.0.clone());
        }
    }
    let integration = facts.integration();
    Repository { integration: integration.kind, shows: integration.traces.clone(), shape: facts.shapes().all(), unread }
}
