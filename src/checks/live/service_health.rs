//! The service answers at its health URL, and calls itself healthy where it says anything.

use crate::check::{Area, Check};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::transcript::{Exchange, Step, is_healthy, is_version};
use serde_json::Value;

pub static CHECK: Check = Check {
    id: "service-health",
    title: "The service answers that it is healthy",
    area: Area::Live,
    priority: Priority::P0,
    reads: &[Store::Live],
    page: include_str!("service_health.md"),
    judge,
};

/// Why an answer is none of success. The service is not the API: its refusals mean nothing special.
fn unanswered(exchange: &Exchange) -> String {
    let told = exchange.error.as_ref().or(exchange.trouble.as_ref());
    match (exchange.status, told) {
        (Some(status), Some(told)) => format!("{status}: {told}"),
        (Some(status), None) => status.to_string(),
        (None, told) => told.cloned().unwrap_or_else(|| "no answer".to_owned()),
    }
}

fn judge(facts: &Facts) -> Outcome {
    let said = match facts.live().answer(CHECK.id, Step::ServiceHealth) {
        Ok(said) => said,
        Err(unasked) => return unasked.outcome(),
    };
    let seen = &said.exchange.seen;
    let is_whole = said.exchange.is_success() && said.exchange.trouble.is_none();
    let Some(status) = said.exchange.status.filter(|_| is_whole) else {
        return Outcome::fail([said.evidence(unanswered(said.exchange))]);
    };
    if seen.get("body").is_some_and(|body| body == "broken json") {
        return Outcome::fail([said.evidence(format!("{status}, but the body is announced as JSON and is none"))]);
    }
    let word = seen.get("status").map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned));
    if seen.get("status").is_some_and(|word| !is_healthy(word)) {
        return Outcome::fail([said.evidence(format!("{status}, but it calls itself {}", word.unwrap_or_default()))]);
    }
    let expected = facts.live().transcript().and_then(|transcript| transcript.expected_version.as_deref());
    let versions = seen.get("versions").map(Value::to_string).unwrap_or_default();
    let note = word.map_or(format!("{status}"), |word| format!("{status}, {word}"));
    match (is_version(said.exchange, expected), expected) {
        (Some(false), Some(expected)) => {
            Outcome::fail([said.evidence(format!("{note}, but as version {versions} and not {expected}"))])
        }
        (None, Some(expected)) => Outcome::pass([said.evidence(note)])
            .with_advice([said.evidence(format!("the answer does not say whether it is version {expected}"))]),
        _ if seen.get("body").is_some_and(|body| body == "html") => {
            Outcome::pass([said.evidence(note)]).with_advice([said.evidence("the answer is an HTML page")])
        }
        _ => Outcome::pass([said.evidence(note)]),
    }
}
