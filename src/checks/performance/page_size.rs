//! Calls that read a collection ask for full pages.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::ListCall;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "page-size",
    title: "List calls ask for full pages",
    area: Area::Performance,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients, Store::Lists],
    page: include_str!("page_size.md"),
    judge,
};

/// The default of MaintainX, and what most APIs give at most.
const FULL: f64 = 100.0;
/// More than this is a 400. Source: the published API.
const MOST: f64 = 200.0;

fn judge(facts: &Facts) -> Outcome {
    let calls = &facts.lists().calls;
    if calls.is_empty() {
        return Outcome::not_applicable("no call that reads a collection is to be seen");
    }
    let (mut findings, mut evidence, mut advice) = (Vec::new(), Vec::new(), Vec::new());
    for call in calls {
        match size(call) {
            Size::Full(shown) => evidence.push(shown),
            Size::Accepted(shown, near) => {
                evidence.push(shown);
                advice.push(near);
            }
            Size::Broken(finding) => findings.push(finding),
        }
    }
    findings.dedup();
    evidence.dedup();
    if findings.is_empty() {
        return Outcome::pass(evidence).with_advice(advice);
    }
    Outcome::fail(findings).with_evidence(evidence).with_advice(advice)
}

enum Size {
    Full(Evidence),
    Accepted(Evidence, Evidence),
    Broken(Evidence),
}

fn size(call: &ListCall) -> Size {
    let title = &call.title;
    let at = |note: String| Evidence::at(call.span.clone(), note);
    let Some(asked) = &call.size else {
        let note = at(format!("{title} asks for no page size"));
        let is_default_full = call.is_maintainx;
        return if is_default_full {
            Size::Accepted(note, at("the default of 100 applies, 200 are possible".to_owned()))
        } else {
            Size::Broken(note)
        };
    };
    let there = |note: String| Evidence::at(asked.span.clone(), note);
    match asked.value {
        None => Size::Accepted(
            there(format!("{title} asks for pages of a size")),
            there("the size is not written down".to_owned()),
        ),
        Some(number) if call.is_maintainx && number > MOST => {
            Size::Broken(there(format!("{title} asks for {number} items, the API refuses more than {MOST}")))
        }
        Some(number) if number >= FULL => Size::Full(there(format!("{title} asks for pages of {number}"))),
        Some(number) if call.is_sorted => Size::Accepted(
            there(format!("{title} asks for the first {number} in an order")),
            there(format!("pages of {number}, should more be read one day")),
        ),
        Some(number) => Size::Broken(there(format!("{title} asks for pages of {number}"))),
    }
}
