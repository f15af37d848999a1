//! Nothing deploys past the gate.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::workflow::{Release, Workflows};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "gated-deploys",
    title: "Nothing deploys past the gate",
    area: Area::Quality,
    priority: Priority::P1,
    reads: &[Store::Workflows],
    page: include_str!("gated_deploys.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let workflows = facts.workflows();
    let releases = workflows.releases();
    if releases.is_empty() {
        return Outcome::not_applicable("no workflow deploys or publishes");
    }
    let (mut findings, mut evidence, mut unseen, mut advice) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for release in &releases {
        let before = &release.before;
        let missing = missing(release, workflows);
        if missing.is_empty() {
            evidence.extend(shown(release));
        } else if before.opaque.is_empty() {
            findings.push(Evidence::at(release.span.clone(), format!("job {} {} without {missing} before it", release.job, verb(release))));
            evidence.push(Evidence::at(release.at.clone(), format!("{} here", verb(release))));
            advice.extend(unproven(release));
            evidence.extend(before.toothless.iter().map(|(span, reason)| Evidence::at(span.clone(), reason.clone())));
        } else {
            unseen.push(Evidence::at(release.span.clone(), format!("job {} {}", release.job, verb(release))));
            unseen.extend(before.opaque.iter().map(|(span, reason)| Evidence::at(span.clone(), reason.clone())));
        }
    }
    match (findings.is_empty(), unseen.is_empty()) {
        (false, _) => Outcome::fail(findings).with_evidence(evidence).with_advice(advice),
        (true, false) => Outcome::manual("only the workflows that are called elsewhere can tell", unseen),
        (true, true) => Outcome::pass(evidence),
    }
}

fn verb(release: &Release) -> &'static str {
    if release.role.is_deployment() { "deploys" } else { "publishes" }
}

/// The environment may have reviewers all the same.
fn unproven(release: &Release) -> Option<Evidence> {
    let (name, span) = release.environment.as_ref()?;
    Some(Evidence::at(span.clone(), format!("no file shows whether the environment {name} has required reviewers")))
}

/// What does not stop the release, in words; empty when enough does.
fn missing(release: &Release, workflows: &Workflows) -> &'static str {
    let before = &release.before;
    let excused = release.part.as_deref().is_some_and(|part| workflows.is_part_without_linter(part));
    let approved = before.reviewers.is_some() && workflows.tests_and_lints_somewhere();
    match (before.tests.is_some(), before.lint.is_some() || excused) {
        _ if before.gate.is_some() || approved => "",
        (true, true) => "",
        (true, false) => "lint",
        (false, true) if before.lint.is_some() => "tests",
        (false, _) => "tests and lint",
    }
}

/// The lines that hold a release back.
fn shown(release: &Release) -> Vec<Evidence> {
    let before = &release.before;
    let places = [
        (&before.waits, "waits for the success of the other workflow"),
        (&before.tests, "tests come first"),
        (&before.lint, "lint comes first"),
        (&before.gate, "this gate comes first"),
        (&before.reviewers, "the environment has required reviewers"),
    ];
    let head = Evidence::at(release.span.clone(), format!("job {} {} after them", release.job, verb(release)));
    let shown = places.into_iter().filter_map(|(span, note)| Some(Evidence::at(span.clone()?, note)));
    shown.chain([head]).collect()
}
