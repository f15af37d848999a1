//! The sweep: test orders that earlier runs have left are found by their titles and removed.

use super::clean_up::is_final;
use super::plan::{API, Plan};
use super::requests::{is_ours, moment_in};
use super::session::Session;
use crate::transcript::{Step, Swept};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A page holds 200 orders. Whoever has more of ours has to sweep again.
const MAX_PAGES: usize = 5;
/// Half of the quota of one minute.
const MAX_DELETIONS: usize = 50;

/// The command that removes what a run has left.
pub(super) fn command(plan: &Plan, id: Option<u64>) -> String {
    let mut words = vec!["mx-prod-gate sweep".to_owned()];
    words.push(id.map_or("--older-than 0s".to_owned(), |id| format!("--order {id}")));
    if plan.api_url.as_str() != API {
        words.push(format!("--api-url {}", plan.api_url));
    }
    words.extend(plan.organization.map(|organization| format!("--organization {organization}")));
    words.join(" ")
}

/// Removes the test orders of earlier runs that have the plan's age.
pub(super) async fn old_orders(session: &Session) {
    let mut found: BTreeMap<u64, String> = BTreeMap::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let request = session.requests().sweep(cursor.as_deref());
        let heard = session.ask_patiently(&request, |heard| count(session, heard.json.as_ref())).await;
        let Some(json) = heard.json.filter(|_| heard.outcome.is_ok_and(|answer| answer.status == 200)) else { break };
        found.extend(left_behind(session, &json));
        // A cursor is opaque: text or number. The same one again would lead nowhere.
        let next = json
            .get("nextCursor")
            .and_then(|next| next.as_str().map(str::to_owned).or(next.as_u64().map(|n| n.to_string())));
        if next.is_none() || next == cursor || next.as_deref() == Some("") {
            break;
        }
        cursor = next;
    }
    for (id, title) in found.into_iter().take(MAX_DELETIONS) {
        let request = session.requests().delete(Step::SweepDelete, &id.to_string());
        let heard = session.ask_patiently(&request, |_| Map::new()).await;
        let removed = heard.is_success() || heard.status() == Some(404);
        session.transcript().swept.push(Swept { id, title: session.clean(&title), removed });
        if matches!(heard.status(), Some(401 | 403)) {
            break;
        }
    }
}

fn count(session: &Session, json: Option<&Value>) -> Map<String, Value> {
    let told = json.and_then(|json| json.get("workOrders")?.as_array().map(|_| left_behind(session, json).count()));
    told.map(|count| ("left".to_owned(), Value::from(count))).into_iter().collect()
}

/// The orders of a page that are ours, old enough, and not of this run.
fn left_behind<'a>(session: &'a Session, json: &'a Value) -> impl Iterator<Item = (u64, String)> + 'a {
    let own = super::requests::title(&session.run);
    let now = (session.world.now)();
    let oldest = i64::try_from(session.plan.older_than.as_secs()).unwrap_or(i64::MAX);
    let orders = json.get("workOrders").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    orders.iter().filter(|order| !is_deleted(order)).filter_map(move |order| {
        let title = order.get("title")?.as_str().filter(|title| is_ours(title) && *title != own)?;
        let age = now.as_second() - made(order, title)?.as_second();
        Some((order.get("id")?.as_u64()?, title.to_owned())).filter(|_| age >= oldest)
    })
}

/// When an order was made: by the API's word, else by its title.
fn made(order: &Value, title: &str) -> Option<Timestamp> {
    let told = order.get("createdAt").and_then(Value::as_str).and_then(|text| text.parse().ok());
    told.or_else(|| moment_in(title))
}

pub(super) fn is_deleted(order: &Value) -> bool {
    order.get("deletedAt").is_some_and(|at| !at.is_null())
}

/// Removes one order, and only if its title is one that a run of ours has given.
pub(super) async fn one_order(session: &Session, id: u64) {
    let text = id.to_string();
    let request = session.requests().read(Step::OrderRead, &text);
    let judged = |heard: &super::heard::Heard| {
        let title = heard.json.as_ref().and_then(|json| json.get("workOrder")?.get("title")?.as_str());
        let told = title.map(|title| if is_ours(title) { "a test order" } else { "another" });
        told.map(|told| ("title".to_owned(), Value::from(told))).into_iter().collect()
    };
    let heard = session.ask_patiently(&request, judged).await;
    if heard.status() == Some(404) {
        return session.note("there is no such order");
    }
    let title = heard.json.as_ref().and_then(|json| json.get("workOrder")?.get("title")?.as_str()).unwrap_or_default();
    if !is_ours(title) {
        return session.note("that is no test order of mx-prod-gate, and is left alone");
    }
    let delete = session.requests().delete(Step::SweepDelete, &text);
    let deleted = session.ask_patiently(&delete, |_| Map::new()).await;
    let mut removed = deleted.is_success() || deleted.status() == Some(404);
    for status in ["CANCELED", "DONE"] {
        if removed || is_final(&heard) {
            break;
        }
        let close = session.requests().set_status(&text, status);
        removed = is_final(&session.ask_patiently(&close, |_| Map::new()).await);
    }
    session.transcript().swept.push(Swept { id, title: session.clean(title), removed });
}
