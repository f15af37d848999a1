//! No secret is committed.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::secrets::{Confidence, Found};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "no-secrets",
    title: "No secret is committed",
    area: Area::Auth,
    priority: Priority::P0,
    reads: &[Store::Secrets],
    page: include_str!("no_secrets.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let (mut findings, mut advice, mut allowed) = (Vec::new(), Vec::new(), Vec::new());
    for found in &facts.secrets().found {
        match (&found.hit.allowed, found.hit.confidence) {
            (Some(_), _) => allowed.push(shown(found)),
            (None, Confidence::Low) => advice.push(shown(found)),
            (None, _) => findings.push(shown(found)),
        }
    }
    let files = facts.secrets().files;
    let outcome = match findings.is_empty() {
        true => Outcome::pass([Evidence::absent(["every file"], format!("no credential in {files} files"))]),
        false => Outcome::fail(findings),
    };
    outcome.with_evidence(allowed).with_advice(advice)
}

/// What is to be seen there: kind, provider, and at most four characters of it.
fn shown(found: &Found) -> Evidence {
    let hit = &found.hit;
    let whose = if hit.provider == "generic" { String::new() } else { format!("{} ", hit.provider) };
    let mut note = format!("{whose}{} {} ({} confidence: {})", hit.what, hit.redacted, hit.confidence.word(), hit.reasons.join(", "));
    if let Some(allowance) = &hit.allowed {
        let reason = if allowance.reason.is_empty() { "no reason given" } else { &allowance.reason };
        note.push_str(&format!(", allowed by a mark of {}: {reason}", allowance.by));
    }
    if !found.tracked {
        note.push_str(", not committed yet");
    }
    match &found.span {
        Some(span) => Evidence::at(span.clone(), note),
        None => Evidence::absent([format!("{}:{}", found.path, hit.line)], note),
    }
}
