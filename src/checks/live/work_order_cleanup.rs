//! The test order is closed, deleted, and shown to be gone.

use crate::check::{Area, Check};
use crate::facts::live::Said;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::transcript::{Order, OrderState, Step};

pub static CHECK: Check = Check {
    id: "work-order-cleanup",
    title: "The work order is closed and gone",
    area: Area::Live,
    priority: Priority::P0,
    reads: &[Store::Live],
    page: include_str!("work_order_cleanup.md"),
    judge,
};

fn is_done(said: &Said) -> bool {
    said.exchange.is_success() && said.exchange.seen.get("status").is_some_and(|status| status == "DONE")
}

/// One step of the removal, in words.
fn outcome_of(said: &Said) -> String {
    match (said.exchange.step, said.exchange.status) {
        (Step::OrderClose, _) if is_done(said) => "status DONE".to_owned(),
        (Step::OrderDelete, Some(200..300)) => "deleted".to_owned(),
        (Step::OrderDelete | Step::OrderGone, Some(404)) => "gone".to_owned(),
        (Step::OrderGone, Some(200)) if said.exchange.seen.get("deletedAt").is_some_and(|at| !at.is_null()) => {
            "marked as deleted".to_owned()
        }
        (Step::OrderGone, Some(200)) => "still there".to_owned(),
        _ => said.meaning(),
    }
}

/// What may be left, and the command that removes it.
fn left(order: &Order) -> String {
    let id = order.id.map_or("without a known id".to_owned(), |id| id.to_string());
    let removal = order.removal.as_deref().unwrap_or("mx-prod-gate sweep --older-than 0s");
    format!("test order {id}, titled “{}”, may be left ({}): `{removal}` removes it", order.title, order.state.word())
}

fn judge(facts: &Facts) -> Outcome {
    let live = facts.live();
    let order = live.transcript().and_then(|transcript| transcript.order.as_ref());
    let Some(order) = order.filter(|order| order.state != OrderState::NeverMade) else {
        return live.unasked(CHECK.id).outcome();
    };
    let steps = [Step::OrderClose, Step::OrderDelete, Step::OrderGone];
    let seen = steps.iter().filter_map(|step| live.last(*step)).map(|said| said.evidence(outcome_of(&said)));
    if order.state != OrderState::Gone {
        return Outcome::fail(live.line_of("order", left(order))).with_evidence(seen);
    }
    let closed = live.last(Step::OrderClose).filter(|said| !is_done(said));
    let advice = closed.map(|said| said.evidence(format!("the status did not become DONE: {}", said.meaning())));
    let swept = live.transcript().map_or(0, |transcript| transcript.swept.len());
    let earlier = (swept > 0).then(|| live.line_of("swept", format!("test orders that earlier runs left: {swept}")));
    Outcome::pass(seen).with_advice(advice).with_advice(earlier.flatten())
}
