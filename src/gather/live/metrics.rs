//! The service's metrics: fetched, read as Prometheus or OpenMetrics text, and its counters compared.

mod exposition;

use super::heard::{Heard, text_of};
use super::session::Session;
use crate::transcript::{Cause, Step};
use exposition::Exposition;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value};

/// A counter may follow the round trip late: it is looked at so often, with a pause of that many seconds.
const LOOKS: u32 = 4;
const PAUSE: u64 = 2;

/// The counters before the round trip, where some have to move.
pub(super) async fn probe_before(session: &Session) {
    if session.plan.counters.is_empty() || session.plan.without_service.is_some() {
        return;
    }
    let Some(request) = session.requests().metrics(Step::MetricsBefore) else { return };
    session.ask(&request, |heard| judged(session, heard)).await;
}

/// The metrics, and whether the counters have moved.
pub(super) async fn probe(session: &Session) {
    if let Some(withheld) = &session.plan.without_service {
        return session.unasked("service-metrics", withheld.cause, &withheld.reason);
    }
    let Some(request) = session.requests().metrics(Step::ServiceMetrics) else {
        return session.unasked("service-metrics", Cause::NotConfigured, "no metrics URL is configured");
    };
    for look in 1..=LOOKS {
        let heard = session.ask(&request, |heard| judged(session, heard)).await;
        if !heard.is_success() || look == LOOKS || session.out_of_time() || has_moved(session) {
            return;
        }
        session.pause_seconds(PAUSE).await;
        let mut transcript = session.transcript();
        if transcript.exchanges.last().is_some_and(|last| last.step == Step::ServiceMetrics) {
            transcript.exchanges.pop();
        }
    }
}

/// Every counter has grown. Without counters, or without a first look, there is nothing to wait for.
fn has_moved(session: &Session) -> bool {
    let transcript = session.transcript();
    let counters = |step| {
        let found = transcript.exchanges.iter().rev().find(|exchange| exchange.step == step);
        found.and_then(|exchange| exchange.seen.get("counters")).and_then(Value::as_object).cloned()
    };
    let (Some(before), Some(after)) = (counters(Step::MetricsBefore), counters(Step::ServiceMetrics)) else {
        return true;
    };
    session.plan.counters.iter().all(|name| {
        let value = |side: &Map<String, Value>| side.get(name).and_then(Value::as_f64);
        value(&after) > value(&before)
    })
}

fn judged(session: &Session, heard: &Heard) -> Map<String, Value> {
    let mut seen = Map::new();
    let Ok(answer) = &heard.outcome else { return seen };
    let (true, Ok(body)) = (heard.is_success(), &answer.body) else { return seen };
    let kind = text_of(&answer.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    match Exposition::read(body, kind.contains("openmetrics"), &session.plan.counters) {
        Ok(told) => {
            seen.insert("form".to_owned(), Value::from(if told.is_openmetrics { "OpenMetrics" } else { "Prometheus" }));
            seen.insert("samples".to_owned(), Value::from(told.samples));
            seen.insert("families".to_owned(), Value::from(told.families));
            if !session.plan.counters.is_empty() {
                let counters = told.counters.into_iter().map(|(name, value)| (name, Value::from(value)));
                seen.insert("counters".to_owned(), Value::Object(counters.collect()));
            }
        }
        Err(reason) => {
            seen.insert("malformed".to_owned(), Value::from(reason));
        }
    }
    seen
}
