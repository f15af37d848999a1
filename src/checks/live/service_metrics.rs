//! The service shows metrics that a scraper can read, and the named counters move.

use crate::check::{Area, Check};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::transcript::{Exchange, Step};
use serde_json::Value;

pub static CHECK: Check = Check {
    id: "service-metrics",
    title: "The service shows metrics",
    area: Area::Live,
    priority: Priority::P0,
    reads: &[Store::Live],
    page: include_str!("service_metrics.md"),
    judge,
};

fn unanswered(exchange: &Exchange) -> String {
    let told = exchange.error.as_ref().or(exchange.trouble.as_ref());
    match (exchange.status, told) {
        (Some(status), Some(told)) => format!("{status}: {told}"),
        (Some(status), None) => format!("{status}, where 200 is expected"),
        (None, told) => told.cloned().unwrap_or_else(|| "no answer".to_owned()),
    }
}

fn judge(facts: &Facts) -> Outcome {
    let live = facts.live();
    let said = match live.answer(CHECK.id, Step::ServiceMetrics) {
        Ok(said) => said,
        Err(unasked) => return unasked.outcome(),
    };
    let seen = &said.exchange.seen;
    let samples = seen.get("samples").and_then(Value::as_u64);
    let (Some(200), Some(samples)) = (said.exchange.status, samples) else {
        let malformed = seen.get("malformed").and_then(Value::as_str);
        let note = malformed.map_or_else(|| unanswered(said.exchange), |reason| format!("no Prometheus or OpenMetrics text: {reason}"));
        return Outcome::fail([said.evidence(note)]);
    };
    if samples == 0 {
        return Outcome::fail([said.evidence("200, but without a single sample")]);
    }
    let counters = live.transcript().map(|transcript| transcript.counters.as_slice()).unwrap_or_default();
    let before = live.last(Step::MetricsBefore);
    let still = counters.iter().filter_map(|name| {
        let value = |exchange: &Exchange| exchange.seen.get("counters")?.get(name)?.as_f64();
        let first = before.and_then(|before| value(before.exchange));
        match value(said.exchange) {
            None => Some(format!("there is no counter {name}")),
            // A counter that the first call brings into being has moved by being there.
            Some(_) if before.is_some_and(|before| before.exchange.seen.contains_key("samples")) && first.is_none() => None,
            Some(now) if first.is_some_and(|first| now > first) => None,
            Some(now) => Some(format!("the counter {name} did not move: {now}")),
        }
    });
    let findings: Vec<_> = still.map(|note| said.evidence(note)).collect();
    let form = seen.get("form").and_then(Value::as_str).unwrap_or("metrics");
    let note = format!("{samples} samples as {form} text");
    if findings.is_empty() { Outcome::pass([said.evidence(note)]) } else { Outcome::fail(findings).with_evidence([said.evidence(note)]) }
}
