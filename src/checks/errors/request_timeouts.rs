//! Every API call has a timeout of at most 30 seconds.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::{Limit, Site};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "request-timeouts",
    title: "Every API call has a timeout of at most 30 seconds",
    area: Area::Errors,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients],
    page: include_str!("request_timeouts.md"),
    judge,
};

/// What is asked for, in seconds.
const WANTED: f64 = 30.0;
/// Up to here a longer limit passes with an advice.
const TOLERATED: f64 = 60.0;
/// A limit below this is taken for a mistaken unit: no answer crosses the internet as fast.
const SHORTEST: f64 = 0.1;

fn judge(facts: &Facts) -> Outcome {
    let sites = &facts.clients().sites;
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let (mut findings, mut unknown, mut evidence, mut advice) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for site in sites {
        let place = site.timeout.span.clone();
        match verdict(site) {
            Verdict::Broken(note) => {
                if place != site.span {
                    add(&mut findings, Evidence::at(place, note.clone()));
                }
                add(&mut findings, Evidence::at(site.span.clone(), format!("{}: {note}", site.title())));
            }
            Verdict::Slow(note) => {
                add(&mut evidence, Evidence::at(place.clone(), note.clone()));
                add(&mut advice, Evidence::at(place, format!("{note}, longer than 30 s")));
            }
            Verdict::Unknown => add(&mut unknown, Evidence::at(place, "a timeout is set, to a value that is read elsewhere")),
            Verdict::Held(note) => add(&mut evidence, Evidence::at(place, note)),
        }
    }
    match (findings.is_empty(), unknown.is_empty()) {
        (false, _) => Outcome::fail(findings).with_evidence(evidence).with_evidence(unknown).with_advice(advice),
        // A value that cannot be worked out proves no limit: it may be hours by a mistaken unit.
        (true, false) => Outcome::manual("how long a timeout is cannot be told from the code", unknown)
            .with_evidence(evidence)
            .with_advice(advice),
        (true, true) => Outcome::pass(evidence).with_advice(advice),
    }
}

enum Verdict {
    Held(String),
    Slow(String),
    Broken(String),
    /// Set, to who knows what.
    Unknown,
}

fn verdict(site: &Site) -> Verdict {
    let library = site.library.name;
    match site.timeout.limit {
        Limit::Set(seconds) if seconds < SHORTEST => Verdict::Broken(format!("a timeout of {} ms ends before an answer can come", seconds * 1e3)),
        Limit::Set(seconds) => timed(seconds, format!("a timeout of {}", words(seconds))),
        Limit::Default(seconds) => timed(seconds, format!("no timeout is set, and {library} waits {} by default", words(seconds))),
        Limit::SetUnknown => Verdict::Unknown,
        Limit::Nothing => Verdict::Broken(format!("no timeout is set, and {library} has none by default")),
        Limit::Off => Verdict::Broken("the timeout is switched off".to_owned()),
    }
}

fn timed(seconds: f64, note: String) -> Verdict {
    if seconds <= WANTED {
        Verdict::Held(note)
    } else if seconds <= TOLERATED {
        Verdict::Slow(note)
    } else {
        Verdict::Broken(note)
    }
}

/// `30 s`, `8.3 h`.
fn words(seconds: f64) -> String {
    if seconds >= 7_200.0 { format!("{:.1} h", seconds / 3_600.0) } else { format!("{} s", (seconds * 100.0).round() / 100.0) }
}

/// A client that many calls go through is shown once.
fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
