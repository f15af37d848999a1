//! The client keeps within the API's quota.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::{Pace, Site, pace_of};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "client-rate-limit",
    title: "The client keeps within the API's quota",
    area: Area::Performance,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients],
    page: include_str!("client_rate_limit.md"),
    judge,
};

/// Requests a minute that MaintainX lets a user make. Source: the published limits.
const QUOTA: f64 = 100.0;

fn judge(facts: &Facts) -> Outcome {
    let sites = &facts.clients().sites;
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for site in sites {
        match pace_of(facts.code(), site) {
            Pace::Limited(span, Some(rate)) if site.is_maintainx && rate > QUOTA * 1.001 => {
                let note = format!("{} requests a minute are let through, and the API takes {QUOTA}", rate.round());
                add(&mut findings, Evidence::at(span, note));
            }
            Pace::Limited(span, _) => add(&mut evidence, Evidence::at(span, "a limiter on the way to the API")),
            Pace::Concurrency(span) => {
                add(&mut findings, unlimited(site));
                add(&mut evidence, Evidence::at(span, "only how many run at the same time is limited"));
            }
            Pace::None => add(&mut findings, unlimited(site)),
        }
    }
    if findings.is_empty() { Outcome::pass(evidence) } else { Outcome::fail(findings).with_evidence(evidence) }
}

fn unlimited(site: &Site) -> Evidence {
    Evidence::at(site.span.clone(), format!("nothing limits how often {} is sent", site.title()))
}

fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
