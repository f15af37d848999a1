//! The work order can be read back: the same one, open.

use crate::check::{Area, Check};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::transcript::Step;

pub static CHECK: Check = Check {
    id: "work-order-read",
    title: "The work order can be read back",
    area: Area::Live,
    priority: Priority::P0,
    reads: &[Store::Live],
    page: include_str!("work_order_read.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let live = facts.live();
    let said = match live.answer(CHECK.id, Step::OrderRead) {
        Ok(said) => said,
        Err(unasked) => return unasked.outcome(),
    };
    let seen = |name: &str| said.exchange.seen.get(name);
    if said.exchange.status != Some(200) || said.exchange.seen.is_empty() {
        return match said.inconclusive() {
            Some(reason) => Outcome::error(reason).with_evidence([said.evidence(said.meaning())]),
            None => Outcome::fail([said.evidence(said.meaning())]),
        };
    }
    let made = live.last(Step::OrderCreate).and_then(|made| made.exchange.seen.get("id").cloned());
    let mut findings = Vec::new();
    if made.is_some() && seen("id") != made.as_ref() {
        findings.push(said.evidence("the order that is read has another id than the one that was made"));
    }
    if seen("title").is_none_or(|title| title != "as sent") {
        findings.push(said.evidence("the order that is read has another title than the one that was made"));
    }
    match seen("status").and_then(serde_json::Value::as_str) {
        Some("OPEN") => {}
        Some(status) => findings.push(said.evidence(format!("the new order has the status {status}"))),
        None => findings.push(said.evidence("the order that is read has no status")),
    }
    if findings.is_empty() { Outcome::pass([said.evidence("the same order, OPEN")]) } else { Outcome::fail(findings) }
}
