//! Live probes: one real work order, made, read, closed and gone, and a look at the service's health and metrics.
//!
//! The steps run in a task of their own. Whatever ends that task (a signal, a panic, the time limit), the record of
//! the run says whether a test order may be left, and the clean-up goes by that record.

mod addresses;
mod clean_up;
mod client;
mod health;
mod heard;
mod key;
mod metrics;
mod outage;
mod plan;
mod requests;
mod round_trip;
mod session;
mod sweep;

pub use addresses::{Lookup, system_lookup};
pub use key::Key;
pub use plan::{API, Plan, STATUS_PAGE, Timing, api_url, duration, is_loopback, service_url};
pub use requests::{Request, Requests};

use crate::transcript::{Cause, Exchange, Transcript};
use jiff::Timestamp;
use session::Session;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::time::{Instant, sleep, sleep_until};

/// A clean-up that ends in a panic is begun again this often, the last times unwatched.
const CLEAN_UPS: u32 = 4;

/// Clock, randomness, names and the one who watches: all that a run takes from its surroundings.
#[derive(Clone)]
pub struct World {
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub random: u64,
    pub lookup: Lookup,
    pub observer: Arc<dyn Observer>,
}

/// What the one who watches is told. Nothing in it holds the key.
#[derive(Debug)]
pub enum Event<'a> {
    Before(&'a Exchange),
    After(&'a Exchange),
    Note(&'a str),
}

/// Someone who watches a run: the terminal, or a test.
pub trait Observer: Send + Sync {
    fn sees(&self, event: Event<'_>);
}

/// Why a part of the run is left out from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub cause: Cause,
    pub reason: String,
}

/// Ends a run before its time. The text says who did.
pub type Stop = watch::Receiver<Option<String>>;

/// All six questions, and the sweep.
pub async fn verify(plan: Plan, key: Option<Key>, world: World, stop: Stop) -> anyhow::Result<Transcript> {
    let session = Arc::new(Session::new(plan, key, world)?);
    guarded(&session, Box::pin(everything(session.clone())), stop).await;
    Ok(finished(&session))
}

/// What a sweep is to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Every test order of the plan's age.
    Old,
    /// One order, if its title is one of ours.
    One(u64),
}

/// The sweep alone.
pub async fn sweep(plan: Plan, key: Key, world: World, what: Sweep, stop: Stop) -> anyhow::Result<Transcript> {
    let session = Arc::new(Session::new(plan, Some(key), world)?);
    let work = session.clone();
    let steps: Steps = Box::pin(async move {
        match what {
            Sweep::Old => sweep::old_orders(&work).await,
            Sweep::One(id) => sweep::one_order(&work, id).await,
        }
    });
    guarded(&session, steps, stop).await;
    Ok(finished(&session))
}

type Steps = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn everything(session: Arc<Session>) {
    health::probe(&session).await;
    metrics::probe_before(&session).await;
    round_trip::probe(&session).await;
    metrics::probe(&session).await;
    if session.has_key() && session.plan.without_api.is_none() {
        sweep::old_orders(&session).await;
        outage::look(&session).await;
    }
}

/// How a task ended.
enum End {
    Itself,
    Panic,
    Told(String),
    TimeLimit,
}

/// Runs the steps, and then the clean-up until the order is settled, nothing is left of the time, or it is told.
async fn guarded(session: &Arc<Session>, steps: Steps, mut stop: Stop) {
    let limit = Instant::now() + session.plan.timing.longest + session.plan.wait;
    let mut work = steps;
    for round in 0..=CLEAN_UPS {
        match until_it_ends(session, work, &mut stop, limit).await {
            End::Itself => break,
            End::Panic => {
                cut_short(session, "a panic".to_owned());
                session.hush(round > 1);
            }
            End::Told(by) => {
                cut_short(session, by);
                session.hurry(Instant::now() + session.plan.timing.grace);
            }
            End::TimeLimit => {
                cut_short(session, "the time limit".to_owned());
                if session.left().is_none() {
                    session.hurry(Instant::now() + session.plan.timing.grace);
                } else {
                    break;
                }
            }
        }
        let again = session.clone();
        work = Box::pin(async move { clean_up::run(&again).await });
    }
}

async fn until_it_ends(session: &Session, work: Steps, stop: &mut Stop, limit: Instant) -> End {
    let mut task = tokio::spawn(work);
    let limit = session.left().map_or(limit, |left| Instant::now() + left);
    let is_told = session.left().is_some();
    let end = tokio::select! {
        ended = &mut task => return ended.map_or_else(|error: JoinError| if error.is_panic() { End::Panic } else { End::Itself }, |()| End::Itself),
        by = told(stop), if !is_told => End::Told(by),
        () = sleep_until(limit) => End::TimeLimit,
    };
    task.abort();
    // The task ends at its next wait; a panic on that way changes nothing any more.
    let _ = task.await;
    end
}

/// Waits until the run is told to end; for ever, where nobody is left who could tell.
async fn told(stop: &mut Stop) -> String {
    match stop.wait_for(Option::is_some).await.map(|by| by.clone().unwrap_or_default()) {
        Ok(by) => by,
        Err(_) => loop {
            sleep(std::time::Duration::from_secs(3600)).await;
        },
    }
}

fn cut_short(session: &Session, by: String) {
    session.transcript().cut_short.get_or_insert(by);
}

/// The record, with a word on every order that may be left.
fn finished(session: &Session) -> Transcript {
    let mut transcript = session.transcript().clone();
    if let Some(order) = &mut transcript.order {
        order.removal = (!order.state.is_settled()).then(|| sweep::command(&session.plan, order.id));
    }
    transcript
}
