//! Connections to the API are pooled.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::{Pooling, node_version, pooling_of};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "connection-reuse",
    title: "Connections to the API are pooled",
    area: Area::Performance,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients, Store::Manifests],
    page: include_str!("connection_reuse.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let (code, sites) = (facts.code(), &facts.clients().sites);
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let (mut findings, mut evidence, mut advice) = (Vec::new(), Vec::new(), Vec::new());
    for site in sites {
        let node = node_version(facts, site.span.path());
        match pooling_of(code, site, &node) {
            Some(Pooling::Kept(span, note)) => add(&mut evidence, Evidence::at(span, note)),
            Some(Pooling::Likely(span, note, near)) => {
                add(&mut evidence, Evidence::at(span.clone(), note));
                add(&mut advice, Evidence::at(span, near));
            }
            Some(Pooling::Fresh(span, note)) => add(&mut findings, Evidence::at(span, note)),
            None => {}
        }
    }
    if findings.is_empty() {
        return Outcome::pass(evidence).with_advice(advice);
    }
    Outcome::fail(findings).with_evidence(evidence).with_advice(advice)
}

/// A client that many calls go through is shown once.
fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
