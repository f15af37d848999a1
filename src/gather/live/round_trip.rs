//! The round trip: the key is tried, an order is made, read, set to `DONE` and removed.

use super::heard::Heard;
use super::session::Session;
use super::{clean_up, requests};
use crate::transcript::{Cause, Order, OrderState, Step};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The checks that need an order.
const ORDER_CHECKS: [&str; 3] = ["work-order-create", "work-order-read", "work-order-cleanup"];

/// The four questions to the API.
pub(super) async fn probe(session: &Arc<Session>) {
    if let Some(withheld) = &session.plan.without_api {
        for check in ["api-access"].into_iter().chain(ORDER_CHECKS) {
            session.unasked(check, withheld.cause, &withheld.reason);
        }
        return;
    }
    if !has_access(session).await {
        for check in ORDER_CHECKS {
            session.unasked(check, Cause::Earlier, "the key has no access to the API");
        }
        return;
    }
    let made = make(session).await;
    if made {
        let is_read = read(session).await;
        if is_read {
            close(session).await;
        }
    } else {
        session.unasked("work-order-read", Cause::Earlier, "no order was made");
    }
    clean_up::run(session).await;
    if session.transcript().order.as_ref().is_none_or(|order| order.state == OrderState::NeverMade) {
        session.unasked("work-order-cleanup", Cause::Earlier, "no order was made, so none had to be removed");
    }
}

async fn has_access(session: &Session) -> bool {
    let request = session.requests().users();
    let heard = session.ask_patiently(&request, |heard| {
        let users = heard.json.as_ref().and_then(|json| json.get("users"));
        let kind = users.map(|users| if users.is_array() { "array" } else { "no array" });
        kind.map(|kind| ("users".to_owned(), Value::from(kind))).into_iter().collect()
    });
    let heard = heard.await;
    heard.status() == Some(200) && heard.json.is_some_and(|json| json.get("users").is_some_and(Value::is_array))
}

/// Asks for the order. It is asked for again only where the first request cannot have made one.
async fn make(session: &Arc<Session>) -> bool {
    let title = requests::title(&session.run);
    session.note(&format!("asking for the test order “{title}”"));
    session.transcript().order = Some(Order { title, id: None, state: OrderState::NeverMade, removal: None });
    for is_last in [false, true] {
        let Some(heard) = post(session).await else { return false };
        if order_id(session).is_some() {
            return true;
        }
        let may_repeat = clean_up::settle_creation(session, &heard).await && !is_last;
        if order_id(session).is_some() {
            return true;
        }
        if !may_repeat {
            return false;
        }
    }
    false
}

fn order_id(session: &Session) -> Option<u64> {
    session.transcript().order.as_ref().and_then(|order| order.id)
}

/// The POST, in a task of its own: when the run is cut, its answer may still come and tell the order's number.
async fn post(session: &Arc<Session>) -> Option<Heard> {
    set_state(session, OrderState::Unknown);
    let (tell, told) = oneshot::channel();
    let work = session.clone();
    let task = tokio::spawn(async move {
        let request = work.requests().create();
        let heard = work.ask(&request, |heard| created(&work, heard)).await;
        // Where the run was cut nobody listens any more; the record holds what matters.
        let _ = tell.send(heard);
    });
    session.keep_pending(task);
    let heard = told.await.ok();
    if heard.is_none() {
        super::cut_short(session, "a panic".to_owned());
    }
    heard
}

/// Notes the order at the moment of the answer, before anything else can go wrong.
fn created(session: &Session, heard: &Heard) -> Map<String, Value> {
    let mut seen = Map::new();
    let told = heard.json.as_ref().and_then(|json| json.get("id"));
    if let (true, Some(told)) = (heard.is_success(), told) {
        seen.insert("id".to_owned(), if told.is_u64() { told.clone() } else { Value::from("no number") });
        // A number in quotes fails the check, but names the order all the same.
        if let Some(id) = told.as_u64().or_else(|| told.as_str()?.parse().ok()).filter(|id| *id > 0) {
            found(session, id);
        }
    }
    if heard.unsent() {
        set_state(session, OrderState::NeverMade);
    }
    seen
}

/// The order's number is known.
pub(super) fn found(session: &Session, id: u64) {
    if let Some(order) = session.transcript().order.as_mut() {
        order.id = Some(id);
        order.state = OrderState::Open;
    }
}

pub(super) fn set_state(session: &Session, state: OrderState) {
    if let Some(order) = session.transcript().order.as_mut() {
        order.state = state;
    }
}

/// Reads the order back. False where nothing shows that it is ours.
async fn read(session: &Session) -> bool {
    let Some(id) = order_id(session) else { return false };
    let request = session.requests().read(Step::OrderRead, &id.to_string());
    let heard = session.ask_patiently(&request, |heard| fields(session, heard)).await;
    clean_up::is_ours(session, &heard)
}

/// The fields of an order that are judged.
pub(super) fn fields(session: &Session, heard: &Heard) -> Map<String, Value> {
    let mut seen = Map::new();
    let Some(order) = heard.json.as_ref().and_then(|json| json.get("workOrder")) else { return seen };
    for name in ["id", "status", "deletedAt"] {
        if let Some(value) = order.get(name).filter(|value| !value.is_object() && !value.is_array()) {
            seen.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(title) = order.get("title") {
        let is_same = title.as_str() == Some(&requests::title(&session.run));
        // The title of somebody else's order is not ours to keep.
        seen.insert("title".to_owned(), Value::from(if is_same { "as sent" } else { "another" }));
    }
    seen
}

/// Sets the order to `DONE`. What comes of it is told; the removal follows in any case.
async fn close(session: &Session) {
    let Some(id) = order_id(session) else { return };
    let request = session.requests().set_status(&id.to_string(), "DONE");
    let heard = session.ask_patiently(&request, |heard| fields(session, heard)).await;
    if clean_up::is_final(&heard) {
        set_state(session, OrderState::Closed);
    }
}
