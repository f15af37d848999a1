//! Webhook deliveries are authenticated.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::webhooks::{Handler, Sign};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "webhook-signature",
    title: "Webhook deliveries are authenticated",
    area: Area::Security,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Webhooks],
    page: include_str!("webhook_signature.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let handlers = &facts.webhooks().handlers;
    if handlers.is_empty() {
        return Outcome::not_applicable("no inbound webhook handler is to be seen");
    }
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for handler in handlers {
        let broken = faults(handler);
        if broken.is_empty() {
            evidence.push(Evidence::at(handler.span.clone(), format!("takes deliveries: {}", handler.name)));
            let guard = &handler.guard;
            let proofs = [&guard.library, &guard.hash, &guard.comparison, &guard.clock];
            evidence.extend(proofs.into_iter().flatten().map(|sign| at(sign, &format!("calls {}", sign.text))));
        }
        findings.extend(broken);
    }
    unique(&mut findings);
    unique(&mut evidence);
    if findings.is_empty() { Outcome::pass(evidence) } else { Outcome::fail(findings).with_evidence(evidence) }
}

/// What is wrong with the way a handler knows its sender.
fn faults(handler: &Handler) -> Vec<Evidence> {
    let guard = &handler.guard;
    if let Some(sign) = &guard.unknown_header {
        return vec![at(sign, &format!("MaintainX sends no header {}", sign.text))];
    }
    if guard.library.is_some() {
        return Vec::new();
    }
    let unguarded = |note: &str| vec![Evidence::at(handler.span.clone(), format!("{}: {note}", handler.name))];
    if guard.hash.is_none() {
        // A sender without signatures is known by a shared secret.
        let is_shared_secret = !handler.is_maintainx && guard.comparison.is_some();
        return if is_shared_secret { Vec::new() } else { unguarded("deliveries are taken from anyone, no signature is verified") };
    }
    let mut faults = Vec::new();
    if guard.comparison.is_none() {
        faults.extend(guard.plain_comparison.iter().map(|sign| at(sign, "compares the signature in a time that tells")));
        if guard.plain_comparison.is_none() {
            faults.extend(unguarded("nothing compares the signature in constant time"));
        }
    }
    faults.extend(guard.serialised.iter().map(|sign| at(sign, &format!("hashes what {} makes, not the raw body", sign.text))));
    if handler.is_maintainx && guard.clock.is_none() {
        faults.extend(guard.hash.iter().map(|sign| at(sign, "the timestamp is never held against the clock")));
    }
    faults
}

fn at(sign: &Sign, note: &str) -> Evidence {
    Evidence::at(sign.span.clone(), note)
}

/// Handlers share the code that verifies.
fn unique(list: &mut Vec<Evidence>) {
    let mut seen: Vec<Evidence> = Vec::new();
    list.retain(|evidence| {
        let is_new = !seen.contains(evidence);
        seen.push(evidence.clone());
        is_new
    });
}
