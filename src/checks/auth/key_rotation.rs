//! API keys are rotated at least every 90 days.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "key-rotation",
    title: "API keys are rotated every 90 days",
    area: Area::Auth,
    priority: Priority::P1,
    reads: &[Store::Terraform, Store::Workflows],
    page: include_str!("key_rotation.md"),
    judge,
};

/// A key may live this many days.
const LONGEST: f64 = 90.0;

fn judge(facts: &Facts) -> Outcome {
    if facts.credentials().uses.is_empty() {
        return Outcome::not_applicable("production source uses no API credential");
    }
    let (mut findings, mut evidence, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for rotation in &facts.rotations().all {
        let span = rotation.span.clone();
        match rotation.days {
            Some(days) if days <= LONGEST => evidence.push(Evidence::at(span, format!("{} every {}", rotation.what, shown(days)))),
            Some(days) => findings.push(Evidence::at(span, format!("{} only every {}", rotation.what, shown(days)))),
            None => unknown.push(Evidence::at(span, format!("{}, and only a plan could tell how often", rotation.what))),
        }
    }
    if !findings.is_empty() {
        return Outcome::fail(findings).with_evidence(evidence);
    }
    if !evidence.is_empty() {
        return Outcome::pass(evidence).with_evidence(unknown);
    }
    let attested = facts.settings().attestation("key-rotation", facts.today());
    if let Some(attestation) = attested
        && f64::from(attestation.on.until(facts.today()).map_or(0, |time| time.get_days())) > LONGEST
        && let Some(span) = &attestation.span
    {
        let note = format!("the last rotation that is attested was on {}", attestation.on);
        return Outcome::fail([Evidence::at(span.clone(), note)]);
    }
    Outcome::manual("nothing in the repository rotates the key: attest the date of the last rotation", unknown)
}

fn shown(days: f64) -> String {
    if days < 1.0 { format!("{:.0} hours", days * 24.0) } else { format!("{days:.0} days") }
}
