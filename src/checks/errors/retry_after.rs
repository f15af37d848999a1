//! The server's wait time is honoured.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::Site;
use crate::facts::rehearsal::{Reaction, Rehearsal, Wait};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "retry-after",
    title: "The server's wait time is honoured",
    area: Area::Errors,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients],
    page: include_str!("retry_after.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let sites = &facts.clients().sites;
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    let rehearsed = sites.iter().zip(&facts.rehearsals().sites);
    for (site, rehearsal) in rehearsed.filter(|(_, rehearsal)| !matches!(rehearsal, Rehearsal::Resent)) {
        let limited = rehearsal.conduct().map(|conduct| &conduct.rate_limited);
        match limited {
            Some(limited) if limited.wait == Wait::Kept => {
                for span in &limited.headers {
                    add(&mut evidence, Evidence::at(span.clone(), "how long to wait is what the answer says"));
                }
                add(&mut evidence, Evidence::at(site.span.clone(), format!("{} waits as told", site.title())));
            }
            limited => told_badly(site, limited, &mut findings, &mut evidence),
        }
    }
    if findings.is_empty() { Outcome::pass(evidence) } else { Outcome::fail(findings).with_evidence(evidence) }
}

/// What becomes of the wait instead, with the line.
fn told_badly(site: &Site, limited: Option<&Reaction>, findings: &mut Vec<Evidence>, evidence: &mut Vec<Evidence>) {
    let note = match limited.map(|limited| limited.wait) {
        Some(Wait::Milliseconds) => "the seconds that the answer says are waited for as milliseconds",
        Some(Wait::TooLong) => "the wait that the answer says is taken for another unit: far too long",
        Some(Wait::Epoch) => "the seconds that are left are taken for a point in time, so nothing is waited for",
        Some(Wait::Ignored) => "the wait that the answer says is read, and does not decide the delay",
        _ => "",
    };
    let delay = limited.filter(|limited| limited.repeats).and_then(|limited| limited.delay.first());
    let headers = limited.map(|limited| limited.headers.as_slice()).unwrap_or_default();
    match (note, headers.first(), delay) {
        ("", _, Some(delay)) => {
            add(findings, Evidence::at(delay.clone(), "the delay before the next attempt asks no header of the answer"));
            add(evidence, Evidence::at(site.span.clone(), format!("{} is retried so", site.title())));
        }
        ("", ..) => {
            let note = format!("no header of the answer to {} decides when it is sent again", site.title());
            add(findings, Evidence::at(site.span.clone(), note));
        }
        (note, Some(first), _) => {
            add(findings, Evidence::at(first.clone(), note));
            for span in headers.iter().skip(1).chain(delay) {
                add(evidence, Evidence::at(span.clone(), "what becomes of it"));
            }
        }
        (note, None, _) => add(findings, Evidence::at(site.span.clone(), note)),
    }
    // Every delay on the way belongs to the picture.
    for span in limited.into_iter().flat_map(|limited| &limited.delay).skip(1) {
        add(evidence, Evidence::at(span.clone(), "the delay"));
    }
}

fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
