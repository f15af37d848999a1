//! A work order can be created: the API answers with its number.

use crate::check::{Area, Check};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::transcript::Step;

pub static CHECK: Check = Check {
    id: "work-order-create",
    title: "A work order can be created",
    area: Area::Live,
    priority: Priority::P0,
    reads: &[Store::Live],
    page: include_str!("work_order_create.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let said = match facts.live().answer(CHECK.id, Step::OrderCreate) {
        Ok(said) => said,
        Err(unasked) => return unasked.outcome(),
    };
    let id = said.exchange.seen.get("id");
    match id.and_then(serde_json::Value::as_u64) {
        Some(id) if said.exchange.is_success() => Outcome::pass([said.evidence(format!("created as {id}"))]),
        _ if id.is_some() => Outcome::fail([said.evidence("the id of the order is no number")]),
        _ => match said.inconclusive() {
            Some(reason) => Outcome::error(reason).with_evidence([said.evidence(said.meaning())]),
            None => Outcome::fail([said.evidence(said.meaning())]),
        },
    }
}
