//! API calls are counted and timed.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::Site;
use crate::facts::metrics::Measured;
use crate::facts::shape::Shape;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "api-metrics",
    title: "API calls are counted and timed",
    area: Area::Observability,
    priority: Priority::P0,
    reads: &[Store::Code, Store::Clients, Store::Shapes, Store::Metrics],
    page: include_str!("api_metrics.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let sites = &facts.clients().sites;
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let shapes = facts.shapes();
    if ![Shape::Service, Shape::Serverless].into_iter().any(|shape| shapes.has(shape)) {
        if !shapes.has(Shape::Job) {
            return Outcome::not_applicable("nothing here runs unattended: no service, function or job was found");
        }
        if !shapes.is_scheduled(facts) {
            return Outcome::not_applicable("a job that nothing schedules: it is run by hand");
        }
    }
    let metrics = facts.metrics();
    let (mut findings, mut evidence, mut unmeasured) = (Vec::new(), Vec::new(), Vec::new());
    for (site, measured) in sites.iter().zip(&metrics.sites) {
        match measured {
            Measured::Whole(places) => {
                places.iter().for_each(|(span, note)| add(&mut evidence, Evidence::at(span.clone(), note.clone())));
            }
            near => {
                let (place, note) = near_miss(near, site);
                add(&mut findings, Evidence::at(place.clone(), note));
                if place != site.span {
                    add(&mut findings, Evidence::at(site.span.clone(), format!("{} is not measured in full", site.title())));
                }
                unmeasured.push(site);
            }
        }
    }
    let inbound = metrics.inbound.clone().map(|span| Evidence::at(span, "measures the requests that come in and the process, not the calls that go out"));
    // A probe or two beside a measured client leave no blind spot.
    if unmeasured.len() * 2 < sites.len() {
        return Outcome::pass(evidence).with_advice(findings);
    }
    Outcome::fail(findings).with_evidence(evidence).with_advice(inbound)
}

fn near_miss(measured: &Measured, site: &Site) -> (crate::evidence::Span, String) {
    match measured {
        Measured::CountedOnly(span) => (span.clone(), "counts the calls, and nothing times them".to_owned()),
        Measured::FailuresUntold(span) => (span.clone(), "times the calls, and nothing tells which of them failed".to_owned()),
        Measured::Kept(span) => (span.clone(), "measures the calls, and nothing hands the figures out".to_owned()),
        Measured::Whole(_) | Measured::Nothing => (site.span.clone(), format!("{} is neither counted nor timed", site.title())),
    }
}

/// What many calls go through is shown once.
fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
