//! Users, locations and teams are cached.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::caches::Lifetime;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::settings::Shape;

pub static CHECK: Check = Check {
    id: "response-caching",
    title: "Users, locations and teams are cached",
    area: Area::Performance,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients, Store::Shapes, Store::Caches],
    page: include_str!("response_caching.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    if facts.clients().sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let reads = &facts.caches().reads;
    if reads.is_empty() {
        return Outcome::not_applicable("no users, locations or teams are read");
    }
    let shapes = facts.shapes();
    if !shapes.has(Shape::Service) && !shapes.has(Shape::Serverless) {
        return Outcome::not_applicable("what reads them runs and ends, and reads them once");
    }
    let (mut shown, mut findings) = (Vec::new(), Vec::new());
    for read in reads {
        let place = read.span.clone();
        match &read.lifetime {
            Lifetime::Bounded(span, name) => {
                shown.push(Evidence::at(place, format!("reads {}", read.title)));
                shown.push(Evidence::at(span.clone(), format!("kept for a while by {name}")));
            }
            Lifetime::Synced(span) => {
                shown.push(Evidence::at(place, format!("reads {}", read.title)));
                shown.push(Evidence::at(span.clone(), "kept in a store of its own, which a run fills"));
            }
            Lifetime::Endless(span, name) => {
                findings.push(Evidence::at(span.clone(), format!("the answer of {} is kept by {name} without an end", read.title)));
            }
            Lifetime::None => findings.push(Evidence::at(place, format!("{} is read afresh each time", read.title))),
        }
    }
    if findings.is_empty() { Outcome::pass(shown) } else { Outcome::fail(findings).with_evidence(shown) }
}
