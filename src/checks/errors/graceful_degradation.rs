//! The integration survives an outage of the API.

use crate::check::{Area, Check};
use crate::evidence::{Evidence, Span};
use crate::facts::rehearsal::{Outage, Rehearsal};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "graceful-degradation",
    title: "The integration survives an outage of the API",
    area: Area::Errors,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients],
    page: include_str!("graceful_degradation.md"),
    judge,
};

/// As many lines of one handler are shown.
const MAX_LINES: usize = 8;

fn judge(facts: &Facts) -> Outcome {
    let sites = &facts.clients().sites;
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let rehearsals = facts.rehearsals();
    let (mut findings, mut evidence, mut kept, mut lost) = (Vec::new(), Vec::new(), 0, 0);
    let outages = rehearsals.sites.iter().zip(&rehearsals.outages);
    for (site, (_, outage)) in sites.iter().zip(outages).filter(|(_, (seen, _))| !matches!(seen, Rehearsal::Resent)) {
        match outage {
            Outage::Kept(spans) => {
                kept += 1;
                tell(&mut evidence, spans, "kept for later, or an older answer served, when a request fails");
            }
            Outage::NoData(spans) => {
                lost += 1;
                tell(&mut findings, spans, "an outage of the API looks like an empty answer");
            }
            Outage::Lost(spans) => {
                lost += 1;
                let note = format!("nothing is kept when {} fails", site.title());
                add(&mut findings, Evidence::at(site.span.clone(), note));
                tell(&mut evidence, spans, "what handles the error");
            }
        }
    }
    // What most requests go through decides; the others are worth knowing.
    if kept > 0 && kept >= lost {
        Outcome::pass(evidence).with_advice(findings)
    } else {
        Outcome::fail(findings).with_evidence(evidence)
    }
}

fn tell(list: &mut Vec<Evidence>, spans: &[Span], note: &str) {
    for span in spans.iter().take(MAX_LINES) {
        add(list, Evidence::at(span.clone(), note));
    }
}

/// A line is shown once.
fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    let line = |one: &Evidence| one.span().map(|span| (span.path().to_owned(), span.line()));
    if !list.iter().any(|known| line(known) == line(&evidence)) {
        list.push(evidence);
    }
}
