//! The clean-up: whatever happened before, the test order is removed, or told.
//!
//! It goes by the record alone, so that it can be begun at any moment, and begun again.

use super::heard::Heard;
use super::round_trip::{fields, found, set_state};
use super::session::Session;
use super::{requests, sweep};
use crate::transcript::{Order, OrderState, Step};
use serde_json::{Map, Value};
use std::time::Duration;

/// How often an order whose creation was not answered is looked for by its title.
const LOOKS: u64 = 5;
/// How often it is deleted, each time with a proof.
const DELETIONS: u32 = 2;

/// Removes the order of the run, if there may be one.
pub(super) async fn run(session: &Session) {
    session.end_of_pending().await;
    let Some(mut order) = current(session) else { return };
    if order.state.is_settled() {
        return;
    }
    if order.id.is_none() {
        look_for_it(session, LOOKS).await;
        let Some(known) = current(session) else { return };
        order = known;
    }
    match order.id {
        Some(id) => remove(session, id).await,
        None => session.note("the test order was not found by its title: see the end of this run"),
    }
}

fn current(session: &Session) -> Option<Order> {
    session.transcript().order.clone()
}

/// After a creation without an order's number: finds out whether one was made. True where none can have been, and
/// the request may be sent again.
pub(super) async fn settle_creation(session: &Session, heard: &Heard) -> bool {
    if heard.unsent() {
        session.pause_seconds(1).await;
        return true;
    }
    if heard.status() == Some(429) {
        session.wait_as_told(heard).await;
    }
    // An answer below 500 that is none of success says that nothing was made, and one look makes sure. Without that
    // look it stays unknown: something between here and the API may have turned the answer.
    let was_refused = heard.status().is_some_and(|status| (300..500).contains(&status));
    let looked = look_for_it(session, if was_refused { 1 } else { LOOKS }).await;
    if was_refused && looked == Looked::Absent {
        set_state(session, OrderState::NeverMade);
    }
    heard.status() == Some(429) && looked == Looked::Absent
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    Found,
    /// A whole answer did not name it.
    Absent,
    Unknown,
}

/// Looks for the order by its title, and by every second look among the newest: a search may lag.
async fn look_for_it(session: &Session, looks: u64) -> Looked {
    let mut looked = Looked::Unknown;
    for look in 0..looks {
        if look > 0 {
            session.pause_seconds(look).await;
        }
        let request = if look % 2 == 0 { session.requests().look_up() } else { session.requests().newest() };
        let heard = session.ask(&request, |heard| listed(session, heard)).await;
        match number_in(session, &heard) {
            Some(Some(id)) => {
                found(session, id);
                return Looked::Found;
            }
            Some(None) => looked = Looked::Absent,
            None if heard.status() == Some(429) && session.left().is_none() => session.wait_as_told(&heard).await,
            // A key that is refused stays refused.
            None if matches!(heard.status(), Some(401 | 403)) => return looked,
            None => {}
        }
        if session.out_of_time() {
            break;
        }
    }
    looked
}

/// The number of this run's order in a list; nothing where the answer is no list.
fn number_in(session: &Session, heard: &Heard) -> Option<Option<u64>> {
    let title = requests::title(&session.run);
    let orders = heard.json.as_ref().filter(|_| heard.is_success())?.get("workOrders")?.as_array()?;
    let ours = orders.iter().filter(|order| order.get("title").and_then(Value::as_str) == Some(&title));
    Some(ours.filter(|order| !sweep::is_deleted(order)).find_map(|order| order.get("id")?.as_u64()))
}

fn listed(session: &Session, heard: &Heard) -> Map<String, Value> {
    let told = number_in(session, heard).map(|id| id.map_or(Value::from("not among them"), Value::from));
    told.map(|told| ("order".to_owned(), told)).into_iter().collect()
}

/// What was read is the order of this run. An order with another title is let go at once: it is not ours to touch.
pub(super) fn is_ours(session: &Session, heard: &Heard) -> bool {
    let seen = fields(session, heard);
    match seen.get("title").and_then(Value::as_str) {
        Some("as sent") => true,
        Some(_) if heard.is_success() => {
            if let Some(order) = session.transcript().order.as_mut() {
                order.id = None;
                order.state = OrderState::Unknown;
            }
            session.note("the number that the API gave belongs to another order, which is left alone");
            false
        }
        _ => false,
    }
}

/// The answer shows the order in its final status.
pub(super) fn is_final(heard: &Heard) -> bool {
    let status = heard.json.as_ref().and_then(|json| json.get("workOrder")?.get("status")?.as_str());
    heard.is_success() && matches!(status, Some("DONE" | "CANCELED"))
}

async fn remove(session: &Session, id: u64) {
    let text = id.to_string();
    for _ in 0..DELETIONS {
        let delete = session.requests().delete(Step::OrderDelete, &text);
        let deleted = session.ask_patiently(&delete, |_| Map::new()).await;
        if deleted.is_success() {
            set_state(session, OrderState::Deleted);
        }
        match proof(session, &text).await {
            Proof::Gone => return set_state(session, OrderState::Gone),
            Proof::Foreign => return,
            Proof::There | Proof::Odd => {}
            // With nothing to be learned, nothing is won by asking the same again.
            Proof::Unknown => break,
        }
        if session.out_of_time() {
            break;
        }
    }
    if current(session).is_some_and(|order| order.state == OrderState::Open) {
        close_at_least(session, &text).await;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Gone,
    There,
    /// A success of another form, which a second look may mend.
    Odd,
    /// The number belongs to an order that is not ours.
    Foreign,
    Unknown,
}

/// Reads the order that should be gone.
async fn proof(session: &Session, id: &str) -> Proof {
    let request = session.requests().read(Step::OrderGone, id);
    let heard = session.ask_patiently(&request, |heard| fields(session, heard)).await;
    if heard.status() == Some(404) {
        return Proof::Gone;
    }
    let seen = fields(session, &heard);
    if !heard.is_success() {
        return Proof::Unknown;
    }
    if seen.is_empty() {
        return Proof::Odd;
    }
    if seen.get("deletedAt").is_some_and(|at| !at.is_null()) {
        return Proof::Gone;
    }
    if seen.contains_key("title") && !is_ours(session, &heard) {
        return Proof::Foreign;
    }
    let is_closed = is_final(&heard);
    set_state(session, if is_closed { OrderState::Closed } else { OrderState::Open });
    Proof::There
}

/// An order that cannot be deleted is at least not left open. `CANCELED` exists only where it was turned on.
async fn close_at_least(session: &Session, id: &str) {
    for status in ["CANCELED", "DONE"] {
        let request = session.requests().set_status(id, status);
        let heard = session.ask_patiently(&request, |heard| fields(session, heard)).await;
        if is_final(&heard) {
            return set_state(session, OrderState::Closed);
        }
        if session.out_of_time() {
            return;
        }
    }
}

/// How long the answer to a creation is still waited for after the run was cut.
pub(super) fn patience(left: Option<Duration>, usual: Duration) -> Duration {
    left.map_or(usual, |left| usual.min(left / 3))
}
