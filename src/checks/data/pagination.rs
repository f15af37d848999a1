//! Every call that reads a collection follows the cursor to the end.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::clients::{ListCall, Paging};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "pagination",
    title: "Every list call follows the cursor to the end",
    area: Area::Data,
    priority: Priority::P0,
    reads: &[Store::Code, Store::Clients, Store::Lists],
    page: include_str!("pagination.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    if facts.clients().sites.is_empty() && facts.lists().calls.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let calls = &facts.lists().calls;
    if calls.is_empty() {
        return Outcome::not_applicable("no call that reads a collection is to be seen");
    }
    let (mut findings, mut evidence, mut advice) = (Vec::new(), Vec::new(), Vec::new());
    for call in calls {
        let title = &call.title;
        match &call.paging {
            Paging::Followed(next) => {
                evidence.push(Evidence::at(call.span.clone(), format!("{title} is read page by page")));
                evidence.push(Evidence::at(next.clone(), "goes on to the next page"));
            }
            _ if call.is_sorted => {
                evidence.push(Evidence::at(call.span.clone(), format!("{title} reads the first few in an order")));
                advice.push(Evidence::at(call.span.clone(), format!("{title} reads the first page only")));
            }
            Paging::Wrong(place, word) => {
                findings.push(Evidence::at(call.span.clone(), broken(call, &format!("goes on by {word}"))));
                advice.push(Evidence::at(place.clone(), format!("{word} is not what the API pages by")));
            }
            Paging::Single => findings.push(Evidence::at(call.span.clone(), broken(call, "one page is read"))),
        }
    }
    evidence.dedup();
    if findings.is_empty() {
        return Outcome::pass(evidence).with_advice(advice);
    }
    Outcome::fail(findings).with_evidence(evidence).with_advice(advice)
}

fn broken(call: &ListCall, what: &str) -> String {
    let unread = if call.is_maintainx { "nextCursor is not followed" } else { "the next page is not asked for" };
    format!("{}: {what}, {unread}", call.title)
}
