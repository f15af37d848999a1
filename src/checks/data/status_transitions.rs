//! Work order status changes follow valid paths.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::statuses::{KNOWN, StatusChange};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "status-transitions",
    title: "Work order status changes follow valid paths",
    area: Area::Data,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients],
    page: include_str!("status_transitions.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    if facts.clients().sites.is_empty() && facts.statuses().changes.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let changes = &facts.statuses().changes;
    if changes.is_empty() {
        return Outcome::not_applicable("no status of a remote object is changed");
    }
    let findings: Vec<Evidence> = changes.iter().flat_map(faults).collect();
    let checked = changes.iter().filter(|change| faults(change).is_empty()).flat_map(proof);
    if findings.is_empty() { Outcome::pass(checked) } else { Outcome::fail(findings).with_evidence(checked) }
}

/// What is wrong with a change.
fn faults(change: &StatusChange) -> Vec<Evidence> {
    let mut faults = Vec::new();
    if change.is_misplaced {
        let note = format!("{} takes no status: it is set by PATCH …/status", change.title);
        faults.push(Evidence::at(change.span.clone(), note));
    }
    for (span, value) in &change.unknown_values {
        let note = format!("{value} is no status of MaintainX, which has {}", KNOWN.join(", "));
        faults.push(Evidence::at(span.clone(), note));
    }
    if !change.unknown_values.is_empty() && change.unknown_values.iter().all(|(span, _)| span.line() != change.span.line() || span.path() != change.span.path()) {
        faults.push(Evidence::at(change.span.clone(), format!("{} is sent such a value", change.title)));
    }
    if change.guard.is_none() {
        faults.push(Evidence::at(change.span.clone(), format!("{} without a look at the present status", change.title)));
    }
    faults
}

fn proof(change: &StatusChange) -> Vec<Evidence> {
    let guard = change.guard.iter().map(|span| Evidence::at(span.clone(), "the present status decides"));
    std::iter::once(Evidence::at(change.span.clone(), change.title.clone())).chain(guard).collect()
}
