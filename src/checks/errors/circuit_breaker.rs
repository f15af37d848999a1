//! Calls to a failing API are cut off for a while.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::{Breaker, Breakers};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "circuit-breaker",
    title: "Calls to a failing API are cut off for a while",
    area: Area::Errors,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients],
    page: include_str!("circuit_breaker.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let sites = &facts.clients().sites;
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    let breakers = Breakers::new(facts.code());
    for site in sites {
        match breakers.of(site) {
            Breaker::Whole(span) => add(&mut evidence, Evidence::at(span, "a circuit breaker around the API calls")),
            Breaker::NeverCloses(span) => {
                add(&mut findings, Evidence::at(span, "the breaker opens here and no time closes it"));
                add(&mut findings, Evidence::at(site.span.clone(), format!("{} stays cut off", site.title())));
            }
            Breaker::None => {
                let note = format!("{} goes through no circuit breaker", site.title());
                add(&mut findings, Evidence::at(site.span.clone(), note));
            }
        }
    }
    if findings.is_empty() { Outcome::pass(evidence) } else { Outcome::fail(findings).with_evidence(evidence) }
}

/// A breaker that many calls go through is shown once.
fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
