//! A delivery that is handled twice changes things once.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::webhooks::{Handler, Sign};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "webhook-idempotency",
    title: "A delivery handled twice changes things once",
    area: Area::Data,
    priority: Priority::P0,
    reads: &[Store::Code, Store::Clients, Store::Webhooks],
    page: include_str!("webhook_idempotency.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let handlers = &facts.webhooks().handlers;
    if handlers.is_empty() {
        return Outcome::not_applicable("no inbound webhook handler is to be seen");
    }
    let acting = |handler: &&Handler| !handler.repeat.effects.is_empty() || !handler.repeat.claims.is_empty();
    let acting: Vec<&Handler> = handlers.iter().filter(acting).collect();
    if acting.is_empty() {
        return Outcome::not_applicable("the webhook handlers answer and log, and change nothing");
    }
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for handler in acting {
        match judged(handler) {
            Ok(proof) => evidence.extend(proof),
            Err(found) => findings.extend(found),
        }
    }
    let mut seen = Vec::new();
    findings.retain(|finding| !seen.contains(finding) && { seen.push(finding.clone()); true });
    if findings.is_empty() { Outcome::pass(evidence) } else { Outcome::fail(findings).with_evidence(evidence) }
}

/// What holds a second delivery off, or why nothing does.
fn judged(handler: &Handler) -> Result<Vec<Evidence>, Vec<Evidence>> {
    let repeat = &handler.repeat;
    let here = |note: &str| Evidence::at(handler.span.clone(), format!("{}: {note}", handler.name));
    if let Some(key) = repeat.unknown_key.as_ref().filter(|_| handler.is_maintainx) {
        return Err(vec![at(key, &format!("{} is not delivered by MaintainX, the key is empty", key.text))]);
    }
    if let Some(claim) = repeat.claims.iter().find(|claim| claim.flaw.is_none()) {
        return Ok(vec![here("takes deliveries"), at(&claim.sign, &claim.sign.text)]);
    }
    let again: Vec<Evidence> = repeat.effects.iter().filter(|change| change.repeats).map(|change| at(&change.sign, &format!("happens again each time: {}", change.sign.text))).take(5).collect();
    if again.is_empty() {
        let same = repeat.effects.iter().map(|change| at(&change.sign, &format!("ends the same however often it is done: {}", change.sign.text)));
        let same: Vec<Evidence> = same.take(10).collect();
        return Ok(std::iter::once(here("takes deliveries")).chain(same).collect());
    }
    let mut findings = Vec::new();
    for claim in &repeat.claims {
        findings.extend(claim.flaw.iter().map(|flaw| at(flaw, &flaw.text)));
        findings.push(at(&claim.sign, &format!("{}, and yet holds nothing off", claim.sign.text)));
    }
    if let Some(memory) = repeat.memory.as_ref().filter(|_| findings.is_empty()) {
        findings.push(at(&memory.used, "knows a delivery again in memory only, which a restart or a second instance does not share"));
        findings.extend(memory.home.iter().map(|home| at(home, "is kept in the process")));
    } else if let Some(asked) = repeat.two_steps.as_ref().filter(|_| findings.is_empty()) {
        findings.push(at(asked, "asks for the key and sets it later: two deliveries at once both go on"));
    }
    if findings.is_empty() {
        findings.push(here("nothing holds off a delivery that comes twice"));
    } else {
        findings.push(here("a delivery that comes twice is handled twice"));
    }
    findings.extend(again);
    Err(findings)
}

fn at(sign: &Sign, note: &str) -> Evidence {
    Evidence::at(sign.span.clone(), note)
}
